//! The apps and tenants there are, and how each app is configured: from the store, remembered for some seconds.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, RwLock},
    time::Duration,
};

use hallpass_engine::{
    id::{AppId, Tenant, TenantId},
    store::{Store, StoreError},
    tenancy::TenantRecord,
    time::{Clock, Timestamp},
};

use super::tenancy::settings::TenantSettings;
use crate::{
    app_settings::{AppSettings, IpRules},
    core_config::effective,
};

/// Another server's change counts here after this long at most; our own counts at once.
const FRESH: Duration = Duration::from_secs(5);

/// While the store is away, what is known counts for so much longer each time that it cannot be read again.
///
/// # Security
/// An API key that another server takes away meanwhile still opens what needs no store: public keys, and verification
/// without a look into the database.
const AGAIN: Duration = Duration::from_secs(1);

/// An app that exists.
#[derive(Debug)]
pub(crate) struct App {
    /// How it is configured: its own settings over those of the server.
    pub(crate) settings: AppSettings,
}

/// A tenant that exists.
#[derive(Debug)]
pub(crate) struct KnownTenant {
    /// As it is stored.
    pub(crate) record: TenantRecord,
    /// From where it may be called.
    pub(crate) ip: IpRules,
}

/// The apps and tenants that the store knows.
pub(crate) struct Apps {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    base: AppSettings,
    apps: Remembered<AppId, App>,
    tenants: Remembered<Tenant, KnownTenant>,
}

impl Apps {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, base: AppSettings) -> Self {
        Self { store, clock, base, apps: Remembered::default(), tenants: Remembered::default() }
    }

    /// An app, if it exists.
    pub(crate) async fn app(&self, id: &AppId) -> Result<Option<Arc<App>>, StoreError> {
        let now = self.clock.now();
        let age = match self.apps.find(id, now) {
            Ok(app) => return Ok(Some(app)),
            Err(age) => age,
        };
        let tenant = Tenant { app: id.clone(), tenant: TenantId::public() };
        let record = match self.read(&tenant, now).await {
            Err(StoreError::Unavailable(why)) => {
                return self.apps.prolong(id, now).map(Some).ok_or(StoreError::Unavailable(why));
            }
            read => read?,
        };
        let Some(record) = record else {
            self.apps.drop(id);
            return Ok(None);
        };
        let settings = effective(&self.base, &TenantSettings::of(&record).core_config);
        Ok(Some(self.apps.remember(id, App { settings }, now, age)))
    }

    /// A tenant, if it exists.
    pub(crate) async fn tenant(&self, tenant: &Tenant) -> Result<Option<Arc<KnownTenant>>, StoreError> {
        let now = self.clock.now();
        let age = match self.tenants.find(tenant, now) {
            Ok(known) => return Ok(Some(known)),
            Err(age) => age,
        };
        let Some(app) = self.app(&tenant.app).await? else { return Ok(None) };
        let record = match self.read(tenant, now).await {
            Err(StoreError::Unavailable(why)) => {
                return self.tenants.prolong(tenant, now).map(Some).ok_or(StoreError::Unavailable(why));
            }
            read => read?,
        };
        let Some(record) = record else {
            self.tenants.drop(tenant);
            return Ok(None);
        };
        let ip = effective(&app.settings, &TenantSettings::of(&record).core_config).ip;
        Ok(Some(self.tenants.remember(tenant, KnownTenant { record, ip }, now, age)))
    }

    async fn read(&self, tenant: &Tenant, now: Timestamp) -> Result<Option<TenantRecord>, StoreError> {
        let stored = self.store.tenant_find(tenant).await?;
        // the public tenant of the public app is there without having been made
        Ok(stored.or_else(|| (*tenant == Tenant::public()).then(|| TenantSettings::initial(tenant.clone(), now))))
    }

    /// Reads an app and its tenants again at their next use.
    pub(crate) fn forget(&self, app: &AppId) {
        self.apps.forget(|id| id == app);
        self.tenants.forget(|tenant| tenant.app == *app);
    }
}

/// Values that were true a moment ago.
struct Remembered<K, V>(RwLock<Known<K, V>>);

struct Known<K, V> {
    /// With the moment until which it counts.
    values: HashMap<K, (Arc<V>, Timestamp)>,
    age: Age,
}

/// How often something was forgotten: what was read in an earlier age may be older than a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Age(u64);

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(RwLock::new(Known { values: HashMap::new(), age: Age::default() }))
    }
}

impl<K: Clone + Eq + Hash, V> Remembered<K, V> {
    /// The value, or the age in which it is going to be read.
    fn find(&self, key: &K, now: Timestamp) -> Result<Arc<V>, Age> {
        let known = self.0.read().expect("no holder of this lock panics");
        let fresh = known.values.get(key).filter(|(_, until)| now < *until);
        fresh.map(|(value, _)| value.clone()).ok_or(known.age)
    }

    /// Remembers a value that was read in that age.
    fn remember(&self, key: &K, value: V, now: Timestamp, age: Age) -> Arc<V> {
        let value = Arc::new(value);
        let mut known = self.0.write().expect("no holder of this lock panics");
        if known.age == age {
            known.values.insert(key.clone(), (value.clone(), now + FRESH));
        }
        value
    }

    /// The value once more, however old it is: whoever knows better does not answer.
    fn prolong(&self, key: &K, now: Timestamp) -> Option<Arc<V>> {
        let mut known = self.0.write().expect("no holder of this lock panics");
        let (value, until) = known.values.get_mut(key)?;
        *until = (now + AGAIN).max(*until);
        Some(value.clone())
    }

    /// It is not there any more.
    fn drop(&self, key: &K) {
        self.0.write().expect("no holder of this lock panics").values.remove(key);
    }

    fn forget(&self, is_changed: impl Fn(&K) -> bool) {
        let mut known = self.0.write().expect("no holder of this lock panics");
        known.values.retain(|key, _| !is_changed(key));
        known.age.0 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_not_remembered_after_it() {
        let (known, now) = (Remembered::<u8, &str>::default(), Timestamp::from_millis(0));
        let age = known.find(&1, now).unwrap_err();
        known.forget(|key| *key == 1);
        assert_eq!(*known.remember(&1, "old", now, age), "old");
        let age = known.find(&1, now).unwrap_err();
        known.remember(&1, "new", now, age);
        assert_eq!(known.find(&1, now).as_deref(), Ok(&"new"));
        assert_eq!(known.find(&1, now + FRESH), Err(age));
    }

    #[test]
    fn what_cannot_be_read_again_counts_a_little_longer_and_what_is_gone_does_not() {
        let (known, now) = (Remembered::<u8, &str>::default(), Timestamp::from_millis(0));
        assert_eq!(known.prolong(&1, now), None);
        let age = known.find(&1, now).unwrap_err();
        known.remember(&1, "known", now, age);
        let later = now + FRESH * 100;
        assert_eq!(known.prolong(&1, later).as_deref(), Some(&"known"));
        assert_eq!(known.find(&1, later + AGAIN - Duration::from_millis(1)).as_deref(), Ok(&"known"));
        assert!(known.find(&1, later + AGAIN).is_err(), "then it is to be read again");
        known.drop(&1);
        assert_eq!(known.prolong(&1, later), None);
    }
}
