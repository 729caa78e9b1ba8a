//! `GET /recipe/role/permissions`: what a role allows.

use hallpass_engine::core::RoleCore;
use serde_json::json;

use super::{
    super::{
        call::Call,
        operation::{Example, Operation},
        reply::{Problem, Reply},
        text,
    },
    ROLE, unknown_role,
};

pub(crate) static OPERATION: Operation = Operation {
    path: "/recipe/role/permissions",
    summary: "Lists the permissions of a role.",
    query: ROLE,
    example: Example { request: r#"{"role": "editor"}"#, response: r#"{"status": "OK", "permissions": ["read", "write"]}"# },
    handler: |call| Box::pin(permissions(call)),
    ..Operation::DEFAULT
};

async fn permissions(call: Call) -> Result<Reply, Problem> {
    let role = text::name("role", call.required("role")?)?;
    let permissions = call.engine().role_permissions(call.app_id(), &role).await?;
    Ok(permissions.map_or_else(unknown_role, |permissions| json!({ "status": "OK", "permissions": permissions }).into()))
}
