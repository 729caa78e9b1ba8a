//! `GET /recipe/roles`: the roles of an app.

use hallpass_engine::core::RoleCore;
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation},
    reply::{Problem, Reply},
};

pub(crate) static OPERATION: Operation = Operation {
    path: "/recipe/roles",
    summary: "Lists the roles of an app.",
    example: Example { request: "{}", response: r#"{"status": "OK", "roles": ["editor", "reader"]}"# },
    handler: |call| Box::pin(list(call)),
    ..Operation::DEFAULT
};

async fn list(call: Call) -> Result<Reply, Problem> {
    let roles = call.engine().role_list(call.app_id()).await?;
    Ok(json!({ "status": "OK", "roles": roles }).into())
}
