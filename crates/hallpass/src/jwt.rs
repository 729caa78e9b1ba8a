//! JWTs of the app's own, signed with its keys (RFC 7519).

use std::{fmt, pin::Pin, time::Duration};

use hallpass_engine::{
    core::TokenText,
    jwt::NewJwt,
    keys::Algorithm,
    session::{JsonObject, KeyFamily},
};
use serde::Serialize;

use crate::{
    Hallpass,
    error::{Misuse, SessionError},
    session::object,
};

impl Hallpass {
    /// A JWT with these claims, for another service that knows the app's public keys. `iss` is the app's, unless the claims
    /// say something else. Await it, or add to it before.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # async fn example(hallpass: hallpass::Hallpass) -> Result<(), hallpass::SessionError> {
    /// # use serde_json::json;
    /// let jwt = hallpass.create_jwt(json!({ "sub": "orders", "may": "ship" }), Duration::from_secs(60)).await?;
    /// println!("authorization: Bearer {}", jwt.expose());
    /// # Ok(()) }
    /// ```
    ///
    /// # Security
    /// Access tokens are signed with the same keys: claims that look like theirs make one. Take no claims from clients.
    pub fn create_jwt(&self, claims: impl Serialize, validity: Duration) -> JwtCreation {
        JwtCreation { hallpass: self.clone(), claims: object(&claims), validity, family: KeyFamily::Static, algorithm: None }
    }
}

/// A JWT about to be made.
#[must_use = "await it to make the JWT"]
pub struct JwtCreation {
    hallpass: Hallpass,
    claims: Result<JsonObject, Misuse>,
    validity: Duration,
    family: KeyFamily,
    algorithm: Option<Algorithm>,
}

impl JwtCreation {
    /// The keys that sign it: static ones by default, which stay for as long as the app does. Dynamic ones are published
    /// for as long as an access token lives.
    pub fn key_family(self, family: KeyFamily) -> Self {
        Self { family, ..self }
    }

    /// What it is signed with: by default whatever the engine signs with.
    pub fn algorithm(self, algorithm: Algorithm) -> Self {
        Self { algorithm: Some(algorithm), ..self }
    }

    async fn create(self) -> Result<TokenText, SessionError> {
        let new = NewJwt {
            app: self.hallpass.app().clone(),
            family: self.family,
            algorithm: self.algorithm,
            issuer: self.hallpass.config().issuer.clone(),
            validity: self.validity,
            payload: self.claims?,
        };
        let created = self.hallpass.core().jwt_create(new).await?;
        created.ok_or_else(|| Misuse::UnsupportedAlgorithm.into())
    }
}

impl IntoFuture for JwtCreation {
    type Output = Result<TokenText, SessionError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    /// # Errors
    /// [`SessionError::Unavailable`], [`Misuse::NotAnObject`], [`Misuse::UnsupportedAlgorithm`].
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.create())
    }
}

impl fmt::Debug for JwtCreation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtCreation").field("validity", &self.validity).field("family", &self.family).finish_non_exhaustive()
    }
}
