//! A clock that stands still until it is moved.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use hallpass_engine::time::{Clock, Timestamp};

/// A clock that is moved by hand. Share it in an [`Arc`](std::sync::Arc).
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `start`.
    pub const fn new(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.as_millis()))
    }

    /// Moves on by `duration`, rounded down to milliseconds, and tells the new time.
    pub fn advance(&self, duration: Duration) -> Timestamp {
        let millis = i64::try_from(duration.as_millis()).expect("tests do not last for millions of years");
        Timestamp::from_millis(self.0.fetch_add(millis, Ordering::SeqCst) + millis)
    }

    /// Moves on to `time`.
    ///
    /// # Panics
    /// When that lies behind: a [`Clock`] never runs backwards.
    pub fn set(&self, time: Timestamp) {
        let before = self.0.swap(time.as_millis(), Ordering::SeqCst);
        assert!(before <= time.as_millis(), "the clock is at {before} ms already");
    }
}

impl Default for ManualClock {
    /// The first of January 2026, 00:00 UTC: late enough for every subtraction.
    fn default() -> Self {
        Self::new(Timestamp::from_millis(1_767_225_600_000))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_only_when_told() {
        let clock = ManualClock::default();
        let start = clock.now();
        assert_eq!(clock.now(), start);
        assert_eq!(clock.advance(Duration::from_millis(1500)), start + Duration::from_millis(1500));
        clock.set(start + Duration::from_secs(9));
        assert_eq!(clock.now().since(start), Duration::from_secs(9));
    }

    #[test]
    #[should_panic(expected = "the clock is at")]
    fn it_never_runs_backwards() {
        let clock = ManualClock::default();
        clock.set(clock.now() - Duration::from_millis(1));
    }
}
