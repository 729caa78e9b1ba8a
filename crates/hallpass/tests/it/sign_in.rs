//! Signing in, on top of whatever was there.

use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn signing_in_revokes_the_session_that_the_request_carried() {
    let world = World::new().await;
    let (in_header, in_cookie, elsewhere) = (world.tokens("a").await, world.tokens("b").await, world.tokens("c").await);
    let reply = world.send(login_as("u", "cookie").bearer(&in_header.access).access_cookie(&in_cookie.access)).await;
    assert!(reply.sets_cookies());
    for (held, lives) in [(&in_header, false), (&in_cookie, false), (&elsewhere, true)] {
        assert_eq!(world.hallpass.session_info(&held.handle).await.unwrap().is_some(), lives);
    }
    assert!(world.hallpass.session_info(&reply.held_by_cookies().handle).await.unwrap().is_some());
}

#[tokio::test]
async fn signing_in_again_never_takes_over_a_session_that_somebody_planted() {
    let world = World::new().await;
    let planted = world.send(login_as("attacker", "cookie")).await.held_by_cookies();
    let reply = world.send(login_as("victim", "cookie").access_cookie(&planted.access).refresh_cookie(&planted.refresh)).await;
    let held = reply.held_by_cookies();
    assert!(held.handle != planted.handle && held.refresh != planted.refresh);
    world.send(refresh().refresh_cookie(&planted.refresh)).await.assert(401, UNAUTHORISED);
}

#[tokio::test]
async fn tokens_that_do_not_hold_revoke_nothing() {
    let world = World::new().await;
    let held = world.tokens("a").await;
    let forged = format!("{}.{}", held.access.rsplit_once('.').unwrap().0, "A".repeat(86));
    for token in [FOREIGN, &forged, "nonsense", ""] {
        assert!(world.send(login_as("u", "cookie").access_cookie(token).bearer(token)).await.sets_cookies());
    }
    assert!(world.hallpass.session_info(&held.handle).await.unwrap().is_some());
}

#[tokio::test]
async fn gotcha_32_the_payload_of_another_session_can_be_reused() {
    let world = World::new().await;
    let before = world.tokens("a").await;
    let payload = front(&before.front)["up"].clone();
    let reply = world.send(post_("/login").json(&json!({ "user": "b", "payload": payload }))).await;
    let up = front(reply.header("front-token").unwrap())["up"].clone();
    assert_eq!((&up["sub"], &up["rsub"]), (&json!("b"), &json!("b")));
    assert_ne!(up["sessionHandle"], payload["sessionHandle"]);
}

#[tokio::test]
async fn a_session_belongs_to_a_tenant() {
    let world = World::new().await;
    let session = world.hallpass.create_session("u").tenant("t1".parse().unwrap()).await.unwrap();
    let held = Held::of(&session);
    assert_eq!((session.tenant().as_str(), front(&held.front)["up"]["tId"].as_str()), ("t1", Some("t1")));
    let next = world.send(refresh().bearer(&held.refresh)).await.held_by_headers();
    assert_eq!(next.handle, held.handle);
}

#[tokio::test]
async fn odd_user_ids_are_taken_as_they_are() {
    let world = World::new().await;
    for user in ["", "ü 漢字 \u{1F600}", "a\"b\\c;,=\n"] {
        let held = world.send(login_as(user, "cookie")).await.held_by_cookies();
        world.send(get_("/me").access_cookie(&held.access)).await.assert(200, user);
    }
}

#[tokio::test]
async fn what_is_no_object_is_refused_before_anything_is_stored() {
    let world = World::new().await;
    let reply = world.send(post_("/login").json(&json!({ "user": "u", "payload": [1] }))).await;
    assert!(reply.status == 500 && reply.leaves_tokens());
    assert!(world.hallpass.sessions_of(&"u".into(), None).await.unwrap().is_empty());
}
