//! Changes of what is configured for a tenant: each is one guarded write, and counts at once.

use hallpass_engine::{
    id::{AppId, Tenant, TenantId},
    store::StoreError,
    tenancy::TenantRecord,
};

use super::{
    super::{Api, reply::Problem},
    settings::TenantSettings,
};

/// A race is run again at once, at most this many times: somebody else's success each time.
const ATTEMPTS: usize = 5;

/// Changes the settings of a tenant that exists, and tells what `change` tells.
pub(crate) async fn change<T>(
    api: &Api,
    tenant: &Tenant,
    change: impl Fn(&mut TenantSettings) -> Result<T, Problem> + Send,
) -> Result<T, Problem> {
    let (told, _) = change_or_make(api, tenant, None, change).await?;
    Ok(told)
}

/// Changes the settings of a tenant, which starts with `new` if there is none; also tells whether it was made.
pub(super) async fn change_or_make<T>(
    api: &Api,
    tenant: &Tenant,
    new: Option<TenantSettings>,
    change: impl Fn(&mut TenantSettings) -> Result<T, Problem> + Send,
) -> Result<(T, bool), Problem> {
    let is_base = *tenant == Tenant::public();
    // it is there without having been made
    let new = if is_base { Some(TenantSettings::of_new_app()) } else { new };
    for _ in 0..ATTEMPTS {
        let found = api.store.tenant_find(tenant).await?;
        let seen = found.as_ref().map(|record| record.revision);
        let settings = found.as_ref().map(TenantSettings::of).or_else(|| new.clone());
        let mut settings = settings.ok_or_else(|| Problem::no_tenant(tenant))?;
        let told = change(&mut settings)?;
        let settings = settings.to_document();
        let is_done = match seen {
            Some(seen) => api.store.tenant_replace(tenant, seen, &settings).await?,
            None => {
                let record = TenantRecord { tenant: tenant.clone(), settings, revision: 0, created_at: api.engine.now() };
                api.store.tenant_insert(&record).await?
            }
        };
        if is_done {
            let is_new = seen.is_none() && !is_base;
            if is_new {
                keep_only_with_app(api, tenant).await?;
            }
            api.apps.forget(&tenant.app);
            return Ok((told, is_new));
        }
    }
    Err(StoreError::Contended.into())
}

/// Takes a new tenant back if its app was removed meanwhile: nothing may wait there for the next app of that name.
async fn keep_only_with_app(api: &Api, tenant: &Tenant) -> Result<(), Problem> {
    let public = Tenant { app: tenant.app.clone(), tenant: TenantId::public() };
    if tenant.tenant.is_public() || public == Tenant::public() || api.store.tenant_find(&public).await?.is_some() {
        return Ok(());
    }
    api.engine.tenant_remove(tenant).await?;
    Err(Problem::no_app(tenant))
}

/// The tenants of an app, the one that is there without having been made included.
pub(super) async fn tenants(api: &Api, app: Option<&AppId>) -> Result<Vec<TenantRecord>, Problem> {
    let mut records = api.store.tenant_list(app).await?;
    let is_asked = app.is_none_or(AppId::is_public);
    if is_asked && !records.iter().any(|record| record.tenant == Tenant::public()) {
        let base = TenantSettings::initial(Tenant::public(), api.engine.now());
        let place = records.partition_point(|record| record.tenant < base.tenant);
        records.insert(place, base);
    }
    Ok(records)
}
