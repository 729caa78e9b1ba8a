//! The public keys of a core's apps, kept for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hallpass_engine::{
    core::CoreError,
    id::AppId,
    keys::VerifyingKeys,
    time::{Clock, Timestamp},
};

use super::client::Client;

/// So old at most are the keys that are used: a key that was taken away is refused from then on.
const FRESH: Duration = Duration::from_secs(60);
/// An unknown key name makes us read the keys again, but not more often than this: names are free to invent.
const RELOAD_PAUSE: Duration = Duration::from_millis(500);

#[derive(Clone)]
struct Known {
    keys: Arc<VerifyingKeys>,
    read_at: Timestamp,
    fresh_until: Timestamp,
}

/// The keys that were read.
pub(super) struct Keys {
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<AppId, Known>>,
    /// One reads, the others wait for it.
    reading: tokio::sync::Mutex<()>,
}

impl Keys {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, known: Mutex::default(), reading: tokio::sync::Mutex::new(()) }
    }

    /// The keys of an app; read when there are none, when they are too old, or when `kid` is not among them.
    pub(super) async fn of(&self, client: &Client, app: &AppId, kid: Option<&str>) -> Result<Arc<VerifyingKeys>, CoreError> {
        if let Some(known) = self.find(app).filter(|known| self.is_enough(known, kid)) {
            return Ok(known.keys);
        }
        let _reading = self.reading.lock().await;
        let known = self.find(app);
        if let Some(known) = known.clone().filter(|known| self.is_enough(known, kid)) {
            return Ok(known.keys);
        }
        match (self.read(client, app).await, known) {
            // a core that is away keeps nobody from verifying
            (Err(error), Some(known)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the core's public keys could not be read again");
                Ok(known.keys)
            }
            (read, _) => read,
        }
    }

    fn is_enough(&self, known: &Known, kid: Option<&str>) -> bool {
        let now = self.clock.now();
        let is_known = kid.is_none_or(|kid| known.keys.contains(kid));
        now < known.fresh_until && (is_known || now.since(known.read_at) < RELOAD_PAUSE)
    }

    fn find(&self, app: &AppId) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(app).cloned()
    }

    async fn read(&self, client: &Client, app: &AppId) -> Result<Arc<VerifyingKeys>, CoreError> {
        let answer = client.get_open(app, "/.well-known/jwks.json").await?;
        let read_at = self.clock.now();
        let max_age = answer.max_age.unwrap_or(FRESH);
        let keys = Arc::new(VerifyingKeys::from_jwks(&answer.body, read_at + max_age));
        let known = Known { keys: keys.clone(), read_at, fresh_until: read_at + max_age.min(FRESH) };
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(app.clone(), known);
        Ok(keys)
    }
}
