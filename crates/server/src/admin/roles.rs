//! `hallpass roles`: what there is, who has it, and what it permits.

use clap::Subcommand;
use hallpass_engine::{
    id::UserId,
    roles::{Assigned, Unassigned},
};
use serde_json::json;

use super::{
    Answer, Failure, Place, Trouble,
    answer::count,
    operator::user,
    table::{named, table},
};

/// What to do about roles. Roles and permissions belong to the app; who has them, to a tenant.
#[derive(Subcommand)]
pub enum Roles {
    /// List the roles with what they permit: all of them, those of a user, or those with a permission
    List {
        /// Only those that this user has
        #[arg(long, value_name = "USER", value_parser = user, conflicts_with = "permission")]
        user: Option<UserId>,
        /// Only those that permit this
        #[arg(long, value_name = "PERMISSION")]
        permission: Option<String>,
    },
    /// Show what a role permits, and who has it
    Show {
        /// Which
        role: String,
    },
    /// Make a role
    Create {
        /// Its name
        role: String,
        /// What it permits
        #[arg(value_name = "PERMISSION")]
        permissions: Vec<String>,
    },
    /// Delete a role, and take it from everybody in all tenants
    Delete {
        /// Which
        role: String,
    },
    /// Let a role permit more
    Allow {
        /// Which
        role: String,
        /// What
        #[arg(value_name = "PERMISSION", required = true)]
        permissions: Vec<String>,
    },
    /// Let a role permit less
    Disallow {
        /// Which
        role: String,
        /// What
        #[arg(value_name = "PERMISSION", required = true)]
        permissions: Vec<String>,
    },
    /// Give a role to a user
    Assign {
        /// To whom
        #[arg(value_parser = user)]
        user: UserId,
        /// Which
        role: String,
    },
    /// Take a role from a user
    Unassign {
        /// From whom
        #[arg(value_parser = user)]
        user: UserId,
        /// Which
        role: String,
    },
}

impl Roles {
    pub(super) async fn run(self, place: &Place) -> Result<Answer, Trouble> {
        place.named_tenant_must_exist().await?;
        match self {
            Self::List { user, permission } => list(place, user.as_ref(), permission.as_deref()).await,
            Self::Show { role } => show(place, &role).await,
            Self::Create { role, permissions } => create(place, &role, &permissions).await,
            Self::Delete { role } => delete(place, &role).await,
            Self::Allow { role, permissions } => {
                permissions_of(place, &role).await?; // or a typing mistake makes a role
                place.core.role_put(&place.app, &role, &permissions).await?;
                permits(place, &role).await
            }
            Self::Disallow { role, permissions } => {
                let is_there = place.core.role_remove_permissions(&place.app, &role, Some(&permissions)).await;
                if !is_there? {
                    return Err(Failure::no_role(&role).into());
                }
                permits(place, &role).await
            }
            Self::Assign { user, role } => assign(place, &user, &role).await,
            Self::Unassign { user, role } => unassign(place, &user, &role).await,
        }
    }
}

async fn list(place: &Place, user: Option<&UserId>, permission: Option<&str>) -> Result<Answer, Trouble> {
    let roles = match (user, permission) {
        (Some(user), _) => place.core.role_list_of_user(&place.one_tenant(), user).await,
        (None, Some(permission)) => place.core.role_list_with_permission(&place.app, permission).await,
        (None, None) => place.core.role_list(&place.app).await,
    };
    let (mut rows, mut objects) = (Vec::new(), Vec::new());
    for role in roles? {
        // one that was deleted meanwhile permits nothing
        let permissions = place.core.role_permissions(&place.app, &role).await?.unwrap_or_default();
        rows.push([named(&role), names(&permissions)]);
        objects.push(json!({ "role": role, "permissions": permissions }));
    }
    let text = match (rows.is_empty(), user, permission) {
        (true, Some(user), _) => format!("{} has no role in the tenant {}.", named(user.as_str()), place.one_tenant().tenant),
        (true, None, Some(permission)) => format!("No role permits {}.", named(permission)),
        (true, None, None) => "There is no role.".to_owned(),
        (false, ..) => table(["ROLE", "PERMISSIONS"], &rows),
    };
    Ok(Answer { json: json!({ "roles": objects }), text })
}

async fn show(place: &Place, role: &str) -> Result<Answer, Trouble> {
    let permissions = permissions_of(place, role).await?;
    let tenant = place.one_tenant();
    let users = place.core.role_users(&tenant, role).await?.ok_or_else(|| Failure::no_role(role))?;
    let users: Vec<_> = users.iter().map(UserId::as_str).collect();
    let text = format!(
        "{} permits {}; {} in the tenant {}{}",
        named(role),
        in_words(&permissions),
        count(users.len(), "user"),
        tenant.tenant,
        users.iter().map(|user| format!("\n{}", named(user))).collect::<String>(),
    );
    Ok(Answer { json: json!({ "role": role, "permissions": permissions, "tenantId": tenant.tenant.as_str(), "users": users }), text })
}

async fn create(place: &Place, role: &str, permissions: &[String]) -> Result<Answer, Trouble> {
    let is_new = place.core.role_put(&place.app, role, permissions).await?;
    let mut answer = permits(place, role).await?;
    answer.json["createdNewRole"] = is_new.into();
    if !is_new {
        answer.text += " It was there already.";
    }
    Ok(answer)
}

async fn delete(place: &Place, role: &str) -> Result<Answer, Trouble> {
    match place.core.role_delete(&place.app, role).await? {
        true => Ok(Answer { json: json!({ "didRoleExist": true }), text: format!("The role {} is gone, and nobody has it.", named(role)) }),
        false => Err(Failure::no_role(role).into()),
    }
}

/// What a role permits, now that this was changed.
async fn permits(place: &Place, role: &str) -> Result<Answer, Trouble> {
    let permissions = permissions_of(place, role).await?;
    let text = format!("{} permits {}.", named(role), in_words(&permissions));
    Ok(Answer { json: json!({ "role": role, "permissions": permissions }), text })
}

async fn permissions_of(place: &Place, role: &str) -> Result<Vec<String>, Trouble> {
    let permissions = place.core.role_permissions(&place.app, role).await?;
    Ok(permissions.ok_or_else(|| Failure::no_role(role))?)
}

async fn assign(place: &Place, user: &UserId, role: &str) -> Result<Answer, Trouble> {
    let tenant = place.one_tenant();
    let (name, role_name) = (named(user.as_str()), named(role));
    let (had_it, text) = match place.core.role_assign(&tenant, user, role).await? {
        Assigned::Now => (false, format!("{name} has the role {role_name} in the tenant {}.", tenant.tenant)),
        Assigned::Already => (true, format!("{name} had the role {role_name} in the tenant {} before.", tenant.tenant)),
        Assigned::UnknownRole => return Err(Failure::no_role(role).into()),
    };
    Ok(Answer { json: json!({ "didUserAlreadyHaveRole": had_it }), text })
}

async fn unassign(place: &Place, user: &UserId, role: &str) -> Result<Answer, Trouble> {
    let tenant = place.one_tenant();
    let (name, role_name) = (named(user.as_str()), named(role));
    match place.core.role_unassign(&tenant, user, role).await? {
        Unassigned::Now => Ok(Answer {
            json: json!({ "didUserHaveRole": true }),
            text: format!("{name} has the role {role_name} no longer in the tenant {}.", tenant.tenant),
        }),
        Unassigned::NotAssigned => {
            Err(Failure::NotThere(format!("{name} does not have the role {role_name} in the tenant {}", tenant.tenant)).into())
        }
        Unassigned::UnknownRole => Err(Failure::no_role(role).into()),
    }
}

fn in_words(permissions: &[String]) -> String {
    if permissions.is_empty() { "nothing".to_owned() } else { names(permissions) }
}

fn names(texts: &[String]) -> String {
    texts.iter().map(|text| named(text)).collect::<Vec<_>>().join(", ")
}
