//! What the server undoes because of others is done again at once, five times at most.

use std::time::Instant;

use hallpass_engine::{
    id::{AppId, Tenant, UserId},
    roles::Assigned,
    session::JsonObject,
    store::{RoleStore, Store, StoreError, UserStore},
};
use hallpass_testkit::postgres::{Database, database};
use tokio_postgres::Client;

use super::{lineage, open, rotation, sql, still_patient};
use crate::{NOW, insert, numbered};

/// From now on the first `times` changes of a table fail, as if others had been in the way.
async fn fail(database: &Database<'_>, table: &str, state: &str, times: i64) -> Client {
    let db = sql(&database.url()).await;
    db.batch_execute(&format!(
        "SET search_path TO hallpass;
         DROP SEQUENCE IF EXISTS tries; CREATE SEQUENCE tries;
         CREATE OR REPLACE FUNCTION fail() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('hallpass.tries') <= {times} THEN RAISE 'others were faster' USING ERRCODE = '{state}'; END IF;
             RETURN NEW;
         END $$;
         CREATE OR REPLACE TRIGGER fail BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION fail()"
    ))
    .await
    .unwrap();
    db
}

async fn tries(db: &Client) -> i64 {
    db.query_one("SELECT last_value FROM tries", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_statement_is_tried_five_times() {
    let database = database();
    let store = open(&database).await;
    let mut session = numbered(1);
    session.lineage = lineage(&session, 0);
    assert!(insert(&store, &session).await.unwrap());
    for state in ["40001", "40P01"] {
        let db = fail(&database, "session", state, 5).await;
        let outcome = store.session_rotate(&session.key, &rotation(&session, 0), NOW).await;
        assert!(matches!(outcome, Err(StoreError::Contended)), "{outcome:?}");
        assert_eq!(tries(&db).await, 5);
    }
    let db = fail(&database, "session", "40001", 4).await;
    assert!(store.session_rotate(&session.key, &rotation(&session, 0), NOW).await.unwrap().is_some());
    assert_eq!(tries(&db).await, 5);
}

#[tokio::test]
async fn a_transaction_is_tried_five_times_from_the_start() {
    let database = database();
    let store = open(&database).await;
    let (app, user) = (AppId::public(), "zoe".into());
    let update = JsonObject::from_iter([("a".to_owned(), 1.into())]);
    assert_eq!(store.metadata_merge(&app, &user, &update).await.unwrap(), update);
    let db = fail(&database, "user_metadata", "40001", 5).await;
    let outcome = store.metadata_merge(&app, &user, &update).await;
    assert!(matches!(outcome, Err(StoreError::Contended)), "{outcome:?}");
    assert_eq!(tries(&db).await, 5);
    fail(&database, "user_metadata", "40P01", 4).await;
    assert_eq!(store.metadata_merge(&app, &user, &update).await.unwrap(), update);
}

/// It waits for whoever deletes the role, and then finds it gone.
#[tokio::test]
async fn a_role_is_not_given_while_it_is_being_deleted() {
    let database = database();
    let store = open(&database).await;
    let (tenant, user) = (Tenant::public(), UserId::from("zoe"));
    assert!(store.role_put(&tenant.app, "admin", &[]).await.unwrap());
    let mut db = sql(&database.url()).await;
    let deletion = db.transaction().await.unwrap();
    deletion.batch_execute("DELETE FROM hallpass.role; DELETE FROM hallpass.user_role").await.unwrap();
    let giving = tokio::spawn({
        let (store, tenant, user) = (store.clone(), tenant.clone(), user.clone());
        async move { store.role_assign(&tenant, &user, "admin").await.unwrap() }
    });
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hallpass' AND datname = current_database() AND wait_event_type = 'Lock'";
    let started = Instant::now();
    while deletion.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        assert!(!giving.is_finished(), "it did not wait");
        still_patient(started);
        deletion.batch_execute("SELECT pg_stat_clear_snapshot()").await.unwrap();
    }
    deletion.commit().await.unwrap();
    assert_eq!(giving.await.unwrap(), Assigned::UnknownRole);
    assert_eq!(store.role_list_of_user(&tenant, &user).await.unwrap(), [""; 0]);
}
