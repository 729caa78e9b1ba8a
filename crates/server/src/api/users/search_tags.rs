//! `GET /user/search/tags`: by what users could be searched for.

use serde_json::json;

use super::super::operation::{Example, Operation};

pub(crate) static OPERATION: Operation = Operation {
    path: "/user/search/tags",
    summary: "Lists by what users could be searched for, if users were kept here.",
    example: Example { request: "{}", response: r#"{"status": "OK", "tags": ["email", "phone", "provider"]}"# },
    handler: |_| Box::pin(async { Ok(json!({ "status": "OK", "tags": ["email", "phone", "provider"] }).into()) }),
    ..Operation::DEFAULT
};
