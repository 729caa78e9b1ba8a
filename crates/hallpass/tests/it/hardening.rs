//! Protection behind switches.

use std::time::Duration;

use axum::extract::ConnectInfo;
use hallpass::{AntiCsrf, AppInfo, Builder, ForwardedIn, PeerAddress, SameSite, SiteData};
use tower::ServiceExt;

use crate::world::*;

fn https() -> AppInfo {
    AppInfo::new("demo").api("https://api.example.com").website("https://example.com")
}

async fn world(settings: impl FnOnce(Builder) -> Builder) -> World {
    World::with(https(), settings).await
}

#[tokio::test]
async fn guarded_cookies_carry_a_session_through_its_life() {
    let world = world(|builder| builder.prefixed_cookies(true)).await;
    let reply = world.send(login_as("u", "cookie")).await;
    let cookie = reply.set_cookie("__Host-sAccessToken").unwrap();
    assert!(cookie.contains("; Path=/; ") && cookie.contains("; Secure; ") && !cookie.contains("Domain"), "{cookie}");
    let cookie = reply.set_cookie("__Secure-sRefreshToken").unwrap();
    assert!(cookie.contains("; Path=/auth/session/refresh; ") && cookie.contains("; Secure; "), "{cookie}");
    assert_eq!(reply.all("set-cookie").len(), 2);

    let access = reply.cookie("__Host-sAccessToken").unwrap();
    world.send(get_("/me").cookie("__Host-sAccessToken", access)).await.assert(200, "u");
    let reply = world.send(refresh().cookie("__Secure-sRefreshToken", reply.cookie("__Secure-sRefreshToken").unwrap())).await;
    assert!(reply.assert(200, "{}").all("set-cookie").len() == 2);
    let reply = world.send(post_("/auth/signout").cookie("__Host-sAccessToken", reply.cookie("__Host-sAccessToken").unwrap())).await;
    reply.assert(200, r#"{"status":"OK"}"#);
    assert!(reply.cookie("__Host-sAccessToken") == Some("") && reply.cookie("__Secure-sRefreshToken") == Some(""));
}

#[tokio::test]
async fn nobody_is_signed_out_when_cookies_get_their_prefixes() {
    let world = world(|builder| builder.prefixed_cookies(true).older_cookie_domain("example.com")).await;
    let held = world.tokens("u").await;
    for path in ["/me", "/maybe"] {
        assert!(world.send(get_(path).access_cookie(&held.access)).await.assert(401, TRY_REFRESH).leaves_tokens());
        world.send(get_(path).access_cookie(&held.access).bearer(&held.access)).await.assert(200, "u");
    }
    world.send(get_("/maybe").access_cookie("somebody else's")).await.assert(200, "nobody");

    let reply = world.send(refresh().access_cookie(&held.access).refresh_cookie(&held.refresh)).await;
    reply.assert(200, "{}");
    assert!(!reply.cookie("__Host-sAccessToken").unwrap().is_empty() && !reply.cookie("__Secure-sRefreshToken").unwrap().is_empty());
    assert!(reply.clears_cookies(), "the plain ones: {reply:?}");
    assert!(reply.set_cookie("sAccessToken").unwrap().contains("; Domain=example.com; "));
    assert!(reply.set_cookie("sRefreshToken").unwrap().contains("; Domain=example.com; "));

    // from now on the plain ones count for nothing
    let now = |call: Call| call.cookie("__Secure-sRefreshToken", reply.cookie("__Secure-sRefreshToken").unwrap());
    world.send(now(refresh()).refresh_cookie("planted")).await.assert(200, "{}");
    world
        .send(get_("/me").access_cookie("x").cookie("__Host-sAccessToken", reply.cookie("__Host-sAccessToken").unwrap()))
        .await
        .assert(200, "u");
}

#[tokio::test]
async fn a_plain_cookie_that_does_not_refresh_is_cleared_as_any() {
    let world = world(|builder| builder.prefixed_cookies(true)).await;
    let reply = world.send(refresh().refresh_cookie("nonsense").access_cookie("x")).await;
    reply.assert(401, UNAUTHORISED);
    assert!(reply.clears_cookies() && reply.cookie("__Host-sAccessToken") == Some(""));
}

#[tokio::test]
async fn signing_in_ends_the_session_of_whatever_cookie_came_along() {
    let world = world(|builder| builder.prefixed_cookies(true)).await;
    let (guarded, plain) = (world.tokens("a").await, world.tokens("b").await);
    world.send(login_as("u", "cookie").cookie("__Host-sAccessToken", &guarded.access)).await;
    let reply = world.send(login_as("u", "cookie").access_cookie(&plain.access)).await;
    assert_eq!(reply.cookie("sAccessToken"), Some(""));
    for held in [guarded, plain] {
        assert!(world.hallpass.session_info(&held.handle).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn partitioned_cookies_say_so_also_when_they_go() {
    let world = world(|builder| builder.partitioned_cookies(true).cookie_same_site(SameSite::None)).await;
    let proven = |call: Call| call.header("rid", "anti-csrf");
    let reply = world.send(login_as("u", "cookie")).await;
    assert!(reply.all("set-cookie").iter().all(|cookie| cookie.ends_with("; Secure; SameSite=None; Partitioned")), "{reply:?}");
    let held = reply.held_by_cookies();
    let reply = world.send(proven(post_("/auth/signout").access_cookie(&held.access))).await;
    assert!(reply.clears_cookies() && reply.all("set-cookie").iter().all(|cookie| cookie.ends_with("; Partitioned")));
}

#[tokio::test]
async fn clients_are_freed_from_the_cookies_of_before_partitioning() {
    let world = world(|builder| builder.partitioned_cookies(true)).await;
    let (before, held) = (world.tokens("u").await, world.tokens("u").await);
    let reply = world.send(refresh().refresh_cookie(&before.refresh).refresh_cookie(&held.refresh)).await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.set_cookie("sRefreshToken"),
        Some("sRefreshToken=; Path=/auth/session/refresh; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax")
    );
    assert!(reply.set_cookie("sAccessToken").is_none() && reply.header("front-token").is_none());
    world.send(refresh().refresh_cookie(&held.refresh)).await.assert(200, "{}");
}

const UNTRUSTED: &str = r#"{"message":"the request comes from an origin that may not use the session"}"#;

#[tokio::test]
async fn only_trusted_origins_change_anything_with_cookies() {
    let settings = |builder: Builder| builder.trusted_origins(["https://admin.example.com:8443"]).anti_csrf(AntiCsrf::None);
    let world = world(settings).await;
    let held = world.tokens("u").await;
    let me = |from: &[(&'static str, &str)]| {
        from.iter().fold(post_("/me").access_cookie(&held.access), |call, (name, value)| call.header(name, value))
    };
    for from in [
        &[] as &[(&str, &str)],
        &[("origin", "https://example.com")],
        &[("origin", "https://api.example.com")],
        &[("origin", "https://api.example.com:443")],
        &[("origin", "https://admin.example.com:8443"), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
    ] {
        world.send(me(from)).await.assert(200, "u");
    }
    for from in [
        &[("origin", "https://admin.example.com")] as &[(&str, &str)],
        &[("origin", "http://example.com")],
        &[("origin", "https://other.example.com"), ("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.com")],
        &[("origin", "null")],
        &[("origin", "\u{e4}")],
        &[("origin", "")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ] {
        assert!(world.send(me(from)).await.assert(403, UNTRUSTED).leaves_tokens(), "{from:?}");
    }
    let evil = |call: Call| call.header("origin", "https://evil.com");
    for path in ["/maybe", "/auth/signout"] {
        assert!(world.send(evil(post_(path).access_cookie(&held.access))).await.assert(403, UNTRUSTED).leaves_tokens());
    }
    assert!(world.send(evil(refresh().refresh_cookie(&held.refresh))).await.assert(403, UNTRUSTED).leaves_tokens());
    // reading changes nothing, and what a script must add itself no other site can
    world.send(evil(get_("/me").access_cookie(&held.access))).await.assert(200, "u");
    world.send(evil(post_("/me").bearer(&held.access))).await.assert(200, "u");
    world.send(evil(refresh().bearer(&held.refresh))).await.assert(200, "{}");
}

#[tokio::test]
async fn any_origin_will_do_unless_the_app_names_some() {
    let world = world(|builder| builder.anti_csrf(AntiCsrf::None)).await;
    let held = world.tokens("u").await;
    world.send(post_("/me").access_cookie(&held.access).header("origin", "https://evil.com")).await.assert(200, "u");
}

async fn refreshed_from(world: &World, call: Call, peer: impl Into<Option<&str>>) -> Reply {
    let mut request = call.build();
    if let Some(peer) = peer.into() {
        let peer: std::net::SocketAddr = format!("{peer}:4711").parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
    }
    Reply::read(world.app.clone().oneshot(request).await.unwrap()).await
}

const TOO_MANY: &str = r#"{"message":"too many requests"}"#;

#[tokio::test]
async fn an_address_may_refresh_only_so_often() {
    let world = world(|builder| builder.trusted_proxies(["10.0.0.0/8"], ForwardedIn::XForwardedFor).refreshes_per_minute(2)).await;
    let held = world.tokens("u").await;
    let flood = || refresh().refresh_cookie("guess").header("x-forwarded-for", "1.1.1.1, 203.0.113.7");
    for _ in 0..2 {
        refreshed_from(&world, flood(), "10.0.0.1").await.assert(401, UNAUTHORISED);
    }
    let reply = refreshed_from(&world, flood(), "10.0.0.2").await;
    assert!(reply.assert(429, TOO_MANY).leaves_tokens());
    assert_eq!(reply.header("retry-after"), Some("30"));
    // another client of the same proxy, one that speaks for itself only, one without an address
    let good = || refresh().bearer(&held.refresh);
    refreshed_from(&world, good().header("x-forwarded-for", "203.0.113.8"), "10.0.0.1").await.assert(200, "{}");
    refreshed_from(&world, good().header("x-forwarded-for", "203.0.113.7"), "198.51.100.1").await.assert(200, "{}");
    for _ in 0..3 {
        refreshed_from(&world, good(), None).await.assert(200, "{}");
    }
    // only refreshes count
    let me = get_("/me").bearer(&held.access).header("x-forwarded-for", "203.0.113.7");
    refreshed_from(&world, me, "10.0.0.1").await.assert(200, "u");
    world.clock.advance(Duration::from_secs(30));
    refreshed_from(&world, flood(), "10.0.0.1").await.assert(401, UNAUTHORISED);
}

#[tokio::test]
async fn refreshes_are_not_limited_unless_asked_for() {
    let world = World::new().await;
    for _ in 0..500 {
        refreshed_from(&world, refresh(), "203.0.113.7").await.assert(401, UNAUTHORISED);
    }
}

#[tokio::test]
async fn an_app_can_tell_the_address_of_the_connection() {
    let world = world(|builder| builder.trusted_proxies(["::1"], ForwardedIn::Forwarded)).await;
    let mut parts = get_("/").header("forwarded", "for=\"[2001:db8::7]\"").build().into_parts().0;
    assert_eq!(world.hallpass.client_address(&parts), None);
    parts.extensions.insert(PeerAddress("::1".parse().unwrap()));
    assert_eq!(world.hallpass.client_address(&parts), Some("2001:db8::7".parse().unwrap()));
}

#[tokio::test]
async fn browsers_forget_at_sign_out_what_the_app_names() {
    let world = world(|builder| builder.clear_site_data([SiteData::Cache])).await;
    let held = world.tokens("u").await;
    let reply = world.send(post_("/auth/signout").access_cookie(&held.access)).await;
    assert_eq!(reply.assert(200, r#"{"status":"OK"}"#).header("clear-site-data"), Some("\"cache\""));
    // not when nobody has left
    for call in [post_("/auth/signout"), get_("/me").bearer(&held.access), refresh()] {
        assert!(world.send(call).await.header("clear-site-data").is_none());
    }
    let plain = World::new().await;
    let held = plain.tokens("u").await;
    assert!(plain.send(post_("/auth/signout").bearer(&held.access)).await.header("clear-site-data").is_none());
}

#[tokio::test]
async fn gotcha_50_whatever_brings_or_takes_tokens_is_kept_out_of_caches() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    for call in [
        login_as("u", "cookie"),
        login_as("u", "header"),
        refresh().bearer(&held.refresh),
        refresh().refresh_cookie("x"),
        refresh(),
        post_("/regret"),
    ] {
        let reply = world.send(call).await;
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{reply:?}");
    }
    assert_eq!(world.send(post_("/auth/signout").access_cookie(&held.access)).await.header("cache-control"), Some("no-store"));
    assert_eq!(world.send(get_("/plain")).await.header("cache-control"), None);
}
