//! Sessions where there is no request: jobs, sockets, other protocols.

use hallpass::{AntiCsrf, Misuse, SessionError, VerifyOptions};
use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn a_session_is_created_verified_changed_refreshed_and_revoked() {
    let world = World::new().await;
    let created = world.hallpass.create_session("u").payload(json!({ "a": 1 })).data(json!({ "d": 1 })).await.unwrap();
    created.merge_into_access_token_payload(json!({ "b": 2 })).await.unwrap();
    let held = Held::of(&created);
    let verified = world.hallpass.session_from_token(&held.access, None, &VerifyOptions::default()).await.unwrap();
    assert_eq!((verified.claim("a"), verified.claim("b"), verified.handle()), (Some(1.into()), Some(2.into()), &held.handle));
    assert_eq!(json!(verified.data().await.unwrap()), json!({ "d": 1 }));
    assert!(verified.created_at().await.unwrap() < verified.expires_at().await.unwrap());
    let refreshed = world.hallpass.refresh_from_token(&held.refresh, None, true).await.unwrap();
    assert!(refreshed.tokens().refresh.is_some() && refreshed.claim("b") == Some(2.into()));
    refreshed.revoke().await.unwrap();
    let refused = world.hallpass.refresh_from_token(&Held::of(&refreshed).refresh, None, true).await;
    assert!(matches!(refused, Err(SessionError::Unauthorised { clear: true })));
    assert!(matches!(verified.data().await, Err(SessionError::Unauthorised { clear: true })));
}

#[tokio::test]
async fn what_is_not_ours_is_no_session() {
    let world = World::new().await;
    for token in ["", "x", FOREIGN] {
        let refused = world.hallpass.session_from_token(token, None, &VerifyOptions::default()).await;
        assert!(matches!(refused, Err(SessionError::Unauthorised { clear: false })));
        assert!(world.hallpass.refresh_from_token(token, None, true).await.is_err());
    }
}

#[tokio::test]
async fn gotcha_47_an_anti_csrf_token_is_asked_for_unless_waived() {
    let world = World::with(app_info(), |builder| builder.anti_csrf(AntiCsrf::Token)).await;
    let held = world.tokens("u").await;
    let token = held.anti_csrf.as_deref();
    let waived = VerifyOptions { anti_csrf_check: Some(false), ..VerifyOptions::default() };
    for (given, options, good) in [
        (None, VerifyOptions::default(), false),
        (Some("x"), VerifyOptions::default(), false),
        (token, VerifyOptions::default(), true),
        (None, waived, true),
    ] {
        let session = world.hallpass.session_from_token(&held.access, given, &options).await;
        assert_eq!(session.is_ok(), good, "{given:?}");
    }
    assert!(world.hallpass.refresh_from_token(&held.refresh, None, true).await.is_err());
    assert!(world.hallpass.refresh_from_token(&held.refresh, token, true).await.is_ok());
}

#[tokio::test]
async fn gotcha_47_a_custom_header_cannot_be_checked() {
    let world = World::with(app_info(), |builder| builder.anti_csrf(AntiCsrf::CustomHeader)).await;
    let held = world.tokens("u").await;
    let checked = world.hallpass.session_from_token(&held.access, None, &VerifyOptions::default()).await;
    assert!(matches!(checked, Err(SessionError::Misuse(Misuse::NoRequest))));
    assert!(matches!(world.hallpass.refresh_from_token(&held.refresh, None, true).await, Err(SessionError::Misuse(Misuse::NoRequest))));
    let waived = VerifyOptions { anti_csrf_check: Some(false), ..VerifyOptions::default() };
    assert!(world.hallpass.session_from_token(&held.access, None, &waived).await.is_ok());
    assert!(world.hallpass.refresh_from_token(&held.refresh, None, false).await.is_ok());
}
