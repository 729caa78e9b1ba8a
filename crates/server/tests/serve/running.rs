//! A server in this process, and a client that says exactly what it is told to say.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, body::Bytes, routing};
use hallpass_engine::time::SystemClock;
use hallpass_server::{
    serve::{Health, Metrics, Ping, Server},
    settings::{Settings, Sources},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, oneshot},
    task::JoinHandle,
};

/// A running server.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) gates: Arc<Gates>,
    metrics: Metrics,
    stop: Option<oneshot::Sender<()>>,
    pub(crate) ended: JoinHandle<()>,
}

/// What the handler behind `/wait` has reached, and what it waits for.
#[derive(Default)]
pub(crate) struct Gates {
    pub(crate) entered: Notify,
    pub(crate) open: Notify,
}

pub(crate) fn settings(variables: &[(&str, &str)]) -> Settings {
    let given = [("HALLPASS_LISTEN", "127.0.0.1:0")].iter().chain(variables).map(|(name, value)| ((*name).into(), (*value).into()));
    Settings::read(Sources { environment: given.collect(), ..Sources::default() }).unwrap()
}

fn app(gates: Arc<Gates>) -> Router {
    let wait = move || async move {
        gates.entered.notify_one();
        gates.open.notified().await;
        "waited"
    };
    Router::new()
        .route("/echo", routing::post(|body: Bytes| async move { body }))
        .route("/wait", routing::get(wait))
        .route("/panic", routing::get(|| async { panic!("a bug") as &'static str }))
        .fallback(|| async { "the app" })
}

impl Running {
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Self {
        Self::pinged(variables, Arc::new(|| Box::pin(async { Ok(None) }))).await
    }

    pub(crate) async fn pinged(variables: &[(&str, &str)], ping: Ping) -> Self {
        let server = Server::bind(&settings(variables)).await.unwrap();
        let (address, admin) = (server.address(), server.admin_address());
        let (gates, metrics) = (Arc::new(Gates::default()), Metrics::default());
        let health = Arc::new(Health::new(ping, Arc::new(SystemClock::default())));
        health.serving();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { drop(stopped.await) };
        let (app, counted) = (app(gates.clone()), metrics.clone());
        let ended = tokio::spawn(async move { server.serve(app, counted, health, stopped).await });
        Self { address, admin, gates, metrics, stop: Some(stop), ended }
    }

    /// Tells the server to stop.
    pub(crate) fn stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    /// A whole answer to these bytes.
    pub(crate) async fn says(&self, request: impl AsRef<[u8]>) -> String {
        says(self.address, request).await
    }

    pub(crate) async fn get(&self, path: &str) -> String {
        self.says(get(path)).await
    }

    pub(crate) fn metrics_text(&self) -> String {
        self.metrics.text()
    }

    /// A request that waits in its handler, and the answer that it will get.
    pub(crate) async fn waiting(&self) -> JoinHandle<String> {
        let address = self.address;
        let answer = tokio::spawn(async move { says(address, get("/wait")).await });
        self.gates.entered.notified().await;
        answer
    }
}

pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")
}

pub(crate) async fn says(address: SocketAddr, request: impl AsRef<[u8]>) -> String {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_ref()).await.unwrap();
    answer(&mut connection).await
}

/// Everything that comes until the other side is done.
pub(crate) async fn answer(connection: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut answer = Vec::new();
    let _ = connection.read_to_end(&mut answer).await; // an answer counts even if the connection is then cut
    String::from_utf8(answer).unwrap()
}

/// The status of an answer; 0 if there is none.
pub(crate) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).map_or(0, |status| status.parse().unwrap())
}
