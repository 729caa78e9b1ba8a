//! The example does what it says.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use hallpass::{AppInfo, Hallpass};
use tower::ServiceExt;

async fn app() -> Router {
    let here = "http://localhost:3000";
    let info = AppInfo::new("example").api(here).website(here);
    axum_embedded::app(&Hallpass::builder(info).embedded("sqlite::memory:").build().await.unwrap())
}

async fn send(app: &Router, request: Request<Body>) -> (StatusCode, Vec<String>, String) {
    let response = app.clone().oneshot(request).await.unwrap();
    let cookies = response.headers().get_all(header::SET_COOKIE).iter();
    let cookies = cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned()).collect();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, cookies, String::from_utf8(body.to_vec()).unwrap())
}

async fn sign_in(app: &Router, user: &str) -> String {
    let form = Request::post("/login").header("content-type", "application/x-www-form-urlencoded").header("sec-fetch-mode", "navigate");
    let (status, cookies, body) = send(app, form.body(format!("user={user}").into()).unwrap()).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, user));
    cookies.join("; ")
}

#[tokio::test]
async fn a_plain_form_signs_in_and_only_staff_sees_the_staff_page() {
    let app = app().await;
    let get = |path: &str, cookie: &str| Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap();
    let (alice, staff) = (sign_in(&app, "alice").await, sign_in(&app, "staff-bob").await);
    assert!(send(&app, get("/me", &alice)).await.2.contains(r#""user":"alice""#));
    assert_eq!(send(&app, get("/me", "")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(send(&app, get("/staff", &alice)).await.0, StatusCode::FORBIDDEN);
    assert_eq!(send(&app, get("/staff", &staff)).await.2, "hello, staff-bob");
}
