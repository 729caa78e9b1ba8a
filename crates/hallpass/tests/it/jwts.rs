//! JWTs of the app's own, and the keys that verify them.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hallpass::{Algorithm, KeyFamily, Misuse, SessionError, TokenText};
use serde_json::{Value, json};

use crate::world::*;

/// Header and claims.
fn read(jwt: &TokenText) -> [Value; 2] {
    let mut parts = jwt.expose().split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    [(); 2].map(|()| serde_json::from_slice(&parts.next().unwrap()).unwrap())
}

#[tokio::test]
async fn a_jwt_says_what_the_app_says_for_as_long_as_it_says() {
    let world = World::new().await;
    let now = hallpass::Clock::now(&*world.clock).as_secs();
    let jwt = world.hallpass.create_jwt(json!({ "to": "mail", "n": 1 }), Duration::from_secs(60)).await.unwrap();
    let [header, claims] = read(&jwt);
    let iss = "http://localhost:3000/auth";
    assert_eq!(claims, json!({ "iss": iss, "exp": now + 60, "iat": now, "to": "mail", "n": 1 }));
    assert_eq!((&header["alg"], header["kid"].as_str().unwrap().starts_with("s-")), (&json!(world.core.home.jwt_algorithm), true));
    // the published keys know it
    let keys = json!(world.hallpass.jwks().await.unwrap());
    assert!(keys["keys"].as_array().unwrap().iter().any(|key| key["kid"] == header["kid"]));
    assert_eq!(world.hallpass.discovery(), json!({ "issuer": iss, "jwks_uri": format!("{iss}/jwt/jwks.json") }));
    assert!(!format!("{jwt:?}").contains(jwt.expose()));
}

#[tokio::test]
async fn gotcha_33_the_issuer_is_the_api_s_unless_the_app_says_otherwise() {
    let world = World::new().await;
    let jwt = world.hallpass.create_jwt(json!({ "iss": "mine" }), Duration::from_secs(1)).await.unwrap();
    assert_eq!(read(&jwt)[1]["iss"], "mine");
    let session = world.hallpass.create_session("u").payload(json!({ "iss": "mine" })).await.unwrap();
    assert_eq!(session.claim("iss"), Some(json!("http://localhost:3000/auth")));
}

#[tokio::test]
async fn keys_and_algorithm_of_a_jwt_can_be_chosen() {
    let world = World::new().await;
    let creation = || world.hallpass.create_jwt(json!({}), Duration::from_secs(60));
    let [header, _] = read(&creation().key_family(KeyFamily::Dynamic).await.unwrap());
    assert!(header["kid"].as_str().unwrap().starts_with("d-"));
    let [header, _] = read(&creation().algorithm(Algorithm::EdDsa).await.unwrap());
    assert_eq!(header["alg"], "EdDSA");
    let refused = creation().key_family(KeyFamily::Dynamic).algorithm(Algorithm::EdDsa).await;
    assert!(matches!(refused, Err(SessionError::Misuse(Misuse::UnsupportedAlgorithm))));
    let no_claims = world.hallpass.create_jwt(json!([1]), Duration::from_secs(60)).await;
    assert!(matches!(no_claims, Err(SessionError::Misuse(Misuse::NotAnObject))));
}
