//! `GET /recipe/session`: everything that is stored of a session.

use hallpass_engine::core::Core;
use hallpass_wire::{FieldDoc, own, session};

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Scope},
        reply::{Problem, Reply},
    },
    no_session,
};

/// The one parameter of all that reads a session.
pub(super) const HANDLE: &[FieldDoc] =
    &[FieldDoc { name: "sessionHandle", kind: "string", required: true, items: &[], meaning: "Which session." }];

pub(crate) static OPERATION: Operation = Operation {
    path: "/recipe/session",
    scope: Scope::AnyTenantOfApp,
    summary: "Tells everything that is stored of a session.",
    query: HANDLE,
    example: Example {
        request: r#"{"sessionHandle": "$handle"}"#,
        response: r#"{
            "status": "OK", "sessionHandle": "0f8fad5b-d9cb-469f-a165-70867728950e", "userId": "alice", "recipeUserId": "alice",
            "tenantId": "public", "timeCreated": 1767225600000, "expiry": 1775865600000, "userDataInJWT": {"plan": "pro"},
            "userDataInDatabase": {}
        }"#,
    },
    handler: |call| Box::pin(get(call)),
    ..Operation::DEFAULT
};

async fn get(call: Call) -> Result<Reply, Problem> {
    let Some(handle) = call.handle(call.required("sessionHandle")?).await? else { return Ok(no_session()) };
    let found = call.engine().session_find(call.app_id(), &handle).await?;
    let details = if call.is_own_client { own::details } else { session::details };
    Ok(found.map_or_else(no_session, |session| details(&session, call.dialect()).into()))
}
