//! `POST /recipe/session/refresh`: new tokens for a refresh token.

use hallpass_engine::core::{Core, Refresh, Refreshed};
use hallpass_wire::{
    InvalidField, Request, RotationOf,
    session::{RefreshSession, issued, reuse_subtype, theft, unauthorised},
};

use super::{
    super::{
        call::Call,
        operation::{Example, Operation, Scope, Verb},
        reply::{Problem, Reply},
    },
    family, shortened,
};

pub(crate) static OPERATION: Operation = Operation {
    verb: Verb::Post,
    path: "/recipe/session/refresh",
    scope: Scope::Tenant,
    summary: "Exchanges a refresh token for new tokens.",
    body: Some(RefreshSession::FIELDS),
    example: Example {
        request: r#"{"refreshToken": "$refreshToken", "enableAntiCsrf": false, "useDynamicSigningKey": true}"#,
        response: r#"{
            "status": "OK",
            "session": {"handle": "0f8fad5b-d9cb-469f-a165-70867728950e", "userId": "alice", "recipeUserId": "alice",
                "tenantId": "public", "userDataInJWT": {"plan": "pro"}},
            "accessToken": {"token": "eyJ…", "expiry": 1767229200000, "createdTime": 1767225600000},
            "refreshToken": {"token": "hp1_…", "expiry": 1775865600000, "createdTime": 1767225600000}
        }"#,
    },
    handler: |call| Box::pin(refresh(call)),
    ..Operation::DEFAULT
};

async fn refresh(call: Call) -> Result<Reply, Problem> {
    let request: RefreshSession = call.body()?;
    if call.dialect().requires_key_choice && !call.is_own_client && request.use_dynamic_signing_key.is_none() {
        return Err(InvalidField("useDynamicSigningKey").into());
    }
    let refresh = Refresh {
        app: call.app_id().clone(),
        token: request.refresh_token,
        anti_csrf: request.anti_csrf_token.map(|token| token.expose().to_owned()),
        use_anti_csrf: request.enable_anti_csrf,
        family: request.use_dynamic_signing_key.map(family),
        access_token_validity: shortened(&call, request.access_token_validity)?,
        actor: request.actor,
    };
    let body = match call.engine().session_refresh(refresh).await? {
        Refreshed::Issued(session) => {
            call.api.metrics.session_refreshed();
            call.saw(&session.user, session.refresh.created_at);
            issued(&session, call.dialect())
        }
        Refreshed::Unauthorised(why) => {
            call.api.metrics.refresh_refused();
            unauthorised(&why.to_string())
        }
        Refreshed::Reuse { handle, user, is_latest_retired, .. } => {
            call.api.feed.poke();
            call.api.metrics.reuse_detected();
            let is_forgiven = is_latest_retired && !call.app.settings.recent_reuse_is_theft;
            let mut body = match call.dialect().rotation {
                RotationOf::FirstUse => theft(&handle, &user),
                RotationOf::Refresh => {
                    let mut body = if is_forgiven { unauthorised("the refresh token was used before") } else { theft(&handle, &user) };
                    body["recentTokenReuseSubtype"] = reuse_subtype(is_latest_retired).into();
                    body
                }
            };
            if call.is_own_client {
                body["revoked"] = true.into();
            }
            body
        }
    };
    Ok(body.into())
}
