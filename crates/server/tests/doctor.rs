//! `hallpass doctor` looks at real servers, well and badly set up.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

use std::process::Command;

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::{Html, IntoResponse, Redirect, Response},
    routing::any,
};
use hallpass::{AppInfo, Builder, Hallpass};
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;

const WEBSITE: &str = "http://localhost:3000";

/// Serves an app at a free port; its address.
async fn serve(app: Router) -> String {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://localhost:{}", socket.local_addr().unwrap().port());
    tokio::spawn(async move { axum::serve(socket, app).await });
    address
}

/// An API with our SDK and this CORS rule around it.
async fn api(website: &'static str, settings: impl FnOnce(Builder) -> Builder, cors: impl FnOnce(Router) -> Router) -> String {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://localhost:{}", socket.local_addr().unwrap().port());
    let builder = Hallpass::builder(AppInfo::new("doctor").api(address.as_str()).website(website)).embedded("sqlite::memory:");
    let hallpass = settings(builder).build().await.unwrap();
    let app = cors(Router::new().layer(hallpass.layer()));
    tokio::spawn(async move { axum::serve(socket, app).await });
    address
}

/// What an app's CORS layer does that follows the manual.
async fn cors(request: Request, next: Next) -> Response {
    let mut response = if request.method() == Method::OPTIONS { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let names: Vec<String> = hallpass::cors_headers().iter().map(ToString::to_string).collect();
    for (name, value) in [
        ("access-control-allow-origin", WEBSITE),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-headers", &format!("content-type, {}", names.join(", "))),
        ("access-control-allow-methods", "GET, POST"),
        ("vary", "origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
    }
    response
}

struct Report {
    code: i32,
    text: String,
    json: Value,
}

impl Report {
    fn level(&self, check: &str) -> Option<&str> {
        let findings = self.json["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["check"] == check)?["level"].as_str()
    }
}

/// Runs the command twice: for people and for scripts.
async fn ask(website: &str, api: &str, more: &[&str]) -> Report {
    let run = |json: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hallpass"));
        command.args(["doctor", website, api]).args(more).args(json.then_some("--json"));
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };
    let (people, scripts) = (run(false).await.unwrap(), run(true).await.unwrap());
    assert_eq!(people.status.code(), scripts.status.code());
    let text = |output: &[u8]| String::from_utf8(output.to_vec()).unwrap();
    Report {
        code: people.status.code().unwrap(),
        text: text(&people.stdout) + &text(&people.stderr),
        json: serde_json::from_slice(&scripts.stdout).unwrap_or_default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_follows_the_manual_is_fine() {
    let api = api(WEBSITE, |builder| builder, |app| app.layer(from_fn(cors))).await;
    let report = ask(WEBSITE, &api, &[]).await;
    assert_eq!((report.code, report.json["problems"].as_u64()), (0, Some(0)), "{}", report.text);
    assert!(report.json["solutions"].as_array().unwrap().is_empty());
    assert!(report.text.contains("no problems"), "{}", report.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_without_cors_is_told_what_its_website_needs() {
    let api = api(WEBSITE, |builder| builder, |app| app).await;
    let report = ask(WEBSITE, &api, &[]).await;
    assert_eq!(report.code, 1, "{}", report.text);
    assert!(report.text.contains("FAIL") && report.text.contains("->"), "{}", report.text);
    assert!(report.text.to_lowercase().contains("cors"), "{}", report.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_website_of_another_site_is_shown_the_four_ways_out() {
    let api = api("https://shop.example", |builder| builder.cookie_secure(true), |app| app).await;
    let report = ask("https://shop.example", &api, &[]).await;
    assert_eq!(report.code, 1, "{}", report.text);
    let ways: Vec<_> = report.json["solutions"].as_array().unwrap().iter().map(|solution| solution["way"].as_str().unwrap()).collect();
    assert_eq!(ways, ["sub-domain", "gateway-path", "header-transfer", "partitioned-cookies"]);
    assert_eq!(report.level("third-party-cookies"), Some("fail"), "{}", report.text);
    let report = ask("https://shop.example", &api, &["--transfer", "header"]).await;
    assert_eq!(report.level("third-party-cookies"), None, "{}", report.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_place_of_the_api_is_recognised() {
    let website = serve(Router::new().fallback(any(async || Html("<!doctype html><title>shop</title>")))).await;
    let report = ask(WEBSITE, &website, &[]).await;
    assert_eq!((report.code, report.level("refresh-route")), (1, Some("fail")), "{}", report.text);
    assert!(report.text.contains("HTML"), "{}", report.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_seen_and_not_followed() {
    let api = serve(Router::new().fallback(any(async || Redirect::permanent("http://localhost:1/elsewhere")))).await;
    let report = ask(WEBSITE, &api, &[]).await;
    assert_eq!((report.code, report.level("refresh-route")), (1, Some("fail")), "{}", report.text);
    assert!(report.text.contains("308"), "{}", report.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_strips_headers_is_found() {
    let strip = async |request: Request, next: Next| {
        let mut response = next.run(request).await;
        response.headers_mut().remove("front-token");
        response
    };
    let api = api(WEBSITE, |builder| builder, |app| app.layer(from_fn(strip)).layer(from_fn(cors))).await;
    let report = ask(WEBSITE, &api, &[]).await;
    assert_eq!(report.code, 1, "{}", report.text);
    assert!(report.text.contains("front-token"), "{}", report.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_checked_is_another_exit_code() {
    let report = ask(WEBSITE, "http://localhost:1", &[]).await;
    assert_eq!(report.code, 2, "{}", report.text);
    let report = ask("nonsense", WEBSITE, &[]).await;
    assert_eq!(report.code, 2, "{}", report.text);
    let report = ask(WEBSITE, "https://user:swordfish@localhost", &[]).await;
    assert_eq!(report.code, 2, "{}", report.text);
    assert!(!report.text.contains("swordfish"), "{}", report.text);
}
