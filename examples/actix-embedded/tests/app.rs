//! The example does what it says, at a real socket.

use actix_web::{App, HttpServer};
use hallpass::{AppInfo, Hallpass};
use reqwest::{
    Client, RequestBuilder,
    header::{COOKIE, SET_COOKIE},
};

/// Starts the app. Where it is.
async fn start() -> String {
    let here = "http://localhost:3000";
    let info = AppInfo::new("example").api(here).website(here);
    let hallpass = Hallpass::builder(info).embedded("sqlite::memory:").build().await.unwrap();
    let app = move || App::new().configure(actix_embedded::routes).wrap(hallpass.actix());
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    format!("http://{address}")
}

async fn send(request: RequestBuilder) -> (u16, String, String) {
    let response = request.send().await.unwrap();
    let cookies = response.headers().get_all(SET_COOKIE).iter();
    let cookies: Vec<&str> = cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap()).collect();
    let cookies = cookies.join("; ");
    (response.status().as_u16(), cookies, response.text().await.unwrap())
}

#[tokio::test]
async fn a_plain_form_signs_in_and_only_staff_sees_the_staff_page() {
    let (api, client) = (start().await, Client::new());
    let sign_in = async |user: &str| {
        let form = client.post(format!("{api}/login")).header("content-type", "application/x-www-form-urlencoded");
        let (status, cookies, body) = send(form.header("sec-fetch-mode", "navigate").body(format!("user={user}"))).await;
        assert_eq!((status, body.as_str()), (200, user));
        cookies
    };
    let get = async |path: &str, cookies: &str| send(client.get(format!("{api}{path}")).header(COOKIE, cookies)).await;
    let (alice, staff) = (sign_in("alice").await, sign_in("staff-bob").await);
    assert!(get("/me", &alice).await.2.contains(r#""user":"alice""#));
    assert_eq!(get("/me", "").await.0, 401);
    assert_eq!(get("/greeting", "").await.2, "hello, stranger");
    assert_eq!(get("/greeting", &alice).await.2, "hello, alice");
    assert_eq!(get("/staff", &alice).await.0, 403);
    assert_eq!(get("/staff", &staff).await.2, "welcome to work, staff-bob");

    let post = async |path: &str, cookies: &str| send(client.post(format!("{api}{path}")).header(COOKIE, cookies)).await;
    let (status, refreshed, _body) = post("/auth/session/refresh", &alice).await;
    assert_eq!(status, 200);
    assert_eq!(get("/greeting", &refreshed).await.2, "hello, alice");
    let (status, cleared, _body) = post("/auth/signout", &refreshed).await;
    assert_eq!((status, cleared.as_str()), (200, "sAccessToken=; sRefreshToken="));
}
