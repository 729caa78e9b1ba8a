//! Signing in and out.

use std::sync::Arc;

use askama::Template;
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use hallpass::{AppId, Session, SessionError, SessionHandle, SignIn, UserId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Demo,
    page::{Fields, Place, device, refused, render, wants_json},
    visitor::Browser,
    wording,
};

const LONGEST_NAME: usize = 64;
/// How far back the answer to "why was I signed out?" looks.
const EVENTS: u32 = 200;

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    user: Option<&'a str>,
    name: &'a str,
    mistake: Option<&'static str>,
    ended: Option<Ended>,
}

/// A session of this browser that is over, and why.
struct Ended {
    user: String,
    /// If the user is banned, for how long.
    ban_left: Option<String>,
    had_theft: bool,
    events: Vec<Happened>,
}

/// One event of a session.
pub(super) struct Happened {
    pub(super) kind: &'static str,
    pub(super) ago: String,
    pub(super) actor: String,
    pub(super) meaning: String,
    pub(super) is_alarm: bool,
}

pub(super) async fn page(State(demo): State<Arc<Demo>>, session: Result<Option<Session>, SessionError>, browser: Browser) -> Response {
    match session {
        Ok(None) => {
            let ended = ended(&demo, &browser).await;
            render(&Home { user: None, name: "", mistake: None, ended })
        }
        // also when the access token has expired: that page knows what to do
        Ok(Some(_)) | Err(_) => Redirect::to(Place::Account.path()).into_response(),
    }
}

async fn ended(demo: &Demo, browser: &Browser) -> Option<Ended> {
    let (user, handle, had_theft) =
        demo.visitors.with(browser, |visitor| (visitor.user.clone(), visitor.handle.clone(), visitor.theft.is_some()))?;
    if demo.stored(&handle).await.ok()?.is_some() {
        return None;
    }
    let events = events_of(demo, &user, &handle).await;
    let bans = demo.hallpass.bans_of(&user).await.ok()?;
    let ban_left = bans.first().map(|ban| wording::ban_left(demo.now(), ban.until));
    Some(Ended { user: user.to_string(), ban_left, had_theft, events })
}

/// What happened to a session, newest first.
pub(super) async fn events_of(demo: &Demo, user: &UserId, handle: &SessionHandle) -> Vec<Happened> {
    let now = demo.now();
    let events = demo.hallpass.core().event_list(&AppId::public(), user, EVENTS).await.unwrap_or_default();
    let of_session = events.iter().filter(|event| event.handle.as_ref() == Some(handle));
    let happened = of_session.map(|event| Happened {
        kind: event.kind.as_str(),
        ago: wording::ago(now, event.at),
        actor: wording::device(event.actor.as_deref().unwrap_or("somebody")),
        meaning: wording::meaning_of_event(event),
        is_alarm: event.kind == hallpass_engine::event::EventKind::RefreshReuse,
    });
    happened.take(8).collect()
}

#[derive(Deserialize)]
pub(super) struct Name {
    name: String,
    #[serde(default)]
    next: Place,
}

pub(super) async fn sign_in(
    State(demo): State<Arc<Demo>>,
    sign_in: SignIn,
    browser: Browser,
    headers: HeaderMap,
    Fields(form): Fields<Name>,
) -> Response {
    let name = form.name.trim();
    let mistake = match name.chars().count() {
        0 => Some("Please give a name: any will do."),
        1..=LONGEST_NAME => None,
        _ => Some("That name is too long: 64 characters at most."),
    };
    if mistake.is_some() {
        return (StatusCode::UNPROCESSABLE_ENTITY, render(&Home { user: None, name, mistake, ended: None })).into_response();
    }
    let creation = sign_in.user(name).payload(json!({ "plan": "backstage" })).data(json!({ "device": device(&headers) }));
    match creation.await {
        Ok(session) => {
            demo.people.signed_in(session.user_id());
            let cookie = demo.visitors.signed_in(&browser, &session);
            let onward = match wants_json(&headers) {
                // the browser's client reads of the session in this answer's headers, and would not in those of a redirect
                true => Json(json!({ "next": form.next.path() })).into_response(),
                false => Redirect::to(form.next.path()).into_response(),
            };
            (AppendHeaders([(SET_COOKIE, cookie)]), onward).into_response()
        }
        Err(error @ SessionError::Banned) => {
            let mistake = Some("This user is banned: there is no session to be had. The admin page lifts the ban.");
            (error.to_response().status(), render(&Home { user: None, name, mistake, ended: None })).into_response()
        }
        Err(error) => refused(&error, Place::Account),
    }
}

pub(super) async fn sign_out(State(demo): State<Arc<Demo>>, session: Result<Session, SessionError>, browser: Browser) -> Response {
    match end(&demo, session, &browser).await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(error) => refused(&error, Place::Account),
    }
}

/// `POST /auth/signout`, as browsers' clients call it.
pub(super) async fn sign_out_by_script(
    State(demo): State<Arc<Demo>>,
    session: Result<Session, SessionError>,
    browser: Browser,
) -> Result<Json<Value>, SessionError> {
    end(&demo, session, &browser).await?;
    Ok(Json(json!({ "status": "OK" })))
}

async fn end(demo: &Demo, session: Result<Session, SessionError>, browser: &Browser) -> Result<(), SessionError> {
    session?.revoke().await?;
    let now = demo.now();
    demo.visitors.with(browser, |visitor| {
        visitor.owner = None;
        if let Some(theft) = &mut visitor.theft {
            theft.tell(now, Some(super::story::Role::Owner), "The owner signs out", "The session is over for both.");
        }
    });
    Ok(())
}
