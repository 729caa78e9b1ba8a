//! `GET /<tenant>/recipe/user/roles`: the roles of a user.

use hallpass_engine::core::RoleCore;
use hallpass_wire::FieldDoc;
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Scope},
    reply::{Problem, Reply},
    text,
};

pub(crate) static OPERATION: Operation = Operation {
    path: "/recipe/user/roles",
    scope: Scope::Tenant,
    summary: "Lists the roles of a user in one tenant.",
    query: &[FieldDoc { name: "userId", kind: "string", required: true, items: &[], meaning: "Whose roles." }],
    example: Example { request: r#"{"userId": "alice"}"#, response: r#"{"status": "OK", "roles": ["editor"]}"# },
    handler: |call| Box::pin(of_user(call)),
    ..Operation::DEFAULT
};

async fn of_user(call: Call) -> Result<Reply, Problem> {
    let user = text::user("userId", call.required("userId")?)?;
    let roles = call.engine().role_list_of_user(&call.tenant, &user).await?;
    Ok(json!({ "status": "OK", "roles": roles }).into())
}
