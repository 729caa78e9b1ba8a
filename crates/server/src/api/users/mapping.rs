//! `/recipe/userid/…`: other ids of users. As users are not kept here, nobody has another id.

use hallpass_wire::{
    FieldDoc, Request,
    misc::{MapUserId, PutExternalUserIdInfo, UnmapUserId},
};
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Answer, Example, Operation, Verb},
    reply::Reply,
};

const NO_MAPPING: &str = r#"{"status": "UNKNOWN_MAPPING_ERROR"}"#;

pub(crate) static GET: Operation = Operation {
    path: "/recipe/userid/map",
    summary: "Answers that a user has no other id: users are not kept here.",
    query: &[FieldDoc { name: "userId", kind: "string", required: true, items: &[], meaning: "Which user." }],
    example: Example { request: r#"{"userId": "alice"}"#, response: NO_MAPPING },
    handler: |call| {
        Box::pin(async move {
            call.required("userId")?;
            Ok(no_mapping())
        })
    },
    ..Operation::DEFAULT
};

pub(crate) static ADD: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/userid/map",
    summary: "Answers that there is no such user: users are not kept here.",
    body: Some(MapUserId::FIELDS),
    example: Example {
        request: r#"{"superTokensUserId": "alice", "externalUserId": "4711"}"#,
        response: r#"{"status": "UNKNOWN_SUPERTOKENS_USER_ID_ERROR"}"#,
    },
    handler: |call| answer::<MapUserId>(call, || Reply::status("UNKNOWN_SUPERTOKENS_USER_ID_ERROR")),
    ..Operation::DEFAULT
};

pub(crate) static REMOVE: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/userid/map/remove",
    summary: "Answers that a user had no other id: users are not kept here.",
    body: Some(UnmapUserId::FIELDS),
    example: Example { request: r#"{"userId": "alice"}"#, response: r#"{"status": "OK", "didMappingExist": false}"# },
    handler: |call| answer::<UnmapUserId>(call, || json!({ "status": "OK", "didMappingExist": false }).into()),
    ..Operation::DEFAULT
};

pub(crate) static PUT_INFO: Operation = Operation {
    verb: Verb::Put,
    path: "/recipe/userid/external-user-id-info",
    summary: "Answers that a user has no other id: users are not kept here.",
    body: Some(PutExternalUserIdInfo::FIELDS),
    example: Example { request: r#"{"userId": "4711", "externalUserIdInfo": "from the old shop"}"#, response: NO_MAPPING },
    handler: |call| answer::<PutExternalUserIdInfo>(call, no_mapping),
    ..Operation::DEFAULT
};

pub(crate) static POST_INFO: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/userid/external-user-id-info",
    summary: "As `PUT`, which one SDK spells so.",
    body: Some(PutExternalUserIdInfo::FIELDS),
    example: Example { request: r#"{"userId": "4711", "externalUserIdInfo": "from the old shop"}"#, response: NO_MAPPING },
    handler: |call| answer::<PutExternalUserIdInfo>(call, no_mapping),
    ..Operation::DEFAULT
};

fn no_mapping() -> Reply {
    Reply::status("UNKNOWN_MAPPING_ERROR")
}

/// Whatever is asked, if it is asked well.
fn answer<T: Request>(call: Call, reply: fn() -> Reply) -> Answer {
    let read = call.body::<T>().map(|_| reply());
    Box::pin(async { read })
}
