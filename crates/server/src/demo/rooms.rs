//! Two pages that not everybody may open, and the roles that open them.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use hallpass::{
    Hallpass, Require, Requirement, Session, SessionError,
    claims::Validator,
    roles::{PERMISSIONS, USER_ROLES, has_permission, has_role},
};
use serde::Deserialize;

use super::page::{Place, refused, render};

/// The roles that the admin page gives and takes.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    Editor,
    Admin,
}

impl Role {
    pub(super) const ALL: [Self; 2] = [Self::Editor, Self::Admin];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    const fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Editor => &["posts:write"],
            Self::Admin => &["users:manage"],
        }
    }

    /// Makes the roles, each with what it permits.
    pub(super) async fn make_all(hallpass: &Hallpass) -> Result<(), SessionError> {
        for role in Self::ALL {
            hallpass.roles().put(role.name(), role.permissions().iter().copied()).await?;
        }
        Ok(())
    }
}

/// Demands a role.
pub(super) struct Editor;

impl Requirement for Editor {
    fn validators() -> Vec<Validator> {
        vec![has_role("editor")]
    }
}

/// Demands a permission, whichever role gives it.
pub(super) struct ManagesUsers;

impl Requirement for ManagesUsers {
    fn validators() -> Vec<Validator> {
        vec![has_permission("users:manage")]
    }
}

/// What a page says of itself.
struct Room {
    place: Place,
    title: &'static str,
    /// Whom it is for.
    members: &'static str,
    role: Role,
    /// The claim that opens it.
    claim: &'static str,
    /// The parameter of its handler.
    parameter: &'static str,
    requirement: &'static str,
}

const NEWSROOM: Room = Room {
    place: Place::Newsroom,
    title: "The newsroom",
    members: "editors",
    role: Role::Editor,
    claim: "st-role",
    parameter: "editor: Require<Editor>",
    requirement: r#"has_role("editor")"#,
};

const OFFICE: Room = Room {
    place: Place::Office,
    title: "The office",
    members: "those who may manage users",
    role: Role::Admin,
    claim: "st-perm",
    parameter: "admin: Require<ManagesUsers>",
    requirement: r#"has_permission("users:manage")"#,
};

#[derive(Template)]
#[template(path = "room.html")]
struct Open<'a> {
    user: Option<&'a str>,
    room: &'a Room,
    /// What the access token says.
    values: String,
}

#[derive(Template)]
#[template(path = "room_closed.html")]
struct Closed<'a> {
    user: Option<&'a str>,
    room: &'a Room,
}

/// For editors.
pub(super) async fn newsroom(visitor: Visitor, editor: Result<Require<Editor>, SessionError>) -> Response {
    match editor {
        Ok(session) => open(&NEWSROOM, &session, session.claim_value(&USER_ROLES)),
        Err(error) => closed(&NEWSROOM, &visitor, &error),
    }
}

/// For whoever may manage users: so an app guards its admin page.
pub(super) async fn office(visitor: Visitor, admin: Result<Require<ManagesUsers>, SessionError>) -> Response {
    match admin {
        Ok(session) => open(&OFFICE, &session, session.claim_value(&PERMISSIONS)),
        Err(error) => closed(&OFFICE, &visitor, &error),
    }
}

/// Whoever asks, with a session or without. Only to greet those who are turned away: an app that leaves that to the SDK
/// (403, as JSON) has no need of it.
type Visitor = Result<Option<Session>, SessionError>;

fn open(room: &Room, session: &Session, values: Option<Vec<String>>) -> Response {
    let values = values.unwrap_or_default().join(", ");
    render(&Open { user: Some(session.user_id().as_str()), room, values })
}

fn closed(room: &Room, visitor: &Visitor, error: &SessionError) -> Response {
    match (visitor, error) {
        (Ok(Some(session)), SessionError::InvalidClaims(_)) => {
            (StatusCode::FORBIDDEN, render(&Closed { user: Some(session.user_id().as_str()), room })).into_response()
        }
        _ => refused(error, room.place),
    }
}
