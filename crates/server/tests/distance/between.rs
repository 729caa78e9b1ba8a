//! What stands between a client and a server: it keeps a record of the calls, and answers some of them by itself.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use hallpass::remote::RemoteCore;
use hallpass_engine::id::AppId;
use hallpass_testkit::clock::ManualClock;
use http::StatusCode;
use tokio::net::TcpListener;

use crate::world::World;

pub(crate) fn app() -> AppId {
    AppId::public()
}

/// The status that is answered to a call of this path, if the server is not asked.
type Answers = dyn Fn(&str) -> Option<u16> + Send;

pub(crate) struct Between {
    pub(crate) server: World,
    inner: Arc<Inner>,
    address: String,
}

struct Inner {
    server: String,
    http: reqwest::Client,
    calls: Mutex<Vec<String>>,
    answers: Mutex<Box<Answers>>,
    /// Whether the server is kept from learning who asks.
    hides_client: bool,
}

impl Between {
    /// In front of a new server of ours.
    pub(crate) async fn new() -> Self {
        Self::with(false, |_| None).await
    }

    /// A core that speaks the core driver interface and nothing else.
    pub(crate) async fn foreign() -> Self {
        Self::with(true, |path| path.starts_with("/hallpass/").then_some(404)).await
    }

    async fn with(hides_client: bool, answers: impl Fn(&str) -> Option<u16> + Send + 'static) -> Self {
        let server = World::new().await;
        let inner = Arc::new(Inner {
            server: format!("http://{}", server.authority()),
            http: reqwest::Client::new(),
            calls: Mutex::default(),
            answers: Mutex::new(Box::new(answers)),
            hides_client,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(stand_between).with_state(inner.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { server, inner, address }
    }

    /// A client, with a key that a core would have to be told.
    pub(crate) fn client(&self) -> RemoteCore {
        RemoteCore::new(&self.address, Some("key-of-the-caller"), self.clock()).unwrap()
    }

    /// A client of the server itself.
    pub(crate) fn neighbour(&self) -> RemoteCore {
        RemoteCore::new(&self.inner.server, None, self.clock()).unwrap()
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn clock(&self) -> Arc<ManualClock> {
        self.server.clock.clone()
    }

    /// From now on calls are answered so.
    pub(crate) fn answer(&self, answers: impl Fn(&str) -> Option<u16> + Send + 'static) {
        *lock(&self.inner.answers) = Box::new(answers);
    }

    /// The calls since this was last asked: method and path. The version of the interface is not among them.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = std::mem::take(&mut *lock(&self.inner.calls));
        calls.into_iter().filter(|call| call != "GET /apiversion").collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn stand_between(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path();
    lock(&inner.calls).push(format!("{} {path}", parts.method));
    if path == "/.well-known/jwks.json" {
        assert!(!parts.headers.contains_key("api-key"), "who asks for public keys shows no key");
    }
    if let Some(status) = lock(&inner.answers)(path) {
        return StatusCode::from_u16(status).unwrap().into_response();
    }
    if inner.hides_client {
        parts.headers.remove(hallpass_wire::own::CLIENT_HEADER);
    }
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let request = inner.http.request(parts.method, format!("{}{}", inner.server, parts.uri)).headers(parts.headers).body(body);
    let answer = request.send().await.unwrap();
    let mut response = Response::builder().status(answer.status());
    *response.headers_mut().unwrap() = answer.headers().clone();
    response.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}
