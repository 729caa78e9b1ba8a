//! `POST /hallpass/session/confirm`: access tokens came back from their clients, so the refresh tokens beside them arrived.

use hallpass_engine::core::Core;
use hallpass_wire::{Request, own::ConfirmSessions};

use super::super::{
    call::Call,
    operation::{Example, Operation, Scope, Verb},
    reply::{Problem, Reply},
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/hallpass/session/confirm",
    scope: Scope::AnyTenantOfApp,
    summary: "Confirms refresh tokens, many at once, whose access tokens came back from their clients.",
    body: Some(ConfirmSessions::FIELDS),
    example: Example {
        request: r#"{"delivered": [{"sessionHandle": "$handle", "refreshTokenHash2": "$refreshTokenHash2"}]}"#,
        response: r#"{"status": "OK"}"#,
    },
    handler: |call| Box::pin(confirm(call)),
    ..Operation::DEFAULT
};

async fn confirm(call: Call) -> Result<Reply, Problem> {
    let request: ConfirmSessions = call.body()?;
    call.engine().session_confirm(call.app_id(), &request.delivered).await?;
    Ok(Reply::ok())
}
