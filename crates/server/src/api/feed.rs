//! The revocation feed of this process: while somebody waits for news, the database is asked a few times a second, once for all
//! who wait.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hallpass_engine::{
    core::{CoreError, FeedCore},
    engine::Engine,
    feed::{Cursor, Entry, Page},
    id::AppId,
    random::Random,
    store::StoreError,
    time::Timestamp,
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep_until},
};

/// So long somebody waits for news at most.
pub(crate) const PATIENCE: Duration = Duration::from_secs(25);
/// So often the database is asked while somebody waits.
const EVERY: Duration = Duration::from_millis(250);
/// And not more often than so when this process itself has made news.
const PAUSE: Duration = Duration::from_millis(20);
/// By how much each reading reaches back before the one before: entries may become visible late (see [`Engine::feed_of_all`]).
const OVERLAP: Duration = Duration::from_secs(10);
/// After so long without a reading all readers start anew: to catch up would take longer.
const IDLE: Duration = Duration::from_secs(300);
/// So many entries are kept for readers that are behind, and however many there are of the last half minute.
const KEPT: usize = 10_000;
const KEPT_FOR: Duration = Duration::from_secs(30);

/// The feed of this process.
pub(crate) struct Hub {
    engine: Engine,
    /// Tells the cursors of this process from those of others.
    instance: String,
    log: Mutex<Log>,
    /// One of those who wait reads for all of them. When that was last.
    reading: tokio::sync::Mutex<Option<Instant>>,
    /// This process has made news.
    made: Notify,
    signal: watch::Sender<Signal>,
}

/// What wakes those who wait. New entries do so without changing it.
#[derive(Clone, Copy, Default)]
struct Signal {
    /// How many readings have failed.
    failures: u64,
    is_stopping: bool,
}

impl Hub {
    pub(crate) fn new(engine: Engine, random: &dyn Random) -> Self {
        Self {
            engine,
            instance: format!("{:016x}", u64::from_be_bytes(random.bytes())),
            log: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            made: Notify::new(),
            signal: watch::Sender::default(),
        }
    }

    /// This process has changed something that verifiers have to know of: it is read at once.
    pub(crate) fn poke(&self) {
        self.made.notify_one();
    }

    /// Nobody waits any longer.
    pub(crate) fn stop(&self) {
        self.signal.send_modify(|signal| signal.is_stopping = true);
    }

    /// What was added to the feed of an app since `after`, as soon as there is something, or nothing after [`PATIENCE`]. Without
    /// `after`, or if it is none of our cursors or too old, everything that still counts, at once. `engine` is the app's.
    ///
    /// While it waits, it holds nothing of the database.
    pub(crate) async fn wait(&self, engine: &Engine, app: &AppId, after: Option<&Cursor>) -> Result<Page, CoreError> {
        let mut signal = self.signal.subscribe();
        let before = *signal.borrow_and_update();
        let deadline = Instant::now() + PATIENCE;
        let Some(number) = after.and_then(|cursor| self.number(cursor)) else { return self.whole(engine, app).await };
        loop {
            let Some((last, entries)) = self.log().after(number, app) else { return self.whole(engine, app).await };
            let Signal { failures, is_stopping } = *signal.borrow_and_update();
            if !entries.is_empty() || is_stopping || Instant::now() >= deadline {
                return Ok(Page { cursor: self.cursor(last), is_whole: false, entries });
            }
            if failures > before.failures {
                return Err(StoreError::Unavailable("the feed could not be read".into()).into());
            }
            tokio::select! {
                () = sleep_until(deadline) => {}
                _ = signal.changed() => {}
                read = self.read_in_turn() => read?,
            }
        }
    }

    async fn whole(&self, engine: &Engine, app: &AppId) -> Result<Page, CoreError> {
        // the place in the log comes first: what happens meanwhile is told twice rather than never
        let last = {
            let mut log = self.log();
            log.begin(self.engine.now());
            log.last
        };
        let page = engine.feed(app, None).await?;
        Ok(Page { cursor: self.cursor(last), ..page })
    }

    /// Waits for its turn, and until a reading is due; then reads for everybody. Whoever does so may be gone at any moment:
    /// then it is somebody else's turn.
    async fn read_in_turn(&self) -> Result<(), CoreError> {
        let mut read_at = self.reading.lock().await;
        if let Some(before) = *read_at {
            let soon = async {
                self.made.notified().await;
                sleep_until(before + PAUSE).await;
            };
            tokio::select! {
                () = sleep_until(before + EVERY) => {}
                () = soon => {}
            }
        }
        let now = self.engine.now();
        let since = self.log().begin(now);
        let read = self.engine.feed_of_all(since).await;
        *read_at = Some(Instant::now());
        let read = read.inspect_err(|_| self.signal.send_modify(|signal| signal.failures += 1))?;
        if self.log().absorb(read, now) {
            self.signal.send_modify(|_| {});
        }
        Ok(())
    }

    fn cursor(&self, number: u64) -> Cursor {
        format!("{}.{number}", self.instance).into()
    }

    /// The number in a cursor of ours.
    fn number(&self, cursor: &Cursor) -> Option<u64> {
        cursor.as_str().strip_prefix(&self.instance)?.strip_prefix('.')?.parse().ok()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was read lately, of all apps, numbered as it was read.
#[derive(Default)]
struct Log {
    entries: VecDeque<Numbered>,
    /// Those entries again: what is read twice is told once.
    seen: HashSet<(AppId, Entry)>,
    /// The number of the latest one.
    last: u64,
    /// The number of the latest one that is not kept any more.
    forgotten: u64,
    read_at: Option<Timestamp>,
}

struct Numbered {
    number: u64,
    read_at: Timestamp,
    app: AppId,
    entry: Entry,
}

impl Log {
    /// From which moment on the next reading has to read. After a long time without one, whatever was read before counts no
    /// more, and neither do the readers' cursors.
    fn begin(&mut self, now: Timestamp) -> Timestamp {
        let read_at = match self.read_at {
            Some(read_at) if now.since(read_at) <= IDLE => read_at,
            _ => {
                self.entries.clear();
                self.seen.clear();
                self.last += 1;
                self.forgotten = self.last;
                now
            }
        };
        self.read_at = Some(read_at);
        read_at - OVERLAP
    }

    /// Takes in what was read at a moment. Whether there is news among it.
    fn absorb(&mut self, read: Vec<(AppId, Entry)>, now: Timestamp) -> bool {
        let before = self.last;
        for (app, entry) in read {
            if self.seen.insert((app.clone(), entry.clone())) {
                self.last += 1;
                self.entries.push_back(Numbered { number: self.last, read_at: now, app, entry });
            }
        }
        self.read_at = Some(now);
        while self.entries.len() > KEPT && self.entries.front().is_some_and(|oldest| now.since(oldest.read_at) > KEPT_FOR) {
            if let Some(Numbered { number, app, entry, .. }) = self.entries.pop_front() {
                self.forgotten = number;
                self.seen.remove(&(app, entry));
            }
        }
        self.last > before
    }

    /// The entries of an app after a number, in the order in which they happened, and the latest number. `None`: some of them
    /// may be forgotten, or the number is not ours.
    fn after(&self, number: u64, app: &AppId) -> Option<(u64, Vec<Entry>)> {
        if !(self.forgotten..=self.last).contains(&number) {
            return None;
        }
        let start = self.entries.partition_point(|entry| entry.number <= number);
        let mut entries: Vec<_> = self.entries.range(start..).filter(|entry| entry.app == *app).map(|entry| entry.entry.clone()).collect();
        entries.sort_by_key(|entry| entry.at);
        Some((self.last, entries))
    }
}

#[cfg(test)]
mod tests {
    use hallpass_engine::feed::Change;

    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
    const SECOND: Duration = Duration::from_secs(1);

    fn entry(app: &str, user: &str, at: Timestamp) -> (AppId, Entry) {
        let change = Change::Banned { user: user.into(), tenant: None };
        (app.parse().unwrap(), Entry { at, until: at + 3600 * SECOND, change })
    }

    fn started() -> (Log, u64) {
        let mut log = Log::default();
        log.begin(START);
        let last = log.last;
        (log, last)
    }

    fn users(log: &Log, number: u64) -> Option<Vec<String>> {
        let (_, entries) = log.after(number, &"shop".parse().unwrap())?;
        let user = |entry: Entry| match entry.change {
            Change::Banned { user, .. } => user.to_string(),
            other => panic!("{other:?}"),
        };
        Some(entries.into_iter().map(user).collect())
    }

    #[test]
    fn what_is_read_twice_is_told_once_and_each_app_hears_of_its_own() {
        let (mut log, start) = started();
        assert!(log.absorb(vec![entry("shop", "a", START), entry("blog", "x", START)], START));
        let seen = log.last;
        assert!(!log.absorb(vec![entry("shop", "a", START), entry("blog", "x", START)], START + SECOND));
        assert!(log.absorb(vec![entry("shop", "a", START), entry("shop", "b", START)], START + SECOND));
        assert_eq!(users(&log, start).unwrap(), ["a", "b"]);
        assert_eq!(users(&log, seen).unwrap(), ["b"]);
        assert!(users(&log, log.last).unwrap().is_empty());
    }

    #[test]
    fn what_becomes_visible_late_is_told_all_the_same() {
        let (mut log, _) = started();
        log.absorb(vec![entry("shop", "b", START + SECOND)], START + SECOND);
        let seen = log.last;
        log.absorb(vec![entry("shop", "a", START), entry("shop", "b", START + SECOND)], START + 2 * SECOND);
        assert_eq!(users(&log, seen).unwrap(), ["a"]);
        assert_eq!(users(&log, 1).unwrap(), ["a", "b"], "in the order in which it happened");
    }

    #[test]
    fn a_reading_reaches_back_before_the_one_before() {
        let (mut log, _) = started();
        assert_eq!(log.begin(START + SECOND), START - OVERLAP);
        log.absorb(vec![], START + SECOND);
        assert_eq!(log.begin(START + 60 * SECOND), START + SECOND - OVERLAP);
    }

    #[test]
    fn after_a_long_silence_everybody_starts_anew() {
        let (mut log, start) = started();
        log.absorb(vec![entry("shop", "a", START)], START);
        let late = START + IDLE + Duration::from_millis(1);
        assert_eq!(log.begin(late), late - OVERLAP);
        assert_eq!((users(&log, start), users(&log, start + 1)), (None, None));
        assert_eq!(users(&log, log.last), Some(vec![]));
    }

    #[test]
    fn a_number_that_was_never_given_is_not_ours() {
        let (log, start) = started();
        assert_eq!((users(&log, start + 1), users(&log, start - 1), users(&log, u64::MAX)), (None, None, None));
    }

    #[test]
    fn the_oldest_are_forgotten_when_there_are_many_and_not_while_they_are_read_again() {
        let (mut log, start) = started();
        let many = || (0..=KEPT).map(|number| entry("shop", &number.to_string(), START)).collect::<Vec<_>>();
        log.absorb(many(), START);
        assert!(!log.absorb(many(), START + KEPT_FOR), "however many there are");
        assert_eq!(users(&log, start).unwrap().len(), KEPT + 1);
        log.absorb(vec![], START + KEPT_FOR + SECOND);
        assert_eq!(users(&log, start), None);
        assert_eq!(users(&log, start + 1).unwrap().len(), KEPT);
        assert_eq!(log.seen.len(), KEPT);
    }
}
