//! Tenants: what is configured for each, and what goes with one, or with a whole app.

use std::{sync::Arc, time::Duration};

use hallpass_engine::{
    event::{Event, EventKind},
    id::{AppId, Tenant, UserId},
    keys::{Algorithm, KeyRecord},
    roles::Assigned,
    session::{JsonObject, KeyFamily, Session},
    store::{RootRecord, Store},
    tenancy::TenantRecord,
    time::Timestamp,
};
use serde_json::json;

use super::{NOW, at_once, event, insert, object, session_in, tenant};

fn record(tenant: &Tenant) -> TenantRecord {
    let settings = object(json!({ "of": tenant.app.as_str(), "firstFactors": null }));
    TenantRecord { tenant: tenant.clone(), settings, revision: 1, created_at: NOW }
}

async fn make(store: &dyn Store, tenant: &Tenant) -> TenantRecord {
    let record = record(tenant);
    assert!(store.tenant_insert(&record).await.unwrap(), "there was none");
    record
}

/// What is told of sessions that end with their tenant.
pub(super) fn ended(app: &AppId) -> Event {
    let at = NOW + Duration::from_millis(1);
    let event = Event::new(EventKind::SessionRevoked, app.clone(), at, [0; 16]);
    Event { reason: Some("the tenant was removed".to_owned()), felt_until: Some(at + Duration::from_secs(3600)), ..event }
}

/// And tells, each time or never, what time it is by a clock of its own, in milliseconds.
pub async fn a_store_answers(store: Arc<dyn Store>) {
    const YEAR_2020: Timestamp = Timestamp::from_millis(1_577_836_800_000);
    let (first, second) = (store.ping().await.unwrap(), store.ping().await.unwrap());
    assert_eq!(first.is_some(), second.is_some());
    assert!(first <= second, "{first:?} {second:?}");
    assert!(first.is_none_or(|now| now > YEAR_2020), "{first:?}");
}

/// Nothing is lost or changed, and its settings are its own: order of members, numbers, characters.
pub async fn a_tenant_comes_back_as_it_was_stored(store: Arc<dyn Store>) {
    let plain = record(&Tenant::public());
    let settings = object(json!({
        "z": null, "a": [true, {}, [], "", 0.1, u64::MAX, i64::MIN], "m": { "y": 1, "b": { "x": [null] } },
        "text": "\u{1f44b} ä\u{0}\u{2028}\\\"'/\r\n\t; DROP TABLE tenant; --", "": "empty name",
    }));
    let full =
        TenantRecord { tenant: tenant("a-1", &"t".repeat(64)), settings, revision: u32::MAX, created_at: NOW + Duration::from_millis(1) };
    for record in [plain, full] {
        assert_eq!(store.tenant_find(&record.tenant).await.unwrap(), None);
        assert!(store.tenant_insert(&record).await.unwrap());
        let found = store.tenant_find(&record.tenant).await.unwrap().unwrap();
        assert_eq!(found, record);
        assert_eq!(text(&found.settings), text(&record.settings));
    }
}

fn text(object: &JsonObject) -> String {
    serde_json::to_string(object).unwrap()
}

/// All of them or those of one app, in the order of their names' bytes.
pub async fn tenants_are_listed_by_app_and_name(store: Arc<dyn Store>) {
    assert_eq!(store.tenant_list(None).await.unwrap(), []);
    // a collation that passes over hyphens, or puts digits last, would sort otherwise
    let sorted = [("a-c", "public"), ("a1", "t-z"), ("a1", "t1"), ("a1", "ta"), ("ab", "public"), ("public", "public")];
    let sorted = sorted.map(|(app, name)| tenant(app, name));
    let mut expected = Vec::new();
    for number in [3, 0, 5, 1, 4, 2] {
        make(&*store, &sorted[number]).await;
    }
    expected.extend(sorted.iter().map(record));
    assert_eq!(store.tenant_list(None).await.unwrap(), expected);
    assert_eq!(store.tenant_list(Some(&sorted[1].app)).await.unwrap(), expected[1..4]);
    assert_eq!(store.tenant_list(Some(&tenant("a", "public").app)).await.unwrap(), []);
}

/// One caller makes it, and what it stored stays.
pub async fn of_fifty_who_make_a_tenant_one_does(store: Arc<dyn Store>) {
    let made = at_once(50, |number| {
        let store = store.clone();
        let record = TenantRecord { settings: object(json!({ "by": number })), ..record(&Tenant::public()) };
        async move { store.tenant_insert(&record).await.unwrap().then_some(record) }
    });
    let made: Vec<_> = made.await.into_iter().flatten().collect();
    assert_eq!(made.len(), 1);
    assert_eq!(store.tenant_list(None).await.unwrap(), made);
}

/// Whoever replaces settings names the revision that it saw, so that no change is lost; and touches that tenant only.
pub async fn settings_are_replaced_if_nobody_was_faster(store: Arc<dyn Store>) {
    let t1 = tenant("a1", "t1");
    let first = make(&*store, &t1).await;
    let neighbours = [tenant("a1", "t2"), tenant("a1", "public"), tenant("a2", "t1"), tenant("public", "t1")];
    for neighbour in &neighbours {
        make(&*store, neighbour).await;
    }
    let settings = object(json!({ "z": null, "a": 1.5 }));
    for wrong in [0, 2, u32::MAX] {
        assert!(!store.tenant_replace(&t1, wrong, &settings).await.unwrap(), "revision {wrong}");
    }
    assert!(!store.tenant_replace(&tenant("a1", "t3"), 1, &settings).await.unwrap(), "there is no such tenant");
    assert_eq!(store.tenant_find(&t1).await.unwrap(), Some(first.clone()));

    assert!(store.tenant_replace(&t1, 1, &settings).await.unwrap());
    assert!(!store.tenant_replace(&t1, 1, &JsonObject::new()).await.unwrap());
    assert_eq!(store.tenant_find(&t1).await.unwrap(), Some(TenantRecord { settings, revision: 2, ..first.clone() }));

    let won = at_once(50, |number| {
        let (store, t1, settings) = (store.clone(), t1.clone(), object(json!({ "by": number })));
        async move { store.tenant_replace(&t1, 2, &settings).await.unwrap().then_some(settings) }
    });
    let won: Vec<_> = won.await.into_iter().flatten().collect();
    assert_eq!(won.len(), 1, "of those who saw one revision one wins");
    assert_eq!(store.tenant_find(&t1).await.unwrap(), Some(TenantRecord { settings: won[0].clone(), revision: 3, ..first }));
    for neighbour in &neighbours {
        assert_eq!(store.tenant_find(neighbour).await.unwrap(), Some(record(neighbour)));
    }
}

/// A tenant takes its sessions and its users' roles along, and nothing that is of its app or of another tenant.
pub async fn a_deleted_tenant_takes_its_sessions_and_assignments_along(store: Arc<dyn Store>) {
    let (gone, kept) = (tenant("a1", "t1"), [tenant("a1", "t2"), tenant("a1", "public"), tenant("a2", "t1"), tenant("public", "t1")]);
    let mut before = Vec::new();
    for (number, world) in (1..).zip(kept.iter().chain([&gone])) {
        furnish(&*store, world, number).await;
    }
    for world in &kept {
        before.push(furniture(&*store, world).await);
    }
    let of_app = of_app(&*store, &gone.app).await;

    assert!(store.tenant_delete(&gone, &ended(&gone.app)).await.unwrap());
    let left = furniture(&*store, &gone).await;
    assert_eq!((left.record, left.sessions, left.roles), (None, vec![], vec![]));
    // one more: the end of the session
    assert_eq!(self::of_app(&*store, &gone.app).await, OfApp { events: of_app.events + 1, ..of_app });
    for (world, before) in kept.iter().zip(before) {
        assert_eq!(furniture(&*store, world).await, before);
    }
    assert!(!store.tenant_delete(&gone, &ended(&gone.app)).await.unwrap());
    make(&*store, &gone).await;
    assert_eq!(furniture(&*store, &gone).await.sessions, [], "one that is made again starts empty");
}

/// Who verifies access tokens learns of each of the sessions, and of no other.
pub async fn a_deleted_tenant_tells_of_the_end_of_its_sessions(store: Arc<dyn Store>) {
    let (gone, kept) = (tenant("a1", "t1"), tenant("a1", "t2"));
    let sessions = [session_in(gone.clone(), 1), session_in(gone.clone(), 2), session_in(kept, 3)];
    for session in &sessions {
        insert(&*store, session).await;
    }
    let ended = ended(&gone.app);
    store.tenant_delete(&gone, &ended).await.unwrap();
    let mut told = store.event_feed(NOW).await.unwrap();
    told.sort_by_key(|event| event.id);
    let of = |session: &Session| {
        let handle = session.key.handle.clone();
        Event { user: session.user.clone(), id: *handle.id(), handle: Some(handle), ..ended.clone() }
    };
    let mut expected = sessions[..2].iter().map(of).collect::<Vec<_>>();
    expected.sort_by_key(|event| event.id);
    assert_eq!(told, expected);
}

/// What was left over of a tenant goes as well: whoever makes it again must not find it.
pub async fn what_is_left_over_of_a_tenant_goes_with_it(store: Arc<dyn Store>) {
    let t1 = tenant("a1", "t1");
    insert(&*store, &session_in(t1.clone(), 1)).await;
    store.role_put(&t1.app, "admin", &[]).await.unwrap();
    assert_eq!(store.role_assign(&t1, &user(), "admin").await.unwrap(), Assigned::Now);
    assert!(!store.tenant_delete(&t1, &ended(&t1.app)).await.unwrap(), "it had no row");
    let left = furniture(&*store, &t1).await;
    assert_eq!((left.sessions, left.roles), (vec![], vec![]));
}

/// Everything of the app goes, and nothing of any other, whatever names they share.
pub async fn a_deleted_app_leaves_the_others_whole(store: Arc<dyn Store>) {
    let of = |app: &str| [tenant(app, "public"), tenant(app, "t1")];
    // names that an unguarded comparison would take for the same
    let (gone, kept) = (of("a1"), ["a", "a11", "a-1", "public"].map(of));
    for (number, world) in (1..).zip(kept.iter().flatten().chain(&gone)) {
        furnish(&*store, world, number).await;
    }
    let mut before = Vec::new();
    for world in kept.iter().flatten() {
        before.push((furniture(&*store, world).await, of_app(&*store, &world.app).await));
    }
    let full = of_app(&*store, &gone[0].app).await;
    assert!(full.keys > 0 && full.roots > 0 && full.events > 0 && full.active > 0 && full.metadata.is_some(), "{full:?}");

    let app = &gone[0].app;
    assert!(store.app_delete(app).await.unwrap());
    for world in &gone {
        assert_eq!(furniture(&*store, world).await, Furniture::default());
    }
    assert_eq!(of_app(&*store, app).await, OfApp::default());
    for (world, before) in kept.iter().flatten().zip(before) {
        assert_eq!((furniture(&*store, world).await, of_app(&*store, &world.app).await), before);
    }
    assert!(!store.app_delete(app).await.unwrap(), "there is nothing any more");

    // a role that is made again has no permissions and nobody
    assert!(store.role_put(app, "admin", &[]).await.unwrap());
    assert_eq!(store.role_permissions(app, "admin").await.unwrap(), Some(vec![]));
    assert_eq!(store.role_users(&gone[1], "admin").await.unwrap(), Some(vec![]));
}

/// Also when there is no tenant: any row of it counts.
pub async fn an_app_is_deleted_whatever_is_left_of_it(store: Arc<dyn Store>) {
    let app = tenant("a1", "public").app;
    store.metadata_merge(&app, &user(), &JsonObject::new()).await.unwrap();
    assert!(store.app_delete(&app).await.unwrap());
    assert!(!store.app_delete(&app).await.unwrap());
    assert_eq!(store.metadata_find(&app, &user()).await.unwrap(), None);
}

fn user() -> UserId {
    "user".into()
}

/// Puts something of each kind into a tenant, and into its app. Every tenant gets the same, but for `number`.
async fn furnish(store: &dyn Store, world: &Tenant, number: u8) {
    let app = &world.app;
    make(store, world).await;
    let session = Session { user: user(), ..session_in(world.clone(), number) };
    insert(store, &session).await;
    store.role_put(app, "admin", &["read".into(), "write".into()]).await.unwrap();
    assert_eq!(store.role_assign(world, &user(), "admin").await.unwrap(), Assigned::Now);
    store.metadata_merge(app, &user(), &object(json!({ "app": app.as_str() }))).await.unwrap();
    store.activity_record(&[(app.clone(), user(), NOW)]).await.unwrap();
    store.root_insert(&RootRecord { app: app.clone(), id: number, sealed: vec![number] }).await.unwrap();
    let key = KeyRecord {
        app: app.clone(),
        family: KeyFamily::Dynamic,
        sequence: number.into(),
        kid: format!("d-{number}"),
        algorithm: Algorithm::Es256,
        sealed: vec![number],
        created_at: NOW,
    };
    let made = Event { user: "".into(), handle: None, ..event(EventKind::KeyCreated, &session, number) };
    assert!(store.key_insert(&key, &made).await.unwrap());
}

/// What there is of a tenant.
#[derive(Debug, Default, PartialEq)]
struct Furniture {
    record: Option<TenantRecord>,
    sessions: Vec<Session>,
    roles: Vec<String>,
    admins: Vec<UserId>,
}

async fn furniture(store: &dyn Store, world: &Tenant) -> Furniture {
    Furniture {
        record: store.tenant_find(world).await.unwrap(),
        sessions: store.session_list(&world.app, Some(&world.tenant), &user(), NOW).await.unwrap(),
        roles: store.role_list_of_user(world, &user()).await.unwrap(),
        admins: store.role_users(world, "admin").await.unwrap().unwrap_or_default(),
    }
}

/// What there is of an app as a whole.
#[derive(Debug, Default, PartialEq)]
struct OfApp {
    roles: Vec<String>,
    permissions: Option<Vec<String>>,
    readers: Vec<String>,
    metadata: Option<JsonObject>,
    active: u64,
    keys: usize,
    roots: usize,
    events: usize,
}

async fn of_app(store: &dyn Store, app: &AppId) -> OfApp {
    let of_user = store.event_list(app, &user(), 100).await.unwrap();
    let of_nobody = store.event_list(app, &"".into(), 100).await.unwrap();
    OfApp {
        roles: store.role_list(app).await.unwrap(),
        permissions: store.role_permissions(app, "admin").await.unwrap(),
        readers: store.role_list_with_permission(app, "read").await.unwrap(),
        metadata: store.metadata_find(app, &user()).await.unwrap(),
        active: store.activity_count(app, NOW).await.unwrap(),
        keys: store.key_list(app).await.unwrap().len(),
        roots: store.root_list(app).await.unwrap().len(),
        events: of_user.len() + of_nobody.len(),
    }
}
