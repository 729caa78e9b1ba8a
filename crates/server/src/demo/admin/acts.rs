//! What the page's buttons do. Each is one call of the SDK, and felt at once: by the next request of the user concerned.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};
use hallpass::{Session, SessionError, SessionHandle, UserId, Why};
use serde::Deserialize;

use super::super::{
    Demo,
    page::{Fields, Place, device, nothing_there, refused, too_long},
    rooms::Role,
};

const LONGEST_REASON: usize = 200;

/// Who presses a button: for the events, and for those who ask who banned somebody.
pub(in super::super) struct Operator(String);

impl FromRequestParts<Arc<Demo>> for Operator {
    type Rejection = Response;

    async fn from_request_parts(request: &mut Parts, demo: &Arc<Demo>) -> Result<Self, Response> {
        let session = Option::<Session>::from_request_parts(request, demo).await;
        let session = session.map_err(|error| refused(&error, Place::Admin))?;
        let name = session.map_or_else(|| device(&request.headers), |session| session.user_id().to_string());
        Ok(Self(format!("{name}, on the admin page")))
    }
}

impl Operator {
    fn why(self, reason: &str) -> Why {
        Why { actor: Some(self.0), reason: Some(reason.to_owned()) }
    }
}

impl Demo {
    /// A user whom the page shows.
    async fn known(&self, name: String) -> Result<Option<UserId>, SessionError> {
        let user = UserId::from(name);
        let is_known = self.people.all().contains(&user) || !self.hallpass.bans_of(&user).await?.is_empty();
        Ok(is_known.then_some(user))
    }
}

/// Back to the page; `false`: what the button was for is gone.
fn done(outcome: Result<bool, SessionError>) -> Response {
    match outcome {
        Ok(true) => Redirect::to(Place::Admin.path()).into_response(),
        Ok(false) => nothing_there(),
        Err(error) => refused(&error, Place::Admin),
    }
}

#[derive(Deserialize)]
pub(in super::super) struct RoleForm {
    user: String,
    role: Role,
    act: Act,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Give,
    Take,
}

/// Gives or takes a role. Only whoever has a session, or none at all, gets here: one that counts no more is asked to refresh first.
pub(in super::super) async fn change_role(State(demo): State<Arc<Demo>>, _: Operator, Fields(form): Fields<RoleForm>) -> Response {
    let changed = async {
        let Some(user) = demo.known(form.user).await? else { return Ok(false) };
        let (roles, role) = (demo.hallpass.roles(), form.role.name());
        // whether the user had it already makes no difference: now it is as the operator wants it
        match form.act {
            Act::Give => roles.assign(&user, role).await.map(drop)?,
            Act::Take => roles.unassign(&user, role).await.map(drop)?,
        }
        Ok(true)
    };
    done(changed.await)
}

#[derive(Deserialize)]
pub(in super::super) struct BanForm {
    user: String,
    reason: String,
    r#for: Length,
}

/// How long a ban lasts.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Length {
    Minute,
    Hour,
    Good,
}

impl Length {
    /// `None`: until somebody lifts it.
    const fn duration(self) -> Option<Duration> {
        match self {
            Self::Minute => Some(Duration::from_secs(60)),
            Self::Hour => Some(Duration::from_secs(3600)),
            Self::Good => None,
        }
    }
}

pub(in super::super) async fn ban(State(demo): State<Arc<Demo>>, operator: Operator, Fields(form): Fields<BanForm>) -> Response {
    let reason = form.reason.trim();
    if reason.chars().count() > LONGEST_REASON {
        return too_long("That reason", LONGEST_REASON);
    }
    let banned = async {
        let Some(user) = demo.known(form.user).await? else { return Ok(false) };
        let mut banning = demo.hallpass.ban(user).by(operator.0);
        if !reason.is_empty() {
            banning = banning.because(reason);
        }
        if let Some(duration) = form.r#for.duration() {
            banning = banning.until(demo.now() + duration);
        }
        banning.await.map(|_banned| true)
    };
    done(banned.await)
}

#[derive(Deserialize)]
pub(in super::super) struct Whom {
    user: String,
}

pub(in super::super) async fn unban(State(demo): State<Arc<Demo>>, operator: Operator, Fields(form): Fields<Whom>) -> Response {
    done(demo.hallpass.unban(&form.user.into(), None, operator.why("pardoned")).await)
}

pub(in super::super) async fn revoke_all(State(demo): State<Arc<Demo>>, operator: Operator, Fields(form): Fields<Whom>) -> Response {
    let why = operator.why("by an operator, with all others of the user");
    let revoked = demo.hallpass.revoke_all_of(&form.user.into(), None, why).await;
    done(revoked.map(|revoked| !revoked.is_empty()))
}

#[derive(Deserialize)]
pub(in super::super) struct Which {
    handle: String,
}

pub(in super::super) async fn revoke(State(demo): State<Arc<Demo>>, operator: Operator, Fields(form): Fields<Which>) -> Response {
    let Ok(handle) = form.handle.parse::<SessionHandle>() else { return nothing_there() };
    let revoked = demo.hallpass.revoke(&[handle], operator.why("by an operator")).await;
    done(revoked.map(|revoked| !revoked.is_empty()))
}
