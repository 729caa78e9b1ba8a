//! What is wrong with a call is told in a fixed order, and which versions are spoken may differ from app to app.

use axum::http::{Method, header::CONTENT_TYPE};
use hallpass_engine::keys::Algorithm;
use hallpass_server::{
    app_settings::AppSettings,
    core_config::effective,
    settings::{Settings, Sources},
};
use serde_json::{Value, json};

use crate::{
    caller::{Caller, access, merged, names, ok, refresh},
    world::{Answer, KEY, Place, World},
};

const CREATE: &str = "/recipe/session";

/// A call that is right but for what is said.
struct Wrong<'a> {
    key: Option<&'a str>,
    version: &'a str,
    method: Method,
    path: &'a str,
    body: &'a str,
}

impl Wrong<'_> {
    async fn send(&self, world: &World) -> Answer {
        let mut headers = vec![("cdi-version", self.version)];
        headers.extend(self.key.map(|key| ("api-key", key)));
        world.send(self.method.clone(), self.path, &headers, self.body.to_owned()).await
    }
}

#[tokio::test]
async fn of_all_that_is_wrong_the_first_thing_is_told() {
    let shut = AppSettings::default();
    let shut = effective(&shut, json!({ "api_keys": KEY, "ip_deny_regex": ".*" }).as_object().unwrap());
    let (shut, world) = (World::start(shut, "").await, World::with_key().await);
    let protected = r#"{"userId": "", "userDataInJWT": {"sub": 1}, "userDataInDatabase": {}, "enableAntiCsrf": false}"#;
    let mut call = Wrong { key: None, version: "x", method: Method::PATCH, path: "/t2/recipe/session", body: "[" };
    assert_eq!(call.send(&shut).await.status, 403);
    let mut told = Vec::new();
    let mut ask = async |call: &Wrong<'_>| {
        let answer = call.send(&world).await;
        assert_eq!(answer.headers[CONTENT_TYPE], "text/html; charset=UTF-8");
        told.push((answer.status.as_u16(), answer.text.trim_end().to_owned()));
    };
    ask(&call).await;
    call.key = Some(KEY);
    ask(&call).await;
    call.version = "9.0";
    ask(&call).await;
    call.version = "2.20";
    ask(&call).await;
    call.version = "3.2";
    ask(&call).await;
    call.version = "5.4";
    ask(&call).await;
    call.method = Method::POST;
    ask(&call).await;
    call.path = CREATE;
    ask(&call).await;
    call.body = "{}";
    ask(&call).await;
    call.body = protected;
    ask(&call).await;
    let expected = [
        (401, "Invalid API key"),
        (400, "cdi-version header is invalid"),
        (400, "cdi-version 9.0 not supported"),
        (404, "Not found"),
        (400, "cdi-version 3.2 not supported"),
        (405, "Method not supported"),
        (400, "AppId or tenantId not found => (, public, t2)"),
        (400, "Invalid Json Input"),
        (400, "Field name 'userId' is invalid in JSON input"),
        (400, "The user payload contains protected field"),
    ];
    assert_eq!(told, expected.map(|(status, text)| (status, text.to_owned())));
}

#[tokio::test]
async fn one_more_key_may_open_every_app_that_has_keys() {
    let secret = "s".repeat(40);
    let given = [("HALLPASS_API_KEYS", KEY), ("HALLPASS_SUPERTOKENS_SAAS_SECRET", &secret)];
    let given = given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let settings = Settings::read(Sources { environment: given, ..Sources::default() }).unwrap();
    let world = World::start(settings.app, "").await;
    let app = world.app("a1").await;
    let asked = async |place: &Place, key: &str| world.get(&place.key(Some(key)), "/apiversion", &[]).await.status.as_u16();
    let of_app = app.key.clone().unwrap();
    let public = Place::public();
    for (place, key, expected) in [
        (&public, KEY, 200),
        (&public, &secret, 200),
        (&public, &of_app, 401),
        (&app, &of_app, 200),
        (&app, &secret, 200),
        (&app, KEY, 401),
    ] {
        assert_eq!(asked(place, key).await, expected, "{place:?} {key}");
    }
}

#[tokio::test]
async fn a_version_is_compared_part_by_part_and_missing_parts_are_zero() {
    let world = World::new().await;
    let ask = async |version: &'static str| Caller::new(&world, version).get("/apiversion", &[]).await;
    for right in ["3", "4", "5", "5.4.0", "05.04", " 5.4 "] {
        assert_eq!(ask(right).await.status, 200, "{right}");
    }
    for (wrong, text) in [
        ("", "cdi-version header is invalid"),
        ("v5.4", "cdi-version header is invalid"),
        ("5,4", "cdi-version header is invalid"),
        ("5.-4", "cdi-version header is invalid"),
        ("6", "cdi-version 6.0 not supported"),
        ("5.7", "cdi-version 5.7 not supported"),
        ("5.4.1", "cdi-version 5.4.1 not supported"),
        ("5.10", "cdi-version 5.10 not supported"),
        ("3.2", "cdi-version 3.2 not supported"),
        ("0", "cdi-version 0.0 not supported"),
    ] {
        assert_eq!(ask(wrong).await.problem(400), text, "{wrong:?}");
    }
}

#[tokio::test]
async fn where_no_version_is_needed_only_nonsense_and_the_future_are_refused() {
    let world = World::new().await;
    for path in ["/hello", "/.well-known/jwks.json"] {
        let ask = async |version: &'static str| Caller::new(&world, version).get(path, &[]).await;
        for right in ["1.0", "2.6", "3.2", "5.6"] {
            assert_eq!(ask(right).await.status, 200, "{path} {right}");
        }
        assert_eq!(ask("x").await.problem(400), "cdi-version header is invalid");
        assert_eq!(ask("5.7").await.problem(400), "cdi-version 5.7 not supported");
    }
}

#[tokio::test]
async fn an_app_may_narrow_the_versions_that_it_speaks() {
    let world = World::new().await;
    let app = Place { app: "a1".to_owned(), ..Place::public() };
    let narrow = async |min: Value, max: Value| {
        let config = json!({ "supertokens_min_cdi_version": min, "supertokens_max_cdi_version": max });
        world.put(&Place::public(), "/recipe/multitenancy/app/v2", json!({ "appId": "a1", "coreConfig": config })).await
    };
    let listed = async || world.get(&app, "/apiversion", &[]).await.json()["versions"].clone();
    let asked = async |version: &'static str| world.get(&app.version(version), "/recipe/roles", &[]).await;

    ok(narrow(json!("4.0"), json!("5.2")).await.json());
    assert_eq!(listed().await, json!(["4.0", "5.0", "5.1", "5.2"]));
    for wrong in ["3.1", "5.3", "5.4"] {
        assert_eq!(asked(wrong).await.problem(400), format!("cdi-version {wrong} not supported"));
    }
    for right in ["4.0", "5.2"] {
        ok(asked(right).await.json());
    }
    // also where no version is needed
    assert_eq!(world.get(&app.version("5.3"), "/hello", &[]).await.status, 400);
    // and only there
    world.get(&Place::public().version("5.4"), "/recipe/roles", &[]).await.json();

    assert!(narrow(json!("5.2"), json!("4.0")).await.problem(400).starts_with("Invalid core config: "));
    assert!(narrow(json!("5.7"), Value::Null).await.problem(400).starts_with("Invalid core config: "));
}

#[tokio::test]
async fn whoever_names_no_version_speaks_the_latest_that_is_safe_unless_configured_otherwise() {
    for (config, has_recipe_user, is_stateless) in [
        (json!({}), true, false),
        (json!({ "supertokens_max_cdi_version": "3.1" }), false, false),
        (json!({ "supertokens_max_cdi_version": "5.6" }), true, true),
        (json!({ "supertokens_min_cdi_version": "5.6" }), true, true),
        (json!({ "supertokens_min_cdi_version": "3.1" }), true, false),
    ] {
        let mut settings = effective(&AppSettings::default(), config.as_object().unwrap());
        settings.algorithm = Algorithm::Es256;
        let world = World::with_settings(settings).await;
        let caller = Caller { world: &world, place: Place::public() };
        let created = caller.create("alice", json!({})).await;
        assert_eq!(created["session"].get("recipeUserId").is_some(), has_recipe_user, "{config}");
        let verified = ok(caller.verify(access(&created)).await);
        assert_eq!(verified.get("payloadUpdateAvailable").is_some(), is_stateless, "{config}");
    }
}

#[tokio::test]
async fn a_refresh_must_say_which_keys_sign_from_5_0_on() {
    let world = World::new().await;
    for (version, is_needed) in [("3.0", false), ("4.0", false), ("5.0", true), ("5.4", true), ("5.6", true)] {
        let caller = Caller::new(&world, version);
        let created = caller.create("alice", json!({})).await;
        let answer = caller.try_refresh(refresh(&created), json!({ "useDynamicSigningKey": null })).await;
        if is_needed {
            assert_eq!(answer.problem(400), "Field name 'useDynamicSigningKey' is invalid in JSON input", "{version}");
        } else {
            ok(answer.json());
        }
    }
}

#[tokio::test]
async fn fields_have_types_and_unknown_ones_do_not_matter() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    for (field, wrong) in [
        ("userId", json!(1)),
        ("userDataInJWT", json!([])),
        ("userDataInJWT", json!("{}")),
        ("userDataInDatabase", json!(null)),
        ("enableAntiCsrf", json!("true")),
        ("enableAntiCsrf", json!(1)),
        ("useDynamicSigningKey", json!("false")),
    ] {
        let mut body = json!({ "userId": "alice", "userDataInJWT": {}, "userDataInDatabase": {}, "enableAntiCsrf": false });
        body[field] = wrong;
        let answer = caller.post(CREATE, body).await;
        assert_eq!(answer.problem(400), format!("Field name '{field}' is invalid in JSON input"));
    }
    caller.create("alice", json!({ "unknown": [1], "UserId": 7 })).await;
    // labels do not matter either
    let body = json!({ "userId": "alice", "userDataInJWT": {}, "userDataInDatabase": {}, "enableAntiCsrf": false }).to_string();
    for label in ["text/plain", "application/json; charset=utf-8", "multipart/form-data; boundary=x"] {
        ok(world.send(Method::POST, CREATE, &[("content-type", label), ("rid", "session")], body.clone()).await.json());
    }
}

#[tokio::test]
async fn sessions_are_removed_by_handles_or_by_user_and_never_by_both() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    for wrong in [json!({}), json!({ "sessionHandles": [], "userId": "alice" })] {
        let answer = caller.post("/recipe/session/remove", wrong).await;
        assert_eq!(answer.problem(400), "Exactly one of sessionHandles and userId must be given");
    }
    for flag in ["revokeAcrossAllTenants", "revokeSessionsForLinkedAccounts"] {
        let body = json!({ "sessionHandles": [], flag: true });
        let answer = caller.post("/recipe/session/remove", body).await;
        assert_eq!(answer.problem(400), "revokeAcrossAllTenants and revokeSessionsForLinkedAccounts go with userId only");
        let created = caller.create("alice", json!({})).await;
        let body = json!({ "userId": "alice", flag: false });
        let removed = caller.post("/recipe/session/remove", body).await.json();
        assert_eq!(removed["sessionHandlesRevoked"], json!([created["session"]["handle"]]), "{flag}");
    }
}

#[tokio::test]
async fn a_handle_says_which_tenant_it_is_of_and_that_must_exist() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    for (handle, tenant) in [("x_t2", "t2"), ("x_", ""), ("x_no tenant", "no tenant"), ("x_<b>", "&lt;b>")] {
        let answer = caller.get("/recipe/session", &[("sessionHandle", handle)]).await;
        assert_eq!(answer.problem(400), format!("AppId or tenantId not found => (, public, {tenant})"), "{handle}");
        let put = caller.put("/recipe/jwt/data", json!({ "sessionHandle": handle, "userDataInJWT": {} })).await;
        assert_eq!(put.status, 400);
    }
}

#[tokio::test]
async fn flags_in_a_query_are_true_in_any_case_of_letters_and_otherwise_false() {
    let world = World::new().await;
    world.tenant(&Place::public(), "t1").await;
    let caller = Caller::new(&world, "5.4");
    caller.tenant("t1").create("alice", json!({})).await;
    for (flag, count) in [("true", 1), ("TRUE", 1), ("false", 0), ("", 0), ("1", 0), ("yes", 0)] {
        let query = [("userId", "alice"), ("fetchAcrossAllTenants", flag)];
        let listed = ok(caller.get("/recipe/session/user", &query).await.json());
        assert_eq!(listed["sessionHandles"].as_array().unwrap().len(), count, "{flag:?}");
    }
}

#[tokio::test]
async fn paths_have_no_case_one_slash_behind_and_a_base_in_front() {
    let mut settings = AppSettings::default();
    settings.algorithm = Algorithm::Es256;
    let (world, based) = (World::new().await, World::start(settings, "/core").await);
    let status = async |world: &World, path: &str| world.send(Method::GET, path, &[], "").await.status.as_u16();
    for (path, expected) in [
        ("/ApiVersion", 200),
        ("/apiversion/", 200),
        ("/public/apiversion", 200),
        ("/appid-public/public/apiversion/", 200),
        ("/appid-/apiversion", 200),
        ("/apiversion//", 404),
        ("//apiversion", 404),
        ("/a/b/apiversion", 404),
        ("/t1/appid-x/apiversion", 404),
        ("/recipe/apiversion", 404),
        ("/appid-x/apiversion", 400),
        ("/appid-x", 400),
        ("/t1/", 404),
        ("/nowhere", 404),
    ] {
        assert_eq!(status(&world, path).await, expected, "{path}");
        assert_eq!(status(&based, &format!("/core{path}")).await, expected, "{path}");
        assert_eq!(status(&based, path).await, 404, "{path}");
    }
    let answer = world.send(Method::GET, "/apiversion", &[("host", "elsewhere.example.com")], "").await;
    assert_eq!(names(&answer.json()), ["versions"]);
    for header in ["location", "set-cookie", "access-control-allow-origin", "content-encoding"] {
        assert!(!answer.headers.contains_key(header), "{header}");
    }
}

#[tokio::test]
async fn a_missing_app_and_a_missing_tenant_are_told_of() {
    let world = World::new().await;
    let body = json!({ "userId": "alice", "userDataInJWT": {}, "userDataInDatabase": {}, "enableAntiCsrf": false });
    let ask = async |app: &str, tenant: &str| {
        let place = Place { app: app.to_owned(), ..Place::public() }.tenant(tenant);
        world.post(&place, CREATE, merged(body.clone(), json!({}))).await
    };
    assert_eq!(ask("public", "t2").await.problem(400), "AppId or tenantId not found => (, public, t2)");
    assert_eq!(ask("a2", "public").await.problem(400), "AppId or tenantId not found => (, a2)");
    assert_eq!(ask("a2", "t2").await.problem(400), "AppId or tenantId not found => (, a2)");
}
