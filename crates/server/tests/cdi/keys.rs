//! Signing keys: when they come, sign, verify and go. All of it as a caller sees it, who moves the clock.

use std::time::Duration;

use axum::http::{Method, header::CACHE_CONTROL};
use hallpass_engine::keys::Algorithm;
use hallpass_server::app_settings::AppSettings;
use serde_json::json;

use crate::{
    caller::{Caller, access, claims, handle, kid, ok, refresh, text},
    world::World,
};

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);
const MOMENT: Duration = Duration::from_millis(1);

/// The age at which keys are replaced by default, and the one at which their successors are published.
const INTERVAL: Duration = Duration::from_secs(168 * 3600);
const START: i64 = 1_767_225_600_000;

async fn with_interval(interval: Duration) -> World {
    let mut settings = AppSettings::default();
    settings.algorithm = Algorithm::Es256;
    settings.key_interval = interval;
    World::with_settings(settings).await
}

async fn max_age(world: &World) -> String {
    let answer = world.send(Method::GET, "/.well-known/jwks.json", &[], "").await;
    answer.headers[CACHE_CONTROL].to_str().unwrap().to_owned()
}

async fn dynamic(caller: &Caller<'_>) -> Vec<String> {
    caller.kids().await.into_iter().filter(|kid| kid.starts_with("d-")).collect()
}

#[tokio::test]
async fn their_names_tell_their_family_and_the_moment_of_dynamic_ones() {
    let world = World::new().await;
    let kids = Caller::new(&world, "5.4").kids().await;
    assert_eq!(kids.len(), 2);
    assert_eq!(kids[0], format!("d-{START}"));
    let uuid = kids[1].strip_prefix("s-").unwrap();
    let groups: Vec<_> = uuid.split('-').map(str::len).collect();
    assert_eq!((groups, &uuid[14..15]), (vec![8, 4, 4, 4, 12], "4"), "{uuid}");
}

#[tokio::test]
async fn reading_the_published_keys_makes_the_next_one_a_minute_ahead() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let first = dynamic(&caller).await;
    world.clock.advance(INTERVAL - MINUTE);
    assert_eq!(dynamic(&caller).await, first);
    world.clock.advance(MOMENT);
    let both = dynamic(&caller).await;
    assert_eq!((both.len(), &both[1]), (2, &first[0]), "newest first: {both:?}");
    let made = START + 168 * 3_600_000 - 60_000 + 1;
    assert_eq!(both[0], format!("d-{made}"));
    let statics = caller.kids().await.split_off(2);
    assert_eq!(statics.len(), 1, "which stay");
}

#[tokio::test]
async fn a_new_key_signs_a_minute_after_it_was_published_and_the_old_one_no_longer() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let signer = async || kid(access(&caller.create("alice", json!({})).await));
    let old = signer().await;
    world.clock.advance(INTERVAL - MINUTE + MOMENT);
    let both = dynamic(&caller).await;
    assert_eq!((both.len(), &signer().await), (2, &old));
    world.clock.advance(MINUTE - MOMENT - MOMENT);
    assert_eq!(signer().await, old);
    world.clock.advance(MOMENT);
    assert_eq!(signer().await, both[0], "no key signs at the age of the interval");
    assert_eq!(dynamic(&caller).await, both);
}

#[tokio::test]
async fn an_old_key_verifies_for_two_lives_of_an_access_token_beyond_its_interval() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let first = dynamic(&caller).await;
    world.clock.advance(INTERVAL + HOUR * 2);
    let both = dynamic(&caller).await;
    assert_eq!((both.len(), &both[1]), (2, &first[0]));
    // what is read again every few seconds may be known a few seconds longer
    world.clock.advance(Duration::from_secs(5));
    assert_eq!(dynamic(&caller).await, both[..1]);
}

#[tokio::test]
async fn a_token_that_was_signed_last_holds_for_its_whole_life() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    dynamic(&caller).await;
    world.clock.advance(INTERVAL - MOMENT);
    let created = caller.create("alice", json!({})).await;
    world.clock.advance(HOUR * 9 / 10);
    ok(caller.verify(access(&created)).await);
    caller.verified_by_jwks(access(&created)).await;
    assert_ne!(kid(access(&caller.create("alice", json!({})).await)), kid(access(&created)));
}

#[tokio::test]
async fn how_long_they_may_be_cached_is_told_to_the_second() {
    let world = World::new().await;
    assert_eq!(max_age(&world).await, "max-age=604740, must-revalidate");
    world.clock.advance(MOMENT);
    assert_eq!(max_age(&world).await, "max-age=604739, must-revalidate");
    world.clock.advance(INTERVAL - MINUTE - MOMENT * 1001);
    assert_eq!(max_age(&world).await, "max-age=1, must-revalidate");
    world.clock.advance(MOMENT * 1000);
    assert_eq!(max_age(&world).await, "max-age=1, must-revalidate", "never less");
    world.clock.advance(MOMENT);
    assert_eq!(max_age(&world).await, "max-age=604740, must-revalidate", "of the next key");
    // the older path of the same keys agrees
    let older = world.send(Method::GET, "/recipe/jwt/jwks", &[], "").await;
    assert_eq!(older.headers[CACHE_CONTROL], "max-age=604740, must-revalidate");
    assert_eq!(older.json()["status"], "OK");
}

#[tokio::test]
async fn short_intervals_overlap_by_a_fifth() {
    let world = with_interval(Duration::from_secs(5)).await;
    let caller = Caller::new(&world, "5.4");
    assert_eq!(max_age(&world).await, "max-age=4, must-revalidate");
    let first = dynamic(&caller).await;
    world.clock.advance(Duration::from_secs(4));
    assert_eq!(dynamic(&caller).await, first);
    world.clock.advance(MOMENT);
    let both = dynamic(&caller).await;
    assert_eq!(both.len(), 2);
    assert_eq!(kid(access(&caller.create("alice", json!({})).await)), first[0]);
    world.clock.advance(Duration::from_millis(999));
    assert_eq!(kid(access(&caller.create("alice", json!({})).await)), both[0]);
}

#[tokio::test]
async fn a_key_nobody_read_in_time_is_replaced_at_once() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({})).await;
    world.clock.advance(INTERVAL * 3);
    let child = caller.rotate(refresh(&created)).await;
    assert_eq!(dynamic(&caller).await, [kid(access(&child))]);
    assert_ne!(kid(access(&child)), kid(access(&created)));
}

#[tokio::test]
async fn static_keys_never_change() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    let created = caller.create("alice", json!({ "useDynamicSigningKey": false })).await;
    world.clock.advance(INTERVAL * 5);
    let later = caller.create("alice", json!({ "useDynamicSigningKey": false })).await;
    assert_eq!(kid(access(&created)), kid(access(&later)));
    let body = json!({ "payload": {}, "algorithm": "ES256", "jwksDomain": "x", "validity": 1 });
    let jwt = ok(caller.post("/recipe/jwt", body).await.json());
    assert_eq!(kid(&jwt["jwt"]), kid(access(&created)));
}

#[tokio::test]
async fn a_session_changes_its_family_of_keys_with_a_refresh() {
    let world = World::new().await;
    for version in ["3.1", "4.0", "5.4", "5.6"] {
        let caller = Caller::new(&world, version);
        let mut session = caller.create("alice", json!({})).await;
        for dynamic in [true, false, false, true] {
            session = ok(caller.try_refresh(refresh(&session), json!({ "useDynamicSigningKey": dynamic })).await.json());
            let prefix = if dynamic { "d-" } else { "s-" };
            assert!(kid(access(&session)).starts_with(prefix), "{version}");
            // and what is minted later follows
            ok(caller.set_payload(handle(&session), json!({ "dynamic": dynamic })).await);
            let regenerated = ok(caller.regenerate(access(&session), json!({})).await);
            assert!(kid(access(&regenerated)).starts_with(prefix), "{version}");
            if version != "5.6" {
                let verified = ok(caller.verify(access(&session)).await);
                assert!(kid(access(&verified)).starts_with(prefix), "{version}");
            }
        }
    }
    // where it may be left open, the session's stays
    let caller = Caller::new(&world, "4.0");
    let created = caller.create("alice", json!({ "useDynamicSigningKey": false })).await;
    let child = ok(caller.try_refresh(refresh(&created), json!({ "useDynamicSigningKey": null })).await.json());
    assert!(kid(access(&child)).starts_with("s-"));
}

#[tokio::test]
async fn each_app_has_its_own_keys_and_interval() {
    let world = World::new().await;
    let place = world.app("a1").await.version("5.4");
    let config = json!({ "appId": "a1", "coreConfig": { "access_token_dynamic_signing_key_update_interval": "2" } });
    world.put(&crate::world::Place::public(), "/recipe/multitenancy/app/v2", config).await.json();
    let (base, app) = (Caller::new(&world, "5.4"), Caller { world: &world, place });
    let (of_base, of_app) = (base.kids().await, app.kids().await);
    assert!(of_base[1] != of_app[1], "{of_app:?}");
    let created = app.create("alice", json!({})).await;
    assert_eq!(base.verify(access(&created)).await["status"], "TRY_REFRESH_TOKEN", "even if their names were the same");
    world.clock.advance(HOUR * 2);
    assert_eq!((dynamic(&base).await.len(), dynamic(&app).await.len()), (1, 2));
    assert_eq!(text(&app.create("alice", json!({})).await["status"]), "OK");
}

#[tokio::test]
async fn servers_over_one_database_publish_the_same_keys_and_make_one_at_a_time() {
    let mut settings = AppSettings::default();
    settings.algorithm = Algorithm::Es256;
    let first = World::with_settings(settings.clone()).await;
    let second = first.another(settings).await;
    let (one, other) = (Caller::new(&first, "5.4"), Caller::new(&second, "5.4"));
    assert_eq!(one.kids().await, other.kids().await);
    first.clock.advance(INTERVAL - MINUTE + MOMENT);
    let calls = (0..8).map(|number| if number % 2 == 0 { one.kids() } else { other.kids() });
    futures_util::future::join_all(calls).await;
    first.clock.advance(Duration::from_secs(5));
    let kids = one.kids().await;
    assert_eq!((kids.len(), &other.kids().await), (3, &kids));

    // a session goes on wherever its client is sent to
    let created = one.create("alice", json!({})).await;
    let child = other.rotate(refresh(&created)).await;
    assert_eq!(refresh(&one.rotate(refresh(&created)).await), refresh(&child));
    let verified = ok(one.verify(access(&child)).await);
    ok(other.check(access(&verified)).await);
}

#[tokio::test]
async fn a_key_that_is_not_known_yet_is_looked_up_at_once() {
    let mut settings = AppSettings::default();
    settings.algorithm = Algorithm::Es256;
    let first = World::with_settings(settings.clone()).await;
    let second = first.another(settings).await;
    let (one, other) = (Caller::new(&first, "5.4"), Caller::new(&second, "5.4"));
    let created = one.create("alice", json!({})).await;
    ok(other.verify(access(&created)).await);
    first.clock.advance(Duration::from_secs(1));
    let body = json!({ "payload": claims(access(&created)), "algorithm": "EdDSA", "jwksDomain": "x", "validity": 60 });
    let jwt = ok(one.post("/recipe/jwt", body).await.json())["jwt"].clone();
    ok(other.verify(&jwt).await);
    assert!(other.kids().await.contains(&kid(&jwt)));
}
