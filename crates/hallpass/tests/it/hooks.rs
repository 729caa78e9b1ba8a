//! What apps decide by themselves.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, routing::post};
use bytes::Bytes;
use hallpass::{
    Allowed, Clock, HookContext, Hooks, Names, NewSession, PeerAddress, Purpose, Session, SessionError, SessionHandle, SignIn, Theft,
    Transfer, UserId, async_trait,
};
use http::{Response, request::Parts};
use serde_json::json;

use crate::world::*;

async fn world(hooks: impl Hooks) -> World {
    World::with(app_info(), |builder| builder.hooks(hooks)).await
}

/// Decides how tokens travel, and what they are called, by the client.
struct PerRequest(Names);

impl Hooks for PerRequest {
    fn transfer(&self, request: &Parts, purpose: Purpose) -> Option<Allowed> {
        let native = request.headers.contains_key("x-native");
        (purpose == Purpose::Create || native).then_some(Allowed::Only(if native { Transfer::Header } else { Transfer::Cookie }))
    }

    fn names(&self, request: &Parts) -> Names {
        if request.headers.get("host").is_some_and(|host| host == "admin.example.com") { self.0.clone() } else { Names::default() }
    }
}

fn per_request() -> PerRequest {
    let names = Names::default().cookies("adminAccess", "adminRefresh").unwrap();
    PerRequest(names.headers("x-access".parse().unwrap(), "x-refresh".parse().unwrap()).unwrap())
}

#[tokio::test]
async fn the_way_of_tokens_can_be_decided_per_request() {
    let world = world(per_request()).await;
    assert!(world.send(login_as("u", "header")).await.sets_cookies());
    let held = world.send(login_as("u", "cookie").header("x-native", "1")).await.held_by_headers();
    world.send(get_("/me").header("x-native", "1").bearer(&held.access)).await.assert(200, "u");
    world.send(get_("/me").header("x-native", "1").access_cookie(&held.access)).await.assert(401, UNAUTHORISED);
    world.send(get_("/me").access_cookie(&held.access)).await.assert(200, "u");
}

#[tokio::test]
async fn everything_follows_the_names_of_a_request() {
    let world = World::with(app_info(), |builder| builder.hooks(per_request()).older_cookie_domain("old.example.com")).await;
    let admin = |call: Call| call.header("host", "admin.example.com");
    let reply = world.send(admin(login_as("u", "cookie"))).await;
    assert!(reply.set_cookie("sAccessToken").is_none() && reply.set_cookie("sRefreshToken").is_none());
    let (access, refresh_token) = (reply.cookie("adminAccess").unwrap(), reply.cookie("adminRefresh").unwrap());

    world.send(admin(get_("/me").cookie("adminAccess", access))).await.assert(200, "u");
    world.send(admin(get_("/me").access_cookie(access))).await.assert(401, UNAUTHORISED);
    world.send(get_("/me").cookie("adminAccess", access)).await.assert(401, UNAUTHORISED);

    let reply = world.send(admin(refresh().cookie("adminRefresh", refresh_token))).await;
    reply.assert(200, "{}");
    let (next, next_refresh) = (reply.cookie("adminAccess").unwrap(), reply.cookie("adminRefresh").unwrap());
    assert!(reply.set_cookie("sAccessToken").is_none());
    assert!(world.send(admin(refresh().refresh_cookie(next_refresh))).await.assert(401, UNAUTHORISED).set_cookie("adminAccess").is_some());

    // two of them
    world.send(admin(get_("/me").cookie("adminAccess", next).cookie("adminAccess", next))).await.assert(401, TRY_REFRESH);
    let reply = world.send(admin(refresh().cookie("adminRefresh", next_refresh).cookie("adminRefresh", "x"))).await;
    assert_eq!(reply.status, 200);
    assert!(reply.set_cookie("adminRefresh").unwrap().contains("; Domain=old.example.com; "));

    // a sign-in on top of a session
    assert_eq!(world.hallpass.sessions_of(&"u".into(), None).await.unwrap().len(), 1);
    let reply = world.send(admin(login_as("v", "cookie").cookie("adminAccess", next))).await;
    assert!(world.hallpass.sessions_of(&"u".into(), None).await.unwrap().is_empty());

    let next = reply.cookie("adminAccess").unwrap();
    let reply = world.send(admin(post_("/auth/signout").cookie("adminAccess", next))).await;
    reply.assert(200, r#"{"status":"OK"}"#);
    assert!(reply.cookie("adminAccess") == Some("") && reply.cookie("adminRefresh") == Some("") && reply.all("set-cookie").len() == 2);
}

#[tokio::test]
async fn headers_follow_the_names_of_a_request_and_are_exposed() {
    let world = world(per_request()).await;
    let reply = world.send(login_as("u", "header").header("host", "admin.example.com").header("x-native", "1")).await;
    assert!(reply.header("x-access").is_some_and(|token| !token.is_empty()) && reply.header("x-refresh").is_some());
    assert!(reply.header("st-access-token").is_none() && reply.header("st-refresh-token").is_none());
    assert_eq!(reply.header("access-control-expose-headers"), Some("customValue, front-token, x-access, x-refresh"));
}

/// Bans users, and leaves notes.
#[derive(Default)]
struct AtCreation {
    refuses_afterwards: bool,
}

#[async_trait]
impl Hooks for AtCreation {
    async fn creating(&self, new: &mut NewSession, context: HookContext<'_>) -> Result<(), SessionError> {
        if new.user.as_str() == "banned" {
            return Err(SessionError::Refused("User is banned".to_owned()));
        }
        if new.user.as_str() == "forger" {
            new.payload.insert("sub".to_owned(), "root".into());
        }
        new.payload.insert("plan".to_owned(), "pro".into());
        let address = context.client_address().map_or("unknown".to_owned(), |address| address.to_string());
        new.data.insert("address".to_owned(), address.into());
        Ok(())
    }

    async fn created(&self, session: &Session, context: HookContext<'_>) -> Result<(), SessionError> {
        session.merge_into_access_token_payload(json!({ "greeted": true })).await?;
        if self.refuses_afterwards {
            return Err(SessionError::Refused("not today".to_owned()));
        }
        let all = context.hallpass.sessions_of(session.user_id(), None).await?;
        let others: Vec<_> = all.into_iter().map(|other| other.handle).filter(|other| other != session.handle()).collect();
        context.hallpass.revoke(&others, Default::default()).await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_hook_says_what_a_new_session_knows_and_who_gets_none() {
    let world = world(AtCreation::default()).await;
    let reply = world.send(login_as("banned", "cookie")).await;
    assert!(reply.assert(403, r#"{"message":"User is banned"}"#).leaves_tokens());
    assert!(world.hallpass.sessions_of(&"banned".into(), None).await.unwrap().is_empty());
    // what only the engine may set, a hook cannot set either
    assert!(
        world
            .send(login_as("forger", "cookie"))
            .await
            .assert(400, r#"{"message":"the payload contains the protected claim `sub`"}"#)
            .leaves_tokens()
    );

    let mut request = login_as("u", "cookie").build();
    request.extensions_mut().insert(PeerAddress("203.0.113.7".parse().unwrap()));
    let reply = Reply::read(tower::ServiceExt::oneshot(world.app.clone(), request).await.unwrap()).await;
    let held = reply.held_by_cookies();
    let up = front(&held.front)["up"].clone();
    assert_eq!((&up["plan"], &up["greeted"]), (&json!("pro"), &json!(true)));
    assert_eq!(world.hallpass.session_info(&held.handle).await.unwrap().unwrap().data["address"], "203.0.113.7");

    // also where there is no request
    let session = world.hallpass.create_session("u").await.unwrap();
    assert_eq!((session.claim("plan"), session.claim("greeted")), (Some(json!("pro")), Some(json!(true))));
    assert!(world.hallpass.create_session("banned").await.is_err());
    let left = world.hallpass.sessions_of(&"u".into(), None).await.unwrap();
    assert!(left.len() == 1 && left[0].handle == *session.handle(), "one session per user, the newest");
}

#[tokio::test]
async fn a_session_that_a_hook_refuses_afterwards_is_taken_back_whole() {
    let hooks = AtCreation { refuses_afterwards: true };
    let world = World::with(app_info(), |builder| builder.hooks(hooks).anti_csrf(hallpass::AntiCsrf::Token)).await;
    for mode in ["cookie", "header"] {
        let reply = world.send(login_as("u", mode)).await;
        reply.assert(403, r#"{"message":"not today"}"#);
        assert!(reply.clears_all() && reply.header("anti-csrf").is_none(), "{reply:?}");
    }
    assert!(world.hallpass.create_session("u").await.is_err());
    assert!(world.hallpass.sessions_of(&"u".into(), None).await.unwrap().is_empty());
}

#[tokio::test]
async fn gotcha_13_an_error_after_a_sign_in_wipes_what_was_queued_anti_csrf_included() {
    let world = World::with(app_info(), |builder| builder.anti_csrf(hallpass::AntiCsrf::Token)).await;
    let handler = async |sign_in: SignIn| -> Result<(), SessionError> {
        let session = sign_in.user("u").await?;
        assert!(session.tokens().anti_csrf.is_some());
        Err(SessionError::unauthorised())
    };
    let app = Router::new().route("/login", post(handler)).layer(world.hallpass.layer());
    let reply = send(&app, login_as("u", "cookie")).await;
    reply.assert(401, UNAUTHORISED);
    assert!(reply.clears_all() && reply.header("anti-csrf").is_none());
}

/// Says how long the first access token of a session lives.
struct Shortened(Duration);

#[async_trait]
impl Hooks for Shortened {
    async fn creating(&self, new: &mut NewSession, _: HookContext<'_>) -> Result<(), SessionError> {
        new.access_token_validity = Some(self.0);
        Ok(())
    }
}

#[tokio::test]
async fn a_hook_says_how_long_the_first_access_token_lives_but_not_longer_than_others() {
    let hour = Duration::from_secs(3600);
    for (asked, lives) in [(Duration::from_secs(60), Duration::from_secs(60)), (2 * hour, hour)] {
        let world = world(Shortened(asked)).await;
        let now = world.clock.now();
        let session = world.hallpass.create_session("u").await.unwrap();
        assert_eq!(session.access_token_expires_at(), now + lives);
        let held = world.send(login_as("u", "cookie")).await.held_by_cookies();
        assert_eq!(front(&held.front)["ate"], (now + lives).as_millis());
        let refreshed = world.hallpass.refresh_from_token(&held.refresh, None, false).await.unwrap();
        assert_eq!(refreshed.access_token_expires_at(), now + hour, "those after it live as ever");
    }
}

/// Does at a refresh what the user's name says.
struct AtRefresh;

#[async_trait]
impl Hooks for AtRefresh {
    async fn refreshed(&self, session: &Session, _: HookContext<'_>) -> Result<(), SessionError> {
        match session.user_id().as_str() {
            "promoted" => session.merge_into_access_token_payload(json!({ "role": "admin" })).await,
            "revoked" => session.revoke().await,
            "refused" => Err(SessionError::unauthorised()),
            "told" => Err(SessionError::Refused("come back later".to_owned())),
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn a_hook_can_change_a_refreshed_session() {
    let world = world(AtRefresh).await;
    for mode in ["cookie", "header"] {
        let held = world.send(login_as("promoted", mode)).await;
        let reply = match mode {
            "cookie" => world.send(refresh().refresh_cookie(&held.held_by_cookies().refresh)).await,
            _ => world.send(refresh().bearer(&held.held_by_headers().refresh)).await,
        };
        reply.assert(200, "{}");
        assert_eq!(front(reply.header("front-token").unwrap())["up"]["role"], "admin");
        assert!(reply.all("set-cookie").len() == if mode == "cookie" { 2 } else { 0 });
    }
}

#[tokio::test]
async fn revoking_inside_a_refresh_is_answered_by_200_without_tokens() {
    let world = world(AtRefresh).await;
    let held = world.tokens("revoked").await;
    let reply = world.send(refresh().refresh_cookie(&held.refresh)).await;
    reply.assert(200, "{}");
    assert!(reply.clears_cookies() && reply.header("front-token") == Some("remove"));
    assert!(world.hallpass.session_info(&held.handle).await.unwrap().is_none());
}

#[tokio::test]
async fn refusing_a_refresh_as_unauthorised_clears_everything() {
    let world = world(AtRefresh).await;
    let held = world.tokens("refused").await;
    let reply = world.send(refresh().refresh_cookie(&held.refresh)).await;
    reply.assert(401, UNAUTHORISED);
    assert!(reply.clears_all());
    assert!(world.hallpass.refresh_from_token(&held.refresh, None, true).await.is_err());
}

#[tokio::test]
async fn another_error_at_a_refresh_still_brings_the_new_tokens() {
    let world = world(AtRefresh).await;
    let held = world.tokens("told").await;
    let reply = world.send(refresh().refresh_cookie(&held.refresh)).await;
    reply.assert(403, r#"{"message":"come back later"}"#);
    assert!(reply.sets_cookies() && reply.held_by_cookies().handle == held.handle);
}

/// Lets only some in, and nobody out.
struct Gate;

#[async_trait]
impl Hooks for Gate {
    async fn verified(&self, session: &Session, _: HookContext<'_>) -> Result<(), SessionError> {
        match session.user_id().as_str() {
            "outlaw" => Err(SessionError::unauthorised()),
            _ => Ok(()),
        }
    }

    async fn signing_out(&self, session: &Session, context: HookContext<'_>) -> Result<(), SessionError> {
        match session.user_id().as_str() {
            "busy" => Err(SessionError::Refused("finish the upload first".to_owned())),
            "everywhere" => {
                context.hallpass.revoke_all_of(session.user_id(), None, Default::default()).await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn a_hook_sees_every_verified_session_but_lets_everybody_leave() {
    let world = world(Gate).await;
    let outlaw = world.tokens("outlaw").await;
    for path in ["/me", "/maybe"] {
        assert!(world.send(get_(path).bearer(&outlaw.access)).await.assert(401, UNAUTHORISED).clears_all());
    }
    assert!(world.hallpass.session_from_token(&outlaw.access, None, &Default::default()).await.is_err());
    world.send(post_("/auth/signout").bearer(&outlaw.access)).await.assert(200, r#"{"status":"OK"}"#);
    let other = world.tokens("u").await;
    world.send(get_("/me").bearer(&other.access)).await.assert(200, "u");
}

#[tokio::test]
async fn a_sign_out_can_be_refused_in_words_for_the_user() {
    let world = world(Gate).await;
    let held = world.tokens("busy").await;
    let reply = world.send(post_("/auth/signout").bearer(&held.access)).await;
    reply.assert(200, r#"{"status":"GENERAL_ERROR","message":"finish the upload first"}"#);
    assert!(reply.leaves_tokens());
    world.send(refresh().bearer(&held.refresh)).await.assert(200, "{}");
}

#[tokio::test]
async fn a_sign_out_can_end_all_sessions_of_a_user() {
    let world = world(Gate).await;
    let (here, elsewhere) = (world.tokens("everywhere").await, world.tokens("everywhere").await);
    let reply = world.send(post_("/auth/signout").access_cookie(&here.access)).await;
    assert!(reply.assert(200, r#"{"status":"OK"}"#).clears_cookies());
    world.send(refresh().bearer(&elsewhere.refresh)).await.assert(401, UNAUTHORISED);
}

/// Answers errors in its own way, and counts what it hears of.
#[derive(Clone, Default)]
struct Words {
    stolen: Arc<Mutex<Vec<(SessionHandle, UserId)>>>,
    signed_out: Arc<AtomicUsize>,
}

#[async_trait]
impl Hooks for Words {
    async fn stolen(&self, theft: Theft<'_>, context: HookContext<'_>) {
        assert!(context.hallpass.session_info(theft.handle).await.unwrap().is_none(), "it is revoked already");
        self.stolen.lock().unwrap().push((theft.handle.clone(), theft.user.clone()));
    }

    async fn signed_out(&self, _: &Session, _: HookContext<'_>) {
        self.signed_out.fetch_add(1, Ordering::SeqCst);
    }

    fn answer(&self, error: &SessionError, request: &Parts) -> Option<Response<Bytes>> {
        if request.headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate") {
            return Response::builder().status(303).header("location", "/login").body(Bytes::new()).ok();
        }
        let body = match error {
            SessionError::Unauthorised { .. } => "who are you?",
            SessionError::TokenTheft { .. } => "thief!",
            SessionError::InvalidClaims(_) => "not for you",
            SessionError::ClearDuplicateCookies => "once more",
            SessionError::Unavailable(_) => "later",
            _ => return None,
        };
        let mut response = error.to_response();
        *response.body_mut() = Bytes::from(body);
        response.headers_mut().insert("content-type", "text/plain".parse().unwrap());
        Some(response)
    }
}

#[tokio::test]
async fn errors_are_answered_in_the_app_s_words_and_what_was_queued_goes_out_all_the_same() {
    let settings = |builder: hallpass::Builder| builder.hooks(Words::default()).older_cookie_domain("");
    let mut world = World::with(app_info(), settings).await;
    let held = world.tokens("u").await;
    let reply = world.send(get_("/me")).await;
    assert!(reply.assert(401, "who are you?").leaves_tokens() && reply.header("content-type") == Some("text/plain"));
    assert!(world.send(refresh()).await.assert(401, "who are you?").clears_all());
    assert!(world.send(post_("/regret")).await.assert(401, "who are you?").clears_all());
    world.send(get_("/admin").bearer(&held.access)).await.assert(403, "not for you");
    assert!(
        world.send(refresh().refresh_cookie("x").refresh_cookie("y")).await.assert(200, "once more").set_cookie("sRefreshToken").is_some()
    );
    world.unplug(true);
    let reply = world.send(get_("/me").bearer(&held.access)).await;
    assert!(reply.assert(503, "later").leaves_tokens() && reply.header("retry-after") == Some("2"));
    world.unplug(false);
    world.expire_access_tokens();
    world.send(get_("/me").bearer(&held.access)).await.assert(401, TRY_REFRESH);

    // another status altogether
    let reply = world.send(get_("/me").header("sec-fetch-mode", "navigate")).await;
    assert!(reply.assert(303, "").header("location") == Some("/login") && reply.header("content-type").is_none());

    // what surrounds the handler stays
    let cors = tower::util::MapResponseLayer::new(|mut response: axum::response::Response| {
        response.headers_mut().insert("access-control-allow-origin", "https://example.com".parse().unwrap());
        response
    });
    let inner = Router::new().route("/regret", post(async || Err::<(), _>(SessionError::unauthorised()))).layer(cors);
    world.app = inner.layer(world.hallpass.layer());
    let reply = world.send(post_("/regret")).await;
    assert!(reply.assert(401, "who are you?").clears_all());
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://example.com"));
}

#[tokio::test]
async fn an_answer_that_a_handler_chose_is_not_answered_again() {
    let world = world(Words::default()).await;
    let handler = async || (http::StatusCode::IM_A_TEAPOT, SessionError::unauthorised());
    let app = Router::new().route("/", post(handler)).layer(world.hallpass.layer());
    let reply = send(&app, post_("/")).await;
    assert!(reply.assert(418, UNAUTHORISED).clears_all());
}

#[tokio::test]
async fn gotcha_29_theft_revokes_whatever_the_hooks_make_of_it() {
    let hooks = Words::default();
    let world = world(hooks.clone()).await;
    let first = world.send(login_as("u", "cookie")).await.held_by_cookies();
    let second = world.send(refresh().refresh_cookie(&first.refresh)).await.held_by_cookies();
    let third = world.send(refresh().refresh_cookie(&second.refresh)).await.held_by_cookies();
    assert!(world.send(refresh().refresh_cookie(&first.refresh)).await.assert(401, "thief!").clears_all());
    assert_eq!(*hooks.stolen.lock().unwrap(), [(first.handle.clone(), UserId::from("u"))]);
    assert!(world.hallpass.session_info(&first.handle).await.unwrap().is_none());
    assert!(world.send(refresh().refresh_cookie(&third.refresh)).await.assert(401, "who are you?").clears_all());
}

#[tokio::test]
async fn after_a_sign_out_a_hook_hears_of_it_once() {
    let hooks = Words::default();
    let world = world(hooks.clone()).await;
    let held = world.tokens("u").await;
    world.send(post_("/auth/signout")).await.assert(401, "who are you?");
    assert_eq!(hooks.signed_out.load(Ordering::SeqCst), 0);
    world.send(post_("/auth/signout").bearer(&held.access)).await.assert(200, r#"{"status":"OK"}"#);
    assert_eq!(hooks.signed_out.load(Ordering::SeqCst), 1);
}
