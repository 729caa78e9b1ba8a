//! `/recipe/multitenancy/tenant` and `…/tenant/v2`: a tenant, and what is configured for it.

use hallpass_engine::id::Tenant;
use hallpass_wire::{
    Request,
    tenancy::{LoginFlags, PutTenant},
};
use serde_json::Value;

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Scope, Verb},
        reply::{Problem, Reply},
    },
    factors::Style,
    ids, older_style,
    put::{Wanted, put, with_flags},
    shown,
};

const NOT_FOUND: &str = "TENANT_NOT_FOUND_ERROR";

pub(crate) static GET: Operation = Operation {
    path: "/recipe/multitenancy/tenant/v2",
    scope: Scope::Tenant,
    absent: Some(NOT_FOUND),
    summary: "Tells what is configured for a tenant.",
    example: Example {
        request: "{}",
        response: r#"{"status": "OK", "tenantId": "public", "thirdParty": {"providers": []}, "coreConfig": {}}"#,
    },
    handler: |call| Box::pin(get(call, Style::Factors)),
    ..Operation::DEFAULT
};

pub(crate) static GET_V1: Operation = Operation {
    path: "/recipe/multitenancy/tenant",
    scope: Scope::Tenant,
    absent: Some(NOT_FOUND),
    summary: "Tells what is configured for a tenant. Deprecated: `GET /recipe/multitenancy/tenant/v2` knows factors only.",
    example: Example {
        request: "{}",
        response: r#"{
            "status": "OK", "tenantId": "public", "emailPassword": {"enabled": true},
            "thirdParty": {"enabled": true, "providers": []}, "passwordless": {"enabled": true}, "coreConfig": {}
        }"#,
    },
    handler: |call| {
        let style = older_style(&call);
        Box::pin(get(call, style))
    },
    ..Operation::DEFAULT
};

pub(crate) static PUT: Operation = Operation {
    verb: Verb::Put,
    path: "/recipe/multitenancy/tenant/v2",
    scope: Scope::Tenant,
    summary: "Makes a tenant of the app, or changes it; from the public tenant, or from the very tenant.",
    body: Some(PutTenant::FIELDS),
    example: Example {
        request: r#"{"tenantId": "customer-2", "firstFactors": ["thirdparty"], "requiredSecondaryFactors": ["totp"]}"#,
        response: r#"{"status": "OK", "createdNew": true}"#,
    },
    handler: |call| Box::pin(put_tenant(call, Style::Factors)),
    ..Operation::DEFAULT
};

pub(crate) static PUT_V1: Operation = Operation {
    verb: Verb::Put,
    path: "/recipe/multitenancy/tenant",
    scope: Scope::Tenant,
    summary: "Makes a tenant of the app, or changes it. Deprecated: `PUT /recipe/multitenancy/tenant/v2` knows factors only.",
    body: Some(&with_flags(PutTenant::FIELDS)),
    example: Example {
        request: r#"{"tenantId": "customer-2", "thirdPartyEnabled": true}"#,
        response: r#"{"status": "OK", "createdNew": true}"#,
    },
    handler: |call| {
        let style = older_style(&call);
        Box::pin(put_tenant(call, style))
    },
    ..Operation::DEFAULT
};

async fn get(call: Call, style: Style) -> Result<Reply, Problem> {
    let Some(known) = call.api.apps.tenant(&call.tenant).await? else { return Ok(Reply::status(NOT_FOUND)) };
    let mut body = shown::tenant(&known.record, style);
    body.shift_insert(0, "status".to_owned(), "OK".into());
    Ok(Value::Object(body).into())
}

async fn put_tenant(call: Call, style: Style) -> Result<Reply, Problem> {
    let body = call.json()?;
    let (request, flags) = (PutTenant::read(&body)?, LoginFlags::read(&body)?);
    let target = Tenant { app: call.app_id().clone(), tenant: ids::tenant(request.tenant_id.as_deref())? };
    if !call.tenant.tenant.is_public() && target != call.tenant {
        return Err(Problem::Forbidden("A tenant can only be made or changed from the public tenant, or changed from itself"));
    }
    put(&call, &target, Wanted::of_tenant(request, flags), style).await
}
