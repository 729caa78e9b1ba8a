//! `PUT /recipe/role`: makes a role, or allows it more.

use hallpass_engine::core::RoleCore;
use hallpass_wire::{Request, roles::PutRole};
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Verb},
    reply::{Problem, Reply},
    text,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Put,
    path: "/recipe/role",
    summary: "Makes a role unless there is one, and adds permissions to it.",
    body: Some(PutRole::FIELDS),
    example: Example {
        request: r#"{"role": "author", "permissions": ["read", "write"]}"#,
        response: r#"{"status": "OK", "createdNewRole": true}"#,
    },
    handler: |call| Box::pin(put(call)),
    ..Operation::DEFAULT
};

async fn put(call: Call) -> Result<Reply, Problem> {
    let request: PutRole = call.body()?;
    let role = text::name("role", &request.role)?;
    let permissions = text::names("permissions", &request.permissions.unwrap_or_default())?;
    let is_new = call.engine().role_put(call.app_id(), &role, &permissions).await?;
    call.api.feed.poke();
    Ok(json!({ "status": "OK", "createdNewRole": is_new }).into())
}
