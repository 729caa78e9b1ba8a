//! What every `Core` does, in this process or over the network.
//!
//! [`core_suite!`](crate::core_suite!) stamps out one test per property.

mod bans;
mod feed;
mod jwts;
mod roles;
mod users;

use std::{collections::HashSet, sync::Arc, time::Duration};

use hallpass_engine::{
    access_token::{AccessToken, UnverifiedAccessToken},
    core::*,
    event::EventKind,
    id::{AppId, Tenant, UserId},
    session::{JsonObject, KeyFamily},
    time::Timestamp,
};
use serde_json::json;
use tokio::task::JoinSet;

pub use self::{bans::*, feed::*, jwts::*, roles::*, users::*};
use crate::clock::ManualClock;

/// A core, and the clock that it goes by. Its rule is the default one: window and grace of ten seconds.
#[derive(Clone)]
pub struct Subject {
    /// The core.
    pub core: Arc<dyn Core>,
    /// Its clock.
    pub clock: Arc<ManualClock>,
}

const WINDOW: Duration = Duration::from_secs(10);
const GRACE: Duration = Duration::from_secs(10);
const MS: Duration = Duration::from_millis(1);
const LATER: Duration = Duration::from_secs(3600);

fn app() -> AppId {
    AppId::public()
}

fn object(value: serde_json::Value) -> JsonObject {
    value.as_object().cloned().expect("the literal is an object")
}

impl Subject {
    /// A new session for this user.
    pub async fn sign_in(&self, user: &str) -> Box<Issued> {
        self.create(NewSession { user: user.into(), ..blank() }).await
    }

    async fn create(&self, new: NewSession) -> Box<Issued> {
        match self.core.session_create(new).await.unwrap() {
            Created::Issued(issued) => issued,
            other => panic!("expected a session, got {other:?}"),
        }
    }

    async fn present(&self, token: &TokenText) -> Refreshed {
        self.core.session_refresh(refresh(token)).await.unwrap()
    }

    async fn rotate(&self, token: &TokenText) -> Box<Issued> {
        match self.present(token).await {
            Refreshed::Issued(issued) => issued,
            other => panic!("expected new tokens, got {other:?}"),
        }
    }

    async fn verify(&self, token: &TokenText) -> AccessToken {
        let unverified = UnverifiedAccessToken::parse(token.expose()).unwrap();
        let keys = self.core.verifying_keys(&app(), unverified.kid()).await.unwrap();
        unverified.verify(&keys, hallpass_engine::time::Clock::now(&*self.clock)).unwrap()
    }

    /// The access token comes back from the client.
    async fn deliver(&self, issued: &Issued) {
        let delivered = self.verify(&issued.access.token).await.delivered();
        self.core.session_confirm(&app(), &[delivered]).await.unwrap();
    }

    async fn kinds(&self, user: &str) -> Vec<EventKind> {
        let events = self.core.event_list(&app(), &user.into(), 100).await.unwrap();
        events.into_iter().rev().map(|event| event.kind).collect()
    }

    async fn lives(&self, issued: &Issued) -> bool {
        self.core.session_find(&app(), &issued.handle).await.unwrap().is_some()
    }
}

/// A session of alice's in the public tenant, without claims.
pub fn blank() -> NewSession {
    NewSession {
        tenant: Tenant::public(),
        user: UserId::from("alice"),
        payload: JsonObject::new(),
        data: JsonObject::new(),
        family: KeyFamily::Dynamic,
        anti_csrf: false,
        access_token_validity: None,
        actor: None,
    }
}

/// A refresh token presented to the public app, without anti-CSRF.
pub fn refresh(token: &TokenText) -> Refresh {
    Refresh {
        app: app(),
        token: token.clone(),
        anti_csrf: None,
        use_anti_csrf: false,
        family: None,
        access_token_validity: None,
        actor: None,
    }
}

fn is_unauthorised(refreshed: &Refreshed, refusal: Refusal) -> bool {
    matches!(refreshed, Refreshed::Unauthorised(why) if *why == refusal)
}

macro_rules! suite {
    ($($(#[$doc:meta])* async fn $name:ident($subject:ident: Subject) $body:block)* and { $($elsewhere:ident)* }) => {
        $($(#[$doc])* #[allow(missing_docs)] pub async fn $name($subject: Subject) $body)*

        /// One test per property for the subject that an expression makes (`async`, a [`Subject`](crate::core_suite::Subject)).
        #[macro_export]
        macro_rules! core_suite {
            ($make:expr) => {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    $crate::core_suite::$name($make.await).await
                })*
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $elsewhere() {
                    $crate::core_suite::$elsewhere($make.await).await
                })*
            };
        }
    };
}

suite! {
    async fn a_new_session_is_there_with_everything_it_was_given(subject: Subject) {
        let payload = object(json!({ "iss": "https://api.example", "größe": "👋", "big": 1_700_000_000_123_i64, "none": null, "deep": { "b": 1, "a": [] } }));
        let data = object(json!({ "ip": "192.0.2.1" }));
        let issued = subject.create(NewSession { payload: payload.clone(), data: data.clone(), ..blank() }).await;
        let session = subject.core.session_find(&app(), &issued.handle).await.unwrap().unwrap();
        assert_eq!((session.user.as_str(), &session.payload, &session.data), ("alice", &payload, &data));
        assert_eq!(serde_json::to_string(&session.payload).unwrap(), serde_json::to_string(&payload).unwrap(), "in the same order");
        assert_eq!(issued.refresh.expires_at, session.expires_at);
        assert_eq!(subject.kinds("alice").await, [EventKind::SessionCreated]);
    }

    async fn an_access_token_holds_exactly_the_known_claims(subject: Subject) {
        let issued = subject.create(NewSession { payload: object(json!({ "role": "x" })), ..blank() }).await;
        let token = subject.verify(&issued.access.token).await;
        let names: Vec<_> = token.claims().keys().map(String::as_str).collect();
        let expected =
            ["sub", "exp", "iat", "sessionHandle", "refreshTokenHash1", "parentRefreshTokenHash1", "antiCsrfToken", "tId", "rsub", "role"];
        assert_eq!(names, expected);
        assert_eq!(token.claims(), &issued.access.claims);
        assert!(token.claims()["parentRefreshTokenHash1"].is_null() && token.claims()["antiCsrfToken"].is_null());
        assert_eq!((token.user().as_str(), token.expires_at(), token.issued_at()), ("alice", issued.access.expires_at, issued.access.created_at));
        let kid = UnverifiedAccessToken::parse(issued.access.token.expose()).unwrap().kid().unwrap().to_owned();
        assert!(kid.starts_with("d-"), "{kid}");
    }

    async fn an_empty_user_id_is_a_user_id(subject: Subject) {
        let issued = subject.sign_in("").await;
        assert_eq!(subject.rotate(&issued.refresh.token).await.user.as_str(), "");
        assert_eq!(subject.core.session_list(&app(), None, &"".into()).await.unwrap().len(), 1);
    }

    async fn a_user_id_that_not_every_database_can_hold_is_refused(subject: Subject) {
        subject.sign_in(&"ü".repeat(256)).await;
        for user in ["a\0b".to_owned(), "x".repeat(513)] {
            let user = UserId::from(user);
            let created = subject.core.session_create(NewSession { user: user.clone(), ..blank() }).await.unwrap();
            assert!(matches!(created, Created::InvalidUser));
            assert!(subject.core.session_list(&app(), None, &user).await.unwrap().is_empty(), "and looking it up finds nothing");
            assert!(subject.core.session_revoke_all(&app(), None, &user, Why::default()).await.unwrap().is_empty());
            assert!(subject.core.event_list(&app(), &user, 9).await.unwrap().is_empty());
        }
    }

    async fn claims_of_the_engine_are_refused_in_a_payload(subject: Subject) {
        for claim in hallpass_engine::token_version::PROTECTED_CLAIMS {
            let payload = object(json!({ claim: "mine" }));
            let created = subject.core.session_create(NewSession { payload: payload.clone(), ..blank() }).await.unwrap();
            assert!(matches!(created, Created::ProtectedClaim(name) if name == claim));
            let issued = subject.sign_in("bob").await;
            let set = subject.core.session_set_payload(&app(), &issued.handle, payload.clone()).await;
            assert!(matches!(set, Err(CoreError::ProtectedClaim(name)) if name == claim));
            let token = subject.verify(&issued.access.token).await;
            let regenerated = subject.core.session_regenerate(&app(), &token, Some(payload)).await.unwrap();
            assert!(matches!(regenerated, Regenerated::ProtectedClaim(name) if name == claim));
        }
        assert!(subject.core.session_list(&app(), None, &"alice".into()).await.unwrap().is_empty(), "nothing was stored");
    }

    async fn a_refresh_token_rotates(subject: Subject) {
        let first = subject.sign_in("alice").await;
        subject.clock.advance(LATER);
        let second = subject.rotate(&first.refresh.token).await;
        assert_ne!(first.refresh.token, second.refresh.token);
        assert_eq!(second.refresh.expires_at, first.refresh.expires_at + LATER, "the session lives longer");
        let token = subject.verify(&second.access.token).await;
        let parent = subject.verify_expired_id(&first).await;
        assert_eq!(token.parent_refresh_id(), Some(parent.as_str()));
        let third = subject.rotate(&second.refresh.token).await;
        assert_ne!(third.refresh.token, second.refresh.token);
        assert_eq!(subject.kinds("alice").await, [EventKind::SessionCreated]);
    }

    async fn presented_again_soon_a_token_gives_the_same_child(subject: Subject) {
        let first = subject.sign_in("alice").await;
        let child = subject.rotate(&first.refresh.token).await;
        for _ in 0..4 {
            subject.clock.advance(WINDOW - MS);
            let again = subject.rotate(&first.refresh.token).await;
            assert_eq!(again.refresh.token, child.refresh.token, "each time in good faith opens the window again");
            assert_eq!(again.refresh.expires_at, child.refresh.expires_at, "the row's word");
            assert_eq!(subject.verify(&again.access.token).await.refresh_id(), subject.verify(&child.access.token).await.refresh_id());
        }
        assert_eq!(subject.kinds("alice").await[1..], [EventKind::RefreshReplayed; 4]);
    }

    async fn presented_late_a_token_gets_a_new_child_and_the_unused_one_is_dead(subject: Subject) {
        let first = subject.sign_in("alice").await;
        let lost = subject.rotate(&first.refresh.token).await;
        subject.clock.advance(WINDOW);
        let child = subject.rotate(&first.refresh.token).await;
        assert_ne!(child.refresh.token, lost.refresh.token);
        assert_eq!(subject.rotate(&first.refresh.token).await.refresh.token, child.refresh.token, "and that one soon again");
        assert!(matches!(subject.present(&lost.refresh.token).await, Refreshed::Reuse { .. }), "whoever held it is found out");
        assert!(!subject.lives(&first).await);
        let kinds = subject.kinds("alice").await;
        assert_eq!(kinds[1..], [EventKind::RefreshReissued, EventKind::RefreshReplayed, EventKind::RefreshReuse]);
    }

    async fn once_its_child_was_used_a_token_dies_after_the_grace(subject: Subject) {
        let first = subject.sign_in("alice").await;
        let child = subject.rotate(&first.refresh.token).await;
        subject.deliver(&child).await;
        subject.clock.advance(GRACE - MS);
        assert_eq!(subject.rotate(&first.refresh.token).await.refresh.token, child.refresh.token);
        subject.deliver(&child).await; // again: changes nothing
        subject.clock.advance(MS);
        match subject.present(&first.refresh.token).await {
            Refreshed::Reuse { handle, user, .. } => {
                assert_eq!((handle, user.as_str()), (first.handle.clone(), "alice"));
            }
            other => panic!("expected reuse, got {other:?}"),
        }
        assert!(!subject.lives(&first).await);
        assert!(is_unauthorised(&subject.present(&child.refresh.token).await, Refusal::NoSession));
    }

    async fn the_childs_own_refresh_confirms_it(subject: Subject) {
        let first = subject.sign_in("alice").await;
        let second = subject.rotate(&first.refresh.token).await;
        let third = subject.rotate(&second.refresh.token).await;
        assert!(subject.lives(&third).await);
        assert!(matches!(subject.present(&first.refresh.token).await, Refreshed::Reuse { .. }));
    }

    async fn an_access_token_confirms_its_own_child_only(subject: Subject) {
        let first = subject.sign_in("alice").await;
        let child = subject.rotate(&first.refresh.token).await;
        subject.deliver(&first).await;
        subject.clock.advance(WINDOW);
        let second = subject.rotate(&first.refresh.token).await;
        assert_ne!(second.refresh.token, child.refresh.token, "the first token's access token confirmed nothing");
    }

    async fn a_hundred_at_once_get_one_rotation_and_the_same_child(subject: Subject) {
        let first = subject.sign_in("alice").await;
        let mut racers = JoinSet::new();
        for _ in 0..100 {
            let (subject, token) = (subject.clone(), first.refresh.token.clone());
            racers.spawn(async move { subject.rotate(&token).await });
        }
        let children: HashSet<String> = racers.join_all().await.iter().map(|issued| issued.refresh.token.expose().to_owned()).collect();
        assert_eq!(children.len(), 1, "the same child for all");
        let replayed = subject.kinds("alice").await.iter().filter(|kind| **kind == EventKind::RefreshReplayed).count();
        assert_eq!(replayed, 99, "and so one rotation");
    }

    async fn at_the_end_of_the_window_all_racers_still_get_one_child(subject: Subject) {
        // half of them see the window open, half closed: a child that was just handed out again is not replaced as lost
        for _ in 0..20 {
            let first = subject.sign_in("alice").await;
            subject.rotate(&first.refresh.token).await;
            subject.clock.advance(WINDOW - MS);
            let mut racers = JoinSet::new();
            for racer in 0..16 {
                let (subject, token) = (subject.clone(), first.refresh.token.clone());
                racers.spawn(async move {
                    if racer == 8 {
                        subject.clock.advance(MS);
                    }
                    subject.rotate(&token).await
                });
            }
            let children: HashSet<String> =
                racers.join_all().await.iter().map(|issued| issued.refresh.token.expose().to_owned()).collect();
            assert_eq!(children.len(), 1, "the same child for all");
        }
    }

    async fn an_expired_session_is_over(subject: Subject) {
        let first = subject.sign_in("alice").await;
        let now = hallpass_engine::time::Clock::now(&*subject.clock);
        subject.clock.advance(first.refresh.expires_at.since(now) - MS);
        let second = subject.rotate(&first.refresh.token).await;
        subject.clock.advance(second.refresh.expires_at.since(first.refresh.expires_at) + MS);
        assert!(is_unauthorised(&subject.present(&second.refresh.token).await, Refusal::NoSession));
        assert!(is_unauthorised(&subject.present(&first.refresh.token).await, Refusal::NoSession), "an old token of it reports nothing");
        assert!(!subject.lives(&first).await);
        assert!(subject.core.session_list(&app(), None, &"alice".into()).await.unwrap().is_empty());
    }

    async fn anything_else_is_unauthorised(subject: Subject) {
        let issued = subject.sign_in("alice").await;
        let token = issued.refresh.token.expose();
        let last = if token.ends_with('A') { 'E' } else { 'A' };
        let changed = format!("{}{last}", &token[..token.len() - 1]);
        for text in ["", "hp1_", "garbage", "🙂", &changed, &token.to_uppercase(), &format!(" {token}"), issued.access.token.expose(), &"x".repeat(65_536)] {
            assert!(is_unauthorised(&subject.present(&text.into()).await, Refusal::NotOurs));
        }
        assert!(subject.lives(&issued).await);
    }

    async fn with_anti_csrf_a_refresh_needs_the_token_that_was_issued_with_it(subject: Subject) {
        let issued = subject.create(NewSession { anti_csrf: true, ..blank() }).await;
        let expected = issued.anti_csrf.clone().unwrap();
        assert_eq!(subject.verify(&issued.access.token).await.anti_csrf(), Some(expected.as_str()));
        for given in [None, Some(""), Some("wrong"), Some(&expected[1..])] {
            let wrong = Refresh { anti_csrf: given.map(str::to_owned), use_anti_csrf: true, ..refresh(&issued.refresh.token) };
            assert!(is_unauthorised(&subject.core.session_refresh(wrong).await.unwrap(), Refusal::AntiCsrf));
        }
        let right = Refresh { anti_csrf: Some(expected), use_anti_csrf: true, ..refresh(&issued.refresh.token) };
        let Refreshed::Issued(next) = subject.core.session_refresh(right).await.unwrap() else { panic!("the right token is accepted") };
        assert!(next.anti_csrf.is_some() && next.anti_csrf != issued.anti_csrf);
        // whoever does not use anti-CSRF is not asked for it, and gets none
        assert_eq!(subject.rotate(&next.refresh.token).await.anti_csrf, None);
    }

    async fn a_token_issued_without_anti_csrf_is_not_asked_for_it(subject: Subject) {
        let issued = subject.sign_in("alice").await;
        let with = Refresh { use_anti_csrf: true, ..refresh(&issued.refresh.token) };
        let Refreshed::Issued(next) = subject.core.session_refresh(with).await.unwrap() else { panic!("it is accepted") };
        assert!(next.anti_csrf.is_some(), "and from now on there is one");
    }

    async fn the_key_family_can_be_switched_at_a_refresh(subject: Subject) {
        let issued = subject.create(NewSession { family: KeyFamily::Static, ..blank() }).await;
        assert_eq!(subject.verify(&issued.access.token).await.family(), KeyFamily::Static);
        let next = subject.rotate(&issued.refresh.token).await;
        assert_eq!(subject.verify(&next.access.token).await.family(), KeyFamily::Static);
        let switched = Refresh { family: Some(KeyFamily::Dynamic), ..refresh(&next.refresh.token) };
        let Refreshed::Issued(next) = subject.core.session_refresh(switched).await.unwrap() else { panic!("it is accepted") };
        assert_eq!(subject.verify(&next.access.token).await.family(), KeyFamily::Dynamic);
        assert_eq!(subject.verify(&subject.rotate(&next.refresh.token).await.access.token).await.family(), KeyFamily::Dynamic);
    }

    async fn a_changed_payload_comes_with_the_same_tokens_life(subject: Subject) {
        let first = subject.sign_in("alice").await;
        let child = subject.rotate(&first.refresh.token).await;
        let token = subject.verify(&child.access.token).await;
        subject.clock.advance(Duration::from_secs(60));
        let payload = object(json!({ "plan": "pro" }));
        let Regenerated::Access(access) = subject.core.session_regenerate(&app(), &token, Some(payload.clone())).await.unwrap() else {
            panic!("the session lives")
        };
        let regenerated = subject.verify(&access.token).await;
        assert_eq!(regenerated.custom_claims(), payload);
        assert_eq!(regenerated.expires_at(), token.expires_at());
        assert_eq!((regenerated.refresh_id(), regenerated.parent_refresh_id()), (token.refresh_id(), token.parent_refresh_id()));
        let next = subject.rotate(&child.refresh.token).await;
        assert_eq!(subject.verify(&next.access.token).await.custom_claims(), payload, "and stays");
        subject.clock.advance(LATER);
        assert!(matches!(subject.core.session_regenerate(&app(), &token, None).await.unwrap(), Regenerated::Expired));
        let handles = [first.handle.clone()];
        subject.core.session_revoke(&app(), &handles, Why::default()).await.unwrap();
        assert!(matches!(subject.core.session_regenerate(&app(), &token, None).await.unwrap(), Regenerated::Gone));
    }

    async fn a_check_confirms_and_gives_the_token_without_its_parent(subject: Subject) {
        let first = subject.sign_in("alice").await;
        let child = subject.rotate(&first.refresh.token).await;
        let token = subject.verify(&child.access.token).await;
        let Checked::Live { replacement: Some(access), .. } = subject.core.session_check(&app(), &token, false).await.unwrap() else {
            panic!("it is confirmed and replaced")
        };
        let confirmed = subject.verify(&access.token).await;
        assert_eq!((confirmed.parent_refresh_id(), confirmed.refresh_id()), (None, token.refresh_id()));
        assert!(matches!(subject.core.session_check(&app(), &confirmed, false).await.unwrap(), Checked::Live { replacement: None, .. }));
        subject.clock.advance(GRACE);
        assert!(matches!(subject.present(&first.refresh.token).await, Refreshed::Reuse { .. }));
    }

    async fn a_check_of_the_database_sees_revocation_and_a_new_payload(subject: Subject) {
        let issued = subject.sign_in("alice").await;
        let token = subject.verify(&issued.access.token).await;
        let check = async || subject.core.session_check(&app(), &token, true).await;
        assert!(matches!(subject.core.session_check(&app(), &token, true).await.unwrap(), Checked::Live { replacement: None, .. }));
        let handle = &issued.handle;
        let payload = object(json!({ "plan": "pro" }));
        assert!(subject.core.session_set_payload(&app(), handle, payload.clone()).await.unwrap());
        let Checked::Live { replacement: Some(access), .. } = check().await.unwrap() else { panic!("the payload changed") };
        assert_eq!(subject.verify(&access.token).await.custom_claims(), payload);
        subject.core.session_revoke(&app(), std::slice::from_ref(handle), Why::default()).await.unwrap();
        assert!(matches!(check().await.unwrap(), Checked::Gone));
        assert!(matches!(subject.core.session_check(&app(), &token, false).await.unwrap(), Checked::Live { .. }), "nobody looked");
    }

    async fn data_is_replaced_whole(subject: Subject) {
        let issued = subject.sign_in("alice").await;
        let handle = &issued.handle;
        assert!(subject.core.session_set_data(&app(), handle, object(json!({ "a": 1 }))).await.unwrap());
        assert!(subject.core.session_set_data(&app(), handle, object(json!({ "b": 2 }))).await.unwrap());
        assert_eq!(subject.core.session_find(&app(), handle).await.unwrap().unwrap().data, object(json!({ "b": 2 })));
        subject.core.session_revoke(&app(), std::slice::from_ref(handle), Why::default()).await.unwrap();
        assert!(!subject.core.session_set_data(&app(), handle, JsonObject::new()).await.unwrap());
        assert!(!subject.core.session_set_payload(&app(), handle, JsonObject::new()).await.unwrap());
    }

    async fn revoked_sessions_are_named_and_no_token_of_theirs_rotates(subject: Subject) {
        let (first, other) = (subject.sign_in("alice").await, subject.sign_in("alice").await);
        let child = subject.rotate(&first.refresh.token).await;
        let handle = first.handle.clone();
        let why = Why { actor: Some("operator".into()), reason: Some("lost phone".into()) };
        let unknown = "0f8fad5b-d9cb-469f-a165-70867728950e".parse().unwrap();
        let revoked = subject.core.session_revoke(&app(), &[handle.clone(), unknown, handle.clone()], why).await.unwrap();
        assert_eq!(revoked, std::slice::from_ref(&handle));
        for token in [&first.refresh.token, &child.refresh.token] {
            assert!(is_unauthorised(&subject.present(token).await, Refusal::NoSession));
        }
        subject.rotate(&other.refresh.token).await;
        let events = subject.core.event_list(&app(), &"alice".into(), 1).await.unwrap();
        assert_eq!((events[0].kind, &events[0].handle), (EventKind::SessionRevoked, &Some(handle)));
        assert_eq!((events[0].actor.as_deref(), events[0].reason.as_deref()), (Some("operator"), Some("lost phone")));
    }

    async fn all_sessions_of_a_user_are_listed_and_revoked_in_a_tenant_or_in_all(subject: Subject) {
        let tenant = Tenant { tenant: "t1".parse().unwrap(), ..Tenant::public() };
        let here = subject.sign_in("alice").await;
        subject.clock.advance(MS);
        let there = subject.create(NewSession { tenant: tenant.clone(), ..blank() }).await;
        let bobs = subject.sign_in("bob").await;
        assert_eq!(there.handle.tenant(), &tenant.tenant);
        assert_eq!(subject.verify(&there.access.token).await.tenant(), &tenant.tenant);
        let list = async |tenant: Option<_>| {
            let sessions = subject.core.session_list(&app(), tenant, &"alice".into()).await.unwrap();
            sessions.into_iter().map(|session| session.handle).collect::<Vec<_>>()
        };
        let (here, there) = (here.handle.clone(), there.handle.clone());
        assert_eq!(list(None).await, [here.clone(), there.clone()], "oldest first");
        assert_eq!(list(Some(&tenant.tenant)).await, std::slice::from_ref(&there));
        let revoke = async |tenant: Option<_>| {
            subject.core.session_revoke_all(&app(), tenant, &"alice".into(), Why::default()).await.unwrap()
        };
        assert_eq!(revoke(Some(&tenant.tenant)).await, std::slice::from_ref(&there));
        assert_eq!(revoke(None).await, std::slice::from_ref(&here));
        assert!(revoke(None).await.is_empty());
        assert!(subject.lives(&bobs).await);
    }

    async fn a_session_of_a_tenant_rotates_like_any_other(subject: Subject) {
        let tenant = Tenant { tenant: "t1".parse().unwrap(), ..Tenant::public() };
        let issued = subject.create(NewSession { tenant, ..blank() }).await;
        let next = subject.rotate(&issued.refresh.token).await;
        assert_eq!(next.handle, issued.handle);
        assert_eq!(subject.rotate(&issued.refresh.token).await.refresh.token, next.refresh.token);
    }

    and {
        a_banned_user_has_no_session_and_gets_none
        a_ban_in_one_tenant_leaves_the_user_alone_elsewhere
        a_ban_ends_by_itself_when_it_has_an_end
        a_ban_that_would_be_over_is_refused_and_changes_nothing
        bans_are_listed_page_by_page
        nobody_is_banned_by_an_id_that_nobody_can_have
        a_ban_wins_over_sign_ins_and_refreshes_at_the_same_time

        the_feed_tells_of_revoked_sessions_and_bans
        the_feed_tells_of_a_used_token_that_came_back
        the_feed_tells_whose_roles_changed
        a_cursor_that_means_nothing_gets_everything

        a_jwt_is_verified_by_the_published_keys_until_it_expires
        a_jwt_is_signed_by_the_keys_that_were_asked_for
        the_static_key_is_published_before_it_first_signs

        a_role_is_made_once_and_its_permissions_add_up
        permissions_are_taken_from_a_role_some_or_all
        a_role_is_given_and_taken_in_one_tenant
        a_deleted_role_is_nobodys
        white_space_around_the_name_of_a_role_does_not_count
        a_role_whose_name_cannot_be_kept_is_refused
        a_user_id_that_not_every_database_can_hold_gets_no_role

        metadata_is_merged_and_kept_as_it_was_given
        deleted_metadata_is_empty
        a_user_id_that_not_every_database_can_hold_has_no_metadata
        json_that_lies_too_deep_to_be_read_back_is_refused
    }
}

impl Subject {
    fn now(&self) -> Timestamp {
        hallpass_engine::time::Clock::now(&*self.clock)
    }

    async fn verify_expired_id(&self, issued: &Issued) -> String {
        issued.access.claims["refreshTokenHash1"].as_str().unwrap().to_owned()
    }
}
