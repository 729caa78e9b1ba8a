//! What methods make of calls, and what clients are told.

use hallpass::{
    Misuse, SessionError, VerifyOptions,
    claims::{GlobalValidators, Validator},
    grpc::{CLAIM_ERRORS, GrpcLayer, SESSION_ERROR},
};
use serde_json::{Value, json};
use tonic::{
    Code, Request, Status,
    metadata::MetadataMap,
    transport::{Server, server::TcpIncoming},
};

use crate::{
    service::{Calls, Client},
    world::*,
};

async fn serve(layer: GrpcLayer) -> Client {
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = incoming.local_addr().unwrap();
    tokio::spawn(Server::builder().layer(layer).add_service(Calls).serve_with_incoming(incoming));
    Client::connect(address).await
}

fn told(status: &Status) -> (Code, &str, Option<&str>) {
    (status.code(), status.message(), text(status.metadata(), SESSION_ERROR))
}

fn text<'a>(metadata: &'a MetadataMap, name: &str) -> Option<&'a str> {
    metadata.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_call_has_the_session_of_its_token() {
    let world = World::new().await;
    let mut client = serve(world.hallpass.grpc()).await;
    let held = world.tokens("u").await;
    for method in ["Me", "Maybe"] {
        assert_eq!(client.call(method, "", Some(&held.access)).await.unwrap().into_inner(), "u");
    }
    assert_eq!(client.call("Maybe", "", None).await.unwrap().into_inner(), "nobody");
}

#[tokio::test]
async fn a_call_tells_where_it_comes_from() {
    let world = World::new().await;
    let mut client = serve(world.hallpass.grpc()).await;
    assert_eq!(client.call("Peer", "", None).await.unwrap().into_inner(), "Some(PeerAddress(127.0.0.1))");
}

#[tokio::test]
async fn who_has_no_session_is_told_to_sign_in_and_who_has_an_old_token_to_refresh() {
    let world = World::new().await;
    let mut client = serve(world.hallpass.grpc()).await;
    let held = world.tokens("u").await;
    for token in [None, Some(FOREIGN), Some("nonsense")] {
        let status = client.call("Me", "", token).await.unwrap_err();
        assert_eq!(told(&status), (Code::Unauthenticated, "unauthorised", Some("unauthorised")));
        assert!(text(status.metadata(), "front-token").is_none());
    }
    world.expire_access_tokens();
    for method in ["Me", "Maybe", "Admin"] {
        let status = client.call(method, "", Some(&held.access)).await.unwrap_err();
        assert_eq!(told(&status), (Code::Unauthenticated, "try refresh token", Some("try-refresh-token")));
    }
    // who needs no session is not asked for one
    assert_eq!(client.call("Public", "", Some(&held.access)).await.unwrap().into_inner(), "hello");
}

#[tokio::test]
async fn an_unmet_requirement_is_denied_and_says_which() {
    let world = World::new().await;
    let mut client = serve(world.hallpass.grpc()).await;
    let held = world.tokens("u").await;
    let status = client.call("Admin", "", Some(&held.access)).await.unwrap_err();
    assert_eq!(told(&status), (Code::PermissionDenied, "invalid claim", Some("invalid-claim")));
    let claims = status.metadata().get_bin(CLAIM_ERRORS).unwrap().to_bytes().unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims, json!([{ "id": "admin", "reason": { "message": "wrong value" } }]));
    let boss = world.hallpass.create_session("boss").payload(json!({ "admin": true })).await.unwrap();
    assert_eq!(client.call("Admin", "", Some(&Held::of(&boss).access)).await.unwrap().into_inner(), "boss");
}

#[tokio::test]
async fn what_is_demanded_of_every_session_is_demanded_of_calls_unless_their_requirement_waives_it() {
    let factor = Validator::new("factor", |payload, _now| if payload.contains_key("proven") { Ok(()) } else { Err(None) });
    let world = World::with(app_info(), |builder| builder.validator(factor)).await;
    let mut client = serve(world.hallpass.grpc()).await;
    let held = world.tokens("u").await;
    for (method, missing) in [
        ("Me", vec!["factor"]),
        ("Maybe", vec!["factor"]),
        ("Admin", vec!["factor", "admin"]),
        ("Prove", vec![]),
        ("ProveAsAdmin", vec!["admin"]),
    ] {
        let answer = client.call(method, "", Some(&held.access)).await;
        let told = answer.err().map(|status| status.metadata().get_bin(CLAIM_ERRORS).unwrap().to_bytes().unwrap());
        let told: Vec<Value> = told.map(|told| serde_json::from_slice(&told).unwrap()).unwrap_or_default();
        assert_eq!(told.iter().map(|claim| &claim["id"]).collect::<Vec<_>>(), missing, "{method}");
    }
    let status = client.call("Prove", "", None).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated, "somebody has to be signed in all the same");
    let proven = world.hallpass.create_session("v").payload(json!({ "proven": true })).await.unwrap();
    assert_eq!(client.call("Me", "", Some(&Held::of(&proven).access)).await.unwrap().into_inner(), "v");

    // the layer may say something else for all of its calls
    let options = VerifyOptions { validators: GlobalValidators::ignored(), ..VerifyOptions::default() };
    let mut client = serve(world.hallpass.grpc().verify(options)).await;
    assert_eq!(client.call("Me", "", Some(&held.access)).await.unwrap().into_inner(), "u");
}

#[tokio::test]
async fn a_sign_in_and_a_change_send_their_tokens_as_metadata() {
    let world = World::new().await;
    let mut client = serve(world.hallpass.grpc()).await;
    let response = client.call("SignIn", "u", None).await.unwrap();
    let access = text(response.metadata(), "st-access-token").unwrap().to_owned();
    let refresh_token = text(response.metadata(), "st-refresh-token").unwrap();
    assert!(response.metadata().get("set-cookie").is_none());
    assert_eq!(client.call("Me", "", Some(&access)).await.unwrap().into_inner(), "u");
    let response = client.call("Merge", "hello", Some(&access)).await.unwrap();
    assert_eq!(front(text(response.metadata(), "front-token").unwrap())["up"]["said"], "hello");
    world.send(refresh().bearer(refresh_token)).await.assert(200, "{}");
}

#[tokio::test]
async fn a_refusal_takes_back_what_was_queued() {
    let world = World::new().await;
    let mut client = serve(world.hallpass.grpc()).await;
    let status = client.call("Regret", "u", None).await.unwrap_err();
    assert_eq!(told(&status), (Code::Unauthenticated, "unauthorised", Some("unauthorised")));
    for (name, expected) in [("st-access-token", ""), ("st-refresh-token", ""), ("front-token", "remove")] {
        assert_eq!(text(status.metadata(), name), Some(expected), "{name}");
    }
}

#[tokio::test]
async fn a_revoked_session_is_gone_where_the_database_is_asked() {
    let world = World::new().await;
    let options = VerifyOptions { check_database: true, ..VerifyOptions::default() };
    let mut client = serve(world.hallpass.grpc().verify(options)).await;
    let held = world.tokens("u").await;
    let response = client.call("Revoke", "", Some(&held.access)).await.unwrap();
    assert_eq!(text(response.metadata(), "front-token"), Some("remove"));
    let status = client.call("Me", "", Some(&held.access)).await.unwrap_err();
    assert_eq!(told(&status), (Code::Unauthenticated, "unauthorised", Some("unauthorised")));
    assert_eq!(text(status.metadata(), "front-token"), Some("remove"));
}

#[tokio::test]
async fn a_storage_that_is_down_says_when_to_try_again() {
    let world = World::new().await;
    let mut client = serve(world.hallpass.grpc()).await;
    let held = world.tokens("u").await;
    world.unplug(true);
    let status = client.call("Me", "", Some(&held.access)).await.unwrap_err();
    assert_eq!(told(&status), (Code::Unavailable, "sessions are unavailable", None));
    assert_eq!(text(status.metadata(), "grpc-retry-pushback-ms"), Some("2000"));
    assert!(text(status.metadata(), "front-token").is_none());
    let status = client.call("SignIn", "u", None).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
}

#[tokio::test]
async fn odd_metadata_is_no_session() {
    let world = World::new().await;
    let mut client = serve(world.hallpass.grpc()).await;
    let held = world.tokens("u").await;
    for odd in ["Bearer ", "bearer x", "Basic abc", "Bearer a.b.c", &format!("Bearer {}", "x".repeat(8_000)), &held.access] {
        let mut request = Request::new(String::new());
        request.metadata_mut().insert("authorization", odd.parse().unwrap());
        let status = client.send("Me", request).await.unwrap_err();
        assert_eq!(told(&status), (Code::Unauthenticated, "unauthorised", Some("unauthorised")), "{odd}");
    }
}

#[tokio::test]
async fn a_forgotten_layer_is_named_in_the_log_only() {
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = incoming.local_addr().unwrap();
    tokio::spawn(Server::builder().add_service(Calls).serve_with_incoming(incoming));
    let mut client = Client::connect(address).await;
    for method in ["Me", "Maybe", "SignIn"] {
        let status = client.call(method, "", None).await.unwrap_err();
        assert_eq!(told(&status), (Code::Internal, "internal server error", None));
    }
    let status = Status::from(SessionError::Misuse(Misuse::LayerMissing));
    assert!(std::error::Error::source(&status).unwrap().to_string().contains("the hallpass layer is missing"));
}
