//! How the suite sets up and reads this server, and what surrounds the app.

use std::{path::Path, sync::Arc};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header::CONTENT_TYPE},
    response::Html,
    routing::{get, post},
};
use hallpass::JsonObject;
use serde::Deserialize;
use serde_json::{Value, json};
use tower_http::{cors::CorsLayer, services::ServeDir};

use crate::{
    counts::{Count, Counts},
    echo,
    failed::Failed,
    sessions,
    site::{Flags, Site},
};

/// Everything: what the suite sets up, and behind the SDK what it tries.
pub(crate) fn app(site: Arc<Site>, origin: HeaderValue, pages: Option<&Path>) -> Router {
    let behind = sessions::routes().merge(echo::routes()).with_state(Arc::clone(&site));
    let behind = match pages {
        Some(folder) => behind.fallback_service(ServeDir::new(folder)),
        None => behind.route("/index.html", get(|| async { Html("<!doctype html><title>website-server</title>") })),
    };
    let through_the_sdk = async move |State(site): State<Arc<Site>>, request: Request| site.answer(behind, request).await;
    setup().fallback(through_the_sdk).with_state(site).layer(cors(origin))
}

fn setup() -> Router<Arc<Site>> {
    let nothing_to_do = post(|| async {});
    Router::new()
        .route("/test/setup/app", post(new_app))
        .route("/test/setup/st", post(initialise))
        .route("/reinitialiseBackendConfig", post(reinitialise))
        .route("/featureFlags", get(feature_flags))
        .route("/beforeeach", post(async |State(site): State<Arc<Site>>| site.counts.reset()))
        .route("/after", nothing_to_do.clone())
        .route("/stopst", nothing_to_do.clone())
        .route("/testUserConfig", nothing_to_do)
        .route("/refreshCalledTime", count(|counts| &counts.refreshes))
        .route("/refreshAttemptedTime", count(|counts| &counts.refresh_attempts))
        .route("/getSessionCalledTime", count(|counts| &counts.visits))
        .route("/getPackageVersion", get(|| async { env!("CARGO_PKG_VERSION") }))
        .route("/ping", get(|| async { "success" }))
}

fn cors(origin: HeaderValue) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origin)
        .allow_credentials(true)
        .allow_headers([CONTENT_TYPE].into_iter().chain(hallpass::cors_headers()).collect::<Vec<_>>())
        .allow_methods([Method::GET, Method::PUT, Method::POST, Method::DELETE])
}

fn count(which: impl Fn(&Counts) -> &Count + Clone + Send + Sync + 'static) -> axum::routing::MethodRouter<Arc<Site>> {
    get(async move |State(site): State<Arc<Site>>| which(&site.counts).text())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewApp {
    app_id: Option<String>,
    #[serde(default)]
    core_config: JsonObject,
}

async fn new_app(State(site): State<Arc<Site>>, Json(new): Json<NewApp>) -> Result<String, Failed> {
    site.cores.open(new.app_id, new.core_config).await
}

/// The name of a property for tokens of long ago may come along; today's have none.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Initialise {
    core_url: String,
    #[serde(default)]
    enable_anti_csrf: bool,
    #[serde(default, rename = "enableJWT")]
    enable_jwt: bool,
}

async fn initialise(State(site): State<Arc<Site>>, Json(given): Json<Initialise>) -> Result<StatusCode, Failed> {
    site.run(&given.core_url, Flags { anti_csrf: given.enable_anti_csrf, jwt: given.enable_jwt }).await?;
    Ok(StatusCode::OK)
}

async fn reinitialise(State(site): State<Arc<Site>>, Json(given): Json<Initialise>) -> Result<StatusCode, Failed> {
    site.run(&given.core_url, site.running().flags).await?;
    Ok(StatusCode::OK)
}

async fn feature_flags(State(site): State<Arc<Site>>) -> Json<Value> {
    let jwt = site.running().flags.jwt;
    Json(json!({ "sessionJwt": jwt, "sessionClaims": true, "v3AccessToken": true, "duplicateCookieHandling": true }))
}
