//! `POST /user/remove`: a user is gone. As users are not kept here, that is so already.

use hallpass_wire::{Request, misc::RemoveUser};

use super::super::{
    call::Call,
    operation::{Example, Operation, Verb},
    reply::{Problem, Reply},
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/user/remove",
    summary: "Does nothing: users are not kept here. Their sessions, roles and metadata stay until they are removed themselves.",
    body: Some(RemoveUser::FIELDS),
    example: Example { request: r#"{"userId": "alice"}"#, response: r#"{"status": "OK"}"# },
    handler: |call| Box::pin(remove(call)),
    ..Operation::DEFAULT
};

async fn remove(call: Call) -> Result<Reply, Problem> {
    call.body::<RemoveUser>()?;
    Ok(Reply::ok())
}
