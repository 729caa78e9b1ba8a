//! Where nobody writes to the response.

use axum::{Extension, Router, routing::get};
use hallpass::{Misuse, Promotion, Session, SessionError, SignIn};
use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn an_extractor_verifies_and_rejects_only() {
    let world = World::with(app_info(), |builder| builder.promotion(Promotion::Reference)).await;
    let app = Router::new()
        .route("/me", get(async |session: Session| session.user_id().to_string()))
        .route("/merge", get(async |session: Session| session.merge_into_access_token_payload(json!({ "a": 1 })).await))
        .route("/revoke", get(async |session: Session| session.revoke().await))
        .route("/login", get(async |sign_in: SignIn| sign_in.user("u").await.map(|_session| ())))
        .layer(Extension(world.hallpass.clone()));
    let held = world.tokens("u").await;
    let fresh = world.send(refresh().bearer(&held.refresh)).await.held_by_headers();
    for token in [&held.access, &fresh.access] {
        let reply = send(&app, get_("/me").bearer(token)).await;
        reply.assert(200, "u");
        assert!(reply.leaves_tokens());
    }
    send(&app, get_("/me")).await.assert(401, UNAUTHORISED);
    for path in ["/merge", "/revoke", "/login"] {
        let reply = send(&app, get_(path).bearer(&held.access)).await;
        reply.assert(500, r#"{"message":"internal server error"}"#);
    }
    // and nothing happened behind the client's back
    let info = world.hallpass.session_info(&held.handle).await.unwrap().unwrap();
    assert!(info.payload.get("a").is_none());
    assert_eq!(world.hallpass.sessions_of(&"u".into(), None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_forgotten_layer_is_named() {
    let app = Router::new().route("/me", get(async |session: Option<Session>| format!("{session:?}")));
    send(&app, get_("/me")).await.assert(500, r#"{"message":"internal server error"}"#);
    let request = get_("/me").build().into_parts().0;
    assert_eq!(hallpass::Hallpass::of(&request).unwrap_err(), Misuse::LayerMissing);
    assert!(Misuse::LayerMissing.to_string().contains(".layer(hallpass.layer())"));
}

#[tokio::test]
async fn a_session_kept_beyond_its_response_says_so() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let (keep, kept) = tokio::sync::oneshot::channel();
    let keep = std::sync::Arc::new(std::sync::Mutex::new(Some(keep)));
    let handler = async move |session: Session| drop(keep.lock().unwrap().take().unwrap().send(session));
    let app = Router::new().route("/keep", get(handler)).layer(world.hallpass.layer());
    assert_eq!(send(&app, get_("/keep").bearer(&held.access)).await.status, 200);
    let session = kept.await.unwrap();
    let merged = session.merge_into_access_token_payload(json!({ "a": 1 })).await;
    assert!(matches!(merged, Err(SessionError::Misuse(Misuse::ResponseSent))));
    assert!(matches!(session.revoke().await, Err(SessionError::Misuse(Misuse::ResponseSent))));
    // what no response carries still works
    session.set_data(json!({ "x": 1 })).await.unwrap();
}
