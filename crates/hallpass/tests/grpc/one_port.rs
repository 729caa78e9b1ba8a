//! gRPC and the session routes at the same port.

use hallpass::grpc::SESSION_ERROR;
use http::Request;
use hyper_util::{client::legacy::Client as HttpClient, rt::TokioExecutor};
use tonic::{Code, service::Routes};

use crate::{
    service::{Calls, Client},
    world::*,
};

#[tokio::test]
async fn a_client_refreshes_where_it_calls() {
    let world = World::new().await;
    let app = Routes::new(Calls).into_axum_router().layer(world.hallpass.grpc()).layer(world.hallpass.layer());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, app).into_future());
    let mut client = Client::connect(address).await;

    let response = client.call("SignIn", "u", None).await.unwrap();
    let held = |name: &str| response.metadata().get(name).unwrap().to_str().unwrap().to_owned();
    let (access, refresh) = (held("st-access-token"), held("st-refresh-token"));
    world.expire_access_tokens();
    let status = client.call("Me", "", Some(&access)).await.unwrap_err();
    assert_eq!(status.metadata().get(SESSION_ERROR).unwrap(), "try-refresh-token");

    let http = HttpClient::builder(TokioExecutor::new()).build_http::<axum::body::Body>();
    let request = Request::post(format!("http://{address}/auth/session/refresh")).header("authorization", format!("Bearer {refresh}"));
    let refreshed = http.request(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
    assert_eq!(refreshed.status(), 200);
    let access = refreshed.headers()["st-access-token"].to_str().unwrap();
    assert_eq!(client.call("Me", "", Some(access)).await.unwrap().into_inner(), "u");

    // the layer outside writes what methods leave, also with errors
    let status = client.call("Regret", "u", None).await.unwrap_err();
    assert_eq!((status.code(), status.metadata().get("front-token").unwrap().to_str().unwrap()), (Code::Unauthenticated, "remove"));
}
