//! `GET /users/count`: how many users there are. They are not kept here.

use hallpass_wire::FieldDoc;
use serde_json::json;

use super::super::{
    call::Call,
    operation::{Example, Operation, Scope},
    reply::{Problem, Reply},
};

/// Whatever an SDK may count the users of.
const RECIPES: [&str; 17] = [
    "emailpassword",
    "thirdparty",
    "passwordless",
    "webauthn",
    "session",
    "emailverification",
    "jwt",
    "usermetadata",
    "userroles",
    "useridmapping",
    "dashboard",
    "totp",
    "multitenancy",
    "accountlinking",
    "mfa",
    "oauth",
    "saml",
];

const QUERY: &[FieldDoc] = &[
    FieldDoc {
        name: "includeRecipeIds",
        kind: "string",
        required: false,
        items: &[],
        meaning: "Ways to sign in, separated by commas, whose users are counted; all by default.",
    },
    FieldDoc {
        name: "includeAllTenants",
        kind: "boolean",
        required: false,
        items: &[],
        meaning: "In all tenants, or only in the one of the path: false by default.",
    },
    FieldDoc {
        name: "allowApproximate",
        kind: "boolean",
        required: false,
        items: &[],
        meaning: "From 5.6 on: whether the number may be approximate, and how exact it is told.",
    },
];

pub(crate) static OPERATION: Operation = Operation {
    path: "/users/count",
    scope: Scope::AnyTenantOfApp,
    summary: "Answers that there are no users: they are not kept here.",
    query: QUERY,
    example: Example { request: r#"{"includeAllTenants": true}"#, response: r#"{"status": "OK", "count": 0}"# },
    handler: |call| Box::pin(count(call)),
    ..Operation::DEFAULT
};

async fn count(call: Call) -> Result<Reply, Problem> {
    // one SDK writes what it leaves out as an empty text
    if let Some(recipes) = call.parameter("includeRecipeIds").filter(|recipes| !recipes.is_empty())
        && let Some(unknown) = recipes.split(',').find(|recipe| !RECIPES.contains(recipe))
    {
        return Err(Problem::BadRequest(format!("Unknown recipe ID: {unknown}")));
    }
    if call.flag("includeAllTenants", false) {
        call.confine_to_app()?;
    } else {
        call.tenant_must_exist(&call.tenant.tenant).await?;
    }
    let mut body = json!({ "status": "OK", "count": 0 });
    if call.dialect().tells_how_exact_counts_are && call.flag("allowApproximate", false) {
        body["approximate"] = false.into();
        body["asOf"] = call.api.engine.now().as_millis().into();
    }
    Ok(body.into())
}
