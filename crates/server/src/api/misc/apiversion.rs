//! `GET /apiversion`: the versions that are spoken. The first thing that an SDK asks.

use hallpass_wire::CdiVersion;
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation},
    reply::{Problem, Reply},
};

pub(crate) static OPERATION: Operation = Operation {
    path: "/apiversion",
    summary: "Lists the versions of this interface that are spoken.",
    example: Example { request: "{}", response: r#"{"versions": ["3.0", "3.1", "4.0", "5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6"]}"# },
    handler: |call| Box::pin(apiversion(call)),
    ..Operation::DEFAULT
};

async fn apiversion(call: Call) -> Result<Reply, Problem> {
    let settings = &call.app.settings;
    let is_spoken = |version: &&CdiVersion| {
        settings.max_cdi.is_none_or(|latest| **version <= latest) && settings.min_cdi.is_none_or(|oldest| **version >= oldest)
    };
    let versions: Vec<_> = CdiVersion::SUPPORTED.iter().filter(is_spoken).map(ToString::to_string).collect();
    Ok(json!({ "versions": versions }).into())
}
