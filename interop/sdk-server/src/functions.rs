//! The functions of the SDK that need no request.

use std::sync::Arc;

use axum::{Json, Router, extract::State, routing::post};
use hallpass::{AppId, Clock, JsonObject, SessionHandle, SessionInfo, TenantId, UserId, VerifyOptions, Why};
use hallpass_engine::{access_token::UnverifiedAccessToken, core::Regenerated, time::SystemClock};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    claims::{Demand, demanded},
    failed::{CoreCall, Failed},
    sdk::Sdk,
    serialised::{serialised, user},
};

pub(crate) const SET_PAYLOAD: CoreCall = ("PUT", "/recipe/jwt/data");
pub(crate) const REGENERATE: CoreCall = ("POST", "/recipe/session/regenerate");

pub(crate) type Answer = Result<Json<Value>, Failed>;

pub(crate) fn routes() -> Router<Arc<Sdk>> {
    Router::new()
        .route("/test/session/createnewsessionwithoutrequestresponse", post(create))
        .route("/test/session/getsessionwithoutrequestresponse", post(get))
        .route("/test/session/refreshsessionwithoutrequestresponse", post(refresh))
        .route("/test/session/getsessioninformation", post(information))
        .route("/test/session/getallsessionhandlesforuser", post(handles))
        .route("/test/session/revokeallsessionsforuser", post(revoke_all))
        .route("/test/session/mergeintoaccesspayload", post(merge))
        .route("/test/session/regenerateaccesstoken", post(regenerate))
}

/// A tenant by its name.
pub(crate) fn tenant(name: &str) -> Result<TenantId, Failed> {
    name.parse().map_err(Failed::other)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Create {
    tenant_id: Option<String>,
    #[serde(deserialize_with = "user")]
    recipe_user_id: String,
    access_token_payload: Option<JsonObject>,
    session_data_in_database: Option<JsonObject>,
    disable_anti_csrf: Option<bool>,
}

async fn create(State(sdk): State<Arc<Sdk>>, Json(asked): Json<Create>) -> Answer {
    let hallpass = sdk.hallpass()?;
    let mut creation =
        hallpass.create_session(asked.recipe_user_id).payload(asked.access_token_payload).data(asked.session_data_in_database);
    if let Some(name) = asked.tenant_id {
        creation = creation.tenant(tenant(&name)?);
    }
    if asked.disable_anti_csrf == Some(true) {
        creation = creation.without_anti_csrf();
    }
    Ok(Json(serialised(&creation.await?)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Get {
    access_token: Option<String>,
    anti_csrf_token: Option<String>,
    #[serde(default)]
    options: Options,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Options {
    anti_csrf_check: Option<bool>,
    session_required: Option<bool>,
    check_database: bool,
    override_global_claim_validators: Option<Vec<Demand>>,
}

async fn get(State(sdk): State<Arc<Sdk>>, Json(asked): Json<Get>) -> Answer {
    let Options { anti_csrf_check, session_required, check_database, override_global_claim_validators } = asked.options;
    let validators = demanded(override_global_claim_validators)?;
    let options = VerifyOptions { anti_csrf_check, check_database, validators, ..VerifyOptions::default() };
    let token = asked.access_token.unwrap_or_default();
    if session_required == Some(false) && UnverifiedAccessToken::parse(&token).is_err() {
        return Ok(Json(Value::Null));
    }
    let session = sdk.hallpass()?.session_from_token(&token, asked.anti_csrf_token.as_deref(), &options).await?;
    Ok(Json(serialised(&session)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refresh {
    refresh_token: String,
    disable_anti_csrf: Option<bool>,
    anti_csrf_token: Option<String>,
}

async fn refresh(State(sdk): State<Arc<Sdk>>, Json(asked): Json<Refresh>) -> Answer {
    let checks = asked.disable_anti_csrf != Some(true);
    let refreshed = sdk.hallpass()?.refresh_from_token(&asked.refresh_token, asked.anti_csrf_token.as_deref(), checks).await;
    Ok(Json(serialised(&refreshed.map_err(Failed::Thrown)?)))
}

/// A session by its handle. What is no handle is none of a session.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfSession {
    session_handle: String,
    access_token_payload_update: Option<JsonObject>,
}

async fn information(State(sdk): State<Arc<Sdk>>, Json(asked): Json<OfSession>) -> Answer {
    let Ok(handle) = asked.session_handle.parse() else { return Ok(Json(Value::Null)) };
    Ok(Json(sdk.hallpass()?.session_info(&handle).await?.map(|session| written(&session)).into()))
}

fn written(session: &SessionInfo) -> Value {
    json!({
        "sessionHandle": session.handle.to_string(),
        "userId": session.user.as_str(),
        "recipeUserId": { "recipeUserId": session.recipe_user.as_str() },
        "sessionDataInDatabase": session.data,
        "expiry": session.expires_at.as_millis(),
        "customClaimsInAccessTokenPayload": session.payload,
        "timeCreated": session.created_at.as_millis(),
        "tenantId": session.tenant().as_str(),
    })
}

async fn merge(State(sdk): State<Arc<Sdk>>, Json(asked): Json<OfSession>) -> Answer {
    let Ok(handle) = asked.session_handle.parse() else { return Ok(Json(false.into())) };
    let merged = sdk.hallpass()?.merge_into_payload_of(&handle, asked.access_token_payload_update).await;
    Ok(Json(merged.map_err(Failed::of_call(SET_PAYLOAD))?.into()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfUser {
    #[serde(deserialize_with = "user")]
    user_id: String,
    tenant_id: Option<String>,
}

impl OfUser {
    fn user(&self) -> UserId {
        UserId::from(self.user_id.clone())
    }

    /// `None`: all tenants.
    fn tenant(&self) -> Result<Option<TenantId>, Failed> {
        self.tenant_id.as_deref().map(tenant).transpose()
    }
}

fn texts<'a>(handles: impl Iterator<Item = &'a SessionHandle>) -> Json<Value> {
    Json(handles.map(ToString::to_string).collect())
}

async fn handles(State(sdk): State<Arc<Sdk>>, Json(asked): Json<OfUser>) -> Answer {
    let sessions = sdk.hallpass()?.sessions_of(&asked.user(), asked.tenant()?.as_ref()).await?;
    Ok(texts(sessions.iter().map(|session| &session.handle)))
}

async fn revoke_all(State(sdk): State<Arc<Sdk>>, Json(asked): Json<OfUser>) -> Answer {
    let revoked = sdk.hallpass()?.revoke_all_of(&asked.user(), asked.tenant()?.as_ref(), Why::default()).await?;
    Ok(texts(revoked.iter()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Regenerate {
    access_token: String,
    new_access_token_payload: Option<JsonObject>,
}

/// What SDKs do below a merge: the payload is replaced as a whole.
async fn regenerate(State(sdk): State<Arc<Sdk>>, Json(asked): Json<Regenerate>) -> Answer {
    let (hallpass, app) = (sdk.hallpass()?, AppId::public());
    let core = hallpass.core();
    let token = UnverifiedAccessToken::parse(&asked.access_token).map_err(Failed::other)?;
    let keys = core.verifying_keys(&app, token.kid()).await.map_err(Failed::other)?;
    let token = token.verify(&keys, SystemClock::default().now()).map_err(Failed::other)?;
    let payload = asked.new_access_token_payload.unwrap_or_default();
    let mut answer = json!({
        "status": "OK",
        "session": {
            "handle": token.handle().to_string(),
            "userId": token.user().as_str(),
            "recipeUserId": { "recipeUserId": token.recipe_user().as_str() },
            "userDataInJWT": payload,
            "tenantId": token.tenant().as_str(),
        },
    });
    match core.session_regenerate(&app, &token, Some(payload)).await.map_err(Failed::other)? {
        Regenerated::Access(access) => {
            answer["accessToken"] = json!({
                "token": access.token.expose(),
                "expiry": access.expires_at.as_millis(),
                "createdTime": access.created_at.as_millis(),
            });
            Ok(Json(answer))
        }
        Regenerated::Expired => Ok(Json(answer)),
        Regenerated::Gone => Ok(Json(Value::Null)),
        Regenerated::ProtectedClaim(name) => Err(Failed::of_call(REGENERATE)(hallpass::SessionError::ProtectedClaim(name))),
    }
}
