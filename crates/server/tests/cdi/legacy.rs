//! The versions before tenants: sessions can still be created with them, and nothing else.

use axum::http::Method;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hallpass_server::{api::operations, app_settings::AppSettings};
use serde_json::{Value, json};

use crate::{
    caller::{Caller, access, claims, handle, header, kid, names, ok, refresh, text},
    world::World,
};

/// What verifiers compare, byte for byte.
const V2_HEADER: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsInZlcnNpb24iOiIyIn0=";

const OLDEST: [&str; 14] = ["2.7", "2.8", "2.9", "2.10", "2.11", "2.12", "2.13", "2.14", "2.15", "2.16", "2.17", "2.18", "2.19", "2.20"];

#[track_caller]
fn is_v2(token: &Value, more: &[&str]) {
    let token_text = text(token);
    assert_eq!(token_text.split('.').next(), Some(V2_HEADER));
    assert_eq!(STANDARD.decode(V2_HEADER).unwrap(), br#"{"alg":"RS256","typ":"JWT","version":"2"}"#);
    for part in token_text.split('.') {
        STANDARD.decode(part).unwrap();
    }
    let mut expected = [&["expiryTime", "refreshTokenHash1", "sessionHandle", "timeCreated", "userData", "userId"], more].concat();
    expected.sort_unstable();
    assert_eq!(names(&claims(token)), expected);
}

#[tokio::test]
async fn the_oldest_answer_with_what_their_sdks_verify_by() {
    let world = World::with_rsa().await;
    for version in OLDEST {
        let caller = Caller::new(&world, version);
        let created = caller.create("alice", json!({})).await;
        is_v2(access(&created), &[]);
        let has_list = version != "2.7" && version != "2.8";
        let mut expected = vec!["accessToken", "idRefreshToken", "jwtSigningPublicKey", "jwtSigningPublicKeyExpiryTime"];
        expected.extend(has_list.then_some("jwtSigningPublicKeyList"));
        expected.extend(["refreshToken", "session", "status"]);
        assert_eq!(names(&created), expected, "{version}");
        assert_eq!(names(&created["session"]), ["handle", "userDataInJWT", "userId"], "{version}");
        let id = &created["idRefreshToken"];
        assert_eq!(names(id), ["createdTime", "expiry", "token"]);
        assert_eq!((&id["expiry"], id["token"].is_string()), (&created["refreshToken"]["expiry"], true));

        // SubjectPublicKeyInfo of the key that is published
        let der = STANDARD.decode(text(&created["jwtSigningPublicKey"])).unwrap();
        let jwks = caller.world.send(Method::GET, "/.well-known/jwks.json", &[], "").await.json();
        let modulus = URL_SAFE_NO_PAD.decode(text(&jwks["keys"][0]["n"])).unwrap();
        assert!(der[0] == 0x30 && der.windows(modulus.len()).any(|window| window == modulus), "{version}");
        let (made, life) = (1_767_225_600_000_i64, 168 * 3_600_000 + 2 * 3_600_000);
        assert_eq!(created["jwtSigningPublicKeyExpiryTime"], made + life);
        if has_list {
            let key = json!({ "publicKey": created["jwtSigningPublicKey"], "expiryTime": made + life, "createdAt": made });
            assert_eq!(created["jwtSigningPublicKeyList"], json!([key]));
        }
    }
}

#[tokio::test]
async fn from_2_21_on_keys_are_fetched_elsewhere() {
    let world = World::with_rsa().await;
    let created = Caller::new(&world, "2.21").create("alice", json!({ "useDynamicSigningKey": false })).await;
    assert_eq!(names(&created), ["accessToken", "refreshToken", "session", "status"]);
    assert_eq!(names(&created["session"]), ["handle", "userDataInJWT", "userId"]);
    assert!(kid(access(&created)).starts_with("s-"), "the choice of keys came with it");
}

#[tokio::test]
async fn nothing_else_speaks_them() {
    let world = World::new().await;
    let mut refused = 0;
    for operation in operations().iter().filter(|operation| !operation.is_open) {
        let is_creation = operation.path == "/recipe/session" && operation.verb.as_str() == "POST";
        for version in OLDEST.into_iter().chain(["2.21"]).filter(|_| !is_creation) {
            let answer = world.ask(&Caller::new(&world, version).place, operation, &json!({})).await;
            assert_eq!(answer.problem(400), format!("cdi-version {version} not supported"), "{}", operation.path);
            refused += 1;
        }
    }
    assert!(refused > 800, "{refused}");
    for version in ["1.0", "2.0", "2.6", "2.22"] {
        let answer = Caller::new(&world, version).try_create("alice", json!({})).await;
        assert_eq!(answer.problem(400), format!("cdi-version {version} not supported"));
    }
    world.tenant(&Caller::new(&world, "5.4").place, "t1").await;
    assert_eq!(Caller::new(&world, "2.18").tenant("t1").try_create("alice", json!({})).await.problem(404), "Not found");
}

#[tokio::test]
async fn in_the_oldest_token_nothing_collides_until_it_is_refreshed() {
    let world = World::with_rsa().await;
    let (old, new) = (Caller::new(&world, "2.18"), Caller::new(&world, "5.4"));
    let payload = json!({ "sub": "mine", "exp": null });
    let created = old.create("alice", json!({ "userDataInJWT": payload, "enableAntiCsrf": true })).await;
    is_v2(access(&created), &["antiCsrfToken"]);
    assert_eq!(claims(access(&created))["userData"], payload);
    let verified = ok(new.check(access(&created)).await);
    assert_eq!((verified.get("accessToken"), &verified["session"]["userDataInJWT"]), (None, &payload));

    assert_eq!(new.refresh(refresh(&created)).await["status"], "UNAUTHORISED");
    ok(new.set_payload(handle(&created), json!({ "plan": "pro" })).await);
    let child = new.rotate(refresh(&created)).await;
    assert_eq!(header(access(&child))["version"], "5");
    assert_eq!(claims(access(&child))["plan"], "pro");
}

#[tokio::test]
async fn what_is_renewed_stays_of_the_oldest_version_and_a_refresh_ends_that() {
    let world = World::with_rsa().await;
    let (old, new) = (Caller::new(&world, "2.18"), Caller::new(&world, "5.4"));
    let created = old.create("alice", json!({})).await;
    ok(new.set_payload(handle(&created), json!({ "plan": "free" })).await);
    let checked = ok(new.check(access(&created)).await);
    is_v2(access(&checked), &[]);
    assert_eq!(claims(access(&checked))["userData"], json!({ "plan": "free" }));
    assert_eq!(checked["session"]["recipeUserId"], "alice");
    let regenerated = ok(new.regenerate(access(&created), json!({ "userDataInJWT": { "plan": "gold", "none": null } })).await);
    is_v2(access(&regenerated), &[]);
    assert_eq!(regenerated["session"]["userDataInJWT"], json!({ "plan": "gold", "none": null }));
    for (version, number) in [("3.1", "4"), ("5.4", "5"), ("5.6", "5")] {
        let created = old.create("alice", json!({})).await;
        let caller = Caller::new(&world, version);
        let child = caller.rotate(refresh(&created)).await;
        assert_eq!(header(access(&child))["version"], number);
        ok(caller.verify(access(&child)).await);
    }
    // a token without a key's name holds by any key that still verifies
    world.clock.advance(std::time::Duration::from_secs(3400));
    ok(new.verify(access(&created)).await);
    world.clock.advance(std::time::Duration::from_secs(200));
    assert_eq!(new.verify(access(&created)).await["status"], "TRY_REFRESH_TOKEN");
}

#[tokio::test]
async fn which_keys_sign_for_them_is_configured() {
    let mut settings = AppSettings::default();
    settings.legacy_dynamic_keys = false;
    let world = World::with_settings(settings).await;
    for (version, family) in [("2.18", "s-"), ("2.21", "d-"), ("5.4", "d-")] {
        let created = Caller::new(&world, version).create("alice", json!({})).await;
        // where no choice is made a session keeps its keys
        let child = ok(Caller::new(&world, "4.0").try_refresh(refresh(&created), json!({ "useDynamicSigningKey": null })).await.json());
        assert!(kid(access(&child)).starts_with(family), "{version}");
    }
}

/// Their tokens know one algorithm only.
#[tokio::test]
async fn a_server_that_signs_otherwise_writes_the_oldest_that_names_its_key() {
    let world = World::new().await;
    let created = Caller::new(&world, "2.18").create("alice", json!({})).await;
    let header = header(access(&created));
    assert_eq!((&header["alg"], &header["version"]), (&json!("ES256"), &json!("3")));
    ok(Caller::new(&world, "5.4").verify(access(&created)).await);
}
