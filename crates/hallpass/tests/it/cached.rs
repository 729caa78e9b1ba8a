//! A token that is remembered counts no longer than one that is verified each time.

use std::num::NonZeroUsize;

use hallpass::{AppId, Builder, VerifyOptions, Why};

use crate::world::*;

fn remembering(builder: Builder) -> Builder {
    builder.cache_verified_tokens(NonZeroUsize::MIN.saturating_add(99))
}

/// An app that has verified a user's token, so that it remembers it.
async fn warm() -> (World, Held) {
    let world = World::with(app_info(), remembering).await;
    let held = world.send(login_as("u", "header")).await.held_by_headers();
    for _ in 0..3 {
        world.send(get_("/me").bearer(&held.access)).await.assert(200, "u");
    }
    (world, held)
}

#[tokio::test]
async fn it_expires_to_the_second() {
    let (world, held) = warm().await;
    world.clock.advance(std::time::Duration::from_millis(3_599_999));
    world.send(get_("/me").bearer(&held.access)).await.assert(200, "u");
    world.clock.advance(std::time::Duration::from_millis(1));
    let reply = world.send(get_("/me").bearer(&held.access)).await;
    reply.assert(401, TRY_REFRESH);
    assert!(reply.leaves_tokens());
}

#[tokio::test]
async fn it_ends_with_its_session() {
    let (world, held) = warm().await;
    world.hallpass.revoke(std::slice::from_ref(&held.handle), Why::default()).await.unwrap();
    world.send(get_("/me").bearer(&held.access)).await.assert(401, TRY_REFRESH);
}

#[tokio::test]
async fn it_ends_when_its_user_is_banned() {
    let (world, held) = warm().await;
    world.hallpass.ban("u").await.unwrap();
    world.send(get_("/me").bearer(&held.access)).await.assert(401, TRY_REFRESH);
}

#[tokio::test]
async fn it_ends_when_its_key_is_taken_away() {
    let (world, held) = warm().await;
    world.core.home.engine.rotate_keys(&AppId::public(), true, Why::default()).await.unwrap();
    // where keys are kept for a while, they are read again for the first token of a new one
    world.clock.advance(std::time::Duration::from_secs(1));
    let next = world.send(refresh().bearer(&held.refresh)).await.held_by_headers();
    world.send(get_("/me").bearer(&next.access)).await.assert(200, "u");
    world.send(get_("/me").bearer(&held.access)).await.assert(401, TRY_REFRESH);
}

#[tokio::test]
async fn another_signature_under_the_same_words_is_another_token() {
    let (world, held) = warm().await;
    let (signed, signature) = held.access.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    world.send(get_("/me").bearer(&forged)).await.assert(401, TRY_REFRESH);
}

#[tokio::test]
async fn it_still_has_to_prove_where_the_request_comes_from() {
    let world = World::with(app_info(), |builder| remembering(builder).anti_csrf(hallpass::AntiCsrf::Token)).await;
    let held = world.send(login_as("u", "cookie")).await.held_by_cookies();
    let csrf = held.anti_csrf.clone().unwrap();
    for _ in 0..2 {
        world.send(post_("/me").access_cookie(&held.access).header("anti-csrf", &csrf)).await.assert(200, "u");
        world.send(post_("/me").access_cookie(&held.access)).await.assert(401, TRY_REFRESH);
    }
}

#[tokio::test]
async fn a_merge_after_it_was_remembered_starts_from_the_session_as_it_is() {
    let (world, held) = warm().await;
    let first = world.send(post_("/merge").bearer(&held.access).json(&serde_json::json!({ "a": 1 }))).await;
    let access = first.header("st-access-token").unwrap();
    let session = world.hallpass.session_from_token(access, None, &VerifyOptions::default()).await.unwrap();
    assert_eq!(session.claim("a"), Some(1.into()));
    let before = world.hallpass.session_from_token(&held.access, None, &VerifyOptions::default()).await.unwrap();
    assert_eq!(before.claim("a"), None, "the old token says what it said");
}
