//! `Core`: what an SDK or a server asks of the engine, in this process or over the network.

mod bans;
mod feed;
mod roles;
mod users;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use zeroize::Zeroizing;

use crate::{
    access_token::AccessToken,
    event::Event,
    id::{AppId, SessionHandle, Tenant, TenantId, UserId},
    jwt::NewJwt,
    keys::VerifyingKeys,
    refresh_token::RefreshHash,
    session::{JsonObject, KeyFamily, MAX_DEPTH, Session},
    store::StoreError,
    time::Timestamp,
};

pub use self::{
    bans::{BanCore, Banned},
    feed::FeedCore,
    roles::RoleCore,
    users::UserCore,
};

/// The text of a token on its way to or from a client. Cheap to clone.
///
/// # Security
/// Never printed: it leaves only through [`TokenText::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct TokenText(Arc<Zeroizing<String>>);

impl TokenText {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for TokenText {
    fn from(text: T) -> Self {
        Self(Arc::new(Zeroizing::new(text.into())))
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText(…)")
    }
}

/// A session to be created.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Where.
    pub tenant: Tenant,
    /// For whom.
    pub user: UserId,
    /// Claims for the access token. The names of [`crate::token_version::PROTECTED_CLAIMS`] are refused.
    pub payload: JsonObject,
    /// Kept with the session, never sent to a client.
    pub data: JsonObject,
    /// Which keys sign.
    pub family: KeyFamily,
    /// Whether the tokens carry an anti-CSRF token.
    pub anti_csrf: bool,
    /// How long this one access token lives, instead of what is configured; never longer.
    pub access_token_validity: Option<Duration>,
    /// With which device; for the events.
    pub actor: Option<String>,
}

/// An access token as it was just minted.
#[derive(Clone)]
pub struct IssuedAccess {
    /// The compact JWS.
    pub token: TokenText,
    /// Its whole JWT payload.
    pub claims: JsonObject,
    /// `iat`.
    pub created_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
}

impl fmt::Debug for IssuedAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedAccess").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// A refresh token as it was just minted.
#[derive(Clone, Debug)]
pub struct IssuedRefresh {
    /// What the client keeps.
    pub token: TokenText,
    /// Now.
    pub created_at: Timestamp,
    /// When the session ends unless it is refreshed: the row's word, also in a replay.
    pub expires_at: Timestamp,
}

/// Everything a client needs of a session.
#[derive(Clone)]
pub struct Issued {
    /// The session.
    pub handle: SessionHandle,
    /// Its user.
    pub user: UserId,
    /// The short-lived one; its claims hold the application's.
    pub access: IssuedAccess,
    /// The one that gets the next.
    pub refresh: IssuedRefresh,
    /// To be echoed by the client, if the session has one.
    pub anti_csrf: Option<String>,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("handle", &self.handle).finish_non_exhaustive()
    }
}

/// What is known of a session, its tokens apart.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionInfo {
    /// Its name.
    pub handle: SessionHandle,
    /// Whom it belongs to.
    pub user: UserId,
    /// The user by the login method; the same unless accounts are linked, which only other cores do.
    pub recipe_user: UserId,
    /// The claims that the next access token gets.
    pub payload: JsonObject,
    /// What the application keeps with it.
    pub data: JsonObject,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it was last refreshed. `None`: it never was, or the core does not tell.
    pub refreshed_at: Option<Timestamp>,
    /// When it ends unless it is refreshed.
    pub expires_at: Timestamp,
}

impl SessionInfo {
    /// In which tenant it is.
    pub fn tenant(&self) -> &TenantId {
        self.handle.tenant()
    }
}

impl From<Session> for SessionInfo {
    fn from(session: Session) -> Self {
        Self {
            handle: session.key.handle,
            recipe_user: session.user.clone(),
            user: session.user,
            payload: session.payload,
            data: session.data,
            created_at: session.created_at,
            refreshed_at: session.lineage.retired.as_ref().map(|retired| retired.at),
            expires_at: session.lineage.expires_at,
        }
    }
}

/// What became of a creation.
#[derive(Clone, Debug)]
#[must_use]
pub enum Created {
    /// The session lives.
    Issued(Box<Issued>),
    /// The payload holds a claim that only the engine may set.
    ProtectedClaim(&'static str),
    /// The user's id is longer than 512 bytes, or holds U+0000.
    InvalidUser,
    /// The user is banned, in this tenant or everywhere.
    Banned,
}

/// A presented refresh token.
#[derive(Clone)]
pub struct Refresh {
    /// The app it is presented to.
    pub app: AppId,
    /// The token, unverified.
    pub token: TokenText,
    /// The anti-CSRF token that came along.
    pub anti_csrf: Option<String>,
    /// Whether anti-CSRF tokens are in use for this caller: they are compared if the token was issued with one, and a
    /// new one is issued.
    pub use_anti_csrf: bool,
    /// Which keys sign from now on; `None` leaves it.
    pub family: Option<KeyFamily>,
    /// How long this one access token lives, instead of what is configured; never longer.
    pub access_token_validity: Option<Duration>,
    /// With which device; for the events.
    pub actor: Option<String>,
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh").field("app", &self.app).finish_non_exhaustive()
    }
}

/// What became of a refresh.
#[derive(Clone, Debug)]
#[must_use]
pub enum Refreshed {
    /// New tokens.
    Issued(Box<Issued>),
    /// Not a token of a living session, or its anti-CSRF token did not come along.
    Unauthorised(Refusal),
    /// A used token came back: somebody has a copy. The session is revoked, unless the rule says that the caller does that.
    Reuse {
        /// The session.
        handle: SessionHandle,
        /// Its user.
        user: UserId,
        /// The user by the login method.
        recipe_user: UserId,
        /// Whether it was the token that was retired last, too late. Otherwise it is older, or its lineage ended.
        is_latest_retired: bool,
    },
}

/// Why a token is not accepted: for logs, not for clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Forged, damaged, or from another app.
    #[error("not a token of this app")]
    NotOurs,
    /// The anti-CSRF token is missing or wrong.
    #[error("the anti-CSRF token does not match")]
    AntiCsrf,
    /// Revoked, expired, or never there.
    #[error("the session does not exist")]
    NoSession,
    /// The stored payload, made for older tokens, has a claim that only the engine may set in newer ones.
    #[error("the session's payload holds a protected claim")]
    ProtectedClaim,
    /// The user is banned, in the session's tenant or everywhere.
    #[error("the user is banned")]
    Banned,
}

/// What the database says of a verified access token.
#[derive(Clone, Debug)]
#[must_use]
pub enum Checked {
    /// The session lives (or was not looked up).
    Live {
        /// To be sent to the client instead of the one it has: confirmed, or with the payload as stored now.
        replacement: Option<Box<IssuedAccess>>,
        /// Whether the stored payload differs from the token's, as far as the database was asked.
        is_payload_stale: bool,
    },
    /// The session is gone.
    Gone,
    /// The token itself does not hold any more, its key being gone for one. A refresh may bring a better one.
    Refused,
}

/// What became of a change to the payload of a session whose access token is at hand.
#[derive(Clone, Debug)]
#[must_use]
pub enum Regenerated {
    /// Stored, and the same token with the new payload.
    Access(Box<IssuedAccess>),
    /// Stored; the access token has expired meanwhile and gets no successor here.
    Expired,
    /// The session is gone.
    Gone,
    /// The payload holds a claim that only the engine may set; nothing was stored.
    ProtectedClaim(&'static str),
}

/// An access token that came from a client: its refresh token was delivered.
#[derive(Clone)]
pub struct Delivered {
    /// The session.
    pub handle: SessionHandle,
    /// The refresh token that was issued with it.
    pub child: RefreshHash,
    /// The access token itself: there are cores that take nothing else for a proof. Not there when only its parts were told.
    pub token: Option<TokenText>,
}

impl fmt::Debug for Delivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivered").field("handle", &self.handle).finish_non_exhaustive()
    }
}

/// The same refresh token was delivered, with whichever of its access tokens.
impl PartialEq for Delivered {
    fn eq(&self, other: &Self) -> bool {
        self.handle == other.handle && self.child == other.child
    }
}

impl Eq for Delivered {}

/// The engine's operations. `Engine` implements them in this process; a remote core over HTTP.
#[async_trait]
pub trait Core: RoleCore + UserCore + BanCore + FeedCore + Send + Sync + 'static {
    /// Creates a session.
    ///
    /// # Errors
    /// [`CoreError::TooDeep`] if payload or data cannot be read back.
    async fn session_create(&self, new: NewSession) -> Result<Created, CoreError>;

    /// Exchanges a refresh token for new tokens.
    async fn session_refresh(&self, refresh: Refresh) -> Result<Refreshed, CoreError>;

    /// Confirms the session's current token if `token` was issued with it, and says whether the session still lives and
    /// whether the client should get a new access token. Reads the row when the token's parent is named or
    /// `check_database` is set, and does nothing otherwise. Under [`Confirmation::Rotation`](crate::judge::Confirmation)
    /// it changes nothing, mints nothing, and takes a token of an earlier lineage for one without a session.
    async fn session_check(&self, app: &AppId, token: &AccessToken, check_database: bool) -> Result<Checked, CoreError>;

    /// Confirms refresh tokens whose access tokens came from clients. Those that are confirmed already do no harm.
    async fn session_confirm(&self, app: &AppId, delivered: &[Delivered]) -> Result<(), CoreError>;

    /// Replaces the payload, and mints an access token with it that lives as long as `token` (`None` keeps the stored payload).
    ///
    /// # Errors
    /// [`CoreError::TooDeep`] if it cannot be read back.
    async fn session_regenerate(&self, app: &AppId, token: &AccessToken, payload: Option<JsonObject>) -> Result<Regenerated, CoreError>;

    /// Reads a living session.
    async fn session_find(&self, app: &AppId, handle: &SessionHandle) -> Result<Option<SessionInfo>, CoreError>;

    /// The living sessions of a user, in one tenant or in all, oldest first.
    async fn session_list(&self, app: &AppId, tenant: Option<&TenantId>, user: &UserId) -> Result<Vec<SessionInfo>, CoreError>;

    /// Replaces the payload of a living session; access tokens that are out keep theirs. `false`: there is no such session.
    ///
    /// # Errors
    /// [`CoreError::ProtectedClaim`] if the payload holds a claim that only the engine may set, [`CoreError::TooDeep`] if it
    /// cannot be read back.
    async fn session_set_payload(&self, app: &AppId, handle: &SessionHandle, payload: JsonObject) -> Result<bool, CoreError>;

    /// Replaces the data of a living session. `false`: there is no such session.
    ///
    /// # Errors
    /// [`CoreError::TooDeep`] if it cannot be read back.
    async fn session_set_data(&self, app: &AppId, handle: &SessionHandle, data: JsonObject) -> Result<bool, CoreError>;

    /// Revokes sessions; returns those that were there.
    async fn session_revoke(&self, app: &AppId, handles: &[SessionHandle], why: Why) -> Result<Vec<SessionHandle>, CoreError>;

    /// Revokes the living sessions of a user, in one tenant or in all; returns them.
    async fn session_revoke_all(
        &self,
        app: &AppId,
        tenant: Option<&TenantId>,
        user: &UserId,
        why: Why,
    ) -> Result<Vec<SessionHandle>, CoreError>;

    /// The keys that verify the app's access tokens. When `kid` is not among those at hand they are read again, at most
    /// twice a second.
    async fn verifying_keys(&self, app: &AppId, kid: Option<&str>) -> Result<Arc<VerifyingKeys>, CoreError>;

    /// The same keys without waiting, as long as they are at hand, current, and the one named `kid` is among them. `None`: ask
    /// [`Core::verifying_keys`].
    fn keys_at_hand(&self, _app: &AppId, _kid: &str) -> Option<Arc<VerifyingKeys>> {
        None
    }

    /// The keys that are told to whoever verifies elsewhere. What may be cached for days has every key that can sign until then:
    /// the static one is among them before it first signs.
    async fn keys_to_publish(&self, app: &AppId) -> Result<Arc<VerifyingKeys>, CoreError>;

    /// Makes a JWT. `None`: no key of that family signs with that algorithm.
    ///
    /// # Security
    /// It is verified by whoever trusts the app's published keys, as a session's tokens are: whoever may ask for one can
    /// make an access token.
    async fn jwt_create(&self, new: NewJwt) -> Result<Option<TokenText>, CoreError>;

    /// The latest events of a user, newest first.
    async fn event_list(&self, app: &AppId, user: &UserId, limit: u32) -> Result<Vec<Event>, CoreError>;
}

/// Who revokes a session, and why: for the events.
#[derive(Clone, Debug, Default)]
pub struct Why {
    /// Who: a user agent, an operator.
    pub actor: Option<String>,
    /// In words.
    pub reason: Option<String>,
}

/// The engine could not do its work. What a caller must act on is an outcome instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CoreError {
    /// The storage failed. Worth trying again soon.
    #[error("the session could not be read or stored")]
    Store(#[from] StoreError),
    /// The caller put a claim into a payload that only the engine may set.
    #[error("the payload contains the protected claim `{0}`")]
    ProtectedClaim(&'static str),
    /// The caller's JSON is nested deeper than can be read back.
    #[error("JSON may be nested {MAX_DEPTH} levels deep, not deeper")]
    TooDeep,
    /// Nobody can be known by this id.
    #[error("the user id is longer than 512 bytes, or holds U+0000")]
    InvalidUser,
    /// A ban would be over before it begins.
    #[error("the end of a ban, `until`, must lie in the future: it is in milliseconds since 1970")]
    BanIsOver,
    /// A core at a distance has no bans.
    #[error("the core that keeps the sessions knows no bans")]
    NoBans,
    /// A core at a distance keeps nothing in a tenant that was never made there.
    #[error("the app `{}` has no tenant `{}`", .0.app, .0.tenant)]
    UnknownTenant(Tenant),
    /// A core at a distance issues access tokens of one length only.
    #[error("the core that keeps the sessions does not shorten access tokens")]
    FixedValidity,
    /// No role and no permission can be named so.
    #[error("the name of a role or permission is 1 to 255 characters without U+0000")]
    InvalidRole,
    /// The keys in the database do not open: another master key sealed them, or they are damaged.
    #[error("the keys of app `{app}` cannot be opened: is the master key the one that sealed them?")]
    Keys {
        /// The app.
        app: AppId,
    },
    /// The public keys of a core at a distance cannot be read, and none are known from before.
    #[error("the core's public keys could not be read")]
    PublicKeys(#[source] Box<CoreError>),
    /// A core at a distance refuses the call, for its own reasons: a wrong API key, an app that does not exist.
    #[error("the core refused {call} ({status}): {text}")]
    Refused {
        /// The method and the path.
        call: String,
        /// The HTTP status.
        status: u16,
        /// What it says.
        text: String,
    },
    /// A core at a distance answers something else than agreed.
    #[error("{0}")]
    Protocol(String),
    /// The cryptographic library refused.
    #[error("signing failed")]
    Signing,
}
