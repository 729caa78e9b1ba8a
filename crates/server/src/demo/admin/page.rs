//! What the page shows: each user with sessions, roles and ban.

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::{extract::State, response::Response};
use hallpass::{Ban, Session, SessionError, SessionHandle, SessionInfo, Timestamp, UserId};
use serde_json::Value;

use super::super::{
    Demo, millis,
    page::{Place, refused, render},
    rooms::Role,
    wording,
};

/// More sessions of one user are counted, not shown.
const SHOWN: usize = 8;
/// Users whose bans are listed although they are not remembered otherwise.
const BANS: u32 = 64;
/// What is left of a ban is counted down when it is no longer than this.
const COUNTED_DOWN: Duration = Duration::from_secs(120);

#[derive(Template)]
#[template(path = "admin.html")]
struct Page<'a> {
    user: Option<&'a str>,
    people: Vec<Person>,
}

struct Person {
    name: String,
    is_you: bool,
    ban: Option<Banned>,
    roles: Vec<Assignable>,
    sessions: Vec<Device>,
    more: usize,
}

struct Banned {
    since: String,
    by: String,
    reason: Option<String>,
    left: String,
    /// If it ends soon.
    left_ms: Option<u64>,
}

struct Assignable {
    name: &'static str,
    is_assigned: bool,
}

struct Device {
    handle: String,
    name: String,
    signed_in: String,
    is_this: bool,
}

impl Page<'_> {
    fn sessions(&self) -> usize {
        self.people.iter().map(|person| person.sessions.len() + person.more).sum()
    }
}

pub(in super::super) async fn page(State(demo): State<Arc<Demo>>, session: Result<Option<Session>, SessionError>) -> Response {
    let shown = match &session {
        Ok(session) => people(&demo, session.as_ref()).await,
        Err(error) => Err(error.clone()),
    };
    match shown {
        Ok(people) => {
            let user = session.as_ref().ok().and_then(Option::as_ref).map(|session| session.user_id().as_str());
            render(&Page { user, people })
        }
        Err(error) => refused(&error, Place::Admin),
    }
}

async fn people(demo: &Demo, session: Option<&Session>) -> Result<Vec<Person>, SessionError> {
    let mut users = demo.people.all();
    for ban in demo.hallpass.list_bans(None, BANS).await? {
        if !users.contains(&ban.user) {
            users.push(ban.user);
        }
    }
    let mut people = Vec::with_capacity(users.len());
    for user in &users {
        people.push(person(demo, user, session).await?);
    }
    Ok(people)
}

async fn person(demo: &Demo, user: &UserId, session: Option<&Session>) -> Result<Person, SessionError> {
    let now = demo.now();
    let sessions = demo.hallpass.sessions_of(user, None).await?;
    let roles = demo.hallpass.roles().of(user).await?;
    let bans = demo.hallpass.bans_of(user).await?;
    let this = session.map(Session::handle);
    Ok(Person {
        name: user.to_string(),
        is_you: session.is_some_and(|session| session.user_id() == user),
        ban: bans.into_iter().next().map(|ban| Banned::new(ban, now)),
        roles: Role::ALL.map(|role| Assignable::new(role, &roles)).into(),
        more: sessions.len().saturating_sub(SHOWN),
        sessions: sessions.iter().rev().take(SHOWN).map(|info| Device::new(info, this, now)).collect(),
    })
}

impl Banned {
    fn new(ban: Ban, now: Timestamp) -> Self {
        Self {
            since: wording::ago(now, ban.at),
            by: ban.by.unwrap_or_else(|| "somebody".to_owned()),
            reason: ban.reason,
            left: wording::ban_left(now, ban.until),
            left_ms: ban.until.map(|until| until.since(now)).filter(|left| *left <= COUNTED_DOWN).map(millis),
        }
    }
}

impl Assignable {
    fn new(role: Role, assigned: &[String]) -> Self {
        let name = role.name();
        Self { name, is_assigned: assigned.iter().any(|other| other == name) }
    }
}

impl Device {
    fn new(info: &SessionInfo, this: Option<&SessionHandle>, now: Timestamp) -> Self {
        Self {
            handle: info.handle.to_string(),
            name: info.data.get("device").and_then(Value::as_str).unwrap_or("an unnamed device").to_owned(),
            signed_in: wording::ago(now, info.created_at),
            is_this: this == Some(&info.handle),
        }
    }
}
