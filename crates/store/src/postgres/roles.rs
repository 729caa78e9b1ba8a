//! Roles, their permissions, and who has them.
//!
//! Whoever relies on a role locks its row, and whoever deletes it starts there: so nothing is left of a role that is gone.

use async_trait::async_trait;
use futures_util::FutureExt;
use hallpass_engine::{
    id::{AppId, Tenant, UserId},
    roles::{Assigned, Unassigned},
    store::{RoleStore, StoreError},
};

use super::{Postgres, all, failure::Failure, one, sql, tenants::delete_all};
use crate::{
    row::{
        roles::{Granted, Held, Role, RoleMoved, of_app, unless_unknown},
        tenants::tenant as key,
        text,
    },
    sql::roles as shared,
};

#[async_trait]
impl RoleStore for Postgres {
    async fn role_put(&self, app: &AppId, role: &str, permissions: &[String]) -> Result<bool, StoreError> {
        let (app, role, permissions) = (app.clone(), role.to_owned(), json(permissions));
        self.atomically(move |transaction| {
            let (app, role, permissions) = (app.clone(), role.clone(), permissions.clone());
            async move {
                let named = of_app(&app, &role);
                let known = !transaction.run(sql::ROLE_HOLD, &named).await?.rows.is_empty();
                if !known && transaction.run(shared::ROLE_INSERT, &named).await?.affected == 0 {
                    return Err(Failure::again("somebody else makes this role"));
                }
                let [app, role] = named;
                transaction.run(sql::PERMISSIONS_INSERT, &[app, role, text(&permissions)]).await?;
                Ok(!known)
            }
            .boxed()
        })
        .await
    }

    async fn role_permissions(&self, app: &AppId, role: &str) -> Result<Option<Vec<String>>, StoreError> {
        let answer = self.read(shared::ROLE_PERMISSIONS, of_app(app, role).into()).await?;
        unless_unknown(&answer.rows, |granted: Granted| granted.permission)
    }

    async fn role_remove_permissions(&self, app: &AppId, role: &str, permissions: Option<&[String]>) -> Result<bool, StoreError> {
        let role: Option<Role> = match permissions {
            None => one(&self.write(sql::PERMISSIONS_DELETE_ALL, of_app(app, role).into()).await?)?,
            Some(some) => {
                let some = json(some);
                let params = of_app(app, role).into_iter().chain([text(&some)]);
                one(&self.write(sql::PERMISSIONS_DELETE, params.collect()).await?)?
            }
        };
        Ok(role.is_some())
    }

    async fn role_delete(&self, app: &AppId, role: &str) -> Result<bool, StoreError> {
        let (app, role) = (app.clone(), role.to_owned());
        // each statement sees what was committed before it began: after the first, nobody gives the role to anybody
        self.atomically(move |transaction| {
            let (app, role) = (app.clone(), role.clone());
            async move { delete_all(transaction, &shared::ROLE_DELETE, &of_app(&app, &role)).await }.boxed()
        })
        .await
    }

    async fn role_list(&self, app: &AppId) -> Result<Vec<String>, StoreError> {
        let roles = all(&self.read(shared::ROLE_LIST, vec![text(app.as_str())]).await?)?;
        Ok(roles.into_iter().map(|Role(role)| role).collect())
    }

    async fn role_list_with_permission(&self, app: &AppId, permission: &str) -> Result<Vec<String>, StoreError> {
        let granted: Vec<Granted> = all(&self.read(shared::ROLE_LIST_WITH_PERMISSION, of_app(app, permission).into()).await?)?;
        Ok(granted.into_iter().map(|granted| granted.role).collect())
    }

    async fn role_assign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Assigned, StoreError> {
        let params = of_app(&tenant.app, role).into_iter().chain([text(tenant.tenant.as_str()), text(user.as_str())]);
        Ok(match one(&self.write(sql::USER_ROLE_INSERT, params.collect()).await?)? {
            Some(RoleMoved { known: true, moved: true }) => Assigned::Now,
            Some(RoleMoved { known: true, moved: false }) => Assigned::Already,
            _ => Assigned::UnknownRole,
        })
    }

    async fn role_unassign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Unassigned, StoreError> {
        let params = of_app(&tenant.app, role).into_iter().chain([text(tenant.tenant.as_str()), text(user.as_str())]);
        Ok(match one(&self.write(sql::USER_ROLE_DELETE, params.collect()).await?)? {
            Some(RoleMoved { known: true, moved: true }) => Unassigned::Now,
            Some(RoleMoved { known: true, moved: false }) => Unassigned::NotAssigned,
            _ => Unassigned::UnknownRole,
        })
    }

    async fn role_list_of_user(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<String>, StoreError> {
        let params = key(tenant).into_iter().chain([text(user.as_str())]);
        let held: Vec<Held> = all(&self.read(shared::USER_ROLE_LIST, params.collect()).await?)?;
        Ok(held.into_iter().map(|held| held.role).collect())
    }

    async fn role_users(&self, tenant: &Tenant, role: &str) -> Result<Option<Vec<UserId>>, StoreError> {
        let params = [text(tenant.tenant.as_str())].into_iter().chain(of_app(&tenant.app, role));
        let answer = self.read(shared::ROLE_USERS, params.collect()).await?;
        unless_unknown(&answer.rows, |held: Held| held.user)
    }
}

/// A list as one parameter.
fn json(permissions: &[String]) -> String {
    serde_json::json!(permissions).to_string()
}
