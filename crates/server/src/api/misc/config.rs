//! `GET /config`: where the configuration of the server lies, for the command line of another one.

use hallpass_wire::FieldDoc;

use super::super::{
    call::Call,
    operation::{Example, Operation, Scope},
    reply::{Problem, Reply},
};

pub(crate) static OPERATION: Operation = Operation {
    path: "/config",
    scope: Scope::Global,
    is_open: true,
    summary: "Does not tell where the server's configuration lies.",
    query: &[FieldDoc {
        name: "pid",
        kind: "integer",
        required: true,
        items: &[],
        meaning: "Without effect: the process that is asked about.",
    }],
    example: Example { request: r#"{"pid": 4711}"#, response: r#"{"status": "NOT_ALLOWED"}"# },
    handler: |call| Box::pin(config(call)),
    ..Operation::DEFAULT
};

async fn config(call: Call) -> Result<Reply, Problem> {
    call.integer::<i32>("pid", "an int")?;
    Ok(Reply::status("NOT_ALLOWED"))
}
