//! `GET /telemetry`: there is none.

use serde_json::json;

use super::super::operation::{Example, Operation};

pub(crate) static OPERATION: Operation = Operation {
    path: "/telemetry",
    summary: "Answers that there is no telemetry.",
    example: Example { request: "{}", response: r#"{"exists": false}"# },
    handler: |_| Box::pin(async { Ok(json!({ "exists": false }).into()) }),
    ..Operation::DEFAULT
};
