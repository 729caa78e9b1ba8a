//! `GET /requests/stats`: how busy the server was. Metrics tell that; here nothing is counted.

use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation},
    reply::{Problem, Reply},
};

const MINUTE_MS: i64 = 60_000;
/// One number for each minute of a day.
const MINUTES: usize = 24 * 60;
/// There are no data for that minute.
const NONE: i8 = -1;

pub(crate) static OPERATION: Operation = Operation {
    path: "/requests/stats",
    summary: "Answers that no requests were counted: -1 for each minute of the last day.",
    example: Example {
        request: "{}",
        response: r#"{"status": "OK", "atMinute": 29453760, "averageRequestsPerSecond": [-1], "peakRequestsPerSecond": [-1]}"#,
    },
    handler: |call| Box::pin(stats(call)),
    ..Operation::DEFAULT
};

async fn stats(call: Call) -> Result<Reply, Problem> {
    let minute = call.api.engine.now().as_millis() / MINUTE_MS;
    let nothing = vec![NONE; MINUTES];
    Ok(json!({ "status": "OK", "atMinute": minute, "averageRequestsPerSecond": nothing, "peakRequestsPerSecond": nothing }).into())
}
