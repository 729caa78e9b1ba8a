//! Where an app may decide otherwise.

use std::net::IpAddr;

use async_trait::async_trait;
use bytes::Bytes;
use hallpass_engine::{
    core::NewSession,
    id::{SessionHandle, UserId},
};
use http::{Response, request::Parts};

use crate::{Hallpass, config::Purpose, error::SessionError, names::Names, session::Session, transfer::Allowed};

/// What an app decides by itself. Every method has a default, which is what the SDK does without hooks; implement those
/// that differ, and hand them to [`Builder::hooks`](crate::Builder::hooks).
///
/// No hook can lose what protects users: tokens are cleared where an error says so and a stolen session is revoked,
/// whatever the hooks do. What a hook does to a [`Session`] goes out with the response, as when a handler does it.
///
/// A hook that fails with [`SessionError::Unavailable`] makes the request fail so; [`SessionError::Refused`] says no in
/// the app's own words.
///
/// ```
/// use bytes::Bytes;
/// use hallpass::{HookContext, Hooks, NewSession, Session, SessionError, Why, async_trait};
/// use http::{Response, request::Parts};
///
/// struct OurRules {
///     banned: Vec<String>,
/// }
///
/// #[async_trait]
/// impl Hooks for OurRules {
///     // who may not sign in, and what every session knows
///     async fn creating(&self, new: &mut NewSession, context: HookContext<'_>) -> Result<(), SessionError> {
///         if self.banned.iter().any(|banned| banned == new.user.as_str()) {
///             return Err(SessionError::Refused("User is banned".to_owned()));
///         }
///         if let Some(address) = context.client_address() {
///             new.data.insert("address".to_owned(), address.to_string().into());
///         }
///         Ok(())
///     }
///
///     // one session per user: the newest
///     async fn created(&self, session: &Session, context: HookContext<'_>) -> Result<(), SessionError> {
///         let others = context.hallpass.sessions_of(session.user_id(), None).await?;
///         let others: Vec<_> = others.into_iter().map(|other| other.handle).filter(|other| other != session.handle()).collect();
///         context.hallpass.revoke(&others, Why { reason: Some("signed in elsewhere".to_owned()), ..Why::default() }).await?;
///         Ok(())
///     }
///
///     // who was banned meanwhile, is out at the next refresh
///     async fn refreshed(&self, session: &Session, _: HookContext<'_>) -> Result<(), SessionError> {
///         if self.banned.iter().any(|banned| banned == session.user_id().as_str()) {
///             session.revoke().await?;
///         }
///         Ok(())
///     }
///
///     // people who open a page, and not a script, are sent to the sign-in page
///     fn answer(&self, error: &SessionError, request: &Parts) -> Option<Response<Bytes>> {
///         let opens_page = request.headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
///         let signed_out = matches!(error, SessionError::Unauthorised { .. } | SessionError::TokenTheft { .. });
///         let to_sign_in = || Response::builder().status(303).header("location", "/login").body(Bytes::new()).ok();
///         if opens_page && signed_out { to_sign_in() } else { None }
///     }
/// }
/// ```
#[async_trait]
pub trait Hooks: Send + Sync + 'static {
    /// The ways that the tokens of a request may travel. `None`: as [`Builder::transfer`](crate::Builder::transfer) says.
    fn transfer(&self, request: &Parts, purpose: Purpose) -> Option<Allowed> {
        let _ = (request, purpose);
        None
    }

    /// What the cookies and headers of a request are called. The same client must always get the same names.
    fn names(&self, request: &Parts) -> Names {
        let _ = request;
        Names::default()
    }

    /// Before a session is created. What `new` says is what becomes of it: user, payload, data, how long its first access
    /// token lives (never longer than is configured; with a core at a distance that is not `hallpass serve` it is
    /// [`Misuse::FixedValidity`](crate::Misuse::FixedValidity) to say so). The app's claims are in the payload already, of the user and tenant that the sign-in named: a hook
    /// that puts others there replaces them too. The app in `new.tenant` is not the hook's to change.
    ///
    /// # Errors
    /// Nothing is created, and the sign-in fails with the error.
    async fn creating(&self, new: &mut NewSession, context: HookContext<'_>) -> Result<(), SessionError> {
        let _ = (new, context);
        Ok(())
    }

    /// After a session was created.
    ///
    /// # Errors
    /// The session is revoked, its tokens are taken back, and the sign-in fails with the error.
    async fn created(&self, session: &Session, context: HookContext<'_>) -> Result<(), SessionError> {
        let _ = (session, context);
        Ok(())
    }

    /// After the session of a request was verified, except at sign-out: everybody may leave. Once per request where
    /// extractors ask.
    ///
    /// # Errors
    /// The request fails with the error.
    async fn verified(&self, session: &Session, context: HookContext<'_>) -> Result<(), SessionError> {
        let _ = (session, context);
        Ok(())
    }

    /// After a session was refreshed: to compute its claims anew, to look whether its user may still be here.
    ///
    /// A hook that revokes the session and succeeds is answered by 200, and the client has no tokens any more.
    ///
    /// # Errors
    /// The refresh fails with the error. [`SessionError::unauthorised`] takes the tokens away, but the session goes on
    /// unless the hook revokes it. With other errors the new tokens still reach the client, which could do nothing with
    /// the ones of before.
    async fn refreshed(&self, session: &Session, context: HookContext<'_>) -> Result<(), SessionError> {
        let _ = (session, context);
        Ok(())
    }

    /// Before a user signs out: [`Hallpass::sign_out`], which the route calls, or by ending the session at hand among
    /// [`Builder::own_sessions`](crate::Builder::own_sessions). Not where the app itself ends it by [`Session::revoke`]. To end all of the user's sessions, revoke
    /// them here.
    ///
    /// # Errors
    /// The user stays signed in. [`SessionError::Refused`] tells frontends what to show: the route answers
    /// `{"status":"GENERAL_ERROR","message":…}`.
    async fn signing_out(&self, session: &Session, context: HookContext<'_>) -> Result<(), SessionError> {
        let _ = (session, context);
        Ok(())
    }

    /// After a user has signed out.
    async fn signed_out(&self, session: &Session, context: HookContext<'_>) {
        let _ = (session, context);
    }

    /// After a used refresh token came back: its session is revoked already, and the client's tokens are cleared. To alert
    /// somebody; what the client is told is up to [`Hooks::answer`].
    async fn stolen(&self, theft: Theft<'_>, context: HookContext<'_>) {
        let _ = (theft, context);
    }

    /// What a client is told of an error that became a response. `None`: the default, which
    /// [`SessionError::to_response`] makes. Not asked where the app chose another status, nor without the layer.
    ///
    /// Headers that are there stay, the session's among them, unless the answer has the same. Frontends refresh when they
    /// see the status that [`Builder::session_expired_status`](crate::Builder::session_expired_status) sets, so leave that for
    /// [`SessionError::TryRefresh`]. An answer to [`SessionError::ClearDuplicateCookies`] must be 2xx, or clients take
    /// the session for lost.
    fn answer(&self, error: &SessionError, request: &Parts) -> Option<Response<Bytes>> {
        let _ = (error, request);
        None
    }
}

/// A theft that was found out.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Theft<'a> {
    /// The session, which is revoked.
    pub handle: &'a SessionHandle,
    /// Its user.
    pub user: &'a UserId,
    /// The user by the login method; the same unless accounts are linked.
    pub recipe_user: &'a UserId,
}

/// Where a hook is asked.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct HookContext<'a> {
    /// The SDK: for other sessions of the user, say.
    pub hallpass: &'a Hallpass,
    /// The request; none where the app works on tokens by itself. What the app put into its extensions before the layer
    /// is there, a body that was read for example.
    pub request: Option<&'a Parts>,
}

impl HookContext<'_> {
    /// See [`Hallpass::client_address`].
    pub fn client_address(&self) -> Option<IpAddr> {
        self.hallpass.client_address(self.request?)
    }
}

impl Hallpass {
    /// The hooks, and what they are told of the circumstances. `None`: nobody wants to know.
    pub(crate) fn hooks<'a>(&'a self, request: Option<&'a Parts>) -> Option<(&'a dyn Hooks, HookContext<'a>)> {
        let hooks = self.config().hooks.as_deref()?;
        Some((hooks, HookContext { hallpass: self, request }))
    }
}
