//! `GET /recipe/session/user`: the sessions of a user.

use hallpass_engine::{core::Core, id::TenantId};
use hallpass_wire::FieldDoc;
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Scope},
    reply::{Problem, Reply},
    text,
};

pub(crate) const QUERY: &[FieldDoc] = &[
    FieldDoc { name: "userId", kind: "string", required: true, items: &[], meaning: "Whose sessions." },
    FieldDoc {
        name: "fetchAcrossAllTenants",
        kind: "boolean",
        required: false,
        items: &[],
        meaning: "In all tenants, or only in the one of the path: true by default.",
    },
    FieldDoc {
        name: "fetchSessionsForAllLinkedAccounts",
        kind: "boolean",
        required: false,
        items: &[],
        meaning: "Without effect: there are no linked accounts.",
    },
];

pub(crate) static OPERATION: Operation = Operation {
    path: "/recipe/session/user",
    scope: Scope::AnyTenantOfApp,
    summary: "Lists the living sessions of a user.",
    query: QUERY,
    example: Example {
        request: r#"{"userId": "alice"}"#,
        response: r#"{"status": "OK", "sessionHandles": ["0f8fad5b-d9cb-469f-a165-70867728950e"]}"#,
    },
    handler: |call| Box::pin(list(call)),
    ..Operation::DEFAULT
};

async fn list(call: Call) -> Result<Reply, Problem> {
    let user = text::user("userId", call.required("userId")?)?;
    let tenant = tenant(&call).await?;
    let sessions = call.engine().session_list(call.app_id(), tenant, &user).await?;
    let handles: Vec<_> = sessions.iter().map(|session| session.handle.to_string()).collect();
    Ok(json!({ "status": "OK", "sessionHandles": handles }).into())
}

/// In which tenant to look; `None`: in all.
pub(crate) async fn tenant(call: &Call) -> Result<Option<&TenantId>, Problem> {
    if call.flag("fetchAcrossAllTenants", true) {
        call.confine_to_app()?;
        return Ok(None);
    }
    call.tenant_must_exist(&call.tenant.tenant).await?;
    Ok(Some(&call.tenant.tenant))
}
