//! What [`crate::world::routes`] does, in actix-web.

use actix_web::{
    HttpResponse, Responder,
    web::{self, Json, ServiceConfig},
};
use hallpass::{JsonObject, Require, Session, SessionError, SignIn, actix::MaybeSession};
use serde_json::{Value, json};

use crate::world::Admin;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/login", web::post().to(login))
        .route("/me", web::route().to(async |session: Session| session.user_id().to_string()))
        .route("/maybe", web::route().to(maybe))
        .route("/admin", web::get().to(async |session: Require<Admin>| session.user_id().to_string()))
        .route("/payload", web::get().to(async |session: Session| Json(session.access_token_payload())))
        .route("/merge", web::post().to(merge))
        .route("/merge-thrice", web::post().to(merge_thrice))
        .route("/revoke", web::post().to(async |session: Session| session.revoke().await.map(|()| HttpResponse::Ok())))
        .route("/regret", web::post().to(regret))
        .route("/data", web::post().to(data))
        .route("/plain", web::route().to(plain));
}

async fn login(sign_in: SignIn, body: Json<Value>) -> Result<impl Responder, SessionError> {
    let creation = sign_in.user(body["user"].as_str().unwrap()).payload(&body["payload"]).data(&body["data"]);
    let session = creation.await?;
    Ok(session.handle().to_string().customize().insert_header(("access-control-expose-headers", "customValue")))
}

async fn maybe(MaybeSession(session): MaybeSession) -> String {
    session.map_or("nobody".to_owned(), |session| session.user_id().to_string())
}

async fn merge(session: Session, Json(update): Json<Value>) -> Result<Json<JsonObject>, SessionError> {
    session.merge_into_access_token_payload(update).await?;
    Ok(Json(session.claims()))
}

async fn merge_thrice(session: Session, again: Session) -> Result<Json<JsonObject>, SessionError> {
    session.merge_into_access_token_payload(json!({ "a": 1 })).await?;
    again.merge_into_access_token_payload(json!({ "b": 2 })).await?;
    session.merge_into_access_token_payload(json!({ "c": 3 })).await?;
    Ok(Json(session.claims()))
}

async fn regret(sign_in: SignIn) -> Result<HttpResponse, SessionError> {
    let session = sign_in.user("u").await?;
    session.merge_into_access_token_payload(json!({ "x": 1 })).await?;
    Err(SessionError::unauthorised())
}

async fn data(session: Session, Json(data): Json<Value>) -> Result<Json<JsonObject>, SessionError> {
    session.set_data(data).await?;
    Ok(Json(session.data().await?))
}

async fn plain() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("set-cookie", "theme=dark"))
        .insert_header(("access-control-expose-headers", "customValue"))
        .body("plain")
}
