//! Cookies of two domains, and cookies of the past.

use hallpass::{Allowed, Transfer};

use crate::world::*;

const OLDER: &str = "; Domain=old.example.com; ";

#[tokio::test]
async fn two_access_cookies_ask_for_a_refresh() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let twice = |path: &str| get_(path).header("cookie", format!("sAccessToken={0}; sAccessToken={0}", held.access));
    for path in ["/me", "/maybe"] {
        let reply = world.send(twice(path)).await;
        reply.assert(401, TRY_REFRESH);
        assert!(reply.leaves_tokens());
        // the header is not ambiguous
        world.send(twice(path).bearer(&held.access)).await.assert(200, "u");
    }
    // several header fields count together
    world.send(get_("/me").access_cookie(&held.access).access_cookie("x")).await.assert(401, TRY_REFRESH);
}

#[tokio::test]
async fn gotcha_39_a_refresh_with_two_cookies_of_a_name_fails_unless_the_older_domain_is_known() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    for request in [
        refresh().refresh_cookie(&held.refresh).refresh_cookie(&held.refresh),
        refresh().refresh_cookie(&held.refresh).access_cookie("x").access_cookie("y"),
        refresh().bearer(&held.refresh).access_cookie("x").access_cookie("y"),
    ] {
        let reply = world.send(request).await;
        assert_eq!(reply.status, 500);
        assert!(reply.body.contains("The request contains multiple session cookies."), "{}", reply.body);
        assert!(reply.leaves_tokens());
    }
    let world = World::with(app_info(), |builder| builder.transfer(Allowed::Only(Transfer::Header))).await;
    let held = world.tokens("u").await;
    world.send(refresh().bearer(&held.refresh).access_cookie("x").access_cookie("y")).await.assert(200, "{}");
}

#[tokio::test]
async fn a_refresh_frees_the_client_from_the_older_cookies() {
    let world = World::with(app_info(), |builder| builder.cookie_domain("example.com").older_cookie_domain("old.example.com")).await;
    let held = world.tokens("u").await;
    let reply = world.send(refresh().refresh_cookie(&held.refresh).refresh_cookie("x").access_cookie("a").access_cookie("b")).await;
    assert_eq!(reply.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&reply.body).unwrap()["message"].is_string());
    assert!(reply.clears_cookies() && reply.header("front-token").is_none());
    assert!(reply.set_cookie("sAccessToken").unwrap().contains(OLDER) && reply.set_cookie("sRefreshToken").unwrap().contains(OLDER));
    // only what is there twice
    let reply = world.send(refresh().refresh_cookie(&held.refresh).access_cookie("a").access_cookie("b")).await;
    assert!(reply.set_cookie("sAccessToken").is_some() && reply.set_cookie("sRefreshToken").is_none());
    // and then it works
    world.send(refresh().refresh_cookie(&held.refresh).access_cookie("a")).await.assert(200, "{}");
}

#[tokio::test]
async fn gotcha_39_an_empty_older_domain_means_cookies_of_the_host() {
    let world = World::with(app_info(), |builder| builder.cookie_domain("example.com").older_cookie_domain("")).await;
    let reply = world.send(refresh().refresh_cookie("x").refresh_cookie("y")).await;
    assert_eq!(reply.status, 200);
    assert!(reply.set_cookie("sRefreshToken").unwrap().starts_with("sRefreshToken=; Path=/auth/session/refresh; Expires=Thu, 01 Jan 1970"));
}

#[tokio::test]
async fn a_cookie_of_an_old_sdk_forces_a_refresh_that_deletes_it() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    for path in ["/me", "/maybe"] {
        world.send(get_(path).access_cookie(&held.access).cookie("sIdRefreshToken", "x")).await.assert(401, TRY_REFRESH);
        world.send(get_(path).bearer(&held.access).cookie("sIdRefreshToken", "")).await.assert(401, TRY_REFRESH);
    }
    let deleted = |reply: &Reply| {
        reply.set_cookie("sIdRefreshToken")
            == Some("sIdRefreshToken=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax")
    };
    // no refresh token, a refused one, a good one
    for (request, status) in [(refresh(), 401), (refresh().refresh_cookie("x"), 401), (refresh().refresh_cookie(&held.refresh), 200)] {
        let reply = world.send(request.cookie("sIdRefreshToken", "x")).await;
        assert_eq!(reply.status, status);
        assert!(deleted(&reply), "{reply:?}");
    }
    // not while the storage is down, and not when it is not there
    world.unplug(true);
    let reply = world.send(refresh().refresh_cookie(&held.refresh).cookie("sIdRefreshToken", "x")).await;
    assert!(reply.status == 503 && reply.leaves_tokens());
    world.unplug(false);
    assert!(!deleted(&world.send(refresh()).await));
}
