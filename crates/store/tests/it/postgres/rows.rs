//! Rows that make no sense are reported, not guessed.

use hallpass_engine::{
    event::EventKind,
    id::{AppId, Tenant},
    keys::{Algorithm, KeyRecord},
    session::{JsonObject, KeyFamily},
    store::{RootRecord, Store, StoreError, TenantStore, UserStore},
    tenancy::TenantRecord,
};
use hallpass_store::Postgres;
use hallpass_testkit::postgres::{Database, database};

use super::{ONE, sql};
use crate::{NOW, event, insert, numbered};

const KEY: &str = "public/public/00000001000000000000000000000000";

/// What a store says about a schema in which `change` has broken a row.
async fn report(database: &Database<'_>, change: &str, read: impl AsyncFn(&Postgres) -> Option<StoreError>) -> String {
    let db = sql(&database.url()).await;
    db.batch_execute("DROP SCHEMA IF EXISTS broken CASCADE").await.unwrap();
    let store = Postgres::connect(&database.url(), ONE, "broken").await.unwrap();
    let (app, session) = (AppId::public(), numbered(1));
    insert(&store, &session).await.unwrap();
    let key = KeyRecord {
        app: app.clone(),
        family: KeyFamily::Dynamic,
        sequence: 1,
        kid: "d-1".into(),
        algorithm: Algorithm::Es256,
        sealed: vec![1],
        created_at: NOW,
    };
    store.key_insert(&key, &event(EventKind::KeyCreated, &session)).await.unwrap();
    store.root_insert(&RootRecord { app: app.clone(), id: 1, sealed: vec![1] }).await.unwrap();
    let tenant = TenantRecord { tenant: Tenant::public(), settings: JsonObject::new(), revision: 1, created_at: NOW };
    store.tenant_insert(&tenant).await.unwrap();
    store.metadata_merge(&app, &"zoe".into(), &JsonObject::new()).await.unwrap();
    assert!(read(&store).await.is_none());
    db.batch_execute("SET search_path TO broken").await.unwrap();
    assert!(db.execute(&format!("UPDATE {change}"), &[]).await.unwrap() > 0, "{change}");
    let error = read(&store).await.unwrap_or_else(|| panic!("not refused: {change}"));
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_session_that_makes_no_sense_is_refused() {
    let database = database();
    let cases = [
        ("gen = -1", "a number is out of range"),
        ("gen = 4294967296", "a number is out of range"),
        ("key_family = 'elastic'", "no family of signing keys"),
        ("current_hash = '\\x00'", "a hash, salt or id has the wrong length"),
        ("retired_hash = current_hash", "the retired token is there in part"),
        ("retired_until_ms = 1", "the retired token is there in part"),
        ("retired_hash = current_hash, retired_salt = current_hash, retired_root = -1", "a number is out of range"),
        ("payload = '[]'", "payload or data is no JSON object"),
        ("data = '{'", "payload or data is no JSON object"),
    ];
    let key = numbered(1).key;
    for (change, why) in cases {
        let find = async |store: &Postgres| store.session_find(&key).await.err();
        assert_eq!(report(&database, &format!("session SET {change}"), find).await, format!("session row {KEY}: {why}"));
    }
    let (change, user) = ("session SET tenant_id = 'T'", numbered(1).user);
    let said = "session row public/T/00000001000000000000000000000000: no name of a tenant";
    let list = async |store: &Postgres| store.session_list(&AppId::public(), None, &user, NOW).await.err();
    assert_eq!(report(&database, change, list).await, said);
    let sweep = async |store: &Postgres| store.session_sweep(None, 10, NOW).await.err();
    assert_eq!(report(&database, change, sweep).await, said);
}

#[tokio::test]
async fn a_column_of_another_type_is_refused() {
    let database = database();
    let store = Postgres::connect(&database.url(), ONE, "other").await.unwrap();
    insert(&store, &numbered(1)).await.unwrap();
    let db = sql(&database.url()).await;
    db.batch_execute("ALTER TABLE other.session ALTER gen TYPE DOUBLE PRECISION").await.unwrap();
    let error = store.session_find(&numbered(1).key).await.unwrap_err();
    assert_eq!(error.to_string(), format!("session row {KEY}: a column has the wrong type"));
}

#[tokio::test]
async fn a_key_root_or_event_that_makes_no_sense_is_refused() {
    let (database, app) = (database(), AppId::public());
    let keys = async |store: &Postgres| store.key_list(&app).await.err();
    let said = report(&database, "signing_key SET algorithm = 'none'", keys).await;
    assert_eq!(said, "signing_key row public/dynamic/1: no algorithm that we know");
    let said = report(&database, "signing_key SET sequence = -1", keys).await;
    assert_eq!(said, "signing_key row public/dynamic/-1: a number is out of range");

    let roots = async |store: &Postgres| store.root_list(&app).await.err();
    let said = report(&database, "refresh_root SET id = 256", roots).await;
    assert_eq!(said, "refresh_root row public/256: a number is out of range");

    let user = numbered(1).user;
    let events = async |store: &Postgres| store.event_list(&app, &user, 9).await.err();
    let said = report(&database, "event SET kind = 'party' WHERE kind = 'session.created'", events).await;
    assert!(said.starts_with(&format!("event row public/{user}/{}/", NOW.as_millis())), "{said}");
    assert!(said.ends_with(": no kind of event that we know"), "{said}");
    let said = report(&database, "event SET tenant_id = NULL", events).await;
    assert!(said.ends_with(": a handle is there in part"), "{said}");
}

#[tokio::test]
async fn a_tenant_or_metadata_that_makes_no_sense_is_refused() {
    let (database, app) = (database(), AppId::public());
    let cases = [
        ("revision = 4294967296", "public/public", "a number is out of range"),
        ("settings = '{\"secret\": '", "public/public", "its settings are no JSON object"),
        ("tenant_id = 'T'", "public/T", "no name of a tenant"),
        ("app_id = ''", "/public", "no name of an app"),
    ];
    for (change, key, why) in cases {
        let list = async |store: &Postgres| store.tenant_list(None).await.err();
        assert_eq!(report(&database, &format!("tenant SET {change}"), list).await, format!("tenant row {key}: {why}"));
    }
    let why = "user_metadata row public/zoe: metadata is no JSON object";
    let find = async |store: &Postgres| store.metadata_find(&app, &"zoe".into()).await.err();
    assert_eq!(report(&database, "user_metadata SET metadata = '[]'", find).await, why);
    // nor is it merged into: what is there would be lost
    let merge = async |store: &Postgres| store.metadata_merge(&app, &"zoe".into(), &JsonObject::new()).await.err();
    assert_eq!(report(&database, "user_metadata SET metadata = '{'", merge).await, why);
}
