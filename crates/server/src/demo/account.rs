//! The account page: the access token's claims, and the user's sessions.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use hallpass::{AppId, Session, SessionError, SessionHandle, Why};
use serde::Deserialize;
use serde_json::Value;

use super::{
    ACCESS_TOKEN_VALIDITY, Demo,
    home::sign_out,
    millis,
    page::{Fields, Place, device, no_such_session, refused, render},
    visitor::Browser,
    wording,
};

/// More sessions of one user are counted, not shown.
const SHOWN: usize = 12;

#[derive(Template)]
#[template(path = "account.html")]
struct Account<'a> {
    user: Option<&'a str>,
    claims: Vec<Claim>,
    /// What is left of the access token, and what it had.
    left_ms: u64,
    life_ms: u64,
    used_percent: u64,
    /// The refresh token's; `None` when the session is gone.
    generation: Option<u32>,
    sessions: Vec<Device>,
    more: usize,
    has_theft: bool,
}

struct Claim {
    name: String,
    value: String,
    meaning: &'static str,
}

struct Device {
    handle: String,
    name: String,
    signed_in: String,
    refreshed: String,
    is_this: bool,
}

pub(super) async fn page(State(demo): State<Arc<Demo>>, session: Result<Session, SessionError>, browser: Browser) -> Response {
    let shown = match session {
        Ok(session) => account(&demo, &session, &browser).await,
        Err(error) => Err(error),
    };
    shown.unwrap_or_else(|error| refused(&error, Place::Account))
}

async fn account(demo: &Demo, session: &Session, browser: &Browser) -> Result<Response, SessionError> {
    let now = demo.now();
    let stored = demo.engine.stored_sessions(&AppId::public(), None, session.user_id()).await?;
    let newest_first = stored.iter().rev();
    let sessions = newest_first.map(|stored| Device {
        handle: stored.key.handle.to_string(),
        name: stored.data.get("device").and_then(Value::as_str).unwrap_or("an unnamed device").to_owned(),
        signed_in: wording::ago(now, stored.created_at),
        refreshed: wording::times(stored.lineage.generation),
        is_this: stored.key.handle == *session.handle(),
    });
    let claims = session.access_token_payload().into_iter().map(|(name, value)| Claim {
        meaning: wording::meaning_of_claim(&name),
        value: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        name,
    });
    let own = stored.iter().find(|stored| stored.key.handle == *session.handle());
    let left_ms = millis(session.access_token_expires_at().since(now));
    let life_ms = millis(ACCESS_TOKEN_VALIDITY);
    Ok(render(&Account {
        user: Some(session.user_id().as_str()),
        claims: claims.collect(),
        left_ms,
        life_ms,
        used_percent: 100 - 100 * left_ms.min(life_ms) / life_ms,
        generation: own.map(|own| own.lineage.generation),
        sessions: sessions.take(SHOWN).collect(),
        more: stored.len().saturating_sub(SHOWN),
        has_theft: demo.visitors.with(browser, |visitor| visitor.theft.is_some()).unwrap_or(false),
    }))
}

#[derive(Deserialize)]
pub(super) struct Which {
    handle: String,
}

/// Ends a session of the signed-in user, wherever it is.
pub(super) async fn revoke(
    State(demo): State<Arc<Demo>>,
    session: Result<Session, SessionError>,
    browser: Browser,
    headers: HeaderMap,
    Fields(form): Fields<Which>,
) -> Response {
    let session = match session {
        Ok(session) => session,
        Err(error) => return refused(&error, Place::Account),
    };
    let Ok(handle) = form.handle.parse::<SessionHandle>() else { return no_such_session() };
    if handle == *session.handle() {
        return sign_out(State(demo), Ok(session), browser).await;
    }
    let why = Why { actor: Some(device(&headers)), reason: Some("by the user, on the account page of another browser".to_owned()) };
    let revoked = async {
        // whose session it is decides, not who knows its handle
        let own = demo.hallpass.session_info(&handle).await?.is_some_and(|info| info.user == *session.user_id());
        if own { demo.hallpass.revoke(&[handle], why).await } else { Ok(Vec::new()) }
    };
    match revoked.await {
        Ok(revoked) if revoked.is_empty() => no_such_session(),
        Ok(_) => Redirect::to(Place::Account.path()).into_response(),
        Err(error) => refused(&error, Place::Account),
    }
}
