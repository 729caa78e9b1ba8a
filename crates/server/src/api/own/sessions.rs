//! `GET /hallpass/session/list`: the sessions of a user with all that is stored of them.

use hallpass_engine::core::Core;
use hallpass_wire::own::details;
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Scope},
    reply::{Problem, Reply},
    session::list,
    text,
};

pub(crate) static OPERATION: Operation = Operation {
    path: "/hallpass/session/list",
    scope: Scope::AnyTenantOfApp,
    summary: "Lists the living sessions of a user with all that is stored of them, oldest first.",
    query: list::QUERY,
    example: Example {
        request: r#"{"userId": "alice"}"#,
        response: r#"{"status": "OK", "sessions": [{
            "sessionHandle": "0f8fad5b-d9cb-469f-a165-70867728950e", "userId": "alice", "recipeUserId": "alice", "tenantId": "public",
            "timeCreated": 1767225600000, "timeRefreshed": null, "expiry": 1775865600000,
            "userDataInJWT": {"plan": "pro"}, "userDataInDatabase": {}
        }]}"#,
    },
    handler: |call| Box::pin(sessions(call)),
    ..Operation::DEFAULT
};

async fn sessions(call: Call) -> Result<Reply, Problem> {
    let user = text::user("userId", call.required("userId")?)?;
    let tenant = list::tenant(&call).await?;
    let sessions = call.engine().session_list(call.app_id(), tenant, &user).await?;
    let sessions = sessions.iter().map(|session| {
        let mut details = details(session, call.dialect());
        details.as_object_mut().map(|details| details.shift_remove("status"));
        details
    });
    Ok(json!({ "status": "OK", "sessions": sessions.collect::<Vec<_>>() }).into())
}
