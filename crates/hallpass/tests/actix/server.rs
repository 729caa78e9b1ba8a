//! An actix-web server on loopback, which looks like an axum router to the tests.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, mpsc},
    thread,
};

use actix_web::{
    App, Error, HttpServer,
    body::MessageBody,
    dev::{ServerHandle, ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::Next,
};
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    response::Response,
};
use hallpass::PeerAddress;
use http::Uri;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

/// Where a request is to look as if it came from: nowhere, if it is empty.
const PEER: &str = "x-test-peer";

/// A middleware that believes [`PEER`], outside all others.
pub(crate) async fn from_peer(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let peer = request.headers().get(PEER).and_then(|peer| peer.to_str().ok()?.parse().ok());
    request.head_mut().peer_addr = peer;
    next.call(request).await
}

/// Ends when the router does.
struct Server {
    handle: ServerHandle,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

pub(crate) fn start<T, B>(app: impl Fn() -> App<T> + Clone + Send + 'static) -> Router
where
    T: ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<B>, Error = Error, InitError = ()> + 'static,
    B: MessageBody + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (started, handle) = mpsc::channel();
    thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
            started.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    let server = Arc::new(Server { handle: handle.recv().unwrap(), address });
    let client = Client::builder(TokioExecutor::new()).build_http();
    Router::new().fallback(async move |request: Request| -> Response {
        let (mut parts, body) = request.into_parts();
        let connected = parts.extensions.get().map(|ConnectInfo(peer)| *peer);
        let peer = parts.extensions.get().map(|PeerAddress(address)| SocketAddr::new(*address, 0)).or(connected);
        parts.headers.insert(PEER, peer.map(|peer| peer.to_string()).unwrap_or_default().parse().unwrap());
        parts.uri = Uri::try_from(format!("http://{}{}", server.address, parts.uri)).unwrap();
        client.request(Request::from_parts(parts, body)).await.unwrap().map(Body::new)
    })
}
