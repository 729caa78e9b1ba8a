//! Roles, their permissions, and who has them.

use async_trait::async_trait;
use hallpass_engine::{
    id::{AppId, Tenant, UserId},
    roles::{Assigned, Unassigned},
    store::{RoleStore, StoreError},
};
use rusqlite::{Connection, Result};

use super::{Sqlite, change, change_all, find, list, worker::atomically};
use crate::{
    row::{
        Param,
        roles::{Granted, Held, Role, of_app, unless_unknown},
        tenants::tenant as key,
        text,
    },
    sql::roles as sql,
};

#[async_trait]
impl RoleStore for Sqlite {
    async fn role_put(&self, app: &AppId, role: &str, permissions: &[String]) -> Result<bool, StoreError> {
        let (app, role, permissions) = (app.clone(), role.to_owned(), permissions.to_vec());
        self.write(move |db| {
            atomically(db, || {
                let created = change(db, sql::ROLE_INSERT, of_app(&app, &role))?;
                each(db, sql::PERMISSION_INSERT, &of_app(&app, &role), &permissions)?;
                Ok(created)
            })
        })
        .await
    }

    async fn role_permissions(&self, app: &AppId, role: &str) -> Result<Option<Vec<String>>, StoreError> {
        let (app, role) = (app.clone(), role.to_owned());
        let rows = self.read(move |db| list(db, sql::ROLE_PERMISSIONS, of_app(&app, &role))).await?;
        unless_unknown(&rows, |granted: Granted| granted.permission)
    }

    async fn role_remove_permissions(&self, app: &AppId, role: &str, permissions: Option<&[String]>) -> Result<bool, StoreError> {
        let (app, role, permissions) = (app.clone(), role.to_owned(), permissions.map(<[String]>::to_vec));
        self.write(move |db| {
            atomically(db, || {
                match &permissions {
                    None => drop(change(db, sql::PERMISSION_DELETE_ALL, of_app(&app, &role))?),
                    Some(some) => each(db, sql::PERMISSION_DELETE, &of_app(&app, &role), some)?,
                }
                exists(db, &app, &role)
            })
        })
        .await
    }

    async fn role_delete(&self, app: &AppId, role: &str) -> Result<bool, StoreError> {
        let (app, role) = (app.clone(), role.to_owned());
        self.write(move |db| atomically(db, || change_all(db, &sql::ROLE_DELETE, &of_app(&app, &role)))).await
    }

    async fn role_list(&self, app: &AppId) -> Result<Vec<String>, StoreError> {
        let app = app.clone();
        let rows = self.read(move |db| list(db, sql::ROLE_LIST, [text(app.as_str())])).await?;
        rows.iter().map(|row| row.value().map(|Role(role)| role)).collect()
    }

    async fn role_list_with_permission(&self, app: &AppId, permission: &str) -> Result<Vec<String>, StoreError> {
        let (app, permission) = (app.clone(), permission.to_owned());
        let rows = self.read(move |db| list(db, sql::ROLE_LIST_WITH_PERMISSION, of_app(&app, &permission))).await?;
        rows.iter().map(|row| row.value().map(|granted: Granted| granted.role)).collect()
    }

    async fn role_assign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Assigned, StoreError> {
        let (tenant, user, role) = (tenant.clone(), user.clone(), role.to_owned());
        // one write after the other: the role does not come or go in between
        self.write(move |db| {
            let place = [text(tenant.tenant.as_str()), text(user.as_str())];
            Ok(if change(db, sql::USER_ROLE_INSERT, place.into_iter().chain(of_app(&tenant.app, &role)))? {
                Assigned::Now
            } else if exists(db, &tenant.app, &role)? {
                Assigned::Already
            } else {
                Assigned::UnknownRole
            })
        })
        .await
    }

    async fn role_unassign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Unassigned, StoreError> {
        let (tenant, user, role) = (tenant.clone(), user.clone(), role.to_owned());
        self.write(move |db| {
            Ok(if !exists(db, &tenant.app, &role)? {
                Unassigned::UnknownRole
            } else if change(db, sql::USER_ROLE_DELETE, key(&tenant).into_iter().chain([text(user.as_str()), text(&role)]))? {
                Unassigned::Now
            } else {
                Unassigned::NotAssigned
            })
        })
        .await
    }

    async fn role_list_of_user(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<String>, StoreError> {
        let (tenant, user) = (tenant.clone(), user.clone());
        let rows = self.read(move |db| list(db, sql::USER_ROLE_LIST, key(&tenant).into_iter().chain([text(user.as_str())])));
        rows.await?.iter().map(|row| row.value().map(|held: Held| held.role)).collect()
    }

    async fn role_users(&self, tenant: &Tenant, role: &str) -> Result<Option<Vec<UserId>>, StoreError> {
        let (tenant, role) = (tenant.clone(), role.to_owned());
        let rows = self.read(move |db| {
            let params = [text(tenant.tenant.as_str())].into_iter().chain(of_app(&tenant.app, &role));
            list(db, sql::ROLE_USERS, params)
        });
        unless_unknown(&rows.await?, |held: Held| held.user)
    }
}

fn exists(db: &Connection, app: &AppId, role: &str) -> Result<bool> {
    Ok(find(db, sql::ROLE_FIND, of_app(app, role))?.is_some())
}

/// Does the same for each of these permissions of a role.
fn each(db: &Connection, sql: &str, role: &[Param<'_>], permissions: &[String]) -> Result<()> {
    permissions.iter().try_for_each(|permission| change(db, sql, role.iter().cloned().chain([text(permission)])).map(drop))
}
