//! Getting the session of a request: which token counts, and whether it holds.

use std::sync::Arc;

use hallpass_engine::{
    access_token::{AccessToken, UnverifiedAccessToken, VerifyError},
    core::{Checked, CoreError, IssuedAccess},
    id::{SessionHandle, TenantId, UserId},
    keys::VerifyingKeys,
    store::StoreError,
    token_version::TokenVersion,
};
use http::{Method, request::Parts};

use crate::{
    Hallpass,
    claims::{Anybody, GlobalValidators},
    config::{Promotion, Purpose},
    cookie,
    csrf::{self, AntiCsrf},
    error::SessionError,
    hallpass::Device,
    names::Token,
    revocations::FeedLoss,
    routes::Route,
    session::{Reply, Session},
    transfer::{self, Allowed, Transfer},
    verified::is_key_valid,
};

/// How a session is verified.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// Whether cookies need a proof that the app's own page made the request; by default unless the method is `GET`.
    pub anti_csrf_check: Option<bool>,
    /// Whether the database is asked if the session still exists. Costs a read per request.
    pub check_database: bool,
    /// Whether the request shows that the client has its tokens. `false` for servers that forward the requests of
    /// others, and so may hold tokens that the client never got.
    pub confirm: bool,
    /// What becomes of the validators that the app demands of every session; by default they are demanded.
    pub validators: GlobalValidators,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self { anti_csrf_check: None, check_database: false, confirm: true, validators: GlobalValidators::kept() }
    }
}

/// The sessions of a request, in its extensions: one at most of each app. Of their claims nothing was demanded.
#[derive(Clone)]
struct Verified {
    session: Session,
    /// Of other apps, one of which is inside the other.
    others: Vec<Session>,
}

/// An access token that has our shape.
pub(crate) enum Presented {
    /// Nothing in it may be believed.
    Unverified(UnverifiedAccessToken),
    /// Its signature held before; it, its key or its session may have ended since.
    Remembered(AccessToken),
}

impl Presented {
    fn kid(&self) -> Option<&str> {
        match self {
            Self::Unverified(token) => token.kid(),
            Self::Remembered(token) => token.kid(),
        }
    }
}

/// The proof that an access token's own anti-CSRF token came along, where that is asked for.
#[derive(Clone, Copy)]
enum Proof<'a> {
    NotAsked,
    Echoed(Option<&'a str>),
}

impl Hallpass {
    /// The session of a request.
    ///
    /// # Errors
    /// [`SessionError::Unauthorised`] without clearing if there is none, and as [`Hallpass::optional_session`].
    pub async fn session(&self, request: &Parts, options: &VerifyOptions) -> Result<Session, SessionError> {
        self.optional_session(request, options).await?.ok_or(SessionError::Unauthorised { clear: false })
    }

    /// The session of a request, if it carries an access token of ours. `OPTIONS` and `TRACE` never have one.
    ///
    /// A `POST` to the path of the refresh route refreshes the session instead: that is for apps that disabled the
    /// route and serve it by themselves.
    ///
    /// # Errors
    /// [`SessionError::TryRefresh`] if the token does not hold, [`SessionError::Unauthorised`] if the session is gone,
    /// [`SessionError::InvalidClaims`] if it does not fulfil what the app demands of every session,
    /// [`SessionError::UntrustedOrigin`] where that is asked for, [`SessionError::Unavailable`] and
    /// [`SessionError::ClaimUnavailable`], what a hook says.
    pub async fn optional_session(&self, request: &Parts, options: &VerifyOptions) -> Result<Option<Session>, SessionError> {
        let session = self.verified_session(request, options).await?;
        if let Some(session) = &session {
            self.assert_required::<Anybody>(request, session, &options.validators).await?;
        }
        Ok(session)
    }

    /// As [`Hallpass::optional_session`], with nothing demanded of the session's claims.
    pub(crate) async fn verified_session(&self, request: &Parts, options: &VerifyOptions) -> Result<Option<Session>, SessionError> {
        if matches!(request.method, Method::OPTIONS | Method::TRACE) {
            return Ok(None);
        }
        if self.is_refresh(request) {
            return Box::pin(self.refresh(request)).await.map(Some);
        }
        let Some(session) = self.session_to_leave(request, options).await? else { return Ok(None) };
        session.check_revocations().map_err(|error| self.raise(request, error))?;
        if let Some((hooks, context)) = self.hooks(Some(request)) {
            hooks.verified(&session, context).await.map_err(|error| self.raise(request, error))?;
        }
        Ok(Some(session))
    }

    /// The session of a request to sign out: whoever holds a good token may leave, although the session was revoked meanwhile
    /// and whatever the app's hooks say.
    pub(crate) async fn session_to_leave(&self, request: &Parts, options: &VerifyOptions) -> Result<Option<Session>, SessionError> {
        self.verify(request, options).await.map_err(|error| self.raise(request, error))
    }

    /// As [`Hallpass::verified_session`], once per request, however many ask.
    pub(crate) async fn session_once(&self, request: &mut Parts) -> Result<Option<Session>, SessionError> {
        if let Some(session) = self.known_session(request) {
            return Ok(Some(session));
        }
        let session = self.verified_session(request, &VerifyOptions::default()).await?;
        if let Some(session) = &session {
            session.remember(request);
        }
        Ok(session)
    }

    /// The session of a request that was verified already.
    pub(crate) fn known_session(&self, request: &Parts) -> Option<Session> {
        let Verified { session, others } = request.extensions.get()?;
        std::iter::once(session).chain(others).find(|session| session.hallpass().is(self)).cloned()
    }

    pub(crate) fn is_refresh(&self, request: &Parts) -> bool {
        self.route(&request.method, request.uri.path()) == Some(Route::Refresh)
    }

    async fn verify(&self, request: &Parts, options: &VerifyOptions) -> Result<Option<Session>, SessionError> {
        let allowed = self.config().allowed(request, Purpose::Read);
        let Some((transfer, presented)) = self.present(request, allowed)? else { return Ok(None) };
        if transfer == Transfer::Cookie && !self.config().trusts(request) {
            return Err(SessionError::UntrustedOrigin);
        }
        let echoed = csrf::token(&request.headers);
        let proof = match self.anti_csrf_of(request, transfer, options) {
            AntiCsrf::None => Proof::NotAsked,
            AntiCsrf::CustomHeader if csrf::has_custom_header(&request.headers) => Proof::NotAsked,
            AntiCsrf::CustomHeader => return Err(refused("the header `rid` is missing")),
            AntiCsrf::Token => Proof::Echoed(echoed),
        };
        let reply = self.exchange(request).map_or(Reply::LayerMissing, |exchange| Reply::To(exchange.clone(), transfer));
        // without the layer nobody could deliver another token: the client goes on with the one it has
        let deliverable = matches!(reply, Reply::To(..));
        let (token, replacement) = self.check(presented, proof, options).await?;
        let session = Session::verified(self, token, echoed, Device::of(request), reply);
        if let Some(access) = replacement.filter(|_| deliverable) {
            session.replace(access)?;
        }
        Ok(Some(session))
    }

    fn anti_csrf_of(&self, request: &Parts, transfer: Transfer, options: &VerifyOptions) -> AntiCsrf {
        let asked = transfer == Transfer::Cookie && options.anti_csrf_check.unwrap_or(request.method != Method::GET);
        if asked { self.config().anti_csrf(self.config().same_site(request)) } else { AntiCsrf::None }
    }

    /// The session that an access token stands for, where there is no request. By default its anti-CSRF token must be
    /// given too, if such tokens are in use.
    ///
    /// # Errors
    /// As [`Hallpass::session`], and [`crate::Misuse::NoRequest`].
    pub async fn session_from_token(
        &self,
        access_token: &str,
        anti_csrf: Option<&str>,
        options: &VerifyOptions,
    ) -> Result<Session, SessionError> {
        let proof = match self.config().anti_csrf_without_request() {
            _ if options.anti_csrf_check == Some(false) => Proof::NotAsked,
            AntiCsrf::None => Proof::NotAsked,
            AntiCsrf::CustomHeader => return Err(crate::Misuse::NoRequest.into()),
            AntiCsrf::Token => Proof::Echoed(anti_csrf),
        };
        let presented = self.parse(access_token).ok_or(SessionError::Unauthorised { clear: false })?;
        let (token, replacement) = self.check(presented, proof, options).await?;
        let session = Session::verified(self, token, anti_csrf, Device::UNKNOWN, Reply::NoRequest);
        if let Some(access) = replacement {
            session.replace(access)?;
        }
        session.check_revocations()?;
        if let Some((hooks, context)) = self.hooks(None) {
            hooks.verified(&session, context).await?;
        }
        let global = self.global_validators(session.user_id(), session.tenant());
        session.assert_claims(&options.validators.of(&session, global)).await?;
        Ok(session)
    }

    /// Whether a token holds, and the token that the client should get instead, if any.
    async fn check(
        &self,
        presented: Presented,
        proof: Proof<'_>,
        options: &VerifyOptions,
    ) -> Result<(AccessToken, Option<IssuedAccess>), SessionError> {
        let keys = match presented.kid().and_then(|kid| self.core().keys_at_hand(self.app(), kid)) {
            Some(keys) => keys,
            None => self.read_keys(presented.kid()).await?,
        };
        let token = self.verify_signature(presented, &keys)?;
        // tokens of the oldest version name no key, and so no family
        if token.version() > TokenVersion::V2 && token.family() != self.config().key_family {
            return Err(refused("it is signed by a key of the other family"));
        }
        if let Proof::Echoed(echoed) = proof
            && !csrf::token_matches(echoed, token.anti_csrf())
        {
            return Err(refused("the anti-CSRF token does not match"));
        }
        let is_fresh = options.confirm && token.parent_refresh_id().is_some();
        let promotes = is_fresh && self.config().promotion == Promotion::Reference;
        let replacement = if options.check_database || promotes {
            Box::pin(self.ask_engine(&token, options)).await?
        } else {
            if is_fresh {
                self.confirmations().add(token.delivered());
            }
            None
        };
        Ok((token, replacement))
    }

    /// What the revocation feed says of the session of a good token.
    pub(crate) fn check_revocations(&self, handle: &SessionHandle, user: &UserId, tenant: &TenantId) -> Result<(), SessionError> {
        if let FeedLoss::Closed { after } = self.config().feed_loss
            && self.revocations().is_silent(after, self.now())
        {
            let why = CoreError::Store(StoreError::Unavailable("the revocation feed is lost".into()));
            return Err(why.into());
        }
        let revocations = self.revocations();
        if revocations.refuses_some() && revocations.refuses(handle, user, tenant, self.now()) {
            // nothing is cleared: another response may just be bringing the tokens of a new session, and a refresh tells
            return Err(refused("its session was revoked, or its user is banned"));
        }
        Ok(())
    }

    /// Whether a token holds, for callers to whom nothing can be delivered.
    pub(crate) async fn check_locally(&self, presented: Presented) -> Result<AccessToken, SessionError> {
        let options = VerifyOptions { confirm: false, ..VerifyOptions::default() };
        let (token, _replacement) = self.check(presented, Proof::NotAsked, &options).await?;
        self.check_revocations(token.handle(), token.user(), token.tenant())?;
        Ok(token)
    }

    async fn read_keys(&self, kid: Option<&str>) -> Result<Arc<VerifyingKeys>, SessionError> {
        match self.core().verifying_keys(self.app(), kid).await {
            Err(CoreError::PublicKeys(why)) => {
                tracing::warn!(error = &*why as &dyn std::error::Error, "no access token can be verified: there are no public keys");
                Err(SessionError::TryRefresh)
            }
            keys => Ok(keys?),
        }
    }

    /// The token, if it holds by itself: signature, key and lifetime.
    fn verify_signature(&self, presented: Presented, keys: &VerifyingKeys) -> Result<AccessToken, SessionError> {
        match presented {
            Presented::Unverified(token) => {
                let token = token.verify(keys, self.now()).map_err(|why| refused(&why.to_string()))?;
                if let Some(memory) = self.verified_tokens() {
                    memory.insert(token.clone());
                }
                Ok(token)
            }
            Presented::Remembered(token) if self.now() >= token.expires_at() => Err(refused(&VerifyError::Expired.to_string())),
            Presented::Remembered(token) if !is_key_valid(&token, keys) => Err(refused(&VerifyError::UnknownKey.to_string())),
            Presented::Remembered(token) => Ok(token),
        }
    }

    /// A text that has the shape of our access tokens.
    fn parse(&self, text: &str) -> Option<Presented> {
        let remembered = self.verified_tokens().and_then(|memory| memory.find(text)).map(Presented::Remembered);
        remembered.or_else(|| UnverifiedAccessToken::parse(text).ok().map(Presented::Unverified))
    }

    /// What the engine says of a good token, where it has to be asked.
    async fn ask_engine(&self, token: &AccessToken, options: &VerifyOptions) -> Result<Option<IssuedAccess>, SessionError> {
        if !options.confirm {
            let there = self.session_info(token.handle()).await?.is_some();
            return if there { Ok(None) } else { Err(SessionError::unauthorised()) };
        }
        match self.core().session_check(self.app(), token, options.check_database).await? {
            Checked::Live { replacement, .. } => Ok(replacement.map(|access| *access)),
            Checked::Gone => Err(SessionError::unauthorised()),
            Checked::Refused => Err(refused("the core does not accept it any more")),
        }
    }

    /// The access token to use, of those that look like ours.
    pub(crate) fn present(&self, request: &Parts, allowed: Allowed) -> Result<Option<(Transfer, Presented)>, SessionError> {
        let headers = &request.headers;
        let names = self.config().names(request);
        let [legacy, cookie] = cookie::find(headers, [cookie::LEGACY, names.cookie(Token::Access)]);
        if legacy.value.is_some() {
            return Err(refused("a cookie of an old SDK is there"));
        }
        let header = transfer::bearer(headers).and_then(|text| self.parse(text));
        let presented = cookie.value.and_then(|text| self.parse(&text));
        let selected = transfer::select(allowed, header, presented);
        if matches!(selected, Some((Transfer::Cookie, _))) && cookie.is_duplicated {
            return Err(refused("there are two cookies with access tokens"));
        }
        if selected.is_none() && allowed != Allowed::Only(Transfer::Header) && self.has_plain_access_cookie(request) {
            return Err(refused("its cookie is of the time before cookies had prefixes"));
        }
        Ok(selected)
    }

    /// Takes the tokens away from the client if the error says so.
    pub(crate) fn raise(&self, request: &Parts, error: SessionError) -> SessionError {
        match self.exchange(request) {
            Ok(exchange) => exchange.raise(error),
            Err(_missing) => error,
        }
    }

    fn has_plain_access_cookie(&self, request: &Parts) -> bool {
        let plain = self.config().plain_cookies(request);
        let is_ours = |name: &str| cookie::value(&request.headers, name).is_some_and(|text| self.parse(&text).is_some());
        plain.iter().any(|(token, name)| *token == Token::Access && is_ours(name))
    }
}

impl Session {
    /// Keeps it with its request, for whoever asks next.
    pub(crate) fn remember(&self, request: &mut Parts) {
        let session = self.clone();
        match request.extensions.get_mut::<Verified>() {
            Some(Verified { others, .. }) => others.push(session),
            None => drop(request.extensions.insert(Verified { session, others: Vec::new() })),
        }
    }
}

fn refused(why: &str) -> SessionError {
    tracing::debug!("an access token is refused: {why}");
    SessionError::TryRefresh
}
