//! `POST /recipe/session/verify`: whether an access token holds. Up to 5.5 this is also where the client's first use of a
//! new token confirms it.

use hallpass_engine::{
    access_token::{AccessToken, UnverifiedAccessToken},
    core::{Checked, Core},
    engine::Engine,
};
use hallpass_wire::{
    Request, RotationOf,
    session::{VerifySession, access_token, session, try_refresh_token, unauthorised},
};
use serde_json::json;
use subtle::ConstantTimeEq;

use super::super::{
    call::Call,
    operation::{Example, Operation, Scope, Verb},
    reply::{Problem, Reply},
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/session/verify",
    scope: Scope::AnyTenantOfApp,
    summary: "Tells whether an access token holds; its first use after a refresh may bring another one.",
    body: Some(VerifySession::FIELDS),
    example: Example {
        request: r#"{"accessToken": "$accessToken", "doAntiCsrfCheck": true, "enableAntiCsrf": false, "checkDatabase": true}"#,
        response: r#"{
            "status": "OK",
            "session": {"handle": "0f8fad5b-d9cb-469f-a165-70867728950e", "userId": "alice", "recipeUserId": "alice",
                "tenantId": "public", "userDataInJWT": {"plan": "pro"}}
        }"#,
    },
    handler: |call| Box::pin(verify(call)),
    ..Operation::DEFAULT
};

async fn verify(call: Call) -> Result<Reply, Problem> {
    if call.dialect().rotation == RotationOf::Refresh {
        call.confine_to_app()?;
    }
    let request: VerifySession = call.body()?;
    let engine = call.engine();
    let token = match hold(&call, &engine, &request).await? {
        Ok(token) => token,
        Err(why) => return Ok(try_refresh_token(&why).into()),
    };
    let checked = engine.session_check(call.app_id(), &token, request.check_database).await?;
    let (replacement, is_payload_stale) = match checked {
        Checked::Live { replacement, is_payload_stale } => (replacement, is_payload_stale),
        Checked::Gone => return Ok(unauthorised("the session does not exist").into()),
        Checked::Refused => return Ok(try_refresh_token("the token does not hold any more").into()),
    };
    call.api.metrics.session_verified();
    let claims = replacement.as_ref().map_or(token.claims(), |access| &access.claims);
    let payload = token.version().custom_claims(claims);
    let mut body = json!({ "status": "OK", "session": session((&token).into(), &payload, call.dialect()) });
    if let Some(access) = &replacement {
        body["accessToken"] = access_token(access);
    }
    if call.dialect().rotation == RotationOf::Refresh {
        body["payloadUpdateAvailable"] = is_payload_stale.into();
    }
    Ok(body.into())
}

/// The token, if it holds by itself; otherwise why it does not.
async fn hold(call: &Call, engine: &Engine, request: &VerifySession) -> Result<Result<AccessToken, String>, Problem> {
    let unverified = match UnverifiedAccessToken::parse_whole(request.access_token.expose()) {
        Ok(unverified) => unverified,
        Err(why) => return Ok(Err(why.to_string())),
    };
    let keys = engine.verifying_keys(call.app_id(), unverified.kid()).await?;
    let token = match unverified.verify(&keys, engine.now()) {
        Ok(token) => token,
        Err(why) => return Ok(Err(why.to_string())),
    };
    let given = request.anti_csrf_token.as_ref().map_or("", |token| token.expose());
    let matches = |expected: &str| bool::from(expected.as_bytes().ct_eq(given.as_bytes()));
    if request.do_anti_csrf_check && request.enable_anti_csrf && !token.anti_csrf().is_some_and(matches) {
        return Ok(Err("anti-csrf check failed".to_owned()));
    }
    Ok(Ok(token))
}
