//! Bans, as SDKs meet them that know nothing of bans.

use hallpass_wire::CdiVersion;
use serde_json::{Value, json};

use crate::{
    caller::{Caller, access, handle, ok, refresh},
    world::World,
};

/// Those that are offered, and one of those that only create sessions.
const VERSIONS: [&str; 11] = ["2.21", "3.0", "3.1", "4.0", "5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6"];

async fn ban(caller: &Caller<'_>, more: Value) -> Value {
    let mut body = json!({ "userId": "mallory" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ok(caller.post("/hallpass/ban", body).await.json())
}

async fn unban(caller: &Caller<'_>) {
    let lifted = caller.post("/hallpass/ban/remove", json!({ "userId": "mallory" })).await.json();
    assert_eq!(lifted, json!({ "status": "OK", "wasBanned": true }));
}

#[test]
fn no_version_that_is_offered_is_left_out() {
    assert_eq!(VERSIONS[1..], CdiVersion::SUPPORTED.iter().map(ToString::to_string).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_banned_user_gets_no_session_in_any_version_and_everybody_else_does() {
    let world = World::new().await;
    let operator = Caller::new(&world, "5.6");
    for version in VERSIONS {
        let caller = Caller::new(&world, version);
        ban(&operator, json!({})).await;
        assert_eq!(caller.try_create("mallory", json!({})).await.problem(403), "User is banned", "{version}");
        caller.create("alice", json!({})).await;
        unban(&operator).await;
        caller.create("mallory", json!({})).await;
    }
}

#[tokio::test]
async fn a_ban_ends_what_is_there_in_every_version() {
    let world = World::new().await;
    let operator = Caller::new(&world, "5.6");
    for version in &VERSIONS[1..] {
        let caller = Caller::new(&world, version);
        let (created, other) = (caller.create("mallory", json!({})).await, caller.create("alice", json!({})).await);
        assert_eq!(ban(&operator, json!({})).await["sessionHandlesRevoked"], json!([handle(&created)]), "{version}");
        assert_eq!(caller.refresh(refresh(&created)).await["status"], "UNAUTHORISED", "{version}");
        assert_eq!(caller.check(access(&created)).await["status"], "UNAUTHORISED", "{version}");
        assert_eq!(caller.regenerate(access(&created), json!({})).await["status"], "UNAUTHORISED", "{version}");
        assert_eq!(caller.stored(handle(&created)).await["status"], "UNAUTHORISED", "{version}");
        ok(caller.verify(access(&created)).await); // the database is not asked: good until it expires
        ok(caller.check(access(&other)).await);
        caller.rotate(refresh(&other)).await;
        unban(&operator).await;
        assert_eq!(caller.refresh(refresh(&created)).await["status"], "UNAUTHORISED", "what has ended stays ended: {version}");
    }
}

#[tokio::test]
async fn a_ban_in_a_tenant_is_felt_there_only() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    world.tenant(&caller.place, "t1").await;
    let there = caller.tenant("t1");
    let (kept, ended) = (caller.create("mallory", json!({})).await, there.create("mallory", json!({})).await);
    assert_eq!(ban(&caller, json!({ "tenantId": "t1" })).await["sessionHandlesRevoked"], json!([handle(&ended)]));
    assert_eq!(there.try_create("mallory", json!({})).await.problem(403), "User is banned");
    assert_eq!(caller.refresh(refresh(&ended)).await["status"], "UNAUTHORISED");
    caller.create("mallory", json!({})).await;
    caller.rotate(refresh(&kept)).await;
}

#[tokio::test]
async fn an_end_in_seconds_instead_of_milliseconds_is_refused_and_lifts_nothing() {
    let world = World::new().await;
    let operator = Caller::new(&world, "5.6");
    ban(&operator, json!({})).await;
    let wrong = operator.post("/hallpass/ban", json!({ "userId": "mallory", "until": 1_893_456_000 })).await;
    assert_eq!(wrong.problem(400), "the end of a ban, `until`, must lie in the future: it is in milliseconds since 1970");
    assert_eq!(operator.try_create("mallory", json!({})).await.problem(403), "User is banned");
}
