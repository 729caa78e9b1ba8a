//! `hallpass bans`.

use std::time::Duration;

use hallpass::{AppId, Core, Timestamp, Why};
use hallpass_engine::{
    core::{BanCore, FeedCore, Refreshed, Refusal},
    engine::Config,
    feed::Change,
};
use serde_json::json;

use crate::shop::{Shop, rows};

#[tokio::test]
async fn a_ban_is_felt_by_whoever_has_the_file_open() {
    let shop = Shop::open().await;
    let (mallory, alice) = (shop.sign_in("mallory", "public").await, shop.sign_in("alice", "public").await);
    let said = shop.in_file(&["bans", "add", "mallory", "--reason", "spam"]).done();
    assert_eq!(said, "mallory is banned in all tenants for good; 1 session ended.\n");
    let refused = shop.refresh(&mallory.refresh.token).await;
    assert!(matches!(refused, Refreshed::Unauthorised(Refusal::NoSession)), "{refused:?}");
    assert!(matches!(shop.refresh(&alice.refresh.token).await, Refreshed::Issued(_)));
    let bans = shop.engine.bans_of(&AppId::public(), &"mallory".into()).await.unwrap();
    assert_eq!((bans[0].by.as_deref(), bans[0].reason.as_deref()), (Some("olga"), Some("spam")));
}

#[tokio::test]
async fn a_ban_through_the_server_is_felt_as_well() {
    let shop = Shop::open().await;
    let mallory = shop.sign_in("mallory", "t1").await;
    let said = shop.through_server(&["bans", "add", "mallory", "--tenant", "t1", "--by", "support", "--json"]).json();
    assert_eq!(said["sessionHandlesRevoked"], json!([mallory.handle.to_string()]));
    assert_eq!((&said["ban"]["by"], &said["ban"]["tenantId"]), (&json!("support"), &json!("t1")));
    assert!(matches!(shop.refresh(&mallory.refresh.token).await, Refreshed::Unauthorised(_)));
}

#[tokio::test]
async fn bans_are_told_alike_from_the_file_and_through_the_server() {
    let shop = Shop::open().await;
    assert_eq!(shop.told(&["bans", "list"]), ("Nobody is banned.\n".to_owned(), json!({ "bans": [] })));
    assert_eq!(shop.told(&["bans", "list", "zoë"]).0, "zoë is not banned.\n");
    shop.in_file(&["bans", "add", "zoë", "--until", "2126-12-01T01:00:00+01:00", "--reason", "chargebacks, twice"]).done();
    shop.in_file(&["bans", "add", "bob", "--tenant", "t1", "--by", "support"]).done();
    let (table, json) = shop.told(&["bans", "list"]);
    assert!(table.starts_with("USER  TENANT  SINCE (UTC)          UNTIL (UTC)          BY       REASON\nbob   t1      20"), "{table}");
    let told = rows(&table);
    let without_time = |row: &[String]| [&row[..2], &row[3..]].concat().join("|");
    assert_eq!(without_time(&told[0]), "bob|t1|for good|support|-");
    assert_eq!(without_time(&told[1]), "zoë|all|2126-12-01 00:00:00|olga|chargebacks, twice");
    assert_eq!(json["bans"][1]["until"], 4_951_756_800_000_i64);
    assert_eq!(json["bans"].as_array().unwrap().len(), 2);
    assert_eq!(rows(&shop.told(&["bans", "list", "zoë"]).0).len(), 1);
    let (in_t1, in_public) = (["bans", "list", "--tenant", "t1"], ["bans", "list", "--tenant", "public"]);
    assert_eq!((rows(&shop.told(&in_t1).0).len(), rows(&shop.told(&in_public).0).len()), (2, 1));
    assert_eq!(shop.told(&["bans", "list", "--app", "blog"]).0, "Nobody is banned.\n", "that is another world");
}

#[tokio::test]
async fn a_ban_lasts_as_long_as_was_said_and_a_later_one_replaces_it() {
    let shop = Shop::open().await;
    let ban = shop.in_file(&["bans", "add", "mallory", "--for", "7d", "--json"]).json();
    let lasts = ban["ban"]["until"].as_i64().unwrap() - ban["ban"]["time"].as_i64().unwrap();
    let week = 7 * 86_400_000;
    assert!((week - 60_000..=week).contains(&lasts), "{lasts} ms, from a moment before the ban was made");
    let ban = shop.in_file(&["bans", "add", "mallory", "--until", "2126-12-01", "--json"]).json();
    assert_eq!(ban["ban"]["until"], 4_951_756_800_000_i64);
    assert_eq!(shop.told(&["bans", "list", "mallory"]).1["bans"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_ban_is_lifted_where_it_is_and_nowhere_else() {
    let shop = Shop::open().await;
    shop.in_file(&["bans", "add", "mallory", "--tenant", "t1"]).done();
    let why = shop.refused(&["bans", "remove", "mallory"], 3);
    assert_eq!(why, "there is no ban of mallory in all tenants; there is one in the tenant t1: to lift that, ask with --tenant t1");
    let said = shop.in_file(&["bans", "remove", "mallory", "--tenant", "t1", "--reason", "appealed"]).done();
    assert_eq!(said, "The ban of mallory in the tenant t1 is lifted.\n");
    shop.sign_in("mallory", "t1").await;
    shop.in_file(&["bans", "add", "mallory"]).done();
    assert_eq!(shop.through_server(&["bans", "remove", "mallory", "--json"]).json(), json!({ "wasBanned": true }));
    assert_eq!(shop.refused(&["bans", "remove", "mallory"], 3), "there is no ban of mallory in all tenants");
    let events = shop.engine.event_list(&AppId::public(), &"mallory".into(), 10).await.unwrap();
    assert!(events.iter().any(|event| event.kind.as_str() == "user.unbanned" && event.reason.as_deref() == Some("appealed")));
}

#[tokio::test]
async fn verifiers_hear_of_it_for_as_long_as_their_access_tokens_may_live() {
    let (week, never) = (Duration::from_secs(7 * 86_400), Timestamp::from_millis(0));
    let shop = Shop::open_with(Config { access_token_validity: week, ..Config::default() }).await;
    let session = shop.sign_in("mallory", "public").await;
    shop.in_file(&["bans", "add", "mallory"]).done();
    let heard = async || shop.engine.feed(&AppId::public(), None).await.unwrap().entries;
    let until = |entries: &[hallpass_engine::feed::Entry], change: Change| {
        entries.iter().find(|entry| entry.change == change).map_or(never, |entry| entry.until)
    };
    let banned = Change::Banned { user: "mallory".into(), tenant: None };
    for change in [banned, Change::Revoked(session.handle)] {
        assert!(until(&heard().await, change.clone()) >= session.access.expires_at, "{change:?}");
    }
    // the app itself knows more exactly how long its tokens live: its word is the latest, and ends the ban for all who listen
    assert!(shop.engine.unban(&AppId::public(), &"mallory".into(), None, Why::default()).await.unwrap());
    let last = heard().await.into_iter().rfind(|entry| !matches!(entry.change, Change::Revoked(_))).unwrap();
    assert_eq!(last.change, Change::Unbanned { user: "mallory".into(), tenant: None });
}
