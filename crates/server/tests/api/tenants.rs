//! Tenants of one app: what belongs to one is not seen in another, unless a call is about the whole app.

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{Place, World};

async fn two_tenants() -> (World, [Place; 2]) {
    let world = World::new().await;
    let app = world.app("alpha").await;
    let tenants = [world.tenant(&app, "t1").await, world.tenant(&app, "t2").await];
    (world, tenants)
}

fn handles(answer: &Value) -> Vec<&str> {
    let member = if answer.get("sessionHandles").is_some() { "sessionHandles" } else { "sessionHandlesRevoked" };
    answer[member].as_array().unwrap().iter().map(|handle| handle.as_str().unwrap()).collect()
}

#[tokio::test]
async fn sessions_are_listed_and_ended_per_tenant_when_asked_so() {
    let (world, [one, two]) = two_tenants().await;
    let first = world.session(&one, "alice", json!({}), json!({})).await;
    let second = world.session(&two, "alice", json!({}), json!({})).await;
    assert!(first.handle.ends_with("_t1") && second.handle.ends_with("_t2"));
    let list = async |place: &Place, everywhere: &str| {
        world.get(place, "/recipe/session/user", &[("userId", "alice"), ("fetchAcrossAllTenants", everywhere)]).await.json()
    };
    assert_eq!(handles(&list(&one, "false").await), [first.handle.as_str()]);
    assert_eq!(handles(&list(&one.tenant("public"), "false").await), [""; 0]);
    assert_eq!(handles(&list(&one.tenant("public"), "true").await).len(), 2);
    let body = json!({ "userId": "alice", "revokeAcrossAllTenants": false });
    let ended = world.post(&one, "/recipe/session/remove", body).await.json();
    assert_eq!(handles(&ended), [first.handle.as_str()]);
    assert_eq!(handles(&list(&two, "false").await), [second.handle.as_str()]);
}

#[tokio::test]
async fn a_handle_that_names_another_tenant_names_no_session() {
    let (world, [one, _]) = two_tenants().await;
    let session = world.session(&one, "alice", json!({}), json!({})).await;
    let (id, _) = session.handle.split_once('_').unwrap();
    for handle in [format!("{id}_t2"), id.to_owned()] {
        let answer = world.get(&one, "/recipe/session", &[("sessionHandle", &handle)]).await.json();
        assert_eq!(answer["status"], "UNAUTHORISED", "{handle}");
        let ended = world.post(&one, "/recipe/session/remove", json!({ "sessionHandles": [handle] })).await.json();
        assert_eq!(handles(&ended), [""; 0]);
    }
    let answer = world.get(&one, "/recipe/session", &[("sessionHandle", &format!("{id}_t3"))]).await;
    assert_eq!(answer.problem(400), "AppId or tenantId not found => (, alpha, t3)");
    // the tenant is in the handle, not in the path
    let answer = world.get(&one.tenant("public"), "/recipe/session", &[("sessionHandle", &session.handle)]).await.json();
    assert_eq!(answer["status"], "OK");
}

#[tokio::test]
async fn roles_belong_to_the_app_and_users_have_them_in_a_tenant() {
    let (world, [one, two]) = two_tenants().await;
    world.put(&one.tenant("public"), "/recipe/role", json!({ "role": "admin" })).await.json();
    world.put(&one, "/recipe/user/role", json!({ "userId": "alice", "role": "admin" })).await.json();
    for (place, roles, users) in [(&one, json!(["admin"]), json!(["alice"])), (&two, json!([]), json!([]))] {
        assert_eq!(world.get(place, "/recipe/user/roles", &[("userId", "alice")]).await.json()["roles"], roles);
        assert_eq!(world.get(place, "/recipe/role/users", &[("role", "admin")]).await.json()["users"], users);
    }
    let taken = world.post(&two, "/recipe/user/role/remove", json!({ "userId": "alice", "role": "admin" })).await.json();
    assert_eq!(taken["didUserHaveRole"], false);
}

#[tokio::test]
async fn a_user_who_leaves_a_tenant_keeps_what_is_elsewhere() {
    let (world, [one, two]) = two_tenants().await;
    world.put(&one.tenant("public"), "/recipe/role", json!({ "role": "admin" })).await.json();
    for place in [&one, &two] {
        world.session(place, "alice", json!({}), json!({})).await;
        world.put(place, "/recipe/user/role", json!({ "userId": "alice", "role": "admin" })).await.json();
    }
    let leave = async |place: &Place, body: Value| world.post(place, "/recipe/multitenancy/tenant/user/remove", body).await;
    assert_eq!(leave(&one, json!({ "recipeUserId": "alice" })).await.json(), json!({ "status": "OK", "wasAssociated": true }));
    assert_eq!(
        leave(&one, json!({ "recipeUserId": "alice" })).await.json(),
        json!({ "status": "UNKNOWN_USER_ID_ERROR", "wasAssociated": false })
    );
    for (place, count) in [(&one, 0), (&two, 1)] {
        let query = [("userId", "alice"), ("fetchAcrossAllTenants", "false")];
        assert_eq!(handles(&world.get(place, "/recipe/session/user", &query).await.json()).len(), count);
        let roles = world.get(place, "/recipe/user/roles", &[("userId", "alice")]).await.json();
        assert_eq!(roles["roles"].as_array().unwrap().len(), count);
    }
    // the field has another name in older versions
    assert_eq!(leave(&two.version("3.1"), json!({ "userId": "alice" })).await.json()["status"], "OK");
    let missing = leave(&two.version("3.1"), json!({ "recipeUserId": "alice" })).await;
    assert_eq!(missing.problem(400), "Field name 'userId' is invalid in JSON input");
    assert_eq!(leave(&two, json!({ "userId": "alice" })).await.problem(400), "Field name 'recipeUserId' is invalid in JSON input");
}

#[tokio::test]
async fn each_tenant_has_its_own_providers_and_may_shut_out_addresses() {
    let (world, [one, two]) = two_tenants().await;
    let body = json!({ "config": { "thirdPartyId": "google" } });
    world.put(&one, "/recipe/multitenancy/config/thirdparty", body).await.json();
    let providers = async |place: &Place| {
        let tenant = world.get(place, "/recipe/multitenancy/tenant/v2", &[]).await.json();
        tenant["thirdParty"]["providers"].as_array().unwrap().len()
    };
    assert_eq!((providers(&one).await, providers(&two).await, providers(&one.tenant("public")).await), (1, 0, 0));
    let body = json!({ "tenantId": "t1", "coreConfig": { "ip_deny_regex": r"127\..*" } });
    world.put(&one.tenant("public"), "/recipe/multitenancy/tenant/v2", body).await.json();
    let answer = world.send_at(&one, Method::GET, "/hello", String::new()).await;
    assert_eq!(answer.problem(403), "This address is not allowed to call this server");
    world.get(&two, "/recipe/user/roles", &[("userId", "alice")]).await.json();
}
