//! What a request passes on its way in, and its response on the way out.

use std::{
    future::{Ready, ready},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    error::InternalError,
};

use super::{
    convert,
    extract::{Head, arriving},
};
use crate::{Hallpass, exchange::Exchange};

/// Serves the session routes, writes what sessions change on responses, and gives errors their configured form.
#[derive(Clone, Debug)]
pub struct Middleware {
    hallpass: Hallpass,
}

impl Middleware {
    pub(super) const fn new(hallpass: Hallpass) -> Self {
        Self { hallpass }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Middleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = MiddlewareService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(MiddlewareService { hallpass: self.hallpass.clone(), inner: Rc::new(inner) }))
    }
}

/// An app with sessions. See [`Middleware`].
#[derive(Debug)]
pub struct MiddlewareService<S> {
    hallpass: Hallpass,
    inner: Rc<S>,
}

impl<S, B> Service<ServiceRequest> for MiddlewareService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (hallpass, inner) = (self.hallpass.clone(), Rc::clone(&self.inner));
        Box::pin(async move {
            let left = request.extensions().get::<Head>().cloned();
            let mut parts = arriving(request.request(), left.as_ref());
            if hallpass.is_serving(&parts) {
                // this middleware is there twice: the outer one does the work
                return Ok(inner.call(request).await?.map_into_left_body());
            }
            let exchange = Exchange::begin(&hallpass, &mut parts);
            if let Some(response) = hallpass.serve(&parts).await {
                let response = finish_whole(&exchange, convert::response(response));
                return Ok(request.into_response(response).map_into_right_body());
            }
            request.extensions_mut().insert(Head(Rc::new(parts)));
            let served = inner.call(request).await;
            if let (Ok(response), Some(left)) = (&served, left) {
                // middlewares of the app around this one go on with its sessions
                response.request().extensions_mut().insert(left);
            }
            match served {
                Ok(mut response) => Ok(match convert::finish(&exchange, response.response_mut()) {
                    Some(body) => response.map_body(|_, _| BoxBody::new(body)).map_into_right_body(),
                    None => response.map_into_left_body(),
                }),
                Err(error) => Err(finish_error(&exchange, error)),
            }
        })
    }
}

/// An error of a middleware inside this one becomes a response further out: that response must carry our changes, too.
fn finish_error(exchange: &Exchange, error: Error) -> Error {
    let response = finish_whole(exchange, error.error_response());
    InternalError::from_response(error, response).into()
}

fn finish_whole(exchange: &Exchange, mut response: HttpResponse) -> HttpResponse {
    match convert::finish(exchange, &mut response) {
        Some(body) => response.set_body(BoxBody::new(body)),
        None => response,
    }
}
