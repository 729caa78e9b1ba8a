//! The example does what it says: two processes' worth of apps, and the server that they share, at real sockets.

use hallpass::AppInfo;
use hallpass_server::{
    serve,
    settings::{Settings, Sources},
};
use reqwest::{Client, Response};
use tokio::{net::TcpListener, sync::oneshot};

const API_KEY: &str = "a-key-of-this-test-only";

/// Starts `hallpass serve`, with its sessions in memory. Where it is.
async fn serve() -> String {
    let given = [("HALLPASS_LISTEN", "127.0.0.1:0"), ("HALLPASS_API_KEYS", API_KEY), ("HALLPASS_SIGNING_ALGORITHM", "ES256")];
    let environment = given.map(|(name, value)| (name.into(), value.into())).into_iter().collect();
    let settings = Settings::read(Sources { environment, ..Sources::default() }).unwrap();
    let (ready, address) = oneshot::channel();
    tokio::spawn(serve::run(settings, |address| ready.send(address).unwrap()));
    format!("http://{}", address.await.unwrap())
}

/// Starts one app. Where it is.
async fn start(server: &str) -> String {
    let here = "http://localhost:3000";
    let hallpass = axum_remote::connect(AppInfo::new("example").api(here).website(here), server, Some(API_KEY)).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, axum_remote::app(&hallpass)).into_future());
    format!("http://{address}")
}

fn header(response: &Response, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn two_apps_share_the_sessions_of_one_server() {
    let server = serve().await;
    let (one, two, client) = (start(&server).await, start(&server).await, Client::new());
    let login = async |app: &str| {
        let signed_in = client
            .post(format!("{app}/login"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("user=alice")
            .send()
            .await
            .unwrap();
        (header(&signed_in, "st-access-token"), header(&signed_in, "st-refresh-token"))
    };
    let get = async |url: String, token: &str| client.get(url).bearer_auth(token).send().await.unwrap();
    let post = async |url: String, token: &str| client.post(url).bearer_auth(token).send().await.unwrap();

    let (phone, laptop) = (login(&one).await, login(&two).await);
    assert_eq!(get(format!("{two}/me"), &phone.0).await.text().await.unwrap(), "alice");
    assert_eq!(get(format!("{one}/devices"), &laptop.0).await.text().await.unwrap(), "2");

    let refreshed = post(format!("{two}/auth/session/refresh"), &phone.1).await;
    assert_eq!(refreshed.status(), 200);
    let (access, refresh) = (header(&refreshed, "st-access-token"), header(&refreshed, "st-refresh-token"));
    assert_eq!(get(format!("{one}/me"), &access).await.text().await.unwrap(), "alice");

    let left = post(format!("{one}/leave-everywhere"), &laptop.0).await;
    assert_eq!((left.status().as_u16(), header(&left, "front-token").as_str()), (200, "remove"));
    for refresh in [&refresh, &laptop.1] {
        assert_eq!(post(format!("{two}/auth/session/refresh"), refresh).await.status(), 401);
    }
}
