//! What users see and end by themselves: their own sessions, on this and on other devices.

use std::cmp::Reverse;

use bytes::Bytes;
use hallpass_engine::{core::SessionInfo, id::SessionHandle, session::JsonObject};
use http::{Response, StatusCode, request::Parts};
use serde_json::{Value, json};

use crate::{
    Hallpass,
    error::{SessionError, json_response},
    hallpass::Device,
    session::Session,
    verify::VerifyOptions,
};

/// Where the device is kept in a session's data.
const DEVICE: &str = "hallpassDevice";
const USER_AGENT: &str = "userAgent";

impl Hallpass {
    /// Answers with the sessions of the user: this one, then the others, the one used last first.
    pub(crate) async fn answer_own_sessions(&self, request: &Parts) -> Result<Response<Bytes>, SessionError> {
        let current = self.session(request, &VerifyOptions::default()).await?;
        let mut sessions = self.own_sessions(&current).await?;
        sessions.sort_by_key(|session| (session.handle != *current.handle(), Reverse(session.refreshed_at.unwrap_or(session.created_at))));
        let sessions: Vec<_> = sessions.iter().map(|session| told(session, current.handle())).collect();
        Ok(json_response(StatusCode::OK, &json!({ "status": "OK", "sessions": sessions })))
    }

    /// Ends one session of the user: the one that the query names.
    pub(crate) async fn answer_revoke_own_session(&self, request: &Parts) -> Result<Response<Bytes>, SessionError> {
        let current = self.session(request, &VerifyOptions::default()).await?;
        let Some(handle) = handle(request) else {
            return Ok(json_response(StatusCode::BAD_REQUEST, &json!({ "message": "name the session to end: ?handle=…" })));
        };
        if handle == *current.handle() {
            self.leave(request, &current).await?;
            return Ok(ended(1));
        }
        // of another user's session nobody learns whether it is there
        let is_own = self.own_sessions(&current).await?.iter().any(|session| session.handle == handle);
        self.end(request, if is_own { vec![handle] } else { Vec::new() }, "the user ended it from another device").await
    }

    /// Ends all sessions of the user but this one.
    pub(crate) async fn answer_revoke_other_sessions(&self, request: &Parts) -> Result<Response<Bytes>, SessionError> {
        let current = self.session(request, &VerifyOptions::default()).await?;
        let sessions = self.own_sessions(&current).await?;
        let others = sessions.into_iter().map(|session| session.handle).filter(|handle| handle != current.handle());
        self.end(request, others.collect(), "the user ended all other sessions").await
    }

    async fn end(&self, request: &Parts, handles: Vec<SessionHandle>, why: &str) -> Result<Response<Bytes>, SessionError> {
        let revoked = if handles.is_empty() { handles } else { self.revoke(&handles, Device::of(request).why(why)).await? };
        Ok(ended(revoked.len()))
    }

    /// The living sessions of a session's user, of which that is one: an access token whose session is gone shows nothing.
    async fn own_sessions(&self, current: &Session) -> Result<Vec<SessionInfo>, SessionError> {
        let sessions = self.sessions_of(current.user_id(), None).await?;
        if sessions.iter().any(|session| session.handle == *current.handle()) { Ok(sessions) } else { Err(current.gone()) }
    }

    /// Adds the client's device to the data of a new session, where that is asked for.
    pub(crate) fn record_device(&self, device: &Device, data: &mut JsonObject) {
        if let Some(agent) = device.actor().filter(|_| self.config().records_devices) {
            data.insert(DEVICE.to_owned(), json!({ USER_AGENT: agent }));
        }
    }

    /// New data of a session, with the device that it has.
    pub(crate) async fn with_device(&self, handle: &SessionHandle, mut data: JsonObject) -> Result<JsonObject, SessionError> {
        if self.config().records_devices && !data.contains_key(DEVICE) {
            let session = self.session_info(handle).await?;
            data.extend(session.and_then(|mut session| session.data.shift_remove_entry(DEVICE)));
        }
        Ok(data)
    }
}

fn told(session: &SessionInfo, current: &SessionHandle) -> Value {
    json!({
        "handle": session.handle.to_string(),
        "isCurrent": session.handle == *current,
        "timeCreated": session.created_at.as_millis(),
        "timeRefreshed": session.refreshed_at.map(|at| at.as_millis()),
        "expiry": session.expires_at.as_millis(),
        "userAgent": session.data.get(DEVICE).and_then(|device| device.get(USER_AGENT)).and_then(Value::as_str),
    })
}

fn ended(sessions: usize) -> Response<Bytes> {
    json_response(StatusCode::OK, &json!({ "status": "OK", "revoked": sessions }))
}

/// The session that a request names.
fn handle(request: &Parts) -> Option<SessionHandle> {
    let mut pairs = request.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    // nothing in a handle needs to be escaped
    pairs.find(|(name, _)| *name == "handle")?.1.parse().ok()
}
