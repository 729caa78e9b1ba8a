//! What clients do at the same time, or in an order that nobody planned, for both ways of keeping tokens.

use std::time::Duration;

use hallpass_engine::engine::Config;
use serde_json::json;

use super::client::{CLIENTS, Client};
use crate::world::*;

/// The tokens of a response belong together, and are good.
async fn is_whole(world: &World, client: Client, reply: &Reply) -> Held {
    assert!(client.is_served(reply.assert(200, "{}")), "{client:?}: {reply:?}");
    let held = client.held(reply);
    world.send(client.call(get_("/me"), &held)).await.assert(200, "u");
    held
}

async fn is_theft(world: &World, client: Client, held: &Held) {
    assert!(world.send(client.refresh(held)).await.assert(401, THEFT).clears_all(), "{client:?}");
}

async fn is_over(world: &World, client: Client, held: &Held) {
    assert!(world.send(client.refresh(held)).await.assert(401, UNAUTHORISED).clears_all(), "{client:?}");
}

async fn merged(world: &World, client: Client, held: &Held) -> Reply {
    let reply = world.send(client.call(post_("/merge"), held).json(&json!({ "a": 1 }))).await;
    assert_eq!(reply.status, 200);
    reply
}

/// Races of refreshes against an app at the end of some wire.
pub(crate) async fn tabs(through: impl Fn(World) -> World) {
    for client in CLIENTS {
        let world = through(World::new().await);
        let first = client.sign_in(&world).await;
        let (one, other) = tokio::join!(world.send(client.refresh(&first)), world.send(client.refresh(&first)));
        let (one, other) = (is_whole(&world, client, &one).await, is_whole(&world, client, &other).await);
        assert_eq!(one.refresh, other.refresh, "both tabs go on with the same token");
        let next = is_whole(&world, client, &world.send(client.refresh(&one)).await).await;
        is_whole(&world, client, &world.send(client.refresh(&next)).await).await;
    }
}

#[tokio::test]
async fn two_tabs_that_refresh_at_once_converge() {
    tabs(|world| world).await;
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_succeeds_again_however_late() {
    for client in CLIENTS {
        for late in [1, 60, 30 * 24 * 3600] {
            let world = World::new().await;
            let first = client.sign_in(&world).await;
            let lost = client.held(&world.send(client.refresh(&first)).await);
            world.clock.advance(Duration::from_secs(late));
            let again = is_whole(&world, client, &world.send(client.refresh(&first)).await).await;
            assert_eq!(again.refresh == lost.refresh, late < 10, "{late}");
        }
    }
}

#[tokio::test]
async fn the_access_token_of_the_child_that_lost_counts_until_it_expires_and_its_refresh_token_is_a_thief_s() {
    for client in CLIENTS {
        let world = World::new().await;
        let first = client.sign_in(&world).await;
        let lost = client.held(&world.send(client.refresh(&first)).await);
        world.clock.advance(Duration::from_secs(60));
        let live = is_whole(&world, client, &world.send(client.refresh(&first)).await).await;
        world.send(client.call(get_("/me"), &lost)).await.assert(200, "u");
        is_theft(&world, client, &lost).await;
        is_over(&world, client, &live).await;
    }
}

#[tokio::test]
async fn a_request_under_way_while_another_tab_refreshes_is_answered() {
    for client in CLIENTS {
        let world = World::new().await;
        let first = client.sign_in(&world).await;
        let next = is_whole(&world, client, &world.send(client.refresh(&first)).await).await;
        let late = world.send(client.call(get_("/me"), &first)).await;
        assert!(late.assert(200, "u").leaves_tokens());
        world.clock.advance(Duration::from_secs(3599));
        world.send(client.call(get_("/me"), &first)).await.assert(200, "u");
        world.send(client.call(get_("/me"), &next)).await.assert(200, "u");
    }
}

#[tokio::test]
async fn a_sign_out_after_a_refresh_takes_its_tokens_with_it_in_whatever_order_they_arrive() {
    for client in CLIENTS {
        let world = World::new().await;
        let first = client.sign_in(&world).await;
        let renewed = world.send(client.refresh(&first)).await;
        let signed_out = world.send(client.call(post_("/auth/signout"), &first)).await;
        signed_out.assert(200, r#"{"status":"OK"}"#);
        assert_eq!(signed_out.header("front-token"), Some("remove"));
        // the answer to the refresh comes last, and whole
        assert!(client.is_served(renewed.assert(200, "{}")));
        let held = client.held(&renewed);
        assert!(world.send(client.call(get_("/me"), &held)).await.assert(401, TRY_REFRESH).leaves_tokens());
        is_over(&world, client, &held).await;
    }
}

#[tokio::test]
async fn a_refresh_after_a_sign_out_is_refused_and_takes_everything_away() {
    for client in CLIENTS {
        let world = World::new().await;
        let first = client.sign_in(&world).await;
        world.send(client.call(post_("/auth/signout"), &first)).await.assert(200, r#"{"status":"OK"}"#);
        is_over(&world, client, &first).await;
    }
}

#[tokio::test]
async fn a_merge_beside_a_refresh_is_kept_and_its_token_expires_when_the_old_one_would_have() {
    for client in CLIENTS {
        let world = World::new().await;
        let first = client.sign_in(&world).await;
        world.clock.advance(Duration::from_secs(60));
        let next = is_whole(&world, client, &world.send(client.refresh(&first)).await).await;
        let told = front(merged(&world, client, &first).await.header("front-token").unwrap());
        assert_eq!((&told["ate"], &told["up"]["a"]), (&front(&first.front)["ate"], &json!(1)));
        let third = is_whole(&world, client, &world.send(client.refresh(&next)).await).await;
        assert_eq!(front(&third.front)["up"]["a"], 1);
    }
}

#[tokio::test]
async fn a_merge_right_after_a_refresh_leaves_one_access_token_and_one_refresh_token() {
    for client in CLIENTS {
        let world = World::new().await;
        let first = client.sign_in(&world).await;
        let next = is_whole(&world, client, &world.send(client.refresh(&first)).await).await;
        let reply = merged(&world, client, &next).await;
        let names =
            |reply: &Reply| [reply.all("set-cookie").len(), reply.all("st-access-token").len(), reply.all("st-refresh-token").len()];
        assert_eq!(names(&reply), if client.uses_cookies() { [1, 0, 0] } else { [0, 1, 0] });
        is_whole(&world, client, &world.send(client.refresh(&next)).await).await;
    }
}

#[tokio::test]
async fn a_call_without_tokens_beside_a_sign_in_takes_nothing_of_it_away() {
    for client in CLIENTS {
        let world = World::new().await;
        let (login, stranger) = tokio::join!(world.send(client.login("u")), world.send(get_("/me")));
        assert!(client.is_served(&login));
        assert!(stranger.assert(401, UNAUTHORISED).leaves_tokens());
    }
}

#[tokio::test]
async fn a_session_that_is_revoked_where_nobody_hears_of_it_ends_with_its_access_token() {
    for client in CLIENTS {
        let world = World::new().await;
        let held = client.sign_in(&world).await;
        world.revoke_unheard(&held.handle).await;
        world.send(client.call(get_("/me"), &held)).await.assert(200, "u");
        world.expire_access_tokens();
        world.send(client.call(get_("/me"), &held)).await.assert(401, TRY_REFRESH);
        is_over(&world, client, &held).await;
    }
}

#[tokio::test]
async fn a_new_signing_key_is_known_at_once_and_the_old_one_still_counts() {
    for client in CLIENTS {
        let config = Config { key_interval: Duration::from_secs(1800), access_token_jitter: 0.0, ..Config::default() };
        let world = World::over(config, app_info(), |builder| builder).await;
        let old = client.sign_in(&world).await;
        world.clock.advance(Duration::from_secs(1900));
        let new = is_whole(&world, client, &world.send(client.refresh(&old)).await).await;
        let kid = |held: &Held| held.access.split('.').next().unwrap().to_owned();
        assert_ne!(kid(&old), kid(&new), "another key signed it");
        world.send(client.call(get_("/me"), &old)).await.assert(200, "u");
    }
}
