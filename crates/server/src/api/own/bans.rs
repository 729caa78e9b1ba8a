//! `GET /hallpass/ban/list`: who is banned.

use hallpass_engine::core::BanCore;
use hallpass_wire::{FieldDoc, own::ban};
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
    path: "/hallpass/ban/list",
    summary: "Lists the bans that are in force: those of one user, or all of them by user, a page at a time.",
    query: &[
        FieldDoc {
            name: "userId",
            kind: "string",
            required: false,
            items: &[],
            meaning: "Whose bans; the rest of the query does not count then.",
        },
        FieldDoc {
            name: "after",
            kind: "string",
            required: false,
            items: &[],
            meaning: "The last user of the page before; from the start by default.",
        },
        FieldDoc {
            name: "limit",
            kind: "integer",
            required: false,
            items: &[],
            meaning: "Of how many users at most: 1 to 1000, 100 by default. Fewer users in the answer: it is the last page.",
        },
    ],
    example: Example {
        request: r#"{"userId": "mallory"}"#,
        response: r#"{"status": "OK", "bans": [
            {"userId": "mallory", "tenantId": null, "time": 1767225600000, "until": null, "by": "support", "reason": "spam"}
        ]}"#,
    },
    handler: |call| Box::pin(list(call)),
    ..Operation::DEFAULT
};

async fn list(call: Call) -> Result<Reply, Problem> {
    let limit = limit(&call)?;
    let user = |name| call.parameter(name).map(|user| text::user(name, user)).transpose();
    let bans = match user("userId")? {
        Some(user) => call.engine().bans_of(call.app_id(), &user).await?,
        None => call.engine().ban_list(call.app_id(), user("after")?.as_ref(), limit).await?,
    };
    Ok(json!({ "status": "OK", "bans": bans.iter().map(ban).collect::<Vec<_>>() }).into())
}
