//! The refresh route. What it does for sessions is one extractor; the rest is for the show.

use std::sync::Arc;

use axum::{
    Form, Json,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use hallpass::{Session, SessionError};
use serde_json::json;

use super::{
    Demo,
    page::{Onward, Place, refused},
    story::{Outcome, Role},
    visitor::{Browser, Hand},
};

/// `POST /auth/session/refresh`: here the extractor exchanges the refresh token. A script gets JSON, a form gets a page.
pub(super) async fn refresh(
    State(demo): State<Arc<Demo>>,
    browser: Browser,
    refreshed: Result<Session, SessionError>,
    form: Result<Form<Onward>, FormRejection>,
) -> Response {
    remember(&demo, &browser, &refreshed);
    match (refreshed, form) {
        (Ok(_), Ok(Form(form))) => Redirect::to(form.next.path()).into_response(),
        (Ok(_), Err(_)) => Json(json!({})).into_response(),
        (Err(error), Ok(Form(form))) => match (&error, form.next) {
            (SessionError::Unauthorised { .. } | SessionError::TokenTheft { .. }, Place::Theft) => {
                Redirect::to(Place::Theft.path()).into_response()
            }
            _ => refused(&error, form.next),
        },
        (Err(error), Err(_)) => error.into_response(),
    }
}

/// Keeps a copy of the browser's new tokens, and tells its story on.
fn remember(demo: &Demo, browser: &Browser, refreshed: &Result<Session, SessionError>) {
    let now = demo.now();
    demo.visitors.with(browser, |visitor| {
        let presented = visitor.owner.as_ref().map(|hand| hand.id);
        let theft = visitor.theft.as_mut();
        let letter = theft.as_ref().and_then(|theft| theft.letter(&presented?));
        match refreshed {
            Ok(session) if *session.handle() == visitor.handle => {
                if let Some(theft) = theft
                    && let Some(outcome) = theft.learn(&session.access_token_payload())
                {
                    theft.refreshed(now, Role::Owner, letter, outcome);
                }
                visitor.owner = Hand::of(session);
            }
            Ok(_other_session) => (),
            Err(error @ (SessionError::TokenTheft { .. } | SessionError::Unauthorised { .. })) => {
                let outcome = if matches!(error, SessionError::TokenTheft { .. }) { Outcome::Reuse } else { Outcome::Over };
                if let (Some(theft), true) = (theft, presented.is_some()) {
                    theft.refreshed(now, Role::Owner, letter, outcome);
                }
                visitor.owner = None;
            }
            Err(_nothing_changed) => (),
        }
    });
}
