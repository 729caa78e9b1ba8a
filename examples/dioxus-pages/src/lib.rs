//! Pages that the server renders, with sessions in cookies and without any JavaScript.
//!
//! Frontend SDKs refresh by script when an access token has expired. Here the page asks: it shows a button that posts to
//! the path of the refresh token's cookie, and the app goes back to the page from there.

mod pages;

use axum::{
    Form, Router,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use hallpass::{Allowed, AppInfo, Builder, Hallpass, Route, Session, SessionError, SignIn, Transfer};
use serde::Deserialize;

/// What the app wants of Hallpass: cookies only, and to answer refreshes by itself, for they come from a form.
pub fn settings(info: AppInfo) -> Builder {
    Hallpass::builder(info).transfer(Allowed::Only(Transfer::Cookie)).disable(Route::Refresh)
}

/// The whole app.
pub fn app(hallpass: &Hallpass) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/account", get(account))
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/auth/session/refresh", post(renew))
        .layer(hallpass.layer())
}

/// Why there is no page. What cannot be mended by the user looks as it does for any client.
struct Refused(SessionError);

impl From<SessionError> for Refused {
    fn from(error: SessionError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self.0 {
            SessionError::TryRefresh => pages::renew().into_response(),
            SessionError::Unauthorised { .. } => Redirect::to("/").into_response(),
            other => other.into_response(),
        }
    }
}

/// Who asks for a page. An error, for instance, when the access token has expired.
type Visitor = Result<Option<Session>, SessionError>;

async fn home(visitor: Visitor) -> Result<Html<String>, Refused> {
    let session = visitor?;
    Ok(pages::home(session.as_ref().map(|session| session.user_id().as_str())))
}

/// A page for those who are signed in; others are sent to where they can do so.
async fn account(visitor: Result<Session, SessionError>, hallpass: Hallpass) -> Result<Html<String>, Refused> {
    let session = visitor?;
    let devices = hallpass.sessions_of(session.user_id(), None).await?.len();
    Ok(pages::account(session.user_id().as_str(), devices))
}

#[derive(Deserialize)]
struct Credentials {
    user: String,
}

/// Check a password, a passkey, a link from an e-mail here; Hallpass starts where that has succeeded.
async fn sign_in(sign_in: SignIn, Form(form): Form<Credentials>) -> Result<Redirect, SessionError> {
    sign_in.user(form.user).await?;
    Ok(Redirect::to("/account"))
}

/// At this path the extractor refreshes: what is left to do is to go on. A session that is over has lost its cookies by then.
async fn renew(refreshed: Result<Session, SessionError>) -> Result<Redirect, Refused> {
    refreshed?;
    Ok(Redirect::to("/account"))
}

async fn sign_out(visitor: Visitor) -> Result<Redirect, Refused> {
    if let Some(session) = visitor? {
        session.revoke().await?;
    }
    Ok(Redirect::to("/"))
}
