//! Changing what the access token says.

use hallpass::SessionError;
use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn gotcha_30_a_merge_reaches_the_client_at_once() {
    let world = World::new().await;
    let login = post_("/login").header("st-auth-mode", "cookie").json(&json!({ "user": "u", "payload": { "a": 1, "b": { "x": 1 } } }));
    let held = world.send(login).await.held_by_cookies();
    let reply = world.send(post_("/merge").access_cookie(&held.access).json(&json!({ "a": null, "b": { "y": 2 }, "c": "ü" }))).await;
    reply.assert(200, r#"{"b":{"y":2},"iss":"http://localhost:3000/auth","c":"ü"}"#);
    assert!(reply.set_cookie("sRefreshToken").is_none());
    assert_eq!(reply.header("access-control-expose-headers"), Some("front-token"));
    let (before, after) = (front(&held.front), front(reply.header("front-token").unwrap()));
    assert_eq!((&before["ate"], &before["up"]["refreshTokenHash1"]), (&after["ate"], &after["up"]["refreshTokenHash1"]));
    let stored = world.hallpass.session_info(&held.handle).await.unwrap().unwrap().payload;
    assert_eq!(json!(stored), json!({ "b": { "y": 2 }, "iss": "http://localhost:3000/auth", "c": "ü" }));
    let reply = world.send(get_("/payload").access_cookie(reply.cookie("sAccessToken").unwrap())).await;
    assert_eq!(reply.body, after["up"].to_string());
}

#[tokio::test]
async fn gotcha_11_three_merges_make_one_cookie() {
    let world = World::new().await;
    let held = world.send(login_as("u", "cookie")).await.held_by_cookies();
    let reply = world.send(post_("/merge-thrice").access_cookie(&held.access)).await;
    reply.assert(200, r#"{"iss":"http://localhost:3000/auth","a":1,"b":2,"c":3}"#);
    assert_eq!(reply.all("set-cookie").len(), 1);
    assert_eq!(front(reply.header("front-token").unwrap())["up"]["c"], 3);
    world.send(get_("/me").access_cookie(reply.cookie("sAccessToken").unwrap())).await.assert(200, "u");
}

#[tokio::test]
async fn merges_travel_as_the_session_does() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let reply = world.send(post_("/merge").bearer(&held.access).json(&json!({ "a": 1 }))).await;
    assert!(reply.all("set-cookie").is_empty() && reply.header("st-access-token").is_some());
    assert_eq!(reply.header("access-control-expose-headers"), Some("front-token, st-access-token"));
}

#[tokio::test]
async fn the_anti_csrf_token_stays_with_the_session() {
    let world = World::with(app_info(), |builder| builder.anti_csrf(hallpass::AntiCsrf::Token)).await;
    let held = world.send(login_as("u", "cookie")).await.held_by_cookies();
    let token = held.anti_csrf.as_ref().unwrap();
    let reply = world.send(post_("/merge").access_cookie(&held.access).header("anti-csrf", token).json(&json!({ "a": 1 }))).await;
    assert_eq!(reply.header("anti-csrf"), Some(token.as_str()));
    let next = reply.cookie("sAccessToken").unwrap();
    world.send(post_("/me").access_cookie(next).header("anti-csrf", token)).await.assert(200, "u");
}

#[tokio::test]
async fn gotcha_32_claims_of_the_engine_are_refused_in_a_merge() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    for name in ["sub", "exp", "sessionHandle", "tId", "stt"] {
        let reply = world.send(post_("/merge").bearer(&held.access).json(&json!({ name: "x", "a": 1 }))).await;
        reply.assert(400, &json!({ "message": format!("the payload contains the protected claim `{name}`") }).to_string());
        assert!(reply.leaves_tokens());
        assert!(world.hallpass.merge_into_payload_of(&held.handle, json!({ name: 1 })).await.is_err());
    }
    let stored = world.hallpass.session_info(&held.handle).await.unwrap().unwrap().payload;
    assert_eq!(json!(stored), json!({ "iss": "http://localhost:3000/auth" }));
}

#[tokio::test]
async fn what_is_no_object_is_a_mistake_of_the_app() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let reply = world.send(post_("/merge").bearer(&held.access).json(&json!([1]))).await;
    assert!(reply.status == 500 && reply.leaves_tokens());
}

/// Parsers of clients, and our own, would not read it back.
#[tokio::test]
async fn json_that_lies_too_deep_is_refused_and_nothing_changes() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let deep = (0..99).fold(json!(1), |value, _| json!([value]));
    for (path, body) in [
        ("/merge", json!({ "a": deep })),
        ("/data", json!({ "a": deep })),
        ("/login", json!({ "user": "v", "payload": { "a": deep } })),
        ("/login", json!({ "user": "v", "data": { "a": deep } })),
    ] {
        let reply = world.send(post_(path).bearer(&held.access).json(&body)).await;
        reply.assert(400, r#"{"message":"JSON may be nested 99 levels deep, not deeper"}"#);
        assert!(reply.leaves_tokens(), "{path}");
    }
    let merged = world.hallpass.merge_into_payload_of(&held.handle, json!({ "a": deep })).await;
    assert!(matches!(merged, Err(SessionError::TooDeep)));
    let stored = world.hallpass.session_info(&held.handle).await.unwrap().unwrap();
    assert_eq!(json!([stored.payload, stored.data]), json!([{ "iss": "http://localhost:3000/auth" }, {}]));
    assert!(world.hallpass.sessions_of(&"v".into(), None).await.unwrap().is_empty());
    world.send(post_("/merge").bearer(&held.access).json(&json!({ "a": deep[0] }))).await;
    assert!(world.hallpass.session_info(&held.handle).await.unwrap().unwrap().payload.contains_key("a"), "one less is taken");
}

#[tokio::test]
async fn a_session_that_is_gone_is_cleared() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    world.revoke_unheard(&held.handle).await;
    for path in ["/merge", "/data"] {
        let reply = world.send(post_(path).bearer(&held.access).json(&json!({ "a": 1 }))).await;
        reply.assert(401, UNAUTHORISED);
        assert!(reply.clears_all());
    }
}

#[tokio::test]
async fn gotcha_30_a_merge_after_the_token_expired_is_stored_and_sent_at_the_next_refresh() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let session = world.hallpass.session_from_token(&held.access, None, &Default::default()).await.unwrap();
    world.expire_access_tokens();
    session.merge_into_access_token_payload(json!({ "a": 1 })).await.unwrap();
    assert!(!session.tokens().updated);
    assert_eq!((session.claim("a"), session.claim("sub")), (Some(1.into()), Some("u".into())));
    let next = world.send(refresh().bearer(&held.refresh)).await.held_by_headers();
    assert_eq!(front(&next.front)["up"]["a"], 1);
}

#[tokio::test]
async fn data_stays_on_the_server() {
    let world = World::new().await;
    let login = post_("/login").json(&json!({ "user": "u", "data": { "secret": 1 } }));
    let held = world.send(login).await.held_by_headers();
    assert!(front(&held.front)["up"].get("secret").is_none());
    assert_eq!(json!(world.hallpass.session_info(&held.handle).await.unwrap().unwrap().data), json!({ "secret": 1 }));
    world.send(post_("/data").bearer(&held.access).json(&json!({ "other": 2 }))).await.assert(200, r#"{"other":2}"#);
}
