//! `GET /recipe/multitenancy/app/list` and `…/list/v2`: all apps.

use serde_json::{Value, json};

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Scope},
        reply::{Problem, Reply},
    },
    change::tenants,
    factors::Style,
    older_style, shown,
};

pub(crate) static LIST: Operation = Operation {
    path: "/recipe/multitenancy/app/list/v2",
    scope: Scope::Global,
    summary: "Lists all apps, the public one included, with their tenants.",
    example: Example {
        request: "{}",
        response: r#"{
            "status": "OK",
            "apps": [{"appId": "public", "tenants": [
                {"tenantId": "customer-1", "thirdParty": {"providers": []}, "firstFactors": [], "coreConfig": {}},
                {"tenantId": "public", "thirdParty": {"providers": []}, "coreConfig": {}}
            ]}]
        }"#,
    },
    handler: |call| Box::pin(list(call, Style::Factors)),
    ..Operation::DEFAULT
};

pub(crate) static LIST_V1: Operation = Operation {
    path: "/recipe/multitenancy/app/list",
    scope: Scope::Global,
    summary: "Lists all apps. Deprecated: `GET /recipe/multitenancy/app/list/v2` knows factors only.",
    example: Example {
        request: "{}",
        response: r#"{
            "status": "OK",
            "apps": [{"appId": "public", "tenants": [
                {"tenantId": "customer-1", "emailPassword": {"enabled": false},
                    "thirdParty": {"enabled": false, "providers": []}, "passwordless": {"enabled": false}, "coreConfig": {}},
                {"tenantId": "public", "emailPassword": {"enabled": true},
                    "thirdParty": {"enabled": true, "providers": []}, "passwordless": {"enabled": true}, "coreConfig": {}}
            ]}]
        }"#,
    },
    handler: |call| {
        let style = older_style(&call);
        Box::pin(list(call, style))
    },
    ..Operation::DEFAULT
};

async fn list(call: Call, style: Style) -> Result<Reply, Problem> {
    let records = tenants(&call.api, None).await?;
    // in the order of their names: an app's tenants stand together
    let apps: Vec<Value> = records
        .chunk_by(|one, next| one.tenant.app == next.tenant.app)
        .map(|tenants| {
            let shown: Vec<_> = tenants.iter().map(|record| shown::tenant(record, style)).collect();
            json!({ "appId": tenants[0].tenant.app.as_str(), "tenants": shown })
        })
        .collect();
    Ok(json!({ "status": "OK", "apps": apps }).into())
}
