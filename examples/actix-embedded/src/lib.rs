//! An actix-web app with sessions in its own process: sign in, a page of one's own, a page for staff.

use actix_web::{
    HttpResponse,
    web::{self, Form, Json, ServiceConfig},
};
use hallpass::{Require, Requirement, Session, SessionError, SignIn, actix::MaybeSession, claims::Validator};
use serde::Deserialize;
use serde_json::{Value, json};

/// The routes. The app around them is wrapped in `hallpass.actix()`, which adds `/auth/session/refresh`, `/auth/signout`
/// and the public keys, writes cookies, and turns session errors into responses.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(index))
        .route("/login", web::post().to(login))
        .route("/me", web::get().to(me))
        .route("/greeting", web::get().to(greeting))
        .route("/staff", web::get().to(staff));
}

async fn index() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(include_str!("index.html"))
}

#[derive(Deserialize)]
struct Login {
    user: String,
}

/// Check a password, a passkey, a link from an e-mail here; Hallpass starts where that has succeeded.
async fn login(sign_in: SignIn, Form(login): Form<Login>) -> Result<String, SessionError> {
    let staff = login.user.starts_with("staff-");
    let session = sign_in.user(login.user).payload(json!({ "staff": staff })).await?;
    Ok(session.user_id().to_string())
}

async fn me(session: Session) -> Json<Value> {
    Json(json!({ "user": session.user_id().as_str(), "claims": session.access_token_payload() }))
}

/// `MaybeSession`, not `Option<Session>`: whose access token has expired is told to refresh, not greeted as a stranger.
async fn greeting(MaybeSession(session): MaybeSession) -> String {
    session.map_or("hello, stranger".to_owned(), |session| format!("hello, {}", session.user_id()))
}

struct Staff;

impl Requirement for Staff {
    fn validators() -> Vec<Validator> {
        vec![Validator::new("staff", |payload, _now| if payload.get("staff") == Some(&json!(true)) { Ok(()) } else { Err(None) })]
    }
}

async fn staff(session: Require<Staff>) -> String {
    format!("welcome to work, {}", session.user_id())
}
