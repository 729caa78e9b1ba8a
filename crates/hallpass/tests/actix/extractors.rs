//! Without the middleware, and what extractors make of it.

use actix_web::{
    App, HttpResponse,
    web::{self, Data},
};
use hallpass::{Hallpass, Promotion, Session, SignIn, actix::MaybeSession};
use serde_json::json;

use crate::{server::start, world::*};

fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/me", web::get().to(async |session: Session| session.user_id().to_string()))
        .route("/name", web::get().to(async |hallpass: Hallpass| format!("{hallpass:?}")))
        .route("/maybe", web::get().to(async |session: MaybeSession| session.is_some().to_string()))
        .route(
            "/merge",
            web::get()
                .to(async |session: Session| session.merge_into_access_token_payload(json!({ "a": 1 })).await.map(|()| HttpResponse::Ok())),
        )
        .route("/revoke", web::get().to(async |session: Session| session.revoke().await.map(|()| HttpResponse::Ok())))
        .route("/login", web::get().to(async |sign_in: SignIn| sign_in.user("u").await.map(|_session| HttpResponse::Ok())));
}

#[tokio::test]
async fn an_extractor_verifies_and_rejects_only() {
    let world = World::with(app_info(), |builder| builder.promotion(Promotion::Reference)).await;
    let (plain, shared) = (world.hallpass.clone(), world.hallpass.clone());
    let held = world.tokens("u").await;
    let fresh = world.send(refresh().bearer(&held.refresh)).await.held_by_headers();
    for app in [
        start(move || App::new().configure(routes).app_data(plain.clone())),
        start(move || App::new().configure(routes).app_data(Data::new(shared.clone()))),
    ] {
        for token in [&held.access, &fresh.access] {
            let reply = send(&app, get_("/me").bearer(token)).await;
            reply.assert(200, "u");
            assert!(reply.leaves_tokens());
        }
        send(&app, get_("/me")).await.assert(401, UNAUTHORISED);
        send(&app, get_("/maybe")).await.assert(200, "false");
        for path in ["/merge", "/revoke", "/login"] {
            send(&app, get_(path).bearer(&held.access)).await.assert(500, r#"{"message":"internal server error"}"#);
        }
    }
    // and nothing happened behind the client's back
    let info = world.hallpass.session_info(&held.handle).await.unwrap().unwrap();
    assert!(info.payload.get("a").is_none());
    assert_eq!(world.hallpass.sessions_of(&"u".into(), None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_forgotten_middleware_is_a_mistake_of_the_app() {
    let app = start(|| App::new().configure(routes));
    for path in ["/me", "/maybe", "/login", "/name"] {
        send(&app, get_(path)).await.assert(500, r#"{"message":"internal server error"}"#);
    }
}
