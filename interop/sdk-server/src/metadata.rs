//! What the app keeps about its users.

use std::sync::Arc;

use axum::{Json, Router, extract::State, routing::post};
use hallpass::{JsonObject, UserId};
use serde::Deserialize;
use serde_json::json;

use crate::{functions::Answer, sdk::Sdk};

pub(crate) fn routes() -> Router<Arc<Sdk>> {
    Router::new()
        .route("/test/usermetadata/getusermetadata", post(get))
        .route("/test/usermetadata/updateusermetadata", post(update))
        .route("/test/usermetadata/clearusermetadata", post(clear))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfUser {
    user_id: String,
    #[serde(default)]
    metadata_update: JsonObject,
}

impl OfUser {
    fn user(&self) -> UserId {
        UserId::from(self.user_id.clone())
    }
}

async fn get(State(sdk): State<Arc<Sdk>>, Json(asked): Json<OfUser>) -> Answer {
    let metadata = sdk.hallpass()?.metadata().get(&asked.user()).await?;
    Ok(Json(json!({ "status": "OK", "metadata": metadata })))
}

async fn update(State(sdk): State<Arc<Sdk>>, Json(asked): Json<OfUser>) -> Answer {
    let metadata = sdk.hallpass()?.metadata().update(&asked.user(), &asked.metadata_update).await?;
    Ok(Json(json!({ "status": "OK", "metadata": metadata })))
}

async fn clear(State(sdk): State<Arc<Sdk>>, Json(asked): Json<OfUser>) -> Answer {
    sdk.hallpass()?.metadata().clear(&asked.user()).await?;
    Ok(Json(json!({ "status": "OK" })))
}
