//! Routes without sessions, which tell what arrived: whether the client sends what the page said.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::Query,
    http::{HeaderMap, HeaderName, StatusCode},
    routing::{any, get},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::site::Site;

const TESTING: HeaderName = HeaderName::from_static("testing");

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/testing", any(testing))
        .route("/testHeader", get(async |headers: HeaderMap| Json(json!({ "success": headers.contains_key("st-custom-header") }))))
        .route("/checkAllowCredentials", get(async |headers: HeaderMap| headers.contains_key("allow-credentials").to_string()))
        .route("/multipleInterceptors", any(multiple_interceptors))
        .route("/testError", get(test_error))
}

/// Gives the header back.
async fn testing(headers: HeaderMap) -> (HeaderMap, &'static str) {
    let echoed = headers.get(TESTING).map(|value| (TESTING, value.clone()));
    (echoed.into_iter().collect(), "success")
}

async fn multiple_interceptors(headers: HeaderMap) -> &'static str {
    let both = ["interceptorheader1", "interceptorheader2"].iter().all(|name| headers.contains_key(*name));
    if both { "success" } else { "failure" }
}

#[derive(Deserialize)]
struct Fault {
    code: Option<u16>,
}

async fn test_error(Query(fault): Query<Fault>) -> (StatusCode, Json<Value>) {
    let code = fault.code.and_then(|code| StatusCode::from_u16(code).ok());
    (code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Json(json!({ "error": "test error message" })))
}
