//! A tower layer that lets only some sessions in.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use tower_layer::Layer;
use tower_service::Service;

use super::{GlobalValidators, Validator};
use crate::{Hallpass, error::SessionError, layer::take_ready};

impl Hallpass {
    /// A layer for routes that have something in common: it lets in sessions that fulfil all these validators, and what the
    /// app demands of every session. It belongs inside [`Hallpass::layer`].
    ///
    /// ```
    /// # #[cfg(feature = "axum")] mod app {
    /// use axum::{Router, routing::get};
    /// use hallpass::{Hallpass, roles::has_role};
    ///
    /// fn app(hallpass: &Hallpass) -> Router {
    ///     let office = Router::new()
    ///         .route("/figures", get(async || "42"))
    ///         .route_layer(hallpass.require([has_role("admin")]));
    ///     Router::new().merge(office).layer(hallpass.layer())
    /// }
    /// # }
    /// ```
    ///
    /// Without validators it lets every session in, and nobody else.
    ///
    /// # Security
    /// Nor any method: `OPTIONS` and `TRACE` never have a session, so they are answered by 401 too. What an app answers to every
    /// method (`any` of axum) would be open otherwise. So a CORS layer, which answers preflights, goes outside.
    pub fn require(&self, validators: impl IntoIterator<Item = Validator>) -> RequireLayer {
        RequireLayer { hallpass: self.clone(), validators: validators.into_iter().collect() }
    }
}

/// Lets sessions in that fulfil something. See [`Hallpass::require`].
#[derive(Clone, Debug)]
pub struct RequireLayer {
    hallpass: Hallpass,
    validators: Arc<[Validator]>,
}

impl RequireLayer {
    async fn admit(&self, request: &mut Parts) -> Result<(), SessionError> {
        let session = self.hallpass.session_once(request).await?.ok_or(SessionError::Unauthorised { clear: false })?;
        let mut validators = self.hallpass.demanded(request, &session, &GlobalValidators::kept());
        validators.extend(self.validators.iter().cloned());
        session.assert_claims(&validators).await
    }
}

impl<S> Layer<S> for RequireLayer {
    type Service = RequireService<S>;

    fn layer(&self, inner: S) -> RequireService<S> {
        RequireService { layer: self.clone(), inner }
    }
}

/// A service for some sessions only. See [`Hallpass::require`].
#[derive(Clone, Debug)]
pub struct RequireService<S> {
    layer: RequireLayer,
    inner: S,
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for RequireService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone + Send + 'static,
    S::Future: Send,
    RequestBody: Send + 'static,
    ResponseBody: From<Bytes>,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let mut inner = take_ready(&mut self.inner);
        let layer = self.layer.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            match layer.admit(&mut parts).await {
                Ok(()) => inner.call(Request::from_parts(parts, body)).await,
                Err(error) => Ok(error.to_response().map(ResponseBody::from)),
            }
        })
    }
}
