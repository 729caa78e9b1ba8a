//! The keys of an app, opened and kept in memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

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

/// The keys of one app.
pub(super) struct Keyring {
    dynamic: Vec<Arc<SigningKey>>,
    statics: Vec<Arc<SigningKey>>,
    pub(super) roots: Vec<RefreshRoot>,
    verifying: Arc<VerifyingKeys>,
    /// The next key of a family gets this number.
    next_sequence: [u32; 2],
    loaded_at: Timestamp,
    /// Somebody is making a key or reading them all again: one at a time, the others go on with what is here.
    busy: AtomicBool,
}

/// The right to replace a keyring; given back when it is dropped, by a request that went away too.
struct Claim<'a>(&'a AtomicBool);

impl<'a> Claim<'a> {
    fn take(busy: &'a AtomicBool) -> Option<Self> {
        (!busy.swap(true, Ordering::AcqRel)).then_some(Self(busy))
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
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
            Some(keyring) => keyring,
            None => self.load_keyring(app, now).await?,
        };
        let (rule, newest) = (self.config.keys(), keyring.newest());
        if !rule.is_due(newest, now) {
            return Ok(keyring);
        }
        let claim = Claim::take(&keyring.busy);
        if claim.is_none() && newest.is_some() {
            return Ok(keyring.clone());
        }
        // due: a key made ahead is welcome; overdue: it must be made now, however long that takes
        let Some(key) = self.take_spare(rule.is_overdue(newest, now))? else { return Ok(keyring.clone()) };
        match self.add_key(app, KeyFamily::Dynamic, key, now).await {
            // what cannot be written must not keep anyone from reading
            Err(error) if newest.is_some() => {
                tracing::warn!(%app, error = &error as &dyn std::error::Error, "a signing key is due and could not be stored");
                Ok(keyring.clone())
            }
            added => added,
        }
    }

    pub(super) fn cached_keyring(&self, app: &AppId) -> Option<Arc<Keyring>> {
        self.keyrings.read().expect("no holder of this lock panics").get(app).cloned()
    }

    /// The key that signs for a family.
    pub(super) async fn signer(&self, app: &AppId, family: KeyFamily, now: Timestamp) -> Result<Arc<SigningKey>, CoreError> {
        let keyring = self.keyring(app, now).await?;
        let choose = |keyring: &Keyring| match family {
            KeyFamily::Dynamic => {
                let facts: Vec<_> = keyring.dynamic.iter().map(|key| key.facts).collect();
                self.config.keys().signer(&facts, now).map(|index| keyring.dynamic[index].clone())
            }
            KeyFamily::Static => keyring.statics.iter().find(|key| key.facts.algorithm == self.config.algorithm).cloned(),
        };
        if let Some(key) = choose(&keyring) {
            return Ok(key);
        }
        let Some(key) = self.take_spare(true)? else { return Err(CoreError::Signing) };
        choose(&*self.add_key(app, family, key, now).await?).ok_or(CoreError::Signing)
    }

    /// The published keys; read again when `kid` is not among them.
    pub(super) async fn published_keys(&self, app: &AppId, kid: Option<&str>) -> Result<Arc<VerifyingKeys>, CoreError> {
        let now = self.clock.now();
        let keyring = self.keyring(app, now).await?;
        let is_unknown = kid.is_some_and(|kid| !keyring.verifying.contains(kid));
        if is_unknown
            && now.since(keyring.loaded_at) >= RELOAD_PAUSE
            && let Some(_claim) = Claim::take(&keyring.busy)
        {
            return Ok(self.load_keyring(app, now).await?.verifying.clone());
        }
        Ok(keyring.verifying.clone())
    }

    /// Reads the keys of an app; makes its refresh root if there is none.
    pub(super) async fn load_keyring(&self, app: &AppId, now: Timestamp) -> Result<Arc<Keyring>, CoreError> {
        let unopened = |_: CannotOpen| CoreError::Keys { app: app.clone() };
        let mut roots = self.store.root_list(app).await?;
        if roots.is_empty() {
            let sealed = self.vault.seal(&place(app, 0), &self.random.bytes::<32>());
            // whoever was first: that one counts
            self.store.root_insert(&RootRecord { app: app.clone(), id: 0, sealed }).await?;
            roots = self.store.root_list(app).await?;
        }
        let open = |record: &RootRecord| {
            let root = self.vault.open(&place(app, record.id), &record.sealed)?;
            let root = root.as_slice().try_into().map_err(|_| CannotOpen)?;
            Ok(RefreshRoot::new(record.id, root))
        };
        let roots = roots.iter().map(open).collect::<Result<Vec<_>, _>>().map_err(unopened)?;
        let (mut dynamic, mut statics) = (Vec::new(), Vec::new());
        let mut next_sequence = [0; 2];
        let rule = self.config.keys();
        for record in self.store.key_list(app).await? {
            let next = &mut next_sequence[record.family as usize];
            *next = record.sequence.saturating_add(1).max(*next);
            let key = Arc::new(SigningKey::open(&record, &self.vault).map_err(unopened)?);
            match key.family {
                KeyFamily::Dynamic if rule.verifies(key.facts, now) => dynamic.push(key),
                KeyFamily::Dynamic => {}
                KeyFamily::Static => statics.push(key),
            }
        }
        let verifying = dynamic.iter().chain(&statics).map(|key| key.verifying()).collect::<Result<_, _>>()?;
        let due_at = dynamic.first().map_or(now, |key| rule.due_at(key.facts));
        let verifying = Arc::new(VerifyingKeys::new(verifying, due_at));
        let keyring = Arc::new(Keyring { dynamic, statics, roots, verifying, next_sequence, loaded_at: now, busy: AtomicBool::new(false) });
        self.keyrings.write().expect("no holder of this lock panics").insert(app.clone(), keyring.clone());
        Ok(keyring)
    }

    /// Names and stores the next key of a family; whoever was first, the keys are read again.
    pub(super) async fn add_key(&self, app: &AppId, family: KeyFamily, key: NewKey, now: Timestamp) -> Result<Arc<Keyring>, CoreError> {
        let keyring = match self.cached_keyring(app) {
            Some(keyring) => keyring,
            None => self.load_keyring(app, now).await?,
        };
        // the name of a dynamic key is its moment: two keys cannot share one
        let after_newest = keyring.newest().map_or(now, |newest| newest.created_at + Duration::from_millis(1));
        let place = (family, keyring.next_sequence[family as usize]);
        let record = key.into_record(app, place, now.max(after_newest), &self.vault, &*self.random)?;
        let event = Event { reason: Some(record.kid.clone()), ..self.app_event(EventKind::KeyCreated, app, now) };
        self.store.key_insert(&record, &event).await?;
        self.load_keyring(app, now).await
    }

    /// A key made ahead; one made on the spot if `needed`, or if that costs next to nothing.
    fn take_spare(&self, needed: bool) -> Result<Option<NewKey>, CoreError> {
        let algorithm = self.config.algorithm;
        let spare = self.spare_keys.lock().expect("no holder of this lock panics").pop();
        match spare.filter(|key| key.algorithm() == algorithm) {
            None if needed || algorithm == Algorithm::Es256 => Ok(Some(NewKey::generate(algorithm)?)),
            spare => Ok(spare),
        }
    }
}

fn place(app: &AppId, id: RootId) -> String {
    format!("refresh-root/{app}/{id}")
}
