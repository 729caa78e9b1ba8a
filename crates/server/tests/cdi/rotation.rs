//! Rotation up to 5.5: a new refresh token counts when it is first used, and theft is reported.

use std::{sync::Arc, time::Duration};

use hallpass_engine::keys::Algorithm;
use hallpass_server::app_settings::AppSettings;
use hallpass_store::Sqlite;
use serde_json::{Value, json};

use crate::{
    caller::{Caller, access, claims, handle, ok, refresh, text},
    world::World,
};

const VERSIONS: [&str; 9] = ["3.0", "3.1", "4.0", "5.0", "5.1", "5.2", "5.3", "5.4", "5.5"];

/// The window in which a parent gives the same child, and the grace after that child was used.
const TEN_SECONDS: Duration = Duration::from_secs(10);
const MOMENT: Duration = Duration::from_millis(1);

async fn with_grace(grace: Duration) -> World {
    let mut settings = AppSettings::default();
    settings.algorithm = Algorithm::Es256;
    World::serve(Arc::new(Sqlite::memory().unwrap()), settings, "", grace).await
}

fn parent_of(token: &Value) -> Value {
    claims(token)["parentRefreshTokenHash1"].clone()
}

#[track_caller]
fn is_theft(outcome: &Value, created: &Value) {
    let session = json!({ "handle": handle(created), "userId": "alice", "recipeUserId": "alice" });
    assert_eq!(*outcome, json!({ "status": "TOKEN_THEFT_DETECTED", "session": session }));
}

#[tokio::test]
async fn a_child_names_its_parent_until_its_first_verify_brings_a_token_that_names_none() {
    for version in VERSIONS {
        let world = World::new().await;
        let caller = Caller::new(&world, version);
        let created = caller.create("alice", json!({})).await;
        assert_eq!(parent_of(access(&created)), Value::Null, "{version}");
        let child = caller.rotate(refresh(&created)).await;
        assert_eq!(parent_of(access(&child)), claims(access(&created))["refreshTokenHash1"], "{version}");

        let first = ok(caller.verify(access(&child)).await);
        assert_eq!(parent_of(access(&first)), Value::Null, "{version}");
        assert_eq!(claims(access(&first))["refreshTokenHash1"], claims(access(&child))["refreshTokenHash1"], "{version}");
        assert_eq!(first["session"], child["session"], "{version}");
        let second = ok(caller.verify(access(&first)).await);
        assert_eq!(second.get("accessToken"), None, "{version}");
    }
}

#[tokio::test]
async fn the_first_verify_may_be_repeated() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    for _ in 0..3 {
        let verified = ok(caller.verify(access(&child)).await);
        assert_eq!(parent_of(access(&verified)), Value::Null);
        world.clock.advance(TEN_SECONDS);
    }
}

#[tokio::test]
async fn siblings_are_one_and_the_same_child() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    let calls = (0..8).map(|_| caller.rotate(refresh(&created)));
    let children = futures_util::future::join_all(calls).await;
    for child in &children {
        assert_eq!(refresh(child), refresh(&children[0]));
    }
    world.clock.advance(TEN_SECONDS - MOMENT);
    assert_eq!(refresh(&caller.rotate(refresh(&created)).await), refresh(&children[0]));
}

#[tokio::test]
async fn a_child_that_was_never_used_gives_way_to_a_new_one_and_is_stolen_when_it_comes_back() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    let unused = caller.rotate(refresh(&created)).await;
    world.clock.advance(TEN_SECONDS);
    let child = caller.rotate(refresh(&created)).await;
    assert_ne!(refresh(&child), refresh(&unused));
    is_theft(&caller.refresh(refresh(&unused)).await, &created);
    // the row is still there: the child goes on
    caller.rotate(refresh(&child)).await;
}

#[tokio::test]
async fn whoever_keeps_asking_keeps_getting_the_same_child() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    for _ in 0..10 {
        world.clock.advance(TEN_SECONDS - MOMENT);
        assert_eq!(refresh(&caller.rotate(refresh(&created)).await), refresh(&child));
    }
}

#[tokio::test]
async fn a_parent_is_not_given_new_children_for_ever() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    caller.rotate(refresh(&created)).await;
    for _ in 0..16 {
        world.clock.advance(TEN_SECONDS);
        caller.rotate(refresh(&created)).await;
    }
    world.clock.advance(TEN_SECONDS);
    is_theft(&caller.refresh(refresh(&created)).await, &created);
}

#[tokio::test]
async fn the_parent_of_a_used_child_is_stolen_after_its_grace() {
    for grace in [Duration::ZERO, TEN_SECONDS] {
        let world = with_grace(grace).await;
        let caller = Caller::new(&world, "5.4");
        let created = caller.create("alice", json!({})).await;
        let child = caller.rotate(refresh(&created)).await;
        world.clock.advance(Duration::from_secs(60));
        ok(caller.verify(access(&child)).await);
        if let Some(almost) = grace.checked_sub(MOMENT) {
            world.clock.advance(almost);
            assert_eq!(refresh(&caller.rotate(refresh(&created)).await), refresh(&child), "the same child within the grace");
            world.clock.advance(MOMENT);
        }
        is_theft(&caller.refresh(refresh(&created)).await, &created);
    }
}

#[tokio::test]
async fn a_child_is_confirmed_by_its_own_refresh_too() {
    for grace in [Duration::ZERO, TEN_SECONDS] {
        let world = with_grace(grace).await;
        let caller = Caller::new(&world, "5.4");
        let created = caller.create("alice", json!({})).await;
        let child = caller.rotate(refresh(&created)).await;
        let grandchild = caller.rotate(refresh(&child)).await;
        is_theft(&caller.refresh(refresh(&created)).await, &created);
        // while the grandchild is unused, its parent may come back
        world.clock.advance(Duration::from_secs(3600));
        caller.rotate(refresh(&child)).await;
        is_theft(&caller.refresh(refresh(&grandchild)).await, &created);
    }
}

#[tokio::test]
async fn theft_is_reported_each_time_and_the_session_stays_until_the_caller_removes_it() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    caller.rotate(refresh(&child)).await;
    for _ in 0..3 {
        is_theft(&caller.refresh(refresh(&created)).await, &created);
    }
    ok(caller.stored(handle(&created)).await);
    assert_eq!(caller.revoke(handle(&created)).await["sessionHandlesRevoked"], json!([handle(&created)]));
    for token in [&created, &child] {
        assert_eq!(caller.refresh(refresh(token)).await["status"], "UNAUTHORISED");
    }
    assert_eq!(caller.check(access(&child)).await["status"], "UNAUTHORISED");
    assert_eq!(caller.stored(handle(&created)).await["status"], "UNAUTHORISED");
}

#[tokio::test]
async fn versions_before_4_name_the_user_of_the_login_method_in_a_theft_too() {
    let world = World::new().await;
    let caller = Caller::new(&world, "3.0");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    caller.rotate(refresh(&child)).await;
    is_theft(&caller.refresh(refresh(&created)).await, &created);
    assert_eq!(created["session"].get("recipeUserId"), None);
}

#[tokio::test]
async fn the_parents_access_token_gets_a_changed_payload_while_the_child_is_unused_and_after() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    ok(caller.set_payload(handle(&created), json!({ "plan": "free" })).await);
    // without a look into the database nothing is known of it
    let verified = ok(caller.verify(access(&created)).await);
    assert_eq!((verified.get("accessToken"), &verified["session"]["userDataInJWT"]), (None, &json!({ "plan": "pro" })));
    for _ in 0..2 {
        let checked = ok(caller.check(access(&created)).await);
        assert_eq!(checked["session"]["userDataInJWT"], json!({ "plan": "free" }));
        assert_eq!(claims(access(&checked))["plan"], "free");
        assert_eq!(claims(access(&checked))["refreshTokenHash1"], claims(access(&created))["refreshTokenHash1"]);
        assert_eq!(parent_of(access(&checked)), Value::Null);
        ok(caller.verify(access(&child)).await);
    }
}

#[tokio::test]
async fn checking_the_parents_access_token_does_not_confirm_its_child() {
    let world = with_grace(Duration::ZERO).await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    caller.rotate(refresh(&created)).await;
    ok(caller.check(access(&created)).await);
    caller.rotate(refresh(&created)).await;
}

#[tokio::test]
async fn an_access_token_whose_lineage_has_moved_on_holds_until_it_expires() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    let grandchild = caller.rotate(refresh(&child)).await;
    ok(caller.verify(access(&grandchild)).await);
    let late = ok(caller.verify(access(&child)).await);
    assert_eq!(late.get("accessToken"), None);
    assert_eq!(late["session"]["userDataInJWT"], json!({ "plan": "pro" }));
    world.clock.advance(Duration::from_secs(3600));
    assert_eq!(caller.verify(access(&child)).await["status"], "TRY_REFRESH_TOKEN");
}

#[tokio::test]
async fn regenerating_a_child_keeps_its_parent_its_life_and_its_refresh_token() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({ "enableAntiCsrf": true })).await;
    let more = json!({ "enableAntiCsrf": true, "antiCsrfToken": created["antiCsrfToken"] });
    let child = ok(caller.try_refresh(refresh(&created), more).await.json());
    world.clock.advance(Duration::from_secs(60));
    let regenerated = ok(caller.regenerate(access(&child), json!({ "userDataInJWT": { "plan": "free", "none": null } })).await);
    let (before, after) = (claims(access(&child)), claims(access(&regenerated)));
    for name in ["parentRefreshTokenHash1", "refreshTokenHash1", "antiCsrfToken", "exp", "sub", "sessionHandle"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    assert_eq!(after["iat"], before["iat"].as_i64().unwrap() + 60);
    assert_eq!((&after["plan"], &after["none"]), (&json!("free"), &Value::Null));
    assert_eq!(regenerated.get("refreshToken"), None);
    // and still confirms
    let verified = ok(caller.verify(access(&regenerated)).await);
    assert_eq!(parent_of(access(&verified)), Value::Null);
    assert_eq!(verified["session"]["userDataInJWT"], json!({ "plan": "free", "none": null }));
}

#[tokio::test]
async fn without_a_payload_regenerate_takes_what_is_stored_and_an_expired_token_gets_no_other() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    ok(caller.set_payload(handle(&created), json!({ "stored": 1 })).await);
    let regenerated = ok(caller.regenerate(access(&created), json!({})).await);
    assert_eq!(regenerated["session"]["userDataInJWT"], json!({ "stored": 1 }));
    assert_eq!(claims(access(&regenerated))["stored"], 1);
    world.clock.advance(Duration::from_secs(3600));
    let late = ok(caller.regenerate(access(&created), json!({ "userDataInJWT": { "late": true } })).await);
    assert_eq!((late.get("accessToken"), &late["session"]["userDataInJWT"]), (None, &json!({ "late": true })));
    ok(caller.revoke(handle(&created)).await);
    assert_eq!(caller.regenerate(access(&created), json!({})).await["status"], "UNAUTHORISED");
}

#[tokio::test]
async fn a_refresh_moves_the_end_of_the_session_and_tells_when_that_is() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    let (start, life) = (1_767_225_600_000_i64, 144_000 * 60_000_i64);
    assert_eq!(created["refreshToken"]["createdTime"], start);
    assert_eq!(created["refreshToken"]["expiry"], start + life);
    world.clock.advance(Duration::from_millis(86_400_500));
    let child = caller.rotate(refresh(&created)).await;
    assert_eq!(child["refreshToken"]["createdTime"], start + 86_400_500);
    assert_eq!(child["refreshToken"]["expiry"], start + 86_400_500 + life);
    let stored = ok(caller.stored(handle(&created)).await);
    assert_eq!((&stored["timeCreated"], &stored["expiry"]), (&json!(start), &child["refreshToken"]["expiry"]));
    world.clock.advance(Duration::from_millis(144_000 * 60_000) - MOMENT);
    ok(caller.stored(handle(&created)).await);
    world.clock.advance(MOMENT);
    assert_eq!(caller.stored(handle(&created)).await["status"], "UNAUTHORISED");
    assert_eq!(caller.refresh(refresh(&child)).await["status"], "UNAUTHORISED");
    let listed = caller.get("/recipe/session/user", &[("userId", "alice")]).await.json();
    assert_eq!(listed, json!({ "status": "OK", "sessionHandles": [] }));
}

#[tokio::test]
async fn anti_csrf_tokens_are_checked_where_asked_for_and_change_with_each_refresh() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({ "enableAntiCsrf": true })).await;
    let token = created["antiCsrfToken"].clone();
    assert_eq!(claims(access(&created))["antiCsrfToken"], token);
    let demanded = |given: Value| json!({ "doAntiCsrfCheck": true, "enableAntiCsrf": true, "antiCsrfToken": given });
    ok(caller.try_verify(access(&created), demanded(token.clone())).await.json());
    for wrong in [Value::Null, json!(""), json!("other"), json!(text(&token)[1..])] {
        assert_eq!(caller.try_verify(access(&created), demanded(wrong)).await.json()["status"], "TRY_REFRESH_TOKEN");
    }
    ok(caller.try_verify(access(&created), json!({ "doAntiCsrfCheck": true })).await.json());
    ok(caller.try_verify(access(&created), json!({ "enableAntiCsrf": true })).await.json());
    // a token without one cannot be checked
    let other = caller.create("alice", json!({})).await;
    assert_eq!(caller.try_verify(access(&other), demanded(token.clone())).await.json()["status"], "TRY_REFRESH_TOKEN");

    let child = ok(caller.try_refresh(refresh(&created), json!({ "enableAntiCsrf": true, "antiCsrfToken": token })).await.json());
    assert_ne!(child["antiCsrfToken"], token);
    assert_eq!(claims(access(&child))["antiCsrfToken"], child["antiCsrfToken"]);
}
