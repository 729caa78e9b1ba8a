//! `/recipe/multitenancy/tenant/user`: which tenants a user belongs to. Users are not kept here, so nobody can be added; who
//! is removed from a tenant loses sessions and roles in it.

use hallpass_engine::{
    core::{Core, RoleCore, Why},
    id::UserId,
};
use hallpass_wire::{InvalidField, Request, tenancy::TenantUser};
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Scope, Verb},
    reply::{Problem, Reply},
    text,
};

pub(crate) static ADD: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/multitenancy/tenant/user",
    scope: Scope::Tenant,
    summary: "Answers that there is no such user: users are not kept here.",
    body: Some(TenantUser::FIELDS),
    example: Example {
        request: r#"{"recipeUserId": "alice"}"#,
        response: r#"{"status": "UNKNOWN_USER_ID_ERROR", "wasAlreadyAssociated": false}"#,
    },
    handler: |call| Box::pin(add(call)),
    ..Operation::DEFAULT
};

pub(crate) static REMOVE: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/multitenancy/tenant/user/remove",
    scope: Scope::Tenant,
    summary: "Ends the sessions of a user in a tenant, and takes away all roles there.",
    body: Some(TenantUser::FIELDS),
    example: Example { request: r#"{"recipeUserId": "alice"}"#, response: r#"{"status": "OK", "wasAssociated": true}"# },
    handler: |call| Box::pin(remove(call)),
    ..Operation::DEFAULT
};

/// The flag belongs to another status, but SDKs look for it without looking at the status.
fn unknown_user(flag: &str) -> Reply {
    json!({ "status": "UNKNOWN_USER_ID_ERROR", flag: false }).into()
}

/// The user, by the field that the call's version knows.
fn user(call: &Call) -> Result<UserId, Problem> {
    let request: TenantUser = call.body()?;
    let (field, user) =
        if call.dialect().names_recipe_user { ("recipeUserId", request.recipe_user_id) } else { ("userId", request.user_id) };
    text::user(field, &user.ok_or(InvalidField(field))?)
}

async fn add(call: Call) -> Result<Reply, Problem> {
    user(&call)?;
    Ok(unknown_user("wasAlreadyAssociated"))
}

async fn remove(call: Call) -> Result<Reply, Problem> {
    let (user, engine) = (user(&call)?, call.engine());
    let sessions = engine.session_revoke_all(call.app_id(), Some(&call.tenant.tenant), &user, Why::default()).await?;
    let roles = engine.role_list_of_user(&call.tenant, &user).await?;
    for role in &roles {
        // one that somebody else took meanwhile is gone as well
        let _ = engine.role_unassign(&call.tenant, &user, role).await?;
    }
    call.api.feed.poke();
    if sessions.is_empty() && roles.is_empty() {
        return Ok(unknown_user("wasAssociated"));
    }
    Ok(json!({ "status": "OK", "wasAssociated": true }).into())
}
