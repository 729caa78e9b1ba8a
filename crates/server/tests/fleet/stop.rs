//! A server is told to stop under load.

use hallpass_testkit::postgres;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};
use tokio_postgres::NoTls;

use crate::{
    caller::{Caller, eventually, refreshing, token},
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
    TcpStream::connect(node.address).await.is_err()
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
    nodes[0].signal("-TERM");
    eventually("nobody new gets in", async || refuses_connections(&nodes[0]).await).await;
    sql.batch_execute("COMMIT").await.unwrap();
    for answer in answers.join_all().await {
        assert_eq!(answer["status"], "OK", "{answer}");
        assert_eq!(caller.refresh(other, token(&answer, "refreshToken")).await["status"], "OK");
    }
    assert_eq!(nodes[0].ended().code(), Some(0), "{}", nodes[0].log());
}

#[tokio::test]
async fn what_was_sent_before_is_answered_although_nobody_has_read_it() {
    let database = postgres::database();
    let mut nodes = Setup::new(database.url()).start(2);
    let (stopped, other) = (nodes[0].address, nodes[1].address);
    let caller = Caller::new("5.6");
    let connect = async || TcpStream::connect(stopped).await.unwrap();
    let mut connections = Vec::new();
    for _ in 0..5 {
        connections.push(connect().await); // silent so far
        let mut kept_alive = connect().await;
        kept_alive.write_all(b"GET /live HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"live\n") {
            assert!(kept_alive.read_buf(&mut answer).await.unwrap() > 0);
        }
        connections.push(kept_alive);
    }
    let mut tokens = Vec::new();
    for number in 0..15 {
        tokens.push(token(&caller.sign_in(other, &format!("u{number}")).await, "refreshToken").to_owned());
    }
    nodes[0].signal("-STOP");
    for _ in 0..5 {
        connections.push(connect().await); // the system accepts it for the server
    }
    for (connection, token) in connections.iter_mut().zip(&tokens) {
        let body = refreshing(token).to_string();
        let head = format!("POST /recipe/session/refresh HTTP/1.1\r\nhost: test\r\ncdi-version: 5.6\r\ncontent-length: {}", body.len());
        connection.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await.unwrap();
    }
    nodes[0].signal("-TERM");
    nodes[0].signal("-CONT");
    for (number, connection) in connections.iter_mut().enumerate() {
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap_or_else(|error| panic!("{number}: {error}"));
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains(r#""status":"OK""#), "{number}: {answer}");
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
        node.signal("-TERM");
        assert_eq!(node.ended().code(), Some(0), "{}", node.log());
        node.start_again();
        load.goes_on(200).await;
    }
    let seen = load.settle().await;
    let mishaps = seen.mishaps.lock().unwrap();
    let unavailable: Vec<_> = mishaps.iter().filter(|(_, what)| what.contains("503")).collect();
    assert!(unavailable.is_empty(), "{unavailable:?}");
}
