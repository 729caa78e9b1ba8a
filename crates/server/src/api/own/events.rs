//! `GET /hallpass/event/list`: what happened to a user's sessions.

use hallpass_engine::core::Core;
use hallpass_wire::{FieldDoc, own::event};
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation},
    reply::{Problem, Reply},
    text,
};

/// So many are told at most.
const MOST: u32 = 1000;

pub(crate) static OPERATION: Operation = Operation {
    path: "/hallpass/event/list",
    summary: "Tells what happened to a user's sessions, newest first.",
    query: &[
        FieldDoc { name: "userId", kind: "string", required: true, meaning: "Whose events." },
        FieldDoc { name: "limit", kind: "integer", required: false, meaning: "How many at most: 1 to 1000, 100 by default." },
    ],
    example: Example {
        request: r#"{"userId": "alice", "limit": "1"}"#,
        response: r#"{"status": "OK", "events": [{
            "id": "00000000000000001122334455667788", "time": 1767225600000, "userId": "alice", "kind": "session.created",
            "sessionHandle": "0f8fad5b-d9cb-469f-a165-70867728950e", "actor": null, "reason": null
        }]}"#,
    },
    handler: |call| Box::pin(events(call)),
    ..Operation::DEFAULT
};

async fn events(call: Call) -> Result<Reply, Problem> {
    let user = text::user("userId", call.required("userId")?)?;
    let limit = match call.parameter("limit") {
        None => 100,
        Some(text) => {
            let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
            limit.ok_or(Problem::InvalidParameter("limit", "an int from 1 to 1000"))?
        }
    };
    let events = call.engine().event_list(call.app_id(), &user, limit).await?;
    Ok(json!({ "status": "OK", "events": events.iter().map(event).collect::<Vec<_>>() }).into())
}
