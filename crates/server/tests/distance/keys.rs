//! The public keys of a core at a distance: when they are read, and what counts while they cannot be.

use std::{sync::Arc, time::Duration};

use hallpass::{AppInfo, Core, CoreError, Hallpass, SessionError, VerifyOptions, Why};
use hallpass_testkit::core_suite::blank;
use tokio::task::JoinSet;

use crate::between::{Between, app};

const READ: &str = "GET /.well-known/jwks.json";
const SECOND: Duration = Duration::from_secs(1);

/// How often the keys were read since this was last asked.
fn readings(between: &Between) -> usize {
    between.calls().iter().filter(|call| *call == READ).count()
}

/// An app whose sessions are there; it has read no keys yet.
async fn app_of(between: &Between) -> Hallpass {
    let info = AppInfo::new("app").api("http://localhost:3000").website("http://localhost:3000");
    let core = Arc::new(between.client());
    Hallpass::builder(info).core(core).clock(between.clock()).build().await.unwrap()
}

async fn access_token(hallpass: &Hallpass) -> String {
    hallpass.create_session("alice").await.unwrap().tokens().access.expose().to_owned()
}

async fn verify(hallpass: &Hallpass, token: &str) -> Result<(), SessionError> {
    hallpass.session_from_token(token, None, &VerifyOptions::default()).await.map(drop)
}

fn asks_for_a_refresh(verified: &Result<(), SessionError>) -> bool {
    matches!(verified, Err(SessionError::TryRefresh))
}

/// A core that answers everything but the question for its keys.
fn without_keys(path: &str) -> Option<u16> {
    path.ends_with("jwks.json").then_some(503)
}

#[tokio::test]
async fn they_are_read_at_the_first_verification_by_one_for_all() {
    let between = Between::new().await;
    let hallpass = app_of(&between).await;
    let token = access_token(&hallpass).await;
    assert_eq!(readings(&between), 0, "nothing is read before");
    let mut verifying = JoinSet::new();
    for _ in 0..20 {
        let (hallpass, token) = (hallpass.clone(), token.clone());
        verifying.spawn(async move { verify(&hallpass, &token).await });
    }
    assert!(verifying.join_all().await.iter().all(Result::is_ok));
    assert_eq!(readings(&between), 1);
}

#[tokio::test]
async fn they_are_used_for_a_minute() {
    let between = Between::new().await;
    let hallpass = app_of(&between).await;
    let token = access_token(&hallpass).await;
    verify(&hallpass, &token).await.unwrap();
    // a key is taken away, and nobody shows a token of its successor
    between.server.engine.rotate_keys(&app(), true, Why::default()).await.unwrap();
    between.clock().advance(59 * SECOND);
    verify(&hallpass, &token).await.unwrap();
    assert_eq!(readings(&between), 1);
    between.clock().advance(SECOND);
    assert!(asks_for_a_refresh(&verify(&hallpass, &token).await), "the key is gone");
    assert_eq!(readings(&between), 1);
}

#[tokio::test]
async fn they_are_used_no_longer_than_the_core_says() {
    let between = Between::new().await;
    let core = between.client();
    let _created = core.session_create(blank()).await.unwrap();
    // ten seconds before the next key is published
    between.clock().advance(Duration::from_secs(168 * 3600 - 60 - 10));
    for (pause, read) in [(0, 1), (9, 0), (1, 1)] {
        between.clock().advance(pause * SECOND);
        core.verifying_keys(&app(), None).await.unwrap();
        assert_eq!(readings(&between), read, "{pause} s later");
    }
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_at_most_twice_a_second() {
    let between = Between::new().await;
    let core = between.client();
    let first = core.verifying_keys(&app(), None).await.unwrap().to_jwks().keys[0].kid.clone();
    between.clock().advance(SECOND);
    let next = between.server.engine.rotate_keys(&app(), false, Why::default()).await.unwrap();
    assert_eq!(readings(&between), 1);
    // one that was made up costs a reading, which finds the new one too
    for (pause, kid, read) in [(0, "d-1", 1), (0, "d-2", 0), (499, "d-3", 0), (1, "d-4", 1), (0, &next, 0), (500, &first, 0)] {
        between.clock().advance(Duration::from_millis(pause));
        let keys = core.verifying_keys(&app(), Some(kid)).await.unwrap();
        assert!(keys.contains(&next) && keys.contains(&first));
        assert_eq!(readings(&between), read, "{kid}");
    }
}

#[tokio::test]
async fn those_that_are_known_count_on_while_the_core_is_away() {
    let between = Between::new().await;
    let hallpass = app_of(&between).await;
    let (token, other) = (access_token(&hallpass).await, access_token(&hallpass).await);
    verify(&hallpass, &token).await.unwrap();
    between.answer(|_| Some(503));
    between.clock().advance(1800 * SECOND);
    readings(&between);
    for _ in 0..3 {
        verify(&hallpass, &token).await.unwrap();
        verify(&hallpass, &other).await.unwrap();
    }
    assert_eq!(readings(&between), 1, "the core is left alone for a moment");
    between.clock().advance(1800 * SECOND);
    assert!(asks_for_a_refresh(&verify(&hallpass, &token).await), "it expires as ever");
}

#[tokio::test]
async fn without_any_a_token_asks_for_a_refresh_and_the_core_is_left_alone_for_a_moment() {
    let between = Between::new().await;
    let hallpass = app_of(&between).await;
    let token = access_token(&hallpass).await;
    between.answer(without_keys);
    for _ in 0..3 {
        assert!(asks_for_a_refresh(&verify(&hallpass, &token).await));
    }
    assert_eq!(readings(&between), 1);
    let error = between.client().verifying_keys(&app(), None).await.unwrap_err();
    assert!(matches!(error, CoreError::PublicKeys(_)), "{error:?}");
    readings(&between);
    // whether the core is back is found out half a second later
    between.answer(|_| None);
    between.clock().advance(Duration::from_millis(499));
    assert!(asks_for_a_refresh(&verify(&hallpass, &token).await));
    between.clock().advance(Duration::from_millis(1));
    verify(&hallpass, &token).await.unwrap();
    assert_eq!(readings(&between), 1);
}

#[tokio::test]
async fn a_token_of_an_unknown_key_asks_for_a_refresh_while_the_core_is_away() {
    let between = Between::new().await;
    let (hallpass, other) = (app_of(&between).await, app_of(&between).await);
    verify(&hallpass, &access_token(&hallpass).await).await.unwrap();
    between.server.engine.rotate_keys(&app(), true, Why::default()).await.unwrap();
    between.clock().advance(SECOND);
    let token = access_token(&other).await;
    between.answer(without_keys);
    assert!(asks_for_a_refresh(&verify(&hallpass, &token).await));
    between.answer(|_| None);
    between.clock().advance(SECOND);
    verify(&hallpass, &token).await.unwrap();
}
