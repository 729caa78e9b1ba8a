//! A server is told to stop under load.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use hallpass_testkit::postgres;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

use crate::{
    caller::{Caller, Silence, eventually, refreshing, token},
    load::Load,
    node::{Node, Setup},
};

/// A connection to the database, beside those of the servers.
async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn refuses_connections(node: &Node) -> bool {
    tokio::net::TcpStream::connect(node.address).await.is_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_the_database_is_answered_before_the_server_ends() {
    const WAITING: i64 = 6;
    let database = postgres::database();
    let mut nodes = Setup::new(database.url()).start(2);
    let (stopped, other) = (nodes[0].address, nodes[1].address);
    let caller = Caller::new("5.6");
    let mut tokens = Vec::new();
    for number in 0..WAITING {
        tokens.push(token(&caller.sign_in(stopped, &format!("u{number}")).await, "refreshToken").to_owned());
    }
    let sql = connect(&database.url()).await;
    sql.batch_execute("BEGIN; LOCK TABLE hallpass.session IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut answers = JoinSet::new();
    for token in tokens {
        let caller = caller.clone();
        answers.spawn(async move { caller.refresh(stopped, &token).await });
    }
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let observer = connect(&database.url()).await; // a transaction would see the same activity all the time
    let all_wait = async || observer.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == WAITING;
    eventually("all wait", all_wait).await;
    nodes[0].terminate();
    eventually("nobody new gets in", async || refuses_connections(&nodes[0]).await).await;
    sql.batch_execute("COMMIT").await.unwrap();
    for answer in answers.join_all().await {
        assert_eq!(answer["status"], "OK", "{answer}");
        assert_eq!(caller.refresh(other, token(&answer, "refreshToken")).await["status"], "OK");
    }
    assert_eq!(nodes[0].ended().code(), Some(0), "{}", nodes[0].log());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_before_is_answered_although_the_server_stops() {
    let database = postgres::database();
    let mut nodes = Setup::new(database.url()).start(2);
    let (stopped, other) = (nodes[0].address, nodes[1].address);
    let told_to_stop_at = Arc::<OnceLock<Instant>>::default();
    let mut clients = JoinSet::new();
    for number in 0..16 {
        let (caller, told_to_stop_at) = (Caller::without_keep_alive("5.6"), told_to_stop_at.clone());
        clients.spawn(async move {
            let mut session = caller.sign_in(stopped, &format!("u{number}")).await;
            loop {
                let body = refreshing(token(&session, "refreshToken"));
                let asked_at = Instant::now();
                match caller.call(stopped, http::Method::POST, "/recipe/session/refresh", &body).await {
                    Ok(answer) => session = answer.json(),
                    Err(Silence::Refused) => break,
                    // whoever comes while the socket is being closed may still be turned away
                    Err(Silence::Broken(why)) => {
                        let told_to_stop_at = told_to_stop_at.get().unwrap_or_else(|| panic!("{why}"));
                        assert!(asked_at > *told_to_stop_at, "broken off: {why}");
                    }
                }
            }
            let after: Value = caller.refresh(other, token(&session, "refreshToken")).await;
            assert_eq!(after["status"], "OK", "{after}");
        });
    }
    let sql = connect(&database.url()).await;
    let rotated = "SELECT count(*) FROM hallpass.session WHERE gen >= 3";
    let all_refresh = async || sql.query_one(rotated, &[]).await.unwrap().get::<_, i64>(0) == 16;
    eventually("all refresh", all_refresh).await;
    told_to_stop_at.set(Instant::now()).unwrap();
    nodes[0].terminate();
    while let Some(done) = clients.join_next().await {
        done.unwrap();
    }
    assert_eq!(nodes[0].ended().code(), Some(0), "{}", nodes[0].log());
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_are_replaced_one_after_the_other_and_clients_only_notice_closed_connections() {
    let database = postgres::database();
    let mut nodes = Setup::new(database.url()).start(2);
    let load = Load::start(16, &nodes);
    load.goes_on(200).await;
    for node in &mut nodes {
        node.terminate();
        assert_eq!(node.ended().code(), Some(0), "{}", node.log());
        node.start_again();
        load.goes_on(200).await;
    }
    let seen = load.settle().await;
    let mishaps = seen.mishaps.lock().unwrap();
    let unavailable: Vec<_> = mishaps.iter().filter(|(_, what)| what.contains("503")).collect();
    assert!(unavailable.is_empty(), "{unavailable:?}");
}
