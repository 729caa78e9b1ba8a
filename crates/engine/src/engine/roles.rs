//! Roles and metadata: what the store keeps, as it is.

use async_trait::async_trait;

use super::Engine;
use crate::{
    core::{CoreError, RoleCore, UserCore},
    id::{AppId, Tenant, UserId},
    roles::{Assigned, Unassigned},
    session::JsonObject,
};

#[async_trait]
impl RoleCore for Engine {
    async fn role_put(&self, app: &AppId, role: &str, permissions: &[String]) -> Result<bool, CoreError> {
        Ok(self.shared.store.role_put(app, role, permissions).await?)
    }

    async fn role_permissions(&self, app: &AppId, role: &str) -> Result<Option<Vec<String>>, CoreError> {
        Ok(self.shared.store.role_permissions(app, role).await?)
    }

    async fn role_remove_permissions(&self, app: &AppId, role: &str, permissions: Option<&[String]>) -> Result<bool, CoreError> {
        Ok(self.shared.store.role_remove_permissions(app, role, permissions).await?)
    }

    async fn role_delete(&self, app: &AppId, role: &str) -> Result<bool, CoreError> {
        Ok(self.shared.store.role_delete(app, role).await?)
    }

    async fn role_list(&self, app: &AppId) -> Result<Vec<String>, CoreError> {
        Ok(self.shared.store.role_list(app).await?)
    }

    async fn role_list_with_permission(&self, app: &AppId, permission: &str) -> Result<Vec<String>, CoreError> {
        Ok(self.shared.store.role_list_with_permission(app, permission).await?)
    }

    async fn role_assign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Assigned, CoreError> {
        Ok(self.shared.store.role_assign(tenant, user, role).await?)
    }

    async fn role_unassign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Unassigned, CoreError> {
        Ok(self.shared.store.role_unassign(tenant, user, role).await?)
    }

    async fn role_list_of_user(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<String>, CoreError> {
        Ok(self.shared.store.role_list_of_user(tenant, user).await?)
    }

    async fn role_users(&self, tenant: &Tenant, role: &str) -> Result<Option<Vec<UserId>>, CoreError> {
        Ok(self.shared.store.role_users(tenant, role).await?)
    }
}

#[async_trait]
impl UserCore for Engine {
    async fn metadata_find(&self, app: &AppId, user: &UserId) -> Result<JsonObject, CoreError> {
        Ok(self.shared.store.metadata_find(app, user).await?.unwrap_or_default())
    }

    async fn metadata_merge(&self, app: &AppId, user: &UserId, update: &JsonObject) -> Result<JsonObject, CoreError> {
        Ok(self.shared.store.metadata_merge(app, user, update).await?)
    }

    async fn metadata_delete(&self, app: &AppId, user: &UserId) -> Result<(), CoreError> {
        self.shared.store.metadata_delete(app, user).await.map(drop).map_err(CoreError::from)
    }
}
