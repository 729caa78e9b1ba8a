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
        if let Some(app) = self.apps.find(id, now) {
            return Ok(Some(app));
        }
        let tenant = Tenant { app: id.clone(), tenant: TenantId::public() };
        let Some(record) = self.read(&tenant, now).await? else { return Ok(None) };
        let settings = effective(&self.base, &TenantSettings::of(&record).core_config);
        Ok(Some(self.apps.remember(id, App { settings }, now)))
    }

    /// A tenant, if it exists.
    pub(crate) async fn tenant(&self, tenant: &Tenant) -> Result<Option<Arc<KnownTenant>>, StoreError> {
        let now = self.clock.now();
        if let Some(known) = self.tenants.find(tenant, now) {
            return Ok(Some(known));
        }
        let Some(app) = self.app(&tenant.app).await? else { return Ok(None) };
        let Some(record) = self.read(tenant, now).await? else { return Ok(None) };
        let ip = effective(&app.settings, &TenantSettings::of(&record).core_config).ip;
        Ok(Some(self.tenants.remember(tenant, KnownTenant { record, ip }, now)))
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
struct Remembered<K, V>(RwLock<HashMap<K, (Arc<V>, Timestamp)>>);

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Clone + Eq + Hash, V> Remembered<K, V> {
    fn find(&self, key: &K, now: Timestamp) -> Option<Arc<V>> {
        let known = self.0.read().expect("no holder of this lock panics");
        known.get(key).filter(|(_, at)| now.since(*at) < FRESH).map(|(value, _)| value.clone())
    }

    fn remember(&self, key: &K, value: V, now: Timestamp) -> Arc<V> {
        let value = Arc::new(value);
        let mut known = self.0.write().expect("no holder of this lock panics");
        known.insert(key.clone(), (value.clone(), now));
        value
    }

    fn forget(&self, is_changed: impl Fn(&K) -> bool) {
        self.0.write().expect("no holder of this lock panics").retain(|key, _| !is_changed(key));
    }
}
