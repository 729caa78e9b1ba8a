//! A web app that keeps its sessions in a server: any number of processes like this one share them.

use axum::{
    Form, Router,
    routing::{get, post},
};
use hallpass::{AppInfo, BuildError, Hallpass, Session, SessionError, SignIn, Why};
use serde::Deserialize;

/// Connects to `hallpass serve`. Nothing is sent before the first request.
///
/// # Errors
/// [`BuildError`] for an address that is none.
pub async fn connect(info: AppInfo, server: &str, api_key: Option<&str>) -> Result<Hallpass, BuildError> {
    Hallpass::builder(info).remote(server, api_key).build().await
}

/// The whole app. It is what it would be with an engine in this process.
pub fn app(hallpass: &Hallpass) -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/me", get(me))
        .route("/devices", get(devices))
        .route("/leave-everywhere", post(leave_everywhere))
        .layer(hallpass.layer())
}

#[derive(Deserialize)]
struct Login {
    user: String,
}

/// Check a password, a passkey, a link from an e-mail here; Hallpass starts where that has succeeded.
async fn login(sign_in: SignIn, Form(login): Form<Login>) -> Result<String, SessionError> {
    let session = sign_in.user(login.user).await?;
    Ok(session.user_id().to_string())
}

/// Verified in this process, with the public keys of the server.
async fn me(session: Session) -> String {
    session.user_id().to_string()
}

/// How often the user is signed in. The server knows.
async fn devices(session: Session, hallpass: Hallpass) -> Result<String, SessionError> {
    let sessions = hallpass.sessions_of(session.user_id(), None).await?;
    Ok(sessions.len().to_string())
}

/// As after a new password.
async fn leave_everywhere(session: Session, hallpass: Hallpass) -> Result<(), SessionError> {
    let why = Why { actor: None, reason: Some("left everywhere".to_owned()) };
    hallpass.revoke_all_of(session.user_id(), None, why).await?;
    session.revoke().await // takes the tokens away from this client, too
}
