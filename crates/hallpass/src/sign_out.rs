//! Ending the session of a request.

use http::request::Parts;

use crate::{Hallpass, error::SessionError, verify::VerifyOptions};

impl Hallpass {
    /// Revokes the session of a request, and takes the tokens away from the client. The sign-out route does just this.
    /// Whatever else the app requires of sessions: everybody may leave.
    ///
    /// # Errors
    /// As [`Hallpass::session`]: a client whose access token has expired must refresh first.
    pub async fn sign_out(&self, request: &Parts) -> Result<(), SessionError> {
        self.session(request, &VerifyOptions::default()).await?.revoke().await
    }
}
