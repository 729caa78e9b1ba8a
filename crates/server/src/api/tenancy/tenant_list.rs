//! `GET /recipe/multitenancy/tenant/list` and `…/list/v2`: the tenants of an app.

use serde_json::json;

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
    path: "/recipe/multitenancy/tenant/list/v2",
    scope: Scope::PublicTenant,
    summary: "Lists the tenants of an app, the public one included, with what is configured for each.",
    example: Example {
        request: "{}",
        response: r#"{
            "status": "OK",
            "tenants": [
                {"tenantId": "customer-1", "thirdParty": {"providers": []}, "firstFactors": [], "coreConfig": {}},
                {"tenantId": "public", "thirdParty": {"providers": []}, "coreConfig": {}}
            ]
        }"#,
    },
    handler: |call| Box::pin(list(call, Style::Factors)),
    ..Operation::DEFAULT
};

pub(crate) static LIST_V1: Operation = Operation {
    path: "/recipe/multitenancy/tenant/list",
    scope: Scope::PublicTenant,
    summary: "Lists the tenants of an app. Deprecated: `GET /recipe/multitenancy/tenant/list/v2` knows factors only.",
    example: Example {
        request: "{}",
        response: r#"{
            "status": "OK",
            "tenants": [
                {"tenantId": "customer-1", "emailPassword": {"enabled": false},
                    "thirdParty": {"enabled": false, "providers": []}, "passwordless": {"enabled": false}, "coreConfig": {}},
                {"tenantId": "public", "emailPassword": {"enabled": true},
                    "thirdParty": {"enabled": true, "providers": []}, "passwordless": {"enabled": true}, "coreConfig": {}}
            ]
        }"#,
    },
    handler: |call| {
        let style = older_style(&call);
        Box::pin(list(call, style))
    },
    ..Operation::DEFAULT
};

async fn list(call: Call, style: Style) -> Result<Reply, Problem> {
    let records = tenants(&call.api, Some(call.app_id())).await?;
    let shown: Vec<_> = records.iter().map(|record| shown::tenant(record, style)).collect();
    Ok(json!({ "status": "OK", "tenants": shown }).into())
}
