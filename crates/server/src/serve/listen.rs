//! Connections: accepted, kept alive, ended.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use tokio_rustls::TlsAcceptor;

use super::front::{Door, Front};

/// When the system gives no more sockets, a moment passes before it is asked again.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// Tells connections to end after the request under way. Every connection holds one as long as it lives.
pub(super) type Stopping = watch::Receiver<()>;

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
    /// Accepts connections for as long as it is polled.
    pub(super) async fn accept(self: &Arc<Self>, socket: &TcpListener, stopping: &Stopping) {
        loop {
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { return };
            let (stream, peer) = match socket.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a connection could not be accepted");
                    tokio::time::sleep(OUT_OF_SOCKETS).await;
                    continue;
                }
            };
            self.look_after(stream, peer, place, stopping);
        }
    }

    /// Accepts who waits already, for the system has told them that somebody listens; then the socket is closed.
    pub(super) fn accept_waiting(self: &Arc<Self>, socket: TcpListener, stopping: &Stopping) {
        let Ok(socket) = socket.into_std() else { return };
        while let Ok(place) = Arc::clone(&self.places).try_acquire_owned()
            && let Ok((stream, peer)) = socket.accept()
        // it does not wait: an error is the end of the queue
        {
            if stream.set_nonblocking(true).is_ok()
                && let Ok(stream) = TcpStream::from_std(stream)
            {
                self.look_after(stream, peer, place, stopping);
            }
        }
    }

    fn look_after(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit, stopping: &Stopping) {
        let (connections, stopping) = (Arc::clone(self), stopping.clone());
        tokio::spawn(async move {
            let _present = connections.front.metrics.connection();
            connections.converse(stream, peer, stopping).await;
            drop(place);
        });
    }

    async fn converse(&self, stream: TcpStream, peer: SocketAddr, stopping: Stopping) {
        let _ = stream.set_nodelay(true); // answers are small and should not wait for each other
        let Some(tls) = &self.tls else { return self.http(stream, peer, stopping).await };
        match tokio::time::timeout(self.header_timeout, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.http(stream, peer, stopping).await,
            Ok(Err(error)) => tracing::debug!(%peer, error = &error as &dyn std::error::Error, "no TLS connection came about"),
            Err(_) => tracing::debug!(%peer, "no TLS connection came about in time"),
        }
    }

    async fn http(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, peer: SocketAddr, mut stopping: Stopping) {
        let front = &self.front;
        let service =
            service_fn(move |request: Request<Incoming>| async move { Ok::<_, Infallible>(front.answer(request, peer, self.door).await) });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .max_header_size(self.header_bytes)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            biased; // a request that has arrived is read before the connection is told to end
            ended = &mut connection => ended,
            _ = stopping.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, error = &error as &dyn std::error::Error, "a connection ended early");
        }
    }
}
