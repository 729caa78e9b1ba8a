//! `POST /recipe/multitenancy/tenant/remove`: a tenant and everything in it is gone.

use hallpass_engine::id::Tenant;
use hallpass_wire::{Request, tenancy::RemoveTenant};
use serde_json::json;

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Scope, Verb},
        reply::{Problem, Reply},
    },
    ids,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/multitenancy/tenant/remove",
    scope: Scope::PublicTenant,
    summary: "Deletes a tenant with its sessions and its users' roles.",
    body: Some(RemoveTenant::FIELDS),
    example: Example { request: r#"{"tenantId": "customer-1"}"#, response: r#"{"status": "OK", "didExist": true}"# },
    handler: |call| Box::pin(remove(call)),
    ..Operation::DEFAULT
};

async fn remove(call: Call) -> Result<Reply, Problem> {
    let request: RemoveTenant = call.body()?;
    let target = Tenant { app: call.app_id().clone(), tenant: ids::tenant(Some(&request.tenant_id))? };
    if target.tenant.is_public() {
        return Err(Problem::Forbidden("The public tenant goes with its app only"));
    }
    let was_there = call.api.engine.tenant_remove(&target).await?;
    call.api.apps.forget(&target.app);
    Ok(json!({ "status": "OK", "didExist": was_there }).into())
}
