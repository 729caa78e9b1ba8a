//! Sessions for whoever renders a page.

use axum::{Extension, Router, routing::get};
use hallpass::{Allowed, AntiCsrf, Promotion, ReadSession, Transfer};
use http::request::Parts;

use crate::world::*;

fn parts(call: Call) -> Parts {
    call.build().into_parts().0
}

async fn read(world: &World, call: Call) -> ReadSession {
    world.hallpass.read_session(&parts(call)).await.unwrap()
}

#[tokio::test]
async fn a_good_cookie_tells_who_is_there() {
    let world = World::with(app_info(), |builder| builder.anti_csrf(AntiCsrf::Token)).await;
    let held = world.tokens("u").await;
    let read = read(&world, post_("/").access_cookie(&held.access)).await;
    let session = read.session().unwrap();
    assert_eq!((session.user_id().as_str(), session.recipe_user_id().as_str(), session.tenant().as_str()), ("u", "u", "public"));
    assert_eq!(*session.handle(), held.handle);
    assert_eq!(serde_json::Value::Object(session.access_token_payload()), front(&held.front)["up"]);
    assert_eq!(session.access_token_expires_at().as_millis(), front(&held.front)["ate"].as_i64().unwrap());
    assert!(!format!("{read:?}").contains(held.access.rsplit('.').next().unwrap()));
}

#[tokio::test]
async fn nobody_is_there_without_a_cookie_of_ours() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    for call in [
        get_("/"),
        get_("/").access_cookie(FOREIGN),
        get_("/").access_cookie(""),
        get_("/").bearer(&held.access),
        get_("/").refresh_cookie("x"),
    ] {
        assert!(matches!(read(&world, call).await, ReadSession::SignedOut));
    }
    let headers_only = World::with(app_info(), |builder| builder.transfer(Allowed::Only(Transfer::Header))).await;
    let held = headers_only.tokens("u").await;
    assert!(matches!(read(&headers_only, get_("/").access_cookie(&held.access)).await, ReadSession::SignedOut));
}

#[tokio::test]
async fn what_a_refresh_may_mend_is_told_apart() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let forged = format!("{}.{}", held.access.rsplit_once('.').unwrap().0, "A".repeat(86));
    for call in [
        get_("/").access_cookie(&forged),
        get_("/").access_cookie(&held.access).access_cookie(&held.access),
        get_("/").access_cookie(&held.access).cookie("sIdRefreshToken", "x"),
    ] {
        assert!(matches!(read(&world, call).await, ReadSession::NeedsRefresh));
    }
    let call = || get_("/").access_cookie(&held.access);
    world.clock.advance(std::time::Duration::from_millis(3_599_999));
    assert!(read(&world, call()).await.session().is_some());
    world.clock.advance(std::time::Duration::from_millis(1));
    assert!(matches!(read(&world, call()).await, ReadSession::NeedsRefresh), "no leeway");
}

#[tokio::test]
async fn gotcha_49_reading_changes_nothing_and_confirms_nothing() {
    let world = World::with(app_info(), |builder| builder.promotion(Promotion::Reference)).await;
    let first = world.tokens("u").await;
    let fresh = world.send(refresh().refresh_cookie(&first.refresh)).await.held_by_cookies();
    assert!(front(&fresh.front)["up"]["parentRefreshTokenHash1"].is_string());
    assert!(read(&world, get_("/").access_cookie(&fresh.access)).await.session().is_some());
    assert_eq!(world.core.checks.load(std::sync::atomic::Ordering::SeqCst), 0, "no token was swapped");
    assert!(!world.ends_with_confirmations().await);
}

#[tokio::test]
async fn pages_can_ask_with_the_layer_and_without() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let page = async |read: ReadSession| read.session().map_or("a guest".to_owned(), |session| session.user_id().to_string());
    let router = || Router::new().route("/", get(page));
    for app in [router().layer(world.hallpass.layer()), router().layer(Extension(world.hallpass.clone()))] {
        let reply = send(&app, get_("/").access_cookie(&held.access)).await;
        assert!(reply.assert(200, "u").leaves_tokens());
        assert!(send(&app, get_("/").access_cookie("x")).await.assert(200, "a guest").leaves_tokens());
    }
    world.clock.advance(std::time::Duration::from_secs(60));
    world.unplug(true);
    let app = router().layer(world.hallpass.layer());
    assert_eq!(send(&app, get_("/").access_cookie(&held.access)).await.status, 503);
}
