//! When users were last seen: gathered here, written now and then. What a crash loses of it is accepted.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use hallpass_engine::{
    id::{AppId, UserId},
    store::{Store, StoreError},
    time::Timestamp,
};

/// So many users are gathered at most; more are not noted until the next write.
const MOST: usize = 100_000;

/// Users that were seen and are not written yet.
pub(crate) struct Activity {
    store: Arc<dyn Store>,
    seen: Mutex<HashMap<(AppId, UserId), Timestamp>>,
}

impl Activity {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, seen: Mutex::default() }
    }

    /// Notes that a user was there.
    pub(crate) fn saw(&self, app: &AppId, user: &UserId, now: Timestamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = seen.len() < MOST;
        let key = (app.clone(), user.clone());
        if has_room || seen.contains_key(&key) {
            seen.insert(key, now);
        }
    }

    /// Forgets who was there in an app that is gone.
    pub(crate) fn forget(&self, app: &AppId) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).retain(|(seen_in, _), _| seen_in != app);
    }

    /// Writes what was gathered; what cannot be written is gathered again.
    ///
    /// # Errors
    /// As for any use of the store.
    pub(crate) async fn flush(&self) -> Result<(), StoreError> {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        if seen.is_empty() {
            return Ok(());
        }
        let batch: Vec<_> = seen.into_iter().map(|((app, user), at)| (app, user, at)).collect();
        let written = self.store.activity_record(&batch).await;
        if written.is_err() {
            batch.iter().for_each(|(app, user, at)| self.saw(app, user, *at));
        }
        written
    }

    /// How many users of an app were seen since then, those that are not written yet included.
    pub(crate) async fn count(&self, app: &AppId, since: Timestamp) -> Result<u64, StoreError> {
        self.flush().await?;
        self.store.activity_count(app, since).await
    }
}
