//! What responses carry.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::{
    Router,
    response::{AppendHeaders, IntoResponse},
    routing::{get, post},
};
use hallpass::{AntiCsrf, Clock, Session, SessionError, SignIn, cors_headers};
use hallpass_engine::engine::Config;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;
use tower_http::cors::CorsLayer;

use super::super::client::{CLIENTS, Client};
use crate::world::*;

#[tokio::test]
async fn gotcha_3_the_access_token_s_cookie_lives_a_year_whatever_the_token_says() {
    let year = Duration::from_secs(365 * 24 * 3600);
    let minute = Duration::from_secs(60);
    let config = Config { access_token_validity: minute, access_token_jitter: 0.0, ..Config::default() };
    let world = World::over(config, app_info(), |builder| builder).await;
    let expires = |reply: &Reply, name: &str| -> SystemTime {
        let cookie = reply.set_cookie(name).unwrap();
        httpdate::parse_http_date(cookie.split("Expires=").nth(1).unwrap().split(';').next().unwrap()).unwrap()
    };
    let now = || UNIX_EPOCH + Duration::from_secs(world.clock.now().as_secs().unsigned_abs());
    let browser = Client(hallpass::Transfer::Cookie);
    let login = world.send(browser.login("u")).await;
    assert_eq!(expires(&login, "sAccessToken"), now() + year);
    assert!(expires(&login, "sAccessToken") >= expires(&login, "sRefreshToken"));
    world.clock.advance(minute);
    let renewed = world.send(browser.refresh(&login.held_by_cookies())).await;
    assert_eq!(expires(&renewed, "sAccessToken"), now() + year);
    assert!(expires(&renewed, "sAccessToken") >= expires(&renewed, "sRefreshToken"));
    world.clock.advance(minute / 2);
    let merge = browser.call(post_("/merge"), &renewed.held_by_cookies()).json(&json!({ "a": 1 }));
    assert_eq!(expires(&world.send(merge).await, "sAccessToken"), now() + year);
}

#[tokio::test]
async fn gotcha_8_every_refresh_that_succeeds_brings_a_front_token() {
    for setting in [AntiCsrf::None, AntiCsrf::Token] {
        for client in CLIENTS {
            let world = World::with(app_info(), |builder| builder.anti_csrf(setting)).await;
            let first = client.sign_in(&world).await;
            let asks_with = async |held: &Held| {
                let reply = world.send(client.refresh(held)).await;
                let told = front(reply.assert(200, "{}").header("front-token").unwrap());
                assert_eq!((&told["uid"], &told["up"]["sessionHandle"]), (&json!("u"), &json!(first.handle.to_string())));
                client.held(&reply)
            };
            let lost = asks_with(&first).await;
            let again = asks_with(&first).await;
            assert_eq!(again.refresh, lost.refresh);
            world.clock.advance(Duration::from_secs(3600));
            let late = asks_with(&first).await;
            let next = asks_with(&late).await;
            assert_eq!(front(&next.front)["up"]["parentRefreshTokenHash1"], front(&late.front)["up"]["refreshTokenHash1"]);
        }
    }
}

#[tokio::test]
async fn gotcha_9_what_scripts_may_read_is_listed_once_and_in_order() {
    let world = World::with(app_info(), |builder| builder.anti_csrf(AntiCsrf::Token)).await;
    let exposed = |reply: &Reply| reply.header("access-control-expose-headers").unwrap_or("-").to_owned();
    for (client, [created, refreshed, merged, cleared]) in CLIENTS.into_iter().zip([
        ["front-token, anti-csrf", "front-token, anti-csrf", "front-token, anti-csrf", "front-token"],
        [
            "front-token, st-access-token, st-refresh-token",
            "front-token, st-access-token, st-refresh-token",
            "front-token, st-access-token",
            "front-token, st-access-token, st-refresh-token",
        ],
    ]) {
        let login = world.send(client.login("u")).await;
        assert_eq!(exposed(&login), format!("customValue, {created}"), "the app's own come first");
        let renewed = world.send(client.refresh(&client.held(&login))).await;
        assert_eq!(exposed(&renewed), refreshed);
        let held = client.held(&renewed);
        assert_eq!(exposed(&world.send(client.call(get_("/me"), &held)).await), "-");
        let merge = client.call(post_("/merge"), &held).json(&json!({ "a": 1 }));
        assert_eq!(exposed(&world.send(merge).await), merged);
        assert_eq!(exposed(&world.send(client.call(post_("/auth/signout"), &held)).await), cleared);
    }
    let refused = world.send(refresh().refresh_cookie("x")).await;
    assert_eq!(exposed(&refused), "front-token, st-access-token, st-refresh-token");
}

#[tokio::test]
async fn gotcha_9_what_the_app_exposes_already_is_not_listed_twice() {
    let world = World::new().await;
    let login = async |sign_in: SignIn| -> Result<_, SessionError> {
        sign_in.user("u").await?;
        let name = "access-control-expose-headers";
        Ok(AppendHeaders([(name, "x-one,Front-Token"), (name, " x-two ")]))
    };
    let app = Router::new().route("/login", post(login)).layer(world.hallpass.layer());
    let reply = send(&app, login_as("u", "header")).await;
    assert_eq!(reply.all("access-control-expose-headers"), ["x-one, Front-Token, x-two, st-access-token, st-refresh-token"]);
}

#[tokio::test]
async fn gotcha_11_a_cookie_of_the_app_goes_only_if_it_has_the_very_name_of_ours() {
    let world = World::new().await;
    let login = async |sign_in: SignIn| -> Result<_, SessionError> {
        sign_in.user("u").await?;
        let name = "set-cookie";
        Ok(AppendHeaders([(name, "sAccessTokenOfMine=1"), (name, "sAccessToken=mine; Path=/"), (name, "theme=dark")]))
    };
    let app = Router::new().route("/login", post(login)).layer(world.hallpass.layer());
    let reply = send(&app, login_as("u", "cookie")).await;
    assert!(reply.sets_cookies() && reply.cookie("sAccessToken") != Some("mine"));
    assert_eq!(reply.all("set-cookie").len(), 4);
    assert_eq!((reply.cookie("sAccessTokenOfMine"), reply.cookie("theme")), (Some("1"), Some("dark")));
}

/// An app whose handlers fail after they have worked, inside of CORS rules.
fn failing(world: &World, cors: CorsLayer) -> Router {
    async fn fails_after_login(sign_in: SignIn) -> Result<StatusCode, SessionError> {
        sign_in.user("u").await?;
        Ok(StatusCode::INTERNAL_SERVER_ERROR)
    }
    async fn fails_after_merge(session: Session) -> Result<impl IntoResponse, SessionError> {
        session.merge_into_access_token_payload(json!({ "a": 1 })).await?;
        Ok((StatusCode::BAD_GATEWAY, "the gateway broke"))
    }
    let routes = world_routes().route("/fails/login", post(fails_after_login)).route("/fails/merge", post(fails_after_merge));
    routes.layer(world.hallpass.layer()).layer(cors)
}

/// Routes that answer with errors of ours.
fn world_routes() -> Router {
    Router::new()
        .route("/me", get(async |session: Session| session.user_id().to_string()))
        .route("/admin", get(async |session: hallpass::Require<Admin>| session.user_id().to_string()))
}

const WEBSITE: HeaderValue = HeaderValue::from_static("http://localhost:3000");

#[tokio::test]
async fn gotcha_40_whatever_fails_after_tokens_were_queued_they_go_out_and_the_page_may_read_them() {
    let world = World::new().await;
    let app = failing(&world, CorsLayer::new().allow_origin(WEBSITE).allow_headers(cors_headers()).allow_credentials(true));
    for client in CLIENTS {
        let held = client.sign_in(&world).await;
        let mode = if client.uses_cookies() { "cookie" } else { "header" };
        let from_page = |call: Call| call.header("origin", "http://localhost:3000");
        let readable = |reply: &Reply| {
            assert_eq!(reply.header("access-control-allow-origin"), Some("http://localhost:3000"), "{reply:?}");
            assert_eq!(reply.header("access-control-allow-credentials"), Some("true"), "{reply:?}");
        };
        let reply = send(&app, from_page(post_("/fails/login").header("st-auth-mode", mode))).await;
        readable(&reply);
        assert!(reply.status == 500 && client.is_served(&reply), "{reply:?}");

        let reply = send(&app, from_page(client.call(post_("/fails/merge"), &held))).await;
        readable(reply.assert(502, "the gateway broke"));
        assert_eq!(front(reply.header("front-token").unwrap())["up"]["a"], 1);
        let sent = if client.uses_cookies() { reply.cookie("sAccessToken") } else { reply.header("st-access-token") };
        world.send(client.carry(get_("/me"), sent.unwrap())).await.assert(200, "u");

        readable(send(&app, from_page(get_("/me"))).await.assert(401, UNAUTHORISED));
        let forbidden = send(&app, from_page(client.call(get_("/admin"), &held))).await;
        readable(&forbidden);
        assert_eq!(forbidden.status, 403);
        let refused = send(&app, from_page(refresh())).await;
        readable(refused.assert(401, UNAUTHORISED));
        assert!(refused.clears_all());
    }
    world.unplug(true);
    let down = send(&app, refresh().bearer("x").header("origin", "http://localhost:3000")).await;
    assert_eq!(down.header("access-control-allow-origin"), Some("http://localhost:3000"));
}

#[tokio::test]
async fn gotcha_42_cors_rules_outside_must_expose_ours_too_or_nothing() {
    let world = World::new().await;
    let own = HeaderName::from_static("x-own");
    let all = [own.clone(), HeaderName::from_static("front-token"), HeaderName::from_static("anti-csrf")];
    for (rules, exposed) in [
        (CorsLayer::new(), "front-token"),
        (CorsLayer::new().expose_headers(all), "x-own,front-token,anti-csrf"),
        // this is the mistake
        (CorsLayer::new().expose_headers([own.clone()]), "x-own"),
    ] {
        let app = failing(&world, rules.allow_origin(WEBSITE));
        let reply = send(&app, post_("/fails/login").header("st-auth-mode", "cookie").header("origin", "http://localhost:3000")).await;
        assert_eq!(reply.all("access-control-expose-headers"), [exposed]);
    }
    // inside they may say what they like
    let login = async |sign_in: SignIn| sign_in.user("u").await.map(|_session| ());
    let inside = Router::new().route("/login", post(login)).layer(CorsLayer::new().allow_origin(WEBSITE).expose_headers([own]));
    let reply = send(&inside.layer(world.hallpass.layer()), login_as("u", "cookie")).await;
    assert_eq!(reply.all("access-control-expose-headers"), ["x-own, front-token"]);
}
