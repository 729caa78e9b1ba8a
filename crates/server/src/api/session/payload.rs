//! `/recipe/jwt/data`: the claims that a session's next access token gets.

use hallpass_engine::core::Core;
use hallpass_wire::{Request, session::PutSessionPayload};
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
    path: "/recipe/jwt/data",
    scope: Scope::AnyTenantOfApp,
    summary: "Tells the claims of a session. Deprecated: `GET /recipe/session` tells them too.",
    query: HANDLE,
    example: Example { request: r#"{"sessionHandle": "$handle"}"#, response: r#"{"status": "OK", "userDataInJWT": {"plan": "pro"}}"# },
    handler: |call| Box::pin(get(call)),
    ..Operation::DEFAULT
};

pub(crate) static PUT: Operation = Operation {
    verb: Verb::Put,
    path: "/recipe/jwt/data",
    scope: Scope::AnyTenantOfApp,
    summary: "Replaces the claims of a session; access tokens that are out keep theirs.",
    body: Some(PutSessionPayload::FIELDS),
    example: Example { request: r#"{"sessionHandle": "$handle", "userDataInJWT": {"plan": "free"}}"#, response: r#"{"status": "OK"}"# },
    handler: |call| Box::pin(put(call)),
    ..Operation::DEFAULT
};

async fn get(call: Call) -> Result<Reply, Problem> {
    let Some(handle) = call.handle(call.required("sessionHandle")?).await? else { return Ok(no_session()) };
    let found = call.engine().session_find(call.app_id(), &handle).await?;
    Ok(found.map_or_else(no_session, |session| json!({ "status": "OK", "userDataInJWT": session.payload }).into()))
}

async fn put(call: Call) -> Result<Reply, Problem> {
    let request: PutSessionPayload = call.body()?;
    let engine = call.engine();
    if call.dialect().token.protected_claim(&request.payload).is_some() {
        return Err(Problem::protected_claim());
    }
    let Some(handle) = call.handle(&request.session_handle).await? else { return Ok(no_session()) };
    let done = engine.session_set_payload(call.app_id(), &handle, request.payload).await?;
    Ok(if done { Reply::ok() } else { no_session() })
}
