//! Limits: of number, size and time.

use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::running::{Running, answer, get, status};

#[tokio::test]
async fn too_many_requests_are_turned_away_at_once_and_let_in_again_later() {
    let server = Running::with(&[("HALLPASS_MAX_REQUESTS", "1")]).await;
    let waiting = server.waiting().await;
    let refused = server.get("/").await;
    assert_eq!(status(&refused), 503, "{refused}");
    assert!(refused.contains("retry-after: 1\r\n") && refused.ends_with("There are too many requests at the moment.\n"), "{refused}");
    assert_eq!(status(&server.get("/live").await), 200, "whoever looks after the process still gets an answer");
    assert_eq!(status(&server.get("/ready").await), 200);
    server.gates.open.notify_one();
    assert!(waiting.await.unwrap().ends_with("waited"));
    assert!(server.get("/").await.ends_with("the app"));
}

#[tokio::test]
async fn a_long_body_is_refused_with_a_sentence_whether_or_not_it_says_its_length() {
    let server = Running::with(&[("HALLPASS_MAX_BODY_BYTES", "1024")]).await;
    let head = "POST /echo HTTP/1.1\r\nhost: test\r\nconnection: close\r\n";
    let fits = "x".repeat(1024);
    let taken = server.says(format!("{head}content-length: 1024\r\n\r\n{fits}")).await;
    assert!(status(&taken) == 200 && taken.ends_with(&fits), "{taken}");
    let announced = server.says(format!("{head}content-length: 1025\r\n\r\n")).await;
    let chunked = server.says(format!("{head}transfer-encoding: chunked\r\n\r\n401\r\n{fits}x\r\n0\r\n\r\n")).await;
    for refused in [announced, chunked] {
        assert_eq!(status(&refused), 413, "{refused}");
        assert!(refused.ends_with("The request body is longer than 1024 bytes.\n"), "{refused}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_reason_to_stumble() {
    let server = Running::with(&[]).await;
    let mut connection = TcpStream::connect(server.address).await.unwrap();
    connection.write_all(b"POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\n\r\nhalf").await.unwrap();
    connection.shutdown().await.unwrap();
    let said = answer(&mut connection).await;
    assert!(matches!(status(&said), 0 | 400), "{said}");
    assert!(server.get("/").await.ends_with("the app"));
}

#[tokio::test]
async fn a_head_that_is_too_long_or_garbage_is_refused() {
    let server = Running::with(&[("HALLPASS_MAX_HEADER_BYTES", "8192")]).await;
    let long = server.says(format!("GET / HTTP/1.1\r\nhost: test\r\nx: {}\r\n\r\n", "x".repeat(9000))).await;
    assert_eq!(status(&long), 431, "{long}");
    let garbage = server.says("\u{16}\u{3}\u{1} hello\r\n\r\n").await;
    assert_eq!(status(&garbage), 400, "{garbage}");
    assert!(server.get("/").await.ends_with("the app"));
}

#[tokio::test]
async fn whoever_does_not_finish_a_request_is_cut_off() {
    let server = Running::with(&[("HALLPASS_HEADER_TIMEOUT", "20ms")]).await;
    for begun in ["", "GET / HT"] {
        let mut connection = TcpStream::connect(server.address).await.unwrap();
        connection.write_all(begun.as_bytes()).await.unwrap();
        let said = answer(&mut connection).await;
        assert!(matches!(status(&said), 0 | 408), "{said}");
    }
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_given_up_and_makes_room() {
    let server = Running::with(&[("HALLPASS_REQUEST_TIMEOUT", "20ms"), ("HALLPASS_MAX_REQUESTS", "1")]).await;
    let slow = server.get("/wait").await;
    assert_eq!(status(&slow), 503, "{slow}");
    assert!(slow.contains("retry-after: 1") && slow.ends_with("The request took too long.\n"), "{slow}");
    let starved = server.says("POST /echo HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: 9\r\n\r\nhalf").await;
    assert_eq!(status(&starved), 503, "{starved}");
    assert!(server.get("/").await.ends_with("the app"));
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_until_one_ends() {
    let server = Running::with(&[("HALLPASS_MAX_CONNECTIONS", "1")]).await;
    let waiting = server.waiting().await;
    let mut second = TcpStream::connect(server.address).await.unwrap();
    second.write_all(get("/").as_bytes()).await.unwrap();
    for _ in 0..1000 {
        tokio::task::yield_now().await; // time enough for the server to let it in, if it would
    }
    assert!(server.metrics_text().contains("hallpass_connections 1"));
    server.gates.open.notify_one();
    assert!(waiting.await.unwrap().ends_with("waited"));
    assert!(answer(&mut second).await.ends_with("the app"));
}

#[tokio::test]
async fn a_bug_in_a_handler_ends_one_request_and_nothing_else() {
    let server = Running::with(&[("HALLPASS_MAX_REQUESTS", "1")]).await;
    let broken = server.get("/panic").await;
    assert_eq!(status(&broken), 500, "{broken}");
    assert!(!broken.contains("a bug"), "{broken}");
    assert!(server.get("/").await.ends_with("the app"));
}
