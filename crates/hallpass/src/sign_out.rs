//! Ending the session of a request.

use http::request::Parts;

use crate::{Hallpass, claims::GlobalValidators, error::SessionError, verify::VerifyOptions};

impl Hallpass {
    /// Revokes the session of a request, and takes the tokens away from the client. The sign-out route does just this.
    /// Whatever else the app requires of sessions: everybody may leave.
    ///
    /// # Errors
    /// As [`Hallpass::session`]: a client whose access token has expired must refresh first.
    pub async fn sign_out(&self, request: &Parts) -> Result<(), SessionError> {
        let options = VerifyOptions { validators: GlobalValidators::ignored(), ..VerifyOptions::default() };
        self.session(request, &options).await?.revoke().await
    }
}
