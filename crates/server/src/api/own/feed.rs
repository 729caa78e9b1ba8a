//! `GET /hallpass/feed`: what those who verify access tokens by themselves have to know.

use hallpass_wire::{FieldDoc, own::page};

use super::super::{
    call::Call,
    operation::{Example, Operation},
    reply::{Problem, Reply},
};

pub(crate) static OPERATION: Operation = Operation {
    path: FEED,
    summary: "Tells of revocations, bans and changed roles before access tokens expire: at once what is new since the cursor, or \
              within 25 seconds what becomes new.",
    query: &[FieldDoc {
        name: "after",
        kind: "string",
        required: false,
        items: &[],
        meaning: "The cursor of the answer before. Without it, or if it is too old, everything that still counts is told at once.",
    }],
    example: Example {
        request: "{}",
        response: r#"{"status": "OK", "cursor": "00112233445566aa.17", "isWhole": true, "entries": [
            {"kind": "session.revoked", "sessionHandle": "0f8fad5b-d9cb-469f-a165-70867728950e", "time": 1767225600000, "until": 1767229200000},
            {"kind": "user.banned", "userId": "mallory", "tenantId": null, "time": 1767225600000, "until": 1767229200000},
            {"kind": "user.unbanned", "userId": "mallory", "tenantId": null, "time": 1767225600000, "until": 1767229200000},
            {"kind": "roles.changed", "userId": "alice", "tenantId": "public", "time": 1767225600000, "until": 1767229200000},
            {"kind": "roles.changed", "userId": null, "tenantId": null, "time": 1767225600000, "until": 1767229200000}
        ]}"#,
    },
    handler: |call| Box::pin(feed(call)),
    ..Operation::DEFAULT
};

/// Where it is asked for: whoever does so waits.
pub(crate) const FEED: &str = "/hallpass/feed";

async fn feed(call: Call) -> Result<Reply, Problem> {
    let after = call.parameter("after").map(|cursor| cursor.to_owned().into());
    Ok(page(&call.api.feed.wait(&call.engine(), call.app_id(), after.as_ref()).await?).into())
}
