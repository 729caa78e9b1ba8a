//! `PUT /recipe/user/metadata`: changes what is kept about a user.

use hallpass_engine::core::UserCore;
use hallpass_wire::{Request, metadata::UpdateMetadata};
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Verb},
    reply::{Problem, Reply},
    text,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Put,
    path: "/recipe/user/metadata",
    summary: "Replaces members of a user's metadata, removes those that are given as null, and tells what is kept from now on.",
    body: Some(UpdateMetadata::FIELDS),
    example: Example {
        request: r#"{"userId": "alice", "metadataUpdate": {"theme": null, "newsletter": true}}"#,
        response: r#"{"status": "OK", "metadata": {"newsletter": true}}"#,
    },
    handler: |call| Box::pin(update(call)),
    ..Operation::DEFAULT
};

async fn update(call: Call) -> Result<Reply, Problem> {
    let request: UpdateMetadata = call.body()?;
    let user = text::user("userId", &request.user_id)?;
    let metadata = call.engine().metadata_merge(call.app_id(), &user, &request.update).await?;
    Ok(json!({ "status": "OK", "metadata": metadata }).into())
}
