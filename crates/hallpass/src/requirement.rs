//! What routes demand of a session.

use hallpass_engine::session::JsonObject;
use serde_json::Value;

use crate::{
    error::{InvalidClaim, SessionError},
    session::Session,
};

/// Something that a session must fulfil, judged by its access token's payload alone.
///
/// ```
/// # use hallpass::{JsonObject, Requirement};
/// # use serde_json::{Value, json};
/// struct Admin;
///
/// impl Requirement for Admin {
///     const ID: &'static str = "admin";
///
///     fn check(payload: &JsonObject) -> Result<(), Option<Value>> {
///         if payload.get("role") == Some(&json!("admin")) { Ok(()) } else { Err(Some(json!({ "message": "wrong role" }))) }
///     }
/// }
/// ```
pub trait Requirement: 'static {
    /// The name under which frontends learn that it is not met.
    const ID: &'static str;

    /// Whether it is met.
    ///
    /// # Errors
    /// The reason for the frontend, if there is more to say than [`Requirement::ID`].
    fn check(payload: &JsonObject) -> Result<(), Option<Value>>;
}

impl Session {
    /// Checks a requirement.
    ///
    /// # Errors
    /// [`SessionError::InvalidClaims`] if it is not met.
    pub fn require<R: Requirement>(&self) -> Result<(), SessionError> {
        let unmet = |reason| SessionError::InvalidClaims(vec![InvalidClaim { id: R::ID.to_owned(), reason }]);
        R::check(&self.access_token_payload()).map_err(unmet)
    }
}
