//! What can be asked beside the interface of the existing core, at `/hallpass/…`.

use std::time::Duration;

use axum::http::Method;
use hallpass_engine::refresh_token::RefreshHash;
use serde_json::{Value, json};

use crate::{
    caller::{Caller, access, claims, handle, names, ok, refresh, text},
    world::World,
};

fn delivered(outcome: &Value) -> Value {
    let id = claims(access(outcome))["refreshTokenHash1"].clone();
    let hash = RefreshHash::of_id(text(&id));
    let hash = hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    json!({ "sessionHandle": handle(outcome), "refreshTokenHash2": hash })
}

async fn confirm(caller: &Caller<'_>, delivered: Value) {
    let outcome = caller.post("/hallpass/session/confirm", json!({ "delivered": delivered })).await.json();
    assert_eq!(outcome, json!({ "status": "OK" }));
}

#[tokio::test]
async fn confirming_ends_the_parents_after_their_grace_many_at_once() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let (mut parents, mut children) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let created = caller.create("alice", json!({})).await;
        children.push(caller.rotate(refresh(&created)).await);
        parents.push(created);
    }
    // what is unknown or confirmed before is as good as confirmed
    let mut all: Vec<_> = children[..2].iter().map(delivered).collect();
    all.push(json!({ "sessionHandle": "0f8fad5b-d9cb-469f-a165-70867728950e", "refreshTokenHash2": "00".repeat(32) }));
    for _ in 0..2 {
        confirm(&caller, json!(all)).await;
    }
    confirm(&caller, json!([])).await;
    world.clock.advance(Duration::from_secs(10));
    for parent in &parents[..2] {
        assert_eq!(caller.refresh(refresh(parent)).await["status"], "TOKEN_THEFT_DETECTED");
    }
    caller.rotate(refresh(&parents[2])).await;
}

#[tokio::test]
async fn only_the_current_child_can_be_confirmed() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    caller.rotate(refresh(&created)).await;
    confirm(&caller, json!([delivered(&created)])).await;
    world.clock.advance(Duration::from_secs(3600));
    caller.rotate(refresh(&created)).await;
}

#[tokio::test]
async fn what_is_no_confirmation_is_refused() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let hash = "00".repeat(32);
    for wrong in [
        json!(null),
        json!({}),
        json!([1]),
        json!([{}]),
        json!([{ "sessionHandle": "no handle", "refreshTokenHash2": hash }]),
        json!([{ "sessionHandle": "0f8fad5b-d9cb-469f-a165-70867728950e", "refreshTokenHash2": &hash[2..] }]),
        json!([{ "sessionHandle": "0f8fad5b-d9cb-469f-a165-70867728950e", "refreshTokenHash2": "zz".repeat(32) }]),
    ] {
        let answer = caller.post("/hallpass/session/confirm", json!({ "delivered": wrong })).await;
        assert_eq!(answer.problem(400), "Field name 'delivered' is invalid in JSON input", "{wrong}");
    }
}

#[tokio::test]
async fn sessions_are_listed_oldest_first_with_all_that_is_stored_of_them() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    world.tenant(&caller.place, "t1").await;
    let (mut expected, mut last) = (Vec::new(), Value::Null);
    for tenant in ["public", "t1", "public"] {
        let created = caller.tenant(tenant).create("alice", json!({ "userDataInDatabase": { "cart": tenant } })).await;
        let mut stored = caller.stored(handle(&created)).await;
        stored.as_object_mut().unwrap().shift_remove("status");
        stored["timeRefreshed"] = Value::Null;
        expected.push(stored);
        last = refresh(&created).clone();
        world.clock.advance(Duration::from_secs(1));
    }
    caller.rotate(&last).await;
    expected[2]["timeRefreshed"] = (expected[2]["timeCreated"].as_i64().unwrap() + 1000).into();
    expected[2]["expiry"] = (expected[2]["expiry"].as_i64().unwrap() + 1000).into();
    let list = async |caller: &Caller<'_>, more: &[(&str, &str)]| {
        caller.get("/hallpass/session/list", &[&[("userId", "alice")], more].concat()).await
    };
    assert_eq!(list(&caller, &[]).await.json(), json!({ "status": "OK", "sessions": expected }));
    let below = list(&caller.tenant("t1"), &[("fetchAcrossAllTenants", "false")]).await.json();
    assert_eq!(below, json!({ "status": "OK", "sessions": [expected[1]] }));
    assert_eq!(list(&caller.tenant("t1"), &[]).await.status, 403);
    assert_eq!(list(&caller.tenant("t2"), &[("fetchAcrossAllTenants", "false")]).await.status, 400);
    let older = list(&Caller::new(&world, "3.1"), &[]).await.json();
    assert!(!names(&older["sessions"][0]).contains(&"recipeUserId"), "{older}");
    assert_eq!(caller.get("/hallpass/session/list", &[]).await.problem(400), "Field name 'userId' is missing in GET request");
}

#[tokio::test]
async fn events_tell_who_did_what_newest_first() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.6");
    let created = caller.create("alice", json!({ "actor": "a phone" })).await;
    world.clock.advance(Duration::from_secs(1));
    let child = ok(caller.try_refresh(refresh(&created), json!({ "actor": "a phone" })).await.json());
    world.clock.advance(Duration::from_secs(1));
    ok(caller.try_refresh(refresh(&child), json!({})).await.json());
    caller.try_refresh(refresh(&created), json!({ "actor": "a thief" })).await;
    let other = caller.create("alice", json!({})).await;
    world.clock.advance(Duration::from_secs(1));
    let body = json!({ "sessionHandles": [handle(&other)], "actor": "support", "reason": "asked by telephone" });
    caller.post("/recipe/session/remove", body).await.json();

    let told = async |query: &[(&str, &str)]| caller.get("/hallpass/event/list", query).await;
    let answer = told(&[("userId", "alice")]).await;
    let events = answer.json()["events"].as_array().unwrap().clone();
    let kinds: Vec<_> = events.iter().map(|event| (text(&event["kind"]), event["actor"].as_str(), event["reason"].as_str())).collect();
    assert_eq!(kinds[0], ("session.revoked", Some("support"), Some("asked by telephone")), "{kinds:?}");
    assert!(kinds.iter().any(|(kind, actor, _)| kind.contains("reuse") && *actor == Some("a thief")), "{kinds:?}");
    assert_eq!(kinds.last().unwrap().1, Some("a phone"), "{kinds:?}");
    assert!(events.is_sorted_by_key(|event| -event["time"].as_i64().unwrap()), "{events:?}");
    for secret in [refresh(&created), access(&created), &claims(access(&created))["refreshTokenHash1"]] {
        assert!(!answer.text.contains(text(secret)));
    }
    assert_eq!(told(&[("userId", "alice"), ("limit", "1")]).await.json()["events"], json!([events[0]]));
    assert_eq!(told(&[("userId", "nobody")]).await.json(), json!({ "status": "OK", "events": [] }));
    for wrong in ["0", "1001", "-1", "many", "", "99999999999"] {
        let answer = told(&[("userId", "alice"), ("limit", wrong)]).await;
        assert_eq!(answer.problem(400), "Field name 'limit' must be an int from 1 to 1000 in the GET request", "{wrong}");
    }
}

#[tokio::test]
async fn they_are_asked_like_everything_else() {
    let world = World::with_key().await;
    for (method, path) in
        [(Method::POST, "/hallpass/session/confirm"), (Method::GET, "/hallpass/session/list"), (Method::GET, "/hallpass/event/list")]
    {
        assert_eq!(world.send(method.clone(), path, &[], "{}").await.problem(401), "Invalid API key");
        let headers = [("api-key", crate::world::KEY), ("cdi-version", "9.0")];
        assert_eq!(world.send(method, path, &headers, "{}").await.problem(400), "cdi-version 9.0 not supported");
    }
}
