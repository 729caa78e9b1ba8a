//! The front token: what a page's script may know of the session.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hallpass_engine::{id::UserId, session::JsonObject, time::Timestamp};
use serde_json::json;

/// The header that carries it.
pub(crate) const FRONT_TOKEN: &str = "front-token";
/// Its value when the session is over.
pub(crate) const REMOVE: &str = "remove";

/// Browsers drop larger cookies, and clients keep the front token in one.
const COOKIE_LIMIT: usize = 4096;

/// User, expiry of the access token, and its whole payload. The same access token always gives the same text.
pub(crate) fn front_token(user: &UserId, expires_at: Timestamp, payload: &JsonObject) -> String {
    let facts = json!({ "uid": user.as_str(), "ate": expires_at.as_millis(), "up": payload });
    let text = STANDARD.encode(facts.to_string());
    if text.len() > COOKIE_LIMIT {
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
