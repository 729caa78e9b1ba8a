//! `GET /<tenant>/users` and `…/users/by-accountinfo`: the users of a tenant. They are not kept here.

use hallpass_wire::FieldDoc;
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Scope},
    reply::{Problem, Reply},
};

const NOBODY: &str = r#"{"status": "OK", "users": []}"#;

pub(crate) static ALL: Operation = Operation {
    path: "/users",
    scope: Scope::Tenant,
    summary: "Answers that a tenant has no users: they are not kept here.",
    example: Example { request: "{}", response: NOBODY },
    handler: |_| Box::pin(async { Ok(nobody()) }),
    ..Operation::DEFAULT
};

pub(crate) static BY_ACCOUNT: Operation = Operation {
    path: "/users/by-accountinfo",
    scope: Scope::Tenant,
    summary: "Answers that a tenant has no such users: they are not kept here.",
    query: &[FieldDoc {
        name: "doUnionOfAccountInfo",
        kind: "boolean",
        required: true,
        items: &[],
        meaning: "Without effect: whether one match is enough.",
    }],
    example: Example { request: r#"{"doUnionOfAccountInfo": false}"#, response: NOBODY },
    handler: |call| Box::pin(by_account(call)),
    ..Operation::DEFAULT
};

async fn by_account(call: Call) -> Result<Reply, Problem> {
    call.required("doUnionOfAccountInfo")?;
    Ok(nobody())
}

fn nobody() -> Reply {
    json!({ "status": "OK", "users": [] }).into()
}
