//! `POST /recipe/session/remove`: ends sessions.

use hallpass_engine::core::{Core, Why};
use hallpass_wire::{Request, session::RemoveSessions};
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Scope, Verb},
    reply::{Problem, Reply},
    text,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/session/remove",
    scope: Scope::AnyTenantOfApp,
    summary: "Ends sessions: those of some handles, or those of a user; tells which were there.",
    body: Some(RemoveSessions::FIELDS),
    example: Example {
        request: r#"{"sessionHandles": ["$handle"]}"#,
        response: r#"{"status": "OK", "sessionHandlesRevoked": ["0f8fad5b-d9cb-469f-a165-70867728950e"]}"#,
    },
    handler: |call| Box::pin(remove(call)),
    ..Operation::DEFAULT
};

async fn remove(call: Call) -> Result<Reply, Problem> {
    let request: RemoveSessions = call.body()?;
    let why = Why { actor: request.actor, reason: request.reason };
    let revoked = match (request.session_handles, request.user_id) {
        (Some(handles), None) => {
            if request.across_all_tenants.is_some() || request.for_linked_accounts.is_some() {
                let text = "revokeAcrossAllTenants and revokeSessionsForLinkedAccounts go with userId only";
                return Err(Problem::BadRequest(text.to_owned()));
            }
            // what has not the shape of a handle names no session
            let handles: Vec<_> = handles.iter().filter_map(|handle| handle.parse().ok()).collect();
            call.engine().session_revoke(call.app_id(), &handles, why).await?
        }
        (None, Some(user)) => {
            let user = text::user("userId", &user)?;
            let engine = call.engine();
            let revoked = if request.across_all_tenants == Some(false) {
                call.tenant_must_exist(&call.tenant.tenant).await?;
                engine.session_revoke_all(call.app_id(), Some(&call.tenant.tenant), &user, why).await?
            } else {
                call.confine_to_app()?;
                engine.session_revoke_all(call.app_id(), None, &user, why).await?
            };
            call.saw(&user, engine.now());
            revoked
        }
        _ => return Err(Problem::BadRequest("Exactly one of sessionHandles and userId must be given".to_owned())),
    };
    call.api.feed.poke();
    call.api.metrics.sessions_revoked(revoked.len());
    let handles: Vec<_> = revoked.iter().map(ToString::to_string).collect();
    Ok(json!({ "status": "OK", "sessionHandlesRevoked": handles }).into())
}
