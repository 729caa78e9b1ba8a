//! Rows that make no sense are reported, not guessed.

use hallpass_engine::{
    event::EventKind,
    id::AppId,
    keys::{Algorithm, KeyRecord},
    session::KeyFamily,
    store::{RootRecord, Store, StoreError},
};
use hallpass_store::Sqlite;
use rusqlite::Connection;

use crate::{NOW, event, insert, numbered};

const KEY: &str = "public/public/00000001000000000000000000000000";

/// What a store says about a database in which `sql` has broken a row.
async fn report(sql: &str, read: impl AsyncFn(&Sqlite) -> Option<StoreError>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hallpass.db");
    let store = Sqlite::open(&path).unwrap();
    let session = numbered(1);
    insert(&store, &session).await.unwrap();
    let key = KeyRecord {
        app: AppId::public(),
        family: KeyFamily::Dynamic,
        sequence: 1,
        kid: "d-1".into(),
        algorithm: Algorithm::Es256,
        sealed: vec![1],
        created_at: NOW,
    };
    store.key_insert(&key, &event(EventKind::KeyCreated, &session)).await.unwrap();
    store.root_insert(&RootRecord { app: AppId::public(), id: 1, sealed: vec![1] }).await.unwrap();
    assert!(read(&store).await.is_none());
    let changed = Connection::open(&path).unwrap().execute(sql, ()).unwrap();
    assert!(changed > 0, "{sql}");
    let error = read(&store).await.unwrap_or_else(|| panic!("not refused: {sql}"));
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_session_that_makes_no_sense_is_refused() {
    let cases = [
        ("gen = -1", "a number is out of range"),
        ("gen = 4294967296", "a number is out of range"),
        ("key_family = 'elastic'", "no family of signing keys"),
        ("current_hash = x'00'", "a hash, salt or id has the wrong length"),
        ("retired_hash = zeroblob(32)", "the retired token is there in part"),
        ("retired_until_ms = 1", "the retired token is there in part"),
        ("payload = '[]'", "payload or data is no JSON object"),
        ("data = '{'", "payload or data is no JSON object"),
        ("data = CAST(x'7b2261223a22ff227d' AS TEXT)", "payload or data is no JSON object"),
    ];
    let key = numbered(1).key;
    for (change, why) in cases {
        let said = report(&format!("UPDATE session SET {change}"), async |store| store.session_find(&key).await.err()).await;
        assert_eq!(said, format!("session row {KEY}: {why}"));
    }
    let renamed = [
        ("tenant_id = 'T'", "public/T/00000001000000000000000000000000", "no name of a tenant"),
        ("handle = x'ff'", "public/public/ff", "a hash, salt or id has the wrong length"),
        ("tenant_id = CAST(x'ff0a' AS TEXT)", "public/ff0a/00000001000000000000000000000000", "a text is not UTF-8"),
    ];
    for (change, key, why) in renamed {
        let sql = format!("UPDATE session SET {change}");
        let user = numbered(1).user;
        let listed = report(&sql, async |store| store.session_list(&AppId::public(), None, &user, NOW).await.err());
        assert_eq!(listed.await, format!("session row {key}: {why}"));
        let swept = report(&sql, async |store| store.session_sweep(None, 10, NOW).await.err());
        assert_eq!(swept.await, format!("session row {key}: {why}"));
    }
}

#[tokio::test]
async fn a_key_root_or_event_that_makes_no_sense_is_refused() {
    let app = AppId::public();
    let keys = async |store: &Sqlite| store.key_list(&app).await.err();
    let said = report("UPDATE signing_key SET algorithm = 'none'", keys).await;
    assert_eq!(said, "signing_key row public/dynamic/1: no algorithm that we know");
    let said = report("UPDATE signing_key SET sequence = -1", keys).await;
    assert_eq!(said, "signing_key row public/dynamic/-1: a number is out of range");

    let roots = async |store: &Sqlite| store.root_list(&app).await.err();
    let said = report("UPDATE refresh_root SET id = 256", roots).await;
    assert_eq!(said, "refresh_root row public/256: a number is out of range");

    let user = numbered(1).user;
    let events = async |store: &Sqlite| store.event_list(&app, &user, 9).await.err();
    let said = report("UPDATE event SET kind = 'party' WHERE kind = 'session.created'", events).await;
    assert!(said.starts_with(&format!("event row public/{user}/{}/", NOW.as_millis())), "{said}");
    assert!(said.ends_with(": no kind of event that we know"), "{said}");
    let said = report("UPDATE event SET tenant_id = NULL", events).await;
    assert!(said.ends_with(": a handle is there in part"), "{said}");
}
