//! Connections: accepted, kept alive, ended.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_rustls::TlsAcceptor;

use super::front::{Door, Front};

/// When the system gives no more sockets, a moment passes before it is asked again.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// How the connections of a listener are treated.
pub(super) struct Connections {
    pub(super) door: Door,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) front: Arc<Front>,
    pub(super) header_bytes: usize,
    pub(super) header_timeout: Duration,
    /// A connection holds one.
    pub(super) places: Arc<Semaphore>,
}

impl Connections {
    /// Accepts connections for as long as it is polled. Then the socket is closed, whatever connections there still are.
    pub(super) async fn accept(self, socket: TcpListener, graceful: &GracefulShutdown) {
        let connections = Arc::new(self);
        loop {
            let Ok(place) = Arc::clone(&connections.places).acquire_owned().await else { return };
            let (stream, peer) = match socket.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a connection could not be accepted");
                    tokio::time::sleep(OUT_OF_SOCKETS).await;
                    continue;
                }
            };
            let (connections, watcher) = (Arc::clone(&connections), graceful.watcher());
            tokio::spawn(async move {
                let _present = connections.front.metrics.connection();
                connections.converse(stream, peer, watcher).await;
                drop(place);
            });
        }
    }

    async fn converse(&self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        let _ = stream.set_nodelay(true); // answers are small and should not wait for each other
        let Some(tls) = &self.tls else { return self.http(stream, peer, watcher).await };
        match tokio::time::timeout(self.header_timeout, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.http(stream, peer, watcher).await,
            Ok(Err(error)) => tracing::debug!(%peer, error = &error as &dyn std::error::Error, "no TLS connection came about"),
            Err(_) => tracing::debug!(%peer, "no TLS connection came about in time"),
        }
    }

    async fn http(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, peer: SocketAddr, watcher: Watcher) {
        let front = &self.front;
        let service =
            service_fn(move |request: Request<Incoming>| async move { Ok::<_, Infallible>(front.answer(request, peer, self.door).await) });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .max_header_size(self.header_bytes)
            .serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%peer, error = &error as &dyn std::error::Error, "a connection ended early");
        }
    }
}
