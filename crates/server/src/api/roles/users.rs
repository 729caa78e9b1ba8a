//! `GET /<tenant>/recipe/role/users`: who has a role.

use hallpass_engine::core::RoleCore;
use serde_json::json;

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Scope},
        reply::{Problem, Reply},
        text,
    },
    ROLE, unknown_role,
};

pub(crate) static OPERATION: Operation = Operation {
    path: "/recipe/role/users",
    scope: Scope::Tenant,
    summary: "Lists the users who have a role in one tenant.",
    query: ROLE,
    example: Example { request: r#"{"role": "editor"}"#, response: r#"{"status": "OK", "users": ["alice"]}"# },
    handler: |call| Box::pin(users(call)),
    ..Operation::DEFAULT
};

async fn users(call: Call) -> Result<Reply, Problem> {
    let role = text::name("role", call.required("role")?)?;
    let Some(users) = call.engine().role_users(&call.tenant, &role).await? else { return Ok(unknown_role()) };
    let users: Vec<_> = users.iter().map(ToString::to_string).collect();
    Ok(json!({ "status": "OK", "users": users }).into())
}
