//! `GET /recipe/permission/roles`: which roles allow something.

use hallpass_engine::core::RoleCore;
use hallpass_wire::FieldDoc;
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation},
    reply::{Problem, Reply},
    text,
};

pub(crate) static OPERATION: Operation = Operation {
    path: "/recipe/permission/roles",
    summary: "Lists the roles that have a permission.",
    query: &[FieldDoc { name: "permission", kind: "string", required: true, items: &[], meaning: "Which permission." }],
    example: Example { request: r#"{"permission": "read"}"#, response: r#"{"status": "OK", "roles": ["editor", "reader"]}"# },
    handler: |call| Box::pin(with_permission(call)),
    ..Operation::DEFAULT
};

async fn with_permission(call: Call) -> Result<Reply, Problem> {
    let permission = text::name("permission", call.required("permission")?)?;
    let roles = call.engine().role_list_with_permission(call.app_id(), &permission).await?;
    Ok(json!({ "status": "OK", "roles": roles }).into())
}
