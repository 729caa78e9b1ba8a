//! Many clients at once, on one thread of this process: what the server's processes cost is counted apart from it.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{runtime::Builder, task::JoinSet, time::timeout};

use crate::{
    caller::{Caller, Operation},
    cpu,
    process::Process,
    rate::{Rate, per},
};

/// How long a span may be overdrawn before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the clients saw, and what it cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// By the processor time of the server alone.
    pub(crate) rate: Rate,
    /// By the processor time of all of PostgreSQL, if it has a part in it.
    pub(crate) per_database_cpu_second: Option<f64>,
    /// Half of the answers came within this.
    pub(crate) median: Duration,
    /// All but one of a hundred did.
    pub(crate) p99: Duration,
}

/// A client with a connection of its own.
pub(crate) trait Visitor: Sized + Send + 'static {
    /// What it may ask.
    type Operation: Copy + Send + 'static;
    /// Connects, and gets what it needs to ask.
    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self>> + Send;
    /// Asks once, and waits for the answer.
    fn visit(&mut self, operation: Self::Operation) -> impl Future<Output = io::Result<()>> + Send;
}

/// `clients` clients, each asking as soon as it has its answer.
pub(crate) fn run(server: &Process, postmaster: Option<u32>, operation: Operation, clients: usize, span: Duration) -> io::Result<Load> {
    run_as::<Caller>(server, postmaster, operation, clients, span)
}

/// As [`run`], with clients of another kind.
pub(crate) fn run_as<V: Visitor>(
    server: &Process,
    postmaster: Option<u32>,
    operation: V::Operation,
    clients: usize,
    span: Duration,
) -> io::Result<Load> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connecting = JoinSet::new();
        for _ in 0..clients {
            connecting.spawn(V::connect(server.address));
        }
        let callers: Vec<_> = connecting.join_all().await.into_iter().collect::<io::Result<_>>()?;
        let times = || (Instant::now(), server.cpu_time(), postmaster.map(cpu::of_family));
        let before = times();
        let mut running = JoinSet::new();
        for caller in callers {
            running.spawn(again_and_again(caller, operation, before.0 + span));
        }
        let latencies = timeout(span + PATIENCE, running.join_all()).await?;
        let after = times();
        let mut latencies = latencies.into_iter().collect::<io::Result<Vec<_>>>()?.concat();
        latencies.sort_unstable();
        let count = latencies.len();
        let within = |part: usize| latencies.get(count * part / 100).copied().unwrap_or_default();
        Ok(Load {
            rate: Rate::new(count, after.0 - before.0, after.1 - before.1),
            per_database_cpu_second: before.2.zip(after.2).map(|(before, after)| per(count, after - before)),
            median: within(50),
            p99: within(99),
        })
    })
}

/// How long each answer took.
async fn again_and_again<V: Visitor>(mut caller: V, operation: V::Operation, until: Instant) -> io::Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    loop {
        let asked = Instant::now();
        if asked >= until {
            return Ok(latencies);
        }
        caller.visit(operation).await?;
        latencies.push(asked.elapsed());
    }
}

/// An answer of the server to each of the operations.
pub(crate) fn answers(server: &Process) -> io::Result<Vec<(Operation, String)>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut caller = Caller::connect(server.address).await?;
        let mut answers = Vec::new();
        for operation in Operation::ALL {
            answers.push((operation, caller.call(operation).await?.to_owned()));
        }
        Ok(answers)
    })
}
