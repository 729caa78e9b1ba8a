//! The server is killed, does not answer, loses an answer, or turns read-only: what was acknowledged stays, what is not known
//! is said to be unavailable, and it comes back by itself.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use hallpass_engine::{
    event::EventKind,
    session::Session,
    store::{Store, StoreError},
};
use hallpass_store::Postgres;
use hallpass_testkit::postgres::{Database, Server, database};
use tokio::{sync::Notify, time::Instant};

use super::{
    CONNECTIONS, ONE, SCHEMA, lineage, open,
    proxy::{Mode, Proxy},
    rotation, sql, still_patient, unavailable,
};
use crate::{NOW, event, insert, numbered};

const KILLS: usize = 3;
const WRITERS: u32 = 16;
const ROTATIONS_PER_KILL: usize = 300;

/// A session whose token is the first of its line.
fn fresh(number: u32) -> Session {
    let mut session = numbered(number);
    session.lineage = lineage(&session, 0);
    session
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_9_and_the_store_comes_back_by_itself() {
    let server = Server::start();
    let database = server.database();
    let store = Arc::new(open(&database).await);
    let mut acknowledged = Vec::new();
    for number in 0..WRITERS {
        let session = fresh(number);
        assert!(insert(&*store, &session).await.unwrap());
        acknowledged.push((session, 0));
    }
    for _ in 0..KILLS {
        let (count, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let writers = acknowledged.drain(..).map(|(session, generation)| {
            let (store, count, enough) = (store.clone(), count.clone(), enough.clone());
            tokio::spawn(async move {
                let last = rotate_until_unavailable(&store, &session, generation, || {
                    if count.fetch_add(1, Ordering::SeqCst) == ROTATIONS_PER_KILL {
                        enough.notify_one();
                    }
                });
                (last.await, session)
            })
        });
        let writers: Vec<_> = writers.collect();
        enough.notified().await;
        server.kill();
        for writer in writers {
            let (last, session) = writer.await.unwrap();
            acknowledged.push((session, last));
        }
        unavailable(store.session_find(&acknowledged[0].0.key).await);
        unavailable(insert(&*store, &fresh(WRITERS)).await);

        server.restart();
        for (session, last) in &mut acknowledged {
            let found = store.session_find(&session.key).await.unwrap().unwrap();
            let generation = found.lineage.generation;
            // one more may have happened that nobody was told of
            assert!(generation == *last || generation == *last + 1, "{last} was acknowledged, and it is {generation}");
            assert_eq!(found.lineage, lineage(session, generation));
            *last = generation;
        }
    }
}

/// The last generation that was acknowledged.
async fn rotate_until_unavailable(store: &Postgres, session: &Session, start: u32, rotated: impl Fn()) -> u32 {
    for generation in start.. {
        match store.session_rotate(&session.key, &rotation(session, generation), NOW).await {
            Ok(Some(_)) => rotated(),
            Ok(None) => panic!("an acknowledged rotation is gone"),
            Err(StoreError::Unavailable(_)) => return generation,
            Err(other) => panic!("{other}"),
        }
    }
    unreachable!("generations do not end")
}

async fn through_proxy(database: &Database<'_>, connections: NonZeroUsize) -> (Postgres, Proxy) {
    let proxy = Proxy::start(database.server().port()).await;
    let store = Postgres::connect(&database.url_through(proxy.port()), connections, SCHEMA).await.unwrap();
    (store, proxy)
}

/// Its second try then misses, and the row holds its own child: the engine's judgement is that it rotated.
#[tokio::test]
async fn a_rotation_whose_answer_was_lost_has_happened() {
    let database = database();
    let (store, proxy) = through_proxy(&database, ONE).await;
    let session = fresh(1);
    assert!(insert(&store, &session).await.unwrap());
    assert!(store.session_rotate(&session.key, &rotation(&session, 0), NOW).await.unwrap().is_some(), "it is prepared");

    proxy.set(Mode::LoseAnswer);
    unavailable(store.session_rotate(&session.key, &rotation(&session, 1), NOW).await);
    proxy.set(Mode::Forward);
    assert_eq!(store.session_rotate(&session.key, &rotation(&session, 1), NOW).await.unwrap(), None);
    let found = store.session_find(&session.key).await.unwrap().unwrap();
    assert_eq!(found.lineage.current, rotation(&session, 1).next.current);
}

#[tokio::test]
async fn a_rotation_whose_request_was_lost_happens_at_the_second_try() {
    let database = database();
    let (store, proxy) = through_proxy(&database, ONE).await;
    let session = fresh(1);
    assert!(insert(&store, &session).await.unwrap());
    proxy.set(Mode::LoseRequest);
    unavailable(store.session_rotate(&session.key, &rotation(&session, 0), NOW).await);
    proxy.set(Mode::Forward);
    assert!(store.session_rotate(&session.key, &rotation(&session, 0), NOW).await.unwrap().is_some());
}

/// The time is moved: nobody really waits.
#[tokio::test]
async fn nobody_waits_for_ever_and_a_connection_that_missed_its_deadline_is_given_up() {
    let database = database();
    let (store, proxy) = through_proxy(&database, ONE).await;
    let session = fresh(1);
    assert!(insert(&store, &session).await.unwrap());
    proxy.connections();

    proxy.set(Mode::Silent);
    tokio::time::pause();
    let started = Instant::now();
    let (asked, beside) =
        tokio::join!(async { (unavailable(store.session_find(&session.key).await), started.elapsed().as_secs()) }, async {
            (unavailable(store.session_find(&session.key).await), started.elapsed().as_secs())
        },);
    tokio::time::resume();
    assert_eq!(asked, ("the server did not answer in time".to_owned(), 5));
    assert_eq!(beside, ("all connections are in use".to_owned(), 2));

    proxy.set(Mode::Forward);
    assert_eq!(store.session_find(&session.key).await.unwrap(), Some(session));
    assert_eq!(proxy.connections(), 1, "a new one");
}

#[tokio::test]
async fn while_the_server_is_away_one_caller_looks_and_the_others_are_told_at_once() {
    const CALLERS: usize = 10;
    let database = database();
    let (store, proxy) = through_proxy(&database, NonZeroUsize::new(4).unwrap()).await;
    let session = fresh(1);
    proxy.set(Mode::Silent);
    tokio::time::pause();
    let ask = || async {
        let started = Instant::now();
        (unavailable(store.session_find(&session.key).await), started.elapsed().as_secs())
    };
    // nobody knows yet
    let first = ask().await;
    assert_eq!(first, ("the server did not answer in time".to_owned(), 2));
    let mut all = Vec::new();
    futures_util::future::join_all((0..CALLERS).map(|_| ask())).await.into_iter().for_each(|told| all.push(told));
    tokio::time::resume();
    all.sort();
    let (looked, told) = all.split_first().unwrap();
    assert_eq!(*looked, first);
    assert_eq!(told, vec![("the server is away".to_owned(), 0); CALLERS - 1]);

    proxy.set(Mode::Forward);
    assert_eq!(store.session_find(&session.key).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_turns_read_only_is_left_until_it_writes_again() {
    let server = Server::start();
    let database = server.database();
    let store = open(&database).await;
    let session = fresh(1);
    assert!(insert(&store, &session).await.unwrap());
    let many = (0..CONNECTIONS.get()).map(|_| store.session_find(&session.key));
    assert!(futures_util::future::join_all(many).await.iter().all(Result::is_ok));
    let admin = sql(&database.url()).await;
    admin.batch_execute("SET default_transaction_read_only TO off").await.unwrap(); // this one goes on
    let read_only = async |value: &str| {
        admin.batch_execute(&format!("ALTER SYSTEM SET default_transaction_read_only TO {value}")).await.unwrap();
        admin.batch_execute("SELECT pg_reload_conf()").await.unwrap();
        // it is not told when a session has heard of it
        let started = std::time::Instant::now();
        loop {
            still_patient(started);
            let fresh = sql(&database.url()).await;
            if fresh.query_one("SHOW default_transaction_read_only", &[]).await.unwrap().get::<_, &str>(0) == value {
                break;
            }
        }
    };
    read_only("on").await;
    let mut generation = 0;
    let refused = loop {
        match store.session_rotate(&session.key, &rotation(&session, generation), NOW).await {
            Ok(rotated) => generation = rotated.unwrap().lineage.generation,
            refused => break unavailable(refused),
        }
    };
    assert_eq!(refused, "cannot execute UPDATE in a read-only transaction (SQLSTATE 25006)");
    let said = unavailable(store.session_find(&session.key).await);
    assert_eq!(said, "error connecting to server: database does not allow writes", "nor is it read from");
    read_only("off").await;
    let revoked = event(EventKind::SessionRevoked, &session);
    assert!(store.session_delete(&session.key, None, &revoked).await.unwrap());
}

#[tokio::test]
async fn a_connection_that_the_server_closed_fails_once_at_most() {
    let database = database();
    let store = open(&database).await;
    let session = fresh(1);
    assert!(insert(&store, &session).await.unwrap());
    let at_once = || futures_util::future::join_all((0..CONNECTIONS.get()).map(|_| store.session_find(&session.key)));
    for found in at_once().await {
        assert!(found.unwrap().is_some());
    }
    let admin = sql(&database.url()).await;
    let close =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hallpass' AND datname = current_database()";
    assert_eq!(admin.query(close, &[]).await.unwrap().len(), CONNECTIONS.get());
    for found in at_once().await {
        if found.is_err() {
            unavailable(found);
        }
    }
    for found in at_once().await {
        assert!(found.unwrap().is_some());
    }
}
