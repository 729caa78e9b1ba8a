//! Revocations and bans are felt at once, on every node, without asking the database.

use std::{sync::atomic::Ordering, time::Duration};

use axum::Router;
use hallpass::{Core, FeedLoss, SessionError, Why};
use tokio::time::{sleep, timeout};

use crate::world::*;

/// Asks another node until it answers with this status: its feed is a moment behind.
async fn until(app: &Router, held: &Held, status: u16) -> Reply {
    let asking = async {
        loop {
            let reply = ask(app, get_("/me").bearer(&held.access)).await;
            if reply.status == status {
                return reply.noted();
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(60), asking).await.expect("it was never felt")
}

#[tokio::test]
async fn a_revoked_session_is_over_at_once_here_and_a_moment_later_elsewhere() {
    let world = World::new().await;
    let (_other, elsewhere) = world.another_node(|builder| builder).await;
    let (held, kept) = (world.tokens("u").await, world.tokens("u").await);
    send(&elsewhere, get_("/me").bearer(&held.access)).await.assert(200, "u");
    world.hallpass.revoke(std::slice::from_ref(&held.handle), Why::default()).await.unwrap();
    let reply = world.send(get_("/me").bearer(&held.access)).await;
    reply.assert(401, TRY_REFRESH);
    assert!(reply.leaves_tokens(), "they may be those of another session by now");
    assert!(until(&elsewhere, &held, 401).await.leaves_tokens());
    let reply = send(&elsewhere, refresh().bearer(&held.refresh)).await;
    reply.assert(401, UNAUTHORISED);
    assert!(reply.clears_all());
    send(&elsewhere, get_("/me").bearer(&kept.access)).await.assert(200, "u");
}

#[tokio::test]
async fn a_theft_that_one_node_detects_ends_the_session_on_the_others() {
    let world = World::new().await;
    let (_other, elsewhere) = world.another_node(|builder| builder).await;
    let first = world.send(login_as("u", "header")).await.held_by_headers();
    let second = world.send(refresh().bearer(&first.refresh)).await.held_by_headers();
    let third = world.send(refresh().bearer(&second.refresh)).await.held_by_headers();
    send(&elsewhere, get_("/me").bearer(&third.access)).await.assert(200, "u");
    world.send(refresh().bearer(&first.refresh)).await.assert(401, THEFT);
    world.send(get_("/me").bearer(&third.access)).await.assert(401, TRY_REFRESH);
    until(&elsewhere, &third, 401).await;
}

#[tokio::test]
async fn a_banned_user_is_out_everywhere_and_back_as_soon_as_the_ban_is_lifted() {
    let world = World::new().await;
    let (_other, elsewhere) = world.another_node(|builder| builder).await;
    let (held, bystander) = (world.send(login_as("mallory", "header")).await.held_by_headers(), world.tokens("bob").await);
    send(&elsewhere, get_("/me").bearer(&held.access)).await.assert(200, "mallory");

    let banned = world.hallpass.ban("mallory").by("operator").because("spam").await.unwrap();
    assert_eq!(banned.revoked, std::slice::from_ref(&held.handle));
    world.send(get_("/me").bearer(&held.access)).await.assert(401, TRY_REFRESH);
    until(&elsewhere, &held, 401).await;
    let reply = send(&elsewhere, refresh().bearer(&held.refresh)).await;
    reply.assert(401, UNAUTHORISED);
    assert!(reply.clears_all());
    let reply = send(&elsewhere, login_as("mallory", "header")).await;
    reply.assert(403, r#"{"message":"User is banned"}"#);
    assert!(reply.leaves_tokens());
    send(&elsewhere, get_("/me").bearer(&bystander.access)).await.assert(200, "bob");
    let bans = world.hallpass.bans_of(&"mallory".into()).await.unwrap();
    assert_eq!((bans.len(), bans[0].by.as_deref(), bans[0].reason.as_deref()), (1, Some("operator"), Some("spam")));

    // in the very same millisecond
    assert!(world.hallpass.unban(&"mallory".into(), None, Why::default()).await.unwrap());
    assert!(world.hallpass.list_bans(None, 10).await.unwrap().is_empty());
    let again = world.send(login_as("mallory", "header")).await.held_by_headers();
    world.send(get_("/me").bearer(&again.access)).await.assert(200, "mallory");
    until(&elsewhere, &again, 200).await;
    world.send(get_("/me").bearer(&held.access)).await.assert(401, TRY_REFRESH);
}

#[tokio::test]
async fn a_ban_with_an_end_ends() {
    let world = World::new().await;
    let until = hallpass::Clock::now(&*world.clock) + Duration::from_secs(10);
    world.hallpass.ban("u").until(until).await.unwrap();
    let refused = world.hallpass.create_session("u").await.unwrap_err();
    assert!(matches!(refused, SessionError::Banned), "{refused:?}");
    world.clock.advance(Duration::from_secs(10));
    let held = world.tokens("u").await;
    world.send(get_("/me").bearer(&held.access)).await.assert(200, "u");
}

#[tokio::test]
async fn a_ban_in_one_tenant_is_none_in_another() {
    let world = World::new().await;
    let tenant: hallpass::TenantId = "t1".parse().unwrap();
    let here = world.tokens("u").await;
    let there = Held::of(&world.hallpass.create_session("u").tenant(tenant.clone()).await.unwrap());
    world.hallpass.ban("u").in_tenant(tenant).await.unwrap();
    world.send(get_("/me").bearer(&there.access)).await.assert(401, TRY_REFRESH);
    world.send(get_("/me").bearer(&here.access)).await.assert(200, "u");
}

#[tokio::test]
async fn nobody_can_be_banned_by_an_id_that_nobody_can_have() {
    let world = World::new().await;
    let refused = world.hallpass.ban("x".repeat(513)).await.unwrap_err();
    assert!(matches!(refused, SessionError::InvalidUser), "{refused:?}");
}

#[tokio::test]
async fn without_the_feed_tokens_count_until_they_expire_unless_that_is_too_long() {
    let world = World::new().await;
    let closed = FeedLoss::Closed { after: Duration::from_secs(60) };
    let (_open, open) = world.another_node(|builder| builder).await;
    let (_closed, closed) = world.another_node(|builder| builder.when_feed_is_lost(closed)).await;
    let held = world.tokens("u").await;
    world.lose_feed(3).await;
    for app in [&open, &closed] {
        send(app, get_("/me").bearer(&held.access)).await.assert(200, "u");
    }
    world.clock.advance(Duration::from_secs(61));
    send(&open, get_("/me").bearer(&held.access)).await.assert(200, "u");
    let reply = send(&closed, get_("/me").bearer(&held.access)).await;
    reply.assert(503, r#"{"message":"sessions are unavailable"}"#);
    assert!(reply.leaves_tokens());
    let begun = world.core.feeds_begun.load(Ordering::SeqCst);
    world.find_feed();
    until(&closed, &held, 200).await;
    assert!(world.core.feeds_begun.load(Ordering::SeqCst) > begun, "who asks for news only is silent until there are some");
}

#[tokio::test]
async fn changed_roles_are_noticed_by_the_next_demand_on_every_node() {
    let world = World::new().await;
    let (other, _elsewhere) = world.another_node(|builder| builder).await;
    world.hallpass.roles().put("editor", ["posts:write"]).await.unwrap();
    let held = world.tokens("u").await;
    let session = other.session_from_token(&held.access, None, &Default::default()).await.unwrap();
    assert!(session.assert_claims(&[hallpass::roles::has_role("editor")]).await.is_err());
    let _now = world.hallpass.roles().assign(&"u".into(), "editor").await.unwrap();
    let noticing = async {
        while session.assert_claims(&[hallpass::roles::has_role("editor")]).await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(60), noticing).await.expect("it was never noticed");
    let feed = world.core.home.engine.event_list(&hallpass::AppId::public(), &"u".into(), 10).await.unwrap();
    assert!(feed.iter().any(|event| event.kind.as_str() == "role.assigned"), "{feed:?}");
}

#[tokio::test]
async fn a_request_of_the_session_that_a_sign_in_replaces_takes_nothing_of_the_new_one_away() {
    let world = World::new().await;
    let old = world.send(login_as("u", "cookie")).await.held_by_cookies();
    let new = world.send(login_as("u", "cookie").access_cookie(&old.access)).await.held_by_cookies();
    let late = world.send(get_("/me").access_cookie(&old.access)).await;
    late.assert(401, TRY_REFRESH);
    assert!(late.leaves_tokens());
    world.send(get_("/me").access_cookie(&new.access)).await.assert(200, "u");
}
