//! An app inside another one: each has users, tokens, cookies and settings of its own.

use axum::Router;
use hallpass::{Builder, Hooks, Names};
use http::request::Parts;

use crate::world::*;

/// Cookies of the office have names of their own.
struct OfOffice;

impl Hooks for OfOffice {
    fn names(&self, _: &Parts) -> Names {
        Names::default().cookies("officeAccess", "officeRefresh").unwrap()
    }
}

pub(crate) fn office(builder: Builder) -> Builder {
    builder.hooks(OfOffice).session_expired_status(440)
}

/// The app of everybody, that of the office inside it at `/office`, and both as they are served.
async fn apps() -> (World, World, Router) {
    let users = World::new().await;
    let office = World::beside(app_info().api_base_path("/office/auth"), office).await;
    let app = crate::nested(&users.hallpass, &office.hallpass);
    (users, office, app)
}

#[tokio::test]
async fn a_session_of_one_is_none_in_the_other() {
    let (users, office, app) = apps().await;
    let (user, boss) = (users.tokens("user").await, office.tokens("boss").await);
    for (path, status, their_name, theirs, our_name, ours, who) in [
        ("/office/me", 440, "sAccessToken", &user, "officeAccess", &boss, "boss"),
        ("/me", 401, "officeAccess", &boss, "sAccessToken", &user, "user"),
    ] {
        send(&app, get_(path)).await.assert(status, UNAUTHORISED);
        send(&app, get_(path).bearer(&theirs.access)).await.assert(status, TRY_REFRESH);
        send(&app, get_(path).cookie(our_name, &theirs.access)).await.assert(status, TRY_REFRESH);
        send(&app, get_(path).cookie(their_name, &theirs.access)).await.assert(status, UNAUTHORISED);
        send(&app, get_(path).bearer(&ours.access)).await.assert(200, who);
        // a browser has both
        let both = format!("{their_name}={}; {our_name}={}", theirs.access, ours.access);
        send(&app, get_(path).header("cookie", both)).await.assert(200, who);
    }
}

#[tokio::test]
async fn a_sign_in_follows_the_rules_of_the_app_that_it_is_to() {
    let (users, office, app) = apps().await;
    let everybody = ["sAccessToken", "sRefreshToken", "/auth/session/refresh"];
    let of_office = ["officeAccess", "officeRefresh", "/office/auth/session/refresh"];
    for (path, who, [access, refresh, refresh_path]) in [("/office/login", "boss", of_office), ("/login", "user", everybody)] {
        let login = post_(path).header("st-auth-mode", "cookie").json(&serde_json::json!({ "user": who }));
        let reply = send(&app, login).await;
        assert_eq!((reply.status.as_u16(), reply.all("set-cookie").len()), (200, 2), "{reply:?}");
        assert!(reply.set_cookie(access).unwrap().contains("; Path=/;"), "{reply:?}");
        assert!(reply.set_cookie(refresh).unwrap().contains(&format!("; Path={refresh_path};")), "{reply:?}");
    }
    for (world, user, boss) in [(&users, 1, 0), (&office, 0, 1)] {
        assert_eq!(world.hallpass.sessions_of(&"user".into(), None).await.unwrap().len(), user);
        assert_eq!(world.hallpass.sessions_of(&"boss".into(), None).await.unwrap().len(), boss);
    }
}

#[tokio::test]
async fn each_refreshes_and_signs_out_at_its_own_routes() {
    let (users, office, app) = apps().await;
    let (user, boss) = (users.tokens("user").await, office.tokens("boss").await);
    for (base, status, theirs, ours, refresh) in
        [("/office/auth", 440, &user, &boss, "officeRefresh"), ("/auth", 401, &boss, &user, "sRefreshToken")]
    {
        let refresh_at = format!("{base}/session/refresh");
        send(&app, post_(&refresh_at).bearer(&theirs.refresh)).await.assert(status, UNAUTHORISED);
        let refreshed = send(&app, post_(&refresh_at).cookie(refresh, &ours.refresh)).await;
        assert!(refreshed.assert(200, "{}").set_cookie(refresh).is_some());
        send(&app, post_(&format!("{base}/signout")).bearer(&theirs.access)).await.assert(status, TRY_REFRESH);
        send(&app, post_(&format!("{base}/signout")).bearer(&ours.access)).await.assert(200, r#"{"status":"OK"}"#);
    }
}

#[tokio::test]
async fn an_error_takes_away_the_tokens_of_the_app_that_raised_it_only() {
    let (_users, _office, app) = apps().await;
    for (path, status, ours, theirs) in
        [("/office/regret", 440, "officeAccess", "sAccessToken"), ("/regret", 401, "sAccessToken", "officeAccess")]
    {
        let reply = send(&app, post_(path).header("st-auth-mode", "cookie")).await;
        reply.assert(status, UNAUTHORISED);
        assert_eq!((reply.cookie(ours), reply.cookie(theirs)), (Some(""), None), "{path}");
    }
}

#[tokio::test]
async fn a_change_goes_out_by_the_rules_of_its_own_app() {
    let (users, office, app) = apps().await;
    let (user, boss) = (users.tokens("user").await, office.tokens("boss").await);
    let both = format!("sAccessToken={}; officeAccess={}", user.access, boss.access);
    for (path, ours, who) in [("/office/merge-thrice", "officeAccess", "boss"), ("/merge-thrice", "sAccessToken", "user")] {
        let reply = send(&app, post_(path).header("cookie", &both)).await;
        reply.assert(200, &reply.body);
        assert_eq!(reply.all("set-cookie").len(), 1);
        assert!(reply.cookie(ours).is_some_and(|token| !token.is_empty()), "{reply:?}");
        assert_eq!(front(reply.header("front-token").unwrap())["uid"], who);
        let claims: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!((&claims["a"], &claims["b"], &claims["c"]), (&1.into(), &2.into(), &3.into()), "both extractors have one session");
    }
}
