//! The claims of a session at hand.

use hallpass_engine::session::JsonObject;
use serde_json::Value;

use super::{Claim, Requirement, Validator, settle::settle, source::Subject};
use crate::{
    error::{Misuse, SessionError},
    session::Session,
};

impl Session {
    /// The value of a claim, as the access token has it.
    pub fn claim_value<C: Claim>(&self, claim: &C) -> Option<C::Value> {
        claim.read(&self.claim(claim.key())?)
    }

    /// Sets a claim. As [`Session::merge_into_access_token_payload`].
    ///
    /// # Errors
    /// As [`Session::merge_into_access_token_payload`].
    pub async fn set_claim<C: Claim>(&self, claim: &C, value: impl Into<C::Value> + Send) -> Result<(), SessionError> {
        let written = claim.write(value.into(), self.hallpass().now());
        self.merge_into_access_token_payload(member(claim.key(), written)).await
    }

    /// Asks the claim's source for the present value, and sets it. Without one the claim stays as it is.
    ///
    /// # Errors
    /// [`Misuse::NoSource`] if the builder was given none for this claim, [`SessionError::ClaimUnavailable`] if it fails, and as
    /// [`Session::merge_into_access_token_payload`].
    pub async fn fetch_and_set_claim<C: Claim>(&self, claim: &C) -> Result<(), SessionError> {
        let hallpass = self.hallpass();
        if !hallpass.sources().has(claim.key()) {
            return Err(Misuse::NoSource.into());
        }
        let fetched = hallpass.sources().fetch(claim.key(), &self.subject()).await?;
        let update = fetched.map_or_else(JsonObject::new, |value| member(claim.key(), value));
        self.merge_into_access_token_payload(update).await
    }

    /// Takes a claim away. It does not matter whether it was there.
    ///
    /// # Errors
    /// As [`Session::merge_into_access_token_payload`].
    pub async fn remove_claim<C: Claim>(&self, claim: &C) -> Result<(), SessionError> {
        self.merge_into_access_token_payload(member(claim.key(), Value::Null)).await
    }

    /// Demands what validators say. First the claims that they find absent or too old are fetched; the client gets those
    /// with this response, however the judgement goes.
    ///
    /// # Errors
    /// [`SessionError::InvalidClaims`] with all that is not fulfilled, [`SessionError::ClaimUnavailable`], and as
    /// [`Session::merge_into_access_token_payload`] if something was fetched.
    pub async fn assert_claims(&self, validators: &[Validator]) -> Result<(), SessionError> {
        if validators.is_empty() {
            return Ok(());
        }
        let settled = settle(self.subject(), validators).await?;
        if !settled.update.is_empty() {
            self.keep_fetched(settled.update).await?;
        }
        if settled.invalid.is_empty() { Ok(()) } else { Err(SessionError::InvalidClaims(settled.invalid)) }
    }

    /// Checks a requirement, beside what was demanded when the session was verified.
    ///
    /// # Errors
    /// As [`Session::assert_claims`].
    pub async fn require<R: Requirement>(&self) -> Result<(), SessionError> {
        self.assert_claims(&R::validators()).await
    }

    fn subject(&self) -> Subject {
        Subject {
            user: self.user_id().clone(),
            recipe_user: self.recipe_user_id().clone(),
            tenant: self.tenant().clone(),
            payload: self.access_token_payload(),
            hallpass: self.hallpass().clone(),
            request: self.request_for_claims(),
        }
    }
}

/// An object with one member.
pub(super) fn member(key: &str, value: Value) -> JsonObject {
    JsonObject::from_iter([(key.to_owned(), value)])
}
