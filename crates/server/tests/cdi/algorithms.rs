//! Servers that sign with each of the algorithms.

use hallpass_engine::keys::Algorithm;
use hallpass_server::app_settings::AppSettings;
use serde_json::{Value, json};

use crate::{
    caller::{Caller, access, handle, header, kid, names, ok, refresh, text},
    world::World,
};

async fn signing_with(algorithm: Algorithm) -> World {
    let mut settings = AppSettings::default();
    settings.algorithm = algorithm;
    World::with_settings(settings).await
}

/// The members of a key beside those that all keys have.
fn material(key: &Value) -> Vec<&str> {
    names(key).into_iter().filter(|name| !["alg", "kid", "kty", "use"].contains(name)).collect()
}

fn is_published_right(key: &Value) {
    let expected = match text(&key["alg"]) {
        "RS256" => ("RSA", Value::Null, vec!["e", "n"]),
        "ES256" => ("EC", json!("P-256"), vec!["crv", "x", "y"]),
        "EdDSA" => ("OKP", json!("Ed25519"), vec!["crv", "x"]),
        other => panic!("{other}"),
    };
    assert_eq!((text(&key["kty"]), key["crv"].clone(), material(key)), expected);
    assert_eq!(key["use"], "sig");
    assert!(key.as_object().unwrap().values().all(Value::is_string), "{key}");
}

#[tokio::test]
async fn sessions_live_and_their_tokens_are_verified_by_what_is_published() {
    for algorithm in Algorithm::ALL {
        let world = signing_with(algorithm).await;
        for version in ["3.1", "5.4", "5.6"] {
            let caller = Caller::new(&world, version);
            for dynamic in [true, false] {
                let created = caller.create("alice", json!({ "useDynamicSigningKey": dynamic })).await;
                let child = ok(caller.try_refresh(refresh(&created), json!({ "useDynamicSigningKey": dynamic })).await.json());
                let regenerated = ok(caller.regenerate(access(&child), json!({ "userDataInJWT": { "a": 1 } })).await);
                for outcome in [&created, &child, &regenerated] {
                    let token = access(outcome);
                    assert_eq!(header(token)["alg"], algorithm.as_str());
                    assert_eq!(kid(token).starts_with("d-"), dynamic);
                    assert_eq!(caller.verified_by_jwks(token).await.handle().to_string(), text(handle(&created)));
                    ok(caller.check(token).await);
                }
            }
        }
        let jwks = Caller::new(&world, "5.4").jwks().await;
        assert_eq!(jwks["keys"].as_array().unwrap().len(), 2);
        for key in jwks["keys"].as_array().unwrap() {
            is_published_right(key);
            assert_eq!(key["alg"], algorithm.as_str());
        }
    }
}

#[tokio::test]
async fn jwts_are_made_with_each_algorithm_but_dynamic_keys_know_one() {
    for configured in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let world = signing_with(configured).await;
        let caller = Caller::new(&world, "5.4");
        for asked in Algorithm::ALL {
            for is_static in [None, Some(true), Some(false)] {
                let more = is_static.map_or(json!({}), |is_static| json!({ "useStaticSigningKey": is_static }));
                for name in [asked.as_str().to_owned(), asked.as_str().to_lowercase()] {
                    let body = json!({ "payload": { "a": null }, "algorithm": name, "jwksDomain": "https://x", "validity": 60 });
                    let outcome = caller.post("/recipe/jwt", crate::caller::merged(body, more.clone())).await.json();
                    if is_static == Some(false) && asked != configured {
                        assert_eq!(outcome, json!({ "status": "UNSUPPORTED_ALGORITHM_ERROR" }), "{configured:?} {name}");
                        continue;
                    }
                    let header = header(&ok(outcome.clone())["jwt"]);
                    assert_eq!(names(&header), ["alg", "kid", "typ"]);
                    assert_eq!((text(&header["alg"]), text(&header["typ"])), (asked.as_str(), "JWT"));
                    assert_eq!(text(&header["kid"]).starts_with("d-"), is_static == Some(false));
                    assert!(caller.kids().await.iter().any(|kid| kid == text(&header["kid"])), "published");
                }
            }
        }
        // one static key for each algorithm, and no more
        let jwks = caller.jwks().await;
        let keys = jwks["keys"].as_array().unwrap();
        keys.iter().for_each(is_published_right);
        assert_eq!(keys.iter().map(|key| text(&key["kid"]).starts_with("s-")).collect::<Vec<_>>(), [false, true, true, true]);
    }
}

#[tokio::test]
async fn what_is_no_algorithm_of_ours_is_an_outcome() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    for name in ["", "none", "HS256", "RS512", "ES384", "rs 256"] {
        let body = json!({ "payload": {}, "algorithm": name, "jwksDomain": "x", "validity": 1 });
        assert_eq!(caller.post("/recipe/jwt", body).await.json(), json!({ "status": "UNSUPPORTED_ALGORITHM_ERROR" }), "{name}");
    }
}
