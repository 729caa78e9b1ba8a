//! What requests carry, and what becomes of them.

use hallpass::{AntiCsrf, AppInfo};

use crate::world::*;

#[tokio::test]
async fn gotcha_6_a_visitor_whose_token_has_expired_is_no_stranger() {
    let world = World::new().await;
    let held = world.tokens("u").await;
    let visits = || [get_("/maybe").bearer(&held.access), get_("/maybe").access_cookie(&held.access)];
    for visit in visits() {
        world.send(visit).await.assert(200, "u");
    }
    world.expire_access_tokens();
    for visit in visits() {
        assert!(world.send(visit).await.assert(401, TRY_REFRESH).leaves_tokens());
    }
    world.send(get_("/maybe")).await.assert(200, "nobody");
}

#[tokio::test]
async fn gotcha_21_a_missing_proof_costs_a_request_one_refresh_and_a_refresh_its_session_s_tokens() {
    for mode in [AntiCsrf::Token, AntiCsrf::CustomHeader] {
        let world = World::with(app_info(), |builder| builder.anti_csrf(mode)).await;
        let held = world.send(login_as("u", "cookie")).await.held_by_cookies();
        let proven = |call: Call| match &held.anti_csrf {
            Some(token) => call.header("anti-csrf", token),
            None => call.header("rid", "anti-csrf"),
        };
        let change = || post_("/me").access_cookie(&held.access);
        let renew = || refresh().refresh_cookie(&held.refresh);
        assert!(world.send(change()).await.assert(401, TRY_REFRESH).leaves_tokens(), "{mode:?}");
        assert!(world.send(renew()).await.assert(401, UNAUTHORISED).clears_all(), "{mode:?}");
        // whoever holds the proof still has the session
        world.send(proven(change())).await.assert(200, "u");
        assert!(world.send(proven(renew())).await.assert(200, "{}").sets_cookies(), "{mode:?}");
    }
}

#[tokio::test]
async fn gotcha_24_names_that_begin_with_localhost_and_addresses_are_of_one_site() {
    let local = ["http://localhost:3000", "http://localhost.org", "http://127.0.0.1:9000", "http://10.0.0.7", "0.0.0.0:8080"];
    for api in local {
        for website in local {
            let world = World::with(AppInfo::new("demo").api(api).website(website), |builder| builder).await;
            let reply = world.send(login_as("u", "cookie")).await;
            assert!(reply.set_cookie("sAccessToken").unwrap().ends_with("; HttpOnly; SameSite=Lax"), "{api} {website}: {reply:?}");
            world.send(post_("/me").access_cookie(&reply.held_by_cookies().access)).await.assert(200, "u");
        }
    }
}
