//! The connections, and how one statement is run over them: bounded in time, whatever becomes of the server.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use deadpool::{
    Runtime,
    managed::{BuildError, Manager, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult},
};
use deadpool_postgres::ClientWrapper;
use futures_util::TryStreamExt;
use hallpass_engine::store::StoreError;
use tokio::{
    sync::Mutex,
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};
use tokio_postgres::{Config, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::{Failure, Verdict};
use crate::{row::RawRow, value::Value};

/// How long a caller waits for one of the connections to become free.
const WAIT: Duration = Duration::from_secs(2);

/// How long making a connection may take, signing in included.
const CONNECT: Duration = Duration::from_secs(2);

/// How long an operation may take. The server gives up then, too.
const DEADLINE: Duration = Duration::from_secs(5);

/// How often a statement is run that others were in the way of.
const ATTEMPTS: usize = 5;

/// Makes connections.
pub(super) struct Connector {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    setup: String,
    /// The last attempt to connect failed.
    away: AtomicBool,
    /// While the server is away one caller at a time finds out whether it is back, and the others do not wait for it.
    looking: Mutex<()>,
}

impl Connector {
    pub(super) fn new(config: Config, tls: Option<MakeRustlsConnect>, schema: &str) -> Self {
        let deadline = DEADLINE.as_millis();
        let setup = format!(
            "SET search_path TO \"{schema}\"; SET default_transaction_isolation TO 'read committed'; SET statement_timeout TO {deadline}"
        );
        Self { config, tls, setup, away: AtomicBool::new(false), looking: Mutex::new(()) }
    }

    async fn connect(&self) -> Result<ClientWrapper, Error> {
        let (client, task) = match &self.tls {
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await?;
                (client, drive(connection))
            }
            None => {
                let (client, connection) = self.config.connect(NoTls).await?;
                (client, drive(connection))
            }
        };
        let client = ClientWrapper::new(client, task); // ends the task when it goes
        client.batch_execute(&self.setup).await?;
        Ok(client)
    }
}

/// Whoever uses the connection hears of its failure.
fn drive(connection: impl Future<Output = Result<(), Error>> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        let _ = connection.await;
    })
}

impl Manager for Connector {
    type Type = ClientWrapper;
    type Error = Failure;

    async fn create(&self) -> Result<ClientWrapper, Failure> {
        let _looking = if self.away.load(Ordering::Relaxed) {
            Some(self.looking.try_lock().map_err(|_| Failure::lost("the server is away"))?)
        } else {
            None
        };
        let connected = match timeout(CONNECT, self.connect()).await {
            Ok(connected) => connected.map_err(Failure::from),
            Err(_) => Err(Failure::lost("the server did not answer in time")),
        };
        self.away.store(connected.is_err(), Ordering::Relaxed);
        connected
    }

    async fn recycle(&self, client: &mut ClientWrapper, _: &Metrics) -> RecycleResult<Failure> {
        if client.is_closed() { Err(RecycleError::message("closed")) } else { Ok(()) }
    }
}

/// What a statement did.
pub(super) struct Answer {
    pub(super) rows: Vec<RawRow>,
    /// How many rows it changed, if it changes rows.
    pub(super) affected: u64,
}

/// A bounded number of connections. Clones share them.
#[derive(Clone)]
pub(super) struct Connections(Pool<Connector>);

impl Connections {
    pub(super) fn new(connector: Connector, most: usize) -> Result<Self, BuildError> {
        Pool::builder(connector).max_size(most).runtime(Runtime::Tokio1).wait_timeout(Some(WAIT)).build().map(Self)
    }

    /// A connection, for longer than a statement.
    pub(super) async fn take(&self) -> Result<Object<Connector>, Failure> {
        self.0.get().await.map_err(|error| match error {
            PoolError::Backend(failure) => failure,
            PoolError::Timeout(_) => Failure::busy("all connections are in use"),
            _ => Failure::lost("the connections are closed"),
        })
    }

    /// Runs one statement, and again if others were in the way.
    ///
    /// # Errors
    /// [`StoreError`], in bounded time.
    pub(super) async fn run(&self, sql: &str, params: &[Value<'_>]) -> Result<Answer, StoreError> {
        let deadline = Instant::now() + DEADLINE;
        let mut attempts = 1;
        loop {
            match self.attempt(sql, params, deadline).await {
                Err(failure) if failure.verdict == Verdict::Again && attempts < ATTEMPTS => attempts += 1,
                outcome => return outcome.map_err(Failure::into_store_error),
            }
        }
    }

    async fn attempt(&self, sql: &str, params: &[Value<'_>], deadline: Instant) -> Result<Answer, Failure> {
        let connection = self.take().await?;
        let failure = match timeout_at(deadline, ask(&connection, sql, params)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => Failure::from(error),
            Err(_) => Failure::lost("the server did not answer in time"),
        };
        match failure.verdict {
            Verdict::Lost => drop(Object::take(connection)), // it may still answer, to somebody else's question
            Verdict::ReadOnly => {
                drop(Object::take(connection));
                self.0.retain(|_, _| false);
            }
            Verdict::Again | Verdict::Busy | Verdict::Refused => {}
        }
        Err(failure)
    }
}

async fn ask(client: &ClientWrapper, sql: &str, params: &[Value<'_>]) -> Result<Answer, Error> {
    let statement = client.prepare_cached(sql).await?;
    let mut stream = std::pin::pin!(client.query_raw(&statement, params).await?);
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await? {
        rows.push(RawRow::from(&row));
    }
    Ok(Answer { rows, affected: stream.rows_affected().unwrap_or(0) })
}
