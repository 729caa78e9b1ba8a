//! Extractors and error responses for actix-web.

use std::{
    convert::Infallible,
    fmt,
    future::{Ready, ready},
    ops::Deref,
    pin::Pin,
    rc::Rc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError, dev::Payload, http::StatusCode, web::Data};
use http::request::Parts;
use tokio::sync::OnceCell;

use super::convert;
use crate::{
    Hallpass,
    claims::{Anybody, GlobalValidators, Requirement},
    error::SessionError,
    read_session::ReadSession,
    require::Require,
    session::Session,
    sign_in::SignIn,
    verify::VerifyOptions,
};

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, SessionError>>>>;

/// The head of a request as the functions of [`Hallpass`] take it: for options, and for what no extractor does. What they do to
/// sessions goes out with the response.
///
/// ```
/// use hallpass::{Hallpass, SessionError, VerifyOptions, actix::Head};
///
/// /// Asks the database whether the session still exists.
/// async fn pay(hallpass: Hallpass, head: Head) -> Result<String, SessionError> {
///     let options = VerifyOptions { check_database: true, ..VerifyOptions::default() };
///     let session = hallpass.session(&head, &options).await?;
///     Ok(format!("{} has paid", session.user_id()))
/// }
/// # let _ = actix_web::App::new().route("/pay", actix_web::web::post().to(pay));
/// ```
///
/// Inside the middleware it is the request as it passed that.
#[derive(Clone)]
pub struct Head(pub(super) Rc<Parts>);

impl Head {
    /// As the extractor, where there is only a request: in a middleware, `Head::of(request.request())`.
    pub fn of(request: &HttpRequest) -> Self {
        let left = request.extensions().get::<Self>().cloned();
        let Self(parts) = left.unwrap_or_else(|| Self(Rc::new(convert::parts(request.head()))));
        Self(named_here(request, parts))
    }
}

impl Deref for Head {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Without its headers: the client's tokens are among them.
impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head").field("method", &self.method).field("path", &self.uri.path()).finish_non_exhaustive()
    }
}

impl FromRequest for Head {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// The request with the SDK that the app named as data where it is by now: a scope may name another one than the app around it.
fn named_here(request: &HttpRequest, mut parts: Rc<Parts>) -> Rc<Parts> {
    let shared = || request.app_data::<Data<Hallpass>>().map(|data| &***data);
    if let Some(named) = request.app_data::<Hallpass>().or_else(shared)
        && !parts.extensions.get().is_some_and(|known: &Hallpass| known.is(named))
    {
        Rc::make_mut(&mut parts).extensions.insert(named.clone());
    }
    parts
}

/// A request on its way in: its head as it is now, and what the middleware of another app has left, if there is one outside.
pub(super) fn arriving(request: &HttpRequest, left: Option<&Head>) -> Parts {
    let mut parts = convert::parts(request.head());
    if let Some(Head(left)) = left {
        parts.extensions.extend(left.extensions.clone());
    }
    Rc::unwrap_or_clone(named_here(request, Rc::new(parts)))
}

/// The sessions of a request, one at most of each app. Of their claims nothing was demanded.
#[derive(Clone)]
struct Verified {
    hallpass: Hallpass,
    session: Rc<OnceCell<Option<Session>>>,
}

impl Verified {
    fn of(request: &HttpRequest, hallpass: &Hallpass) -> Self {
        let mut extensions = request.extensions_mut();
        let of_each_app = extensions.get_mut::<Vec<Self>>();
        if let Some(verified) = of_each_app.iter().flat_map(|apps| apps.iter()).find(|verified| verified.hallpass.is(hallpass)) {
            return verified.clone();
        }
        let verified = Self { hallpass: hallpass.clone(), session: Rc::default() };
        match of_each_app {
            Some(apps) => apps.push(verified.clone()),
            None => drop(extensions.insert(vec![verified.clone()])),
        }
        verified
    }
}

/// Verified once per request, however many extractors ask; what they demand is demanded each time. The extractors of a handler
/// run at the same time: were there two sessions, neither would see what is changed through the other.
async fn session<R: Requirement>(request: &HttpRequest) -> Result<Option<Session>, SessionError> {
    let Head(parts) = Head::of(request);
    let hallpass = Hallpass::of(&parts)?;
    let options = VerifyOptions::default();
    let verified = Verified::of(request, &hallpass);
    let session = verified.session.get_or_try_init(|| hallpass.verified_session(&parts, &options)).await?;
    let Some(session) = session.clone() else { return Ok(None) };
    hallpass.assert_required::<R>(&parts, &session, &GlobalValidators::kept()).await?;
    Ok(Some(session))
}

impl FromRequest for Hallpass {
    type Error = SessionError;
    type Future = Ready<Result<Self, SessionError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Self::of(&Head::of(request).0).map_err(SessionError::from))
    }
}

impl FromRequest for SignIn {
    type Error = SessionError;
    type Future = Ready<Result<Self, SessionError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let Head(parts) = Head::of(request);
        ready(Hallpass::of(&parts).map(|hallpass| hallpass.sign_in(&parts)).map_err(SessionError::from))
    }
}

impl FromRequest for Session {
    type Error = SessionError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { session::<Anybody>(&request).await?.ok_or(SessionError::Unauthorised { clear: false }) })
    }
}

impl<R: Requirement> FromRequest for Require<R> {
    type Error = SessionError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let session = session::<R>(&request).await?.ok_or(SessionError::Unauthorised { clear: false })?;
            Ok(Self::new(session))
        })
    }
}

/// The session of a request, if it has one.
///
/// Not `Option<Session>`: that compiles too, but actix-web takes every error for absence, so that a visitor whose access
/// token has just expired would look like a stranger instead of being told to refresh.
#[derive(Clone, Debug)]
pub struct MaybeSession(pub Option<Session>);

impl Deref for MaybeSession {
    type Target = Option<Session>;

    fn deref(&self) -> &Option<Session> {
        &self.0
    }
}

impl FromRequest for MaybeSession {
    type Error = SessionError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { session::<Anybody>(&request).await.map(Self) })
    }
}

impl FromRequest for ReadSession {
    type Error = SessionError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let head = Head::of(request);
        Box::pin(async move { Hallpass::of(&head)?.read_session(&head).await })
    }
}

impl ResponseError for SessionError {
    fn status_code(&self) -> StatusCode {
        convert::status(self.status())
    }

    fn error_response(&self) -> HttpResponse {
        convert::response(self.to_response())
    }
}
