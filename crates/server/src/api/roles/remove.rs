//! `POST /recipe/role/remove`: deletes a role.

use hallpass_engine::core::RoleCore;
use hallpass_wire::{Request, roles::RemoveRole};
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Verb},
    reply::{Problem, Reply},
    text,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/role/remove",
    summary: "Deletes a role with its permissions, and takes it from all users in all tenants.",
    body: Some(RemoveRole::FIELDS),
    example: Example { request: r#"{"role": "editor"}"#, response: r#"{"status": "OK", "didRoleExist": true}"# },
    handler: |call| Box::pin(remove(call)),
    ..Operation::DEFAULT
};

async fn remove(call: Call) -> Result<Reply, Problem> {
    let request: RemoveRole = call.body()?;
    let role = text::name("role", &request.role)?;
    let was_there = call.engine().role_delete(call.app_id(), &role).await?;
    call.api.feed.poke();
    Ok(json!({ "status": "OK", "didRoleExist": was_there }).into())
}
