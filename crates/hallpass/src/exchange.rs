//! A request under way, and what its response is going to carry.

use std::{
    borrow::Cow,
    fmt, iter,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use hallpass_engine::core::{Issued, IssuedRefresh, TokenText};
use http::{
    Response,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
    request::Parts,
};

use crate::{
    Hallpass,
    cookie::ACCESS_COOKIE_AGE,
    error::{Misuse, Raised, SessionError},
    fetch_metadata::is_foreign,
    front_token::front_token,
    names::{Names, Token},
    outgoing::{Access, CookieRules, Older, Outgoing},
    site::SameSite,
    transfer::Transfer,
};

impl Hallpass {
    /// The SDK that serves a request: the layer put it into the request's extensions, or the app did, by an
    /// `axum::Extension` or otherwise. Of several the innermost counts.
    ///
    /// # Errors
    /// [`Misuse::LayerMissing`].
    pub fn of(request: &Parts) -> Result<Self, Misuse> {
        Self::serving(request).cloned().ok_or(Misuse::LayerMissing)
    }

    /// As [`Hallpass::of`], without counting one more holder: all threads would have to agree on that.
    pub(crate) fn serving(request: &Parts) -> Option<&Self> {
        match (Exchange::innermost(request), request.extensions.get::<Self>()) {
            (Some(exchange), Some(named)) if !exchange.was_inside(named) => Some(named),
            (Some(exchange), _) => Some(&exchange.0.hallpass),
            (None, named) => named,
        }
    }

    /// The exchange whose response this SDK writes to. Of those around a request it is the innermost that is its own: what
    /// another app's writes would follow that app's rules.
    pub(crate) fn exchange<'a>(&self, request: &'a Parts) -> Result<&'a Exchange, Misuse> {
        let mut around = iter::successors(Exchange::innermost(request), |exchange| exchange.0.outer.as_ref());
        around.find(|exchange| exchange.0.hallpass.is(self)).ok_or(Misuse::LayerMissing)
    }

    /// Whether the request is in the hands of this very SDK already, and of no other one since.
    pub(crate) fn is_serving(&self, request: &Parts) -> bool {
        let serves = Self::serving(request).is_some_and(|serving| serving.is(self));
        serves && Exchange::innermost(request).is_some_and(|exchange| exchange.0.hallpass.is(self))
    }
}

/// A request under way: what sessions change on its response is kept here until the response leaves.
///
/// The adapters of this crate begin and finish it by themselves. For any other framework with [`http`] types, or types
/// that convert to them, it is the way to integrate:
///
/// ```
/// use bytes::Bytes;
/// use hallpass::{Exchange, Hallpass, SessionError, VerifyOptions};
/// use http::{Request, Response, request::Parts};
///
/// async fn serve(hallpass: Hallpass, request: Request<Bytes>) -> Response<Bytes> {
///     let (mut parts, body) = request.into_parts();
///     let exchange = Exchange::begin(&hallpass, &mut parts);
///     let mut response = match hallpass.serve(&parts).await {
///         Some(response) => response, // refresh, sign-out, public keys
///         None => app(&hallpass, &parts, body).await.unwrap_or_else(|error| error.to_response()),
///     };
///     exchange.finish(&mut response);
///     response
/// }
///
/// async fn app(hallpass: &Hallpass, request: &Parts, _body: Bytes) -> Result<Response<Bytes>, SessionError> {
///     match request.uri.path() {
///         // check the password here
///         "/login" => {
///             hallpass.sign_in(request).user("alice").await?;
///             Ok(Response::default())
///         }
///         _ => {
///             let session = hallpass.session(request, &VerifyOptions::default()).await?;
///             Ok(Response::new(session.user_id().to_string().into()))
///         }
///     }
/// }
/// ```
///
/// Hand `session`, `sign_in` and `refresh` these very parts, or others with the same extensions: all clones write to the
/// same response. A framework that keeps headers in types of its own can copy them into a `Response<()>` and back.
#[derive(Clone)]
pub struct Exchange(Arc<Inner>);

struct Inner {
    hallpass: Hallpass,
    /// That of another app, whose layer is outside this one's.
    outer: Option<Exchange>,
    /// The SDK that the app had put into the request's extensions before.
    named_outside: Option<Hallpass>,
    /// As it arrived; kept for hooks and claim sources, if they want it.
    request: Option<Arc<Parts>>,
    names: Names,
    /// What the client still has of the time before its cookies had prefixes.
    plain: Vec<(Token, Cow<'static, str>)>,
    same_site: SameSite,
    /// Whether errors may take tokens away: not for a page of another site, which would log its visitors out here.
    clears: bool,
    /// `None` once the response is on its way.
    outgoing: Mutex<Option<Outgoing>>,
}

impl Exchange {
    /// Notes in the request's extensions that somebody writes to its response: whoever calls this, by
    /// [`Exchange::finish`].
    pub fn begin(hallpass: &Hallpass, request: &mut Parts) -> Self {
        let config = hallpass.config();
        let exchange = Self(Arc::new(Inner {
            outer: Self::innermost(request).cloned(),
            named_outside: request.extensions.get().cloned(),
            request: (config.hooks.is_some() || config.claims_see_requests).then(|| Arc::new(request.clone())),
            names: config.names(request),
            plain: config.plain_cookies(request),
            same_site: config.same_site(request),
            clears: !is_foreign(&request.headers),
            outgoing: Mutex::new(Some(Outgoing::default())),
            hallpass: hallpass.clone(),
        }));
        request.extensions.insert(exchange.clone());
        exchange
    }

    fn innermost(request: &Parts) -> Option<&Self> {
        request.extensions.get()
    }

    /// Whether this began when the app had put that SDK into the request's extensions already.
    fn was_inside(&self, named: &Hallpass) -> bool {
        self.0.named_outside.as_ref().is_some_and(|outside| outside.is(named))
    }

    /// The request as it arrived, for hooks.
    pub(crate) fn request(&self) -> Option<&Parts> {
        self.0.request.as_deref()
    }

    /// The request as it arrived, for the sources of claims.
    pub(crate) fn request_for_claims(&self) -> Option<Arc<Parts>> {
        self.0.request.clone().filter(|_| self.0.hallpass.config().claims_see_requests)
    }

    /// Sends the tokens of a session that was just created or refreshed.
    pub(crate) fn attach(&self, transfer: Transfer, issued: &Issued) -> Result<(), Misuse> {
        let Issued { handle: _, user, access, refresh, anti_csrf } = issued;
        let front_token = front_token(user, access.expires_at, &access.claims);
        self.attach_access(transfer, &access.token, front_token, anti_csrf.as_deref())?;
        self.attach_refresh(transfer, refresh)?;
        // what it has of before the prefixes belongs to the session that this one replaces
        self.change(|outgoing, rules| self.expire_plain(outgoing, rules))
    }

    /// Sends a refresh token.
    pub(crate) fn attach_refresh(&self, transfer: Transfer, refresh: &IssuedRefresh) -> Result<(), Misuse> {
        if transfer == Transfer::Cookie && refresh.expires_at > self.0.hallpass.now() + ACCESS_COOKIE_AGE {
            tracing::warn!(
                "refresh tokens live longer than the cookie of access tokens: clients that stay away for a year must sign in again"
            );
        }
        self.change(|outgoing, rules| {
            outgoing.attach_refresh(rules, transfer, refresh.token.expose(), refresh.expires_at);
            if transfer == Transfer::Cookie {
                self.expire_plain(outgoing, rules);
            }
        })
    }

    /// Sends an access token in place of the one that the client has.
    pub(crate) fn attach_access(
        &self,
        transfer: Transfer,
        access: &TokenText,
        front_token: String,
        anti_csrf: Option<&str>,
    ) -> Result<(), Misuse> {
        let now = self.0.hallpass.now();
        let access = Access { token: access.expose(), front_token, anti_csrf };
        self.change(|outgoing, rules| outgoing.attach_access(rules, transfer, access, now))
    }

    pub(crate) fn clear(&self, transfer: Transfer) -> Result<(), Misuse> {
        self.change(|outgoing, rules| {
            outgoing.clear(rules, transfer);
            if transfer == Transfer::Cookie {
                self.expire_plain(outgoing, rules);
            }
        })
    }

    /// Deletes what the client still has of the time before its cookies had prefixes.
    fn expire_plain(&self, outgoing: &mut Outgoing, rules: CookieRules<'_>) {
        let domain = rules.config.older_cookie_domain.as_ref().filter(|domain| !domain.is_empty());
        for (token, name) in &self.0.plain {
            outgoing.expire_older(rules, *token, Older { name: name.clone(), domain: domain.cloned() });
        }
    }

    /// Tells browsers what to forget when a user leaves.
    pub(crate) fn leave(&self) -> Result<(), Misuse> {
        self.change(|outgoing, rules| outgoing.clear_site_data(rules.config.hardening.clear_site_data.clone()))
    }

    pub(crate) fn expire_legacy(&self) -> Result<(), Misuse> {
        self.change(Outgoing::expire_legacy)
    }

    pub(crate) fn expire_older(&self, token: Token, older: Older) -> Result<(), Misuse> {
        self.change(|outgoing, rules| outgoing.expire_older(rules, token, older))
    }

    /// Takes the client's tokens away if the error says so, whatever the app makes of it afterwards.
    pub(crate) fn raise(&self, error: SessionError) -> SessionError {
        if error.clears() {
            self.clear_all();
        }
        error
    }

    fn clear_all(&self) {
        if self.0.clears {
            self.take_back();
        }
    }

    /// Takes all tokens away from the client, also those that this very response was going to bring.
    pub(crate) fn take_back(&self) {
        // a response that is gone cannot clear anything: the client's next request will
        let _gone = self.change(|outgoing, rules| {
            outgoing.clear_all(rules);
            self.expire_plain(outgoing, rules);
        });
    }

    /// Whether the response can still change.
    pub(crate) fn check_open(&self) -> Result<(), Misuse> {
        self.change(|_, _| ())
    }

    fn change(&self, change: impl FnOnce(&mut Outgoing, CookieRules<'_>)) -> Result<(), Misuse> {
        let mut outgoing = self.0.outgoing.lock().unwrap_or_else(PoisonError::into_inner);
        let outgoing = outgoing.as_mut().ok_or(Misuse::ResponseSent)?;
        change(outgoing, CookieRules { config: self.0.hallpass.config(), names: &self.0.names, same_site: self.0.same_site });
        Ok(())
    }

    /// Writes everything to the response, and gives errors that became responses ([`SessionError::to_response`]) the form
    /// that the app chose. Sessions of the request that are still around cannot change it any more.
    pub fn finish<B: From<Bytes>>(&self, response: &mut Response<B>) {
        if let Some(body) = self.finish_head(response) {
            *response.body_mut() = body.into();
        }
    }

    /// As [`Exchange::finish`], for bodies of other types: returns the one to be sent instead, if there is one.
    #[must_use]
    pub fn finish_head<B>(&self, response: &mut Response<B>) -> Option<Bytes> {
        let mut body = None;
        if let Some(Raised(error)) = response.extensions_mut().remove() {
            // where the app chose another status, it has spoken
            if response.status() == error.status() {
                body = self.answer(&error, response);
            }
            if error.clears() {
                self.clear_all();
            }
        }
        let outgoing = self.0.outgoing.lock().unwrap_or_else(PoisonError::into_inner).take();
        outgoing.unwrap_or_default().render(&self.0.names, response.headers_mut());
        body
    }

    fn answer<B>(&self, error: &SessionError, response: &mut Response<B>) -> Option<Bytes> {
        let config = self.0.hallpass.config();
        *response.status_mut() = match error {
            SessionError::Unauthorised { .. } | SessionError::TryRefresh | SessionError::TokenTheft { .. } => config.session_expired_status,
            SessionError::InvalidClaims(_) => config.invalid_claim_status,
            other => other.status(),
        };
        let (hooks, _) = self.0.hallpass.hooks(self.request())?;
        hooks.answer(error, self.request()?).map(|answer| replace_head(response, answer))
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("same_site", &self.0.same_site).finish_non_exhaustive()
    }
}

/// The answer of a hook in place of the default one: its body is returned. What else was said in headers stays.
fn replace_head<B>(response: &mut Response<B>, answer: Response<Bytes>) -> Bytes {
    let (parts, body) = answer.into_parts();
    *response.status_mut() = parts.status;
    let headers = response.headers_mut();
    for name in parts.headers.keys().chain([&CONTENT_TYPE, &CONTENT_LENGTH]) {
        headers.remove(name);
    }
    let mut last = None;
    for (name, value) in parts.headers {
        last = name.or(last);
        if let Some(name) = &last {
            headers.append(name, value);
        }
    }
    body
}
