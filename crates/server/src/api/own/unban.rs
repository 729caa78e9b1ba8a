//! `POST /hallpass/ban/remove`: lets a user sign in again.

use hallpass_engine::core::{BanCore, Why};
use hallpass_wire::{Request, own::RemoveBan};
use serde_json::json;

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Verb},
        reply::{Problem, Reply},
        text,
    },
    ban::tenant,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/hallpass/ban/remove",
    summary: "Lifts the ban of a user in one tenant, or the one everywhere; sessions stay ended.",
    body: Some(RemoveBan::FIELDS),
    example: Example { request: r#"{"userId": "mallory", "reason": "appealed"}"#, response: r#"{"status": "OK", "wasBanned": true}"# },
    handler: |call| Box::pin(remove(call)),
    ..Operation::DEFAULT
};

async fn remove(call: Call) -> Result<Reply, Problem> {
    let request: RemoveBan = call.body()?;
    let tenant = tenant(&call, request.tenant_id.as_deref())?;
    let user = text::user("userId", &request.user_id)?;
    let why = Why { actor: request.actor, reason: request.reason };
    let was_banned = call.engine().unban(call.app_id(), &user, tenant.as_ref(), why).await?;
    call.api.feed.poke();
    Ok(json!({ "status": "OK", "wasBanned": was_banned }).into())
}
