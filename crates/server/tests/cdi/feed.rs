//! The feed, as a long poll: whoever has heard everything waits until there is news.

use serde_json::{Value, json};

use crate::{
    caller::{Caller, handle, text},
    world::{Place, World},
};

async fn feed(world: &World, place: &Place, after: &str) -> Value {
    world.get(place, "/hallpass/feed", &[("after", after)]).await.json()
}

async fn cursor(world: &World, place: &Place) -> String {
    let whole = world.get(place, "/hallpass/feed", &[]).await.json();
    assert_eq!(whole["isWhole"], true, "{whole}");
    text(&whole["cursor"]).to_owned()
}

async fn ban(world: &World, place: &Place, user: &str) {
    world.post(place, "/hallpass/ban", json!({ "userId": user })).await.json();
}

/// Whom a part of the feed says to be banned; it says nothing else.
fn banned(page: &Value) -> Vec<&str> {
    assert_eq!((&page["status"], &page["isWhole"]), (&json!("OK"), &json!(false)), "{page}");
    let entries = page["entries"].as_array().unwrap();
    let user = |entry| {
        let entry: &Value = entry;
        assert_eq!(entry["kind"], "user.banned", "{page}");
        text(&entry["userId"])
    };
    entries.iter().map(user).collect()
}

#[tokio::test]
async fn it_waits_through_the_news_of_others_for_its_own() {
    let world = World::with_key().await;
    let (shop, blog) = (world.app("shop").await, world.app("blog").await);
    let (of_shop, of_blog) = (cursor(&world, &shop).await, cursor(&world, &blog).await);
    let other = async {
        ban(&world, &blog, "bob").await;
        assert_eq!(banned(&feed(&world, &blog, &of_blog).await), ["bob"]);
        ban(&world, &shop, "alice").await;
    };
    // an answer that did not wait would have nothing to tell
    let (told, ()) = tokio::join!(feed(&world, &shop, &of_shop), other);
    assert_eq!(banned(&told), ["alice"]);
}

#[tokio::test]
async fn a_cursor_goes_on_where_it_was_given_and_nothing_is_told_twice() {
    let world = World::new().await;
    let place = Place::public();
    let mut after = cursor(&world, &place).await;
    for round in 0..20 {
        let user = format!("user {round}");
        let (told, ()) = tokio::join!(feed(&world, &place, &after), ban(&world, &place, &user));
        assert_eq!(banned(&told), [user]);
        after = text(&told["cursor"]).to_owned();
    }
}

#[tokio::test]
async fn it_tells_of_sessions_that_end_and_roles_that_change_too() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    caller.put("/recipe/role", json!({ "role": "admin", "permissions": ["all"] })).await.json();
    let created = caller.create("alice", json!({})).await;
    let after = cursor(&world, &caller.place).await;
    let (told, _) = tokio::join!(feed(&world, &caller.place, &after), caller.revoke(handle(&created)));
    let [entry] = &told["entries"].as_array().unwrap()[..] else { panic!("{told}") };
    assert_eq!((&entry["kind"], &entry["sessionHandle"]), (&json!("session.revoked"), handle(&created)));
    assert!(entry["until"].as_i64() > entry["time"].as_i64(), "{entry}");
    let given = caller.put("/recipe/user/role", json!({ "userId": "alice", "role": "admin" }));
    let (told, _) = tokio::join!(feed(&world, &caller.place, text(&told["cursor"])), given);
    let [entry] = &told["entries"].as_array().unwrap()[..] else { panic!("{told}") };
    assert_eq!((&entry["kind"], &entry["userId"], &entry["tenantId"]), (&json!("roles.changed"), &json!("alice"), &json!("public")));
}

#[tokio::test]
async fn it_tells_of_the_sessions_of_a_tenant_that_is_removed() {
    let world = World::new().await;
    let caller = Caller::new(&world, "5.4");
    world.tenant(&caller.place, "t1").await;
    caller.create("bob", json!({})).await;
    let leaving = caller.tenant("t1").create("alice", json!({})).await;
    let after = cursor(&world, &caller.place).await;
    let remove = caller.post("/recipe/multitenancy/tenant/remove", json!({ "tenantId": "t1" }));
    let (told, _) = tokio::join!(feed(&world, &caller.place, &after), remove);
    let [entry] = &told["entries"].as_array().unwrap()[..] else { panic!("{told}") };
    assert_eq!((&entry["kind"], &entry["sessionHandle"]), (&json!("session.revoked"), handle(&leaving)));
    let events = world.get(&caller.place, "/hallpass/event/list", &[("userId", "alice")]).await.json();
    assert_eq!(events["events"][0]["reason"], "the tenant was removed");
}

#[tokio::test]
async fn a_cursor_that_means_nothing_here_is_answered_with_everything_that_counts() {
    let world = World::new().await;
    let place = Place::public();
    ban(&world, &place, "mallory").await;
    for odd in ["", "x", ".", "0123456789abcdef.1", "18446744073709551616", "ä\u{0} &?/", &"9".repeat(5000)] {
        let whole = feed(&world, &place, odd).await;
        assert_eq!(whole["isWhole"], true, "{odd}: {whole}");
        assert_eq!(whole["entries"][0]["userId"], "mallory", "{odd}: {whole}");
    }
}
