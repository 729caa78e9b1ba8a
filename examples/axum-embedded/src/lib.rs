//! A web app with sessions in its own process: sign in, a page of one's own, a page for staff.

use axum::{
    Form, Json, Router,
    response::Html,
    routing::{get, post},
};
use hallpass::{Hallpass, Require, Requirement, Session, SessionError, SignIn, claims::Validator};
use serde::Deserialize;
use serde_json::{Value, json};

/// The whole app. `hallpass.layer()` goes last, so that it sees every request first: it adds `/auth/session/refresh`,
/// `/auth/signout` and the public keys, writes cookies, and turns session errors into responses.
pub fn app(hallpass: &Hallpass) -> Router {
    Router::new()
        .route("/", get(|| async { Html(include_str!("index.html")) }))
        .route("/login", post(login))
        .route("/me", get(me))
        .route("/note", post(note))
        .route("/staff", get(staff))
        .layer(hallpass.layer())
}

#[derive(Deserialize)]
struct Login {
    user: String,
}

/// Check a password, a passkey, a link from an e-mail here; Hallpass starts where that has succeeded.
async fn login(sign_in: SignIn, Form(login): Form<Login>) -> Result<String, SessionError> {
    let staff = login.user.starts_with("staff-");
    let session = sign_in.user(login.user).payload(json!({ "staff": staff, "greeting": "Grüß Gott 👋" })).await?;
    Ok(session.user_id().to_string())
}

async fn me(session: Session) -> Json<Value> {
    Json(json!({ "user": session.user_id().as_str(), "claims": session.access_token_payload() }))
}

async fn note(session: Session, text: String) -> String {
    format!("{} notes: {text}", session.user_id())
}

struct Staff;

impl Requirement for Staff {
    fn validators() -> Vec<Validator> {
        vec![Validator::new("staff", |payload, _now| if payload.get("staff") == Some(&json!(true)) { Ok(()) } else { Err(None) })]
    }
}

async fn staff(session: Require<Staff>) -> String {
    format!("hello, {}", session.user_id())
}
