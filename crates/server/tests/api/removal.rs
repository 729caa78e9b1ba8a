//! Apps and tenants that are removed, and made again.

use hallpass_engine::{
    id::{AppId, UserId},
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::world::{Place, Session, World};

const CREATE: &str = "/recipe/multitenancy/app/v2";

async fn furnish(world: &World, place: &Place) -> Session {
    world.put(&place.tenant("public"), "/recipe/role", json!({ "role": "admin", "permissions": ["all"] })).await.json();
    world.put(place, "/recipe/user/role", json!({ "userId": "alice", "role": "admin" })).await.json();
    let update = json!({ "userId": "alice", "metadataUpdate": { "theme": "dark" } });
    world.put(&place.tenant("public"), "/recipe/user/metadata", update).await.json();
    world.put(&place.tenant("public"), "/ee/license", json!({ "licenseKey": "a-key" })).await.json();
    let jwt = json!({ "payload": {}, "algorithm": "ES256", "jwksDomain": "x", "validity": 60 });
    world.post(&place.tenant("public"), "/recipe/jwt", jwt).await.json();
    world.post(&place.tenant("public"), "/hallpass/ban", json!({ "userId": "mallory" })).await.json();
    world.session(place, "alice", json!({}), json!({})).await
}

async fn remove(world: &World, app: &str) -> Value {
    world.post(&Place::public(), "/recipe/multitenancy/app/remove", json!({ "appId": app })).await.json()
}

/// How much is stored of an app, by kind.
async fn stored(world: &World, app: &str) -> [usize; 9] {
    let (store, app, user): (_, AppId, _) = (&world.store, app.parse().unwrap(), UserId::from("alice"));
    let start = Timestamp::from_millis(0);
    world.api.flush().await.unwrap();
    [
        store.tenant_list(Some(&app)).await.unwrap().len(),
        store.session_list(&app, None, &user, start).await.unwrap().len(),
        store.key_list(&app).await.unwrap().len(),
        store.root_list(&app).await.unwrap().len(),
        store.role_list(&app).await.unwrap().len(),
        store.metadata_find(&app, &user).await.unwrap().into_iter().count(),
        usize::try_from(store.activity_count(&app, start).await.unwrap()).unwrap(),
        store.ban_list(&app, None, 100, start).await.unwrap().len(),
        store.event_list(&app, &user, 100).await.unwrap().len(),
    ]
}

#[tokio::test]
async fn an_app_that_is_removed_leaves_nothing() {
    let world = World::new().await;
    let app = world.app("alpha").await;
    let kept = world.app("beta").await;
    furnish(&world, &app).await;
    furnish(&world, &kept).await;
    assert_eq!(stored(&world, "alpha").await, [1, 1, 2, 1, 1, 1, 1, 1, 2]);
    assert_eq!(remove(&world, "alpha").await, json!({ "status": "OK", "didExist": true }));
    assert_eq!(stored(&world, "alpha").await, [0; 9]);
    assert_eq!(stored(&world, "beta").await, [1, 1, 2, 1, 1, 1, 1, 1, 2]);
    assert_eq!(world.get(&app, "/recipe/roles", &[]).await.problem(400), "AppId or tenantId not found => (, alpha)");
    assert_eq!(remove(&world, "alpha").await, json!({ "status": "OK", "didExist": false }));
}

#[tokio::test]
async fn an_app_that_is_made_again_starts_empty_with_new_keys() {
    let world = World::new().await;
    let app = world.app("alpha").await;
    let session = furnish(&world, &app).await;
    let keys = world.get(&app, "/.well-known/jwks.json", &[]).await.json();
    remove(&world, "alpha").await;
    // at the same moment: even names of keys may come again
    world.put(&Place::public(), CREATE, json!({ "appId": "alpha" })).await.json();
    assert_eq!(stored(&world, "alpha").await, [1, 0, 0, 0, 0, 0, 0, 0, 0]);
    let app = app.key(None);
    let points = |keys: &Value| keys["keys"].as_array().unwrap().iter().map(|key| key["x"].to_string()).collect::<Vec<_>>();
    let new_keys = world.get(&app, "/.well-known/jwks.json", &[]).await.json();
    assert!(!points(&new_keys).is_empty() && points(&new_keys).iter().all(|point| !points(&keys).contains(point)));

    let ask = async |path: &str, body: Value| world.post(&app, path, body).await.json()["status"].clone();
    let verify = json!({ "accessToken": session.access_token, "doAntiCsrfCheck": false, "enableAntiCsrf": false, "checkDatabase": false });
    assert_eq!(ask("/recipe/session/verify", verify).await, "TRY_REFRESH_TOKEN");
    let refresh = json!({ "refreshToken": session.refresh_token, "enableAntiCsrf": false, "useDynamicSigningKey": true });
    assert_eq!(ask("/recipe/session/refresh", refresh).await, "UNAUTHORISED");
    let tenant = world.get(&app, "/recipe/multitenancy/tenant/v2", &[]).await.json();
    assert_eq!(tenant["coreConfig"], json!({}));
    assert_eq!(world.get(&app, "/ee/license", &[]).await.json()["status"], "NO_LICENSE_KEY_FOUND_ERROR");
    assert_eq!(world.get(&app, "/users/count/active", &[("since", "0")]).await.json()["count"], 0);
}

#[tokio::test]
async fn making_an_app_makes_no_key_and_its_first_use_does() {
    let world = World::new().await;
    let app = world.app("alpha").await;
    let id: AppId = "alpha".parse().unwrap();
    assert!(world.store.key_list(&id).await.unwrap().is_empty() && world.store.root_list(&id).await.unwrap().is_empty());
    world.session(&app, "alice", json!({}), json!({})).await;
    assert_eq!(world.store.key_list(&id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_tenant_takes_its_sessions_and_assignments_along_and_nothing_else() {
    let world = World::new().await;
    let app = world.app("alpha").await;
    let (gone, kept) = (world.tenant(&app, "t1").await, world.tenant(&app, "t2").await);
    furnish(&world, &gone).await;
    furnish(&world, &kept).await;
    // known to the server by now, and forgotten at once
    world.get(&gone, "/recipe/user/roles", &[("userId", "alice")]).await.json();
    let path = "/recipe/multitenancy/tenant/remove";
    assert_eq!(world.post(&app, path, json!({ "tenantId": " T1 " })).await.json(), json!({ "status": "OK", "didExist": true }));
    assert_eq!(world.post(&app, path, json!({ "tenantId": "t1" })).await.json(), json!({ "status": "OK", "didExist": false }));
    let unknown = world.get(&gone, "/recipe/user/roles", &[("userId", "alice")]).await;
    assert_eq!(unknown.problem(400), "AppId or tenantId not found => (, alpha, t1)");
    world.tenant(&app, "t1").await;
    for (place, count) in [(&gone, 0), (&kept, 1)] {
        let query = [("userId", "alice"), ("fetchAcrossAllTenants", "false")];
        let sessions = world.get(place, "/recipe/session/user", &query).await.json();
        let roles = world.get(place, "/recipe/user/roles", &[("userId", "alice")]).await.json();
        let both = [&sessions["sessionHandles"], &roles["roles"]].map(|list| list.as_array().unwrap().len());
        assert_eq!(both, [count; 2]);
    }
    let role = world.get(&app, "/recipe/role/permissions", &[("role", "admin")]).await.json();
    assert_eq!(role["permissions"], json!(["all"]));
}

#[tokio::test]
async fn what_others_depend_on_is_not_removed() {
    let world = World::new().await;
    let app = world.app("alpha").await;
    let tenant = world.tenant(&app, "t1").await;
    let by_app = async |id: &str| world.post(&Place::public(), "/recipe/multitenancy/app/remove", json!({ "appId": id })).await;
    assert_eq!(by_app("alpha").await.problem(403), "Remove the tenants of the app first, all but the public one");
    assert_eq!(by_app("public").await.problem(403), "The public app cannot be removed");
    let by_tenant =
        async |place: &Place, id: &str| world.post(place, "/recipe/multitenancy/tenant/remove", json!({ "tenantId": id })).await;
    assert_eq!(by_tenant(&app, "public").await.problem(403), "The public tenant goes with its app only");
    assert_eq!(by_tenant(&tenant, "t1").await.status, 403);
    assert_eq!(world.get(&app, "/recipe/multitenancy/tenant/list/v2", &[]).await.json()["tenants"].as_array().unwrap().len(), 2);
    by_tenant(&app, "t1").await.json();
    assert_eq!(by_app("alpha").await.json()["didExist"], true);
}
