//! Leaving.

use crate::world::*;

fn sign_out() -> Call {
    post_("/auth/signout")
}

const OK: &str = r#"{"status":"OK"}"#;

#[tokio::test]
async fn gotcha_44_signing_out_answers_in_json_ends_the_session_and_clears_the_way_it_came() {
    let world = World::new().await;
    let held = world.send(login_as("u", "cookie")).await.held_by_cookies();
    let reply = world.send(sign_out().access_cookie(&held.access)).await;
    reply.assert(200, OK);
    assert!(reply.clears_cookies() && reply.header("st-access-token").is_none() && reply.header("front-token") == Some("remove"));
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    world.send(refresh().refresh_cookie(&held.refresh)).await.assert(401, UNAUTHORISED);

    let held = world.send(login_as("u", "header")).await.held_by_headers();
    let reply = world.send(sign_out().bearer(&held.access)).await;
    reply.assert(200, OK);
    assert!(reply.clears_headers() && reply.all("set-cookie").is_empty() && reply.header("front-token") == Some("remove"));
}

#[tokio::test]
async fn gotcha_28_without_a_good_access_token_nothing_is_cleared() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    assert!(world.send(sign_out()).await.assert(401, UNAUTHORISED).leaves_tokens());
    world.expire_access_tokens();
    assert!(world.send(sign_out().bearer(&held.access)).await.assert(401, TRY_REFRESH).leaves_tokens());
}

#[tokio::test]
async fn gotcha_28_a_session_that_was_revoked_already_is_cleared_all_the_same() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    world.hallpass.revoke(std::slice::from_ref(&held.handle), Default::default()).await.unwrap();
    let reply = world.send(sign_out().access_cookie(&held.access)).await;
    reply.assert(200, OK);
    assert!(reply.clears_cookies());
}

#[tokio::test]
async fn the_anti_csrf_check_applies() {
    let world = World::with(app_info(), |builder| builder.anti_csrf(hallpass::AntiCsrf::CustomHeader)).await;
    let held = world.tokens("u").await;
    world.send(sign_out().access_cookie(&held.access)).await.assert(401, TRY_REFRESH);
    world.send(sign_out().access_cookie(&held.access).header("rid", "session")).await.assert(200, OK);
}

#[tokio::test]
async fn an_app_can_sign_out_by_itself() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let reply = world.send(post_("/revoke").bearer(&held.access)).await;
    assert!(reply.status == 200 && reply.clears_headers() && reply.header("front-token") == Some("remove"));
    let events = world.hallpass.core().event_list(&hallpass::AppId::public(), &"u".into(), 10).await.unwrap();
    assert_eq!(events[0].reason.as_deref(), Some("signed out"));
}

#[tokio::test]
async fn events_name_the_device_cut_to_size() {
    let world = World::new().await;
    let agent = format!("Mozilla/5.0 {}", "x".repeat(5000));
    world.send(login_as("u", "cookie").header("user-agent", &agent)).await;
    world.send(login_as("u", "cookie").header("user-agent", b"\xff\xfe\x80")).await;
    let events = world.hallpass.core().event_list(&hallpass::AppId::public(), &"u".into(), 10).await.unwrap();
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event.actor.as_ref().is_some_and(|actor| actor.chars().count() <= 256)));
}
