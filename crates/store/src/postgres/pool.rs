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
use futures_util::{TryStreamExt, future::BoxFuture};
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

/// How long an operation may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// How long a change may take that may be of very many rows.
const LONG_DEADLINE: Duration = Duration::from_secs(60);

/// By how much the server gives up a statement earlier: it says so then, and the connection can stay.
const NOTICE: Duration = Duration::from_millis(500);

/// How often a statement is run that others were in the way of.
const TRIES: usize = 5;

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
        let patience = (DEADLINE - NOTICE).as_millis();
        let setup = format!(
            "SET search_path TO \"{schema}\"; SET default_transaction_isolation TO 'read committed'; SET statement_timeout TO {patience}"
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
            Err(_) => Err(late()),
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
        let mut tries = 1;
        loop {
            match self.run_once(sql, params, deadline).await {
                Err(failure) if failure.verdict == Verdict::Again && tries < TRIES => tries += 1,
                outcome => return outcome.map_err(Failure::into_store_error),
            }
        }
    }

    async fn run_once(&self, sql: &str, params: &[Value<'_>], deadline: Instant) -> Result<Answer, Failure> {
        let connection = self.take().await?;
        let failure = match timeout_at(deadline, ask(&connection, sql, params)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(failure)) => failure,
            Err(_) => late(),
        };
        if matches!(failure.verdict, Verdict::Lost | Verdict::ReadOnly) {
            self.give_up(connection, failure.verdict);
        }
        Err(failure)
    }

    /// Runs several statements, all of them or none, and again if others were in the way. They may take longer than one.
    ///
    /// # Errors
    /// [`StoreError`], in bounded time.
    pub(super) async fn transaction<T>(&self, work: &Work<T>) -> Result<T, StoreError> {
        let deadline = Instant::now() + LONG_DEADLINE;
        let mut tries = 1;
        loop {
            match self.transaction_once(work, deadline).await {
                Err(failure) if failure.verdict == Verdict::Again && tries < TRIES => tries += 1,
                outcome => return outcome.map_err(Failure::into_store_error),
            }
        }
    }

    async fn transaction_once<T>(&self, work: &Work<T>, deadline: Instant) -> Result<T, Failure> {
        let transaction = Transaction(self.take().await?);
        let done = timeout_at(deadline, async {
            let begin = format!("BEGIN; SET LOCAL statement_timeout TO {}", (LONG_DEADLINE - NOTICE).as_millis());
            transaction.0.batch_execute(&begin).await?;
            let done = work(&transaction).await?;
            transaction.0.batch_execute("COMMIT").await?;
            Ok(done)
        });
        let failure = match done.await {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(failure)) => failure,
            Err(_) => late(),
        };
        // taken back in either way: one that cannot be told so is closed
        let lost = matches!(failure.verdict, Verdict::Lost | Verdict::ReadOnly);
        if lost || !matches!(timeout_at(deadline, transaction.0.batch_execute("ROLLBACK")).await, Ok(Ok(()))) {
            self.give_up(transaction.0, failure.verdict);
        }
        Err(failure)
    }

    fn give_up(&self, connection: Object<Connector>, verdict: Verdict) {
        drop(Object::take(connection)); // closes it: what it still answers would be an answer to another question
        if verdict == Verdict::ReadOnly {
            self.0.retain(|_, _| false);
        }
    }
}

/// What is done in a transaction. It may be done again from the start.
pub(super) type Work<T> = dyn for<'t> Fn(&'t Transaction) -> BoxFuture<'t, Result<T, Failure>> + Send + Sync;

/// A transaction that has begun.
pub(super) struct Transaction(Object<Connector>);

impl Transaction {
    pub(super) async fn run(&self, sql: &str, params: &[Value<'_>]) -> Result<Answer, Failure> {
        ask(&self.0, sql, params).await
    }
}

fn late() -> Failure {
    Failure::lost("the server did not answer in time")
}

async fn ask(client: &ClientWrapper, sql: &str, params: &[Value<'_>]) -> Result<Answer, Failure> {
    let statement = client.prepare_cached(sql).await?;
    let mut stream = std::pin::pin!(client.query_raw(&statement, params).await?);
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await? {
        rows.push(RawRow::from(&row));
    }
    Ok(Answer { rows, affected: stream.rows_affected().unwrap_or(0) })
}
