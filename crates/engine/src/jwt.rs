//! JWTs that applications ask for: signed with the app's keys, meaning what the application says (RFC 7519).

use std::time::Duration;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::{
    access_token::sign_into,
    core::{CoreError, TokenText},
    engine::Engine,
    id::AppId,
    keys::Algorithm,
    session::{JsonObject, KeyFamily},
};

/// A JWT to be made.
#[derive(Clone, Debug)]
pub struct NewJwt {
    /// Whose keys sign it.
    pub app: AppId,
    /// Which of them.
    pub family: KeyFamily,
    /// What it is to be signed with; `None` leaves it to the core. Dynamic keys know one algorithm, the configured one.
    pub algorithm: Option<Algorithm>,
    /// `iss`, unless the payload says something else.
    pub issuer: String,
    /// `exp` less `iat`, exactly; in whole seconds. A payload's own times win.
    pub validity: Duration,
    /// All its other claims.
    pub payload: JsonObject,
}

impl Engine {
    pub(crate) async fn make_jwt(&self, new: NewJwt) -> Result<Option<TokenText>, CoreError> {
        let now = self.now();
        let algorithm = new.algorithm.unwrap_or(self.config().algorithm);
        let key = self.signer(&new.app, new.family, algorithm, now).await?;
        if key.facts.algorithm != algorithm && new.algorithm.is_some() {
            return Ok(None);
        }
        let seconds = i64::try_from(new.validity.as_secs()).unwrap_or(i64::MAX);
        let mut claims = JsonObject::new();
        claims.insert("iss".to_owned(), new.issuer.into());
        claims.insert("exp".to_owned(), json!(now.as_secs().saturating_add(seconds)));
        claims.insert("iat".to_owned(), json!(now.as_secs()));
        claims.extend(new.payload);
        let mut token = key.header(None).to_owned();
        sign_into(&mut token, &claims, &key, &URL_SAFE_NO_PAD)?;
        Ok(Some(token.into()))
    }
}
