//! What clients are told.

use axum::{Router, routing::get};
use hallpass::{AppInfo, InvalidClaim, KeyFamily, SessionError};
use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn gotcha_5_a_missing_or_foreign_access_token_clears_nothing() {
    let world = World::new().await;
    for request in [
        get_("/me"),
        get_("/me").bearer(FOREIGN),
        get_("/me").access_cookie(FOREIGN),
        get_("/me").access_cookie(""),
        get_("/me").header("authorization", "Basic abc"),
        get_("/me").header("cookie", ""),
    ] {
        let reply = world.send(request).await;
        reply.assert(401, UNAUTHORISED);
        assert!(reply.leaves_tokens());
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    }
}

#[tokio::test]
async fn a_token_that_does_not_hold_asks_for_a_refresh() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let (body, _signature) = held.access.rsplit_once('.').unwrap();
    let other_app = World::new().await.tokens("u").await.access;
    for forged in [format!("{body}.{}", "A".repeat(86)), format!("{body}."), other_app] {
        for path in ["/me", "/maybe"] {
            let reply = world.send(get_(path).bearer(&forged)).await;
            reply.assert(401, TRY_REFRESH);
            assert!(reply.leaves_tokens());
        }
    }
}

#[tokio::test]
async fn gotcha_18_a_key_of_the_other_family_costs_one_refresh() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let core = std::sync::Arc::clone(&world.core) as std::sync::Arc<dyn hallpass::Core>;
    let clock = std::sync::Arc::clone(&world.clock) as std::sync::Arc<dyn hallpass::Clock>;
    let switched = hallpass::Hallpass::builder(app_info()).core(core).clock(clock).key_family(KeyFamily::Static).build().await.unwrap();
    let app = Router::new().route("/me", get(async |session: hallpass::Session| session.user_id().to_string())).layer(switched.layer());
    send(&app, get_("/me").bearer(&held.access)).await.assert(401, TRY_REFRESH);
    let next = send(&app, refresh().bearer(&held.refresh)).await.held_by_headers();
    send(&app, get_("/me").bearer(&next.access)).await.assert(200, "u");
}

#[tokio::test]
async fn gotcha_5_a_refused_refresh_clears_everything() {
    let world = World::new().await;
    let revoked = world.tokens("u").await;
    world.hallpass.revoke(&[revoked.handle], Default::default()).await.unwrap();
    let expired = world.tokens("u").await;
    let access = expired.access.clone();
    for request in [
        refresh(),
        refresh().access_cookie(&access),
        refresh().refresh_cookie("nonsense"),
        refresh().bearer(&access),
        refresh().refresh_cookie(&revoked.refresh),
    ] {
        let reply = world.send(request).await;
        reply.assert(401, UNAUTHORISED);
        assert!(reply.clears_all(), "{reply:?}");
        assert_eq!(reply.header("access-control-expose-headers"), Some("front-token, st-access-token, st-refresh-token"));
    }
    world.clock.advance(std::time::Duration::from_secs(100 * 24 * 3600));
    let reply = world.send(refresh().refresh_cookie(&expired.refresh)).await;
    reply.assert(401, UNAUTHORISED);
    assert!(reply.clears_all());
}

#[tokio::test]
async fn theft_is_reported_cleared_and_ends_the_session() {
    let world = World::new().await;
    let first = world.send(login_as("u", "cookie")).await.held_by_cookies();
    let second = world.send(refresh().refresh_cookie(&first.refresh)).await.held_by_cookies();
    let third = world.send(refresh().refresh_cookie(&second.refresh)).await.held_by_cookies();
    let reply = world.send(refresh().refresh_cookie(&first.refresh)).await;
    reply.assert(401, THEFT);
    assert!(reply.clears_all());
    world.send(refresh().refresh_cookie(&third.refresh)).await.assert(401, UNAUTHORISED);
    assert!(world.hallpass.session_info(&first.handle).await.unwrap().is_none());
}

#[tokio::test]
async fn an_unmet_requirement_is_forbidden_and_says_which() {
    let world = World::new().await;
    world.send(get_("/admin")).await.assert(401, UNAUTHORISED);
    let held = world.tokens("u").await;
    let reply = world.send(get_("/admin").bearer(&held.access)).await;
    reply.assert(403, r#"{"message":"invalid claim","claimValidationErrors":[{"id":"admin","reason":{"message":"wrong value"}}]}"#);
    assert!(reply.leaves_tokens());
    let admin = world.hallpass.create_session("boss").payload(json!({ "admin": true })).await.unwrap();
    world.send(get_("/admin").bearer(&Held::of(&admin).access)).await.assert(200, "boss");
}

#[tokio::test]
async fn statuses_follow_the_settings_wherever_the_error_was_raised() {
    let world = World::with(app_info(), |builder| builder.session_expired_status(440).invalid_claim_status(418)).await;
    let held = world.tokens("u").await;
    world.send(get_("/me")).await.assert(440, UNAUTHORISED);
    world.send(post_("/auth/signout")).await.assert(440, UNAUTHORISED);
    assert!(world.send(refresh()).await.assert(440, UNAUTHORISED).clears_all());
    assert!(world.send(post_("/regret")).await.assert(440, UNAUTHORISED).clears_all());
    assert_eq!(world.send(get_("/admin").bearer(&held.access)).await.status, 418);
    world.expire_access_tokens();
    world.send(get_("/me").bearer(&held.access)).await.assert(440, TRY_REFRESH);
}

#[tokio::test]
async fn errors_of_handlers_become_the_same_answers() {
    let world = World::new().await;
    let invalid = || async { Err::<(), _>(SessionError::InvalidClaims(vec![InvalidClaim::new("mine")])) };
    let app = Router::new()
        .route("/invalid", get(invalid))
        .route("/leave", get(|| async { Err::<(), _>(SessionError::unauthorised()) }))
        .route("/again", get(|| async { Err::<(), _>(SessionError::TryRefresh) }))
        .layer(world.hallpass.layer());
    send(&app, get_("/invalid")).await.assert(403, r#"{"message":"invalid claim","claimValidationErrors":[{"id":"mine"}]}"#);
    assert!(send(&app, get_("/again")).await.assert(401, TRY_REFRESH).leaves_tokens());
    // whatever the request carried, if anything
    assert!(send(&app, get_("/leave")).await.assert(401, UNAUTHORISED).clears_all());
}

#[tokio::test]
async fn gotcha_12_signing_in_and_failing_afterwards_takes_everything_back() {
    let world = World::new().await;
    for mode in ["cookie", "header"] {
        let reply = world.send(post_("/regret").header("st-auth-mode", mode)).await;
        reply.assert(401, UNAUTHORISED);
        assert!(reply.clears_all() && reply.header("anti-csrf").is_none());
        assert_eq!(reply.all("set-cookie").len(), 2);
    }
}

#[tokio::test]
async fn a_storage_that_is_down_is_503_everywhere_and_takes_nothing_away() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    world.unplug(true);
    for request in [
        get_("/me").bearer(&held.access),
        get_("/maybe").bearer(&held.access),
        refresh().bearer(&held.refresh),
        refresh().refresh_cookie(&held.refresh),
        post_("/auth/signout").bearer(&held.access),
        login_as("u", "cookie"),
        get_("/auth/jwt/jwks.json"),
    ] {
        let reply = world.send(request).await;
        reply.assert(503, r#"{"message":"sessions are unavailable"}"#);
        assert_eq!(reply.header("retry-after"), Some("2"));
        assert!(reply.leaves_tokens());
    }
    // what needs no storage goes on
    world.send(get_("/me")).await.assert(401, UNAUTHORISED);
    world.send(get_("/maybe")).await.assert(200, "nobody");
    world.unplug(false);
    world.send(refresh().bearer(&held.refresh)).await.assert(200, "{}");
}

#[tokio::test]
async fn gotcha_25_a_sign_in_with_cookies_that_browsers_would_drop_is_refused_and_says_why() {
    let app = AppInfo::new("demo").api("http://api.example.com").website("https://example.org");
    let world = World::with(app, |builder| builder).await;
    let reply = world.send(login_as("u", "cookie")).await;
    assert!(reply.status == 400 && reply.body.contains("serve the API over https"), "{reply:?}");
    assert!(reply.leaves_tokens());
    assert!(world.hallpass.sessions_of(&"u".into(), None).await.unwrap().is_empty());
    assert!(world.send(login_as("u", "header")).await.sets_headers());
}

#[tokio::test]
async fn a_page_of_another_site_cannot_have_tokens_taken_away() {
    let world = World::new().await;
    let sent_from = |site, mode| refresh().header("sec-fetch-site", site).header("sec-fetch-mode", mode);
    for mode in ["navigate", "no-cors", "websocket"] {
        let reply = world.send(sent_from("cross-site", mode)).await;
        assert!(reply.assert(401, UNAUTHORISED).leaves_tokens(), "{mode}");
    }
    // a script that the app's own rules let in, or a page of its own
    for (site, mode) in [("cross-site", "cors"), ("same-site", "navigate"), ("same-origin", "cors"), ("none", "navigate")] {
        let reply = world.send(sent_from(site, mode)).await;
        assert!(reply.assert(401, UNAUTHORISED).clears_cookies(), "{site} {mode}");
    }
}
