//! What an SDK or a server asks about roles.

use async_trait::async_trait;

use super::CoreError;
use crate::{
    id::{AppId, Tenant, UserId},
    roles::{Assigned, Unassigned},
};

/// Roles and their permissions, which belong to an app, and who has them, which belongs to a tenant. Every list is in the
/// order of its texts' bytes. White space around the name of a role or permission does not count.
///
/// # Errors
/// [`CoreError::InvalidRole`] for whatever cannot be such a name (see [`name`](crate::roles::name)), and
/// [`CoreError::InvalidUser`] if a role is given to whom nobody can be; looking such a user up finds nothing.
#[async_trait]
pub trait RoleCore: Send + Sync {
    /// Makes a role if there is none, and adds permissions to it; those that it has stay. Whether it was made.
    async fn role_put(&self, app: &AppId, role: &str, permissions: &[String]) -> Result<bool, CoreError>;

    /// The permissions of a role. `None`: there is no such role.
    async fn role_permissions(&self, app: &AppId, role: &str) -> Result<Option<Vec<String>>, CoreError>;

    /// Takes these permissions from a role, those that it has; `None` takes all. `false`: there is no such role.
    async fn role_remove_permissions(&self, app: &AppId, role: &str, permissions: Option<&[String]>) -> Result<bool, CoreError>;

    /// Deletes a role with its permissions, and takes it from all users in all tenants. `false`: there was no such role.
    async fn role_delete(&self, app: &AppId, role: &str) -> Result<bool, CoreError>;

    /// The roles of an app.
    async fn role_list(&self, app: &AppId) -> Result<Vec<String>, CoreError>;

    /// The roles of an app that have this permission.
    async fn role_list_with_permission(&self, app: &AppId, permission: &str) -> Result<Vec<String>, CoreError>;

    /// Gives a role to a user.
    async fn role_assign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Assigned, CoreError>;

    /// Takes a role from a user.
    async fn role_unassign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Unassigned, CoreError>;

    /// The roles of a user in a tenant.
    async fn role_list_of_user(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<String>, CoreError>;

    /// The users of a tenant who have a role. `None`: there is no such role.
    async fn role_users(&self, tenant: &Tenant, role: &str) -> Result<Option<Vec<UserId>>, CoreError>;
}
