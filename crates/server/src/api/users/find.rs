//! `GET /user/id`: who a user is. SDKs ask before they create a session, and go on with the id as it is.

use hallpass_wire::FieldDoc;

use super::super::{
    call::Call,
    operation::{Example, Operation},
    reply::{Problem, Reply},
};

pub(crate) static OPERATION: Operation = Operation {
    path: "/user/id",
    summary: "Answers that there is no such user: users are not kept here.",
    query: &[FieldDoc { name: "userId", kind: "string", required: true, items: &[], meaning: "Which user." }],
    example: Example { request: r#"{"userId": "alice"}"#, response: r#"{"status": "UNKNOWN_USER_ID_ERROR"}"# },
    handler: |call| Box::pin(find(call)),
    ..Operation::DEFAULT
};

async fn find(call: Call) -> Result<Reply, Problem> {
    call.required("userId")?;
    Ok(Reply::status("UNKNOWN_USER_ID_ERROR"))
}
