//! `GET /recipe/user/metadata`: what is kept about a user.

use hallpass_engine::core::UserCore;
use hallpass_wire::FieldDoc;
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation},
    reply::{Problem, Reply},
    text,
};

pub(crate) static OPERATION: Operation = Operation {
    path: "/recipe/user/metadata",
    summary: "Tells the metadata of a user; it is empty for users who have none.",
    query: &[FieldDoc { name: "userId", kind: "string", required: true, items: &[], meaning: "Whose metadata." }],
    example: Example { request: r#"{"userId": "alice"}"#, response: r#"{"status": "OK", "metadata": {"theme": "dark"}}"# },
    handler: |call| Box::pin(get(call)),
    ..Operation::DEFAULT
};

async fn get(call: Call) -> Result<Reply, Problem> {
    let user = text::user("userId", call.required("userId")?)?;
    let metadata = call.engine().metadata_find(call.app_id(), &user).await?;
    Ok(json!({ "status": "OK", "metadata": metadata }).into())
}
