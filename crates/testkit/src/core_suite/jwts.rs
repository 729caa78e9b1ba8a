//! JWTs that applications ask for.
#![allow(missing_docs)] // the names are sentences

use std::time::Duration;

use hallpass_engine::{
    access_token::{AccessToken, UnverifiedAccessToken},
    core::TokenText,
    jwt::NewJwt,
    keys::Algorithm,
    session::KeyFamily,
};
use serde_json::json;

use super::{Subject, app, object};

/// A JWT with the claims that every access token has: so it can be verified here as one.
fn blank() -> NewJwt {
    NewJwt {
        app: app(),
        family: KeyFamily::Static,
        algorithm: None,
        issuer: "https://api.example/auth".to_owned(),
        validity: Duration::from_secs(60),
        payload: object(json!({ "sub": "alice", "sessionHandle": HANDLE, "refreshTokenHash1": "x", "größe": [1, "👋"] })),
    }
}

const HANDLE: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

impl Subject {
    async fn jwt(&self, new: NewJwt) -> (TokenText, AccessToken) {
        let text = self.core.jwt_create(new).await.unwrap().unwrap();
        // at a distance an unknown key is looked for at most twice a second
        self.clock.advance(Duration::from_secs(1));
        let token = self.verify(&text).await;
        (text, token)
    }
}

pub async fn a_jwt_is_verified_by_the_published_keys_until_it_expires(subject: Subject) {
    let (text, token) = subject.jwt(blank()).await;
    let claims = token.claims();
    assert_eq!((&claims["iss"], &claims["größe"]), (&json!("https://api.example/auth"), &json!([1, "👋"])));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
    let other = object(json!({ "iss": "other", "sub": "a", "sessionHandle": HANDLE, "refreshTokenHash1": "x" }));
    let (_, token) = subject.jwt(NewJwt { payload: other, ..blank() }).await;
    assert_eq!(token.claims()["iss"], "other");
    subject.clock.advance(Duration::from_secs(60));
    let unverified = UnverifiedAccessToken::parse(text.expose()).unwrap();
    let keys = subject.core.verifying_keys(&app(), unverified.kid()).await.unwrap();
    assert!(unverified.verify(&keys, hallpass_engine::time::Clock::now(&*subject.clock)).is_err());
}

pub async fn the_static_key_is_published_before_it_first_signs(subject: Subject) {
    let published = subject.core.keys_to_publish(&app()).await.unwrap().to_jwks().keys;
    let key = published.iter().find(|key| KeyFamily::of(&key.kid) == KeyFamily::Static).expect("it is there");
    let (_, token) = subject.jwt(NewJwt { algorithm: Algorithm::from_name(json!(key)["alg"].as_str().unwrap()), ..blank() }).await;
    assert_eq!(token.kid(), Some(key.kid.as_str()));
}

pub async fn a_jwt_is_signed_by_the_keys_that_were_asked_for(subject: Subject) {
    for family in [KeyFamily::Static, KeyFamily::Dynamic] {
        let (_, token) = subject.jwt(NewJwt { family, ..blank() }).await;
        assert_eq!(token.family(), family);
    }
    for algorithm in Algorithm::ALL {
        let (_, token) = subject.jwt(NewJwt { algorithm: Some(algorithm), ..blank() }).await;
        assert_eq!(token.family(), KeyFamily::Static, "{algorithm:?}");
    }
    // dynamic keys know one algorithm
    let mut known = 0;
    for algorithm in Algorithm::ALL {
        let new = NewJwt { family: KeyFamily::Dynamic, algorithm: Some(algorithm), ..blank() };
        known += usize::from(subject.core.jwt_create(new).await.unwrap().is_some());
    }
    assert_eq!(known, 1);
}
