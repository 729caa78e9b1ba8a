//! The tower layer: what a request passes on its way in, and its response on the way out.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
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
        let hallpass = self.hallpass.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            if hallpass.is_serving(&parts) {
                // this layer is there twice: the outer one does the work
                return inner.call(Request::from_parts(parts, body)).await;
            }
            let exchange = Exchange::begin_with(hallpass, &mut parts);
            let mut response = match exchange.hallpass().serve(&parts).await {
                Some(response) => response.map(ResponseBody::from),
                None => inner.call(Request::from_parts(parts, body)).await?,
            };
            exchange.finish(&mut response);
            Ok(response)
        })
    }
}

/// The service that said it was ready. Its clone may not be, and is left for next time.
pub(crate) fn take_ready<S: Clone>(service: &mut S) -> S {
    let not_ready = service.clone();
    std::mem::replace(service, not_ready)
}
