//! Nothing of one app can be read or changed from another, whatever is presented there.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use hallpass_engine::{
    id::{AppId, Tenant, TenantId, UserId},
    time::Timestamp,
};
use hallpass_server::api::{Operation, Scope, operations};
use serde_json::{Value, json};

use crate::world::{KEY, Place, Session, World, shape};

/// Stands in everything that the first app keeps, and in nothing that is sent to the second.
const SECRET: &str = "only-for-alpha";

/// What there is in an app, as a caller names it.
struct Belongings {
    sessions: Vec<Session>,
    user: &'static str,
    role: &'static str,
    permission: &'static str,
    provider: &'static str,
    app: String,
    tenant: &'static str,
}

/// Fills an app and two of its tenants.
async fn furnish(world: &World, app: &Place, [user, role, permission, provider]: [&'static str; 4]) -> Belongings {
    let tenant = world.tenant(app, "t1").await;
    let mut sessions = Vec::new();
    world.put(app, "/recipe/role", json!({ "role": role, "permissions": [permission, SECRET] })).await.json();
    world.put(app, "/recipe/role", json!({ "role": SECRET, "permissions": [permission] })).await.json();
    for place in [app, &tenant] {
        sessions.push(world.session(place, user, json!({ "secret": SECRET }), json!({ "secret": SECRET })).await);
        for role in [role, SECRET] {
            world.put(place, "/recipe/user/role", json!({ "userId": user, "role": role })).await.json();
        }
        world.put(place, "/recipe/user/role", json!({ "userId": SECRET, "role": role })).await.json();
        let config = json!({ "thirdPartyId": provider, "clients": [{ "clientId": "x", "clientSecret": SECRET }] });
        world.put(place, "/recipe/multitenancy/config/thirdparty", json!({ "config": config })).await.json();
    }
    world.put(app, "/recipe/user/metadata", json!({ "userId": user, "metadataUpdate": { "secret": SECRET } })).await.json();
    world.put(app, "/ee/license", json!({ "licenseKey": SECRET })).await.json();
    world.post(app, "/hallpass/ban", json!({ "userId": SECRET, "reason": SECRET })).await.json();
    Belongings { sessions, user, role, permission, provider, app: app.app.clone(), tenant: "t1" }
}

/// An operation's example, speaking of what belongs to an app. `None`: it speaks of nothing.
fn speaking_of(operation: &Operation, belongings: &Belongings) -> Option<Value> {
    let mut arguments: Value = serde_json::from_str(operation.example.request).unwrap();
    let mut is_about = false;
    for (name, value) in arguments.as_object_mut().unwrap() {
        let session = &belongings.sessions[0];
        let handles: Vec<_> = belongings.sessions.iter().map(|session| session.handle.as_str()).collect();
        let named = match name.as_str() {
            "accessToken" => json!(session.access_token),
            "refreshToken" => json!(session.refresh_token),
            "sessionHandle" => json!(session.handle),
            "sessionHandles" => json!(handles),
            "userId" | "recipeUserId" | "superTokensUserId" => json!(belongings.user),
            "userIds" => json!([belongings.user]),
            "role" => json!(belongings.role),
            "permission" => json!(belongings.permission),
            "permissions" => json!([belongings.permission]),
            "thirdPartyId" => json!(belongings.provider),
            "config" => json!({ "thirdPartyId": belongings.provider }),
            "appId" => json!(belongings.app),
            "tenantId" => json!(belongings.tenant),
            _ => continue,
        };
        *value = named;
        is_about = true;
    }
    is_about.then_some(arguments)
}

/// Everything that is stored of an app.
async fn stored(world: &World, belongings: &Belongings) -> BTreeMap<String, String> {
    let (store, app): (_, AppId) = (&world.store, belongings.app.parse().unwrap());
    let user = UserId::from(belongings.user);
    let now = Timestamp::from_millis(0);
    let mut all = BTreeMap::new();
    let mut keep = |what: &str, it: String| all.insert(what.to_owned(), it);
    keep("sessions", format!("{:?}", store.session_list(&app, None, &user, now).await.unwrap()));
    for session in store.session_list(&app, None, &user, now).await.unwrap() {
        keep(&session.key.to_string(), json!([session.payload, session.data]).to_string());
    }
    for key in store.key_list(&app).await.unwrap() {
        keep(&key.kid.to_string(), format!("{key:?}"));
    }
    keep("roots", format!("{:?}", store.root_list(&app).await.unwrap()));
    for role in store.role_list(&app).await.unwrap() {
        keep(&format!("role {role}"), format!("{:?}", store.role_permissions(&app, &role).await.unwrap()));
        for tenant in ["public", "t1"] {
            let tenant = Tenant { app: app.clone(), tenant: tenant.parse::<TenantId>().unwrap() };
            let users = store.role_users(&tenant, &role).await.unwrap();
            keep(&format!("users of {role} in {tenant:?}"), format!("{users:?}"));
        }
    }
    keep("bans", format!("{:?}", store.ban_list(&app, None, 1000, now).await.unwrap()));
    keep("metadata", json!(store.metadata_find(&app, &user).await.unwrap()).to_string());
    for record in store.tenant_list(Some(&app)).await.unwrap() {
        keep(&format!("{:?}", record.tenant), format!("{} {}", record.revision, Value::from(record.settings.clone())));
    }
    world.api.flush().await.unwrap();
    keep("active", store.activity_count(&app, now).await.unwrap().to_string());
    keep("events", format!("{:?}", store.event_list(&app, &user, 1000).await.unwrap()));
    all
}

fn outcome(answer: &crate::world::Answer) -> (StatusCode, Value) {
    (answer.status, serde_json::from_str(&answer.text).map_or_else(|_| answer.text.clone().into(), |json| shape(&json)))
}

#[tokio::test]
async fn what_belongs_to_another_app_is_as_good_as_unknown() {
    let world = World::with_key().await;
    let alpha = furnish(&world, &world.app("alpha").await, ["ursula", "captain", "steer", "alphabet"]).await;
    let before = stored(&world, &alpha).await;
    assert_eq!(before.values().filter(|it| it.contains(SECRET)).count(), 11, "{before:?}");
    // the same things, but they were never in any of the apps that are asked, nor are they anywhere by then
    let gone = world.app("gamma").await;
    let nobody = furnish(&world, &gone, ["norman", "cook", "stirs", "gammabet"]).await;
    world.post(&gone, "/recipe/multitenancy/tenant/remove", json!({ "tenantId": "t1" })).await.json();
    world.post(&Place::public().key(Some(KEY)), "/recipe/multitenancy/app/remove", json!({ "appId": "gamma" })).await.json();

    let mut tried = 0;
    for (number, operation) in operations().iter().enumerate() {
        let name = format!("{} {}", operation.verb.as_str(), operation.path);
        let Some(of_alpha) = speaking_of(operation, &alpha) else { continue };
        let of_nobody = speaking_of(operation, &nobody).unwrap();
        for (tenant, version) in [("public", "5.4"), ("t1", "5.4"), ("public", "5.6"), ("t1", "3.1")] {
            let end = format!("{number}-{tenant}-{}", version.replace('.', "-"));
            let (beta, delta) = (world.app(&format!("beta-{end}")).await, world.app(&format!("delta-{end}")).await);
            for app in [&beta, &delta] {
                world.tenant(app, "t1").await;
            }
            let answer = world.ask(&beta.tenant(tenant).version(version), operation, &of_alpha).await;
            let expected = world.ask(&delta.tenant(tenant).version(version), operation, &of_nobody).await;
            assert_eq!(outcome(&answer), outcome(&expected), "{name} at {tenant} in {version}: {answer:?} but {expected:?}");
            assert!(!answer.text.contains(SECRET), "{name} at {tenant} in {version}: {answer:?}");
            assert_eq!(stored(&world, &alpha).await, before, "{name} at {tenant} in {version}");
            tried += 1;
        }
    }
    assert!(tried > 140, "{tried}");
}

/// The counterpart: so asked, the app itself does answer and change.
#[tokio::test]
async fn what_belongs_to_an_app_is_known_to_it() {
    let world = World::with_key().await;
    let app = world.app("alpha").await;
    let alpha = furnish(&world, &app, ["ursula", "captain", "steer", "alphabet"]).await;
    let tells = [
        "/recipe/session",
        "/recipe/jwt/data",
        "/recipe/session/data",
        "/recipe/role/permissions",
        "/recipe/user/metadata",
        "/recipe/permission/roles",
        "/recipe/user/roles",
        "/recipe/role/users",
        "/recipe/session/verify",
        "/recipe/session/refresh",
        "/recipe/user/metadata/bulk",
    ];
    let of_alpha = |operation: &Operation| speaking_of(operation, &alpha);
    for operation in operations().iter().filter(|it| tells.contains(&it.path) && it.scope != Scope::Global) {
        let reads = operation.body.is_none() || operation.path.ends_with("bulk") || operation.path.contains("/session/");
        let Some(arguments) = of_alpha(operation).filter(|_| reads && operation.verb.as_str() != "PUT") else { continue };
        let answer = world.ask(&app, operation, &arguments).await;
        assert!(answer.text.contains(SECRET), "{} {}: {answer:?}", operation.verb.as_str(), operation.path);
    }
    let mut before = stored(&world, &alpha).await;
    for path in [
        "/recipe/session/data",
        "/recipe/user/role/remove",
        "/recipe/role/permissions/remove",
        "/recipe/role/remove",
        "/recipe/user/metadata/remove",
        "/recipe/multitenancy/config/thirdparty/remove",
        "/recipe/session/remove",
    ] {
        for operation in operations().iter().filter(|operation| operation.path == path && operation.body.is_some()) {
            world.ask(&app, operation, &of_alpha(operation).unwrap()).await.json();
            let after = stored(&world, &alpha).await;
            assert_ne!(after, before, "{path}");
            before = after;
        }
    }
}

#[tokio::test]
async fn the_key_of_one_app_opens_no_other() {
    let world = World::with_key().await;
    let alpha = world.app("alpha").await;
    let beta = world.app("beta").await;
    world.tenant(&beta, "t1").await;
    let mut refused = 0;
    for operation in operations().iter().filter(|operation| !operation.is_open) {
        let arguments = serde_json::from_str(operation.example.request).unwrap();
        for place in [beta.clone(), beta.tenant("t1"), beta.tenant("no-such-tenant"), Place::public()] {
            let answer = world.ask(&place.key(alpha.key.as_deref()), operation, &arguments).await;
            assert_eq!(answer.problem(401), "Invalid API key", "{} at {place:?}", operation.path);
            refused += 1;
        }
        // nor does that of the server
        assert_eq!(world.ask(&beta.key(Some(KEY)), operation, &arguments).await.problem(401), "Invalid API key");
    }
    assert_eq!(refused, 4 * operations().iter().filter(|operation| !operation.is_open).count());
    let left = world.get(&beta, "/recipe/multitenancy/tenant/list/v2", &[]).await.json();
    assert_eq!(left["tenants"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn apps_without_a_key_of_their_own_take_the_servers_until_they_say_that_they_need_none() {
    let world = World::with_key().await;
    let (path, base) = ("/recipe/multitenancy/app/v2", Place::public().key(Some(KEY)));
    world.put(&base, path, json!({ "appId": "alpha" })).await.json();
    let alpha = Place { app: "alpha".to_owned(), ..Place::public() };
    assert_eq!(world.get(&alpha, "/recipe/roles", &[]).await.problem(401), "Invalid API key");
    world.get(&alpha.key(Some(KEY)), "/recipe/roles", &[]).await.json();
    world.put(&base, path, json!({ "appId": "alpha", "coreConfig": { "api_keys": null } })).await.json();
    world.get(&alpha, "/recipe/roles", &[]).await.json();
}
