//! The engine on a store that fails, loses answers, or loses writes; and under other rules.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use hallpass_engine::{
    access_token::{AccessToken, UnverifiedAccessToken},
    ban::Ban,
    core::{Checked, Core, CoreError, Issued, Refresh, Refreshed, Refusal, TokenText},
    engine::{Config, Engine},
    event::{Event, EventKind},
    id::{AppId, SessionKey, Tenant, TenantId, UserId},
    judge::{Confirmation, Lineage, MAX_REISSUES, OnReuse, Rule},
    keys::KeyRecord,
    refresh_token::RefreshHash,
    roles::{Assigned, Unassigned},
    session::{JsonObject, Seen, Session},
    store::{
        BanStore, EventKey, EventStore, Inserted, RoleStore, RootRecord, Rotation, Store, StoreError, Swept, SweptEvents, TenantStore,
        UserStore,
    },
    tenancy::TenantRecord,
    time::Timestamp,
};
use hallpass_store::Sqlite;
use hallpass_testkit::{
    clock::ManualClock,
    core_suite::{Subject, refresh},
};

/// A real store that can be told to misbehave.
struct Faulty {
    store: Sqlite,
    /// Nothing about sessions is answered.
    no_sessions: AtomicBool,
    /// Nothing is written.
    full: AtomicBool,
    /// Rotations happen, but the answer is lost.
    loses_answers: AtomicBool,
}

impl Faulty {
    fn new() -> Arc<Self> {
        let store = Sqlite::memory().unwrap();
        Arc::new(Self { store, no_sessions: false.into(), full: false.into(), loses_answers: false.into() })
    }

    fn unavailable() -> StoreError {
        StoreError::Unavailable("unplugged".into())
    }

    fn sessions(&self) -> Result<&Sqlite, StoreError> {
        if self.no_sessions.load(SeqCst) { Err(Self::unavailable()) } else { Ok(&self.store) }
    }

    fn writes(&self) -> Result<&Sqlite, StoreError> {
        if self.full.load(SeqCst) { Err(Self::unavailable()) } else { self.sessions() }
    }
}

#[async_trait]
impl Store for Faulty {
    async fn ping(&self) -> Result<Option<Timestamp>, StoreError> {
        self.store.ping().await
    }
    async fn session_insert(&self, session: &Session, event: &Event) -> Result<Inserted, StoreError> {
        self.writes()?.session_insert(session, event).await
    }
    async fn session_find(&self, key: &SessionKey) -> Result<Option<Session>, StoreError> {
        self.sessions()?.session_find(key).await
    }
    async fn session_list(
        &self,
        app: &AppId,
        tenant: Option<&TenantId>,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        self.sessions()?.session_list(app, tenant, user, now).await
    }
    async fn session_rotate(&self, key: &SessionKey, rotation: &Rotation, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let rotated = self.writes()?.session_rotate(key, rotation, now).await;
        if self.loses_answers.load(SeqCst) { Err(Self::unavailable()) } else { rotated }
    }
    async fn session_replace(&self, key: &SessionKey, seen: &Seen, next: &Lineage, event: &Event) -> Result<bool, StoreError> {
        self.writes()?.session_replace(key, seen, next, event).await
    }
    async fn session_confirm(&self, key: &SessionKey, child: &RefreshHash, until: Timestamp) -> Result<bool, StoreError> {
        self.writes()?.session_confirm(key, child, until).await
    }
    async fn session_set_payload(&self, key: &SessionKey, payload: &JsonObject, now: Timestamp) -> Result<bool, StoreError> {
        self.writes()?.session_set_payload(key, payload, now).await
    }
    async fn session_set_data(&self, key: &SessionKey, data: &JsonObject, now: Timestamp) -> Result<bool, StoreError> {
        self.writes()?.session_set_data(key, data, now).await
    }
    async fn session_delete(&self, key: &SessionKey, seen: Option<&Seen>, event: &Event) -> Result<bool, StoreError> {
        self.writes()?.session_delete(key, seen, event).await
    }
    async fn session_sweep(&self, after: Option<&SessionKey>, limit: u32, now: Timestamp) -> Result<Swept, StoreError> {
        self.writes()?.session_sweep(after, limit, now).await
    }
    async fn key_list(&self, app: &AppId) -> Result<Vec<KeyRecord>, StoreError> {
        self.store.key_list(app).await
    }
    async fn key_insert(&self, key: &KeyRecord, event: &Event) -> Result<bool, StoreError> {
        if self.full.load(SeqCst) { Err(Self::unavailable()) } else { self.store.key_insert(key, event).await }
    }
    async fn key_delete(&self, app: &AppId, kid: &str, event: Option<&Event>) -> Result<bool, StoreError> {
        self.store.key_delete(app, kid, event).await
    }
    async fn root_list(&self, app: &AppId) -> Result<Vec<RootRecord>, StoreError> {
        self.store.root_list(app).await
    }
    async fn root_insert(&self, root: &RootRecord) -> Result<bool, StoreError> {
        self.store.root_insert(root).await
    }
    async fn event_list(&self, app: &AppId, user: &UserId, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.store.event_list(app, user, limit).await
    }
}

/// The engine asks for none of this.
#[async_trait]
impl TenantStore for Faulty {
    async fn tenant_find(&self, tenant: &Tenant) -> Result<Option<TenantRecord>, StoreError> {
        self.store.tenant_find(tenant).await
    }
    async fn tenant_list(&self, app: Option<&AppId>) -> Result<Vec<TenantRecord>, StoreError> {
        self.store.tenant_list(app).await
    }
    async fn tenant_insert(&self, record: &TenantRecord) -> Result<bool, StoreError> {
        self.store.tenant_insert(record).await
    }
    async fn tenant_replace(&self, tenant: &Tenant, seen: u32, settings: &JsonObject) -> Result<bool, StoreError> {
        self.store.tenant_replace(tenant, seen, settings).await
    }
    async fn tenant_delete(&self, tenant: &Tenant, ended: &Event) -> Result<bool, StoreError> {
        self.store.tenant_delete(tenant, ended).await
    }
    async fn app_delete(&self, app: &AppId) -> Result<bool, StoreError> {
        self.store.app_delete(app).await
    }
}

#[async_trait]
impl RoleStore for Faulty {
    async fn role_put(&self, app: &AppId, role: &str, permissions: &[String]) -> Result<bool, StoreError> {
        self.store.role_put(app, role, permissions).await
    }
    async fn role_permissions(&self, app: &AppId, role: &str) -> Result<Option<Vec<String>>, StoreError> {
        self.store.role_permissions(app, role).await
    }
    async fn role_remove_permissions(&self, app: &AppId, role: &str, permissions: Option<&[String]>) -> Result<bool, StoreError> {
        self.store.role_remove_permissions(app, role, permissions).await
    }
    async fn role_delete(&self, app: &AppId, role: &str) -> Result<bool, StoreError> {
        self.store.role_delete(app, role).await
    }
    async fn role_list(&self, app: &AppId) -> Result<Vec<String>, StoreError> {
        self.store.role_list(app).await
    }
    async fn role_list_with_permission(&self, app: &AppId, permission: &str) -> Result<Vec<String>, StoreError> {
        self.store.role_list_with_permission(app, permission).await
    }
    async fn role_assign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Assigned, StoreError> {
        self.store.role_assign(tenant, user, role).await
    }
    async fn role_unassign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Unassigned, StoreError> {
        self.store.role_unassign(tenant, user, role).await
    }
    async fn role_list_of_user(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<String>, StoreError> {
        self.store.role_list_of_user(tenant, user).await
    }
    async fn role_users(&self, tenant: &Tenant, role: &str) -> Result<Option<Vec<UserId>>, StoreError> {
        self.store.role_users(tenant, role).await
    }
}

#[async_trait]
impl UserStore for Faulty {
    async fn metadata_find(&self, app: &AppId, user: &UserId) -> Result<Option<JsonObject>, StoreError> {
        self.store.metadata_find(app, user).await
    }
    async fn metadata_merge(&self, app: &AppId, user: &UserId, update: &JsonObject) -> Result<JsonObject, StoreError> {
        self.store.metadata_merge(app, user, update).await
    }
    async fn metadata_delete(&self, app: &AppId, user: &UserId) -> Result<bool, StoreError> {
        self.store.metadata_delete(app, user).await
    }
    async fn activity_record(&self, seen: &[(AppId, UserId, Timestamp)]) -> Result<(), StoreError> {
        self.store.activity_record(seen).await
    }
    async fn activity_count(&self, app: &AppId, since: Timestamp) -> Result<u64, StoreError> {
        self.store.activity_count(app, since).await
    }
}

#[async_trait]
impl BanStore for Faulty {
    async fn ban_put(&self, app: &AppId, ban: &Ban, event: &Event) -> Result<(), StoreError> {
        self.writes()?.ban_put(app, ban, event).await
    }
    async fn ban_delete(&self, app: &AppId, user: &UserId, tenant: Option<&TenantId>, event: &Event) -> Result<bool, StoreError> {
        self.writes()?.ban_delete(app, user, tenant, event).await
    }
    async fn bans_of(&self, app: &AppId, user: &UserId, now: Timestamp) -> Result<Vec<Ban>, StoreError> {
        self.store.bans_of(app, user, now).await
    }
    async fn ban_list(&self, app: &AppId, after: Option<&UserId>, limit: u32, now: Timestamp) -> Result<Vec<Ban>, StoreError> {
        self.store.ban_list(app, after, limit, now).await
    }
    async fn ban_sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.writes()?.ban_sweep(now).await
    }
}

#[async_trait]
impl EventStore for Faulty {
    async fn event_append(&self, event: &Event) -> Result<(), StoreError> {
        self.writes()?.event_append(event).await
    }
    async fn event_feed(&self, since: Timestamp) -> Result<Vec<Event>, StoreError> {
        self.store.event_feed(since).await
    }
    async fn event_sweep(&self, after: Option<&EventKey>, limit: u32, before: Timestamp) -> Result<SweptEvents, StoreError> {
        self.writes()?.event_sweep(after, limit, before).await
    }
}

struct Fixture {
    store: Arc<Faulty>,
    clock: Arc<ManualClock>,
    engine: Arc<Engine>,
    first: Box<Issued>,
}

const WINDOW: Duration = Duration::from_secs(10);

async fn fixture(rule: Rule) -> Fixture {
    let (store, clock) = (Faulty::new(), Arc::new(ManualClock::default()));
    let config = Config { rule, ..Config::default() };
    let engine = Arc::new(crate::common::engine(store.clone(), clock.clone(), config));
    let first = Subject { core: engine.clone(), clock: clock.clone() }.sign_in("alice").await;
    Fixture { store, clock, engine, first }
}

impl Fixture {
    async fn present(&self, token: &TokenText) -> Result<Refreshed, CoreError> {
        self.engine.session_refresh(refresh(token)).await
    }

    async fn rotate(&self, token: &TokenText) -> TokenText {
        match self.present(token).await.unwrap() {
            Refreshed::Issued(issued) => issued.refresh.token,
            other => panic!("expected new tokens, got {other:?}"),
        }
    }

    async fn row(&self) -> Option<Session> {
        self.store.store.session_find(&SessionKey { app: AppId::public(), handle: self.first.handle.clone() }).await.unwrap()
    }

    async fn last_event(&self) -> EventKind {
        self.store.event_list(&AppId::public(), &"alice".into(), 1).await.unwrap()[0].kind
    }
}

#[tokio::test]
async fn a_forged_token_never_reaches_the_database() {
    let fixture = fixture(Rule::new()).await;
    fixture.store.no_sessions.store(true, SeqCst);
    let genuine = fixture.first.refresh.token.expose();
    for at in 4..genuine.len() {
        let other = if genuine.as_bytes()[at] == b'A' { "B" } else { "A" };
        let forged = format!("{}{other}{}", &genuine[..at], &genuine[at + 1..]);
        let refreshed = fixture.present(&forged.into()).await.unwrap();
        assert!(matches!(refreshed, Refreshed::Unauthorised(Refusal::NotOurs)), "character {at}");
    }
    assert!(matches!(fixture.present(&genuine.into()).await, Err(CoreError::Store(_))), "the genuine one does");
}

#[tokio::test]
async fn a_rotation_whose_answer_was_lost_counts() {
    let fixture = fixture(Rule::new()).await;
    fixture.store.loses_answers.store(true, SeqCst);
    let child = fixture.rotate(&fixture.first.refresh.token).await;
    fixture.store.loses_answers.store(false, SeqCst);
    assert_eq!(fixture.row().await.unwrap().lineage.generation, 1);
    fixture.rotate(&child).await;
}

#[tokio::test]
async fn when_nothing_can_be_written_a_refresh_fails_and_costs_no_session() {
    let fixture = fixture(Rule::new()).await;
    fixture.store.full.store(true, SeqCst);
    assert!(matches!(fixture.present(&fixture.first.refresh.token).await, Err(CoreError::Store(StoreError::Unavailable(_)))));
    fixture.store.full.store(false, SeqCst);
    fixture.rotate(&fixture.first.refresh.token).await;
}

#[tokio::test]
async fn a_check_writes_only_what_confirms_a_new_token() {
    let fixture = fixture(Rule::new()).await;
    let keys = fixture.engine.verifying_keys(&AppId::public(), None).await.unwrap();
    let verified = |issued: &Issued| {
        let token = UnverifiedAccessToken::parse(issued.access.token.expose()).unwrap();
        token.verify(&keys, fixture.engine.now()).unwrap()
    };
    let check = async |token: &AccessToken, is_full: bool| {
        fixture.store.full.store(is_full, SeqCst);
        let checked = fixture.engine.session_check(&AppId::public(), token, true).await;
        fixture.store.full.store(false, SeqCst);
        checked
    };
    let never_replaced = verified(&fixture.first);
    assert!(matches!(check(&never_replaced, true).await, Ok(Checked::Live { .. })));
    let Ok(Refreshed::Issued(child)) = fixture.present(&fixture.first.refresh.token).await else { panic!("it is current") };
    let new = verified(&child);
    assert!(matches!(check(&new, true).await, Err(CoreError::Store(StoreError::Unavailable(_)))), "the first use must be written");
    assert!(matches!(check(&new, false).await, Ok(Checked::Live { .. })));
    assert!(matches!(check(&new, true).await, Ok(Checked::Live { .. })));
}

#[tokio::test]
async fn a_key_that_is_due_and_cannot_be_written_keeps_nobody_from_verifying() {
    let fixture = fixture(Rule::new()).await;
    let before = fixture.engine.verifying_keys(&AppId::public(), None).await.unwrap().to_jwks();
    fixture.store.full.store(true, SeqCst);
    for advance in [fixture.engine.config().key_interval - Duration::from_secs(30), Duration::from_secs(3600)] {
        fixture.clock.advance(advance);
        assert_eq!(fixture.engine.verifying_keys(&AppId::public(), None).await.unwrap().to_jwks(), before);
    }
    fixture.store.full.store(false, SeqCst);
    assert_eq!(fixture.engine.verifying_keys(&AppId::public(), None).await.unwrap().to_jwks().keys.len(), 2, "it recovers by itself");
}

#[tokio::test]
async fn a_store_that_lost_writes_adopts_the_newer_token() {
    let fixture = fixture(Rule::new()).await;
    let backup = fixture.row().await.unwrap();
    let second = fixture.rotate(&fixture.first.refresh.token).await;
    let third = fixture.rotate(&second).await;
    let event = fixture.store.event_list(&AppId::public(), &"alice".into(), 1).await.unwrap().remove(0);
    let unique = |id| Event { id, ..event.clone() };
    fixture.store.store.session_delete(&backup.key, None, &unique(0_u128.to_be_bytes())).await.unwrap();
    let restored = fixture.store.store.session_insert(&backup, &unique(1_u128.to_be_bytes())).await;
    assert_eq!(restored.unwrap(), Inserted::Now);
    let fourth = fixture.rotate(&third).await;
    assert_eq!(fixture.last_event().await, EventKind::RefreshAhead);
    assert_eq!(fixture.row().await.unwrap().lineage.generation, 3);
    fixture.rotate(&fourth).await;
    assert!(matches!(fixture.present(&second).await.unwrap(), Refreshed::Reuse { .. }), "older ones are used up as before");
}

#[tokio::test]
async fn a_client_that_loses_more_than_sixteen_responses_in_a_row_is_logged_out() {
    let fixture = fixture(Rule::new()).await;
    let token = &fixture.first.refresh.token;
    fixture.rotate(token).await;
    for _ in 0..MAX_REISSUES {
        fixture.clock.advance(WINDOW);
        fixture.rotate(token).await;
        assert_eq!(fixture.last_event().await, EventKind::RefreshReissued);
    }
    fixture.clock.advance(WINDOW);
    assert!(matches!(fixture.present(token).await.unwrap(), Refreshed::Reuse { .. }));
    assert!(fixture.row().await.is_none());
}

#[tokio::test]
async fn a_caller_that_revokes_by_itself_is_only_told() {
    let fixture = fixture(Rule { on_reuse: OnReuse::Report, ..Rule::new() }).await;
    let second = fixture.rotate(&fixture.first.refresh.token).await;
    fixture.rotate(&second).await;
    assert!(matches!(fixture.present(&fixture.first.refresh.token).await.unwrap(), Refreshed::Reuse { .. }));
    assert_eq!(fixture.last_event().await, EventKind::RefreshReuse);
    assert!(fixture.row().await.is_some());
}

#[tokio::test]
async fn without_confirmation_a_token_dies_a_fixed_time_after_its_rotation() {
    let grace = Duration::from_secs(30);
    let fixture = fixture(Rule { confirmation: Confirmation::Rotation { grace }, ..Rule::new() }).await;
    let token = &fixture.first.refresh.token;
    let child = fixture.rotate(token).await;
    fixture.clock.advance(grace - Duration::from_millis(1));
    assert_eq!(fixture.rotate(token).await, child, "the same child up to the last moment");
    fixture.clock.advance(Duration::from_millis(1));
    assert!(matches!(fixture.present(token).await.unwrap(), Refreshed::Reuse { .. }));
}

#[tokio::test]
async fn settings_that_cannot_work_are_named() {
    let second = Duration::from_secs(1);
    let wrong = |change: fn(&mut Config)| {
        let mut config = Config::default();
        change(&mut config);
        config.check().unwrap_err().to_string()
    };
    assert_eq!(wrong(|config| config.access_token_validity = Duration::ZERO), "access_token_validity is shorter than a second");
    assert_eq!(
        wrong(|config| config.refresh_token_validity = config.access_token_validity),
        "refresh_token_validity is not longer than access_token_validity"
    );
    assert_eq!(wrong(|config| config.key_interval = Duration::ZERO), "key_interval is shorter than a second");
    for jitter in [f64::NAN, f64::INFINITY, -0.1, 0.6] {
        let config = Config { access_token_jitter: jitter, ..Config::default() };
        assert!(config.check().is_err(), "{jitter}");
    }
    let smallest = Config { access_token_validity: second, refresh_token_validity: second * 2, key_interval: second, ..Config::default() };
    assert_eq!(smallest.check(), Ok(()));
}

#[tokio::test]
async fn debug_shows_nothing_that_a_thief_could_use() {
    let fixture = fixture(Rule::new()).await;
    let echoed = Some("an-anti-csrf-token".to_owned());
    let call = Refresh { anti_csrf: echoed, use_anti_csrf: true, ..refresh(&fixture.first.refresh.token) };
    let refreshed = fixture.engine.session_refresh(call.clone()).await.unwrap();
    let Refreshed::Issued(issued) = &refreshed else { panic!("it rotates") };
    let row = fixture.row().await.unwrap();
    let retired = row.lineage.retired.clone().unwrap();
    let shown = format!("{call:?} {refreshed:?} {issued:?} {:?} {:?} {row:?} {:?}", issued.access, issued.refresh, row.as_seen());
    let id = issued.access.claims["refreshTokenHash1"].as_str().unwrap();
    for secret in [
        issued.refresh.token.expose(),
        issued.access.token.expose(),
        issued.anti_csrf.as_deref().unwrap(),
        "an-anti-csrf-token",
        id,
        &hex::encode(row.lineage.current.as_bytes()),
        &format!("{:?}", row.lineage.current.as_bytes()),
        &format!("{:?}", retired.salt),
    ] {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
}
