//! The app's own routes: everything that has to do with a session.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, StatusCode, header::ACCESS_CONTROL_EXPOSE_HEADERS},
    response::IntoResponse,
    routing::{get, post},
};
use hallpass::{Hallpass, JsonObject, Session, SessionError, SignIn, VerifyOptions, claims::Validator};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{failed::Failed, site::Site};

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/", get(visit))
        .route("/login", post(login))
        .route("/login-2.18", post(login_as_of_old))
        .route("/auth/session/refresh", post(refresh))
        .route("/logout", post(end))
        .route("/revokeAll", post(end_all))
        .route("/check-rid", get(async |_: Session, headers: HeaderMap| check_rid(&headers)))
        .route("/check-rid-no-session", get(async |headers: HeaderMap| check_rid(&headers)))
        .route("/update-jwt", get(async |session: Session| Json(session.access_token_payload())).post(replace_payload))
        .route("/update-jwt-with-handle", post(replace_payload_by_handle))
        .route("/session-claims-error", post(fail_a_claim))
        .route("/403-without-body", post(async || StatusCode::FORBIDDEN))
}

async fn visit(State(site): State<Arc<Site>>, session: Session) -> String {
    site.counts.visits.add();
    session.user_id().to_string()
}

#[derive(Deserialize)]
struct Login {
    #[serde(rename = "userId")]
    user: String,
    #[serde(default)]
    payload: JsonObject,
}

async fn login(sign_in: SignIn, Json(login): Json<Login>) -> Result<String, SessionError> {
    let session = sign_in.user(login.user).payload(login.payload).await?;
    Ok(session.user_id().to_string())
}

/// Signs in as an SDK of long ago would have: with tokens in headers, the access token in its second version.
async fn login_as_of_old(State(site): State<Arc<Site>>, Json(login): Json<Login>) -> Result<impl IntoResponse, Failed> {
    const NAMES: [&str; 3] = ["st-access-token", "st-refresh-token", "front-token"];
    let tokens = site.running().kept.create_old_session(&login.user, login.payload).await?;
    let mut headers = HeaderMap::new();
    for (name, token) in NAMES.into_iter().zip([tokens.access, tokens.refresh, tokens.front]) {
        headers.insert(HeaderName::from_static(name), token.parse()?);
    }
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, NAMES.join(", ").parse()?);
    Ok((headers, login.user))
}

/// The SDK's route is switched off; on its path, asking for the session refreshes it.
async fn refresh(State(site): State<Arc<Site>>, request: Request) -> Result<&'static str, SessionError> {
    site.counts.refresh_attempts.add();
    let (request, _body) = request.into_parts();
    let hallpass = Hallpass::of(&request)?;
    hallpass.session(&request, &VerifyOptions::default()).await?;
    if !request.headers.contains_key("rid") {
        return Ok("refresh failed");
    }
    site.counts.refreshes.add();
    Ok("refresh success")
}

async fn end(session: Session) -> Result<&'static str, SessionError> {
    session.revoke().await?;
    Ok("success")
}

async fn end_all(hallpass: Hallpass, session: Session) -> Result<&'static str, SessionError> {
    hallpass.revoke_all_of(session.user_id(), None, hallpass::Why::default()).await?;
    session.revoke().await?; // it is gone: this takes the tokens from the client
    Ok("success")
}

fn check_rid(headers: &HeaderMap) -> &'static str {
    let rid = headers.get("rid").map(|rid| rid.as_bytes());
    if rid.is_some_and(|rid| rid.starts_with(b"anti-csrf")) { "success" } else { "fail" }
}

/// What replaces all of the app's claims by others.
fn replacing(session: &Session, claims: JsonObject) -> JsonObject {
    let mut update: JsonObject = session.claims().into_iter().map(|(name, _)| (name, Value::Null)).collect();
    update.extend(claims);
    update
}

async fn replace_payload(session: Session, Json(claims): Json<JsonObject>) -> Result<Json<JsonObject>, SessionError> {
    session.merge_into_access_token_payload(replacing(&session, claims)).await?;
    Ok(Json(session.access_token_payload()))
}

/// The client learns of it at its next refresh; the answer is what it has until then.
async fn replace_payload_by_handle(
    hallpass: Hallpass,
    session: Session,
    Json(claims): Json<JsonObject>,
) -> Result<Json<JsonObject>, SessionError> {
    hallpass.merge_into_payload_of(session.handle(), replacing(&session, claims)).await?;
    Ok(Json(session.access_token_payload()))
}

async fn fail_a_claim(session: Session) -> Result<(), SessionError> {
    let never = Validator::new("test-claim-failing", |_payload, _now| Err(Some(json!({ "message": "testReason" }))));
    session.assert_claims(&[never]).await
}
