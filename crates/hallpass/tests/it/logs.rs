//! No token, nor anything that a token can be told by, occurs in what is logged: every [`World`] watches that. Here it is
//! made to log what it can.

use serde_json::json;

use crate::world::{
    log_watch::{leaked, secrets},
    *,
};

#[tokio::test]
async fn no_token_and_no_hash_of_one_is_logged() {
    let mut world = World::with(app_info(), |builder| builder.anti_csrf(hallpass::AntiCsrf::Token)).await;
    let first = world.send(login_as("u", "cookie")).await.held_by_cookies();
    let token = |held: &Held| held.anti_csrf.clone().unwrap();
    let second = world.send(refresh().refresh_cookie(&first.refresh).header("anti-csrf", token(&first))).await.held_by_cookies();
    world.send(get_("/me").access_cookie(&second.access)).await.assert(200, "u");
    assert_eq!(world.confirmed().await, Ok(second.handle.clone()));
    let merge = post_("/merge").access_cookie(&second.access).header("anti-csrf", token(&second));
    assert_eq!(world.send(merge.clone().json(&json!({ "a": 1 }))).await.status, 200);
    assert_eq!(world.send(merge.json(&json!({ "sub": "x" }))).await.status, 400);
    let refused = [
        post_("/me").access_cookie(&second.access),
        get_("/me").access_cookie(&second.access).access_cookie(&first.access),
        get_("/me").bearer(&format!("{}A", second.access)),
        get_("/admin").access_cookie(&second.access),
        refresh().refresh_cookie(&second.refresh),
        refresh().refresh_cookie(&second.refresh).refresh_cookie(&first.refresh),
        refresh().bearer(&second.access),
        refresh().bearer(&format!("{}A", second.refresh)),
    ];
    for request in refused {
        assert!(world.send(request).await.status.as_u16() >= 400);
    }
    world.unplug(true);
    assert_eq!(world.send(get_("/me").access_cookie(&second.access)).await.status, 503);
    world.unplug(false);
    let session = world.hallpass.session_from_token(&second.access, Some(&token(&second)), &Default::default()).await.unwrap();
    tracing::info!(?session, tokens = ?session.tokens(), info = ?world.hallpass.session_info(&second.handle).await.unwrap());
    world.clock.advance(std::time::Duration::from_secs(3600));
    assert_eq!(world.send(get_("/me").access_cookie(&second.access)).await.status, 401);
    let third = world.send(refresh().refresh_cookie(&second.refresh).header("anti-csrf", token(&second))).await.held_by_cookies();
    world.send(refresh().refresh_cookie(&first.refresh).header("anti-csrf", token(&first))).await.assert(401, THEFT);

    let log = world.logs.log();
    for word in ["a used refresh token of session", "anti-CSRF token does not match", "unplugged", "multiple session cookies"] {
        assert!(log.contains(word), "the log misses `{word}`, so this test sees nothing:\n{log}");
    }
    for held in [&first, &second, &third] {
        for token in [&held.access, &held.refresh, &held.front] {
            assert_eq!(leaked(&log, &secrets(token)), None);
        }
    }
}

#[tokio::test]
async fn a_world_would_notice() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let hash = front(&held.front)["up"]["refreshTokenHash1"].as_str().unwrap().to_owned();
    let [claims, signature] = [1, 2].map(|part| held.access.split('.').nth(part).unwrap().to_owned());
    for (token, told) in
        [(&held.access, &claims), (&held.access, &signature), (&held.refresh, &held.refresh[4..].to_owned()), (&held.front, &hash)]
    {
        let log = format!("INFO all is well\nDEBUG refused: {told}!\nINFO all is well\n");
        assert_eq!(leaked(&log, &secrets(token)), Some(format!("DEBUG refused: {told}!")));
    }
}

#[tokio::test]
async fn cookies_that_browsers_may_drop_are_warned_of() {
    let world = World::new().await;
    let login =
        |size: usize| post_("/login").header("st-auth-mode", "cookie").json(&json!({ "user": "u", "payload": { "x": "y".repeat(size) } }));
    for (size, warned) in [(1000, false), (2700, true)] {
        let reply = world.send(login(size)).await;
        let cookie = reply.set_cookie("sAccessToken").unwrap().len();
        let front = reply.header("front-token").unwrap().len();
        let log = world.logs.log();
        for (words, bytes) in [("browsers may drop it", cookie), ("browsers may not keep its front token", front)] {
            let line = log.lines().find(|line| line.contains(words) && line.contains(&format!("bytes={bytes}")));
            assert_eq!(line.is_some(), warned, "{size} {words}");
        }
    }
}
