//! Creating sessions.

use std::{collections::BTreeSet, fmt, pin::Pin};

use hallpass_engine::{
    access_token::UnverifiedAccessToken,
    core::{Created, Issued, NewSession, TokenText},
    id::{SessionHandle, Tenant, TenantId, UserId},
    session::JsonObject,
};
use http::request::Parts;
use serde::Serialize;

use crate::{
    Hallpass,
    claims::Subject,
    config::Purpose,
    cookie,
    csrf::AntiCsrf,
    error::{Misuse, SessionError},
    exchange::Exchange,
    hallpass::Device,
    names::Token,
    session::{Reply, Session, object},
    transfer::{self, Transfer},
};

/// What creating a session needs of the request that signs a user in.
#[derive(Clone)]
pub struct SignIn {
    hallpass: Hallpass,
    exchange: Result<Exchange, Misuse>,
    transfer: Transfer,
    /// The same, if no page of another site is behind the request.
    transfer_if_trusted: Transfer,
    /// Whether none is, as far as browsers tell.
    trusted: bool,
    /// The access tokens that the request carried. Nothing in them may be believed.
    header: Option<TokenText>,
    cookie: Option<TokenText>,
    refused_by_browsers: bool,
    device: Device,
}

impl SignIn {
    /// Creates a session for a user whose sign-in has succeeded. Await it, or add to it before.
    ///
    /// A session that the request still carried is revoked once the new one is there.
    pub fn user(&self, user: impl Into<UserId>) -> Creation {
        let anti_csrf = self.hallpass.config().issues_anti_csrf(self.transfer);
        Creation::new(self.hallpass.clone(), user.into(), anti_csrf, Some(self.clone()))
    }

    /// Signs in by cookies although a page of another site sent the request, which gets headers otherwise, or is refused where
    /// only cookies are allowed: for an identity provider that answers with a form (`response_mode=form_post`).
    ///
    /// ```
    /// # use hallpass::{SessionError, SignIn};
    /// async fn callback(sign_in: SignIn, state_is_this_browser_s: bool) -> Result<(), SessionError> {
    ///     if !state_is_this_browser_s {
    ///         return Err(SessionError::UntrustedOrigin);
    ///     }
    ///     sign_in.from_another_site().user("alice").await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Security
    /// Only where the app knows that this very browser began the sign-in, by the `state` of OAuth 2.0 (RFC 6749 §10.12) for
    /// example: any site could sign its visitors in to an account of its own otherwise.
    #[must_use]
    pub fn from_another_site(self) -> Self {
        Self { trusted: true, transfer: self.transfer_if_trusted, ..self }
    }

    /// Whether the tokens can be delivered, and may be.
    fn check(&self) -> Result<&Exchange, SessionError> {
        let exchange = self.exchange.as_ref().map_err(|missing| *missing)?;
        if self.transfer == Transfer::Cookie && !self.trusted {
            tracing::debug!("a sign-in is refused: a page of another site sent it, which is no trusted origin");
            return Err(SessionError::UntrustedOrigin);
        }
        if self.transfer == Transfer::Cookie && self.refused_by_browsers {
            return Err(SessionError::InsecureCookie);
        }
        exchange.check_open()?;
        Ok(exchange)
    }

    /// The living sessions whose access tokens the request carried: nobody holds their tokens after this response.
    async fn carried_sessions(&self) -> Result<BTreeSet<SessionHandle>, SessionError> {
        let mut handles = BTreeSet::new();
        for text in self.header.iter().chain(&self.cookie) {
            let Ok(token) = UnverifiedAccessToken::parse(text.expose()) else { continue };
            let keys = self.hallpass.core().verifying_keys(self.hallpass.app(), token.kid()).await?;
            handles.extend(token.verify(&keys, self.hallpass.now()).ok().map(|token| token.handle().clone()));
        }
        Ok(handles)
    }

    async fn revoke_carried(&self) -> Result<(), SessionError> {
        let handles: Vec<SessionHandle> = self.carried_sessions().await?.into_iter().collect();
        if !handles.is_empty() {
            let why = self.device.why("another session replaced it");
            self.hallpass.revoke(&handles, why).await?;
        }
        Ok(())
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("transfer", &self.transfer).finish_non_exhaustive()
    }
}

impl Hallpass {
    /// Reads what creating a session needs of a request.
    pub fn sign_in(&self, request: &Parts) -> SignIn {
        let headers = &request.headers;
        let allowed = self.config().allowed(request, Purpose::Create);
        let trusted = self.config().lets_sign_in(request);
        let names = [self.config().names(request), self.config().plain_names(request)];
        let cookie = names.iter().find_map(|names| cookie::value(headers, names.cookie(Token::Access)));
        SignIn {
            hallpass: self.clone(),
            exchange: self.exchange(request).cloned(),
            transfer: transfer::of_new_session(allowed, headers, trusted),
            transfer_if_trusted: transfer::of_new_session(allowed, headers, true),
            trusted,
            header: transfer::bearer(headers).map(TokenText::from),
            cookie: cookie.map(TokenText::from),
            refused_by_browsers: self.config().refuses_cookies(request, self.config().same_site(request)),
            device: Device::of(request),
        }
    }

    /// Creates a session where there is no request to answer; the caller delivers [`Session::tokens`].
    pub fn create_session(&self, user: impl Into<UserId>) -> Creation {
        let anti_csrf = self.config().anti_csrf_without_request() == AntiCsrf::Token;
        Creation::new(self.clone(), user.into(), anti_csrf, None)
    }
}

/// A session about to be created. Nothing happens before it is awaited.
#[must_use = "await it to create the session"]
pub struct Creation {
    hallpass: Hallpass,
    user: UserId,
    tenant: TenantId,
    payload: Result<JsonObject, Misuse>,
    data: Result<JsonObject, Misuse>,
    anti_csrf: bool,
    sign_in: Option<SignIn>,
}

impl Creation {
    fn new(hallpass: Hallpass, user: UserId, anti_csrf: bool, sign_in: Option<SignIn>) -> Self {
        let nothing = || Ok(JsonObject::new());
        Self { hallpass, user, tenant: TenantId::public(), payload: nothing(), data: nothing(), anti_csrf, sign_in }
    }

    /// Claims for the access token: a JSON object, which clients can read. Claims that only the engine may set are left
    /// out, so that the payload of another session can be reused.
    pub fn payload(self, payload: impl Serialize) -> Self {
        Self { payload: object(&payload), ..self }
    }

    /// What the app keeps with the session: a JSON object, which never leaves the server.
    pub fn data(self, data: impl Serialize) -> Self {
        Self { data: object(&data), ..self }
    }

    /// The tenant: the public one by default. A server must know it, or there is [`SessionError::UnknownTenant`].
    pub fn tenant(self, tenant: TenantId) -> Self {
        Self { tenant, ..self }
    }

    /// Leaves out the anti-CSRF token, for tokens that will not travel in cookies.
    pub fn without_anti_csrf(self) -> Self {
        Self { anti_csrf: false, ..self }
    }

    async fn create(self) -> Result<Session, SessionError> {
        let exchange = self.sign_in.as_ref().map(SignIn::check).transpose()?.cloned();
        let subject = Subject {
            user: self.user.clone(),
            recipe_user: self.user.clone(),
            tenant: self.tenant.clone(),
            payload: self.hallpass.config().new_payload(&self.payload?),
            hallpass: self.hallpass.clone(),
            request: exchange.as_ref().and_then(Exchange::request_for_claims),
        };
        let payload = self.hallpass.sources().build(subject).await?;
        let mut data = self.data?;
        if let Some(sign_in) = &self.sign_in {
            self.hallpass.record_device(&sign_in.device, &mut data);
        }
        let mut new = NewSession {
            tenant: Tenant { app: self.hallpass.app().clone(), tenant: self.tenant },
            user: self.user,
            payload,
            data,
            family: self.hallpass.config().key_family,
            anti_csrf: self.anti_csrf,
            access_token_validity: None,
            actor: self.sign_in.as_ref().and_then(|sign_in| sign_in.device.actor()),
        };
        let request = exchange.as_ref().and_then(Exchange::request);
        let hooks = self.hallpass.hooks(request);
        if let Some((hooks, context)) = hooks {
            hooks.creating(&mut new, context).await?;
        }
        let issued = match self.hallpass.core().session_create(new).await? {
            Created::Issued(issued) => *issued,
            Created::ProtectedClaim(name) => return Err(SessionError::ProtectedClaim(name)),
            Created::InvalidUser => return Err(SessionError::InvalidUser),
            Created::Banned => return Err(SessionError::Banned),
        };
        let session = match (self.sign_in, exchange.clone()) {
            (Some(sign_in), Some(exchange)) => deliver(sign_in, exchange, issued).await?,
            _ => Session::issued(&self.hallpass, issued, Device::UNKNOWN, Reply::NoRequest),
        };
        if let Some((hooks, context)) = hooks
            && let Err(error) = hooks.created(&session, context).await
        {
            undo(&self.hallpass, &session, exchange.as_ref()).await;
            return Err(error);
        }
        Ok(session)
    }
}

/// Ends a session that should not have begun, and leaves no token of it with the client.
async fn undo(hallpass: &Hallpass, session: &Session, exchange: Option<&Exchange>) {
    if let Some(exchange) = exchange {
        exchange.take_back();
    }
    let why = Device::UNKNOWN.why("a hook refused it");
    if let Err(error) = hallpass.revoke(std::slice::from_ref(session.handle()), why).await {
        // nobody holds its tokens; it ends by itself when it expires
        tracing::warn!(error = &error as &dyn std::error::Error, "a session that a hook refused could not be revoked");
    }
}

async fn deliver(sign_in: SignIn, exchange: Exchange, issued: Issued) -> Result<Session, SessionError> {
    let transfer = sign_in.transfer;
    if let Err(error) = sign_in.revoke_carried().await {
        // the user is signed in all the same; the old session ends by itself, at the latest when it expires
        tracing::warn!(error = &error as &dyn std::error::Error, "the session that a sign-in replaced could not be revoked");
    }
    let other = match transfer.other() {
        Transfer::Header => &sign_in.header,
        Transfer::Cookie => &sign_in.cookie,
    };
    if other.is_some() {
        exchange.clear(transfer.other())?;
    }
    exchange.attach(transfer, &issued)?;
    Ok(Session::issued(&sign_in.hallpass, issued, sign_in.device, Reply::To(exchange, transfer)))
}

impl IntoFuture for Creation {
    type Output = Result<Session, SessionError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.create())
    }
}

impl fmt::Debug for Creation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Creation").field("user", &self.user).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}
