//! `GET /ee/featureflag`: what SDKs may use.

use std::time::Duration;

use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation},
    reply::{Problem, Reply},
};

/// What is sold with the existing core and asked for by SDKs: nothing is withheld here.
const FEATURES: [&str; 4] = ["multi_tenancy", "account_linking", "mfa", "dashboard_login"];
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Usage is told for so many days back.
const DAYS: u32 = 31;

pub(crate) static OPERATION: Operation = Operation {
    path: "/ee/featureflag",
    summary: "Lists what would need a licence elsewhere, and how many users were active in the last day, two days, up to 31.",
    example: Example {
        request: "{}",
        response: r#"{
            "status": "OK",
            "features": ["multi_tenancy", "account_linking", "mfa", "dashboard_login"],
            "usageStats": {"maus": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}
        }"#,
    },
    handler: |call| Box::pin(features(call)),
    ..Operation::DEFAULT
};

async fn features(call: Call) -> Result<Reply, Problem> {
    let now = call.api.engine.now();
    let mut active = Vec::with_capacity(DAYS as usize);
    for days in 1..=DAYS {
        active.push(call.api.activity.count(call.app_id(), now - DAY * days).await?);
    }
    Ok(json!({ "status": "OK", "features": FEATURES, "usageStats": { "maus": active } }).into())
}
