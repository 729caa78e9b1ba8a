//! What is kept about tenants and whole apps.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    event::Event,
    id::{AppId, Tenant},
    session::JsonObject,
    tenancy::TenantRecord,
};

/// The tenants of all apps. An app is there as long as it has a tenant.
///
/// No other method asks whether a tenant exists: what is written under one that was deleted meanwhile stays until the tenant
/// or its app is deleted again.
#[async_trait]
pub trait TenantStore: Send + Sync {
    /// Reads a tenant.
    async fn tenant_find(&self, tenant: &Tenant) -> Result<Option<TenantRecord>, StoreError>;

    /// The tenants of an app, or of all apps, in the order of their names' bytes: by app first, then by tenant.
    async fn tenant_list(&self, app: Option<&AppId>) -> Result<Vec<TenantRecord>, StoreError>;

    /// Stores a new tenant. `false`: it is there already and nothing changed.
    async fn tenant_insert(&self, record: &TenantRecord) -> Result<bool, StoreError>;

    /// Replaces the settings if the revision is still `seen`; it is one more afterwards.
    /// `false`: it was not, or there is no such tenant, and nothing changed.
    async fn tenant_replace(&self, tenant: &Tenant, seen: u32, settings: &JsonObject) -> Result<bool, StoreError>;

    /// Deletes a tenant together with its sessions and its users' roles and bans. `false`: there was none; sessions, roles
    /// and bans that were left over are gone all the same. Each session leaves an event as `ended` is, with its own user,
    /// tenant and handle, and its handle's bytes as the id.
    async fn tenant_delete(&self, tenant: &Tenant, ended: &Event) -> Result<bool, StoreError>;

    /// Deletes everything of an app: tenants, sessions, keys, roots, roles, permissions, assignments, metadata, activity and
    /// events. `false`: there was nothing.
    async fn app_delete(&self, app: &AppId) -> Result<bool, StoreError>;
}
