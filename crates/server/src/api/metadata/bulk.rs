//! `POST /recipe/user/metadata/bulk`: what is kept about many users.

use hallpass_wire::{Request, metadata::BulkMetadata};
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Verb},
    reply::{Problem, Reply},
    text,
};

/// Of so many users at once.
const MOST: usize = 500;

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/user/metadata/bulk",
    summary: "Tells the metadata of several users in the order asked for; it is null for users who have none.",
    body: Some(BulkMetadata::FIELDS),
    example: Example {
        request: r#"{"userIds": ["alice", "bob"]}"#,
        response: r#"{"status": "OK", "users": [{"userId": "alice", "metadata": {"theme": "dark"}}, {"userId": "bob", "metadata": null}]}"#,
    },
    handler: |call| Box::pin(bulk(call)),
    ..Operation::DEFAULT
};

async fn bulk(call: Call) -> Result<Reply, Problem> {
    let request: BulkMetadata = call.body()?;
    if request.user_ids.len() > MOST {
        return Err(Problem::BadRequest(format!("Field name 'userIds' must have at most {MOST} elements")));
    }
    let users = request.user_ids.iter().map(|user| text::user("userIds", user)).collect::<Result<Vec<_>, _>>()?;
    let mut found = Vec::with_capacity(users.len());
    for user in &users {
        let metadata = call.api.store.metadata_find(call.app_id(), user).await?;
        found.push(json!({ "userId": user.as_str(), "metadata": metadata }));
    }
    Ok(json!({ "status": "OK", "users": found }).into())
}
