//! `POST /recipe/multitenancy/app/remove`: an app and everything in it is gone.

use hallpass_wire::{Request, tenancy::RemoveApp};
use serde_json::json;

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Scope, Verb},
        reply::{Problem, Reply},
    },
    change::tenants,
    ids,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/multitenancy/app/remove",
    scope: Scope::Global,
    summary: "Deletes an app that has no tenants beside the public one, with everything that belongs to it.",
    body: Some(RemoveApp::FIELDS),
    example: Example { request: r#"{"appId": "blog"}"#, response: r#"{"status": "OK", "didExist": true}"# },
    handler: |call| Box::pin(remove(call)),
    ..Operation::DEFAULT
};

async fn remove(call: Call) -> Result<Reply, Problem> {
    let request: RemoveApp = call.body()?;
    let (api, app) = (&call.api, ids::app(Some(&request.app_id))?);
    if app.is_public() {
        return Err(Problem::Forbidden("The public app cannot be removed"));
    }
    if tenants(api, Some(&app)).await?.iter().any(|record| !record.tenant.tenant.is_public()) {
        return Err(Problem::Forbidden("Remove the tenants of the app first, all but the public one"));
    }
    let was_there = api.store.app_delete(&app).await?;
    api.forget(&app);
    Ok(json!({ "status": "OK", "didExist": was_there }).into())
}
