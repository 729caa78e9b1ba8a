//! Callers that go away, and several stores on one database.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
    time::Instant,
};

use hallpass_engine::{
    event::{Event, EventKind},
    store::{Inserted, Store, StoreError},
};
use hallpass_testkit::postgres::database;

use super::{open, sql, still_patient};
use crate::{NOW, event, insert, numbered};

#[tokio::test]
async fn a_write_happens_even_if_nobody_waits_for_it() {
    let database = database();
    let store = open(&database).await;
    let session = numbered(1);
    {
        let asked = pin!(insert(&store, &session));
        assert!(asked.poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    let started = Instant::now();
    while store.session_find(&session.key).await.unwrap().is_none() {
        still_patient(started);
    }
    assert!(!insert(&store, &session).await.unwrap(), "it is there already");
}

#[tokio::test]
async fn two_stores_on_one_database_see_each_others_writes() {
    let database = database();
    let (one, other) = (open(&database).await, open(&database).await);
    for number in 0..50 {
        let (writer, reader) = if number % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let session = numbered(number);
        assert!(insert(writer, &session).await.unwrap());
        assert_eq!(reader.session_find(&session.key).await.unwrap(), Some(session));
    }
}

#[tokio::test]
async fn the_clock_is_the_servers() {
    let database = database();
    let store = open(&database).await;
    let clock = sql(&database.url()).await;
    let now =
        async || -> i64 { clock.query_one("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT", &[]).await.unwrap().get(0) };
    let before = now().await;
    let told = store.ping().await.unwrap().unwrap().as_millis();
    assert!((before..=now().await).contains(&told));
}

/// It certainly did not happen, and trying again does not help: a 503 would be tried again for ever.
#[tokio::test]
async fn what_the_server_will_never_do_is_refused() {
    let database = database();
    let store = open(&database).await;
    let session = numbered(1);
    let unspeakable = Event { reason: Some("a\0b".into()), ..event(EventKind::SessionCreated, &session) };
    let refused = |outcome: Result<bool, StoreError>| match outcome {
        Err(StoreError::Refused(why)) => why.to_string(),
        other => panic!("{other:?}"),
    };
    let said = refused(store.session_insert(&session, &unspeakable).await.map(|inserted| inserted == Inserted::Now));
    assert_eq!(said, "invalid byte sequence for encoding \"UTF8\": 0x00 (SQLSTATE 22021)");
    assert_eq!(store.session_find(&session.key).await.unwrap(), None);

    let harm = sql(&database.url()).await;
    harm.batch_execute("ALTER TABLE hallpass.session ALTER data TYPE VARCHAR(1)").await.unwrap();
    let said = refused(insert(&store, &session).await);
    assert!(!said.contains("Failing row") && !said.contains('\n'), "{said}");
    harm.batch_execute("DROP TABLE hallpass.session").await.unwrap();
    let said = refused(store.session_set_data(&session.key, &session.data, NOW).await);
    assert_eq!(said, "relation \"session\" does not exist (SQLSTATE 42P01)");
}
