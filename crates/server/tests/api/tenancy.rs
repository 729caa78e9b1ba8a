//! Apps and tenants: how they are made, changed and told.

use serde_json::{Value, json};

use crate::world::{Place, World};

const APP: &str = "/recipe/multitenancy/app/v2";
const TENANT: &str = "/recipe/multitenancy/tenant/v2";
const TENANT_V1: &str = "/recipe/multitenancy/tenant";

async fn told(world: &World, place: &Place, path: &str) -> Value {
    let mut told = world.get(place, path, &[]).await.json();
    assert_eq!(told["status"], "OK");
    told.as_object_mut().unwrap().shift_remove("status");
    told
}

#[tokio::test]
async fn an_app_is_made_once_and_then_changed() {
    let (world, base) = (World::new().await, Place::public());
    let put = async |body: Value| world.put(&base, APP, body).await.json();
    assert_eq!(put(json!({ "appId": " Alpha " })).await, json!({ "status": "OK", "createdNew": true }));
    assert_eq!(put(json!({ "appId": "alpha", "coreConfig": {} })).await, json!({ "status": "OK", "createdNew": false }));
    // the one that needs no making
    assert_eq!(put(json!({})).await["createdNew"], false);
    assert_eq!(put(json!({ "appId": "public", "firstFactors": ["totp"] })).await["createdNew"], false);
    let apps = told(&world, &base, "/recipe/multitenancy/app/list/v2").await;
    let public = |first: Value| {
        let mut tenant = json!({ "tenantId": "public", "thirdParty": { "providers": [] }, "coreConfig": {} });
        if !first.is_null() {
            tenant["firstFactors"] = first;
        }
        json!([tenant])
    };
    let expected = json!([{ "appId": "alpha", "tenants": public(Value::Null) }, { "appId": "public", "tenants": public(json!(["totp"])) }]);
    assert_eq!(apps["apps"], expected);
}

#[tokio::test]
async fn the_base_tenant_is_listed_before_anything_was_written_of_it() {
    let (world, base) = (World::new().await, Place::public());
    world.put(&base, APP, json!({ "appId": "zulu" })).await.json();
    world.tenant(&base, "a").await;
    world.tenant(&base, "z").await;
    let ids =
        |list: &Value, name: &str| list.as_array().unwrap().iter().map(|it| it[name].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let tenants = told(&world, &base, "/recipe/multitenancy/tenant/list/v2").await;
    assert_eq!(ids(&tenants["tenants"], "tenantId"), ["a", "public", "z"]);
    let apps = told(&world, &base, "/recipe/multitenancy/app/list").await;
    assert_eq!(ids(&apps["apps"], "appId"), ["public", "zulu"]);
    assert_eq!(ids(&apps["apps"][0]["tenants"], "tenantId"), ["a", "public", "z"]);
}

#[tokio::test]
async fn each_generation_of_sdks_sees_the_same_tenant_in_its_own_way() {
    let (world, base) = (World::new().await, Place::public());
    let at = |version: &'static str| base.tenant("t1").version(version);
    // an SDK that knows flags only makes it
    let flags = json!({ "tenantId": "t1", "emailPasswordEnabled": true, "thirdPartyEnabled": false });
    assert_eq!(world.put(&base.version("3.1"), TENANT_V1, flags).await.json()["createdNew"], true);
    let by_flags = json!({ "tenantId": "t1", "emailPassword": { "enabled": true }, "thirdParty": { "enabled": false, "providers": [] },
        "passwordless": { "enabled": false }, "coreConfig": {} });
    assert_eq!(told(&world, &at("3.1"), TENANT_V1).await, by_flags);
    let by_factors = json!({ "tenantId": "t1", "thirdParty": { "providers": [] }, "firstFactors": ["emailpassword"], "coreConfig": {} });
    assert_eq!(told(&world, &at("3.1"), TENANT).await, by_factors);
    let mut by_both = by_flags.clone();
    by_both["firstFactors"] = json!(["emailpassword"]);
    assert_eq!(told(&world, &at("5.0"), TENANT_V1).await, by_both);
    // one that knows factors only adds one
    let factors = json!({ "firstFactors": ["emailpassword", "otp-email"], "requiredSecondaryFactors": ["totp"], "tenantId": "t1" });
    world.put(&at("5.4"), TENANT, factors).await.json();
    let seen = told(&world, &at("4.0"), TENANT_V1).await;
    assert_eq!((&seen["passwordless"]["enabled"], &seen["thirdParty"]["enabled"]), (&json!(true), &json!(false)));
    assert_eq!(seen.get("requiredSecondaryFactors"), None);
    assert_eq!(told(&world, &at("5.4"), TENANT).await["requiredSecondaryFactors"], json!(["totp"]));
    // and one that knows both switches the rest off
    let both = json!({ "tenantId": "t1", "emailPasswordEnabled": false, "requiredSecondaryFactors": null });
    world.put(&at("5.0"), TENANT_V1, both).await.json();
    assert_eq!(told(&world, &at("5.4"), TENANT).await["firstFactors"], json!(["otp-email"]));
    for (body, problem) in [
        (
            json!({ "emailPasswordEnabled": true }),
            "emailPasswordEnabled, thirdPartyEnabled and passwordlessEnabled are not accepted here: use firstFactors",
        ),
        (json!({ "firstFactors": ["a", "a"] }), "firstFactors must not name a factor twice"),
        (
            json!({ "requiredSecondaryFactors": ["<b>"] }),
            "requiredSecondaryFactors must name factors of letters, digits and '_', '.', '-', '(', ')'",
        ),
    ] {
        assert_eq!(world.put(&base, TENANT, body).await.problem(400), problem);
    }
}

#[tokio::test]
async fn new_tenants_start_with_no_factor_and_an_empty_core_config() {
    let (world, base) = (World::new().await, Place::public());
    let tenant = world.tenant(&base, "t1").await;
    let empty = json!({ "tenantId": "t1", "thirdParty": { "providers": [] }, "firstFactors": [], "coreConfig": {} });
    assert_eq!(told(&world, &tenant, TENANT).await, empty);
    let gone = world.get(&base.tenant("t2"), TENANT, &[]).await.json();
    assert_eq!(gone, json!({ "status": "TENANT_NOT_FOUND_ERROR" }));
}

#[tokio::test]
async fn overrides_are_merged_told_as_given_and_count_at_once() {
    let world = World::new().await;
    let app = world.app("alpha").await;
    let put = async |place: &Place, config: Value| world.put(place, APP, json!({ "appId": "alpha", "coreConfig": config })).await;
    put(&app, json!({ "access_token_validity": "7", "refresh_token_validity": 60.5 })).await.json();
    let issued = async || {
        let body = json!({ "userId": "alice", "userDataInJWT": {}, "userDataInDatabase": {}, "enableAntiCsrf": false });
        let made = world.post(&app, "/recipe/session", body).await.json();
        let life = |token: &str| made[token]["expiry"].as_i64().unwrap() - made[token]["createdTime"].as_i64().unwrap();
        (life("accessToken"), life("refreshToken"))
    };
    let (access, refresh) = issued().await;
    assert!((6000..=7000).contains(&access), "{access}");
    assert_eq!(refresh, 3_630_000);
    let config = told(&world, &app, TENANT).await["coreConfig"].clone();
    assert_eq!(config, json!({ "api_keys": app.key.as_ref().unwrap(), "access_token_validity": "7", "refresh_token_validity": 60.5 }));
    // taken back, and overridden with the default
    put(&app, json!({ "access_token_validity": null, "password_hashing_alg": null })).await.json();
    assert!(issued().await.0 > 3_000_000);
    let config = told(&world, &app, TENANT).await["coreConfig"].clone();
    assert_eq!(config, json!({ "api_keys": app.key.as_ref().unwrap(), "refresh_token_validity": 60.5, "password_hashing_alg": null }));
    // a key of its own is no longer needed once it is taken back
    put(&app, json!({ "api_keys": null })).await.json();
    world.get(&app.key(None), "/recipe/roles", &[]).await.json();
}

#[tokio::test]
async fn an_override_that_is_not_allowed_changes_nothing() {
    let world = World::new().await;
    let base = Place::public();
    let app = world.app("alpha").await;
    let before = told(&world, &app, TENANT).await;
    let put = async |place: &Place, path: &str, body: Value| world.put(place, path, body).await.problem(400).to_owned();
    let body = json!({ "appId": "alpha", "coreConfig": { "access_token_validity": "soon", "nonsense": 1 }, "firstFactors": ["x"] });
    assert_eq!(
        put(&base, APP, body).await,
        "Invalid core config: 'access_token_validity' must be a whole number; 'nonsense' is not a known key"
    );
    assert_eq!(told(&world, &app, TENANT).await, before);
    let body = json!({ "appId": "beta", "coreConfig": { "port": 1 } });
    assert_eq!(put(&base, APP, body).await, "Invalid core config: 'port' can only be set for the whole server");
    assert_eq!(world.get(&Place { app: "beta".to_owned(), ..base.clone() }, "/recipe/roles", &[]).await.status, 400);
    for (path, id) in [(APP, "appId"), (TENANT, "tenantId")] {
        let body = json!({ id: "public", "coreConfig": { "access_token_validity": 5 } });
        assert_eq!(put(&base, path, body).await, "Cannot modify base config");
    }
}

#[tokio::test]
async fn tenants_of_an_app_share_what_is_set_for_apps() {
    let world = World::new().await;
    let app = world.app("alpha").await;
    let put = async |body: Value| world.put(&app, TENANT, body).await;
    let said = "Invalid core config: 'access_token_validity' must be the same for all tenants of an app";
    assert_eq!(put(json!({ "tenantId": "t1", "coreConfig": { "access_token_validity": 5 } })).await.problem(400), said);
    put(json!({ "tenantId": "t1", "coreConfig": { "access_token_validity": 3600, "ip_allow_regex": ".*" } })).await.json();
    // nor may the app move away from them
    let moved = world.put(&app, APP, json!({ "appId": "alpha", "coreConfig": { "access_token_validity": 5 } })).await;
    assert_eq!(moved.problem(400), said);
    put(json!({ "tenantId": "t1", "coreConfig": { "access_token_validity": null } })).await.json();
    world.put(&app, APP, json!({ "appId": "alpha", "coreConfig": { "access_token_validity": 5 } })).await.json();
}

#[tokio::test]
async fn apps_and_tenants_are_made_from_above_and_changed_from_within() {
    let world = World::new().await;
    let base = Place::public();
    let (alpha, beta) = (world.app("alpha").await, world.app("beta").await);
    let one = world.tenant(&alpha, "t1").await;
    let app = async |place: &Place, id: &str| world.put(place, APP, json!({ "appId": id })).await.status.as_u16();
    assert_eq!(app(&alpha, "alpha").await, 200);
    assert_eq!([app(&alpha, "beta").await, app(&alpha, "public").await, app(&alpha, "gamma").await, app(&one, "alpha").await], [403; 4]);
    assert_eq!([app(&base, "beta").await, app(&base, "gamma").await], [200; 2]);
    let tenant = async |place: &Place, id: &str| world.put(place, TENANT, json!({ "tenantId": id })).await.status.as_u16();
    assert_eq!([tenant(&one, "t1").await, tenant(&alpha, "public").await, tenant(&alpha, "t2").await], [200; 3]);
    assert_eq!([tenant(&one, "t2").await, tenant(&one, "t3").await, tenant(&one, "public").await], [403; 3]);
    // each app has its own
    assert_eq!(world.get(&beta.tenant("t1"), TENANT, &[]).await.json()["status"], "TENANT_NOT_FOUND_ERROR");
    for id in ["", "appid-x", "a_b", "users"] {
        let answer = world.put(&alpha, TENANT, json!({ "tenantId": id })).await;
        assert!(answer.problem(400).starts_with("tenantId must be 1 to 64 letters"), "{id}");
    }
    assert!(world.put(&base, APP, json!({ "appId": "a_b" })).await.problem(400).starts_with("appId must be"));
}

#[tokio::test]
async fn providers_are_kept_as_given_and_replaced_by_their_id() {
    let (world, base) = (World::new().await, Place::public());
    let (path, remove) = ("/recipe/multitenancy/config/thirdparty", "/recipe/multitenancy/config/thirdparty/remove");
    let put = async |config: Value| world.put(&base, path, json!({ "config": config, "skipValidation": true })).await;
    let empty = json!({ "fromIdTokenPayload": {}, "fromUserInfoAPI": {} });
    assert_eq!(put(json!({ "thirdPartyId": "a", "name": "A" })).await.json(), json!({ "status": "OK", "createdNew": true }));
    assert_eq!(put(json!({ "thirdPartyId": "b" })).await.json()["createdNew"], true);
    let again = json!({ "thirdPartyId": "a", "authorizationEndpointQueryParams": { "x": null } });
    assert_eq!(put(again).await.json(), json!({ "status": "OK", "createdNew": false }));
    let expected = json!([
        { "thirdPartyId": "a", "authorizationEndpointQueryParams": { "x": null }, "userInfoMap": empty },
        { "thirdPartyId": "b", "userInfoMap": empty },
    ]);
    assert_eq!(told(&world, &base, TENANT).await["thirdParty"]["providers"], expected);
    assert_eq!(put(json!({ "name": "A" })).await.problem(400), "Field name 'thirdPartyId' is invalid in JSON input");
    for existed in [true, false] {
        let removed = world.post(&base, remove, json!({ "thirdPartyId": "a" })).await.json();
        assert_eq!(removed, json!({ "status": "OK", "didConfigExist": existed }));
    }
}

#[tokio::test]
async fn of_changes_at_once_none_is_lost() {
    let world = World::new().await;
    let app = world.app("alpha").await;
    let put = |id: &'static str| {
        let body = json!({ "config": { "thirdPartyId": id } });
        let (world, app) = (&world, &app);
        async move { world.put(app, "/recipe/multitenancy/config/thirdparty", body).await.json() }
    };
    tokio::join!(put("a"), put("b"), put("c"), put("d"));
    assert_eq!(told(&world, &app, TENANT).await["thirdParty"]["providers"].as_array().unwrap().len(), 4);
}
