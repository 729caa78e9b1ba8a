//! `POST /recipe/session/regenerate`: the same access token with other claims.

use hallpass_engine::{
    access_token::UnverifiedAccessToken,
    core::{Core, IssuedAccess, Regenerated},
    session::JsonObject,
};
use hallpass_wire::{
    Request,
    session::{RegenerateSession, access_token, session, unauthorised},
};
use serde_json::json;

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Scope, Verb},
        reply::{Problem, Reply},
    },
    no_session,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/session/regenerate",
    scope: Scope::AnyTenantOfApp,
    summary: "Replaces the claims of a session, and gives an access token with them that lives as long as the given one.",
    body: Some(RegenerateSession::FIELDS),
    example: Example {
        request: r#"{"accessToken": "$accessToken", "userDataInJWT": {"plan": "free"}}"#,
        response: r#"{
            "status": "OK",
            "session": {"handle": "0f8fad5b-d9cb-469f-a165-70867728950e", "userId": "alice", "recipeUserId": "alice",
                "tenantId": "public", "userDataInJWT": {"plan": "free"}},
            "accessToken": {"token": "eyJ…", "expiry": 1767229200000, "createdTime": 1767225600000}
        }"#,
    },
    handler: |call| Box::pin(regenerate(call)),
    ..Operation::DEFAULT
};

async fn regenerate(call: Call) -> Result<Reply, Problem> {
    let request: RegenerateSession = call.body()?;
    let engine = call.engine();
    let Ok(unverified) = UnverifiedAccessToken::parse_whole(request.access_token.expose()) else {
        return Ok(unauthorised("not an access token").into());
    };
    let keys = engine.verifying_keys(call.app_id(), unverified.kid()).await?;
    let Ok(token) = unverified.verify_at_any_time(&keys) else {
        return Ok(unauthorised("the access token is not signed by a key of this app").into());
    };
    let body = |payload: &JsonObject, access: Option<&IssuedAccess>| {
        let mut body = json!({ "status": "OK", "session": session((&token).into(), payload, call.dialect()) });
        if let Some(access) = access {
            body["accessToken"] = access_token(access);
        }
        body
    };
    match engine.session_regenerate(call.app_id(), &token, request.payload.clone()).await? {
        Regenerated::Access(access) => Ok(body(&token.version().custom_claims(&access.claims), Some(&*access)).into()),
        Regenerated::Expired => {
            let stored = engine.session_find(call.app_id(), token.handle()).await?;
            Ok(stored.map_or_else(no_session, |stored| body(&stored.payload, None).into()))
        }
        Regenerated::Gone => Ok(no_session()),
        Regenerated::ProtectedClaim(_) => Err(Problem::protected_claim()),
    }
}
