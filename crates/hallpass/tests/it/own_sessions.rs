//! Users who see and end their own sessions.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use hallpass::{Builder, HookContext, Hooks, Session, SessionError, SessionHandle, async_trait, claims::Validator};
use serde_json::{Value, json};

use crate::world::*;

const ROUTES: [(&str, &str); 3] =
    [("GET", "/auth/sessions"), ("POST", "/auth/sessions/revoke?handle=x"), ("POST", "/auth/sessions/revoke-others")];

fn opted_in(builder: Builder) -> Builder {
    builder.own_sessions(true).record_devices(true)
}

async fn sessions(world: &World, token: &str) -> Vec<Value> {
    let reply = world.send(get_("/auth/sessions").bearer(token)).await;
    serde_json::from_str::<Value>(&reply.body).unwrap()["sessions"].as_array().unwrap().clone()
}

async fn revoke(world: &World, token: &str, handle: &SessionHandle) -> Reply {
    world.send(post_(&format!("/auth/sessions/revoke?handle={handle}")).bearer(token)).await
}

/// Signs in with a browser of this name.
async fn sign_in(world: &World, user: &str, browser: &str) -> Held {
    let reply = world
        .send(post_("/login").json(&json!({ "user": user, "payload": {}, "data": { "theme": "dark" } })).header("user-agent", browser))
        .await;
    reply.held_by_headers()
}

#[tokio::test]
async fn the_session_at_hand_comes_first_then_the_one_used_last() {
    let world = World::with(app_info(), opted_in).await;
    let phone = sign_in(&world, "u", "Phone").await;
    let _other = sign_in(&world, "another", "Desk").await;
    world.clock.advance(Duration::from_secs(60));
    let old = sign_in(&world, "u", "Old").await;
    world.clock.advance(Duration::from_secs(60));
    let laptop = sign_in(&world, "u", "Laptop").await;
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(world.send(post_("/auth/session/refresh").bearer(&phone.refresh)).await.status, 200);
    let list = sessions(&world, &laptop.access).await;
    let told: Vec<_> = list.iter().map(|session| (session["userAgent"].as_str().unwrap(), session["isCurrent"] == true)).collect();
    assert_eq!(told, [("Laptop", true), ("Phone", false), ("Old", false)]);
    assert_eq!(list[1]["timeRefreshed"].as_i64().unwrap() - list[1]["timeCreated"].as_i64().unwrap(), 180_000);
    assert_eq!((&list[2]["timeRefreshed"], &list[2]["handle"]), (&Value::Null, &json!(old.handle.to_string())));
}

#[tokio::test]
async fn a_user_ends_one_session_or_all_others_and_nobody_elses() {
    let world = World::with(app_info(), opted_in).await;
    let [first, second, third, foreign] =
        [world.tokens("u").await, world.tokens("u").await, world.tokens("u").await, world.tokens("v").await];
    revoke(&world, &first.access, &second.handle).await.assert(200, r#"{"status":"OK","revoked":1}"#);
    assert_eq!(world.send(get_("/me").bearer(&second.access)).await.status, 401);
    for gone in [&second, &foreign] {
        revoke(&world, &first.access, &gone.handle).await.assert(200, r#"{"status":"OK","revoked":0}"#);
    }
    world.send(get_("/me").bearer(&foreign.access)).await.assert(200, "v");
    let fourth = world.tokens("u").await;
    world.send(post_("/auth/sessions/revoke-others").bearer(&fourth.access)).await.assert(200, r#"{"status":"OK","revoked":2}"#);
    world.send(post_("/auth/sessions/revoke-others").bearer(&fourth.access)).await.assert(200, r#"{"status":"OK","revoked":0}"#);
    for gone in [&first, &third] {
        assert_eq!(world.send(post_("/auth/session/refresh").bearer(&gone.refresh)).await.status, 401);
    }
    assert_eq!(sessions(&world, &fourth.access).await.len(), 1);
    let reply = revoke(&world, &fourth.access, &fourth.handle).await;
    assert_eq!(reply.header("front-token"), Some("remove"), "whoever ends the session at hand has signed out");
    reply.assert(200, r#"{"status":"OK","revoked":1}"#);
}

/// Lets users out when they are done, and counts them.
#[derive(Clone, Default)]
struct Door(Arc<AtomicUsize>);

#[async_trait]
impl Hooks for Door {
    async fn signing_out(&self, session: &Session, _: HookContext<'_>) -> Result<(), SessionError> {
        if session.user_id().as_str() == "busy" { Err(SessionError::Refused("finish the upload first".to_owned())) } else { Ok(()) }
    }

    async fn signed_out(&self, _: &Session, _: HookContext<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn whoever_ends_the_session_at_hand_signs_out_with_all_that_belongs_to_it() {
    let door = Door::default();
    let settings = |builder: Builder| opted_in(builder).hooks(door.clone()).clear_site_data([hallpass::SiteData::Cache]);
    let world = World::with(app_info(), settings).await;
    let [busy, here, elsewhere] = [world.tokens("busy").await, world.tokens("u").await, world.tokens("u").await];
    let reply = revoke(&world, &busy.access, &busy.handle).await;
    assert!(reply.assert(403, r#"{"message":"finish the upload first"}"#).leaves_tokens());
    let reply = revoke(&world, &here.access, &elsewhere.handle).await;
    assert_eq!((reply.header("clear-site-data"), door.0.load(Ordering::SeqCst)), (None, 0), "another device is none of this browser's");
    let reply = revoke(&world, &here.access, &here.handle).await;
    reply.assert(200, r#"{"status":"OK","revoked":1}"#);
    assert_eq!((reply.header("clear-site-data"), door.0.load(Ordering::SeqCst)), (Some("\"cache\""), 1));
    assert!(reply.clears_headers());
}

#[tokio::test]
async fn nobody_gets_in_without_a_living_session_that_meets_what_is_demanded() {
    let demanding = |builder: Builder| {
        opted_in(builder).validator(Validator::new("2fa", |payload, _now| if payload.get("2fa").is_some() { Ok(()) } else { Err(None) }))
    };
    let world = World::with(app_info(), demanding).await;
    let held = world.tokens("u").await;
    for (method, path) in ROUTES {
        world.send(call(method, path)).await.assert(401, UNAUTHORISED);
        assert_eq!(world.send(call(method, path).bearer(&held.access)).await.status, 403);
    }
    let world = World::with(app_info(), opted_in).await;
    let held = world.tokens("u").await;
    for wrong in ["", "?handle", "?handle=", "?handle=x", "?other=x", "?handle=%00"] {
        let reply = world.send(post_(&format!("/auth/sessions/revoke{wrong}")).bearer(&held.access)).await;
        reply.assert(400, r#"{"message":"name the session to end: ?handle=…"}"#);
    }
    assert_eq!(world.send(get_("/auth/sessions/revoke").bearer(&held.access)).await.status, 404);
    world.revoke_unheard(&held.handle).await;
    let reply = world.send(get_("/auth/sessions").bearer(&held.access)).await;
    assert_eq!((reply.status.as_u16(), reply.header("front-token")), (401, Some("remove")), "a session that is gone shows nothing");
}

#[tokio::test]
async fn in_cookies_the_routes_ask_for_the_same_proof_as_sign_out() {
    let app = hallpass::AppInfo::new("demo").api("https://api.a.com").website("https://b.com");
    let world = World::with(app, opted_in).await;
    let held = sign_in(&world, "u", "Laptop").await;
    let call = || post_("/auth/sessions/revoke-others").access_cookie(&held.access);
    world.send(call()).await.assert(401, TRY_REFRESH);
    world.send(call().header("rid", "anti-csrf")).await.assert(200, r#"{"status":"OK","revoked":0}"#);
}

#[tokio::test]
async fn devices_are_remembered_only_when_asked_for_and_outlive_new_data() {
    let world = World::with(app_info(), opted_in).await;
    let held = sign_in(&world, "u", "Laptop").await;
    let session = world.hallpass.session_from_token(&held.access, None, &Default::default()).await.unwrap();
    session.set_data(json!({ "theme": "light" })).await.unwrap();
    assert!(world.hallpass.set_session_data(&held.handle, json!({ "size": 2 })).await.unwrap());
    let data = session.data().await.unwrap();
    assert_eq!(json!(data), json!({ "size": 2, "hallpassDevice": { "userAgent": "Laptop" } }));
    let world = World::with(app_info(), |builder| builder.own_sessions(true)).await;
    let held = sign_in(&world, "u", "Laptop").await;
    assert_eq!(sessions(&world, &held.access).await[0]["userAgent"], Value::Null);
    let info = world.hallpass.session_info(&held.handle).await.unwrap().unwrap();
    assert_eq!(json!(info.data), json!({ "theme": "dark" }));
}

#[tokio::test]
async fn without_the_setting_there_are_no_such_routes() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    for (method, path) in ROUTES {
        assert_eq!(world.send(call(method, path).bearer(&held.access)).await.status, 404);
    }
}
