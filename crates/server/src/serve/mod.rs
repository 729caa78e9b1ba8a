//! `hallpass serve`: everything around the handlers of the interface.
//!
//! [`run`] opens the database, listens, answers, and stops in order. [`Server`] is the part of it that speaks HTTP: it hands
//! each request to a router, within limits (`front`), over connections that it looks after (`listen`).

mod api_keys;
mod front;
mod health;
mod listen;
pub mod log;
mod maintenance;
mod metrics;
mod note;
mod open;
mod reply;
mod signal;
mod tls;
mod trace;

use std::{future::Future, io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::Router;
use hallpass::key_file::KeyFileError;
use hallpass_engine::{
    core::CoreError,
    id::AppId,
    random::{Random, SystemRandom},
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

pub(crate) use self::open::{open_existing_store, open_vault};
use self::{
    front::{Door, Front},
    listen::Connections,
};
pub use self::{
    health::{Health, NotReady, Ping},
    metrics::Metrics,
    note::Note,
    open::{Opened, open},
    trace::Traces,
};
use crate::{
    api::{Api, Parts, router},
    settings::{Address, Settings},
};

const SECOND: Duration = Duration::from_secs(1);

/// A request that was sent when the server was told to stop has arrived after this, and is read.
const ARRIVAL: Duration = Duration::from_millis(100);

/// Why the server does not start, or stopped. One line: what is wrong, and how to mend it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Somebody else listens there.
    #[error("{address} is taken: stop what listens there, or choose another address with --{flag}")]
    Taken {
        /// The address.
        address: Address,
        /// How to choose another one.
        flag: &'static str,
    },
    /// The operating system refuses, or does not know the name.
    #[error("cannot listen on {address}: {why}; choose another address with --{flag}")]
    Listen {
        /// The address.
        address: Address,
        /// How to choose another one.
        flag: &'static str,
        /// What the operating system says.
        why: io::Error,
    },
    /// The certificate or its key is not in order.
    #[error("the file {} is no use for TLS: {why}", file.display())]
    Tls {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// Traces cannot be sent.
    #[error("no traces can be sent to {endpoint}: {why}")]
    Traces {
        /// The collector.
        endpoint: String,
        /// Why.
        why: String,
    },
    /// The database does not open.
    #[error(transparent)]
    Sqlite(#[from] hallpass_store::OpenError),
    /// The PostgreSQL database cannot be used.
    #[error(transparent)]
    Postgres(#[from] Box<hallpass_store::ConnectError>),
    /// The file beside a SQLite database is not in order.
    #[error(transparent)]
    KeyFile(#[from] Box<KeyFileError>),
    /// Nothing to seal with.
    #[error("there is no master key: make one with `hallpass keygen` and give it as HALLPASS_MASTER_KEY")]
    NoMasterKey,
    /// The operating system gives no more threads.
    #[error("cannot start the thread that makes keys: {0}; raise the limit of processes for this user")]
    Threads(#[source] io::Error),
    /// The keys in the database do not open, or cannot be made.
    #[error(transparent)]
    Keys(CoreError),
}

/// Serves until the process is told to stop. `ready` gets the address as soon as connections are accepted; the keys are
/// made after that.
///
/// # Errors
/// [`ServeError`].
pub async fn run(settings: Settings, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    for notice in &settings.notices {
        tracing::warn!("{notice}");
    }
    let opened = open(&settings).await?;
    let metrics = Metrics::default();
    let health = Arc::new(Health::new(Health::ping(Arc::clone(&opened.store)), Arc::clone(&opened.clock)));
    let server = Server::bind(&settings).await?;
    ready(server.address());
    let api = handlers(&opened, &settings, &metrics);
    let stop = async {
        signal::stop().await;
        api.stop_waiting();
    };
    let serving = server.serve(router(Arc::clone(&api)), metrics.clone(), Arc::clone(&health), stop);
    let keeping = async {
        while let Err(error) = opened.engine.maintain(&AppId::public()).await {
            if matches!(error, CoreError::Keys { .. }) {
                return Err(ServeError::Keys(error)); // no time will mend that
            }
            tracing::warn!(error = &error as &dyn std::error::Error, "the first keys could not be made; it will be tried again");
            metrics.store_failed();
            sleep(SECOND).await;
        }
        health.serving();
        maintenance::maintain(&opened.engine, &api, &metrics).await;
        Ok(())
    };
    tokio::select! {
        () = serving => {}
        () = signal::insist() => {}
        failed = keeping => return failed,
        () = api_keys::follow(&settings) => {}
    }
    if let Err(error) = api.flush().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "when users were last seen could not be written down");
    }
    tracing::info!("stopped");
    Ok(())
}

/// The handlers of the interface.
fn handlers(opened: &Opened, settings: &Settings, metrics: &Metrics) -> Arc<Api> {
    Api::new(Parts {
        engine: opened.engine.with(opened.engine.config().clone()),
        store: Arc::clone(&opened.store),
        clock: Arc::clone(&opened.clock),
        base_app: settings.app.clone(),
        base_path: settings.base_path.clone(),
        max_body_bytes: settings.limits.body_bytes,
        confirm_grace: settings.confirm_grace(),
        metrics: metrics.clone(),
    })
}

/// A server that listens.
pub struct Server {
    socket: TcpListener,
    address: SocketAddr,
    admin: Option<(TcpListener, SocketAddr)>,
    tls: Option<TlsAcceptor>,
    settings: Settings,
}

impl Server {
    /// Listens. Connections are accepted from now on, and answered from [`Server::serve`] on.
    ///
    /// # Errors
    /// [`ServeError`]: an address is taken, or the certificate is not in order.
    pub async fn bind(settings: &Settings) -> Result<Self, ServeError> {
        let tls = match (&settings.tls_certificate_file, &settings.tls_key_file) {
            (Some(certificate), Some(key)) => Some(tls::acceptor(certificate, key)?),
            _ => None,
        };
        let (socket, address) = bind(&settings.listen, "listen").await?;
        let admin = match &settings.admin_listen {
            Some(address) => Some(bind(address, "admin-listen").await?),
            None => None,
        };
        Ok(Self { socket, address, admin, tls, settings: settings.clone() })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it answers monitoring, if apart.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(|(_, address)| *address)
    }

    /// Answers with `app` until `stop` ends, and then until what is under way has been answered, or the grace is over.
    pub async fn serve(self, app: Router, metrics: Metrics, health: Arc<Health>, stop: impl Future<Output = ()>) {
        let limits = &self.settings.limits;
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let front = Arc::new(Front {
            app,
            base_path: self.settings.base_path.clone(),
            api_keys: self.settings.app.api_keys.clone(),
            metrics,
            health: Arc::clone(&health),
            random,
            body_bytes: limits.body_bytes,
            patience: limits.request_timeout,
            slots: Semaphore::new(limits.requests),
            waiting: Semaphore::new(limits.requests),
        });
        let connections = |door, tls| {
            Arc::new(Connections {
                door,
                tls,
                front: Arc::clone(&front),
                header_bytes: limits.header_bytes,
                header_timeout: limits.header_timeout,
                places: Arc::new(Semaphore::new(limits.connections)),
            })
        };
        let (end, stopping) = watch::channel(());
        let (public, admin) = (connections(Door::Public, self.tls), connections(Door::Admin, None));
        let monitoring = async {
            match &self.admin {
                Some((socket, _)) => admin.accept(socket, &stopping).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = public.accept(&self.socket, &stopping) => {}
            () = monitoring => {}
            () = stop => {}
        }
        health.stopping();
        tracing::info!("stopping: requests under way have {} s to end", limits.shutdown_grace.as_secs());
        public.accept_waiting(self.socket, &stopping);
        if let Some((socket, _)) = self.admin {
            admin.accept_waiting(socket, &stopping);
        }
        // nobody new gets in
        drop(stopping);
        sleep(ARRIVAL).await;
        let ended = async {
            let _ = end.send(()); // if there is a connection
            end.closed().await;
        };
        if timeout(limits.shutdown_grace, ended).await.is_err() {
            tracing::warn!("some requests did not end in time and were broken off");
        }
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

async fn bind(address: &Address, flag: &'static str) -> Result<(TcpListener, SocketAddr), ServeError> {
    let listening = async {
        let socket = TcpListener::bind((address.host.as_str(), address.port)).await?;
        let bound = socket.local_addr()?;
        Ok((socket, bound))
    };
    listening.await.map_err(|why: io::Error| match why.kind() {
        io::ErrorKind::AddrInUse => ServeError::Taken { address: address.clone(), flag },
        _ => ServeError::Listen { address: address.clone(), flag, why },
    })
}
