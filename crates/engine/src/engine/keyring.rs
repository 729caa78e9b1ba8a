//! The keys of an app, opened and kept in memory.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::lock::Mutex;

use super::Engine;
use crate::{
    core::CoreError,
    event::{Event, EventKind},
    id::AppId,
    keys::{Algorithm, KeyFacts, NewKey, SigningFailed, SigningKey, VerifyingKeys},
    refresh_token::{RefreshRoot, RootId},
    session::KeyFamily,
    store::RootRecord,
    time::Timestamp,
    vault::CannotOpen,
};

/// An unknown key name makes us read the keys again, but not more often than this: names are free to invent.
const RELOAD_PAUSE: Duration = Duration::from_millis(500);

/// After this long the keys are read again before they are used: others may have changed them.
const STALE_AFTER: Duration = Duration::from_secs(5);

/// The keys of one app.
pub(super) struct Keyring {
    dynamic: Vec<Arc<SigningKey>>,
    statics: Vec<Arc<SigningKey>>,
    pub(super) roots: Vec<RefreshRoot>,
    verifying: Arc<VerifyingKeys>,
    /// The next key of a family gets this number.
    next_sequence: [u32; 2],
    loaded_at: Timestamp,
    /// Which reading of keys this comes from: a later one has seen more.
    reading: u64,
    /// Held by whoever makes a key or reads them all again: one at a time. The others go on with what is here, or wait
    /// where there is nothing to go on with. All keyrings of an app share it.
    changing: Arc<Mutex<()>>,
}

impl Keyring {
    /// The root that new tokens are made with.
    pub(super) fn newest_root(&self) -> &RefreshRoot {
        self.roots.last().expect("a keyring is built only with a root in it")
    }

    fn newest(&self) -> Option<KeyFacts> {
        self.dynamic.first().map(|key| key.facts)
    }
}

impl From<SigningFailed> for CoreError {
    fn from(_: SigningFailed) -> Self {
        Self::Signing
    }
}

impl Engine {
    /// The keys of an app: from memory, read or made when they are not there or too old.
    pub(super) async fn keyring(&self, app: &AppId, now: Timestamp) -> Result<Arc<Keyring>, CoreError> {
        let keyring = match self.cached_keyring(app) {
            Some(keyring) => self.refreshed(app, keyring, now).await,
            None => self.load_keyring(app, now).await?,
        };
        let (rule, newest) = (self.config.keys(), keyring.newest());
        if newest.is_none() {
            let is_there = |keyring: &Keyring| keyring.newest().is_some();
            return self.make_key(app, KeyFamily::Dynamic, self.config.algorithm, (&keyring, is_there), now).await;
        }
        if !rule.is_due(newest, now) {
            return Ok(keyring);
        }
        let Some(_changing) = keyring.changing.try_lock() else { return Ok(keyring.clone()) };
        // due: a key made ahead is welcome; overdue: it must be made now, however long that takes
        let key = match self.shared.keys.ready(self.config.algorithm) {
            None if rule.is_overdue(newest, now) => self.shared.keys.next(self.config.algorithm).await?,
            None => return Ok(keyring.clone()),
            Some(key) => key,
        };
        match self.add_key(app, KeyFamily::Dynamic, key, &keyring, now).await {
            // what cannot be written must not keep anyone from reading
            Err(error) => {
                tracing::warn!(%app, error = &error as &dyn std::error::Error, "a signing key is due and could not be stored");
                Ok(keyring.clone())
            }
            added => added,
        }
    }

    /// The keyring, read again if it is stale; as it is when somebody else does that, or when the store does not answer.
    async fn refreshed(&self, app: &AppId, keyring: Arc<Keyring>, now: Timestamp) -> Arc<Keyring> {
        if now.since(keyring.loaded_at) < STALE_AFTER {
            return keyring;
        }
        let Some(_changing) = keyring.changing.try_lock() else { return keyring.clone() };
        match self.load_keyring(app, now).await {
            Ok(fresh) => fresh,
            Err(error) => {
                tracing::warn!(%app, error = &error as &dyn std::error::Error, "keys could not be read again");
                keyring.clone()
            }
        }
    }

    /// Makes a key that is missing; of many who find it missing at once one makes it and the others wait.
    async fn make_key(
        &self,
        app: &AppId,
        family: KeyFamily,
        algorithm: Algorithm,
        (keyring, is_there): (&Arc<Keyring>, impl Fn(&Keyring) -> bool),
        now: Timestamp,
    ) -> Result<Arc<Keyring>, CoreError> {
        let _changing = keyring.changing.lock().await;
        let keyring = self.cached_keyring(app).unwrap_or_else(|| keyring.clone());
        if is_there(&keyring) {
            return Ok(keyring);
        }
        let key = self.shared.keys.next(algorithm).await?;
        self.add_key(app, family, key, &keyring, now).await
    }

    pub(super) fn cached_keyring(&self, app: &AppId) -> Option<Arc<Keyring>> {
        self.shared.keyrings.read().expect("no holder of this lock panics").get(app).cloned()
    }

    /// The key that signs for a family; a static one with this algorithm.
    pub(crate) async fn signer(
        &self,
        app: &AppId,
        family: KeyFamily,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<Arc<SigningKey>, CoreError> {
        let keyring = self.keyring(app, now).await?;
        let choose = |keyring: &Keyring| match family {
            KeyFamily::Dynamic => {
                let facts: Vec<_> = keyring.dynamic.iter().map(|key| key.facts).collect();
                self.config.keys().signer(&facts, now).map(|index| keyring.dynamic[index].clone())
            }
            KeyFamily::Static => keyring.statics.iter().find(|key| key.facts.algorithm == algorithm).cloned(),
        };
        if let Some(key) = choose(&keyring) {
            return Ok(key);
        }
        let is_there = |keyring: &Keyring| choose(keyring).is_some();
        let made = self.make_key(app, family, algorithm, (&keyring, is_there), now).await?;
        choose(&made).ok_or(CoreError::Signing)
    }

    /// The published keys, if that of this name is among them and nothing has to be read or made first.
    pub(super) fn current_keys(&self, app: &AppId, kid: &str) -> Option<Arc<VerifyingKeys>> {
        let now = self.shared.clock.now();
        let keyrings = self.shared.keyrings.read().expect("no holder of this lock panics");
        let keyring = keyrings.get(app)?;
        let is_current = now.since(keyring.loaded_at) < STALE_AFTER && !self.config.keys().is_due(keyring.newest(), now);
        (is_current && keyring.verifying.contains(kid)).then(|| keyring.verifying.clone())
    }

    /// The published keys; read again when `kid` is not among them.
    pub(super) async fn published_keys(&self, app: &AppId, kid: Option<&str>) -> Result<Arc<VerifyingKeys>, CoreError> {
        let now = self.shared.clock.now();
        let keyring = self.keyring(app, now).await?;
        let is_unknown = kid.is_some_and(|kid| !keyring.verifying.contains(kid));
        if is_unknown
            && now.since(keyring.loaded_at) >= RELOAD_PAUSE
            && let Some(_changing) = keyring.changing.try_lock()
        {
            return Ok(self.load_keyring(app, now).await?.verifying.clone());
        }
        Ok(keyring.verifying.clone())
    }

    /// The dynamic keys as the oldest clients know them, newest first: DER (SubjectPublicKeyInfo), and when each was made.
    ///
    /// # Errors
    /// As for any use of the store.
    pub async fn dynamic_keys_as_der(&self, app: &AppId) -> Result<Vec<(Vec<u8>, Timestamp)>, CoreError> {
        let keyring = self.keyring(app, self.shared.clock.now()).await?;
        keyring.dynamic.iter().map(|key| Ok((key.spki()?, key.facts.created_at))).collect()
    }

    /// Reads the keys of an app; makes its refresh root if there is none.
    pub(super) async fn load_keyring(&self, app: &AppId, now: Timestamp) -> Result<Arc<Keyring>, CoreError> {
        let unopened = |_: CannotOpen| CoreError::Keys { app: app.clone() };
        let reading = self.shared.readings.fetch_add(1, Ordering::Relaxed);
        let mut roots = self.shared.store.root_list(app).await?;
        if roots.is_empty() {
            let sealed = self.shared.vault.seal(&place(app, 0), &self.shared.random.bytes::<32>());
            // whoever was first: that one counts
            self.shared.store.root_insert(&RootRecord { app: app.clone(), id: 0, sealed }).await?;
            roots = self.shared.store.root_list(app).await?;
        }
        let open = |record: &RootRecord| {
            let root = self.shared.vault.open(&place(app, record.id), &record.sealed)?;
            let root = root.as_slice().try_into().map_err(|_| CannotOpen)?;
            Ok(RefreshRoot::new(record.id, root))
        };
        let roots = roots.iter().map(open).collect::<Result<Vec<_>, _>>().map_err(unopened)?;
        let (mut dynamic, mut statics) = (Vec::new(), Vec::new());
        let mut next_sequence = [0; 2];
        let rule = self.config.keys();
        for record in self.shared.store.key_list(app).await? {
            let next = &mut next_sequence[record.family as usize];
            *next = record.sequence.saturating_add(1).max(*next);
            let key = Arc::new(SigningKey::open(&record, &self.shared.vault).map_err(unopened)?);
            match key.family {
                KeyFamily::Dynamic if rule.verifies(key.facts, now) => dynamic.push(key),
                KeyFamily::Dynamic => {}
                KeyFamily::Static => statics.push(key),
            }
        }
        let verifying = dynamic.iter().chain(&statics).map(|key| key.verifying()).collect::<Result<_, _>>()?;
        let due_at = dynamic.first().map_or(now, |key| rule.due_at(key.facts));
        let verifying = Arc::new(VerifyingKeys::new(verifying, due_at));
        let mut keyrings = self.shared.keyrings.write().expect("no holder of this lock panics");
        let changing = match keyrings.get(app) {
            Some(later) if later.reading > reading => return Ok(later.clone()),
            Some(earlier) => Arc::clone(&earlier.changing),
            None => Arc::default(),
        };
        let keyring = Arc::new(Keyring { dynamic, statics, roots, verifying, next_sequence, loaded_at: now, reading, changing });
        keyrings.insert(app.clone(), keyring.clone());
        Ok(keyring)
    }

    /// Names and stores the key that follows those of `keyring`, which was found to lack one. Whoever was first, here or in
    /// another process, the keys are read again.
    pub(super) async fn add_key(
        &self,
        app: &AppId,
        family: KeyFamily,
        key: NewKey,
        keyring: &Keyring,
        now: Timestamp,
    ) -> Result<Arc<Keyring>, CoreError> {
        // the name of a dynamic key is its moment: two keys cannot share one
        let after_newest = keyring.newest().map_or(now, |newest| newest.created_at + Duration::from_millis(1));
        let place = (family, keyring.next_sequence[family as usize]);
        let record = key.into_record(app, place, now.max(after_newest), &self.shared.vault, &*self.shared.random)?;
        let event = Event { reason: Some(record.kid.clone()), ..self.app_event(EventKind::KeyCreated, app, now) };
        self.shared.store.key_insert(&record, &event).await?;
        self.delete_old_keys(app, now).await?;
        self.load_keyring(app, now).await
    }

    /// Deletes dynamic keys whose last token has expired.
    pub(super) async fn delete_old_keys(&self, app: &AppId, now: Timestamp) -> Result<(), CoreError> {
        let rule = self.config.keys();
        for key in self.shared.store.key_list(app).await? {
            let facts = KeyFacts { created_at: key.created_at, algorithm: key.algorithm };
            if key.family == KeyFamily::Dynamic && !rule.verifies(facts, now) {
                self.shared.store.key_delete(app, &key.kid, None).await?;
            }
        }
        Ok(())
    }
}

fn place(app: &AppId, id: RootId) -> String {
    format!("refresh-root/{app}/{id}")
}
