//! The tower layer: what a request passes on its way in, and its response on the way out.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::{Hallpass, exchange::Exchange};

/// Serves the session routes, writes what sessions change on responses, and gives errors their configured form.
#[derive(Clone, Debug)]
pub struct HallpassLayer {
    hallpass: Hallpass,
}

impl HallpassLayer {
    pub(crate) const fn new(hallpass: Hallpass) -> Self {
        Self { hallpass }
    }
}

impl<S> Layer<S> for HallpassLayer {
    type Service = HallpassService<S>;

    fn layer(&self, inner: S) -> HallpassService<S> {
        HallpassService { hallpass: self.hallpass.clone(), inner }
    }
}

/// A service with sessions. See [`HallpassLayer`].
#[derive(Clone, Debug)]
pub struct HallpassService<S> {
    hallpass: Hallpass,
    inner: S,
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for HallpassService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    ResponseBody: From<Bytes>,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = HallpassFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        if self.hallpass.is_serving(&parts) {
            // this layer is there twice: the outer one does the work
            return HallpassFuture::App { response: self.inner.call(Request::from_parts(parts, body)), exchange: None };
        }
        let exchange = Exchange::begin(&self.hallpass, &mut parts);
        match self.hallpass.own_route(&parts.method, parts.uri.path()) {
            Some(route) => {
                let hallpass = self.hallpass.clone();
                HallpassFuture::Own { response: Box::pin(async move { hallpass.answer(route, &parts).await }), exchange }
            }
            None => HallpassFuture::App { response: self.inner.call(Request::from_parts(parts, body)), exchange: Some(exchange) },
        }
    }
}

pin_project! {
    /// The response of a [`HallpassService`] on its way.
    #[project = Projected]
    #[must_use = "futures do nothing unless they are polled"]
    pub enum HallpassFuture<F> {
        /// Of one of the session routes.
        #[doc(hidden)]
        Own { response: Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>, exchange: Exchange },
        /// Of the app.
        #[doc(hidden)]
        App { #[pin] response: F, exchange: Option<Exchange> },
    }
}

impl<F, ResponseBody, E> Future for HallpassFuture<F>
where
    F: Future<Output = Result<Response<ResponseBody>, E>>,
    ResponseBody: From<Bytes>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (mut response, exchange) = match self.project() {
            Projected::Own { response, exchange } => (ready!(response.as_mut().poll(context)).map(ResponseBody::from), Some(&*exchange)),
            Projected::App { response, exchange } => (ready!(response.poll(context))?, exchange.as_ref()),
        };
        if let Some(exchange) = exchange {
            exchange.finish(&mut response);
        }
        Poll::Ready(Ok(response))
    }
}

/// The service that said it was ready. Its clone may not be, and is left for next time.
pub(crate) fn take_ready<S: Clone>(service: &mut S) -> S {
    let not_ready = service.clone();
    std::mem::replace(service, not_ready)
}
