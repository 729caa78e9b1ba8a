//! What middlewares and the app's own errors do to responses.

use actix_web::{
    App, Error, FromRequest, HttpResponse, ResponseError,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::{ErrorBadGateway, ErrorImATeapot},
    middleware::{Next, from_fn},
    web,
};
use hallpass::{Session, SessionError, SignIn};
use serde_json::json;

use crate::{server::start, world::*};

/// A middleware that gives up after the handler has worked.
async fn fails_afterwards(request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let response = next.call(request).await?;
    if response.status().is_success() { Err(ErrorBadGateway("the gateway broke")) } else { Ok(response) }
}

/// A middleware that asks for a session by itself.
async fn members_only(mut request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    request.extract::<Session>().await?;
    next.call(request).await
}

async fn login(sign_in: SignIn) -> Result<HttpResponse, SessionError> {
    sign_in.user("u").await?;
    Ok(HttpResponse::Ok().finish())
}

#[tokio::test]
async fn tokens_arrive_although_a_middleware_fails_afterwards() {
    let world = World::new().await;
    let hallpass = world.hallpass.clone();
    let app = start(move || App::new().route("/login", web::post().to(login)).wrap(from_fn(fails_afterwards)).wrap(hallpass.actix()));
    for mode in ["cookie", "header"] {
        let reply = send(&app, post_("/login").header("st-auth-mode", mode)).await;
        reply.assert(502, "the gateway broke");
        assert!(if mode == "cookie" { reply.sets_cookies() } else { reply.sets_headers() });
    }
}

#[tokio::test]
async fn errors_of_inner_middlewares_follow_the_settings() {
    let world = World::with(app_info(), |builder| builder.session_expired_status(440)).await;
    let held = world.tokens("u").await;
    let hallpass = world.hallpass.clone();
    let me = async |session: Session| session.user_id().to_string();
    let app = start(move || App::new().route("/me", web::get().to(me)).wrap(from_fn(members_only)).wrap(hallpass.actix()));
    send(&app, get_("/me")).await.assert(440, UNAUTHORISED);
    send(&app, get_("/me").bearer(&held.access)).await.assert(200, "u");
    world.expire_access_tokens();
    send(&app, get_("/me").bearer(&held.access)).await.assert(440, TRY_REFRESH);
}

#[tokio::test]
async fn an_error_after_a_change_keeps_what_was_queued() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let hallpass = world.hallpass.clone();
    let change = async |session: Session| -> Result<HttpResponse, Error> {
        session.merge_into_access_token_payload(json!({ "a": 1 })).await?;
        Err(ErrorImATeapot("short and stout"))
    };
    let app = start(move || App::new().route("/change", web::post().to(change)).wrap(hallpass.actix()));
    let reply = send(&app, post_("/change").bearer(&held.access)).await;
    reply.assert(418, "short and stout");
    assert_eq!(front(reply.header("front-token").unwrap())["up"]["a"], 1);
}

/// What an app makes of session errors.
#[derive(Debug)]
struct Wrapped(SessionError);

impl std::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no luck: {}", self.0)
    }
}

impl ResponseError for Wrapped {
    fn error_response(&self) -> HttpResponse {
        self.0.error_response()
    }
}

#[tokio::test]
async fn an_error_of_the_app_that_answers_as_ours_counts_as_ours() {
    let world = World::with(app_info(), |builder| builder.session_expired_status(440)).await;
    let hallpass = world.hallpass.clone();
    let leave = async || Err::<HttpResponse, _>(Wrapped(SessionError::unauthorised()));
    let app = start(move || App::new().route("/leave", web::post().to(leave)).wrap(hallpass.actix()));
    assert!(send(&app, post_("/leave")).await.assert(440, UNAUTHORISED).clears_all());
}

#[tokio::test]
async fn twice_the_middleware_is_once() {
    let world = World::new().await;
    let (inner, outer) = (world.hallpass.clone(), world.hallpass.clone());
    let app = start(move || App::new().route("/login", web::post().to(login)).wrap(inner.actix()).wrap(outer.actix()));
    let reply = send(&app, post_("/login").header("st-auth-mode", "cookie")).await;
    assert!(reply.sets_cookies());
    assert_eq!(reply.all("set-cookie").len(), 2);
    let held = reply.held_by_cookies();
    assert!(send(&app, refresh().refresh_cookie(&held.refresh)).await.assert(200, "{}").sets_cookies());
}

/// A middleware that says afterwards who asked.
async fn signs(request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let session = Session::extract(response.request()).await?;
    response.headers_mut().insert("x-user".parse().unwrap(), session.user_id().as_str().parse().unwrap());
    Ok(response)
}

#[tokio::test]
async fn around_an_app_inside_another_one_a_middleware_has_the_sessions_of_the_outer_one() {
    let (users, office) = (World::new().await, World::beside(app_info(), super::two_apps::office).await);
    let cookies = format!("sAccessToken={}; officeAccess={}", users.tokens("user").await.access, office.tokens("boss").await.access);
    let (outer, inner) = (users.hallpass.clone(), office.hallpass.clone());
    let me = async |session: Session| session.user_id().to_string();
    let app = start(move || {
        let of_office = web::scope("/office").route("/me", web::get().to(me)).wrap(inner.actix()).wrap(from_fn(signs));
        App::new().service(of_office).wrap(outer.actix())
    });
    let reply = send(&app, get_("/office/me").header("cookie", cookies)).await;
    assert_eq!((reply.body.as_str(), reply.header("x-user")), ("boss", Some("user")));
}

#[tokio::test]
async fn the_app_that_is_named_nearest_to_a_handler_counts() {
    let (users, office) = (World::new().await, World::beside(app_info(), super::two_apps::office).await);
    let (user, boss) = (users.tokens("user").await, office.tokens("boss").await);
    let (everybody, inner) = (users.hallpass.clone(), office.hallpass.clone());
    let me = async |session: Session| session.user_id().to_string();
    let app = start(move || {
        let by_data = web::scope("/data").app_data(inner.clone()).route("/me", web::get().to(me));
        let wrapped = web::scope("/wrapped").route("/me", web::get().to(me)).wrap(inner.actix());
        let twice = web::scope("/twice").app_data(inner.clone()).service(web::resource("/me").to(me).wrap(everybody.actix()));
        let app = App::new().app_data(everybody.clone()).route("/me", web::get().to(me));
        app.service(by_data).service(wrapped).service(twice).wrap(everybody.actix())
    });
    for (path, theirs, ours, status, who) in [
        ("/me", &boss, &user, 401, "user"),
        ("/data/me", &user, &boss, 401, "boss"),
        ("/wrapped/me", &user, &boss, 440, "boss"),
        ("/twice/me", &boss, &user, 401, "user"),
    ] {
        send(&app, get_(path).bearer(&ours.access)).await.assert(200, who);
        send(&app, get_(path).bearer(&theirs.access)).await.assert(status, TRY_REFRESH);
    }
}

#[tokio::test]
async fn preflights_and_unknown_paths_reach_the_app() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let hallpass = world.hallpass.clone();
    let app = start(move || {
        let preflight = web::route().guard(actix_web::guard::Options()).to(async || "go ahead");
        App::new().route("/auth/signout", preflight).default_service(web::to(async || "the app's own")).wrap(hallpass.actix())
    });
    send(&app, call("OPTIONS", "/auth/signout").bearer(&held.access)).await.assert(200, "go ahead");
    send(&app, get_("/auth/nothing")).await.assert(200, "the app's own");
    send(&app, post_("/auth/signout").bearer(&held.access)).await.assert(200, r#"{"status":"OK"}"#);
}
