//! The front token: what a page's script may know of the session.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hallpass_engine::{id::UserId, session::JsonObject, time::Timestamp};
use serde_json::{Value, json};

use crate::cookie;

/// The header that carries it.
pub(crate) const FRONT_TOKEN: &str = "front-token";
/// Its value when the session is over.
pub(crate) const REMOVE: &str = "remove";

/// Where the oldest version of tokens, which name no `sub`, has the app's claims.
pub(crate) const V2_PAYLOAD: &str = "userData";

/// What a token's claims tell clients: all of it, but in tokens of the oldest version only what the app put into them.
pub(crate) fn readable(claims: &JsonObject) -> Cow<'_, JsonObject> {
    match claims.get(V2_PAYLOAD) {
        _ if claims.contains_key("sub") => Cow::Borrowed(claims),
        Some(Value::Object(payload)) => Cow::Borrowed(payload),
        Some(_) => Cow::Owned(JsonObject::new()),
        None => Cow::Borrowed(claims),
    }
}

/// User, expiry of the access token, and its whole payload. The same access token always gives the same text.
pub(crate) fn front_token(user: &UserId, expires_at: Timestamp, payload: &JsonObject) -> String {
    let facts = json!({ "uid": user.as_str(), "ate": expires_at.as_millis(), "up": readable(payload) });
    let text = STANDARD.encode(facts.to_string());
    // clients keep it in a cookie
    if text.len() > cookie::LARGE {
        tracing::warn!(bytes = text.len(), "the access token's payload is so large that browsers may not keep its front token");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_padded_standard_base64_of_json_in_order() {
        let serde_json::Value::Object(payload) = json!({ "sub": "ü", "exp": 2, "antiCsrfToken": null, "a": "??>" }) else {
            unreachable!()
        };
        let token = front_token(&"ü".into(), Timestamp::from_millis(2000), &payload);
        let json = String::from_utf8(STANDARD.decode(&token).unwrap()).unwrap();
        assert_eq!(json, r#"{"uid":"ü","ate":2000,"up":{"sub":"ü","exp":2,"antiCsrfToken":null,"a":"??>"}}"#);
        assert_eq!(token.len() % 4, 0);
    }
}
