//! A clock that can be moved ahead: nobody wants to wait ten seconds for a window to close.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use hallpass::{Clock, Timestamp};

/// How far one skip goes: as far as the window of a retired token reaches.
pub(super) const SKIP: Duration = Duration::from_secs(10);

/// Another clock's time, and what was skipped.
pub(super) struct DemoClock {
    machine: Arc<dyn Clock>,
    skipped_seconds: AtomicI64,
}

impl DemoClock {
    pub(super) fn new(machine: Arc<dyn Clock>) -> Self {
        Self { machine, skipped_seconds: AtomicI64::new(0) }
    }

    /// Moves ten seconds ahead, for everybody.
    pub(super) fn skip(&self) {
        self.skipped_seconds.fetch_add(SKIP.as_secs().cast_signed(), Ordering::SeqCst);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        let skipped = self.skipped_seconds.load(Ordering::SeqCst).saturating_mul(1000);
        Timestamp::from_millis(self.machine.now().as_millis().saturating_add(skipped))
    }
}
