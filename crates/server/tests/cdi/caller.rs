//! A caller that speaks one version of the interface, and what it finds in the tokens that it gets.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hallpass_engine::{
    access_token::{AccessToken, UnverifiedAccessToken},
    keys::VerifyingKeys,
    time::{Clock as _, Timestamp},
};
use serde_json::{Value, json};

use crate::world::{Answer, Place, World};

/// Whoever calls a server, in a version.
pub(crate) struct Caller<'a> {
    pub(crate) world: &'a World,
    pub(crate) place: Place,
}

impl<'a> Caller<'a> {
    pub(crate) fn new(world: &'a World, version: &'static str) -> Self {
        Self { world, place: Place::public().version(version) }
    }

    pub(crate) fn tenant(&self, tenant: &str) -> Self {
        Self { world: self.world, place: self.place.tenant(tenant) }
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.world.post(&self.place, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.world.put(&self.place, path, body).await
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        self.world.get(&self.place, path, query).await
    }

    /// A call of `POST /recipe/session` with these members beside those that must be there.
    pub(crate) async fn try_create(&self, user: &str, more: Value) -> Answer {
        let body = json!({ "userId": user, "userDataInJWT": { "plan": "pro" }, "userDataInDatabase": {}, "enableAntiCsrf": false });
        self.post("/recipe/session", merged(body, more)).await
    }

    pub(crate) async fn create(&self, user: &str, more: Value) -> Value {
        ok(self.try_create(user, more).await.json())
    }

    pub(crate) async fn try_refresh(&self, token: &Value, more: Value) -> Answer {
        let body = json!({ "refreshToken": token, "enableAntiCsrf": false, "useDynamicSigningKey": true });
        self.post("/recipe/session/refresh", merged(body, more)).await
    }

    /// What a refresh with this token says.
    pub(crate) async fn refresh(&self, token: &Value) -> Value {
        self.try_refresh(token, json!({})).await.json()
    }

    /// A refresh that must go well.
    pub(crate) async fn rotate(&self, token: &Value) -> Value {
        ok(self.refresh(token).await)
    }

    pub(crate) async fn try_verify(&self, token: &Value, more: Value) -> Answer {
        let body = json!({ "accessToken": token, "doAntiCsrfCheck": false, "enableAntiCsrf": false, "checkDatabase": false });
        self.post("/recipe/session/verify", merged(body, more)).await
    }

    pub(crate) async fn verify(&self, token: &Value) -> Value {
        self.try_verify(token, json!({})).await.json()
    }

    pub(crate) async fn check(&self, token: &Value) -> Value {
        self.try_verify(token, json!({ "checkDatabase": true })).await.json()
    }

    pub(crate) async fn regenerate(&self, token: &Value, more: Value) -> Value {
        self.post("/recipe/session/regenerate", merged(json!({ "accessToken": token }), more)).await.json()
    }

    pub(crate) async fn set_payload(&self, handle: &Value, payload: Value) -> Value {
        self.put("/recipe/jwt/data", json!({ "sessionHandle": handle, "userDataInJWT": payload })).await.json()
    }

    /// What is stored of a session.
    pub(crate) async fn stored(&self, handle: &Value) -> Value {
        self.get("/recipe/session", &[("sessionHandle", text(handle))]).await.json()
    }

    pub(crate) async fn revoke(&self, handle: &Value) -> Value {
        self.post("/recipe/session/remove", json!({ "sessionHandles": [handle] })).await.json()
    }

    /// The published keys.
    pub(crate) async fn jwks(&self) -> Value {
        self.get("/.well-known/jwks.json", &[]).await.json()
    }

    pub(crate) async fn kids(&self) -> Vec<String> {
        self.jwks().await["keys"].as_array().unwrap().iter().map(|key| text(&key["kid"]).to_owned()).collect()
    }

    /// The token, verified as an SDK does: with what is published and nothing else.
    pub(crate) async fn verified_by_jwks(&self, token: &Value) -> AccessToken {
        let keys = VerifyingKeys::from_jwks(&self.jwks().await, Timestamp::from_millis(0));
        UnverifiedAccessToken::parse_whole(text(token)).unwrap().verify(&keys, self.world.clock.now()).unwrap()
    }
}

/// An outcome that must be OK.
#[track_caller]
pub(crate) fn ok(outcome: Value) -> Value {
    assert_eq!(outcome["status"], "OK", "{outcome}");
    outcome
}

/// Members of `more` replace those of `body`; null takes one away.
pub(crate) fn merged(mut body: Value, more: Value) -> Value {
    let (members, more) = (body.as_object_mut().unwrap(), more.as_object().unwrap().clone());
    for (name, value) in more {
        match value {
            Value::Null => members.shift_remove(&name),
            value => members.insert(name, value),
        };
    }
    body
}

#[track_caller]
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

pub(crate) fn access(outcome: &Value) -> &Value {
    &outcome["accessToken"]["token"]
}

pub(crate) fn refresh(outcome: &Value) -> &Value {
    &outcome["refreshToken"]["token"]
}

pub(crate) fn handle(outcome: &Value) -> &Value {
    &outcome["session"]["handle"]
}

fn part(token: &Value, index: usize) -> Value {
    let part = text(token).split('.').nth(index).unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(part).or_else(|_| STANDARD.decode(part)).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The header of a token, whoever signed it.
pub(crate) fn header(token: &Value) -> Value {
    part(token, 0)
}

/// The claims of a token, whoever signed it.
pub(crate) fn claims(token: &Value) -> Value {
    part(token, 1)
}

pub(crate) fn kid(token: &Value) -> String {
    text(&header(token)["kid"]).to_owned()
}

/// The names of an object's members, sorted.
pub(crate) fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
