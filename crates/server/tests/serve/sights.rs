//! What those see who look after the server.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use hallpass_engine::store::StoreError;
use hallpass_server::serve::Ping;

use crate::running::{Running, get, says, status};

const KEY: &str = "kkkkkkkkkkkkkkkkkkkkkkkk";

#[tokio::test]
async fn readiness_follows_the_database_and_liveness_does_not() {
    let is_there = Arc::new(AtomicBool::new(false));
    let ping: Ping = {
        let is_there = is_there.clone();
        Arc::new(move || {
            let answer =
                if is_there.load(Ordering::SeqCst) { Ok(None) } else { Err(StoreError::Unavailable("no route to hunter2".into())) };
            Box::pin(async move { answer })
        })
    };
    let server = Running::pinged(&[], ping.clone()).await;
    let away = server.get("/ready").await;
    assert!(status(&away) == 503 && away.ends_with("the database does not answer\n"), "{away}");
    assert_eq!(status(&server.get("/live").await), 200);
    is_there.store(true, Ordering::SeqCst);
    let server = Running::pinged(&[], ping).await;
    assert!(server.get("/ready").await.ends_with("ready\n"));
}

#[tokio::test]
async fn metrics_are_for_holders_of_a_key_and_for_the_other_door() {
    let server = Running::with(&[("HALLPASS_API_KEYS", KEY), ("HALLPASS_ADMIN_LISTEN", "127.0.0.1:0")]).await;
    server.get("/recipe/session").await;
    assert_eq!(status(&server.get("/metrics").await), 401);
    for header in ["api-key: ", "authorization: Bearer "] {
        let with = |key: &str| get("/metrics").replace("host: test", &format!("host: test\r\n{header}{key}"));
        assert_eq!(status(&server.says(with("wrong")).await), 401);
        let seen = server.says(with(KEY)).await;
        assert!(status(&seen) == 200 && seen.contains("hallpass_requests_total{operation=\"other\",status=\"200\"} 1"), "{seen}");
    }
    let admin = server.admin.unwrap();
    let seen = says(admin, get("/metrics")).await;
    assert!(seen.contains("content-type: application/openmetrics-text") && seen.trim_end().ends_with("# EOF"), "{seen}");
    assert_eq!(status(&says(admin, get("/ready")).await), 200);
    assert_eq!(status(&says(admin, get("/recipe/session")).await), 404, "the other door leads nowhere else");
}

#[tokio::test]
async fn without_keys_nobody_sees_metrics_through_the_public_door() {
    let server = Running::with(&[]).await;
    assert_eq!(status(&server.get("/metrics").await), 404);
}

#[tokio::test]
async fn overload_and_slow_requests_are_counted() {
    let server = Running::with(&[("HALLPASS_MAX_REQUESTS", "1")]).await;
    let waiting = server.waiting().await;
    server.get("/").await;
    let text = server.metrics_text();
    assert!(text.contains("hallpass_overloads_total 1") && text.contains("hallpass_requests_in_flight 1"), "{text}");
    server.gates.open.notify_one();
    waiting.await.unwrap();
    let text = server.metrics_text();
    assert!(text.contains("hallpass_requests_total{operation=\"other\",status=\"503\"} 1"), "{text}");
    assert!(text.contains("hallpass_request_duration_seconds_count{operation=\"other\"} 2"), "{text}");
}

#[tokio::test]
async fn a_request_keeps_its_name_in_the_answer() {
    let server = Running::with(&[]).await;
    let named = server.says(get("/").replace("host: test", "host: test\r\nx-request-id: journey-7")).await;
    assert!(named.contains("x-request-id: journey-7\r\n"), "{named}");
    let odd = server.says(get("/").replace("host: test", "host: test\r\nx-request-id: a b\"c")).await;
    assert!(!odd.contains("a b") && odd.contains("x-request-id: "), "{odd}");
}

#[tokio::test]
async fn health_lies_below_the_base_path() {
    let server = Running::with(&[("HALLPASS_BASE_PATH", "/auth")]).await;
    assert_eq!(status(&server.get("/auth/live").await), 200);
    assert!(server.get("/live").await.ends_with("the app"), "that is for the handlers to refuse");
}
