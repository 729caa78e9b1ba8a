//! Roles of a core at a distance.

use async_trait::async_trait;
use hallpass_engine::{
    core::{CoreError, RoleCore},
    id::{AppId, Tenant, UserId},
    roles::{self, Assigned, Unassigned},
};
use hallpass_wire::{
    answer::Answer,
    roles::{PutRole, RemovePermissions, RemoveRole, UserRole},
};
use http::Method;
use serde_json::Value;

use super::{RemoteCore, client::in_tenant, is_ok, unexpected, unreadable};

/// A name as cores keep it; they word differently what is wrong with one that they refuse.
fn name(text: &str) -> Result<&str, CoreError> {
    roles::name(text).ok_or(CoreError::InvalidRole)
}

fn names(texts: &[String]) -> Result<Vec<String>, CoreError> {
    texts.iter().map(|text| name(text).map(str::to_owned)).collect()
}

/// The texts of an answer, in the order of their bytes: cores may give them in any.
fn texts(body: &Value, name: &'static str) -> Result<Vec<String>, CoreError> {
    let mut texts = Answer::new(body).texts(name).map_err(unreadable)?;
    texts.sort_unstable();
    Ok(texts)
}

/// Whether the role is known to a core that answers so.
fn is_known(body: &Value) -> Result<bool, CoreError> {
    match Answer::new(body).status().map_err(unreadable)? {
        "OK" => Ok(true),
        "UNKNOWN_ROLE_ERROR" => Ok(false),
        other => Err(unexpected(other)),
    }
}

impl RemoteCore {
    async fn change_role_of(
        &self,
        method: Method,
        (tenant, path): (&Tenant, &str),
        user: &UserId,
        role: &str,
    ) -> Result<Option<Value>, CoreError> {
        let request = UserRole { user_id: user.as_str().to_owned(), role: name(role)?.to_owned() };
        let body = self.send(method, &tenant.app, &in_tenant(&tenant.tenant, path), &request).await?;
        Ok(is_known(&body)?.then_some(body))
    }
}

#[async_trait]
impl RoleCore for RemoteCore {
    async fn role_put(&self, app: &AppId, role: &str, permissions: &[String]) -> Result<bool, CoreError> {
        let request = PutRole { role: name(role)?.to_owned(), permissions: Some(names(permissions)?) };
        let body = self.send(Method::PUT, app, "/recipe/role", &request).await?;
        is_ok(&body)?;
        Ok(Answer::new(&body).is("createdNewRole"))
    }

    async fn role_permissions(&self, app: &AppId, role: &str) -> Result<Option<Vec<String>>, CoreError> {
        let body = self.client.get(app, "/recipe/role/permissions", &[("role", name(role)?)]).await?.body;
        if is_known(&body)? { texts(&body, "permissions").map(Some) } else { Ok(None) }
    }

    async fn role_remove_permissions(&self, app: &AppId, role: &str, permissions: Option<&[String]>) -> Result<bool, CoreError> {
        let request = RemovePermissions { role: name(role)?.to_owned(), permissions: permissions.map(names).transpose()? };
        is_known(&self.send(Method::POST, app, "/recipe/role/permissions/remove", &request).await?)
    }

    async fn role_delete(&self, app: &AppId, role: &str) -> Result<bool, CoreError> {
        let body = self.send(Method::POST, app, "/recipe/role/remove", &RemoveRole { role: name(role)?.to_owned() }).await?;
        is_ok(&body)?;
        Ok(Answer::new(&body).is("didRoleExist"))
    }

    async fn role_list(&self, app: &AppId) -> Result<Vec<String>, CoreError> {
        texts(&self.client.get(app, "/recipe/roles", &[]).await?.body, "roles")
    }

    async fn role_list_with_permission(&self, app: &AppId, permission: &str) -> Result<Vec<String>, CoreError> {
        texts(&self.client.get(app, "/recipe/permission/roles", &[("permission", name(permission)?)]).await?.body, "roles")
    }

    async fn role_assign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Assigned, CoreError> {
        if !user.is_storable() {
            return Err(CoreError::InvalidUser);
        }
        let answer = self.change_role_of(Method::PUT, (tenant, "/recipe/user/role"), user, role).await?;
        Ok(match answer {
            None => Assigned::UnknownRole,
            Some(body) if Answer::new(&body).is("didUserAlreadyHaveRole") => Assigned::Already,
            Some(_) => Assigned::Now,
        })
    }

    async fn role_unassign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Unassigned, CoreError> {
        if !user.is_storable() {
            let is_known = self.role_permissions(&tenant.app, role).await?.is_some();
            return Ok(if is_known { Unassigned::NotAssigned } else { Unassigned::UnknownRole });
        }
        let answer = self.change_role_of(Method::POST, (tenant, "/recipe/user/role/remove"), user, role).await?;
        Ok(match answer {
            None => Unassigned::UnknownRole,
            Some(body) if Answer::new(&body).is("didUserHaveRole") => Unassigned::Now,
            Some(_) => Unassigned::NotAssigned,
        })
    }

    async fn role_list_of_user(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<String>, CoreError> {
        if !user.is_storable() {
            return Ok(Vec::new());
        }
        let path = in_tenant(&tenant.tenant, "/recipe/user/roles");
        texts(&self.client.get(&tenant.app, &path, &[("userId", user.as_str())]).await?.body, "roles")
    }

    async fn role_users(&self, tenant: &Tenant, role: &str) -> Result<Option<Vec<UserId>>, CoreError> {
        let path = in_tenant(&tenant.tenant, "/recipe/role/users");
        let body = self.client.get(&tenant.app, &path, &[("role", name(role)?)]).await?.body;
        if !is_known(&body)? {
            return Ok(None);
        }
        Ok(Some(texts(&body, "users")?.into_iter().map(UserId::from).collect()))
    }
}
