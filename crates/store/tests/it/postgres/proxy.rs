//! Stands between a store and its server: counts round trips, and loses what it is told to lose.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Forward,
    /// The server works and answers, but nobody hears it: the connection stays.
    Silent,
    /// The server works and answers, and then the connection breaks before the answer arrives.
    LoseAnswer,
    /// The connection breaks before the server hears of the request.
    LoseRequest,
}

#[derive(Clone)]
pub(super) struct Proxy(Arc<State>);

struct State {
    mode: Mutex<Mode>,
    trips: AtomicUsize,
    connections: AtomicUsize,
    port: u16,
    server: u16,
}

impl Proxy {
    /// Forwards to the server on port `server` of this machine.
    pub(super) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State { mode: Mutex::new(Mode::Forward), trips: AtomicUsize::new(0), connections: AtomicUsize::new(0), port, server };
        let proxy = Self(Arc::new(state));
        let accepting = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                accepting.0.connections.fetch_add(1, Ordering::SeqCst);
                let server = TcpStream::connect(("127.0.0.1", accepting.0.server)).await.unwrap();
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                let (asking, answering) = (accepting.clone(), accepting.clone());
                // whichever ends first ends the connection in both directions
                tokio::spawn(async move {
                    tokio::select! {
                        _ = asking.requests(from_client, to_server) => {}
                        _ = answering.answers(from_server, to_client) => {}
                    }
                });
            }
        });
        proxy
    }

    pub(super) fn port(&self) -> u16 {
        self.0.port
    }

    pub(super) fn set(&self, mode: Mode) {
        *self.0.mode.lock().unwrap() = mode;
    }

    fn mode(&self) -> Mode {
        *self.0.mode.lock().unwrap()
    }

    /// How many connections there were since the last look.
    pub(super) fn connections(&self) -> usize {
        self.0.connections.swap(0, Ordering::SeqCst)
    }

    /// How many times a client waited for an answer since the last look.
    pub(super) fn trips(&self) -> usize {
        self.0.trips.swap(0, Ordering::SeqCst)
    }

    async fn requests(&self, mut client: OwnedReadHalf, mut server: OwnedWriteHalf) -> std::io::Result<()> {
        let mut first = true;
        loop {
            let kind = if first { b'!' } else { client.read_u8().await? }; // the first message has no type
            let length = client.read_u32().await?;
            let mut message = vec![0; length as usize - 4];
            client.read_exact(&mut message).await?;
            if self.mode() == Mode::LoseRequest {
                return Ok(());
            }
            // after these the client waits
            const SYNC: u8 = b'S';
            const SIMPLE_QUERY: u8 = b'Q';
            if [SYNC, SIMPLE_QUERY].contains(&kind) {
                self.0.trips.fetch_add(1, Ordering::SeqCst);
            }
            let mut whole = if first { Vec::new() } else { vec![kind] };
            whole.extend(length.to_be_bytes());
            whole.extend(message);
            server.write_all(&whole).await?;
            first = false;
        }
    }

    async fn answers(&self, mut server: OwnedReadHalf, mut client: OwnedWriteHalf) -> std::io::Result<()> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let length = server.read(&mut buffer).await?;
            match self.mode() {
                _ if length == 0 => return Ok(()),
                Mode::Silent => {}
                Mode::LoseAnswer => return Ok(()),
                Mode::Forward | Mode::LoseRequest => client.write_all(&buffer[..length]).await?,
            }
        }
    }
}
