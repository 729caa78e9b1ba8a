//! A rotation rewrites a row in its page and touches no index: otherwise the database grows with every refresh.

use std::{sync::Arc, time::Instant};

use hallpass_engine::store::Store;
use hallpass_store::Postgres;
use hallpass_testkit::postgres::Server;
use serde_json::json;

use super::{lineage, open, rotation, sql, still_patient};
use crate::{NOW, insert, numbered};

const SESSIONS: u32 = 2000;
const ROUNDS: u32 = 5;
const CALLERS: u32 = 8;

/// Neighbours in time are not neighbours on the disk. It has no divisor in common with the number of sessions.
const SCATTER: u32 = 797;

/// Of users who come back one after the other, as many at a time as there are connections.
#[tokio::test(flavor = "multi_thread")]
async fn rotations_are_heap_only_updates() {
    // of its own: whoever writes for long on the same server, be it in another database, keeps old versions from being cleared
    let server = Server::start();
    let database = server.database();
    let store = Arc::new(open(&database).await);
    let callers = async |rounds: std::ops::Range<u32>| {
        let tasks = (0..CALLERS).map(|caller| {
            let (store, rounds) = (store.clone(), rounds.clone());
            tokio::spawn(async move {
                for round in rounds {
                    for number in (caller..SESSIONS).step_by(CALLERS as usize) {
                        come(&store, number, round).await;
                    }
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    };
    callers(0..1).await;
    callers(1..ROUNDS + 1).await;
    drop(store); // a connection that ends tells its statistics

    let client = sql(&database.url()).await;
    let statistics = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'session'";
    let started = Instant::now();
    let (updates, heap_only) = loop {
        let row = client.query_one(statistics, &[]).await.unwrap();
        let (updates, heap_only): (i64, i64) = (row.get(0), row.get(1));
        if updates == i64::from(SESSIONS * ROUNDS) {
            break (updates, heap_only);
        }
        still_patient(started);
    };
    // 98 to 99 % were seen; the rest came too soon after others in their page. With an index on what a rotation writes it is none
    assert!(heap_only * 100 >= updates * 90, "{heap_only} of {updates}");
}

/// Signs in at first, and then rotates.
async fn come(store: &Postgres, number: u32, round: u32) {
    let mut session = numbered(if round == 0 { number } else { number * SCATTER % SESSIONS });
    session.lineage = lineage(&session, 0);
    session.payload.insert("claims".into(), json!("x".repeat(200)));
    match round.checked_sub(1) {
        None => assert!(insert(store, &session).await.unwrap()),
        Some(generation) => {
            assert!(store.session_rotate(&session.key, &rotation(&session, generation), NOW).await.unwrap().is_some());
        }
    }
}
