//! Sessions.

pub(super) mod create;
pub(super) mod data;
pub(super) mod get;
pub(super) mod list;
pub(super) mod payload;
pub(super) mod refresh;
pub(super) mod regenerate;
pub(super) mod remove;
pub(super) mod verify;

use std::time::Duration;

use hallpass_engine::session::KeyFamily;
use hallpass_wire::session::unauthorised;

use super::{
    call::Call,
    reply::{Problem, Reply},
};

/// There is no such session.
fn no_session() -> Reply {
    unauthorised("Session does not exist.").into()
}

/// The family of keys that a caller asks for.
fn family(use_dynamic_signing_key: bool) -> KeyFamily {
    if use_dynamic_signing_key { KeyFamily::Dynamic } else { KeyFamily::Static }
}

/// The life that a caller asks for one access token, in versions that let it. For our own client it is as with an engine in its
/// process: what is configured is the most.
fn shortened(call: &Call, asked_ms: Option<i64>) -> Result<Option<Duration>, Problem> {
    let Some(asked) = asked_ms.filter(|_| call.is_own_client || call.dialect().may_shorten_validity) else { return Ok(None) };
    let most = call.app.settings.access_token_validity;
    let is_within = |validity: &Duration| call.is_own_client || !validity.is_zero() && *validity <= most;
    let validity = u64::try_from(asked).ok().map(Duration::from_millis).filter(is_within);
    let problem = || Problem::BadRequest(format!("accessTokenValidity must be between 1 and {} milliseconds", most.as_millis()));
    validity.map(Some).ok_or_else(problem)
}
