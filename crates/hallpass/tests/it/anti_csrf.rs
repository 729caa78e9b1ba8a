//! Requests that other sites cause.

use hallpass::{AntiCsrf, AppInfo};

use crate::world::*;

async fn world(mode: Option<AntiCsrf>) -> World {
    World::with(app_info(), |builder| match mode {
        Some(mode) => builder.anti_csrf(mode),
        None => builder,
    })
    .await
}

async fn signed_in(world: &World) -> Held {
    world.send(login_as("u", "cookie")).await.held_by_cookies()
}

#[tokio::test]
async fn gotcha_20_a_token_must_be_echoed_unless_the_method_is_get() {
    let world = world(Some(AntiCsrf::Token)).await;
    let held = signed_in(&world).await;
    let token = held.anti_csrf.as_deref().unwrap();
    world.send(get_("/me").access_cookie(&held.access)).await.assert(200, "u");
    for method in ["POST", "PUT", "DELETE"] {
        let request = || call(method, "/me").access_cookie(&held.access);
        for refused in [request(), request().header("anti-csrf", "x"), request().header("anti-csrf", ""), request().header("rid", "x")] {
            let reply = world.send(refused).await;
            reply.assert(401, TRY_REFRESH);
            assert!(reply.leaves_tokens());
        }
        world.send(request().header("anti-csrf", token)).await.assert(200, "u");
        // of two the first counts
        world.send(request().header("anti-csrf", "x").header("anti-csrf", token)).await.assert(401, TRY_REFRESH);
    }
    let reply = world.send(call("HEAD", "/me").access_cookie(&held.access)).await;
    assert_eq!(reply.status, 401);
}

#[tokio::test]
async fn an_access_token_without_a_token_has_nothing_to_echo() {
    let world = world(Some(AntiCsrf::Token)).await;
    let held = world.send(login_as("u", "header")).await.held_by_headers();
    assert!(held.anti_csrf.is_none());
    // in a header no proof is needed: other sites cannot set it
    world.send(post_("/me").bearer(&held.access)).await.assert(200, "u");
    world.send(post_("/me").access_cookie(&held.access).header("anti-csrf", "")).await.assert(401, TRY_REFRESH);
}

#[tokio::test]
async fn a_refresh_compares_the_token_and_gives_a_new_one() {
    let world = world(Some(AntiCsrf::Token)).await;
    let held = signed_in(&world).await;
    for refused in [refresh().refresh_cookie(&held.refresh), refresh().refresh_cookie(&held.refresh).header("anti-csrf", "x")] {
        let reply = world.send(refused).await;
        reply.assert(401, UNAUTHORISED);
        assert!(reply.clears_all());
    }
    let echoed = refresh().refresh_cookie(&held.refresh).header("anti-csrf", held.anti_csrf.as_ref().unwrap());
    let next = world.send(echoed).await.held_by_cookies();
    assert!(next.anti_csrf.is_some() && next.anti_csrf != held.anti_csrf);
    let request = post_("/me").access_cookie(&next.access).header("anti-csrf", next.anti_csrf.as_ref().unwrap());
    world.send(request).await.assert(200, "u");
}

#[tokio::test]
async fn a_token_issued_without_gets_one_when_it_moves_into_cookies() {
    let world = world(Some(AntiCsrf::Token)).await;
    let held = world.send(login_as("u", "header")).await.held_by_headers();
    let next = world.send(refresh().refresh_cookie(&held.refresh)).await.held_by_cookies();
    assert!(next.anti_csrf.is_some());
    // and the other way round it needs no proof
    let reply = world.send(refresh().bearer(&next.refresh)).await;
    reply.assert(200, "{}");
    assert!(reply.header("anti-csrf").is_none());
}

#[tokio::test]
async fn gotcha_22_a_custom_header_must_be_there_whatever_it_says() {
    let world = world(Some(AntiCsrf::CustomHeader)).await;
    let held = signed_in(&world).await;
    assert!(held.anti_csrf.is_none());
    world.send(get_("/me").access_cookie(&held.access)).await.assert(200, "u");
    world.send(post_("/me").bearer(&held.access)).await.assert(200, "u");
    let reply = world.send(post_("/me").access_cookie(&held.access)).await;
    reply.assert(401, TRY_REFRESH);
    assert!(reply.leaves_tokens());
    world.send(post_("/me").access_cookie(&held.access).header("rid", "")).await.assert(200, "u");

    let reply = world.send(refresh().refresh_cookie(&held.refresh)).await;
    reply.assert(401, UNAUTHORISED);
    assert!(reply.clears_all());
    world.send(refresh().bearer(&held.refresh)).await.assert(200, "{}");
    world.send(refresh().refresh_cookie(&held.refresh).header("rid", "session")).await.assert(200, "{}");
}

#[tokio::test]
async fn cookies_of_one_site_need_no_proof() {
    for mode in [None, Some(AntiCsrf::None)] {
        let world = world(mode).await;
        let held = signed_in(&world).await;
        assert!(held.anti_csrf.is_none());
        world.send(post_("/me").access_cookie(&held.access)).await.assert(200, "u");
        world.send(refresh().refresh_cookie(&held.refresh)).await.assert(200, "{}");
    }
}

#[tokio::test]
async fn gotcha_23_cookies_that_cross_sites_need_the_header_by_default_and_per_website() {
    let origin = |request: &http::request::Parts| request.headers.get("origin")?.to_str().ok().map(str::to_owned);
    let app = AppInfo::new("demo").api("https://api.example.com").website_of(origin);
    let world = World::with(app, |builder| builder).await;
    let held = signed_in(&world).await;
    for (website, answer) in [("https://www.example.com", 200), ("https://example.org", 401), ("null", 401)] {
        let request = || post_("/me").access_cookie(&held.access).header("origin", website);
        assert_eq!(world.send(request()).await.status, answer, "{website}");
        assert_eq!(world.send(request().header("rid", "anti-csrf")).await.status, 200, "{website}");
    }
}
