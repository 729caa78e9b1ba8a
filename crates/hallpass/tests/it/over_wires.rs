//! The tables once more, over real connections: what holds for values holds for HTTP/1 and HTTP/2.

use std::sync::Arc;

use axum::{Router, body::Body, extract::Request, response::Response};
use http::Uri;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::{net::TcpListener, task::AbortHandle};

use super::{outcomes, races, transfer};
use crate::world::*;

/// The version of HTTP that a client speaks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wire {
    Http1,
    /// With prior knowledge: there is no TLS here that could agree on it.
    Http2,
}

pub(crate) const WIRES: [Wire; 2] = [Wire::Http1, Wire::Http2];

/// Ends with the app that is reached through it.
struct Server(AbortHandle);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Wire {
    /// The world, with its app at the other end of a connection.
    pub(crate) fn to(self, mut world: World) -> World {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (listener, app) = (TcpListener::from_std(listener).unwrap(), world.app);
        let server = Arc::new(Server(tokio::spawn(async move { axum::serve(listener, app).await }).abort_handle()));
        let client = Client::builder(TokioExecutor::new()).http2_only(self == Self::Http2).build_http();
        world.app = Router::new().fallback(async move |request: Request| -> Response {
            let _serves = &server;
            let (mut parts, body) = request.into_parts();
            parts.uri = Uri::try_from(format!("http://{address}{}", parts.uri)).unwrap();
            let response = client.request(Request::from_parts(parts, body)).await.unwrap();
            assert_eq!(response.version() == http::Version::HTTP_2, self == Self::Http2);
            let mut response = response.map(Body::new);
            // they came from a socket: how they print says nothing of how the SDK would print them
            response.headers_mut().values_mut().for_each(|value| value.set_sensitive(true));
            response
        });
        world
    }
}

#[tokio::test]
async fn every_situation_of_a_request_has_its_verdict() {
    for wire in WIRES {
        outcomes::verification(|world| wire.to(world)).await;
    }
}

#[tokio::test]
async fn every_situation_of_a_refresh_has_its_ending() {
    for wire in WIRES {
        outcomes::refreshing(|world| wire.to(world)).await;
    }
}

#[tokio::test]
async fn the_refresh_token_that_is_used_decides_what_is_set_and_what_is_cleared() {
    for wire in WIRES {
        transfer::refreshing(|world| wire.to(world)).await;
    }
}

#[tokio::test]
async fn two_tabs_that_refresh_at_once_converge() {
    for wire in WIRES {
        races::tabs(|world| wire.to(world)).await;
    }
}
