//! Ending the session of a request.

use http::request::Parts;

use crate::{Hallpass, error::SessionError, session::Session, verify::VerifyOptions};

impl Hallpass {
    /// Revokes the session of a request, and takes the tokens away from the client. The sign-out route does just this.
    /// Whatever else the app requires of sessions: everybody may leave.
    ///
    /// # Errors
    /// As [`Hallpass::session`]: a client whose access token has expired must refresh first. What a hook says.
    pub async fn sign_out(&self, request: &Parts) -> Result<(), SessionError> {
        let session = self.session_to_leave(request, &VerifyOptions::default()).await?;
        self.leave(request, &session.ok_or(SessionError::Unauthorised { clear: false })?).await
    }

    /// All that signing out is, for a session that the request carried.
    pub(crate) async fn leave(&self, request: &Parts, session: &Session) -> Result<(), SessionError> {
        let hooks = self.hooks(Some(request));
        if let Some((hooks, context)) = hooks {
            hooks.signing_out(session, context).await.map_err(|error| self.raise(request, error))?;
        }
        session.revoke().await?;
        self.exchange(request)?.leave()?;
        if let Some((hooks, context)) = hooks {
            hooks.signed_out(session, context).await;
        }
        Ok(())
    }
}
