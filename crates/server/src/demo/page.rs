//! What all pages have in common: how they are rendered, protected, and what is shown instead when something is wrong.

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use askama::Template;
use axum::{
    extract::{FromRequest, Request, State, rejection::FormRejection},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, DATE, HOST, ORIGIN, REFERRER_POLICY, USER_AGENT,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use hallpass::{SessionError, Timestamp};
use serde::{Deserialize, de::DeserializeOwned};

use super::{Demo, wording};

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);

/// Sends a page.
pub(super) fn render(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The pages that forms lead back to.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Place {
    #[default]
    Account,
    Theft,
    Newsroom,
    Office,
    Admin,
}

impl Place {
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Account => "/account",
            Self::Theft => "/theft",
            Self::Newsroom => "/newsroom",
            Self::Office => "/office",
            Self::Admin => "/admin",
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Theft => "theft",
            Self::Newsroom => "newsroom",
            Self::Office => "office",
            Self::Admin => "admin",
        }
    }
}

/// Nothing but where to go next.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Onward {
    pub(super) next: Place,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    user: Option<&'a str>,
    title: &'a str,
    text: &'a str,
}

fn problem(status: StatusCode, title: &str, text: &str) -> Response {
    (status, render(&Problem { user: None, title, text })).into_response()
}

/// The access token has expired: the page's script refreshes and comes back, and without script a button does.
#[derive(Template)]
#[template(path = "expired.html")]
struct Expired {
    user: Option<&'static str>,
    next: Place,
}

/// What is shown to somebody whose session does not hold.
pub(super) fn refused(error: &SessionError, next: Place) -> Response {
    match error {
        SessionError::TryRefresh => (StatusCode::UNAUTHORIZED, render(&Expired { user: None, next })).into_response(),
        SessionError::Unauthorised { .. } | SessionError::TokenTheft { .. } => Redirect::to("/").into_response(),
        SessionError::DuplicateCookies | SessionError::ClearDuplicateCookies => problem(
            StatusCode::BAD_REQUEST,
            "Two session cookies",
            "Your browser sent two. Delete the cookies of this site, and sign in again.",
        ),
        other => problem(other.to_response().status(), "That did not work", "The demo could not do its work. Try again, or start it anew."),
    }
}

pub(super) async fn not_found() -> Response {
    problem(StatusCode::NOT_FOUND, "Nothing here", "There is no such page.")
}

pub(super) async fn not_allowed() -> Response {
    problem(StatusCode::METHOD_NOT_ALLOWED, "Not that way", "This address answers to a button, not to a link.")
}

pub(super) fn no_such_session() -> Response {
    problem(StatusCode::NOT_FOUND, "No such session", "It is not one of yours, or it is over already.")
}

pub(super) fn nothing_there() -> Response {
    problem(StatusCode::NOT_FOUND, "Too late", "What that button was for is not there any more. Go back, and look again.")
}

pub(super) fn too_long(what: &str, characters: usize) -> Response {
    problem(StatusCode::UNPROCESSABLE_ENTITY, "Too long", &format!("{what} is too long: {characters} characters at most."))
}

/// Whether a script asks, which wants an answer and no page.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).is_some_and(|accept| accept.as_bytes() == b"application/json")
}

/// The fields of a form; a page instead, if they are not as they should be.
pub(super) struct Fields<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Fields<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let fields = axum::Form::from_request(request, state).await;
        let refuse = |wrong: FormRejection| problem(wrong.status(), "That form is not right", "Go back, and use the button there.");
        fields.map(|axum::Form(fields)| Self(fields)).map_err(refuse)
    }
}

/// The browser behind a request, as people know it.
pub(super) fn device(headers: &HeaderMap) -> String {
    headers
        .get(USER_AGENT)
        .map_or_else(|| "an unnamed device".to_owned(), |agent| wording::device(&String::from_utf8_lossy(agent.as_bytes())))
}

/// Lets nobody but the demo's own pages change anything. `SameSite` cookies stop other sites, but every server on this
/// machine is of the same site, whatever its port; and the admin page asks for no cookie at all.
pub(super) async fn own_pages_only(request: Request, next: Next) -> Response {
    if !is_for_this_machine(request.headers()) {
        return problem(StatusCode::MISDIRECTED_REQUEST, "Not by that name", "The demo answers to the name localhost only.");
    }
    if !request.method().is_safe() && is_foreign(request.headers()) {
        return problem(StatusCode::FORBIDDEN, "Not from here", "Another site sent this request, so nothing was done.");
    }
    next.run(request).await
}

/// Whether a request was meant for this machine. A site elsewhere may let its own name lead here (DNS rebinding): then browsers
/// take its pages for the demo's.
fn is_for_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST) else { return true };
    let name = host.to_str().ok().map(|host| host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or(host, |(name, _)| name));
    name.is_some_and(|name| ["localhost", "127.0.0.1", "[::1]"].iter().any(|own| name.eq_ignore_ascii_case(own)))
}

/// Whether another origin caused a request. Browsers name it with all that change something; what names none is no browser, or
/// at least says whether the cause was elsewhere.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if headers.contains_key(ORIGIN) {
        return text(&ORIGIN).and_then(|origin| origin.strip_prefix("http://")) != text(&HOST);
    }
    matches!(text(&HeaderName::from_static("sec-fetch-site")), Some("cross-site" | "same-site"))
}

/// Headers that every answer has. Its date is the demo's, so that scripts know of every skip.
pub(super) async fn hardened(State(demo): State<Arc<Demo>>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    if let Some(date) = date(demo.now()) {
        headers.insert(DATE, date);
    }
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    if headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

fn date(now: Timestamp) -> Option<HeaderValue> {
    let since_1970 = Duration::from_millis(now.as_millis().try_into().ok()?);
    HeaderValue::try_from(httpdate::fmt_http_date(UNIX_EPOCH.checked_add(since_1970)?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_answers_to_the_names_of_this_machine() {
        let named = |host: &'static str| is_for_this_machine(&HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]));
        for own in ["localhost:3000", "localhost", "LOCALHOST:1", "127.0.0.1:3000", "[::1]:3000", "[::1]"] {
            assert!(named(own), "{own}");
        }
        for other in
            ["evil.example:3000", "localhost.evil.example", "evil.example:localhost", "", ":3000", "[::1", "[::2]:3000", "10.0.0.1"]
        {
            assert!(!named(other), "{other}");
        }
    }
}
