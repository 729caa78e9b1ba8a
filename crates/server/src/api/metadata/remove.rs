//! `POST /recipe/user/metadata/remove`: keeps nothing about a user any more.

use hallpass_engine::core::UserCore;
use hallpass_wire::{Request, metadata::RemoveMetadata};

use super::super::{
    call::Call,
    operation::{Example, Operation, Verb},
    reply::{Problem, Reply},
    text,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/user/metadata/remove",
    summary: "Deletes the metadata of a user, if there is any.",
    body: Some(RemoveMetadata::FIELDS),
    example: Example { request: r#"{"userId": "alice"}"#, response: r#"{"status": "OK"}"# },
    handler: |call| Box::pin(remove(call)),
    ..Operation::DEFAULT
};

async fn remove(call: Call) -> Result<Reply, Problem> {
    let request: RemoveMetadata = call.body()?;
    let user = text::user("userId", &request.user_id)?;
    call.engine().metadata_delete(call.app_id(), &user).await?;
    Ok(Reply::ok())
}
