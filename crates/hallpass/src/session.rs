//! The session of a request.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hallpass_engine::{
    access_token::{AccessToken, UnverifiedAccessToken},
    core::{Issued, IssuedAccess, IssuedRefresh, Regenerated, SessionInfo, TokenText},
    id::{SessionHandle, TenantId, UserId},
    session::JsonObject,
    time::Timestamp,
};
use http::request::Parts;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Hallpass,
    error::{Misuse, SessionError, found},
    exchange::Exchange,
    front_token::{V2_PAYLOAD, front_token, readable},
    hallpass::Device,
    transfer::Transfer,
};

/// A verified session. Reading needs no await and no database; what does is marked by one.
///
/// All clones are the same session: a change through one shows in all, and goes out with the response.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    hallpass: Hallpass,
    origin: Origin,
    device: Device,
    state: Mutex<State>,
}

/// What the session is known by.
enum Origin {
    /// The token that the client sent. It may be in the memory of verified tokens: all of it is shared at once.
    Verified(AccessToken),
    /// A sign-in or a refresh.
    Issued { user: UserId, recipe_user: UserId, handle: SessionHandle },
}

impl Origin {
    fn user(&self) -> &UserId {
        match self {
            Self::Verified(token) => token.user(),
            Self::Issued { user, .. } => user,
        }
    }

    fn recipe_user(&self) -> &UserId {
        match self {
            Self::Verified(token) => token.recipe_user(),
            Self::Issued { recipe_user, .. } => recipe_user,
        }
    }

    fn handle(&self) -> &SessionHandle {
        match self {
            Self::Verified(token) => token.handle(),
            Self::Issued { handle, .. } => handle,
        }
    }

    fn tenant(&self) -> &TenantId {
        match self {
            Self::Verified(token) => token.tenant(),
            Self::Issued { handle, .. } => handle.tenant(),
        }
    }
}

/// Where changes of a session are written.
#[derive(Clone)]
pub(crate) enum Reply {
    /// To the response of the request that carried it.
    To(Exchange, Transfer),
    /// There is a request, but nobody writes to its response.
    LayerMissing,
    /// There is no request: the caller delivers the tokens.
    NoRequest,
}

struct State {
    reply: Reply,
    access: Access,
    refresh: Option<IssuedRefresh>,
    anti_csrf: Option<String>,
    updated: bool,
}

/// The access token as it is now.
enum Access {
    Verified(AccessToken),
    Minted(IssuedAccess),
}

impl Access {
    fn text(&self) -> &TokenText {
        match self {
            Self::Verified(token) => token.token(),
            Self::Minted(access) => &access.token,
        }
    }

    fn claims(&self) -> &JsonObject {
        match self {
            Self::Verified(token) => token.claims(),
            Self::Minted(access) => &access.claims,
        }
    }

    fn expires_at(&self) -> Timestamp {
        match self {
            Self::Verified(token) => token.expires_at(),
            Self::Minted(access) => access.expires_at,
        }
    }

    /// With claims that may be changed.
    fn to_minted(&self) -> IssuedAccess {
        match self {
            Self::Verified(token) => IssuedAccess {
                token: token.token().clone(),
                claims: token.claims().clone(),
                created_at: token.issued_at(),
                expires_at: token.expires_at(),
            },
            Self::Minted(access) => access.clone(),
        }
    }

    fn front_token(&self, user: &UserId) -> String {
        front_token(user, self.expires_at(), self.claims())
    }
}

/// The tokens of a session, for callers that deliver them by themselves.
///
/// # Security
/// They act for the user. `Debug` hides them.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The access token.
    pub access: TokenText,
    /// The refresh token, if the session was just created or refreshed.
    pub refresh: Option<TokenText>,
    /// What a page's script may know.
    pub front: TokenText,
    /// To be echoed by the client, if the session has one.
    pub anti_csrf: Option<TokenText>,
    /// Whether the client does not have this access token yet.
    pub updated: bool,
}

impl Session {
    /// The session that a verified access token stands for.
    pub(crate) fn verified(hallpass: &Hallpass, token: AccessToken, anti_csrf: Option<&str>, device: Device, reply: Reply) -> Self {
        Self(Arc::new(Inner {
            hallpass: hallpass.clone(),
            device,
            state: Mutex::new(State {
                reply,
                access: Access::Verified(token.clone()),
                refresh: None,
                anti_csrf: anti_csrf.map(str::to_owned),
                updated: false,
            }),
            origin: Origin::Verified(token),
        }))
    }

    /// A session that was just created or refreshed.
    pub(crate) fn issued(hallpass: &Hallpass, issued: Issued, device: Device, reply: Reply) -> Self {
        let Issued { handle, user, access, refresh, anti_csrf } = issued;
        let recipe_user = access.claims.get("rsub").and_then(Value::as_str).map_or_else(|| user.clone(), UserId::from);
        Self(Arc::new(Inner {
            hallpass: hallpass.clone(),
            origin: Origin::Issued { recipe_user, user, handle },
            device,
            state: Mutex::new(State { reply, access: Access::Minted(access), refresh: Some(refresh), anti_csrf, updated: true }),
        }))
    }

    /// Makes the response to a request carry this session, which was got without one: its tokens are sent if the client does
    /// not have them yet, and what is changed later goes out too. Tokens that the client holds the other way are left.
    ///
    /// ```
    /// # async fn example(hallpass: hallpass::Hallpass, request: http::request::Parts, token: &str) -> Result<(), hallpass::SessionError> {
    /// # use hallpass::Transfer;
    /// // a refresh token that came in another way than this crate's
    /// let session = hallpass.refresh_from_token(token, None, false).await?;
    /// session.attach(&request, Transfer::Cookie)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Misuse::LayerMissing`], [`Misuse::ResponseSent`]; [`Misuse::InsecureCookie`] where browsers would drop the cookies.
    pub fn attach(&self, request: &Parts, transfer: Transfer) -> Result<(), Misuse> {
        let exchange = self.hallpass().exchange(request)?;
        exchange.check_open()?;
        let hallpass = self.hallpass();
        if transfer == Transfer::Cookie && hallpass.config().refuses_cookies(request, hallpass.config().same_site(request)) {
            return Err(Misuse::InsecureCookie);
        }
        let mut state = self.state();
        if state.updated {
            let front = state.access.front_token(self.user_id());
            exchange.attach_access(transfer, state.access.text(), front, state.anti_csrf.as_deref())?;
            state.refresh.as_ref().map_or(Ok(()), |refresh| exchange.attach_refresh(transfer, refresh))?;
        }
        state.reply = Reply::To(exchange.clone(), transfer);
        Ok(())
    }

    pub(crate) fn hallpass(&self) -> &Hallpass {
        &self.0.hallpass
    }

    /// Whom the session belongs to.
    pub fn user_id(&self) -> &UserId {
        self.0.origin.user()
    }

    /// The user by the login method; the same as [`Session::user_id`] unless accounts are linked.
    pub fn recipe_user_id(&self) -> &UserId {
        self.0.origin.recipe_user()
    }

    /// The session's name; not a secret.
    pub fn handle(&self) -> &SessionHandle {
        self.0.origin.handle()
    }

    /// The tenant that the user signed in to.
    pub fn tenant(&self) -> &TenantId {
        self.0.origin.tenant()
    }

    /// The whole payload of the access token, the engine's claims included.
    pub fn access_token_payload(&self) -> JsonObject {
        readable(self.state().access.claims()).into_owned()
    }

    /// The app's claims.
    pub fn claims(&self) -> JsonObject {
        hallpass_engine::token_version::TokenVersion::V5.custom_claims(&readable(self.state().access.claims()))
    }

    /// One claim.
    pub fn claim(&self, name: &str) -> Option<Value> {
        readable(self.state().access.claims()).get(name).cloned()
    }

    /// When the access token expires. The session goes on, if the client refreshes.
    pub fn access_token_expires_at(&self) -> Timestamp {
        self.state().access.expires_at()
    }

    /// The tokens, as they are now.
    ///
    /// # Security
    /// Needed only where tokens travel in other ways than this crate's.
    pub fn tokens(&self) -> Tokens {
        let state = self.state();
        Tokens {
            access: state.access.text().clone(),
            refresh: state.refresh.as_ref().map(|refresh| refresh.token.clone()),
            front: state.access.front_token(self.user_id()).into(),
            anti_csrf: state.anti_csrf.clone().map(TokenText::from),
            updated: state.updated,
        }
    }

    /// The session as it is stored.
    ///
    /// # Errors
    /// [`SessionError::Unauthorised`] if it was revoked meanwhile.
    pub async fn info(&self) -> Result<SessionInfo, SessionError> {
        let record = self.0.hallpass.session_info(self.handle()).await?;
        record.ok_or_else(|| self.gone())
    }

    /// What the app keeps with the session.
    ///
    /// # Errors
    /// [`SessionError::Unauthorised`] if the session was revoked meanwhile.
    pub async fn data(&self) -> Result<JsonObject, SessionError> {
        Ok(self.info().await?.data)
    }

    /// Replaces what the app keeps with the session. The last one to write wins.
    ///
    /// # Errors
    /// [`SessionError::Unauthorised`] if the session was revoked meanwhile, [`Misuse::NotAnObject`].
    pub async fn set_data(&self, data: impl Serialize) -> Result<(), SessionError> {
        let data = self.0.hallpass.with_device(self.handle(), object(&data)?).await?;
        let there = found(self.0.hallpass.core().session_set_data(self.0.hallpass.app(), self.handle(), data).await)?;
        if there { Ok(()) } else { Err(self.gone()) }
    }

    /// When the user signed in.
    ///
    /// # Errors
    /// [`SessionError::Unauthorised`] if the session was revoked meanwhile.
    pub async fn created_at(&self) -> Result<Timestamp, SessionError> {
        Ok(self.info().await?.created_at)
    }

    /// When the session ends unless it is refreshed.
    ///
    /// # Errors
    /// [`SessionError::Unauthorised`] if the session was revoked meanwhile.
    pub async fn expires_at(&self) -> Result<Timestamp, SessionError> {
        Ok(self.info().await?.expires_at)
    }

    /// Overlays the app's claims with those of `update`; `null` removes one. The client gets a new access token that
    /// expires with the old one. If that has expired since it was verified, the client gets the claims at its next refresh.
    ///
    /// # Errors
    /// [`SessionError::Unauthorised`] if the session was revoked meanwhile, [`SessionError::ProtectedClaim`] for claims
    /// that only the engine may set, [`Misuse`].
    pub async fn merge_into_access_token_payload(&self, update: impl Serialize) -> Result<(), SessionError> {
        let update = object(&update)?;
        self.check_writable()?;
        self.write_payload(merged(self.claims(), update)).await
    }

    /// Ends the session, and takes the tokens away from the client. It does not matter whether it was still there. A user who
    /// signs out does more: [`Hallpass::sign_out`] asks the app's hooks, and tells the browser what to forget.
    ///
    /// Its access tokens count no more: in this process from now on, in others within a second.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`], and nothing changed for the client; [`Misuse`].
    pub async fn revoke(&self) -> Result<(), SessionError> {
        self.check_writable()?;
        let Inner { hallpass, device, .. } = &*self.0;
        hallpass.revoke(std::slice::from_ref(self.handle()), device.why("signed out")).await?;
        if let Reply::To(exchange, transfer) = self.reply() {
            exchange.clear(transfer)?;
        }
        Ok(())
    }

    /// Keeps claims that were fetched while the session was judged. Where nobody can deliver the new access token, the client
    /// gets them at its next refresh.
    pub(crate) async fn keep_fetched(&self, update: JsonObject) -> Result<(), SessionError> {
        self.write_payload(merged(self.claims(), update)).await
    }

    async fn write_payload(&self, payload: JsonObject) -> Result<(), SessionError> {
        match self.regenerate(payload.clone()).await? {
            Regenerated::Access(access) => self.replace(*access),
            Regenerated::Expired => {
                let mut state = self.state();
                let mut access = state.access.to_minted();
                let claims = &mut access.claims;
                if claims.contains_key("sub") {
                    claims.retain(|name, _| is_protected(name));
                    claims.extend(payload);
                } else {
                    claims.insert(V2_PAYLOAD.to_owned(), payload.into());
                }
                state.access = Access::Minted(access);
                Ok(())
            }
            Regenerated::Gone => Err(self.gone()),
            Regenerated::ProtectedClaim(name) => Err(SessionError::ProtectedClaim(name)),
        }
    }

    /// Takes over an access token that replaces the client's, and sends it.
    pub(crate) fn replace(&self, access: IssuedAccess) -> Result<(), SessionError> {
        let mut state = self.state();
        if let Reply::To(exchange, transfer) = &state.reply {
            let front = front_token(self.user_id(), access.expires_at, &access.claims);
            exchange.attach_access(*transfer, &access.token, front, state.anti_csrf.as_deref())?;
        }
        state.access = Access::Minted(access);
        state.updated = true;
        Ok(())
    }

    async fn regenerate(&self, payload: JsonObject) -> Result<Regenerated, SessionError> {
        let (core, app) = (self.0.hallpass.core(), self.0.hallpass.app());
        match self.token().await? {
            Some(token) => Ok(core.session_regenerate(app, &token, Some(payload)).await?),
            None if found(core.session_set_payload(app, self.handle(), payload).await)? => Ok(Regenerated::Expired),
            None => Ok(Regenerated::Gone),
        }
    }

    /// The current access token in verified form. `None`: it has expired.
    async fn token(&self) -> Result<Option<AccessToken>, SessionError> {
        let text = match &self.state().access {
            Access::Verified(token) => return Ok(Some(token.clone())),
            Access::Minted(access) => access.token.clone(),
        };
        let Ok(token) = UnverifiedAccessToken::parse(text.expose()) else { return Ok(None) };
        let keys = self.0.hallpass.core().verifying_keys(self.0.hallpass.app(), token.kid()).await?;
        Ok(token.verify(&keys, self.0.hallpass.now()).ok())
    }

    /// What the revocation feed says of it.
    pub(crate) fn check_revocations(&self) -> Result<(), SessionError> {
        self.0.hallpass.check_revocations(self.handle(), self.user_id(), self.tenant())
    }

    fn check_writable(&self) -> Result<(), Misuse> {
        match self.reply() {
            Reply::To(exchange, _) => exchange.check_open(),
            Reply::LayerMissing => Err(Misuse::LayerMissing),
            Reply::NoRequest => Ok(()),
        }
    }

    pub(crate) fn gone(&self) -> SessionError {
        let error = SessionError::unauthorised();
        match self.reply() {
            Reply::To(exchange, _) => exchange.raise(error),
            Reply::LayerMissing | Reply::NoRequest => error,
        }
    }

    pub(crate) fn request_for_claims(&self) -> Option<Arc<Parts>> {
        match &self.state().reply {
            Reply::To(exchange, _) => exchange.request_for_claims(),
            Reply::LayerMissing | Reply::NoRequest => None,
        }
    }

    fn reply(&self) -> Reply {
        self.state().reply.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("handle", self.handle()).field("user", self.user_id()).finish_non_exhaustive()
    }
}

fn is_protected(name: &str) -> bool {
    hallpass_engine::token_version::PROTECTED_CLAIMS.contains(&name)
}

/// `base` overlaid with `update`, without the members that `update` names `null`. Only the top level counts.
pub(crate) fn merged(mut base: JsonObject, update: JsonObject) -> JsonObject {
    for (name, value) in update {
        if value.is_null() {
            base.shift_remove(&name);
        } else {
            base.insert(name, value);
        }
    }
    base
}

/// A JSON object of what the app gives. `null` is the empty one.
pub(crate) fn object(value: &impl Serialize) -> Result<JsonObject, Misuse> {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Null) => Ok(JsonObject::new()),
        _ => Err(Misuse::NotAnObject),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn merging_is_shallow_and_null_removes() {
        let base = object(&json!({ "a": 1, "b": { "x": 1 }, "c": 3 })).unwrap();
        let update = object(&json!({ "b": { "y": null }, "a": null, "d": 4, "missing": null })).unwrap();
        assert_eq!(Value::Object(merged(base, update)).to_string(), r#"{"b":{"y":null},"c":3,"d":4}"#);
    }

    #[test]
    fn only_objects_are_objects() {
        assert!(object(&json!(null)).unwrap().is_empty());
        for wrong in [json!([]), json!("x"), json!(1)] {
            assert_eq!(object(&wrong), Err(Misuse::NotAnObject));
        }
    }
}
