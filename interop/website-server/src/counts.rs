//! How often what was called.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that the suite reads and resets.
#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn text(&self) -> String {
        self.0.load(Ordering::SeqCst).to_string()
    }

    fn reset(&self) {
        self.0.store(0, Ordering::SeqCst);
    }
}

/// Since the suite last reset them.
#[derive(Default)]
pub(crate) struct Counts {
    /// Calls of the refresh route, whatever became of them.
    pub(crate) refresh_attempts: Count,
    /// Those that succeeded.
    pub(crate) refreshes: Count,
    /// Calls of the first page that had a session.
    pub(crate) visits: Count,
}

impl Counts {
    pub(crate) fn reset(&self) {
        for count in [&self.refresh_attempts, &self.refreshes, &self.visits] {
            count.reset();
        }
    }
}
