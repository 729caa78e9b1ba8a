//! A core that is not ours: what it does not know is done with what it knows.

use std::time::Duration;

use hallpass::{AppInfo, Core, CoreError, Hallpass, KeyFamily, Misuse, SessionError, TokenText, VerifyOptions};
use hallpass_engine::{
    access_token::UnverifiedAccessToken,
    ban::NewBan,
    core::{BanCore, Created, Delivered, FeedCore, Issued, NewSession, Refresh, Refreshed},
    id::{Tenant, UserId},
    time::Clock,
};
use hallpass_testkit::core_suite::{blank, refresh};

use crate::between::{Between, app};

const CONFIRM: &str = "POST /hallpass/session/confirm";
const VERIFY: &str = "POST /recipe/session/verify";

async fn sign_in(core: &dyn Core) -> Box<Issued> {
    match core.session_create(blank()).await.unwrap() {
        Created::Issued(issued) => issued,
        other => panic!("expected a session, got {other:?}"),
    }
}

/// Other cores have to be told which keys sign.
async fn present(core: &dyn Core, token: &TokenText) -> Refreshed {
    core.session_refresh(Refresh { family: Some(KeyFamily::Dynamic), ..refresh(token) }).await.unwrap()
}

async fn rotate(core: &dyn Core, token: &TokenText) -> Box<Issued> {
    match present(core, token).await {
        Refreshed::Issued(issued) => issued,
        other => panic!("expected new tokens, got {other:?}"),
    }
}

/// An access token came from its client.
async fn delivered(core: &dyn Core, clock: &dyn Clock, issued: &Issued) -> Delivered {
    let token = UnverifiedAccessToken::parse(issued.access.token.expose()).unwrap();
    let keys = core.verifying_keys(&app(), token.kid()).await.unwrap();
    token.verify(&keys, clock.now()).unwrap().delivered()
}

#[tokio::test]
async fn delivered_tokens_are_confirmed_by_verification() {
    let between = Between::foreign().await;
    let (core, clock) = (between.client(), between.clock());
    let first = sign_in(&core).await;
    let second = rotate(&core, &first.refresh.token).await;
    let delivered = delivered(&core, &*clock, &second).await;
    between.calls();
    core.session_confirm(&app(), &[delivered]).await.unwrap();
    assert_eq!(between.calls(), [CONFIRM, VERIFY]);
    // it counts as any other confirmation: the parent is dead after the grace
    clock.advance(Duration::from_secs(11));
    assert!(matches!(present(&core, &first.refresh.token).await, Refreshed::Reuse { .. }));
}

#[tokio::test]
async fn it_is_asked_again_after_a_minute_whether_it_knows_more() {
    let between = Between::foreign().await;
    let (core, clock) = (between.client(), between.clock());
    let first = sign_in(&core).await;
    let second = rotate(&core, &first.refresh.token).await;
    let delivered = [delivered(&core, &*clock, &second).await];
    between.calls();
    for (pause, calls) in [(0, vec![CONFIRM, VERIFY]), (59, vec![VERIFY]), (1, vec![CONFIRM, VERIFY])] {
        clock.advance(Duration::from_secs(pause));
        core.session_confirm(&app(), &delivered).await.unwrap();
        assert_eq!(between.calls(), calls, "{pause} s later");
    }
    // a server of ours has taken its place
    between.answer(|_| None);
    clock.advance(Duration::from_secs(60));
    for _ in 0..2 {
        core.session_confirm(&app(), &delivered).await.unwrap();
        assert_eq!(between.calls(), [CONFIRM]);
    }
}

#[tokio::test]
async fn the_sessions_of_a_user_are_read_one_by_one() {
    let between = Between::foreign().await;
    let (core, neighbour) = (between.client(), between.neighbour());
    between.server.tenant(&crate::world::Place::public(), "t1").await;
    let t1 = Tenant { tenant: "t1".parse().unwrap(), ..Tenant::public() };
    for tenant in [Tenant::public(), t1.clone(), Tenant::public()] {
        between.clock().advance(Duration::from_secs(1));
        let _created = core.session_create(NewSession { tenant, ..blank() }).await.unwrap();
    }
    let user = UserId::from("alice");
    between.calls();
    for (tenant, count) in [(None, 3), (Some(&t1.tenant), 1)] {
        let sessions = core.session_list(&app(), tenant, &user).await.unwrap();
        assert_eq!(sessions.len(), count);
        assert_eq!(sessions, neighbour.session_list(&app(), tenant, &user).await.unwrap(), "as a server of ours tells them at once");
    }
    let find = "GET /recipe/session";
    let of_t1 = ["GET /t1/recipe/session/user", find];
    assert_eq!(between.calls(), [&["GET /hallpass/session/list", "GET /recipe/session/user", find, find, find][..], &of_t1].concat());
    assert!(core.session_list(&app(), None, &"nobody".into()).await.unwrap().is_empty());
}

#[tokio::test]
async fn theft_that_it_only_reports_ends_the_session() {
    let between = Between::foreign().await;
    let (core, clock) = (between.client(), between.clock());
    let first = sign_in(&core).await;
    let second = rotate(&core, &first.refresh.token).await;
    core.session_confirm(&app(), &[delivered(&core, &*clock, &second).await]).await.unwrap();
    clock.advance(Duration::from_secs(11));
    between.calls();
    assert!(matches!(present(&core, &first.refresh.token).await, Refreshed::Reuse { .. }));
    assert_eq!(between.calls(), ["POST /recipe/session/refresh", "POST /recipe/session/remove"]);
    assert!(between.neighbour().session_find(&app(), &first.handle).await.unwrap().is_none());
}

#[tokio::test]
async fn it_has_no_events_no_bans_and_no_feed() {
    let between = Between::foreign().await;
    let core = between.client();
    sign_in(&core).await;
    let user = UserId::from("alice");
    assert!(core.event_list(&app(), &user, 10).await.unwrap().is_empty());
    assert!(core.bans_of(&app(), &user).await.unwrap().is_empty());
    assert!(core.ban_list(&app(), None, 10).await.unwrap().is_empty());
    let lost = core.feed(&app(), None).await.unwrap_err();
    assert!(matches!(lost, CoreError::Refused { status: 404, .. }), "{lost:?}");
    let new = NewBan { user: user.clone(), tenant: None, until: None, by: None, reason: None };
    let refused = core.ban(&app(), new).await.unwrap_err();
    assert_eq!(refused.to_string(), "the core that keeps the sessions knows no bans");
    assert!(matches!(core.unban(&app(), &user, None, Default::default()).await, Err(CoreError::NoBans)));
    assert_eq!(between.neighbour().session_list(&app(), None, &user).await.unwrap().len(), 1, "nothing has happened");
}

/// Wants short access tokens.
struct Short;

#[hallpass::async_trait]
impl hallpass::Hooks for Short {
    async fn creating(&self, new: &mut NewSession, _: hallpass::HookContext<'_>) -> Result<(), SessionError> {
        new.access_token_validity = Some(Duration::from_secs(60));
        Ok(())
    }
}

#[tokio::test]
async fn an_access_token_that_it_does_not_shorten_is_refused_and_its_session_ended() {
    let between = Between::foreign().await;
    let info = AppInfo::new("app").api("http://localhost:3000").website("http://localhost:3000");
    let core = std::sync::Arc::new(between.client());
    let app = Hallpass::builder(info).core(core).clock(between.clock()).hooks(Short).build().await.unwrap();
    let refused = app.create_session("alice").await.unwrap_err();
    assert!(matches!(refused, SessionError::Misuse(Misuse::FixedValidity)), "{refused:?}");
    assert!(app.sessions_of(&"alice".into(), None).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_app_works_with_it_and_is_told_what_it_cannot_have() {
    let between = Between::foreign().await;
    let info = AppInfo::new("app").api("http://localhost:3000").website("http://localhost:3000");
    let app = Hallpass::builder(info).core(std::sync::Arc::new(between.client())).clock(between.clock()).build().await.unwrap();
    let session = app.create_session("alice").await.unwrap();
    let tokens = session.tokens();
    let next = app.refresh_from_token(tokens.refresh.unwrap().expose(), None, true).await.unwrap();
    let held = app.session_from_token(next.tokens().access.expose(), None, &VerifyOptions::default()).await.unwrap();
    assert_eq!(held.user_id().as_str(), "alice");
    let refused = app.ban("alice").await.unwrap_err();
    assert!(matches!(refused, SessionError::Misuse(Misuse::NoBans)), "{refused:?}");
    assert_eq!(app.sessions_of(&"alice".into(), None).await.unwrap().len(), 1);
    app.revoke(std::slice::from_ref(held.handle()), Default::default()).await.unwrap();
    assert!(app.session_info(held.handle()).await.unwrap().is_none());
}
