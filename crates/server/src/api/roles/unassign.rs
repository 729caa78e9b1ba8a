//! `POST /<tenant>/recipe/user/role/remove`: takes a role from a user.

use hallpass_engine::{core::RoleCore, roles::Unassigned};
use hallpass_wire::{Request, roles::UserRole};
use serde_json::json;

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Scope, Verb},
        reply::{Problem, Reply},
        text,
    },
    unknown_role,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/user/role/remove",
    scope: Scope::Tenant,
    summary: "Takes a role from a user, in one tenant.",
    body: Some(UserRole::FIELDS),
    example: Example { request: r#"{"userId": "alice", "role": "editor"}"#, response: r#"{"status": "OK", "didUserHaveRole": true}"# },
    handler: |call| Box::pin(unassign(call)),
    ..Operation::DEFAULT
};

async fn unassign(call: Call) -> Result<Reply, Problem> {
    let request: UserRole = call.body()?;
    let (user, role) = (text::user("userId", &request.user_id)?, text::name("role", &request.role)?);
    let had_it = match call.engine().role_unassign(&call.tenant, &user, &role).await? {
        Unassigned::Now => true,
        Unassigned::NotAssigned => false,
        Unassigned::UnknownRole => return Ok(unknown_role()),
    };
    call.api.feed.poke();
    Ok(json!({ "status": "OK", "didUserHaveRole": had_it }).into())
}
