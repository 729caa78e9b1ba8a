//! Sessions on their way between the suite and the SDK.

use hallpass::{Hallpass, Session, SessionError, VerifyOptions, claims::GlobalValidators};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

/// The tokens of a session that the suite holds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Held {
    access_token: String,
    refresh_token: Option<String>,
    anti_csrf_token: Option<String>,
}

impl Held {
    /// The session that they stand for. This is no request of a client: nothing is confirmed by it, and nothing demanded.
    pub(crate) async fn session(&self, hallpass: &Hallpass) -> Result<Session, SessionError> {
        let options = VerifyOptions {
            anti_csrf_check: Some(false),
            confirm: false,
            validators: GlobalValidators::ignored(),
            ..VerifyOptions::default()
        };
        hallpass.session_from_token(&self.access_token, self.anti_csrf_token.as_deref(), &options).await
    }

    /// The session as it is now; the refresh token is still the one that the suite holds.
    pub(crate) fn updated(&self, session: &Session) -> Value {
        let mut updated = serialised(session);
        if let Some(refresh) = &self.refresh_token {
            updated["refreshToken"] = json!(refresh);
        }
        updated
    }
}

/// Everything that the suite gets to see of a session. Tokens that it does not have are left out.
pub(crate) fn serialised(session: &Session) -> Value {
    let tokens = session.tokens();
    let mut fields = json!({
        "accessToken": tokens.access.expose(),
        "frontToken": tokens.front.expose(),
        "sessionHandle": session.handle().to_string(),
        "userId": session.user_id().as_str(),
        "recipeUserId": { "recipeUserId": session.recipe_user_id().as_str() },
        "userDataInAccessToken": session.access_token_payload(),
        "accessTokenUpdated": tokens.updated,
        "tenantId": session.tenant().as_str(),
    });
    for (name, token) in [("refreshToken", tokens.refresh), ("antiCsrfToken", tokens.anti_csrf)] {
        if let Some(token) = token {
            fields[name] = json!(token.expose());
        }
    }
    fields
}

/// All of a session's tokens, in an SDK's names.
pub(crate) fn tokens(session: &Session, held: &Held) -> Value {
    let tokens = session.tokens();
    let mut fields = Map::from_iter([
        ("accessToken".to_owned(), json!(tokens.access.expose())),
        ("frontToken".to_owned(), json!(tokens.front.expose())),
        ("accessAndFrontTokenUpdated".to_owned(), json!(tokens.updated)),
    ]);
    for (name, token) in [("refreshToken", &held.refresh_token), ("antiCsrfToken", &held.anti_csrf_token)] {
        if let Some(token) = token {
            fields.insert(name.to_owned(), json!(token));
        }
    }
    fields.into()
}

/// A user, written plain or as an SDK writes the id of a login method.
pub(crate) fn user<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Plain(String),
        Wrapped {
            #[serde(rename = "recipeUserId")]
            id: String,
        },
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::Plain(id) | Written::Wrapped { id } => id,
    })
}
