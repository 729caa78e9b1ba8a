//! `GET /users/count/active`: how many users were there lately.

use hallpass_engine::time::Timestamp;
use hallpass_wire::FieldDoc;
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation},
    reply::{Problem, Reply},
};

pub(crate) static OPERATION: Operation = Operation {
    path: "/users/count/active",
    summary: "Counts the users of an app who created, refreshed or ended all their sessions since some moment.",
    query: &[FieldDoc { name: "since", kind: "integer", required: true, items: &[], meaning: "Since when: milliseconds since 1970, UTC." }],
    example: Example { request: r#"{"since": 1767225600000}"#, response: r#"{"status": "OK", "count": 1}"# },
    handler: |call| Box::pin(active(call)),
    ..Operation::DEFAULT
};

async fn active(call: Call) -> Result<Reply, Problem> {
    let since = call.integer::<i64>("since", "a long")?;
    if since < 0 {
        return Err(Problem::BadRequest("'since' parameter must be a >= 0".to_owned()));
    }
    let count = call.api.activity.count(call.app_id(), Timestamp::from_millis(since)).await?;
    Ok(json!({ "status": "OK", "count": count }).into())
}
