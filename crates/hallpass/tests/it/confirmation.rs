//! New tokens are confirmed when their client shows them.

use std::{sync::atomic::Ordering, time::Duration};

use hallpass::{Promotion, VerifyOptions};

use crate::world::*;

async fn refreshed(world: &World) -> (Held, Held) {
    let first = world.send(login_as("u", "header")).await.held_by_headers();
    let second = world.send(refresh().bearer(&first.refresh)).await.held_by_headers();
    (first, second)
}

#[tokio::test]
async fn the_first_use_confirms_once_in_the_background() {
    let mut world = World::new().await;
    let (first, second) = refreshed(&world).await;
    for _ in 0..3 {
        let reply = world.send(get_("/me").bearer(&second.access)).await;
        reply.assert(200, "u");
        assert!(reply.leaves_tokens());
    }
    assert_eq!(world.confirmed().await, Ok(second.handle));
    assert_eq!(world.core.checks.load(Ordering::SeqCst), 0);
    // once confirmed, the parent is dead after the grace
    world.clock.advance(Duration::from_secs(11));
    let reply = world.send(refresh().bearer(&first.refresh)).await;
    reply.assert(401, THEFT);
    assert!(reply.clears_all());
    world.send(refresh().bearer(&second.refresh)).await.assert(401, UNAUTHORISED);
    assert!(!world.ends_with_confirmations().await, "it was told twice");
}

#[tokio::test]
async fn tokens_of_the_same_request_and_forwarded_ones_confirm_nothing() {
    let mut world = World::new().await;
    let (first, second) = refreshed(&world).await;
    // a server that renders pages holds the new token before the browser does
    let forwarded = VerifyOptions { confirm: false, ..VerifyOptions::default() };
    for options in [forwarded.clone(), VerifyOptions { check_database: true, ..forwarded }] {
        let session = world.hallpass.session_from_token(&second.access, None, &options).await.unwrap();
        assert!(!session.tokens().updated);
    }
    // the response was lost: the parent comes back late, and gets another child
    world.clock.advance(Duration::from_secs(3600));
    let third = world.send(refresh().bearer(&first.refresh)).await.held_by_headers();
    world.send(get_("/me").bearer(&third.access)).await.assert(200, "u");
    assert_eq!(world.confirmed().await, Ok(third.handle));
    assert_eq!(world.core.checks.load(Ordering::SeqCst), 0);
    assert!(!world.ends_with_confirmations().await);
}

#[tokio::test]
async fn a_confirmation_that_failed_comes_again_with_the_next_request() {
    let mut world = World::new().await;
    let (_, second) = refreshed(&world).await;
    world.core.refuses_confirmations.store(true, Ordering::SeqCst);
    world.send(get_("/me").bearer(&second.access)).await.assert(200, "u");
    assert_eq!(world.confirmed().await, Err(()));
    world.core.refuses_confirmations.store(false, Ordering::SeqCst);
    world.send(get_("/me").bearer(&second.access)).await.assert(200, "u");
    assert_eq!(world.confirmed().await, Ok(second.handle));
}

#[tokio::test]
async fn gotcha_1_as_a_reference_the_first_use_swaps_the_access_token() {
    let world = World::with(app_info(), |builder| builder.promotion(Promotion::Reference)).await;
    let (_, second) = refreshed(&world).await;
    let reply = world.send(get_("/me").bearer(&second.access)).await;
    reply.assert(200, "u");
    let swapped = reply.header("st-access-token").unwrap().to_owned();
    assert!(swapped != second.access && reply.header("st-refresh-token").is_none());
    assert_eq!(reply.header("access-control-expose-headers"), Some("front-token, st-access-token"));
    assert!(front(reply.header("front-token").unwrap())["up"]["parentRefreshTokenHash1"].is_null());
    let reply = world.send(get_("/me").bearer(&swapped)).await;
    assert!(reply.says(200, "u") && reply.leaves_tokens());
    assert_eq!(world.core.checks.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_swap_and_a_merge_make_one_access_token() {
    let world = World::with(app_info(), |builder| builder.promotion(Promotion::Reference)).await;
    let first = world.send(login_as("u", "cookie")).await.held_by_cookies();
    let second = world.send(refresh().refresh_cookie(&first.refresh)).await.held_by_cookies();
    let reply = world.send(post_("/merge").access_cookie(&second.access).json(&serde_json::json!({ "a": 1 }))).await;
    assert_eq!(reply.status, 200);
    let facts = front(reply.header("front-token").unwrap());
    assert!(facts["up"]["parentRefreshTokenHash1"].is_null());
    assert_eq!(facts["up"]["a"], 1);
    world.send(get_("/me").access_cookie(reply.cookie("sAccessToken").unwrap())).await.assert(200, "u");
}

#[tokio::test]
async fn asking_the_database_finds_revoked_sessions_and_new_payloads() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let options = VerifyOptions { check_database: true, ..VerifyOptions::default() };
    let session = world.hallpass.session_from_token(&held.access, None, &options).await.unwrap();
    assert!(!session.tokens().updated);
    assert!(world.hallpass.merge_into_payload_of(&held.handle, serde_json::json!({ "plan": "pro" })).await.unwrap());
    let session = world.hallpass.session_from_token(&held.access, None, &options).await.unwrap();
    assert!(session.tokens().updated);
    assert_eq!(session.claim("plan"), Some("pro".into()));
    world.revoke_unheard(&held.handle).await;
    for options in [options.clone(), VerifyOptions { confirm: false, ..options }] {
        let gone = world.hallpass.session_from_token(&held.access, None, &options).await.unwrap_err();
        assert!(matches!(gone, hallpass::SessionError::Unauthorised { clear: true }));
    }
    world.send(get_("/me").bearer(&held.access)).await.assert(200, "u");
}
