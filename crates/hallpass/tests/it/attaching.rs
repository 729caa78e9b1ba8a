//! Sessions that were got without a request, sent with the response to one.

use axum::{Router, routing::post};
use hallpass::{AppInfo, Hallpass, Misuse, SessionError, Transfer, VerifyOptions};
use http::request::Parts;
use serde_json::json;

use crate::world::*;

fn app(hallpass: &Hallpass, transfer: Transfer) -> Router {
    let create = async move |hallpass: Hallpass, request: axum::extract::Request| {
        let (parts, _body) = request.into_parts();
        let session = hallpass.create_session("u").await?;
        session.attach(&parts, transfer)?;
        session.merge_into_access_token_payload(json!({ "later": true })).await
    };
    let verify = async move |hallpass: Hallpass, request: axum::extract::Request| {
        let (parts, _body) = request.into_parts();
        let token = parts.headers["x-token"].to_str().unwrap().to_owned();
        let session = hallpass.session_from_token(&token, None, &VerifyOptions::default()).await?;
        session.attach(&parts, transfer)?;
        if parts.uri.path() == "/revoke" { session.revoke().await } else { Ok::<_, SessionError>(()) }
    };
    Router::new().route("/create", post(create)).route("/verify", post(verify)).route("/revoke", post(verify)).layer(hallpass.layer())
}

#[tokio::test]
async fn a_new_session_is_sent_and_so_is_what_changes_later() {
    let world = World::new().await;
    let reply = send(&app(&world.hallpass, Transfer::Cookie), post_("/create")).await;
    assert!(reply.status == 200 && reply.sets_cookies() && reply.header("st-access-token").is_none());
    assert_eq!((reply.all("set-cookie").len(), &front(reply.header("front-token").unwrap())["up"]["later"]), (2, &json!(true)));
    let reply = send(&app(&world.hallpass, Transfer::Header), post_("/create")).await;
    assert!(reply.sets_headers() && reply.all("set-cookie").is_empty());
    world.send(refresh().bearer(&reply.held_by_headers().refresh)).await.assert(200, "{}");
}

#[tokio::test]
async fn a_session_that_the_client_has_already_is_not_sent_again_but_can_be_ended() {
    let world = World::new().await;
    let app = app(&world.hallpass, Transfer::Header);
    let held = world.tokens("u").await;
    assert!(send(&app, post_("/verify").header("x-token", &held.access)).await.assert(200, "").leaves_tokens());
    assert!(send(&app, post_("/revoke").header("x-token", &held.access)).await.assert(200, "").clears_headers());
}

#[tokio::test]
async fn what_cannot_be_delivered_is_not_attached() {
    let world = World::new().await;
    let session = world.hallpass.create_session("u").await.unwrap();
    let (parts, ()): (Parts, ()) = http::Request::new(()).into_parts();
    assert_eq!(session.attach(&parts, Transfer::Header), Err(Misuse::LayerMissing));
    let crossing = AppInfo::new("demo").api("http://api.example.com").website("http://website.org");
    let world = World::with(crossing, |builder| builder).await;
    assert_eq!(send(&app(&world.hallpass, Transfer::Cookie), post_("/create")).await.status, 500);
}
