//! `hallpass events`.

use hallpass_engine::core::Refreshed;

use crate::shop::{Shop, rows};

#[tokio::test]
async fn why_somebody_was_logged_out_is_told_alike_either_way() {
    let shop = Shop::open().await;
    assert_eq!(shop.told(&["events", "alice"]).0, "Nothing is kept about alice.\n");
    let stolen = shop.sign_in("alice", "t1").await;
    let Refreshed::Issued(next) = shop.refresh(&stolen.refresh.token).await else { panic!("it was current") };
    assert!(matches!(shop.refresh(&next.refresh.token).await, Refreshed::Issued(_)));
    assert!(matches!(shop.refresh(&stolen.refresh.token).await, Refreshed::Reuse { .. }));
    let other = shop.sign_in("alice", "public").await;
    shop.in_file(&["sessions", "revoke", &other.handle.to_string(), "--reason", "a lost phone"]).done();

    let (table, json) = shop.told(&["events", "alice"]);
    assert!(table.starts_with("TIME (UTC)           EVENT            SESSION  "), "{table}");
    let handle = other.handle.to_string();
    assert_eq!(rows(&table)[0][1..], ["session.revoked", &handle, "public", "olga", "a lost phone"]);
    let kinds: Vec<_> = json["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "refresh.reuse").count(), 1, "{kinds:?}");
    assert_eq!(rows(&shop.told(&["events", "alice", "--limit", "1"]).0).len(), 1);
    let of_t1 = shop.told(&["events", "alice", "--tenant", "t1"]).0;
    assert!(!of_t1.contains("a lost phone") && of_t1.contains("refresh.reuse"), "{of_t1}");
}

#[tokio::test]
async fn what_clients_call_themselves_does_not_reach_the_terminal_as_it_is() {
    let shop = Shop::open().await;
    shop.in_file(&["bans", "add", "eve", "--reason", "\u{1b}[2Jnothing happened\r\n"]).done();
    let (table, json) = shop.told(&["events", "eve"]);
    assert!(table.contains("\\u{1b}[2Jnothing happened\\r\\n") && !table.contains('\u{1b}'), "{table:?}");
    assert_eq!(json["events"][0]["reason"], "\u{1b}[2Jnothing happened\r\n");
}
