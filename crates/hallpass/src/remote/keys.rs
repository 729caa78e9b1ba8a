//! The public keys of a core's apps, kept for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hallpass_engine::{
    core::CoreError,
    id::AppId,
    keys::VerifyingKeys,
    store::StoreError,
    time::{Clock, Timestamp},
};

use super::client::Client;

/// So old at most are the keys that are used: a key that was taken away is refused from then on.
const FRESH: Duration = Duration::from_secs(60);
/// An unknown key name makes us read the keys again, but not more often than this: names are free to invent. After a failure,
/// too, the core is left alone for so long.
const RELOAD_PAUSE: Duration = Duration::from_millis(500);

/// What is known of the keys of an app.
#[derive(Clone, Default)]
struct Known {
    /// The keys, and until when they are taken as they are.
    keys: Option<(Arc<VerifyingKeys>, Timestamp)>,
    /// When they were last asked for.
    asked_at: Timestamp,
    /// Whether that failed.
    failed: bool,
}

impl Known {
    /// The keys, if they are as good as any that could be had now.
    fn current(&self, kid: Option<&str>, now: Timestamp) -> Option<&Arc<VerifyingKeys>> {
        let (keys, fresh_until) = self.keys.as_ref()?;
        let is_known = kid.is_none_or(|kid| keys.contains(kid));
        let was_just_asked = now.since(self.asked_at) < RELOAD_PAUSE;
        (was_just_asked || is_known && now < *fresh_until).then_some(keys)
    }

    /// The keys, if the one of that name is among them, however old they are.
    fn at_hand(&self, kid: Option<&str>) -> Option<&Arc<VerifyingKeys>> {
        self.keys.as_ref().map(|(keys, _)| keys).filter(|keys| kid.is_some_and(|kid| keys.contains(kid)))
    }

    fn has_just_failed(&self, now: Timestamp) -> bool {
        self.failed && now.since(self.asked_at) < RELOAD_PAUSE
    }
}

/// The keys that were read. Nothing is read before the first token is verified.
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

    /// The keys of an app, if that of this name is among them and they need not be read again.
    pub(super) fn current(&self, app: &AppId, kid: &str) -> Option<Arc<VerifyingKeys>> {
        let now = self.clock.now();
        let known = self.lock();
        known.get(app)?.current(Some(kid), now).filter(|keys| keys.contains(kid)).cloned()
    }

    /// The keys of an app; read when there are none, when they are too old, or when `kid` is not among them. A core that is away
    /// keeps nobody from verifying with the keys that are known.
    ///
    /// # Errors
    /// [`CoreError::PublicKeys`].
    pub(super) async fn of(&self, client: &Client, app: &AppId, kid: Option<&str>) -> Result<Arc<VerifyingKeys>, CoreError> {
        if let Some(keys) = self.known(app).current(kid, self.clock.now()) {
            return Ok(keys.clone());
        }
        let _reading = match (self.reading.try_lock(), self.known(app).at_hand(kid)) {
            (Ok(reading), _) => reading,
            // whoever reads may wait for long; the old ones will do meanwhile
            (Err(_), Some(keys)) => return Ok(keys.clone()),
            (Err(_), None) => self.reading.lock().await,
        };
        let known = self.known(app);
        if let Some(keys) = known.current(kid, self.clock.now()) {
            return Ok(keys.clone());
        }
        if known.has_just_failed(self.clock.now()) {
            return Err(CoreError::PublicKeys(Box::new(StoreError::Unavailable("they could not be read a moment ago".into()).into())));
        }
        self.read(client, app, known).await
    }

    async fn read(&self, client: &Client, app: &AppId, known: Known) -> Result<Arc<VerifyingKeys>, CoreError> {
        let answer = client.get_open(app, "/.well-known/jwks.json").await;
        let asked_at = self.clock.now();
        match answer {
            Ok(answer) => {
                let max_age = answer.max_age.unwrap_or(FRESH);
                let keys = Arc::new(VerifyingKeys::from_jwks(&answer.body, asked_at + max_age));
                let fresh = Some((keys.clone(), asked_at + max_age.min(FRESH)));
                self.lock().insert(app.clone(), Known { keys: fresh, asked_at, failed: false });
                Ok(keys)
            }
            Err(error) => {
                self.lock().insert(app.clone(), Known { keys: known.keys.clone(), asked_at, failed: true });
                let Some((keys, _)) = known.keys else { return Err(CoreError::PublicKeys(Box::new(error))) };
                tracing::warn!(error = &error as &dyn std::error::Error, "the core's public keys could not be read again");
                Ok(keys)
            }
        }
    }

    fn known(&self, app: &AppId) -> Known {
        self.lock().get(app).cloned().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AppId, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
