//! Sessions in a server of bare hyper. Any framework whose requests and responses are, or convert to, those of the crate
//! `http` integrates like this: what `serve` does is all there is to it.

use std::{convert::Infallible, io, net::IpAddr};

use bytes::Bytes;
use hallpass::{Exchange, Hallpass, PeerAddress, SessionError, VerifyOptions};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response, StatusCode, body::Incoming, header::CONTENT_TYPE, http::request::Parts, server::conn::http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// How much a client may send, in bytes.
const BODY_LIMIT: usize = 1024;

/// Serves connections for as long as the listener lasts.
///
/// # Errors
/// Those of the listener.
pub async fn run(listener: TcpListener, hallpass: Hallpass) -> io::Result<()> {
    loop {
        let (connection, peer) = listener.accept().await?;
        let hallpass = hallpass.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| serve(hallpass.clone(), peer.ip(), request));
            if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(connection), service).await {
                eprintln!("a connection broke: {error}");
            }
        });
    }
}

/// One request: begin, let Hallpass or the app answer, finish.
async fn serve(hallpass: Hallpass, peer: IpAddr, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(PeerAddress(peer)); // for limits per address, if there are any
    let exchange = Exchange::begin(&hallpass, &mut parts);
    let mut response = match hallpass.serve(&parts).await {
        Some(response) => response,
        None => app(&hallpass, &parts, body).await.unwrap_or_else(|error| error.to_response()),
    };
    exchange.finish(&mut response);
    Ok(response.map(Full::new))
}

/// The app itself.
async fn app(hallpass: &Hallpass, request: &Parts, body: Incoming) -> Result<Response<Bytes>, SessionError> {
    match (request.method.as_str(), request.uri.path()) {
        ("POST", "/login") => {
            let Some(user) = name(body).await else { return Ok(answer(StatusCode::BAD_REQUEST, "send your name")) };
            // check a password here
            let session = hallpass.sign_in(request).user(user).await?;
            Ok(answer(StatusCode::OK, format!("hello, {}", session.user_id())))
        }
        ("GET", "/me") => {
            let session = hallpass.session(request, &VerifyOptions::default()).await?;
            Ok(answer(StatusCode::OK, session.user_id().to_string()))
        }
        _ => Ok(answer(StatusCode::NOT_FOUND, "there is nothing here")),
    }
}

async fn name(body: Incoming) -> Option<String> {
    let bytes = Limited::new(body, BODY_LIMIT).collect().await.ok()?.to_bytes();
    String::from_utf8(bytes.to_vec()).ok().filter(|name| !name.is_empty())
}

fn answer(status: StatusCode, text: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
