//! `PUT /recipe/multitenancy/app` and `…/app/v2`: makes an app, or changes its public tenant.

use hallpass_engine::id::{Tenant, TenantId};
use hallpass_wire::{
    Request,
    tenancy::{LoginFlags, PutApp},
};

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Scope, Verb},
        reply::{Problem, Reply},
    },
    factors::Style,
    ids, older_style,
    put::{Wanted, put, with_flags},
};

pub(crate) static PUT: Operation = Operation {
    verb: Verb::Put,
    path: "/recipe/multitenancy/app/v2",
    scope: Scope::PublicTenant,
    summary: "Makes an app with a public tenant, or changes it; from the public app, or from the very app.",
    body: Some(PutApp::FIELDS),
    example: Example {
        request: r#"{"appId": "shop", "coreConfig": {"access_token_validity": 300}}"#,
        response: r#"{"status": "OK", "createdNew": true}"#,
    },
    handler: |call| Box::pin(put_app(call, Style::Factors)),
    ..Operation::DEFAULT
};

pub(crate) static PUT_V1: Operation = Operation {
    verb: Verb::Put,
    path: "/recipe/multitenancy/app",
    scope: Scope::PublicTenant,
    summary: "Makes an app, or changes it. Deprecated: `PUT /recipe/multitenancy/app/v2` knows factors only.",
    body: Some(&with_flags(PutApp::FIELDS)),
    example: Example { request: r#"{"appId": "shop", "emailPasswordEnabled": true}"#, response: r#"{"status": "OK", "createdNew": true}"# },
    handler: |call| {
        let style = older_style(&call);
        Box::pin(put_app(call, style))
    },
    ..Operation::DEFAULT
};

async fn put_app(call: Call, style: Style) -> Result<Reply, Problem> {
    let body = call.json()?;
    let (request, flags) = (PutApp::read(&body)?, LoginFlags::read(&body)?);
    let target = Tenant { app: ids::app(request.app_id.as_deref())?, tenant: TenantId::public() };
    if !call.app_id().is_public() && target.app != *call.app_id() {
        return Err(Problem::Forbidden("An app can only be made or changed from the public app, or changed from itself"));
    }
    put(&call, &target, Wanted::of_app(request, flags), style).await
}
