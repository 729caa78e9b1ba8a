//! `/recipe/session/data`: what the application keeps with a session.

use hallpass_engine::core::Core;
use hallpass_wire::{Request, session::PutSessionData};
use serde_json::json;

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Scope, Verb},
        reply::{Problem, Reply},
    },
    get::HANDLE,
    no_session,
};

pub(crate) static GET: Operation = Operation {
    path: "/recipe/session/data",
    scope: Scope::AnyTenantOfApp,
    summary: "Tells what is kept with a session. Deprecated: `GET /recipe/session` tells it too.",
    query: HANDLE,
    example: Example { request: r#"{"sessionHandle": "$handle"}"#, response: r#"{"status": "OK", "userDataInDatabase": {}}"# },
    handler: |call| Box::pin(get(call)),
    ..Operation::DEFAULT
};

pub(crate) static PUT: Operation = Operation {
    verb: Verb::Put,
    path: "/recipe/session/data",
    scope: Scope::AnyTenantOfApp,
    summary: "Replaces what is kept with a session.",
    body: Some(PutSessionData::FIELDS),
    example: Example { request: r#"{"sessionHandle": "$handle", "userDataInDatabase": {"cart": 7}}"#, response: r#"{"status": "OK"}"# },
    handler: |call| Box::pin(put(call)),
    ..Operation::DEFAULT
};

async fn get(call: Call) -> Result<Reply, Problem> {
    let Some(handle) = call.handle(call.required("sessionHandle")?).await? else { return Ok(no_session()) };
    let found = call.engine().session_find(call.app_id(), &handle).await?;
    Ok(found.map_or_else(no_session, |session| json!({ "status": "OK", "userDataInDatabase": session.data }).into()))
}

async fn put(call: Call) -> Result<Reply, Problem> {
    let request: PutSessionData = call.body()?;
    let Some(handle) = call.handle(&request.session_handle).await? else { return Ok(no_session()) };
    let done = call.engine().session_set_data(call.app_id(), &handle, request.data).await?;
    Ok(if done { Reply::ok() } else { no_session() })
}
