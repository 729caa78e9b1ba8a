//! Rows that make no sense are reported, not guessed.

use hallpass_engine::{
    event::EventKind,
    id::{AppId, Tenant, UserId},
    keys::{Algorithm, KeyRecord},
    roles::{Assigned, Unassigned},
    session::{JsonObject, KeyFamily},
    store::{RoleStore, RootRecord, Store, StoreError, TenantStore, UserStore},
    tenancy::TenantRecord,
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
    let tenant = TenantRecord { tenant: Tenant::public(), settings: JsonObject::new(), revision: 1, created_at: NOW };
    store.tenant_insert(&tenant).await.unwrap();
    give(&store).await;
    store.metadata_merge(&AppId::public(), &zoe(), &JsonObject::new()).await.unwrap();
    assert!(read(&store).await.is_none());
    let changed = Connection::open(&path).unwrap().execute(sql, ()).unwrap();
    assert!(changed > 0, "{sql}");
    let error = read(&store).await.unwrap_or_else(|| panic!("not refused: {sql}"));
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    error.to_string()
}

fn zoe() -> UserId {
    "zoe".into()
}

/// Makes the role `admin`, and gives it to a user.
async fn give(store: &Sqlite) {
    store.role_put(&AppId::public(), "admin", &["write".into()]).await.unwrap();
    assert_eq!(store.role_assign(&Tenant::public(), &zoe(), "admin").await.unwrap(), Assigned::Now);
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

#[tokio::test]
async fn a_tenant_that_makes_no_sense_is_refused() {
    let cases = [
        ("revision = -1", "public/public", "a number is out of range"),
        ("revision = 4294967296", "public/public", "a number is out of range"),
        ("settings = '[]'", "public/public", "its settings are no JSON object"),
        ("settings = '{\"secret\": '", "public/public", "its settings are no JSON object"),
        ("tenant_id = 'T'", "public/T", "no name of a tenant"),
        ("app_id = ''", "/public", "no name of an app"),
    ];
    for (change, key, why) in cases {
        let sql = format!("UPDATE tenant SET {change}");
        let said = report(&sql, async |store| store.tenant_list(None).await.err()).await;
        assert_eq!(said, format!("tenant row {key}: {why}"));
    }
    let found = report("UPDATE tenant SET settings = 'null'", async |store| store.tenant_find(&Tenant::public()).await.err());
    assert_eq!(found.await, "tenant row public/public: its settings are no JSON object");
}

#[tokio::test]
async fn a_role_that_makes_no_sense_is_refused() {
    let (app, public) = (AppId::public(), Tenant::public());
    let why = "a text is not UTF-8";
    let said = report("UPDATE role SET role = CAST(x'ff' AS TEXT)", async |store| store.role_list(&app).await.err());
    assert_eq!(said.await, format!("role row public/ff: {why}"));

    let permissions = "UPDATE role_permission SET permission = CAST(x'ff' AS TEXT)";
    let said = report(permissions, async |store| store.role_permissions(&app, "admin").await.err());
    assert_eq!(said.await, format!("role_permission row public/admin/ff: {why}"));
    let roles = "UPDATE role_permission SET role = CAST(x'ff' AS TEXT)";
    let said = report(roles, async |store| store.role_list_with_permission(&app, "write").await.err());
    assert_eq!(said.await, format!("role_permission row public/ff/write: {why}"));

    let users = "UPDATE user_role SET user_id = CAST(x'ff' AS TEXT)";
    let said = report(users, async |store| store.role_users(&public, "admin").await.err());
    assert_eq!(said.await, format!("user_role row public/public/ff/admin: {why}"));
    let held = "UPDATE user_role SET role = CAST(x'ff' AS TEXT)";
    let said = report(held, async |store| store.role_list_of_user(&public, &zoe()).await.err());
    assert_eq!(said.await, format!("user_role row public/public/zoe/ff: {why}"));
}

/// Nor is it merged into: what is there would be lost.
#[tokio::test]
async fn metadata_that_makes_no_sense_is_refused() {
    let app = AppId::public();
    for broken in ["[]", "null", "{", ""] {
        let sql = format!("UPDATE user_metadata SET metadata = '{broken}'");
        let why = "user_metadata row public/zoe: metadata is no JSON object";
        assert_eq!(report(&sql, async |store| store.metadata_find(&app, &zoe()).await.err()).await, why);
        let merge = async |store: &Sqlite| store.metadata_merge(&app, &zoe(), &JsonObject::new()).await.err();
        assert_eq!(report(&sql, merge).await, why);
    }
}

#[tokio::test]
async fn what_is_left_over_of_a_role_goes_when_it_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hallpass.db");
    let store = Sqlite::open(&path).unwrap();
    let (app, public) = (AppId::public(), Tenant::public());
    for left_over in ["user_role", "role_permission"] {
        give(&store).await;
        let rest = ["role", "user_role", "role_permission"].into_iter().filter(|table| *table != left_over);
        for table in rest {
            Connection::open(&path).unwrap().execute(&format!("DELETE FROM {table}"), ()).unwrap();
        }
        assert_eq!(store.role_users(&public, "admin").await.unwrap(), None);
        assert_eq!(store.role_permissions(&app, "admin").await.unwrap(), None);
        assert_eq!(store.role_unassign(&public, &zoe(), "admin").await.unwrap(), Unassigned::UnknownRole);
        assert!(store.role_delete(&app, "admin").await.unwrap(), "{left_over}");
        assert!(!store.role_delete(&app, "admin").await.unwrap());
    }
    assert_eq!(store.role_list_of_user(&public, &zoe()).await.unwrap(), [""; 0]);
}
