//! Sessions for whoever renders a page: read, and nothing else.

use hallpass_engine::{
    access_token::AccessToken,
    id::{SessionHandle, TenantId, UserId},
    session::JsonObject,
    time::Timestamp,
};
use http::request::Parts;

use crate::{
    Hallpass,
    config::Purpose,
    error::SessionError,
    front_token::readable,
    transfer::{Allowed, Transfer},
};

/// What is known of the user of a request whose response carries no tokens.
#[derive(Clone, Debug)]
#[must_use]
pub enum ReadSession {
    /// Nobody is signed in, as far as this request tells.
    SignedOut,
    /// Somebody was, and may still be after a refresh. Only the browser can do that: send a page that does it and then
    /// asks again.
    NeedsRefresh,
    /// This user is.
    SignedIn(Box<ReadOnlySession>),
}

impl ReadSession {
    /// The session of a user who is signed in.
    pub const fn session(&self) -> Option<&ReadOnlySession> {
        match self {
            Self::SignedIn(session) => Some(session),
            Self::SignedOut | Self::NeedsRefresh => None,
        }
    }
}

/// A verified session that cannot be changed.
#[derive(Clone, Debug)]
pub struct ReadOnlySession(AccessToken);

impl ReadOnlySession {
    /// Whom the session belongs to.
    pub fn user_id(&self) -> &UserId {
        self.0.user()
    }

    /// The user by the login method; the same as [`ReadOnlySession::user_id`] unless accounts are linked.
    pub fn recipe_user_id(&self) -> &UserId {
        self.0.recipe_user()
    }

    /// The session's name; not a secret.
    pub fn handle(&self) -> &SessionHandle {
        self.0.handle()
    }

    /// The tenant that the user signed in to.
    pub fn tenant(&self) -> &TenantId {
        self.0.tenant()
    }

    /// The whole payload of the access token.
    pub fn access_token_payload(&self) -> JsonObject {
        readable(self.0.claims()).into_owned()
    }

    /// When the access token expires.
    pub fn access_token_expires_at(&self) -> Timestamp {
        self.0.expires_at()
    }
}

impl Hallpass {
    /// Reads the session in the cookies of a request, for server rendering and other places that cannot set cookies: it swaps
    /// no token, and tells nobody that one arrived. Signature and lifetime are checked, without leeway; the database
    /// is not asked.
    ///
    /// Works without the layer. No hook is asked, except for names and the way of tokens.
    ///
    /// # Security
    /// For pages that show something. What changes something belongs behind [`Hallpass::session`], which also checks where
    /// the request comes from.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`] if the keys cannot be had.
    pub async fn read_session(&self, request: &Parts) -> Result<ReadSession, SessionError> {
        match self.read_access_token(request).await {
            Ok(Some(token)) => Ok(ReadSession::SignedIn(Box::new(ReadOnlySession(token)))),
            Ok(None) => Ok(ReadSession::SignedOut),
            Err(SessionError::TryRefresh) => Ok(ReadSession::NeedsRefresh),
            Err(SessionError::Unauthorised { .. }) => Ok(ReadSession::SignedOut),
            Err(error) => Err(error),
        }
    }

    async fn read_access_token(&self, request: &Parts) -> Result<Option<AccessToken>, SessionError> {
        const COOKIES: Allowed = Allowed::Only(Transfer::Cookie);
        if self.config().allowed(request, Purpose::Read) == Allowed::Only(Transfer::Header) {
            return Ok(None);
        }
        let Some((_, token)) = self.present(request, COOKIES)? else { return Ok(None) };
        Ok(Some(self.check_locally(token).await?))
    }
}
