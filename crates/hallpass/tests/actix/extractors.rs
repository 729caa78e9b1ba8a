//! Without the middleware, and what extractors make of it.

use actix_web::{
    App, HttpResponse,
    test::TestRequest,
    web::{self, Data},
};
use hallpass::{
    AntiCsrf, Hallpass, Promotion, ReadSession, Session, SessionError, SignIn, Transfer, VerifyOptions,
    actix::{Head, MaybeSession},
    claims::{GlobalValidators, Validator},
};
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

fn user(session: Session) -> String {
    session.user_id().to_string()
}

async fn checked(hallpass: Hallpass, head: Head) -> Result<String, SessionError> {
    let options = VerifyOptions { check_database: true, ..VerifyOptions::default() };
    hallpass.session(&head, &options).await.map(user)
}

async fn proven(hallpass: Hallpass, head: Head) -> Result<String, SessionError> {
    let options = VerifyOptions { anti_csrf_check: Some(true), ..VerifyOptions::default() };
    hallpass.session(&head, &options).await.map(user)
}

async fn anyway(hallpass: Hallpass, head: Head) -> Result<String, SessionError> {
    let options = VerifyOptions { validators: GlobalValidators::ignored(), ..VerifyOptions::default() };
    hallpass.session(&head, &options).await.map(user)
}

async fn leave(hallpass: Hallpass, head: Head) -> Result<HttpResponse, SessionError> {
    hallpass.sign_out(&head).await.map(|()| HttpResponse::Ok().finish())
}

async fn again(hallpass: Hallpass, head: Head) -> Result<String, SessionError> {
    hallpass.refresh(&head).await.map(user)
}

/// A session that somebody made elsewhere.
async fn attach(hallpass: Hallpass, head: Head) -> Result<String, SessionError> {
    let session = hallpass.create_session("elsewhere").await?;
    session.attach(&head, Transfer::Cookie)?;
    Ok(user(session))
}

async fn read(read: ReadSession) -> String {
    read.session().map_or_else(|| format!("{read:?}"), |session| session.user_id().to_string())
}

fn by_hand(config: &mut web::ServiceConfig) {
    config
        .route("/checked", web::get().to(checked))
        .route("/proven", web::get().to(proven))
        .route("/anyway", web::get().to(anyway))
        .route("/leave", web::post().to(leave))
        .route("/again", web::post().to(again))
        .route("/attach", web::post().to(attach))
        .route("/read", web::get().to(read))
        .route("/where", web::get().to(async |hallpass: Hallpass, head: Head| format!("{:?}", hallpass.client_address(&head))));
}

/// The app of a world by hand.
fn served(world: &World) -> axum::Router {
    let hallpass = world.hallpass.clone();
    start(move || App::new().configure(by_hand).wrap(hallpass.actix()))
}

#[tokio::test]
async fn a_handler_may_verify_with_options_of_its_own() {
    let world = World::with(app_info(), |builder| builder.anti_csrf(AntiCsrf::CustomHeader)).await;
    let (app, held) = (served(&world), world.tokens("u").await);
    send(&app, get_("/proven").access_cookie(&held.access)).await.assert(401, TRY_REFRESH);
    send(&app, get_("/proven").access_cookie(&held.access).header("rid", "x")).await.assert(200, "u");
    send(&app, get_("/checked").access_cookie(&held.access)).await.assert(200, "u");
    world.revoke_unheard(&held.handle).await;
    send(&app, get_("/proven").access_cookie(&held.access).header("rid", "x")).await.assert(200, "u");
    assert!(send(&app, get_("/checked").access_cookie(&held.access)).await.assert(401, UNAUTHORISED).clears_all());

    let world = World::with(app_info(), |builder| builder.validator(Validator::new("never", |_, _| Err(None)))).await;
    let (app, held) = (served(&world), world.tokens("u").await);
    assert_eq!(send(&app, get_("/checked").bearer(&held.access)).await.status, 403);
    send(&app, get_("/anyway").bearer(&held.access)).await.assert(200, "u");
}

#[tokio::test]
async fn a_handler_may_refresh_attach_and_sign_out_by_itself() {
    let world = World::new().await;
    let (app, held) = (served(&world), world.tokens("u").await);
    let refreshed = send(&app, post_("/again").refresh_cookie(&held.refresh)).await;
    assert!(refreshed.assert(200, "u").sets_cookies());
    let held = refreshed.held_by_cookies();
    let left = send(&app, post_("/leave").access_cookie(&held.access)).await;
    assert!(left.assert(200, "").clears_cookies());
    assert!(world.hallpass.session_info(&held.handle).await.unwrap().is_none());
    assert!(send(&app, post_("/leave")).await.assert(401, UNAUTHORISED).leaves_tokens());
    assert!(send(&app, post_("/attach")).await.assert(200, "elsewhere").sets_cookies());
}

#[tokio::test]
async fn a_page_may_only_read_and_a_client_has_an_address() {
    let world = World::with(app_info(), |builder| builder.promotion(Promotion::Reference)).await;
    let (app, held) = (served(&world), world.tokens("u").await);
    let fresh = world.send(refresh().bearer(&held.refresh)).await.held_by_headers();
    let reply = send(&app, get_("/read").access_cookie(&fresh.access)).await;
    assert!(reply.assert(200, "u").leaves_tokens(), "nothing is swapped");
    send(&app, get_("/read")).await.assert(200, "SignedOut");
    world.expire_access_tokens();
    send(&app, get_("/read").access_cookie(&fresh.access)).await.assert(200, "NeedsRefresh");
    send(&app, get_("/where")).await.assert(200, "Some(127.0.0.1)");
}

#[test]
fn a_printed_head_shows_no_token() {
    let request = TestRequest::get().uri("/me?code=secret").insert_header(("authorization", "Bearer secret")).to_http_request();
    assert_eq!(format!("{:?}", Head::of(&request)), r#"Head { method: GET, path: "/me", .. }"#);
}

#[tokio::test]
async fn a_forgotten_middleware_is_a_mistake_of_the_app() {
    let app = start(|| App::new().configure(routes));
    for path in ["/me", "/maybe", "/login", "/name"] {
        send(&app, get_(path)).await.assert(500, r#"{"message":"internal server error"}"#);
    }
}
