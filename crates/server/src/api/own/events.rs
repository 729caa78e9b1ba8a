//! `GET /hallpass/event/list`: what happened to a user's sessions.

use hallpass_engine::core::Core;
use hallpass_wire::{FieldDoc, own::event};
use serde_json::json;

use super::{
    super::{
        call::Call,
        operation::{Example, Operation},
        reply::{Problem, Reply},
        text,
    },
    limit,
};

pub(crate) static OPERATION: Operation = Operation {
    path: "/hallpass/event/list",
    summary: "Tells what happened to a user's sessions, newest first.",
    query: &[
        FieldDoc { name: "userId", kind: "string", required: true, items: &[], meaning: "Whose events." },
        FieldDoc { name: "limit", kind: "integer", required: false, items: &[], meaning: "How many at most: 1 to 1000, 100 by default." },
    ],
    example: Example {
        request: r#"{"userId": "alice", "limit": "1"}"#,
        response: r#"{"status": "OK", "events": [{
            "id": "00000000000000001122334455667788", "time": 1767225600000, "userId": "alice", "kind": "session.created",
            "sessionHandle": "0f8fad5b-d9cb-469f-a165-70867728950e", "tenantId": null, "actor": null, "reason": null
        }]}"#,
    },
    handler: |call| Box::pin(events(call)),
    ..Operation::DEFAULT
};

async fn events(call: Call) -> Result<Reply, Problem> {
    let user = text::user("userId", call.required("userId")?)?;
    let events = call.engine().event_list(call.app_id(), &user, limit(&call)?).await?;
    Ok(json!({ "status": "OK", "events": events.iter().map(event).collect::<Vec<_>>() }).into())
}
