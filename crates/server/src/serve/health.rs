//! Whether this process lives, and whether it should get requests.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use hallpass_engine::{
    store::{Store, StoreError},
    time::{Clock, Timestamp},
};
use tokio::time::timeout;

/// Further apart, windows and lifetimes would not mean the same on every node.
const CLOCKS_APART: Duration = Duration::from_secs(2);

/// A database that takes longer than this to say that it is there is not.
const PATIENCE: Duration = Duration::from_secs(2);

/// However often somebody asks, the database is not asked more often than this.
const REMEMBERED: Duration = Duration::from_millis(500);

/// Asks the database whether it is there, and what time it is by its clock.
pub type Ping = Arc<dyn Fn() -> BoxFuture<'static, Result<Option<Timestamp>, StoreError>> + Send + Sync>;

/// Why this process should get no requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotReady {
    /// It has no keys yet.
    #[error("starting: the signing keys are not there yet")]
    Starting,
    /// It was told to stop.
    #[error("stopping")]
    Stopping,
    /// Nothing can be read or stored.
    #[error("the database does not answer")]
    Database,
    /// Which of them is right, who knows.
    #[error("the clocks of this machine and of the database are more than 2 seconds apart: synchronise them")]
    Clocks,
}

const STARTING: u8 = 0;
const SERVING: u8 = 1;
const STOPPING: u8 = 2;

/// The health of a process.
pub struct Health {
    stage: AtomicU8,
    ping: Ping,
    clock: Arc<dyn Clock>,
    latest: Mutex<Option<(Timestamp, Result<(), NotReady>)>>,
}

impl Health {
    /// Of a process that is starting.
    pub fn new(ping: Ping, clock: Arc<dyn Clock>) -> Self {
        Self { stage: AtomicU8::new(STARTING), ping, clock, latest: Mutex::default() }
    }

    /// How a store is asked.
    pub fn ping(store: Arc<dyn Store>) -> Ping {
        Arc::new(move || {
            let store = Arc::clone(&store);
            Box::pin(async move { store.ping().await })
        })
    }

    /// From now on it serves.
    pub fn serving(&self) {
        let _ = self.stage.compare_exchange(STARTING, SERVING, Ordering::AcqRel, Ordering::Acquire); // unless it stops already
    }

    /// From now on it takes no more requests.
    pub fn stopping(&self) {
        self.stage.store(STOPPING, Ordering::Release);
    }

    /// Whether it should get requests.
    ///
    /// # Errors
    /// [`NotReady`]: why it should not.
    pub async fn ready(&self) -> Result<(), NotReady> {
        match self.stage.load(Ordering::Acquire) {
            STARTING => return Err(NotReady::Starting),
            STOPPING => return Err(NotReady::Stopping),
            _ => {}
        }
        let asked_at = self.clock.now();
        if let Some((at, latest)) = *self.latest.lock().unwrap_or_else(PoisonError::into_inner)
            && asked_at.since(at) < REMEMBERED
        {
            return latest;
        }
        let answer = timeout(PATIENCE, (self.ping)()).await;
        let found = match answer {
            Ok(Ok(theirs)) => together(asked_at, theirs, self.clock.now()),
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the database does not answer");
                Err(NotReady::Database)
            }
            Err(_) => {
                tracing::warn!("the database does not answer within {} s", PATIENCE.as_secs());
                Err(NotReady::Database)
            }
        };
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some((asked_at, found));
        found
    }
}

/// Whether the database's clock agrees with ours, which went from `asked_at` to `answered_at` meanwhile.
fn together(asked_at: Timestamp, theirs: Option<Timestamp>, answered_at: Timestamp) -> Result<(), NotReady> {
    let Some(theirs) = theirs else { return Ok(()) };
    let apart = asked_at.since(theirs).max(theirs.since(answered_at));
    if apart > CLOCKS_APART { Err(NotReady::Clocks) } else { Ok(()) }
}

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Health").field("stage", &self.stage).field("latest", &self.latest).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use hallpass_testkit::clock::ManualClock;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn clocks_may_differ_by_two_seconds_and_the_time_of_the_question() {
        let judge = |theirs| together(at(10_000), Some(at(theirs)), at(10_500));
        for near in [8000, 10_000, 10_500, 12_500] {
            assert_eq!(judge(near), Ok(()), "{near}");
        }
        for far in [7999, 12_501] {
            assert_eq!(judge(far), Err(NotReady::Clocks), "{far}");
        }
        assert_eq!(together(at(0), None, at(1)), Ok(()));
    }

    #[tokio::test]
    async fn a_process_is_ready_while_it_serves_and_its_database_answers() {
        let clock = Arc::new(ManualClock::default());
        let answer = Arc::new(Mutex::new(Some(0)));
        let asked = Arc::new(Mutex::new(0));
        let ping: Ping = {
            let (clock, answer, asked) = (clock.clone(), answer.clone(), asked.clone());
            Arc::new(move || {
                *asked.lock().unwrap() += 1;
                let answer = answer.lock().unwrap().map(|ahead| clock.now() + Duration::from_millis(ahead));
                Box::pin(async move { answer.map(Some).ok_or_else(|| StoreError::Unavailable("gone".into())) })
            })
        };
        let health = Health::new(ping, clock.clone());
        assert_eq!(health.ready().await, Err(NotReady::Starting));
        health.serving();
        assert_eq!(health.ready().await, Ok(()));
        *answer.lock().unwrap() = None;
        assert_eq!((health.ready().await, *asked.lock().unwrap()), (Ok(()), 1), "it is not asked that often");
        clock.advance(REMEMBERED);
        assert_eq!(health.ready().await, Err(NotReady::Database));
        *answer.lock().unwrap() = Some(2001);
        clock.advance(REMEMBERED);
        assert_eq!(health.ready().await, Err(NotReady::Clocks));
        *answer.lock().unwrap() = Some(0);
        clock.advance(REMEMBERED);
        assert_eq!(health.ready().await, Ok(()));
        health.stopping();
        health.serving();
        assert_eq!(health.ready().await, Err(NotReady::Stopping));
    }
}
