//! An app inside another one that asks for one or the other by hand.

use axum::{Extension, Router, routing::post};
use hallpass::{Hallpass, Misuse, Session, SessionError, Transfer, VerifyOptions};
use http::request::Parts;

use super::two_apps::office;
use crate::world::*;

async fn worlds() -> (World, World) {
    (World::new().await, World::beside(app_info(), office).await)
}

#[tokio::test]
async fn a_sign_in_to_an_app_whose_layer_is_missing_is_refused_whatever_layer_is_there() {
    let (users, office) = worlds().await;
    let (sign_in, attach) = (office.hallpass.clone(), office.hallpass.clone());
    let app = Router::new()
        .route("/sign-in", post(async move |request: Parts| sign_in.sign_in(&request).user("boss").await.map(drop)))
        .route(
            "/attach",
            post(async move |request: Parts| {
                let session = attach.create_session("boss").await?;
                session.attach(&request, Transfer::Cookie).map_err(SessionError::from)
            }),
        )
        .layer(users.hallpass.layer());
    for path in ["/sign-in", "/attach"] {
        let reply = send(&app, post_(path).header("st-auth-mode", "cookie")).await;
        reply.assert(500, r#"{"message":"internal server error"}"#);
        assert!(reply.leaves_tokens());
    }
}

#[tokio::test]
async fn inside_both_layers_each_app_writes_what_is_its_own() {
    let (users, office) = worlds().await;
    let (outer, inner) = (users.hallpass.clone(), office.hallpass.clone());
    let both = async move |request: Parts| {
        assert_eq!(format!("{:?}", Hallpass::of(&request)), format!("{:?}", Ok::<_, Misuse>(&inner)));
        inner.sign_in(&request).user("boss").await?;
        outer.sign_in(&request).user("user").await.map(drop)
    };
    let app = Router::new().route("/both", post(both)).layer(office.hallpass.layer()).layer(users.hallpass.layer());
    let reply = send(&app, post_("/both").header("st-auth-mode", "cookie")).await;
    let names: Vec<_> = reply.all("set-cookie").into_iter().map(|cookie| cookie.split('=').next().unwrap()).collect();
    assert_eq!(names, ["officeAccess", "officeRefresh", "sAccessToken", "sRefreshToken"]);
    // and each reads what is its own
    let (outer, inner) = (users.hallpass.clone(), office.hallpass.clone());
    let who = async move |request: Parts| {
        let options = VerifyOptions { anti_csrf_check: Some(false), ..VerifyOptions::default() };
        let (user, boss) = (outer.session(&request, &options).await?, inner.session(&request, &options).await?);
        Ok::<_, SessionError>(format!("{} and {}", user.user_id(), boss.user_id()))
    };
    let app = Router::new().route("/who", post(who)).layer(office.hallpass.layer()).layer(users.hallpass.layer());
    let cookies = format!("sAccessToken={}; officeAccess={}", reply.cookie("sAccessToken").unwrap(), reply.cookie("officeAccess").unwrap());
    send(&app, post_("/who").header("cookie", cookies)).await.assert(200, "user and boss");
}

#[tokio::test]
async fn a_session_that_a_layer_of_the_outer_app_has_verified_is_none_of_the_inner_one() {
    let (users, office) = worlds().await;
    let (user, boss) = (users.tokens("user").await, office.tokens("boss").await);
    let app = Router::new()
        .route("/me", post(async |session: Session| session.user_id().to_string()))
        .layer(office.hallpass.require([]))
        .layer(office.hallpass.layer())
        .layer(users.hallpass.require([]))
        .layer(users.hallpass.layer());
    send(&app, post_("/me").bearer(&user.access)).await.assert(440, TRY_REFRESH);
    send(&app, post_("/me").bearer(&boss.access)).await.assert(401, TRY_REFRESH);
    send(&app, post_("/me").access_cookie(&user.access)).await.assert(440, UNAUTHORISED);
    let both = format!("sAccessToken={}; officeAccess={}", user.access, boss.access);
    send(&app, post_("/me").header("cookie", both)).await.assert(200, "boss");
}

#[tokio::test]
async fn the_app_that_is_named_nearest_to_a_handler_counts() {
    let (users, office) = worlds().await;
    let (user, boss) = (users.tokens("user").await, office.tokens("boss").await);
    let me = || Router::new().route("/me", post(async |session: Session| session.user_id().to_string()));
    let (users, office) = (&users.hallpass, &office.hallpass);
    // an extension inside the layer
    let app = me().layer(Extension(office.clone())).layer(users.layer());
    send(&app, post_("/me").bearer(&user.access)).await.assert(401, TRY_REFRESH);
    send(&app, post_("/me").bearer(&boss.access)).await.assert(200, "boss");
    // a layer inside the extension, and inside a layer of the same app that is outside of it
    for app in [
        me().layer(users.layer()).layer(Extension(office.clone())),
        me().layer(users.layer()).layer(Extension(office.clone())).layer(users.layer()),
        me().layer(users.layer()).layer(office.layer()).layer(users.layer()),
    ] {
        send(&app, post_("/me").bearer(&user.access)).await.assert(200, "user");
        send(&app, post_("/me").bearer(&boss.access)).await.assert(401, TRY_REFRESH);
    }
}
