//! Signing in, on top of whatever was there.

use hallpass::{Allowed, AppInfo, Builder, Transfer};
use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn signing_in_revokes_the_session_that_the_request_carried() {
    let world = World::new().await;
    let (in_header, in_cookie, elsewhere) = (world.tokens("a").await, world.tokens("b").await, world.tokens("c").await);
    let reply = world.send(login_as("u", "cookie").bearer(&in_header.access).access_cookie(&in_cookie.access)).await;
    assert!(reply.sets_cookies());
    for (held, lives) in [(&in_header, false), (&in_cookie, false), (&elsewhere, true)] {
        assert_eq!(world.hallpass.session_info(&held.handle).await.unwrap().is_some(), lives);
    }
    assert!(world.hallpass.session_info(&reply.held_by_cookies().handle).await.unwrap().is_some());
}

#[tokio::test]
async fn signing_in_again_never_takes_over_a_session_that_somebody_planted() {
    let world = World::new().await;
    let planted = world.send(login_as("attacker", "cookie")).await.held_by_cookies();
    let reply = world.send(login_as("victim", "cookie").access_cookie(&planted.access).refresh_cookie(&planted.refresh)).await;
    let held = reply.held_by_cookies();
    assert!(held.handle != planted.handle && held.refresh != planted.refresh);
    world.send(refresh().refresh_cookie(&planted.refresh)).await.assert(401, UNAUTHORISED);
}

#[tokio::test]
async fn tokens_that_do_not_hold_revoke_nothing() {
    let world = World::new().await;
    let held = world.tokens("a").await;
    let forged = format!("{}.{}", held.access.rsplit_once('.').unwrap().0, "A".repeat(86));
    for token in [FOREIGN, &forged, "nonsense", ""] {
        assert!(world.send(login_as("u", "cookie").access_cookie(token).bearer(token)).await.sets_cookies());
    }
    assert!(world.hallpass.session_info(&held.handle).await.unwrap().is_some());
}

#[tokio::test]
async fn gotcha_32_the_payload_of_another_session_can_be_reused() {
    let world = World::new().await;
    let before = world.tokens("a").await;
    let payload = front(&before.front)["up"].clone();
    let reply = world.send(post_("/login").json(&json!({ "user": "b", "payload": payload }))).await;
    let up = front(reply.header("front-token").unwrap())["up"].clone();
    assert_eq!((&up["sub"], &up["rsub"]), (&json!("b"), &json!("b")));
    assert_ne!(up["sessionHandle"], payload["sessionHandle"]);
}

#[tokio::test]
async fn a_session_belongs_to_a_tenant() {
    let world = World::new().await;
    let session = world.hallpass.create_session("u").tenant("t1".parse().unwrap()).await.unwrap();
    let held = Held::of(&session);
    assert_eq!((session.tenant().as_str(), front(&held.front)["up"]["tId"].as_str()), ("t1", Some("t1")));
    let next = world.send(refresh().bearer(&held.refresh)).await.held_by_headers();
    assert_eq!(next.handle, held.handle);
}

#[tokio::test]
async fn odd_user_ids_are_taken_as_they_are() {
    let world = World::new().await;
    for user in ["", "ü 漢字 \u{1F600}", "a\"b\\c;,=\n"] {
        let held = world.send(login_as(user, "cookie")).await.held_by_cookies();
        world.send(get_("/me").access_cookie(&held.access)).await.assert(200, user);
    }
}

#[tokio::test]
async fn what_is_no_object_is_refused_before_anything_is_stored() {
    let world = World::new().await;
    let reply = world.send(post_("/login").json(&json!({ "user": "u", "payload": [1] }))).await;
    assert!(reply.status == 500 && reply.leaves_tokens());
    assert!(world.hallpass.sessions_of(&"u".into(), None).await.unwrap().is_empty());
}

/// An app for browsers: tokens travel in cookies, whatever the client says.
async fn for_browsers(settings: impl FnOnce(Builder) -> Builder) -> World {
    let app = AppInfo::new("demo").api("https://api.example.com").website("https://example.com");
    World::with(app, |builder| settings(builder.transfer(Allowed::Only(Transfer::Cookie)))).await
}

/// What a browser tells of a request's cause.
type Told = &'static [(&'static str, &'static str)];

async fn signs_in(world: &World, path: &str, told: Told) -> bool {
    let login = post_(path).json(&json!({ "user": "u" }));
    let reply = world.send(told.iter().fold(login, |call, (name, value)| call.header(name, value))).await;
    if reply.sets_cookies() {
        return true;
    }
    reply.assert(403, r#"{"message":"the request comes from an origin that may not use the session"}"#);
    assert!(reply.leaves_tokens());
    false
}

const NAVIGATES: (&str, &str) = ("sec-fetch-mode", "navigate");
const NO_CORS: (&str, &str) = ("sec-fetch-mode", "no-cors");
const CORS: (&str, &str) = ("sec-fetch-mode", "cors");
const CROSS_SITE: (&str, &str) = ("sec-fetch-site", "cross-site");
const SAME_SITE: (&str, &str) = ("sec-fetch-site", "same-site");
const EVIL: (&str, &str) = ("origin", "https://evil.com");
const WEBSITE: (&str, &str) = ("origin", "https://example.com");
const SIBLING: (&str, &str) = ("origin", "https://other.example.com");
const IDP: (&str, &str) = ("origin", "https://login.idp.com");
const NOBODY: (&str, &str) = ("origin", "null");

#[tokio::test]
async fn a_form_of_another_site_signs_nobody_in_by_cookies() {
    let world = for_browsers(|builder| builder).await;
    for (told, expected) in [
        (&[NAVIGATES, CROSS_SITE, EVIL] as Told, false),
        (&[NAVIGATES, CROSS_SITE, NOBODY], false),
        (&[NAVIGATES, CROSS_SITE], false),
        (&[NO_CORS, CROSS_SITE, EVIL], false),
        (&[NAVIGATES, ("sec-fetch-site", "same-origin")], true),
        (&[NAVIGATES, SAME_SITE, WEBSITE], true),
        // the website is of another site than the API in some apps
        (&[NAVIGATES, CROSS_SITE, WEBSITE], true),
        // by an address that somebody typed
        (&[NAVIGATES, ("sec-fetch-site", "none")], true),
        // a script, which the app's CORS rules let read the answer
        (&[CORS, CROSS_SITE, EVIL], true),
        // no browser, or one that tells nothing
        (&[], true),
        (&[EVIL], true),
        // a page of one's own site, unless the app names those that it trusts
        (&[NAVIGATES, SAME_SITE, SIBLING], true),
    ] {
        assert_eq!(signs_in(&world, "/login", told).await, expected, "{told:?}");
    }
    assert_eq!(world.hallpass.sessions_of(&"u".into(), None).await.unwrap().len(), 8, "who was refused has no session");
}

#[tokio::test]
async fn where_the_app_names_the_origins_that_it_trusts_only_they_sign_in_by_cookies() {
    let world = for_browsers(|builder| builder.trusted_origins(["https://login.idp.com"])).await;
    for (told, expected) in [
        (&[NAVIGATES, CROSS_SITE, EVIL] as Told, false),
        (&[NAVIGATES, CROSS_SITE, NOBODY], false),
        (&[NAVIGATES, SAME_SITE, SIBLING], false),
        (&[CORS, CROSS_SITE, EVIL], false),
        // browsers of before name the origin at least
        (&[EVIL], false),
        (&[NAVIGATES, CROSS_SITE, IDP], true),
        (&[NAVIGATES, CROSS_SITE, WEBSITE], true),
        (&[WEBSITE], true),
        (&[], true),
    ] {
        assert_eq!(signs_in(&world, "/login", told).await, expected, "{told:?}");
    }
}

#[tokio::test]
async fn a_website_that_a_request_names_itself_is_not_trusted_for_it() {
    let told_by_origin = |request: &http::request::Parts| request.headers.get("origin")?.to_str().ok().map(str::to_owned);
    let app = AppInfo::new("demo").api("https://api.example.com").website_of(told_by_origin);
    let world = World::with(app, |builder| builder.transfer(Allowed::Only(Transfer::Cookie))).await;
    assert!(!signs_in(&world, "/login", &[NAVIGATES, CROSS_SITE, EVIL]).await);
    assert!(signs_in(&world, "/login", &[CORS, CROSS_SITE, EVIL]).await);
}
