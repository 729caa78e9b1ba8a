//! Extractors and responses for axum.

use axum::{
    body::Body,
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};

use crate::{
    Hallpass,
    claims::{Anybody, GlobalValidators, Requirement},
    error::{Misuse, SessionError},
    exchange::Exchange,
    read_session::ReadSession,
    require::Require,
    routes::Route,
    session::Session,
    sign_in::SignIn,
    site::without_trailing_slash,
    verify::VerifyOptions,
};

/// The session of a request that fulfils `R`.
async fn session<R: Requirement>(request: &mut Parts) -> Result<Option<Session>, SessionError> {
    let hallpass = Hallpass::serving(request).ok_or(Misuse::LayerMissing)?;
    let session = match hallpass.known_session(request) {
        Some(session) => session,
        None => {
            let Some(session) = hallpass.verified_session(request, &VerifyOptions::default()).await? else { return Ok(None) };
            session.remember(request);
            session
        }
    };
    session.hallpass().assert_required::<R>(request, &session, &GlobalValidators::kept()).await?;
    Ok(Some(session))
}

impl<S: Send + Sync> FromRequestParts<S> for Hallpass {
    type Rejection = SessionError;

    async fn from_request_parts(request: &mut Parts, _state: &S) -> Result<Self, SessionError> {
        Ok(Hallpass::of(request)?)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignIn {
    type Rejection = SessionError;

    async fn from_request_parts(request: &mut Parts, _state: &S) -> Result<Self, SessionError> {
        Ok(Hallpass::of(request)?.sign_in(request))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = SessionError;

    async fn from_request_parts(request: &mut Parts, _state: &S) -> Result<Self, SessionError> {
        session::<Anybody>(request).await?.ok_or(SessionError::Unauthorised { clear: false })
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Session {
    type Rejection = SessionError;

    async fn from_request_parts(request: &mut Parts, _state: &S) -> Result<Option<Self>, SessionError> {
        session::<Anybody>(request).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ReadSession {
    type Rejection = SessionError;

    async fn from_request_parts(request: &mut Parts, _state: &S) -> Result<Self, SessionError> {
        Hallpass::of(request)?.read_session(request).await
    }
}

impl<R: Requirement, S: Send + Sync> FromRequestParts<S> for Require<R> {
    type Rejection = SessionError;

    async fn from_request_parts(request: &mut Parts, _state: &S) -> Result<Self, SessionError> {
        let session = session::<R>(request).await?.ok_or(SessionError::Unauthorised { clear: false })?;
        Ok(Self::new(session))
    }
}

impl IntoResponse for SessionError {
    fn into_response(self) -> Response {
        self.to_response().map(Body::from)
    }
}

impl Hallpass {
    /// The session routes, for apps that cannot put the layer on their outermost router. Nest them at the API's base path.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> axum::Router<S> {
        let hallpass = self.clone();
        axum::Router::new().fallback(move |request: axum::extract::Request| async move { hallpass.answer_nested(request).await })
    }

    /// As the layer does it. The router has taken the base path off already.
    async fn answer_nested(self, request: axum::extract::Request) -> Response {
        let (mut parts, _body) = request.into_parts();
        let route = Route::find(&parts.method, without_trailing_slash(parts.uri.path()));
        let Some(route) = route.filter(|route| !self.config().disabled.contains(route)) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        if self.exchange(&parts).is_ok() {
            return self.answer(route, &parts).await.map(Body::from);
        }
        let exchange = Exchange::begin(&self, &mut parts);
        let mut response = self.answer(route, &parts).await.map(Body::from);
        exchange.finish(&mut response);
        response
    }
}
