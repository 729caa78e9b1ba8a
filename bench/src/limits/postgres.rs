//! Raw rows in PostgreSQL, over as many connections as the server under load would use.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use hallpass_testkit::postgres::{Database, Server};
use tokio::{runtime::Runtime, task::JoinSet};
use tokio_postgres::{Client, NoTls};

use super::{Rows, SESSIONS};
use crate::{
    cpu, process,
    rate::{Rate, per},
};

/// How many rows share a statement.
const GROUP: usize = 64;

/// A table of sessions in a database of its own.
pub(crate) struct Table<'s> {
    runtime: Runtime,
    postmaster: u32,
    database: Database<'s>,
}

impl<'s> Table<'s> {
    pub(crate) fn new(server: &'s Server) -> Self {
        let table = Self {
            runtime: Runtime::new().expect("a runtime starts"),
            postmaster: process::postmaster(server),
            database: server.database(),
        };
        let schema = format!(
            "CREATE TABLE session (id BIGINT PRIMARY KEY, gen BIGINT, current BYTEA, retired BYTEA, salt BYTEA, at BIGINT, expires BIGINT, payload TEXT);
             INSERT INTO session SELECT n, 0, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'),
                 0, 0, '{{\"iss\":\"http://localhost:3000/auth\"}}' FROM generate_series(0, {SESSIONS} - 1) n;
             ANALYZE session"
        );
        table.runtime.block_on(async { table.connect().await.batch_execute(&schema).await }).expect(FAILED);
        table
    }

    async fn connect(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.database.url(), NoTls).await.expect(FAILED);
        tokio::spawn(connection);
        client
    }

    /// Guarded updates of one row, each a statement and a commit of its own.
    pub(crate) fn update(&self, connections: usize, span: Duration) -> Rows {
        self.fresh();
        self.run(connections, |client, mut mine| async move {
            let update = "UPDATE session SET gen = gen + 1, current = $1, retired = $2, salt = $1, at = $3, expires = $3 WHERE id = $4 AND current = $2";
            let update = client.prepare(update).await.expect(FAILED);
            let (until, mut count) = (Instant::now() + span, 0);
            while Instant::now() < until {
                let (id, was, next) = mine.next();
                let changed = client.execute(&update, &[&&next[..], &&was[..], &id, &id]).await.expect(FAILED);
                assert_eq!(changed, 1, "nobody else changes this row");
                count += 1;
            }
            count
        })
    }

    /// The same updates, [`GROUP`] rows in one statement.
    pub(crate) fn grouped_update(&self, connections: usize, span: Duration) -> Rows {
        self.fresh();
        self.run(connections, |client, mut mine| async move {
            let update = "UPDATE session SET gen = gen + 1, current = new.next, retired = new.was, salt = new.next, at = new.id, expires = new.id
                 FROM unnest($1::BIGINT[], $2::BYTEA[], $3::BYTEA[]) new (id, was, next) WHERE session.id = new.id AND session.current = new.was";
            let update = client.prepare(update).await.expect(FAILED);
            let (until, mut count) = (Instant::now() + span, 0);
            while Instant::now() < until {
                let (mut ids, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new());
                for _ in 0..GROUP {
                    let (id, was, next) = mine.next();
                    ids.push(id);
                    before.push(was.to_vec());
                    after.push(next.to_vec());
                }
                let changed = client.execute(&update, &[&ids, &before, &after]).await.expect(FAILED);
                assert_eq!(usize::try_from(changed), Ok(GROUP), "nobody else changes these rows");
                count += GROUP;
            }
            count
        })
    }

    /// Reads of one row.
    pub(crate) fn read(&self, connections: usize, span: Duration) -> Rows {
        self.run(connections, |client, mut mine| async move {
            let read = client.prepare("SELECT current, payload FROM session WHERE id = $1").await.expect(FAILED);
            let (until, mut count) = (Instant::now() + span, 0);
            while Instant::now() < until {
                let (id, ..) = mine.next();
                let row = client.query_one(&read, &[&id]).await.expect(FAILED);
                std::hint::black_box((row.get::<_, &[u8]>(0), row.get::<_, &str>(1)));
                count += 1;
            }
            count
        })
    }

    /// Every row as [`Mine`] expects it.
    fn fresh(&self) {
        let reset = "UPDATE session SET current = decode(repeat('00', 32), 'hex')";
        self.runtime.block_on(async { self.connect().await.batch_execute(reset).await }).expect(FAILED);
    }

    /// Does `work` over each of the connections at once; it returns how many rows it had.
    fn run<F: Future<Output = usize> + Send + 'static>(&self, connections: usize, work: impl Fn(Arc<Client>, Mine) -> F) -> Rows {
        self.runtime.block_on(async {
            let mut running = JoinSet::new();
            let mut clients = Vec::new();
            for _ in 0..connections {
                clients.push(Arc::new(self.connect().await));
            }
            let times = || (Instant::now(), cpu::of_this_process(), cpu::of_family(self.postmaster));
            let before = times();
            for (client, number) in clients.iter().zip(0..) {
                running.spawn(work(Arc::clone(client), Mine { number, of: i64::try_from(connections).expect("a few"), round: 0, row: 0 }));
            }
            let count = running.join_all().await.into_iter().sum();
            let after = times();
            Rows {
                rate: Rate::new(count, after.0 - before.0, after.1 - before.1),
                per_database_cpu_second: Some(per(count, after.2 - before.2)),
            }
        })
    }
}

const FAILED: &str = "a fresh database works";

/// The rows that one connection has for itself, round after round.
struct Mine {
    number: i64,
    of: i64,
    round: u64,
    row: i64,
}

impl Mine {
    /// A row, the hash in it, and the next one.
    fn next(&mut self) -> (i64, [u8; 32], [u8; 32]) {
        let id = self.row * self.of + self.number;
        if id >= SESSIONS.cast_signed() {
            (self.row, self.round) = (0, self.round + 1);
            return self.next();
        }
        self.row += 1;
        (id, hash(self.round), hash(self.round + 1))
    }
}

fn hash(round: u64) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&round.to_le_bytes());
    hash
}
