//! Roles and metadata: what the store keeps of them, under names that it can keep. What access tokens may say otherwise goes to
//! the feed.

use async_trait::async_trait;

use super::{Engine, must_be_readable};
use crate::{
    core::{CoreError, RoleCore, UserCore},
    event::{Event, EventKind},
    id::{AppId, Tenant, UserId},
    roles::{self, Assigned, Unassigned},
    session::JsonObject,
};

fn name(text: &str) -> Result<&str, CoreError> {
    roles::name(text).ok_or(CoreError::InvalidRole)
}

fn names(texts: &[String]) -> Result<Vec<String>, CoreError> {
    texts.iter().map(|text| name(text).map(str::to_owned)).collect()
}

fn storable(user: &UserId) -> Result<&UserId, CoreError> {
    if user.is_storable() { Ok(user) } else { Err(CoreError::InvalidUser) }
}

#[async_trait]
impl RoleCore for Engine {
    async fn role_put(&self, app: &AppId, role: &str, permissions: &[String]) -> Result<bool, CoreError> {
        let (role, permissions) = (name(role)?, names(permissions)?);
        let is_new = self.shared.store.role_put(app, role, &permissions).await?;
        // of a role that is new nobody has a claim yet
        if !is_new && !permissions.is_empty() {
            self.tell(EventKind::RoleChanged, app, None, role).await;
        }
        Ok(is_new)
    }

    async fn role_permissions(&self, app: &AppId, role: &str) -> Result<Option<Vec<String>>, CoreError> {
        Ok(self.shared.store.role_permissions(app, name(role)?).await?)
    }

    async fn role_remove_permissions(&self, app: &AppId, role: &str, permissions: Option<&[String]>) -> Result<bool, CoreError> {
        let (role, permissions) = (name(role)?, permissions.map(names).transpose()?);
        let is_there = self.shared.store.role_remove_permissions(app, role, permissions.as_deref()).await?;
        if is_there {
            self.tell(EventKind::RoleChanged, app, None, role).await;
        }
        Ok(is_there)
    }

    async fn role_delete(&self, app: &AppId, role: &str) -> Result<bool, CoreError> {
        let role = name(role)?;
        let was_there = self.shared.store.role_delete(app, role).await?;
        if was_there {
            self.tell(EventKind::RoleDeleted, app, None, role).await;
        }
        Ok(was_there)
    }

    async fn role_list(&self, app: &AppId) -> Result<Vec<String>, CoreError> {
        Ok(self.shared.store.role_list(app).await?)
    }

    async fn role_list_with_permission(&self, app: &AppId, permission: &str) -> Result<Vec<String>, CoreError> {
        Ok(self.shared.store.role_list_with_permission(app, name(permission)?).await?)
    }

    async fn role_assign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Assigned, CoreError> {
        let (user, role) = (storable(user)?, name(role)?);
        let assigned = self.shared.store.role_assign(tenant, user, role).await?;
        if assigned == Assigned::Now {
            self.tell(EventKind::RoleAssigned, &tenant.app, Some((tenant, user)), role).await;
        }
        Ok(assigned)
    }

    async fn role_unassign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Unassigned, CoreError> {
        let role = name(role)?;
        if !user.is_storable() {
            let is_known = self.shared.store.role_permissions(&tenant.app, role).await?.is_some();
            return Ok(if is_known { Unassigned::NotAssigned } else { Unassigned::UnknownRole });
        }
        let unassigned = self.shared.store.role_unassign(tenant, user, role).await?;
        if unassigned == Unassigned::Now {
            self.tell(EventKind::RoleUnassigned, &tenant.app, Some((tenant, user)), role).await;
        }
        Ok(unassigned)
    }

    async fn role_list_of_user(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<String>, CoreError> {
        if !user.is_storable() {
            return Ok(Vec::new());
        }
        Ok(self.shared.store.role_list_of_user(tenant, user).await?)
    }

    async fn role_users(&self, tenant: &Tenant, role: &str) -> Result<Option<Vec<UserId>>, CoreError> {
        Ok(self.shared.store.role_users(tenant, name(role)?).await?)
    }
}

impl Engine {
    /// Tells verifiers that what access tokens say of roles may be wrong. Not atomic with the change: claims that stay stale
    /// until their tokens expire do not make the change undone, nor worth failing for.
    async fn tell(&self, kind: EventKind, app: &AppId, of: Option<(&Tenant, &UserId)>, role: &str) {
        let event = self.app_event(kind, app, self.now());
        let felt_until = Some(self.felt_until(event.at));
        let user = of.map_or(event.user, |(_, user)| user.clone());
        let tenant = of.map(|(tenant, _)| tenant.tenant.clone());
        let event = Event { user, tenant, reason: Some(role.to_owned()), felt_until, ..event };
        if let Err(error) = self.shared.store.event_append(&event).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a change of roles could not be told; access tokens show it when they are refreshed"
            );
        }
    }
}

#[async_trait]
impl UserCore for Engine {
    async fn metadata_find(&self, app: &AppId, user: &UserId) -> Result<JsonObject, CoreError> {
        if !user.is_storable() {
            return Ok(JsonObject::new());
        }
        Ok(self.shared.store.metadata_find(app, user).await?.unwrap_or_default())
    }

    async fn metadata_merge(&self, app: &AppId, user: &UserId, update: &JsonObject) -> Result<JsonObject, CoreError> {
        must_be_readable(update)?;
        Ok(self.shared.store.metadata_merge(app, storable(user)?, update).await?)
    }

    async fn metadata_delete(&self, app: &AppId, user: &UserId) -> Result<(), CoreError> {
        if user.is_storable() {
            self.shared.store.metadata_delete(app, user).await?;
        }
        Ok(())
    }
}
