//! The threads that own the connections, and the queues in front of them.
//!
//! A queue has no bound of its own: whatever waits in it is one caller's request, and a queue that is full would have to
//! block that caller's thread, which belongs to an executor.

use std::{
    io, iter,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use crossbeam_channel::{Receiver, Sender, unbounded};
use futures_channel::oneshot;
use hallpass_engine::store::StoreError;
use rusqlite::{Connection, Error, Result, ffi};

/// How many writes share one commit at most: bounds what one caller waits for the others.
const MAX_GROUP: usize = 256;

/// Threads that take jobs from one queue. Dropping it ends them, once the queue is empty.
pub(super) struct Workers {
    // dropped before the threads are joined: it is what they wait for
    queue: Sender<Box<dyn Job>>,
    _threads: Vec<Joined>,
}

impl Workers {
    /// The one thread that writes.
    pub(super) fn writer(db: Connection) -> io::Result<Self> {
        Self::start("hallpass-write", vec![db], write)
    }

    /// One thread for each connection, to read.
    pub(super) fn readers(connections: Vec<Connection>) -> io::Result<Self> {
        Self::start("hallpass-read", connections, read)
    }

    fn start(name: &str, connections: Vec<Connection>, run: fn(&Connection, &Receiver<Box<dyn Job>>)) -> io::Result<Self> {
        let (queue, jobs) = unbounded();
        let thread = |db| {
            let jobs = jobs.clone();
            let thread = thread::Builder::new().name(name.into()).spawn(move || run(&db, &jobs))?;
            Ok(Joined(Some(thread)))
        };
        Ok(Self { queue, _threads: connections.into_iter().map(thread).collect::<io::Result<_>>()? })
    }

    /// Has `work` done by one of the threads. Once asked for, it is done even if nobody waits any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when SQLite failed, when the commit failed, or when the thread panicked.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(Asked { work: Some(work), outcome: None, answer });
        // a failed send drops the job, and with it the sender of the answer
        let _ = self.queue.send(job);
        answered.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the storage thread panicked".into())))
    }
}

/// A thread that is waited for.
struct Joined(Option<thread::JoinHandle<()>>);

impl Drop for Joined {
    fn drop(&mut self) {
        // a caller's task, and in it the last handle, may be dropped by the very thread that answers it
        if let Some(thread) = self.0.take().filter(|thread| thread.thread().id() != thread::current().id()) {
            let _ = thread.join(); // its panics were caught
        }
    }
}

/// A piece of work, and somebody who waits for its outcome.
trait Job: Send {
    /// Does the work and keeps the outcome.
    fn run(&mut self, db: &Connection);

    /// Tells the outcome; `lost` is why it did not last, if it did not.
    fn answer(self: Box<Self>, lost: Option<Arc<Error>>);
}

struct Asked<W, T> {
    work: Option<W>,
    outcome: Option<Result<T>>,
    answer: oneshot::Sender<std::result::Result<T, StoreError>>,
}

impl<T: Send, W: FnOnce(&Connection) -> Result<T> + Send> Job for Asked<W, T> {
    fn run(&mut self, db: &Connection) {
        self.outcome = self.work.take().map(|work| work(db));
    }

    fn answer(self: Box<Self>, lost: Option<Arc<Error>>) {
        let answer = match (self.outcome, lost) {
            (Some(Err(error)), _) => Err(StoreError::Unavailable(error.into())),
            (_, Some(lost)) => Err(StoreError::Unavailable(lost.into())),
            (Some(Ok(outcome)), None) => Ok(outcome),
            (None, None) => return, // cannot be: what lasts was run
        };
        let _ = self.answer.send(answer); // whoever asked may have gone away
    }
}

fn read(db: &Connection, jobs: &Receiver<Box<dyn Job>>) {
    for mut job in jobs {
        // a panic has been reported by its hook; dropping the job tells whoever waits
        let _ = catch_unwind(AssertUnwindSafe(|| {
            job.run(db);
            job.answer(None);
        }));
    }
}

fn write(db: &Connection, jobs: &Receiver<Box<dyn Job>>) {
    for first in jobs {
        if catch_unwind(AssertUnwindSafe(|| write_group(db, first, jobs))).is_err() {
            let _ = roll_back(db);
        }
    }
}

/// Writes whatever is in the queue with one commit, and answers afterwards: many callers, one fsync.
///
/// If the transaction is lost, so are all of the group, and all are told. What is still in the queue gets its own chance.
fn write_group(db: &Connection, first: Box<dyn Job>, queue: &Receiver<Box<dyn Job>>) {
    // an empty queue gets a second look: those who were answered a moment ago are about to ask again
    let next = || {
        let again = |_| {
            thread::yield_now();
            queue.try_recv()
        };
        queue.try_recv().or_else(again).ok()
    };
    let mut waiting = iter::once(first).chain(iter::from_fn(next)).take(MAX_GROUP);
    let mut group = Vec::new();
    let committed = begin(db).and_then(|()| {
        for mut job in waiting.by_ref() {
            job.run(db);
            group.push(job);
            if db.is_autocommit() {
                return Err(rolled_back()); // SQLite does so on a full disk, for one
            }
        }
        commit(db)
    });
    let lost = committed.err().map(Arc::new);
    if lost.is_some() {
        let _ = roll_back(db);
        if group.is_empty() {
            group.extend(waiting); // nobody can write: they have waited for the lock as well
        }
    }
    for job in group {
        job.answer(lost.clone());
    }
}

fn begin(db: &Connection) -> Result<()> {
    roll_back(db)?;
    db.prepare_cached("BEGIN IMMEDIATE")?.execute(()).map(drop)
}

fn commit(db: &Connection) -> Result<()> {
    db.prepare_cached("COMMIT")?.execute(()).map(drop)
}

fn roll_back(db: &Connection) -> Result<()> {
    if db.is_autocommit() { Ok(()) } else { db.execute_batch("ROLLBACK") }
}

fn rolled_back() -> Error {
    let why = "the transaction was rolled back because another write in it failed";
    Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_ABORT_ROLLBACK), Some(why.into()))
}

/// Does several statements wholly or not at all, without harm to the others of the group.
pub(super) fn atomically<T>(db: &Connection, work: impl FnOnce() -> Result<T>) -> Result<T> {
    db.prepare_cached("SAVEPOINT operation")?.execute(())?;
    let outcome = work();
    if outcome.is_err() && !db.is_autocommit() {
        let undone = db.prepare_cached("ROLLBACK TO operation").and_then(|mut undo| undo.execute(()));
        if undone.is_err() {
            roll_back(db)?; // better nothing of the whole group than half of this
        }
    }
    if !db.is_autocommit() {
        db.prepare_cached("RELEASE operation")?.execute(())?;
    }
    outcome
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::{Pin, pin},
        sync::mpsc,
        task::{Context, Waker},
    };

    use super::*;

    type Asking<'a> = Pin<Box<dyn Future<Output = std::result::Result<(), StoreError>> + 'a>>;

    fn database() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("PRAGMA foreign_keys = ON; CREATE TABLE t (n INTEGER PRIMARY KEY, of REFERENCES t DEFERRABLE INITIALLY DEFERRED)")
            .unwrap();
        db
    }

    async fn numbers(writer: &Workers) -> Vec<i64> {
        let read = |db: &Connection| db.prepare("SELECT n FROM t ORDER BY n")?.query_map((), |row| row.get(0))?.collect();
        writer.ask(read).await.unwrap()
    }

    /// Has all of these done in one group, for they wait in the queue until the last is there.
    async fn together<const N: usize>(writer: &Workers, statements: [&'static str; N]) -> [Option<String>; N] {
        let (start, started) = mpsc::channel::<()>();
        let mut first: Asking<'_> = Box::pin(writer.ask(move |_| {
            let _ = started.recv();
            Ok(())
        }));
        let mut asked = statements.map(|sql| -> Asking<'_> { Box::pin(writer.ask(move |db| db.execute_batch(sql))) });
        let mut context = Context::from_waker(Waker::noop());
        for future in std::iter::once(&mut first).chain(&mut asked) {
            assert!(future.as_mut().poll(&mut context).is_pending());
        }
        start.send(()).unwrap();
        let mut said = Vec::new();
        for future in asked {
            said.push(future.await.err().map(|error| match error {
                StoreError::Unavailable(why) => why.to_string(),
                other => panic!("{other}"),
            }));
        }
        said.try_into().unwrap()
    }

    #[tokio::test]
    async fn a_write_that_fails_does_no_harm_to_its_group() {
        let writer = Workers::writer(database()).unwrap();
        let said =
            together(&writer, ["INSERT INTO t VALUES (1, NULL)", "INSERT INTO t VALUES (1, NULL)", "INSERT INTO t VALUES (2, NULL)"]);
        assert_eq!(said.await, [None, Some("UNIQUE constraint failed: t.n".into()), None]);
        assert_eq!(numbers(&writer).await, [1, 2]);
    }

    #[tokio::test]
    async fn whoever_lost_the_transaction_is_told_and_the_others_write_in_the_next() {
        let writer = Workers::writer(database()).unwrap();
        // as SQLite itself does on some failures
        let said = together(&writer, ["INSERT INTO t VALUES (1, NULL)", "ROLLBACK; DELETE FROM nowhere", "INSERT INTO t VALUES (3, NULL)"]);
        let [one, two, three] = said.await;
        assert_eq!(one.unwrap(), "the transaction was rolled back because another write in it failed");
        assert!(two.unwrap().starts_with("no such table"));
        assert_eq!(three, None);
        assert_eq!(numbers(&writer).await, [3]);
    }

    #[tokio::test]
    async fn a_commit_that_fails_is_told_to_the_whole_group() {
        let writer = Workers::writer(database()).unwrap();
        let said = together(&writer, ["INSERT INTO t VALUES (1, NULL)", "INSERT INTO t VALUES (2, 99)"]).await;
        assert_eq!(said, [(); 2].map(|()| Some("FOREIGN KEY constraint failed".to_owned())));
        assert_eq!(numbers(&writer).await, [0_i64; 0]);
        assert_eq!(together(&writer, ["INSERT INTO t VALUES (3, NULL)"]).await, [None]);
        assert_eq!(numbers(&writer).await, [3]);
    }

    #[tokio::test]
    async fn while_another_process_writes_nobody_waits_longer_than_for_one_lock() {
        let folder = tempfile::tempdir().unwrap();
        let [db, other] = [(); 2].map(|()| Connection::open(folder.path().join("test.db")).unwrap());
        db.execute_batch("PRAGMA busy_timeout = 0; CREATE TABLE t (n INTEGER PRIMARY KEY)").unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let writer = Workers::writer(db).unwrap();
        for _ in 0..3 {
            let said = writer.ask(|db| db.execute_batch("INSERT INTO t VALUES (1)")).await;
            let Err(StoreError::Unavailable(why)) = said else { panic!("{said:?}") };
            assert_eq!(why.to_string(), "database is locked");
        }
        other.execute_batch("ROLLBACK").unwrap();
        writer.ask(|db| db.execute_batch("INSERT INTO t VALUES (2)")).await.unwrap();
        assert_eq!(numbers(&writer).await, [2]);
    }

    #[tokio::test]
    async fn a_panic_is_told_and_ends_neither_writer_nor_reader() {
        for workers in [Workers::writer(database()), Workers::readers(vec![database()])] {
            let workers = workers.unwrap();
            let said =
                workers.ask(|db| -> Result<()> { db.execute_batch("INSERT INTO t VALUES (1, NULL)").map(|()| panic!("in the test")) });
            let Err(StoreError::Unavailable(why)) = said.await else { panic!("it panicked") };
            assert_eq!(why.to_string(), "the storage thread panicked");
            workers.ask(|db| db.execute_batch("INSERT INTO t VALUES (2, NULL)")).await.unwrap();
        }
        let writer = Workers::writer(database()).unwrap();
        let panicking =
            writer.ask(|db| -> Result<()> { db.execute_batch("INSERT INTO t VALUES (1, NULL)").map(|()| panic!("in the test")) });
        assert!(panicking.await.is_err());
        assert_eq!(numbers(&writer).await, [0_i64; 0], "what it had written is taken back");
    }

    #[test]
    fn the_last_handle_may_go_on_the_thread_that_answers() {
        let writer = Arc::new(Workers::writer(database()).unwrap());
        let (handle, handed) = mpsc::channel::<Arc<Workers>>();
        let (done, dropped) = mpsc::channel();
        let mut asked = pin!(writer.ask(move |_| {
            drop(handed.recv());
            let _ = done.send(());
            Ok(())
        }));
        assert!(asked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        handle.send(writer.clone()).unwrap();
        dropped.recv().unwrap();
    }
}
