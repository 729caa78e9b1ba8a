//! The claims of sessions by their handles. Clients get what is changed at their next refresh.

use hallpass_engine::{core::SessionInfo, id::SessionHandle, session::JsonObject};
use serde_json::Value;

use super::{Claim, Validator, session::member, settle::settle, source::Subject};
use crate::{
    Hallpass,
    error::{InvalidClaim, Misuse, SessionError},
};

/// A claim as it is stored with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored<V> {
    /// The session has it.
    Value(V),
    /// The session does not have it.
    NoValue,
    /// There is no such session: it was revoked, has expired, or never was.
    NoSession,
}

impl<V> Stored<V> {
    /// The value, for whom it does not matter why there is none.
    pub fn value(self) -> Option<V> {
        match self {
            Self::Value(value) => Some(value),
            Self::NoValue | Self::NoSession => None,
        }
    }
}

impl Hallpass {
    /// The value of a claim, as it is stored with a session.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn claim_value_of<C: Claim>(&self, handle: &SessionHandle, claim: &C) -> Result<Stored<C::Value>, SessionError> {
        let Some(session) = self.session_info(handle).await? else { return Ok(Stored::NoSession) };
        Ok(claim.value_in(&session.payload).map_or(Stored::NoValue, Stored::Value))
    }

    /// Sets a claim of a session. `false`: there is no such session.
    ///
    /// # Errors
    /// As [`Hallpass::merge_into_payload_of`].
    pub async fn set_claim_of<C: Claim>(
        &self,
        handle: &SessionHandle,
        claim: &C,
        value: impl Into<C::Value> + Send,
    ) -> Result<bool, SessionError> {
        let written = claim.write(value.into(), self.now());
        self.merge_into_payload_of(handle, member(claim.key(), written)).await
    }

    /// Asks the source of a claim for the present value, and sets it in a session. `false`: there is no such session.
    ///
    /// # Errors
    /// As [`Session::fetch_and_set_claim`](crate::Session::fetch_and_set_claim).
    pub async fn fetch_and_set_claim_of<C: Claim>(&self, handle: &SessionHandle, claim: &C) -> Result<bool, SessionError> {
        if !self.sources().has(claim.key()) {
            return Err(Misuse::NoSource.into());
        }
        let Some(session) = self.session_info(handle).await? else { return Ok(false) };
        let fetched = self.sources().fetch(claim.key(), &self.subject_of(session)).await?;
        let update = fetched.map_or_else(JsonObject::new, |value| member(claim.key(), value));
        self.merge_into_payload_of(handle, update).await
    }

    /// Takes a claim from a session. `false`: there is no such session.
    ///
    /// # Errors
    /// As [`Hallpass::merge_into_payload_of`].
    pub async fn remove_claim_of<C: Claim>(&self, handle: &SessionHandle, claim: &C) -> Result<bool, SessionError> {
        self.merge_into_payload_of(handle, member(claim.key(), Value::Null)).await
    }

    /// Judges a session by what is stored with it, as [`Session::assert_claims`](crate::Session::assert_claims) does. `validators`
    /// is given those that the app demands of every session; what it returns is demanded. Returns all that is not
    /// fulfilled; `None`: there is no such session.
    ///
    /// ```
    /// # async fn example(hallpass: hallpass::Hallpass, handle: hallpass::SessionHandle) -> Result<(), hallpass::SessionError> {
    /// let invalid = hallpass.validate_claims_of(&handle, |global, _session| global).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::Unavailable`], [`SessionError::ClaimUnavailable`].
    pub async fn validate_claims_of(
        &self,
        handle: &SessionHandle,
        validators: impl FnOnce(Vec<Validator>, &SessionInfo) -> Vec<Validator> + Send,
    ) -> Result<Option<Vec<InvalidClaim>>, SessionError> {
        let Some(session) = self.session_info(handle).await? else { return Ok(None) };
        let validators = validators(self.global_validators(&session.user, session.tenant()), &session);
        let settled = settle(self.subject_of(session), &validators).await?;
        if !settled.update.is_empty() && !self.merge_into_payload_of(handle, settled.update).await? {
            return Ok(None);
        }
        Ok(Some(settled.invalid))
    }

    fn subject_of(&self, session: SessionInfo) -> Subject {
        Subject {
            tenant: session.tenant().clone(),
            recipe_user: session.recipe_user,
            user: session.user,
            payload: session.payload,
            hallpass: self.clone(),
            request: None,
        }
    }
}
