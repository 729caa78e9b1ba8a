//! Rotation from 5.6 on: a new refresh token counts at once, verification only reads, and reuse ends the session. Also a
//! session whose callers speak different versions, and callers that know Hallpass.

use std::time::Duration;

use hallpass_engine::keys::Algorithm;
use hallpass_server::app_settings::AppSettings;
use hallpass_wire::own::CLIENT_HEADER;
use serde_json::{Value, json};

use crate::{
    caller::{Caller, access, claims, handle, names, ok, refresh},
    world::World,
};

const GRACE: Duration = Duration::from_secs(30);
const MOMENT: Duration = Duration::from_millis(1);

async fn configured(change: impl FnOnce(&mut AppSettings)) -> World {
    let mut settings = AppSettings::default();
    settings.algorithm = Algorithm::Es256;
    change(&mut settings);
    World::with_settings(settings).await
}

#[track_caller]
fn is_theft(outcome: &Value, created: &Value, subtype: &str) {
    let session = json!({ "handle": handle(created), "userId": "alice", "recipeUserId": "alice" });
    assert_eq!(*outcome, json!({ "status": "TOKEN_THEFT_DETECTED", "session": session, "recentTokenReuseSubtype": subtype }));
}

async fn is_gone(caller: &Caller<'_>, created: &Value) {
    assert_eq!(caller.stored(handle(created)).await["status"], "UNAUTHORISED");
}

#[tokio::test]
async fn no_access_token_names_a_parent_and_verify_gives_none() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.6");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    for outcome in [&created, &child] {
        assert_eq!(claims(access(outcome))["parentRefreshTokenHash1"], Value::Null);
        let verified = ok(caller.verify(access(outcome)).await);
        assert_eq!(names(&verified), ["payloadUpdateAvailable", "session", "status"]);
        assert_eq!(verified["payloadUpdateAvailable"], false);
        assert_eq!(verified["session"], created["session"]);
    }
}

#[tokio::test]
async fn verify_writes_nothing_and_tells_that_there_is_another_payload() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.6");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    ok(caller.set_payload(handle(&created), json!({ "plan": "free" })).await);
    let before = caller.stored(handle(&created)).await;
    for token in [access(&created), access(&child)] {
        assert_eq!(ok(caller.verify(token).await)["payloadUpdateAvailable"], false);
        let checked = ok(caller.check(token).await);
        assert_eq!((&checked["payloadUpdateAvailable"], checked.get("accessToken")), (&json!(true), None));
        assert_eq!(checked["session"]["userDataInJWT"], json!({ "plan": "pro" }), "the token's own");
    }
    assert_eq!(caller.stored(handle(&created)).await, before);
    // numbers of one value are one, and so are objects in another order
    let other = caller.create("bob", json!({ "userDataInJWT": { "a": 1, "b": [2] } })).await;
    ok(caller.set_payload(handle(&other), json!({ "b": [2], "a": 1 })).await);
    assert_eq!(ok(caller.check(access(&other)).await)["payloadUpdateAvailable"], false);
}

#[tokio::test]
async fn with_the_database_a_token_must_be_of_the_current_lineage() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.6");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    ok(caller.check(access(&created)).await);
    let grandchild = caller.rotate(refresh(&child)).await;
    assert_eq!(caller.check(access(&created)).await["status"], "UNAUTHORISED");
    ok(caller.verify(access(&created)).await);
    for outcome in [&child, &grandchild] {
        ok(caller.check(access(outcome)).await);
    }
    ok(caller.revoke(handle(&created)).await);
    assert_eq!(caller.check(access(&grandchild)).await["status"], "UNAUTHORISED");
}

#[tokio::test]
async fn verify_is_not_called_below_a_tenant() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.6");
    world.tenant(&caller.place, "t1").await;
    let created = caller.tenant("t1").create("alice", json!({})).await;
    let refused = caller.tenant("t1").try_verify(access(&created), json!({})).await;
    assert_eq!(refused.problem(403), "Only public tenantId can call this app specific API");
    assert_eq!(ok(caller.verify(access(&created)).await)["session"]["tenantId"], "t1");
    let older = Caller::new(&world, "5.5").tenant("t1");
    ok(older.verify(access(&created)).await);
}

#[tokio::test]
async fn a_lost_response_can_be_made_good_within_the_grace_and_no_later() {
    for grace in [Duration::ZERO, Duration::from_secs(5), GRACE] {
        let world = configured(|settings| settings.rotation_grace = grace).await;
        let caller = Caller::new(&world, "5.6");
        let created = caller.create("alice", json!({})).await;
        let child = caller.rotate(refresh(&created)).await;
        if let Some(almost) = grace.checked_sub(MOMENT) {
            world.clock.advance(almost);
            assert_eq!(refresh(&caller.rotate(refresh(&created)).await), refresh(&child), "one child lives at a time");
            world.clock.advance(MOMENT);
        }
        is_theft(&caller.refresh(refresh(&created)).await, &created, "RECENT_PREV");
        is_gone(&caller, &created).await;
        for token in [refresh(&created), refresh(&child)] {
            assert_eq!(caller.refresh(token).await["status"], "UNAUTHORISED");
        }
    }
}

#[tokio::test]
async fn an_app_may_set_the_grace() {
    let world = World::new().await;
    let place = world.app("a1").await.version("5.6");
    let config = json!({ "appId": "a1", "coreConfig": { "refresh_token_rotation_grace_period": 2 } });
    world.put(&crate::world::Place::public(), "/recipe/multitenancy/app/v2", config).await.json();
    let caller = Caller { world: &world, place };
    let created = caller.create("alice", json!({})).await;
    caller.rotate(refresh(&created)).await;
    world.clock.advance(Duration::from_secs(2) - MOMENT);
    caller.rotate(refresh(&created)).await;
    world.clock.advance(MOMENT);
    is_theft(&caller.refresh(refresh(&created)).await, &created, "RECENT_PREV");
}

#[tokio::test]
async fn an_older_token_ends_the_session_at_once() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.6");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    caller.rotate(refresh(&child)).await;
    is_theft(&caller.refresh(refresh(&created)).await, &created, "STALE_LINEAGE");
    is_gone(&caller, &created).await;
}

#[tokio::test]
async fn reuse_of_the_token_just_retired_may_be_no_theft_but_ends_the_session_all_the_same() {
    let world = configured(|settings| settings.recent_reuse_is_theft = false).await;
    let caller = Caller::new(&world, "5.6");
    let created = caller.create("alice", json!({})).await;
    caller.rotate(refresh(&created)).await;
    world.clock.advance(GRACE);
    let outcome = caller.refresh(refresh(&created)).await;
    assert_eq!((&outcome["status"], &outcome["recentTokenReuseSubtype"]), (&json!("UNAUTHORISED"), &json!("RECENT_PREV")));
    assert!(outcome["message"].is_string() && outcome.get("session").is_none(), "{outcome}");
    is_gone(&caller, &created).await;

    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    caller.rotate(refresh(&child)).await;
    is_theft(&caller.refresh(refresh(&created)).await, &created, "STALE_LINEAGE");
}

#[tokio::test]
async fn an_access_token_may_be_asked_to_live_shorter_and_never_longer() {
    let world = World::new().await;
    let (caller, older) = (Caller::new(&world, "5.6"), Caller::new(&world, "5.5"));
    let life =
        |outcome: &Value| outcome["accessToken"]["expiry"].as_i64().unwrap() - outcome["accessToken"]["createdTime"].as_i64().unwrap();
    let asked = |millis: Value| json!({ "accessTokenValidity": millis });
    let created = caller.create("alice", asked(json!(60_000))).await;
    assert_eq!(life(&created), 60_000);
    assert_eq!(life(&caller.create("alice", asked(json!("3600000"))).await), 3_600_000);
    // and is not remembered
    let child = caller.rotate(refresh(&created)).await;
    assert!(life(&child) >= 3_420_000, "{child}");
    assert_eq!(life(&ok(caller.try_refresh(refresh(&child), asked(json!(2000))).await.json())), 2000);
    let problem = "accessTokenValidity must be between 1 and 3600000 milliseconds";
    for wrong in [json!(0), json!(-1), json!(3_600_001), json!(i64::MAX), json!(i64::MIN), json!(1e300)] {
        assert_eq!(caller.try_create("alice", asked(wrong.clone())).await.problem(400), problem, "{wrong}");
        let refused = caller.try_refresh(refresh(&child), asked(wrong.clone())).await;
        assert_eq!(refused.problem(400), problem, "{wrong}");
        // versions before do not know it
        older.create("alice", asked(wrong)).await;
    }
    let refused = caller.try_create("alice", asked(json!("soon"))).await;
    assert_eq!(refused.problem(400), "Field name 'accessTokenValidity' is invalid in JSON input");
}

#[tokio::test]
async fn rotated_under_5_4_the_parent_of_an_unused_child_may_come_back_under_5_6() {
    let world = World::new().await;
    let (old, new) = (Caller::new(&world, "5.4"), Caller::new(&world, "5.6"));
    let created = old.create("alice", json!({})).await;
    let unused = old.rotate(refresh(&created)).await;
    world.clock.advance(GRACE * 10);
    let child = new.rotate(refresh(&created)).await;
    assert_ne!(refresh(&child), refresh(&unused));
    // the rule of the call that rotated is in the row: this one may still be used first
    world.clock.advance(GRACE * 10);
    let again = new.rotate(refresh(&created)).await;
    is_theft(&new.refresh(refresh(&unused)).await, &created, "STALE_LINEAGE");
    is_gone(&new, &created).await;
    assert_eq!(new.refresh(refresh(&again)).await["status"], "UNAUTHORISED");
}

#[tokio::test]
async fn rotated_under_5_6_a_parent_dies_with_its_grace_under_5_4_where_that_is_reported_only() {
    let world = World::new().await;
    let (old, new) = (Caller::new(&world, "5.4"), Caller::new(&world, "5.6"));
    let created = new.create("alice", json!({})).await;
    let child = new.rotate(refresh(&created)).await;
    world.clock.advance(GRACE - MOMENT);
    assert_eq!(refresh(&old.rotate(refresh(&created)).await), refresh(&child));
    world.clock.advance(MOMENT);
    let outcome = old.refresh(refresh(&created)).await;
    let session = json!({ "handle": handle(&created), "userId": "alice", "recipeUserId": "alice" });
    assert_eq!(outcome, json!({ "status": "TOKEN_THEFT_DETECTED", "session": session }));
    ok(old.stored(handle(&created)).await);
    old.rotate(refresh(&child)).await;
}

#[tokio::test]
async fn a_child_minted_under_5_4_confirms_itself_under_5_6_by_its_refresh() {
    let world = World::new().await;
    let (old, new) = (Caller::new(&world, "5.4"), Caller::new(&world, "5.6"));
    let created = old.create("alice", json!({})).await;
    let child = old.rotate(refresh(&created)).await;
    // reading confirms nothing
    ok(new.check(access(&child)).await);
    world.clock.advance(GRACE);
    let grandchild = new.rotate(refresh(&child)).await;
    ok(new.check(access(&grandchild)).await);
    is_theft(&new.refresh(refresh(&created)).await, &created, "STALE_LINEAGE");
}

#[tokio::test]
async fn to_a_caller_that_knows_hallpass_reuse_ends_the_session_in_every_version() {
    let world = World::new().await;
    let send = async |version: &str, path: &str, body: Value| {
        let headers = [("cdi-version", version), (CLIENT_HEADER, "1")];
        world.send(axum::http::Method::POST, path, &headers, body.to_string()).await
    };
    for version in ["3.0", "5.4", "5.6"] {
        let caller = Caller::new(&world, "5.6");
        let created = caller.create("alice", json!({ "useDynamicSigningKey": false })).await;
        // which need not say which keys sign: the session's stay
        let body = json!({ "refreshToken": refresh(&created), "enableAntiCsrf": false });
        let child = ok(send(version, "/recipe/session/refresh", body.clone()).await.json());
        assert!(crate::caller::kid(access(&child)).starts_with("s-"), "{version}");
        caller.rotate(refresh(&child)).await;
        let outcome = send(version, "/recipe/session/refresh", body).await.json();
        assert_eq!((&outcome["status"], &outcome["revoked"]), (&json!("TOKEN_THEFT_DETECTED"), &json!(true)), "{version}");
        is_gone(&caller, &created).await;
    }
    let refused = Caller::new(&world, "5.4").try_refresh(&json!("x"), json!({ "useDynamicSigningKey": null })).await;
    assert_eq!(refused.problem(400), "Field name 'useDynamicSigningKey' is invalid in JSON input");
}
