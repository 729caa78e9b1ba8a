//! What SDKs rely on and is easy to miss, each by its number.

use std::time::Duration;

use axum::http::{
    Method,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use hallpass_server::{
    api::operations,
    app_settings::AppSettings,
    settings::{Settings, Sources},
};
use serde_json::{Value, json};

use crate::{
    caller::{Caller, access, claims, handle, header, kid, names, ok, refresh, text},
    world::{KEY, Place, World},
};

/// How a server is configured that was started for a suite of tests.
fn test_mode(variables: &[(&str, &str)]) -> AppSettings {
    let given = [("HALLPASS_TEST_MODE", "true")].iter().chain(variables).map(|(name, value)| ((*name).into(), (*value).into()));
    Settings::read(Sources { environment: given.collect(), ..Sources::default() }).unwrap().app
}

async fn for_tests() -> World {
    World::start(test_mode(&[]), "").await
}

#[tokio::test]
async fn g1_a_session_may_be_of_a_user_without_a_name() {
    let world = World::new().await;
    for version in ["3.1", "5.4", "5.6"] {
        let caller = Caller::new(&world, version);
        let created = caller.create("", json!({})).await;
        assert_eq!((&created["session"]["userId"], &claims(access(&created))["sub"]), (&json!(""), &json!("")));
        let child = caller.rotate(refresh(&created)).await;
        ok(caller.check(access(&child)).await);
        let listed = caller.get("/recipe/session/user", &[("userId", "")]).await.json();
        assert_eq!(listed["sessionHandles"], json!([handle(&created)]));
        let removed = caller.post("/recipe/session/remove", json!({ "userId": "" })).await.json();
        assert_eq!(removed["sessionHandlesRevoked"], json!([handle(&created)]));
    }
}

#[tokio::test]
async fn g2_whoever_is_asked_about_is_unknown() {
    let world = World::new().await;
    for version in ["4.0", "5.4"] {
        for user in ["", "alice", "0f8fad5b-d9cb-469f-a165-70867728950e", "ä &?/"] {
            let told = Caller::new(&world, version).get("/user/id", &[("userId", user)]).await.json();
            assert_eq!(told, json!({ "status": "UNKNOWN_USER_ID_ERROR" }));
        }
    }
}

#[tokio::test]
async fn g3_a_text_ends_with_a_line_break() {
    let world = World::with_key().await;
    let answer = world.send(Method::GET, "/apiversion", &[], "").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (401, "Invalid API key\n"));
    assert_eq!(world.send(Method::GET, "/nowhere", &[], "").await.text, "Not found\n");
    let answer = world.send(Method::POST, "/apiversion", &[("api-key", KEY)], "").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (405, "Method not supported\n"));
}

#[tokio::test]
async fn g4_json_is_labelled_json_and_everything_else_a_text() {
    let world = World::new().await;
    for operation in operations() {
        let arguments = serde_json::from_str(operation.example.request).unwrap();
        let answer = world.ask(&Place::public(), operation, &arguments).await;
        let label = answer.headers[CONTENT_TYPE].to_str().unwrap();
        let is_json = serde_json::from_str::<Value>(&answer.text).is_ok_and(|value| value.is_object());
        let expected = if is_json { "application/json; charset=UTF-8" } else { "text/html; charset=UTF-8" };
        assert_eq!((label, is_json), (expected, answer.status == 200 && operation.path != "/hello"), "{} {answer:?}", operation.path);
    }
}

#[tokio::test]
async fn g5_what_is_not_there_is_left_out() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    assert_eq!(names(&created), ["accessToken", "refreshToken", "session", "status"]);
    let verified = ok(caller.check(access(&created)).await);
    assert_eq!(names(&verified), ["session", "status"]);
    let child = caller.rotate(refresh(&created)).await;
    assert_eq!(names(&child), ["accessToken", "refreshToken", "session", "status"]);
    let with_token = caller.create("alice", json!({ "enableAntiCsrf": true })).await;
    assert_eq!(names(&with_token), ["accessToken", "antiCsrfToken", "refreshToken", "session", "status"]);
    for token in ["accessToken", "refreshToken"] {
        assert_eq!(names(&created[token]), ["createdTime", "expiry", "token"]);
    }
}

#[tokio::test]
async fn g6_from_4_0_on_every_session_names_the_user_of_its_login_method() {
    let world = World::new().await;
    for version in ["3.0", "3.1", "4.0", "5.0", "5.4", "5.5", "5.6"] {
        let caller = Caller::new(&world, version);
        let created = caller.create("alice", json!({})).await;
        let child = caller.rotate(refresh(&created)).await;
        let verified = ok(caller.verify(access(&child)).await);
        let regenerated = ok(caller.regenerate(access(&child), json!({})).await);
        let mut expected = vec!["handle", "recipeUserId", "tenantId", "userDataInJWT", "userId"];
        let mut stored = vec!["expiry", "recipeUserId", "sessionHandle", "status", "tenantId", "timeCreated"];
        stored.extend(["userDataInDatabase", "userDataInJWT", "userId"]);
        if version.starts_with('3') {
            expected.retain(|name| *name != "recipeUserId");
            stored.retain(|name| *name != "recipeUserId");
        }
        for outcome in [&created, &child, &verified, &regenerated] {
            assert_eq!(names(&outcome["session"]), expected, "{version}");
        }
        assert_eq!(names(&caller.stored(handle(&created)).await), stored, "{version}");
        caller.rotate(refresh(&child)).await;
        let theft = caller.refresh(refresh(&created)).await;
        assert_eq!(theft["status"], "TOKEN_THEFT_DETECTED");
        assert_eq!(names(&theft["session"]), ["handle", "recipeUserId", "userId"], "{version}");
    }
}

#[tokio::test]
async fn g7_a_refresh_switches_the_keys_at_once_and_the_verify_after_it_keeps_them() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let mut session = caller.create("alice", json!({ "useDynamicSigningKey": true })).await;
    for (dynamic, prefix) in [(false, "s-"), (true, "d-")] {
        session = ok(caller.try_refresh(refresh(&session), json!({ "useDynamicSigningKey": dynamic })).await.json());
        assert!(kid(access(&session)).starts_with(prefix));
        let verified = ok(caller.verify(access(&session)).await);
        assert!(kid(access(&verified)).starts_with(prefix));
    }
}

#[tokio::test]
async fn g8_the_first_verify_after_a_refresh_asks_the_core_and_brings_a_new_access_token() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    assert!(claims(access(&child))["parentRefreshTokenHash1"].is_string(), "or no SDK would ask");
    let verified = ok(caller.verify(access(&child)).await);
    assert_ne!(access(&verified), access(&child));
    assert_eq!(claims(access(&verified))["parentRefreshTokenHash1"], Value::Null);
    assert_eq!(kid(access(&verified)), kid(access(&child)));
    assert_eq!(names(&verified), ["accessToken", "session", "status"]);
}

#[tokio::test]
async fn g9_the_old_refresh_token_works_until_the_new_one_was_used() {
    let world = World::serve(std::sync::Arc::new(hallpass_store::Sqlite::memory().unwrap()), test_mode(&[]), "", Duration::ZERO).await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    let again = caller.rotate(refresh(&created)).await;
    ok(caller.verify(access(&again)).await);
    assert_eq!(refresh(&again), refresh(&child));
    let theft = caller.refresh(refresh(&created)).await;
    assert_eq!((&theft["status"], &theft["session"]["handle"]), (&json!("TOKEN_THEFT_DETECTED"), handle(&created)));
}

#[tokio::test]
async fn g10_an_access_token_claims_exactly_what_its_version_does() {
    let world = World::new().await;
    let mut expected = vec!["antiCsrfToken", "exp", "iat", "iss", "parentRefreshTokenHash1", "refreshTokenHash1", "rsub"];
    expected.extend(["sessionHandle", "sub", "tId"]);
    for version in ["5.4", "3.1"] {
        let caller = Caller::new(&world, version);
        let created = caller.create("alice", json!({ "userDataInJWT": { "iss": "https://api.example.com" } })).await;
        let claims = claims(access(&created));
        assert_eq!(names(&claims), expected, "{version}");
        assert_eq!((&claims["antiCsrfToken"], &claims["parentRefreshTokenHash1"]), (&Value::Null, &Value::Null));
        expected.retain(|name| *name != "rsub");
    }
}

#[tokio::test]
async fn g11_a_protected_claim_makes_no_session() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let answer = caller.try_create("alice", json!({ "userDataInJWT": { "sub": "mallory" } })).await;
    assert_eq!(answer.problem(400), "The user payload contains protected field");
    let listed = caller.get("/recipe/session/user", &[("userId", "alice")]).await.json();
    assert_eq!(listed["sessionHandles"], json!([]));
}

#[tokio::test]
async fn g12_a_jwt_made_of_a_sessions_payload_passes_for_its_access_token() {
    let world = World::with_rsa().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({ "userDataInJWT": { "a": { "b": null }, "n": 1_700_000_000_123_i64 } })).await;
    let payload = claims(access(&created));
    let body = json!({ "payload": payload, "algorithm": "RS256", "jwksDomain": "https://x", "validity": 60, "useStaticSigningKey": false });
    let jwt = ok(caller.post("/recipe/jwt", body).await.json())["jwt"].clone();
    assert_eq!(header(&jwt).get("version"), None);
    let mut stored = payload.clone();
    // what the JWT adds belongs to the payload, as far as anyone can tell
    for name in names(&payload) {
        if !["a", "n"].contains(&name) {
            stored.as_object_mut().unwrap().shift_remove(name);
        }
    }
    stored["iss"] = "https://x".into();
    ok(caller.set_payload(handle(&created), stored).await);
    let checked = ok(caller.check(&jwt).await);
    assert_eq!((checked.get("accessToken"), handle(&checked)), (None, handle(&created)));
}

#[tokio::test]
async fn g13_a_jwt_lives_exactly_as_long_as_asked() {
    let world = World::new().await;
    world.clock.advance(Duration::from_millis(999));
    for validity in [1, 60, 3_153_600_000_i64] {
        let body = json!({ "payload": {}, "algorithm": "ES256", "jwksDomain": "x", "validity": validity });
        let jwt = ok(Caller::new(&world, "5.4").post("/recipe/jwt", body).await.json());
        let claims = claims(&jwt["jwt"]);
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), validity);
        assert_eq!((names(&claims), &claims["iss"]), (vec!["exp", "iat", "iss"], &json!("x")));
    }
}

#[tokio::test]
async fn g14_the_published_keys_may_be_cached_for_sixty_something() {
    let world = World::new().await;
    for _ in 0..3 {
        let answer = world.send(Method::GET, "/.well-known/jwks.json", &[], "").await;
        let cache = answer.headers[CACHE_CONTROL].to_str().unwrap();
        let (age, rest) = cache.split_once(", ").unwrap();
        assert!(age.starts_with("max-age=60") && rest == "must-revalidate", "{cache}");
        world.clock.advance(Duration::from_secs(60));
    }
}

#[tokio::test]
async fn g15_published_keys_are_nothing_but_strings() {
    let world = World::with_rsa().await;
    let jwks = Caller::new(&world, "5.4").jwks().await;
    assert_eq!(names(&jwks), ["keys"]);
    for key in jwks["keys"].as_array().unwrap() {
        assert_eq!(names(key), ["alg", "e", "kid", "kty", "n", "use"]);
        assert!(key.as_object().unwrap().values().all(Value::is_string));
        assert_eq!((&key["kty"], &key["alg"], &key["use"], &key["e"]), (&json!("RSA"), &json!("RS256"), &json!("sig"), &json!("AQAB")));
        assert_eq!(text(&key["n"]).len(), 342, "2048 bits without a leading zero or padding");
    }
}

#[tokio::test]
async fn g16_the_keys_are_published_to_whoever_has_no_api_key() {
    let world = World::with_key().await;
    let app = world.app("a1").await;
    for path in ["/.well-known/jwks.json", "/appid-a1/.well-known/jwks.json", "/appid-a1/public/.well-known/jwks.json"] {
        assert_eq!(names(&world.send(Method::GET, path, &[], "").await.json()), ["keys"]);
    }
    assert_eq!(world.get(&app.key(None), "/recipe/jwt/jwks", &[]).await.problem(401), "Invalid API key");
}

#[tokio::test]
async fn g17_keys_rotate_when_nobody_does_anything_but_read_them() {
    let mut settings = test_mode(&[]);
    settings.key_interval = Duration::from_millis(5040);
    let world = World::start(settings, "").await;
    let caller = Caller::new(&world, "5.4");
    let (mut newest, mut changes) = (caller.kids().await[0].clone(), 0);
    for _ in 0..110 {
        world.clock.advance(Duration::from_millis(100));
        let now = caller.kids().await[0].clone();
        changes += usize::from(now != newest);
        newest = now;
    }
    assert_eq!(changes, 2);
}

#[tokio::test]
async fn g18_tokens_outlive_the_turn_of_their_key() {
    let mut settings = test_mode(&[]);
    (settings.key_interval, settings.access_token_validity) = (Duration::from_secs(5), Duration::from_secs(60));
    let world = World::start(settings, "").await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    for _ in 0..11 {
        world.clock.advance(Duration::from_secs(5));
        ok(caller.verify(access(&created)).await);
        assert!(caller.kids().await.contains(&kid(access(&created))));
    }
    assert_ne!(kid(access(&caller.create("alice", json!({})).await)), kid(access(&created)));
}

#[tokio::test]
async fn g19_and_g20_numbers_come_as_texts_with_tiny_fractions_and_under_an_older_name() {
    for name in ["access_token_dynamic_signing_key_update_interval", "access_token_signing_key_update_interval"] {
        let world = for_tests().await;
        let config = json!({ name: "0.001", "access_token_validity": "2", "refresh_token_validity": "0.05" });
        world.put(&Place::public(), "/recipe/multitenancy/app/v2", json!({ "appId": "a1", "coreConfig": config })).await.json();
        let caller = Caller { world: &world, place: Place { app: "a1".to_owned(), ..Place::public() } };
        let first = caller.kids().await[0].clone();
        let created = caller.create("alice", json!({})).await;
        let life = |token: &str| created[token]["expiry"].as_i64().unwrap() - created[token]["createdTime"].as_i64().unwrap();
        assert_eq!((life("accessToken"), life("refreshToken")), (2000, 3000));
        world.clock.advance(Duration::from_millis(2881));
        assert_ne!(caller.kids().await[0], first, "{name}");
    }
}

#[tokio::test]
async fn g21_limits_do_not_hold_for_suites() {
    let strict = World::new().await;
    let relaxed = for_tests().await;
    for config in [json!({ "access_token_dynamic_signing_key_update_interval": 0.0004 }), json!({ "refresh_token_validity": 1 })] {
        let body = json!({ "appId": "a1", "coreConfig": config });
        let put = async |world: &World| world.put(&Place::public(), "/recipe/multitenancy/app/v2", body.clone()).await;
        assert!(put(&strict).await.problem(400).starts_with("Invalid core config: "), "{config}");
        ok(put(&relaxed).await.json());
    }
}

#[tokio::test]
async fn g22_an_app_is_made_by_callers_that_name_no_version() {
    let world = World::new().await;
    let make = async || world.put(&Place::public(), "/recipe/multitenancy/app/v2", json!({ "appId": "a1", "coreConfig": {} })).await.json();
    assert_eq!(make().await, json!({ "status": "OK", "createdNew": true }));
    assert_eq!(make().await, json!({ "status": "OK", "createdNew": false }));
}

#[tokio::test]
async fn g23_an_apps_keys_open_that_app_and_null_lifts_them() {
    let world = World::new().await;
    let put = async |keys: Value| {
        let body = json!({ "appId": "a1", "coreConfig": { "api_keys": keys } });
        world.put(&Place::public(), "/recipe/multitenancy/app/v2", body).await.json()
    };
    put(json!("asdfasdfasdf123412341234")).await;
    let app = Place { app: "a1".to_owned(), ..Place::public() };
    let version = async |place: &Place| world.get(place, "/apiversion", &[]).await;
    assert_eq!(version(&app).await.problem(401), "Invalid API key");
    version(&app.key(Some("asdfasdfasdf123412341234"))).await.json();
    version(&Place::public()).await.json();
    put(Value::Null).await;
    version(&app).await.json();
}

#[tokio::test]
async fn g24_the_ids_of_apps_have_digits_and_hyphens_and_no_case() {
    let world = World::new().await;
    for id in ["0f8fad5b-d9cb-469f-a165-70867728950e", "go-test-0F8FAD5B-D9CB-469F-A165-70867728950E"] {
        world.put(&Place::public(), "/recipe/multitenancy/app/v2", json!({ "appId": id })).await.json();
        for id in [id.to_lowercase(), id.to_uppercase()] {
            let path = format!("/appid-{id}/Public/Recipe/Session/User/?userId=Alice");
            assert_eq!(world.send(Method::GET, &path, &[], "").await.json()["sessionHandles"], json!([]));
        }
    }
    let apps = Caller::new(&world, "5.4").get("/recipe/multitenancy/app/list/v2", &[]).await.json();
    assert_eq!(apps["apps"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn g25_a_tenant_tells_its_empty_lists_and_the_public_one_is_listed() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    ok(caller.put("/recipe/multitenancy/tenant/v2", json!({ "tenantId": "t1", "firstFactors": [] })).await.json());
    let tenant = ok(caller.tenant("t1").get("/recipe/multitenancy/tenant/v2", &[]).await.json());
    assert_eq!((&tenant["firstFactors"], &tenant["coreConfig"]), (&json!([]), &json!({})));
    assert_eq!(tenant.get("requiredSecondaryFactors"), None);
    let listed = ok(caller.get("/recipe/multitenancy/tenant/list/v2", &[]).await.json());
    let ids: Vec<_> = listed["tenants"].as_array().unwrap().iter().map(|tenant| text(&tenant["tenantId"])).collect();
    assert_eq!(ids, ["public", "t1"]);
    assert!(listed["tenants"].as_array().unwrap().iter().all(|tenant| tenant["coreConfig"] == json!({})), "{listed}");
}

#[tokio::test]
async fn g26_and_g27_removing_what_is_not_there_goes_well() {
    let world = World::new().await;
    let none = json!({ "status": "OK", "didExist": false });
    let remove = async |path: &str, body: Value| world.post(&Place::public(), path, body).await.json();
    assert_eq!(remove("/recipe/multitenancy/app/remove", json!({ "appId": "70867728950e" })).await, none);
    assert_eq!(remove("/recipe/multitenancy/tenant/remove", json!({ "tenantId": "t1" })).await, none);
}

#[tokio::test]
async fn g28_handles_that_name_nothing_are_outcomes() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    for unknown in ["", "random", "0f8fad5b-d9cb-469f-a165-70867728950e"] {
        assert_eq!(caller.revoke(&json!(unknown)).await, json!({ "status": "OK", "sessionHandlesRevoked": [] }), "{unknown}");
        assert_eq!(caller.set_payload(&json!(unknown), json!({})).await["status"], "UNAUTHORISED");
        let put = caller.put("/recipe/session/data", json!({ "sessionHandle": unknown, "userDataInDatabase": {} })).await.json();
        assert_eq!(put["status"], "UNAUTHORISED");
        for path in ["/recipe/session", "/recipe/session/data", "/recipe/jwt/data"] {
            assert_eq!(caller.get(path, &[("sessionHandle", unknown)]).await.json()["status"], "UNAUTHORISED");
        }
    }
}

#[tokio::test]
async fn g29_a_refresh_that_is_refused_leaves_no_trace() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    for nonsense in ["", "nonsense", "hp1_", "hp1_AAAA", "a.b.V2", "ä"] {
        assert_eq!(caller.refresh(&json!(nonsense)).await["status"], "UNAUTHORISED", "{nonsense}");
    }
    let created = caller.create("alice", json!({ "enableAntiCsrf": true })).await;
    for wrong in [Value::Null, json!(""), json!("wrong")] {
        let more = json!({ "enableAntiCsrf": true, "antiCsrfToken": wrong });
        assert_eq!(caller.try_refresh(refresh(&created), more).await.json()["status"], "UNAUTHORISED");
    }
    let child = caller.rotate(refresh(&created)).await;
    assert_eq!((child.get("antiCsrfToken"), &claims(access(&child))["antiCsrfToken"]), (None, &Value::Null));
    // a token that carries none needs none
    ok(caller.try_refresh(refresh(&child), json!({ "enableAntiCsrf": true })).await.json());
}

#[tokio::test]
async fn g30_status_and_message_are_strings() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    ok(caller.revoke(handle(&created)).await);
    let refusals = [
        caller.refresh(refresh(&created)).await,
        caller.check(access(&created)).await,
        caller.verify(&json!("x")).await,
        caller.regenerate(access(&created), json!({})).await,
        caller.stored(handle(&created)).await,
        caller.set_payload(handle(&created), json!({})).await,
    ];
    for refusal in refusals {
        assert_eq!(names(&refusal), ["message", "status"]);
        assert!(refusal["message"].is_string() && refusal["status"].is_string());
    }
}

#[tokio::test]
async fn g31_nothing_needs_a_licence() {
    let world = World::new().await;
    for operation in operations() {
        let arguments = serde_json::from_str(operation.example.request).unwrap();
        let answer = world.ask(&Place::public(), operation, &arguments).await;
        assert_ne!(answer.status, 402, "{}", operation.path);
    }
}

#[tokio::test]
async fn g32_the_older_paths_of_tenants_know_flags() {
    let world = World::new().await;
    let caller = Caller::new(&world, "3.1");
    let body = json!({ "tenantId": "t1", "emailPasswordEnabled": true, "passwordlessEnabled": false });
    assert_eq!(caller.put("/recipe/multitenancy/tenant", body).await.json(), json!({ "status": "OK", "createdNew": true }));
    let tenant = ok(caller.tenant("t1").get("/recipe/multitenancy/tenant", &[]).await.json());
    for (method, is_enabled) in [("emailPassword", true), ("passwordless", false), ("thirdParty", false)] {
        assert_eq!(tenant[method]["enabled"], is_enabled, "{method}");
    }
    let listed = ok(caller.get("/recipe/multitenancy/tenant/list", &[]).await.json());
    assert!(listed["tenants"].as_array().unwrap().iter().all(|tenant| tenant["emailPassword"]["enabled"] == true), "{listed}");
}

#[tokio::test]
async fn g33_empty_lists_are_lists() {
    let world = World::new().await;
    let caller = Caller::new(&world, "3.1");
    ok(caller.put("/recipe/role", json!({ "role": "idle" })).await.json());
    for (path, query, member) in [
        ("/recipe/roles", vec![], "roles"),
        ("/recipe/user/roles", vec![("userId", "nobody")], "roles"),
        ("/recipe/role/permissions", vec![("role", "idle")], "permissions"),
        ("/recipe/role/users", vec![("role", "idle")], "users"),
        ("/recipe/permission/roles", vec![("permission", "none")], "roles"),
        ("/recipe/session/user", vec![("userId", "nobody")], "sessionHandles"),
    ] {
        assert!(ok(caller.get(path, &query).await.json())[member].is_array(), "{path}");
    }
    let removed = caller.post("/recipe/session/remove", json!({ "userId": "nobody" })).await.json();
    assert_eq!(removed, json!({ "status": "OK", "sessionHandlesRevoked": [] }));
}

#[tokio::test]
async fn g34_a_jwt_that_would_not_live_is_refused_in_odd_words() {
    let world = World::new().await;
    for validity in [json!(0), json!(-1), json!("-5"), json!(0.9), json!(i64::MIN)] {
        let body = json!({ "payload": {}, "algorithm": "RS256", "jwksDomain": "x", "validity": validity });
        let answer = Caller::new(&world, "3.1").post("/recipe/jwt", body).await;
        assert_eq!(answer.problem(400), "validity must be greater than or equal to 0", "{validity}");
    }
}

#[tokio::test]
async fn g35_metadata_loses_a_top_level_null_and_keeps_a_nested_one() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let put = async |update: Value| {
        ok(caller.put("/recipe/user/metadata", json!({ "userId": "alice", "metadataUpdate": update })).await.json())["metadata"].clone()
    };
    put(json!({ "gone": 1, "kept": { "null": null } })).await;
    let written = put(json!({ "gone": null, "new": [null, { "x": null }] })).await;
    assert_eq!(written, json!({ "kept": { "null": null }, "new": [null, { "x": null }] }));
    let read = ok(caller.get("/recipe/user/metadata", &[("userId", "alice")]).await.json());
    assert_eq!(read["metadata"], written);
}

#[tokio::test]
async fn g36_numbers_stay_what_they_are() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let text = r#"{"ms":1700000000123,"big":9007199254740993,"most":9223372036854775807,"least":-9223372036854775808,"half":0.5,"zero":0}"#;
    let payload: Value = serde_json::from_str(text).unwrap();
    let created = caller.create("alice", json!({ "userDataInJWT": payload, "userDataInDatabase": payload })).await;
    let child = caller.rotate(refresh(&created)).await;
    let regenerated = ok(caller.regenerate(access(&child), json!({})).await);
    for token in [access(&created), access(&child), access(&regenerated)] {
        let claims = claims(token);
        for (name, value) in payload.as_object().unwrap() {
            assert_eq!(claims[name].to_string(), value.to_string(), "{name}");
        }
    }
    let stored = caller.get("/recipe/session", &[("sessionHandle", crate::caller::text(handle(&created)))]).await;
    assert_eq!(stored.text.matches(text).count(), 2, "{stored:?}");
}

#[tokio::test]
async fn g37_a_revocation_is_seen_with_the_database_and_only_there() {
    let world = World::new().await;
    for version in ["3.1", "5.4", "5.6"] {
        let caller = Caller::new(&world, version);
        let created = caller.create("alice", json!({})).await;
        ok(caller.revoke(handle(&created)).await);
        assert_eq!(caller.check(access(&created)).await["status"], "UNAUTHORISED", "{version}");
        ok(caller.verify(access(&created)).await);
    }
}

#[tokio::test]
async fn g38_a_payload_changed_by_handle_comes_with_the_next_check() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({ "userDataInJWT": { "n": 1, "o": { "a": 1, "b": 2 } } })).await;
    // the same in another order and another way to write a number is the same
    ok(caller.set_payload(handle(&created), json!({ "o": { "b": 2, "a": 1 }, "n": 1 })).await);
    assert_eq!(ok(caller.check(access(&created)).await).get("accessToken"), None);
    ok(caller.set_payload(handle(&created), json!({ "role": "admin" })).await);
    let checked = ok(caller.check(access(&created)).await);
    assert_eq!(checked["session"]["userDataInJWT"], json!({ "role": "admin" }));
    assert_eq!(claims(access(&checked))["role"], "admin");
    assert_eq!(ok(caller.check(access(&checked)).await).get("accessToken"), None);
}

#[tokio::test]
async fn g39_a_claim_set_right_after_a_refresh_does_not_keep_the_child_from_being_confirmed() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    let regenerated = ok(caller.regenerate(access(&child), json!({ "userDataInJWT": { "a": 1 } })).await);
    let parent = |outcome: &Value| claims(access(outcome))["parentRefreshTokenHash1"].clone();
    assert_eq!((parent(&regenerated), parent(&regenerated).is_string()), (parent(&child), true));
    let verified = ok(caller.verify(access(&regenerated)).await);
    assert_eq!(parent(&verified), Value::Null);
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(caller.refresh(refresh(&created)).await["status"], "TOKEN_THEFT_DETECTED");
}

#[tokio::test]
async fn g40_a_session_of_a_tenant_is_found_by_calls_that_name_none() {
    let world = World::new().await;
    world.tenant(&Place::public(), "t1").await;
    for version in ["3.1", "5.4", "5.6"] {
        let caller = Caller::new(&world, version);
        let created = caller.tenant("t1").create("alice", json!({})).await;
        assert!(text(handle(&created)).ends_with("_t1"));
        let child = caller.rotate(refresh(&created)).await;
        let verified = ok(caller.check(access(&child)).await);
        let regenerated = ok(caller.regenerate(access(&child), json!({ "userDataInJWT": {} })).await);
        for outcome in [&created, &child, &verified, &regenerated] {
            assert_eq!(outcome["session"]["tenantId"], "t1", "{version}");
        }
        assert_eq!(claims(access(&child))["tId"], "t1");
        assert_eq!(ok(caller.stored(handle(&created)).await)["tenantId"], "t1");
        ok(caller.set_payload(handle(&created), json!({})).await);
        ok(caller.put("/recipe/session/data", json!({ "sessionHandle": handle(&created), "userDataInDatabase": {} })).await.json());
        assert_eq!(caller.revoke(handle(&created)).await["sessionHandlesRevoked"], json!([handle(&created)]));
    }
}

#[tokio::test]
async fn g41_paths_may_name_the_public_tenant() {
    let world = World::new().await;
    for operation in operations() {
        let arguments = serde_json::from_str(operation.example.request).unwrap();
        let place = Place::public();
        let plain = world.ask(&place, operation, &arguments).await;
        let path = format!("/public{}", operation.path);
        let named = match operation.verb.as_str() {
            "GET" => continue,
            verb => world.send_at(&place, verb.parse().unwrap(), &path, operation.example.request.to_owned()).await,
        };
        assert_ne!(named.status, 404, "{path}");
        assert_eq!(named.status, plain.status, "{path}");
    }
    let listed = Caller::new(&world, "5.4").get("/public/recipe/session/user", &[("userId", "x")]).await.json();
    assert_eq!(listed["status"], "OK");
}

#[tokio::test]
async fn g42_what_concerns_an_app_is_refused_below_a_tenant_from_5_0_on() {
    let world = World::new().await;
    world.tenant(&Place::public(), "t1").await;
    for (version, is_refused) in [("3.1", false), ("4.0", false), ("5.0", true), ("5.4", true), ("5.6", true)] {
        let caller = Caller::new(&world, version);
        let tenant = caller.tenant("t1");
        for (path, query) in [("/recipe/roles", vec![]), ("/recipe/session/user", vec![("userId", "alice")])] {
            assert_eq!(tenant.get(path, &query).await.status == 403, is_refused, "{version} {path}");
        }
        let created = [caller.create("alice", json!({})).await, tenant.create("alice", json!({})).await];
        let everywhere = tenant.post("/recipe/session/remove", json!({ "userId": "alice" })).await;
        if is_refused {
            assert_eq!(everywhere.problem(403), "Only public tenantId can call this app specific API");
        } else {
            assert_eq!(everywhere.json()["sessionHandlesRevoked"].as_array().unwrap().len(), 2);
        }
        // an SDK that names the public tenant means all of them
        let body = json!({ "userId": "alice" });
        let removed = world.send_at(&caller.place, Method::POST, "/public/recipe/session/remove", body.to_string()).await.json();
        assert_eq!(removed["sessionHandlesRevoked"].as_array().unwrap().len(), if is_refused { created.len() } else { 0 });
    }
}

#[tokio::test]
async fn g43_versions_are_listed_as_they_are_looked_for() {
    let world = World::new().await;
    let told = world.send(Method::GET, "/apiversion", &[], "").await.json();
    assert_eq!(told, json!({ "versions": ["3.0", "3.1", "4.0", "5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6"] }));
}

#[tokio::test]
async fn g45_hello_is_said_to_every_method() {
    let world = World::with_key().await;
    for path in ["/hello", "/", "/public/hello"] {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let answer = world.send(method.clone(), path, &[], "").await;
            assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "Hello\n"), "{method} {path}");
            assert_eq!(answer.headers[CONTENT_TYPE], "text/html; charset=UTF-8");
        }
    }
}

#[tokio::test]
async fn g46_tokens_of_one_version_hold_in_another() {
    let world = World::new().await;
    for (made, number) in [("3.0", "4"), ("5.4", "5")] {
        for read in ["3.0", "3.1", "4.0", "5.4", "5.6"] {
            let created = Caller::new(&world, made).create("alice", json!({})).await;
            let caller = Caller::new(&world, read);
            assert_eq!(header(access(&created))["version"], number);
            let checked = ok(caller.check(access(&created)).await);
            assert_eq!(checked["session"].get("recipeUserId").is_some(), !read.starts_with('3'));
            let regenerated = ok(caller.regenerate(access(&created), json!({})).await);
            assert_eq!(header(access(&regenerated))["version"], number, "of the token, not of the caller");
        }
    }
}

#[tokio::test]
async fn g47_an_access_tokens_times_are_whole_seconds_and_the_same_everywhere() {
    let world = World::new().await;
    world.clock.advance(Duration::from_millis(777));
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    let child = caller.rotate(refresh(&created)).await;
    let verified = ok(caller.verify(access(&child)).await);
    let regenerated = ok(caller.regenerate(access(&child), json!({})).await);
    for outcome in [&created, &child, &verified, &regenerated] {
        let (claims, token) = (claims(access(outcome)), &outcome["accessToken"]);
        assert_eq!(token["expiry"].as_i64().unwrap(), claims["exp"].as_i64().unwrap() * 1000);
        assert_eq!(token["createdTime"].as_i64().unwrap(), claims["iat"].as_i64().unwrap() * 1000);
        assert_eq!(claims["iat"], 1_767_225_600);
    }
}

#[tokio::test]
async fn g48_lives_are_not_shortened_at_random_for_suites() {
    let lives = async |world: &World| {
        let caller = Caller::new(world, "5.4");
        let mut lives = Vec::new();
        for _ in 0..20 {
            let created = caller.create("alice", json!({})).await;
            lives.push(created["accessToken"]["expiry"].as_i64().unwrap() - created["accessToken"]["createdTime"].as_i64().unwrap());
        }
        lives
    };
    assert_eq!(lives(&for_tests().await).await, [3_600_000; 20]);
    let shortened = lives(&World::new().await).await;
    assert!(shortened.iter().all(|life| (3_419_000..=3_600_000).contains(life)), "{shortened:?}");
    assert!(shortened.iter().any(|life| *life < 3_600_000), "{shortened:?}");
}
