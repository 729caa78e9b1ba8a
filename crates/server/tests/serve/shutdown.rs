//! Stopping: nobody new gets in, and what is under way is finished.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::running::{Running, answer, get};

#[tokio::test]
async fn a_request_under_way_is_answered_and_nobody_new_gets_in() {
    let mut server = Running::with(&[]).await;
    let waiting = server.waiting().await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    idle.write_all(get("/").replace("close", "keep-alive").as_bytes()).await.unwrap();
    let mut first = Vec::new();
    while !first.ends_with(b"the app") {
        assert!(idle.read_buf(&mut first).await.unwrap() > 0);
    }
    server.stop();
    assert_eq!(answer(&mut idle).await, "", "a connection without a request is closed");
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await; // the socket closes at once, but not within our own step
    }
    assert!(!server.ended.is_finished());
    server.gates.open.notify_one();
    assert!(waiting.await.unwrap().ends_with("waited"));
    server.ended.await.unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_end_is_broken_off_after_the_grace() {
    let mut server = Running::with(&[("HALLPASS_SHUTDOWN_GRACE", "20ms")]).await;
    let _waiting = server.waiting().await;
    server.stop();
    server.ended.await.unwrap();
}

#[tokio::test]
async fn the_other_door_closes_too() {
    let mut server = Running::with(&[("HALLPASS_ADMIN_LISTEN", "127.0.0.1:0")]).await;
    server.stop();
    server.ended.await.unwrap();
    assert!(TcpStream::connect(server.admin.unwrap()).await.is_err());
}
