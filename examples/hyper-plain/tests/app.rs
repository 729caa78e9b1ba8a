//! The example does what it says, at a real socket.

use hallpass::{AppInfo, Hallpass};
use reqwest::{Client, Response};

/// Starts the app. Where it is.
async fn start() -> String {
    let here = "http://localhost:3000";
    let info = AppInfo::new("example").api(here).website(here);
    let hallpass = Hallpass::builder(info).embedded("sqlite::memory:").build().await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(hyper_plain::run(listener, hallpass));
    format!("http://{address}")
}

fn header(response: &Response, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_user_signs_in_refreshes_and_signs_out() {
    let (api, client) = (start().await, Client::new());
    let get = async |path: &str, token: &str| client.get(format!("{api}{path}")).bearer_auth(token).send().await.unwrap();
    let post = async |path: &str, token: &str| client.post(format!("{api}{path}")).bearer_auth(token).send().await.unwrap();
    let signed_in = client.post(format!("{api}/login")).body("alice").send().await.unwrap();
    let (access, refresh) = (header(&signed_in, "st-access-token"), header(&signed_in, "st-refresh-token"));
    assert_eq!(signed_in.text().await.unwrap(), "hello, alice");
    assert_eq!(get("/me", &access).await.text().await.unwrap(), "alice");

    let refreshed = post("/auth/session/refresh", &refresh).await;
    assert_eq!(refreshed.status(), 200);
    let access = header(&refreshed, "st-access-token");
    assert_eq!(get("/me", &access).await.text().await.unwrap(), "alice");
    assert_eq!(header(&post("/auth/signout", &access).await, "front-token"), "remove");
}

#[tokio::test]
async fn who_is_not_signed_in_is_told_so() {
    let (api, client) = (start().await, Client::new());
    let response = client.get(format!("{api}/me")).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.text().await.unwrap(), r#"{"message":"unauthorised"}"#);
    assert_eq!(client.get(format!("{api}/nowhere")).send().await.unwrap().status(), 404);
    for body in [String::new(), "x".repeat(2000)] {
        assert_eq!(client.post(format!("{api}/login")).body(body).send().await.unwrap().status(), 400);
    }
}
