//! `PUT /<tenant>/recipe/user/role`: gives a role to a user.

use hallpass_engine::{core::RoleCore, roles::Assigned};
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
    verb: Verb::Put,
    path: "/recipe/user/role",
    scope: Scope::Tenant,
    summary: "Gives a role to a user, in one tenant.",
    body: Some(UserRole::FIELDS),
    example: Example {
        request: r#"{"userId": "bob", "role": "editor"}"#,
        response: r#"{"status": "OK", "didUserAlreadyHaveRole": false}"#,
    },
    handler: |call| Box::pin(assign(call)),
    ..Operation::DEFAULT
};

async fn assign(call: Call) -> Result<Reply, Problem> {
    let request: UserRole = call.body()?;
    let (user, role) = (text::user("userId", &request.user_id)?, text::name("role", &request.role)?);
    let had_it = match call.engine().role_assign(&call.tenant, &user, &role).await? {
        Assigned::Now => false,
        Assigned::Already => true,
        Assigned::UnknownRole => return Ok(unknown_role()),
    };
    call.api.feed.poke();
    Ok(json!({ "status": "OK", "didUserAlreadyHaveRole": had_it }).into())
}
