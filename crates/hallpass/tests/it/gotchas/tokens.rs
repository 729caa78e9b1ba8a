//! What tokens say, how long they count, and what the app can change.

use std::{collections::BTreeMap, sync::atomic::Ordering, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hallpass::{Algorithm, AntiCsrf, Clock, KeyFamily, Promotion, VerifyOptions};
use hallpass_engine::engine::Config;
use serde_json::{Value, json};

use super::super::client::CLIENTS;
use crate::world::*;

/// One of the two parts of a token that can be read.
fn part(token: &str, number: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn gotcha_2_an_access_token_has_ten_claims_of_which_two_are_null_and_nothing_else() {
    let ten = ["sub", "exp", "iat", "sessionHandle", "refreshTokenHash1", "parentRefreshTokenHash1", "antiCsrfToken", "tId", "rsub", "iss"];
    for (setting, client) in [AntiCsrf::None, AntiCsrf::Token].into_iter().flat_map(|setting| CLIENTS.map(|client| (setting, client))) {
        let world = World::with(app_info(), |builder| builder.anti_csrf(setting)).await;
        let held = client.sign_in(&world).await;
        let claims = part(&held.access, 1);
        let names: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ten);
        assert_eq!(claims["parentRefreshTokenHash1"], Value::Null);
        assert_eq!(claims["antiCsrfToken"].as_str(), held.anti_csrf.as_deref());
        assert_eq!(held.anti_csrf.is_some(), setting == AntiCsrf::Token && client.uses_cookies());
        assert_eq!(claims, front(&held.front)["up"]);
    }
}

/// A JWT of the app that says what an access token says, with one claim changed.
async fn hand_made(world: &World, held: &Held, family: KeyFamily, name: &str, value: Option<Value>) -> String {
    let mut claims = part(&held.access, 1);
    match value {
        Some(value) => claims[name] = value,
        None => drop(claims.as_object_mut().unwrap().remove(name)),
    }
    let jwt = world.hallpass.create_jwt(claims, Duration::from_secs(60)).key_family(family).algorithm(Algorithm::Es256).await.unwrap();
    jwt.expose().to_owned()
}

#[tokio::test]
async fn gotcha_16_a_parent_that_is_null_missing_or_no_text_is_none_so_the_core_is_not_asked() {
    let world = World::with(app_info(), |builder| builder.promotion(Promotion::Reference)).await;
    let held = world.tokens("u").await;
    let mut tokens = vec![held.access.clone()];
    for value in [Some(Value::Null), None, Some(json!(5)), Some(json!({}))] {
        tokens.push(hand_made(&world, &held, KeyFamily::Dynamic, "parentRefreshTokenHash1", value).await);
    }
    for token in &tokens {
        for call in [get_("/me").bearer(token), get_("/me").access_cookie(token)] {
            assert!(world.send(call).await.assert(200, "u").leaves_tokens());
        }
    }
    assert_eq!(world.core.checks.load(Ordering::SeqCst), 0);
    // with a parent it is asked
    let next = world.send(refresh().bearer(&held.refresh)).await.held_by_headers();
    world.send(get_("/me").bearer(&next.access)).await.assert(200, "u");
    assert_eq!(world.core.checks.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn gotcha_17_a_token_counts_to_the_last_millisecond_and_not_one_longer() {
    let config = Config { access_token_validity: Duration::from_secs(2), access_token_jitter: 0.0, ..Config::default() };
    let world = World::over(config, app_info(), |builder| builder).await;
    let held = world.tokens("u").await;
    let calls = || [get_("/me").bearer(&held.access), get_("/maybe").bearer(&held.access), get_("/me").access_cookie(&held.access)];
    world.clock.advance(Duration::from_millis(1999));
    for call in calls() {
        world.send(call).await.assert(200, "u");
    }
    world.clock.advance(Duration::from_millis(1));
    for call in calls() {
        world.send(call).await.assert(401, TRY_REFRESH);
    }
}

#[tokio::test]
async fn gotcha_18_the_version_is_a_text_and_without_it_a_token_is_of_the_third() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let (header, rest) = held.access.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!(header["version"], "5");
    let with = |version: Value| {
        let mut header = header.clone();
        header["version"] = version;
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
    };
    // changed, they do not hold; but some are not even ours
    for (version, answer) in [
        (json!(5), UNAUTHORISED),
        (json!("two"), UNAUTHORISED),
        (json!("2"), UNAUTHORISED),
        (json!("4"), TRY_REFRESH),
        (json!("6"), TRY_REFRESH),
    ] {
        let reply = world.send(get_("/me").bearer(&with(version.clone()))).await;
        assert!(reply.says(401, answer) && reply.leaves_tokens(), "{version}: {reply:?}");
    }
    // the third knows no tenant, and no user of the login method
    let third = hand_made(&world, &held, KeyFamily::Dynamic, "rsub", None).await;
    assert_eq!(part(&third, 0).get("version"), None);
    let session = world.hallpass.session_from_token(&third, None, &VerifyOptions::default()).await.unwrap();
    assert_eq!((session.recipe_user_id().as_str(), session.tenant().as_str()), ("u", "public"));
}

#[tokio::test]
async fn gotcha_18_the_beginning_of_a_key_s_name_tells_its_family() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    for (family, beginning, status) in [(KeyFamily::Dynamic, "d-", 200), (KeyFamily::Static, "s-", 401)] {
        let token = hand_made(&world, &held, family, "antiCsrfToken", Some(Value::Null)).await;
        assert!(part(&token, 0)["kid"].as_str().unwrap().starts_with(beginning));
        let reply = world.send(get_("/me").bearer(&token)).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (status, if status == 200 { "u" } else { TRY_REFRESH }));
    }
}

#[tokio::test]
async fn gotcha_31_a_merge_is_shallow_and_null_deletes_only_what_it_names_at_the_top() {
    let world = World::new().await;
    let payload = json!({ "kept": null, "deep": { "x": 1 }, "gone": 1 });
    let update = json!({ "deep": { "y": null }, "gone": null, "never": null });
    let merged = json!({ "kept": null, "deep": { "y": null }, "iss": "http://localhost:3000/auth" });
    let login = || post_("/login").json(&json!({ "user": "u", "payload": payload }));
    let stored = async |held: &Held| json!(world.hallpass.session_info(&held.handle).await.unwrap().unwrap().payload);

    let by_object = world.send(login()).await.held_by_headers();
    let reply = world.send(post_("/merge").bearer(&by_object.access).json(&update)).await;
    assert_eq!(serde_json::from_str::<Value>(&reply.body).unwrap(), merged);
    assert_eq!(front(reply.header("front-token").unwrap())["up"]["deep"], merged["deep"]);
    assert_eq!(stored(&by_object).await, merged);

    let by_handle = world.send(login()).await.held_by_headers();
    assert!(world.hallpass.merge_into_payload_of(&by_handle.handle, update).await.unwrap());
    assert_eq!(stored(&by_handle).await, merged);
}

#[tokio::test]
async fn gotcha_45_without_a_request_a_session_gets_an_anti_csrf_token_unless_it_is_waived() {
    for (setting, expected) in
        [(Some(AntiCsrf::Token), true), (Some(AntiCsrf::CustomHeader), false), (Some(AntiCsrf::None), false), (None, false)]
    {
        let world = World::with(app_info(), |builder| match setting {
            Some(setting) => builder.anti_csrf(setting),
            None => builder,
        })
        .await;
        let session = world.hallpass.create_session("u").await.unwrap();
        assert_eq!(session.tokens().anti_csrf.is_some(), expected, "{setting:?}");
        let waived = world.hallpass.create_session("u").without_anti_csrf().await.unwrap();
        assert!(waived.tokens().anti_csrf.is_none(), "{setting:?}");
    }
}

#[tokio::test]
async fn gotcha_48_the_front_token_tells_the_expiry_in_whole_seconds_however_odd_the_moment() {
    for offset in [0, 1, 499, 500, 999] {
        let world = World::new().await;
        world.clock.advance(Duration::from_millis(offset));
        let held = world.send(login_as("u", "header")).await.held_by_headers();
        let told = front(&held.front);
        assert_eq!(told["ate"].as_i64().unwrap(), part(&held.access, 1)["exp"].as_i64().unwrap() * 1000);
        let verified = world.hallpass.session_from_token(&held.access, None, &VerifyOptions::default()).await.unwrap();
        assert_eq!(Held::of(&verified).front, held.front);
        world.clock.set(hallpass::Timestamp::from_millis(told["ate"].as_i64().unwrap() - 1));
        world.send(get_("/me").bearer(&held.access)).await.assert(200, "u");
        world.clock.advance(Duration::from_millis(1));
        world.send(get_("/me").bearer(&held.access)).await.assert(401, TRY_REFRESH);
    }
}

#[tokio::test]
async fn gotcha_54_lifetimes_differ_and_every_token_counts_for_as_long_as_its_front_token_says() {
    let config = Config { access_token_jitter: 0.5, ..Config::default() };
    let world = World::over(config, app_info(), |builder| builder).await;
    let begin = world.clock.now().as_millis();
    let mut all = BTreeMap::new();
    for _ in 0..8 {
        let login = world.send(login_as("u", "cookie")).await;
        assert!(login.set_cookie("sAccessToken").unwrap().contains("Expires=Fri, 01 Jan 2027 00:00:00 GMT"), "{login:?}");
        let held = login.held_by_cookies();
        all.insert(front(&held.front)["ate"].as_i64().unwrap(), held.access);
    }
    assert!(all.len() > 1, "they differ");
    for (until, token) in all {
        assert!((1_800_000..=3_600_000).contains(&(until - begin)), "{}", until - begin);
        world.clock.set(hallpass::Timestamp::from_millis(until - 1));
        world.send(get_("/me").access_cookie(&token)).await.assert(200, "u");
        world.clock.advance(Duration::from_millis(1));
        world.send(get_("/me").access_cookie(&token)).await.assert(401, TRY_REFRESH);
    }
}
