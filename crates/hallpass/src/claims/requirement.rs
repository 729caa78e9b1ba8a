//! What routes demand of a session.

use http::request::Parts;

use super::{GlobalValidators, Validator};
use crate::{Hallpass, error::SessionError, session::Session, verify::VerifyOptions};

/// What a route demands of a session: the parameter of [`Require`](crate::Require).
///
/// ```
/// # use hallpass::{Requirement, claims::Validator, roles::has_role};
/// struct Admin;
///
/// impl Requirement for Admin {
///     fn validators() -> Vec<Validator> {
///         vec![has_role("admin")]
///     }
/// }
/// ```
///
/// A pair of requirements is one too: `Require<(Admin, Verified)>` demands both.
pub trait Requirement: 'static {
    /// All of them must be fulfilled.
    fn validators() -> Vec<Validator>;

    /// What becomes here of the validators that the app demands of every session: by default they are demanded too.
    fn global(validators: Vec<Validator>) -> Vec<Validator> {
        validators
    }
}

/// What a requirement makes of what the app demands of every session, and what it adds.
pub(crate) fn all_of<R: Requirement>(demanded: Vec<Validator>) -> Vec<Validator> {
    let mut validators = R::global(demanded);
    validators.extend(R::validators());
    validators
}

/// What the app demands of every session, and nothing more.
pub(crate) struct Anybody;

impl Requirement for Anybody {
    fn validators() -> Vec<Validator> {
        Vec::new()
    }
}

impl Hallpass {
    /// The session of a request, which fulfils a requirement: what `Require` does, where there are no extractors.
    ///
    /// # Errors
    /// As [`Hallpass::session`].
    pub async fn session_for<R: Requirement>(&self, request: &Parts, options: &VerifyOptions) -> Result<Session, SessionError> {
        let session = self.verified_session(request, options).await?.ok_or(SessionError::Unauthorised { clear: false })?;
        self.assert_required::<R>(request, &session, &options.validators).await?;
        Ok(session)
    }

    /// Demands of the session of a request what the app demands of every session, and what a requirement adds.
    pub(crate) async fn assert_required<R: Requirement>(
        &self,
        request: &Parts,
        session: &Session,
        global: &GlobalValidators,
    ) -> Result<(), SessionError> {
        let validators = all_of::<R>(self.demanded(request, session, global));
        // apart from the request's own state: most demand nothing
        if validators.is_empty() { Ok(()) } else { Box::pin(session.assert_claims(&validators)).await }
    }

    /// What the app demands of the session of a request as of every session. Whoever refreshes is let in.
    pub(crate) fn demanded(&self, request: &Parts, session: &Session, global: &GlobalValidators) -> Vec<Validator> {
        let demanded = if self.is_refresh(request) { Vec::new() } else { self.global_validators(session.user_id(), session.tenant()) };
        global.of(session, demanded)
    }
}

impl<A: Requirement, B: Requirement> Requirement for (A, B) {
    fn validators() -> Vec<Validator> {
        let mut validators = A::validators();
        validators.extend(B::validators());
        validators
    }

    fn global(validators: Vec<Validator>) -> Vec<Validator> {
        B::global(A::global(validators))
    }
}
