//! Roles and permissions: who may do what.
//!
//! A role is a named set of permissions; both belong to the app. Who has a role belongs to a tenant. A session that is
//! asked for a role or permission gets the claims [`USER_ROLES`] and [`PERMISSIONS`] into its access token, so that the
//! next request costs no query; [`Builder::roles`](crate::Builder::roles) puts them there at sign-in already, where
//! frontends can see them.
//!
//! ```
//! # #[cfg(all(feature = "axum", feature = "sqlite"))] mod app {
//! use hallpass::{Hallpass, Require, Requirement, SessionError, claims::Validator, roles::{RoleSettings, has_permission}};
//! # use hallpass::{AppInfo, BuildError};
//!
//! async fn hallpass() -> Result<Hallpass, BuildError> {
//! #   let info = AppInfo::new("blog").api("http://localhost:3000").website("http://localhost:3000");
//!     Hallpass::builder(info).embedded("sqlite://blog.db").roles(RoleSettings::default()).build().await
//! }
//!
//! async fn once(hallpass: &Hallpass) -> Result<(), SessionError> {
//!     let roles = hallpass.roles();
//!     roles.put("editor", ["posts:read", "posts:write"]).await?;
//!     let _assigned = roles.assign(&"alice".into(), "editor").await?;
//!     Ok(())
//! }
//!
//! struct WritesPosts;
//!
//! impl Requirement for WritesPosts {
//!     fn validators() -> Vec<Validator> {
//!         vec![has_permission("posts:write")]
//!     }
//! }
//!
//! async fn publish(session: Require<WritesPosts>) -> String {
//!     format!("published by {}", session.user_id())
//! }
//! # }
//! ```
//!
//! [`Hallpass::require`] demands the same of many routes at once. A frontend that manages roles gets its routes from [`Hallpass::role_routes`].
//!
//! # Security
//! A role that was taken away counts no more at the next demand for a role or permission: at once in the process that took it, in
//! others within a second, as the revocation feed tells them, and then the client gets a new access token. Where the feed is not
//! heard (the core has none, or is away), and for whoever reads the claims without a demand, a role stays until it is fetched
//! again: by [`Session::fetch_and_set_claim`](crate::Session::fetch_and_set_claim), by handle, or by a validator with a
//! [`max_age`](crate::claims::Validator::max_age).

mod claims;
#[cfg(feature = "axum")]
mod routes;

pub use hallpass_engine::roles::{Assigned, Unassigned};
use hallpass_engine::{
    core::CoreError,
    id::{Tenant, TenantId, UserId},
};

pub(crate) use self::claims::register;
pub use self::claims::{PERMISSIONS, RoleSettings, USER_ROLES, has_permission, has_role};
#[cfg(feature = "axum")]
pub use self::routes::RolePermissions;
use crate::{
    Hallpass,
    error::{SessionError, found},
};

impl Hallpass {
    /// Roles and permissions, and who has them in the public tenant.
    pub fn roles(&self) -> Roles {
        Roles { hallpass: self.clone(), tenant: TenantId::public() }
    }
}

/// The roles of an app, and who has them in one tenant. All lists are in alphabetical order (of bytes).
/// White space around the name of a role or permission does not count.
#[derive(Clone, Debug)]
pub struct Roles {
    hallpass: Hallpass,
    tenant: TenantId,
}

impl Roles {
    /// The same roles, and who has them in this tenant.
    #[must_use]
    pub fn in_tenant(self, tenant: TenantId) -> Self {
        Self { tenant, ..self }
    }

    /// Makes a role if there is none, and adds permissions to it; those that it has stay. Whether it was made.
    ///
    /// # Errors
    /// [`SessionError::InvalidRole`] for what cannot be a name, [`SessionError::Unavailable`].
    pub async fn put(&self, role: &str, permissions: impl IntoIterator<Item: Into<String>> + Send) -> Result<bool, SessionError> {
        let permissions = texts(permissions);
        let made = self.hallpass.core().role_put(self.hallpass.app(), role, &permissions).await?;
        self.hallpass.roles_changed(None, None);
        Ok(made)
    }

    /// Deletes a role, and takes it from all users in all tenants. Whether there was one.
    ///
    /// # Errors
    /// [`SessionError::InvalidRole`] for what cannot be a name, [`SessionError::Unavailable`].
    pub async fn delete(&self, role: &str) -> Result<bool, SessionError> {
        let was_there = self.hallpass.core().role_delete(self.hallpass.app(), role).await?;
        self.hallpass.roles_changed(None, None);
        Ok(was_there)
    }

    /// All roles.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn all(&self) -> Result<Vec<String>, SessionError> {
        Ok(self.hallpass.core().role_list(self.hallpass.app()).await?)
    }

    /// The permissions of a role. `None`: there is no such role.
    ///
    /// # Errors
    /// [`SessionError::InvalidRole`] for what cannot be a name, [`SessionError::Unavailable`].
    pub async fn permissions_of(&self, role: &str) -> Result<Option<Vec<String>>, SessionError> {
        Ok(self.hallpass.core().role_permissions(self.hallpass.app(), role).await?)
    }

    /// Takes permissions from a role, those that it has. `false`: there is no such role.
    ///
    /// # Errors
    /// [`SessionError::InvalidRole`] for what cannot be a name, [`SessionError::Unavailable`].
    pub async fn remove_permissions(
        &self,
        role: &str,
        permissions: impl IntoIterator<Item: Into<String>> + Send,
    ) -> Result<bool, SessionError> {
        let permissions = texts(permissions);
        let is_there = self.hallpass.core().role_remove_permissions(self.hallpass.app(), role, Some(&permissions)).await?;
        self.hallpass.roles_changed(None, None);
        Ok(is_there)
    }

    /// The roles that have this permission.
    ///
    /// # Errors
    /// [`SessionError::InvalidRole`] for what cannot be a name, [`SessionError::Unavailable`].
    pub async fn with_permission(&self, permission: &str) -> Result<Vec<String>, SessionError> {
        Ok(self.hallpass.core().role_list_with_permission(self.hallpass.app(), permission).await?)
    }

    /// Gives a role to a user.
    ///
    /// # Errors
    /// [`SessionError::InvalidRole`] and [`SessionError::InvalidUser`] for what cannot be a name, [`SessionError::UnknownTenant`] where
    /// a server keeps the sessions, [`SessionError::Unavailable`].
    pub async fn assign(&self, user: &UserId, role: &str) -> Result<Assigned, SessionError> {
        let assigned = self.hallpass.core().role_assign(&self.tenant(), user, role).await?;
        self.hallpass.roles_changed(Some(user), Some(&self.tenant));
        Ok(assigned)
    }

    /// Takes a role from a user.
    ///
    /// # Errors
    /// [`SessionError::InvalidRole`] for what cannot be a name, [`SessionError::Unavailable`].
    pub async fn unassign(&self, user: &UserId, role: &str) -> Result<Unassigned, SessionError> {
        let unassigned = match self.hallpass.core().role_unassign(&self.tenant(), user, role).await {
            Err(CoreError::UnknownTenant(_)) if self.permissions_of(role).await?.is_none() => Unassigned::UnknownRole,
            Err(CoreError::UnknownTenant(_)) => Unassigned::NotAssigned,
            unassigned => unassigned?,
        };
        self.hallpass.roles_changed(Some(user), Some(&self.tenant));
        Ok(unassigned)
    }

    /// The roles of a user.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn of(&self, user: &UserId) -> Result<Vec<String>, SessionError> {
        Ok(found(self.hallpass.core().role_list_of_user(&self.tenant(), user).await)?)
    }

    /// What a user may do: the permissions of all roles of the user, each once.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn permissions_of_user(&self, user: &UserId) -> Result<Vec<String>, SessionError> {
        let mut union = Vec::new();
        for role in self.of(user).await? {
            // a role that was deleted meanwhile gives nothing
            for permission in self.permissions_of(&role).await?.unwrap_or_default() {
                if !union.contains(&permission) {
                    union.push(permission);
                }
            }
        }
        Ok(union)
    }

    /// The users who have a role. `None`: there is no such role.
    ///
    /// # Errors
    /// [`SessionError::InvalidRole`] for what cannot be a name, [`SessionError::Unavailable`].
    pub async fn users_with(&self, role: &str) -> Result<Option<Vec<UserId>>, SessionError> {
        match self.hallpass.core().role_users(&self.tenant(), role).await {
            Err(CoreError::UnknownTenant(_)) => Ok(self.permissions_of(role).await?.map(|_| Vec::new())),
            users => Ok(users?),
        }
    }

    fn tenant(&self) -> Tenant {
        Tenant { app: self.hallpass.app().clone(), tenant: self.tenant.clone() }
    }
}

fn texts(texts: impl IntoIterator<Item: Into<String>>) -> Vec<String> {
    texts.into_iter().map(Into::into).collect()
}
