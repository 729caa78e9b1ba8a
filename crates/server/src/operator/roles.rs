//! `hallpass roles`.

use clap::Subcommand;
use hallpass_engine::{
    id::{TenantId, UserId},
    roles::{Assigned, Unassigned},
};
use serde_json::json;

use super::{
    OperationError, Told,
    place::{Desk, user},
    table::Table,
};

#[derive(Debug, Subcommand)]
pub enum Roles {
    /// List the roles with their permissions
    List,
    /// Show a role: what it permits, and who has it
    Show {
        /// The role
        role: String,
        /// Who has it in this tenant; in the public one by default
        #[arg(long, value_name = "ID")]
        tenant: Option<TenantId>,
    },
    /// List the roles of a user
    Of {
        /// The user
        user: String,
        /// In this tenant; in the public one by default
        #[arg(long, value_name = "ID")]
        tenant: Option<TenantId>,
    },
    /// Make a role, or add permissions to one
    Add {
        /// The role
        role: String,
        /// What it permits
        permissions: Vec<String>,
    },
    /// Take permissions from a role
    Remove {
        /// The role
        role: String,
        /// What it no longer permits
        #[arg(required = true)]
        permissions: Vec<String>,
    },
    /// Delete a role: nobody has it any more, in any tenant
    Delete {
        /// The role
        role: String,
    },
    /// Give a role to a user
    Assign {
        /// The user
        user: String,
        /// The role
        role: String,
        /// In this tenant; in the public one by default
        #[arg(long, value_name = "ID")]
        tenant: Option<TenantId>,
    },
    /// Take a role from a user
    Unassign {
        /// The user
        user: String,
        /// The role
        role: String,
        /// In this tenant; in the public one by default
        #[arg(long, value_name = "ID")]
        tenant: Option<TenantId>,
    },
}

impl Roles {
    pub(super) async fn run(self, desk: &Desk) -> Result<Told, OperationError> {
        let Desk { core, app, .. } = desk;
        match self {
            Self::List => list(desk).await,
            Self::Show { role, tenant } => show(desk, &role, tenant).await,
            Self::Of { user: name, tenant } => {
                let roles = core.role_list_of_user(&desk.tenant(tenant), &user(&name)?).await?;
                let text = if roles.is_empty() { format!("{name} has no role.") } else { roles.join("\n") };
                Ok(Told { text, json: json!({ "userId": name, "roles": roles }) })
            }
            Self::Add { role, permissions } => {
                let made = core.role_put(app, &role, &permissions).await?;
                let said = match (made, permissions.len()) {
                    (true, _) => "is made",
                    (false, 0) => "was there already",
                    (false, _) => "has these permissions too",
                };
                Ok(Told { text: format!("The role {role} {said}."), json: json!({ "wasMade": made }) })
            }
            Self::Remove { role, permissions } => {
                if !core.role_remove_permissions(app, &role, Some(&permissions)).await? {
                    return Err(unknown(&role));
                }
                Ok(Told { text: format!("The role {role} does not permit that any more."), json: json!({}) })
            }
            Self::Delete { role } => {
                let was_there = core.role_delete(app, &role).await?;
                let said = if was_there { "is deleted" } else { "was not there" };
                Ok(Told { text: format!("The role {role} {said}."), json: json!({ "wasThere": was_there }) })
            }
            Self::Assign { user: name, role, tenant } => {
                let changed = match core.role_assign(&desk.tenant(tenant), &user(&name)?, &role).await? {
                    Assigned::Now => true,
                    Assigned::Already => false,
                    Assigned::UnknownRole => return Err(unknown(&role)),
                };
                let said = if changed { "has the role" } else { "had the role already:" };
                Ok(Told { text: format!("{name} {said} {role}."), json: json!({ "changed": changed }) })
            }
            Self::Unassign { user: name, role, tenant } => {
                let changed = match core.role_unassign(&desk.tenant(tenant), &user(&name)?, &role).await? {
                    Unassigned::Now => true,
                    Unassigned::NotAssigned => false,
                    Unassigned::UnknownRole => return Err(unknown(&role)),
                };
                let said = if changed { "no longer has" } else { "did not have" };
                Ok(Told { text: format!("{name} {said} the role {role}."), json: json!({ "changed": changed }) })
            }
        }
    }
}

async fn list(desk: &Desk) -> Result<Told, OperationError> {
    let mut table = Table::new(["ROLE", "PERMITS"]);
    let mut all = Vec::new();
    for role in desk.core.role_list(&desk.app).await? {
        // deleted meanwhile: then it is not there
        let Some(permissions) = desk.core.role_permissions(&desk.app, &role).await? else { continue };
        table.row([role.clone(), permissions.join(", ")]);
        all.push(json!({ "role": role, "permissions": permissions }));
    }
    Ok(Told::table(json!({ "roles": all }), &table, "There are no roles."))
}

async fn show(desk: &Desk, role: &str, tenant: Option<TenantId>) -> Result<Told, OperationError> {
    let permissions = desk.core.role_permissions(&desk.app, role).await?.ok_or_else(|| unknown(role))?;
    let users = desk.core.role_users(&desk.tenant(tenant), role).await?.ok_or_else(|| unknown(role))?;
    let users: Vec<_> = users.iter().map(UserId::as_str).collect();
    let said = |list: String| if list.is_empty() { "nobody".to_owned() } else { list };
    let permits = if permissions.is_empty() { "nothing".to_owned() } else { permissions.join(", ") };
    Ok(Told {
        text: format!("The role {role} permits {permits}.\nIt belongs to {}.", said(users.join(", "))),
        json: json!({ "role": role, "permissions": permissions, "users": users }),
    })
}

fn unknown(role: &str) -> OperationError {
    OperationError::Absent(format!("role `{role}`; `hallpass roles add` makes one"))
}
