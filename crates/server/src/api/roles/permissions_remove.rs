//! `POST /recipe/role/permissions/remove`: allows a role less.

use hallpass_engine::core::RoleCore;
use hallpass_wire::{Request, roles::RemovePermissions};

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Verb},
        reply::{Problem, Reply},
        text,
    },
    unknown_role,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/role/permissions/remove",
    summary: "Takes permissions from a role: some, or all.",
    body: Some(RemovePermissions::FIELDS),
    example: Example { request: r#"{"role": "editor", "permissions": ["write"]}"#, response: r#"{"status": "OK"}"# },
    handler: |call| Box::pin(remove(call)),
    ..Operation::DEFAULT
};

async fn remove(call: Call) -> Result<Reply, Problem> {
    let request: RemovePermissions = call.body()?;
    let role = text::name("role", &request.role)?;
    let permissions = request.permissions.map(|permissions| text::names("permissions", &permissions)).transpose()?;
    let is_known = call.engine().role_remove_permissions(call.app_id(), &role, permissions.as_deref()).await?;
    call.api.feed.poke();
    Ok(if is_known { Reply::ok() } else { unknown_role() })
}
