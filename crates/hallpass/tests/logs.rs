//! No token, nor anything that a token can be told by, occurs in what is logged.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

#[path = "it/watched.rs"]
#[allow(dead_code, reason = "shared with the other tests, which use the rest")]
mod watched;
#[path = "it/world.rs"]
#[allow(dead_code, reason = "shared with the other tests, which use the rest")]
mod world;

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::json;
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};
use world::*;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Captured {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// What must not be read in a log: the tokens, their parts that matter, and the hashes inside.
fn secrets(held: &Held) -> Vec<String> {
    let up = &front(&held.front)["up"];
    let signature = held.access.rsplit('.').next().unwrap();
    let claims = held.access.split('.').nth(1).unwrap();
    let mut secrets: Vec<String> = [signature, claims, &held.refresh[4..], &held.front].map(str::to_owned).into();
    for claim in ["refreshTokenHash1", "parentRefreshTokenHash1", "antiCsrfToken"] {
        secrets.extend(up[claim].as_str().map(str::to_owned));
    }
    secrets
}

#[tokio::test]
async fn no_token_and_no_hash_of_one_is_logged() {
    let log = Captured::default();
    tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(log.clone()).init();
    let mut world = World::with(app_info(), |builder| builder.anti_csrf(hallpass::AntiCsrf::Token)).await;
    let first = world.send(login_as("u", "cookie")).await.held_by_cookies();
    let token = |held: &Held| held.anti_csrf.clone().unwrap();
    let second = world.send(refresh().refresh_cookie(&first.refresh).header("anti-csrf", token(&first))).await.held_by_cookies();
    world.send(get_("/me").access_cookie(&second.access)).await.assert(200, "u");
    assert_eq!(world.confirmed().await, Ok(second.handle.clone()));
    let merge = post_("/merge").access_cookie(&second.access).header("anti-csrf", token(&second));
    assert_eq!(world.send(merge.clone().json(&json!({ "a": 1 }))).await.status, 200);
    assert_eq!(world.send(merge.json(&json!({ "sub": "x" }))).await.status, 400);
    let refused = [
        post_("/me").access_cookie(&second.access),
        get_("/me").access_cookie(&second.access).access_cookie(&first.access),
        get_("/me").bearer(&format!("{}A", second.access)),
        get_("/admin").access_cookie(&second.access),
        refresh().refresh_cookie(&second.refresh),
        refresh().refresh_cookie(&second.refresh).refresh_cookie(&first.refresh),
        refresh().bearer(&second.access),
        refresh().bearer(&format!("{}A", second.refresh)),
    ];
    for request in refused {
        assert!(world.send(request).await.status.as_u16() >= 400);
    }
    world.unplug(true);
    assert_eq!(world.send(get_("/me").access_cookie(&second.access)).await.status, 503);
    world.unplug(false);
    let session = world.hallpass.session_from_token(&second.access, Some(&token(&second)), &Default::default()).await.unwrap();
    tracing::info!(?session, tokens = ?session.tokens(), info = ?world.hallpass.session_info(&second.handle).await.unwrap());
    world.clock.advance(std::time::Duration::from_secs(3600));
    assert_eq!(world.send(get_("/me").access_cookie(&second.access)).await.status, 401);
    let third = world.send(refresh().refresh_cookie(&second.refresh).header("anti-csrf", token(&second))).await.held_by_cookies();
    world.send(refresh().refresh_cookie(&first.refresh).header("anti-csrf", token(&first))).await.assert(401, THEFT);

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for word in ["a used refresh token of session", "anti-CSRF token does not match", "unplugged", "multiple session cookies"] {
        assert!(log.contains(word), "the log misses `{word}`, so this test sees nothing:\n{log}");
    }
    for held in [&first, &second, &third] {
        for secret in secrets(held) {
            assert!(!log.contains(&secret), "a secret was logged");
        }
    }
}
