//! The bytes that clients rely on.

use std::time::Duration;

use hallpass::{AntiCsrf, AppInfo, SameSite};
use serde_json::json;

use crate::world::*;

fn app() -> AppInfo {
    AppInfo::new("demo").api("https://api.example.com").website("https://example.com")
}

#[tokio::test]
async fn gotcha_10_a_new_session_in_cookies_byte_for_byte() {
    let world = World::with(app(), |builder| builder.cookie_domain("example.com").anti_csrf(AntiCsrf::Token)).await;
    let reply = world.send(login_as("u", "cookie")).await;
    let held = reply.held_by_cookies();
    assert_eq!(
        reply.all("set-cookie"),
        [
            format!(
                "sAccessToken={}; Domain=example.com; Path=/; Expires=Fri, 01 Jan 2027 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax",
                held.access
            ),
            format!(
                "sRefreshToken={}; Domain=example.com; Path=/auth/session/refresh; Expires=Sat, 11 Apr 2026 00:00:00 GMT; HttpOnly; Secure; \
                 SameSite=Lax",
                held.refresh
            ),
        ]
    );
    assert_eq!(reply.header("access-control-expose-headers"), Some("customValue, front-token, anti-csrf"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(held.anti_csrf.is_some() && !reply.headers.contains_key("st-access-token"));
}

#[tokio::test]
async fn a_new_session_in_headers_byte_for_byte() {
    let world = World::with(app(), |builder| builder.anti_csrf(AntiCsrf::Token)).await;
    let reply = world.send(login_as("u", "header")).await;
    assert!(reply.sets_headers() && reply.all("set-cookie").is_empty() && reply.header("anti-csrf").is_none());
    assert_eq!(reply.header("access-control-expose-headers"), Some("customValue, front-token, st-access-token, st-refresh-token"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn cookies_that_cross_sites_say_so() {
    let across = AppInfo::new("demo").api("https://api.example.com").website("https://example.org");
    let reply = World::with(across, |builder| builder).await.send(login_as("u", "cookie")).await;
    assert!(reply.set_cookie("sAccessToken").unwrap().ends_with("; HttpOnly; Secure; SameSite=None"));
    let reply = World::new().await.send(login_as("u", "cookie")).await;
    assert!(reply.set_cookie("sAccessToken").unwrap().ends_with("; HttpOnly; SameSite=Lax"));
    let world = World::with(app(), |builder| builder.cookie_same_site(SameSite::Strict)).await;
    assert!(world.send(login_as("u", "cookie")).await.set_cookie("sRefreshToken").unwrap().ends_with("; SameSite=Strict"));
}

#[tokio::test]
async fn gotcha_15_the_front_token_tells_the_whole_payload_and_is_the_same_whenever_it_is_made() {
    let world = World::new().await;
    world.clock.advance(Duration::from_millis(777));
    let login = post_("/login").json(&json!({ "user": "ü", "payload": { "z": 1, "a": { "y": "漢字" } } }));
    let reply = world.send(login).await;
    let held = reply.held_by_headers();
    let facts = front(&held.front);
    let up = facts["up"].as_object().unwrap();
    let names: Vec<&str> = up.keys().map(String::as_str).collect();
    let standard = ["sub", "exp", "iat", "sessionHandle", "refreshTokenHash1", "parentRefreshTokenHash1", "antiCsrfToken", "tId", "rsub"];
    assert_eq!(names, [&standard[..], &["z", "a", "iss"]].concat());
    assert_eq!((&facts["uid"], &up["a"]["y"], &up["iss"]), (&json!("ü"), &json!("漢字"), &json!("http://localhost:3000/auth")));
    assert!(up["parentRefreshTokenHash1"].is_null() && up["antiCsrfToken"].is_null());
    assert_eq!(facts["ate"].as_i64().unwrap(), up["exp"].as_i64().unwrap() * 1000);
    assert_eq!(up["exp"].as_i64().unwrap() - up["iat"].as_i64().unwrap(), 3600);
    let verified = world.hallpass.session_from_token(&held.access, None, &Default::default()).await.unwrap();
    assert_eq!(Held::of(&verified).front, held.front);
    assert_eq!(world.send(get_("/payload").bearer(&held.access)).await.body, facts["up"].to_string());
}

#[tokio::test]
async fn a_readable_access_token_goes_beside_the_cookie_when_asked_for() {
    let world = World::with(app_info(), |builder| builder.expose_access_token(true)).await;
    let reply = world.send(login_as("u", "cookie")).await;
    assert_eq!(reply.header("st-access-token"), reply.cookie("sAccessToken"));
    assert!(reply.header("st-refresh-token").is_none());
    assert_eq!(reply.header("access-control-expose-headers"), Some("customValue, front-token, st-access-token"));
}

#[tokio::test]
async fn a_refresh_sets_everything_anew() {
    let world = World::with(app_info(), |builder| builder.anti_csrf(AntiCsrf::Token)).await;
    let held = world.send(login_as("u", "cookie")).await.held_by_cookies();
    world.expire_access_tokens();
    let request = refresh().access_cookie(&held.access).refresh_cookie(&held.refresh).header("anti-csrf", held.anti_csrf.as_ref().unwrap());
    let reply = world.send(request).await;
    reply.assert(200, "{}");
    let next = reply.held_by_cookies();
    assert!(next.access != held.access && next.refresh != held.refresh && next.anti_csrf != held.anti_csrf && next.handle == held.handle);
    assert_eq!(reply.header("access-control-expose-headers"), Some("front-token, anti-csrf"));
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    assert!(front(&next.front)["up"]["parentRefreshTokenHash1"].is_string());
}

#[tokio::test]
async fn a_response_that_changes_nothing_is_not_touched() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let reply = world.send(get_("/me").bearer(&held.access)).await;
    assert!(
        reply.leaves_tokens()
            && !reply.headers.contains_key("cache-control")
            && !reply.headers.contains_key("access-control-expose-headers")
    );
    let reply = world.send(get_("/plain")).await;
    assert_eq!((reply.all("set-cookie"), reply.header("access-control-expose-headers")), (vec!["theme=dark"], Some("customValue")));
}
