//! What is kept about roles.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    id::{AppId, Tenant, UserId},
    roles::{Assigned, Unassigned},
};

/// Roles and their permissions, which belong to an app, and who has them, which belongs to a tenant.
///
/// Texts are told apart byte by byte, and every list is in the order of their bytes.
#[async_trait]
pub trait RoleStore: Send + Sync {
    /// Makes a role if there is none, and adds permissions to it; those that it has stay. Whether it was made.
    async fn role_put(&self, app: &AppId, role: &str, permissions: &[String]) -> Result<bool, StoreError>;

    /// The permissions of a role. `None`: there is no such role.
    async fn role_permissions(&self, app: &AppId, role: &str) -> Result<Option<Vec<String>>, StoreError>;

    /// Takes these permissions from a role, those that it has; `None` takes all. `false`: there is no such role.
    async fn role_remove_permissions(&self, app: &AppId, role: &str, permissions: Option<&[String]>) -> Result<bool, StoreError>;

    /// Deletes a role with its permissions, and takes it from all users in all tenants. `false`: there was no such role, and
    /// nobody had it.
    async fn role_delete(&self, app: &AppId, role: &str) -> Result<bool, StoreError>;

    /// The roles of an app.
    async fn role_list(&self, app: &AppId) -> Result<Vec<String>, StoreError>;

    /// The roles of an app that have this permission.
    async fn role_list_with_permission(&self, app: &AppId, permission: &str) -> Result<Vec<String>, StoreError>;

    /// Gives a role to a user. Never one that does not exist, even if it is deleted at this very moment.
    async fn role_assign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Assigned, StoreError>;

    /// Takes a role from a user.
    async fn role_unassign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Unassigned, StoreError>;

    /// The roles of a user in a tenant.
    async fn role_list_of_user(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<String>, StoreError>;

    /// The users of a tenant who have a role. `None`: there is no such role.
    async fn role_users(&self, tenant: &Tenant, role: &str) -> Result<Option<Vec<UserId>>, StoreError>;
}
