//! An app's own routes behind the SDK, for what travels in cookies and headers.

use axum::{
    Json, Router,
    extract::Request,
    routing::{get, post},
};
use hallpass::{Hallpass, JsonObject, Session, SessionError, SignIn};
use serde::Deserialize;
use serde_json::Value;

use crate::serialised::{serialised, user};

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/create", post(create))
        .route("/getsession", post(verify))
        .route("/verify", get(verify))
        .route("/refreshsession", post(refresh))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Create {
    #[serde(alias = "userId", deserialize_with = "user")]
    recipe_user_id: String,
    payload: Option<JsonObject>,
}

async fn create(sign_in: SignIn, Json(asked): Json<Create>) -> Result<Json<Value>, SessionError> {
    Ok(Json(serialised(&sign_in.user(asked.recipe_user_id).payload(asked.payload).await?)))
}

async fn verify(session: Session) -> Json<Value> {
    Json(serialised(&session))
}

async fn refresh(hallpass: Hallpass, request: Request) -> Result<Json<Value>, SessionError> {
    let (request, _body) = request.into_parts();
    Ok(Json(serialised(&hallpass.refresh(&request).await?)))
}
