//! `hallpass sessions`.

use std::fs;

use hallpass_engine::core::Refreshed;
use serde_json::json;

use crate::shop::{Shop, rows};

#[tokio::test]
async fn sessions_are_told_alike_from_the_file_and_through_the_server() {
    let shop = Shop::open().await;
    assert_eq!(shop.told(&["sessions", "list", "alice"]), ("alice has no session.\n".to_owned(), json!({ "sessions": [] })));
    let (first, second) = (shop.sign_in("alice", "public").await, shop.sign_in("alice", "t1").await);
    shop.sign_in("bob", "public").await;
    let (table, list) = shop.told(&["sessions", "list", "alice"]);
    let told: Vec<_> = rows(&table).into_iter().map(|row| row[..2].to_vec()).collect();
    let mut expected = [[first.handle.to_string(), "public".to_owned()], [second.handle.to_string(), "t1".to_owned()]];
    expected.sort_by_key(|[handle, _]| told.iter().position(|row| row[0] == *handle)); // both may be of one millisecond
    assert_eq!(told, expected);
    assert_eq!(list["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(rows(&shop.told(&["sessions", "list", "alice", "--tenant", "t1"]).0).len(), 1);

    let (text, one) = shop.told(&["sessions", "show", &second.handle.to_string()]);
    assert!(
        text.contains("user       alice\ntenant     t1\n") && text.contains("payload    {\"plan\":\"pro\"}\ndata       {\"cart\":[1,2]}\n"),
        "{text}"
    );
    assert!(list["sessions"].as_array().unwrap().contains(&one));
    assert_eq!((&one["userDataInJWT"], &one["userDataInDatabase"]), (&json!({ "plan": "pro" }), &json!({ "cart": [1, 2] })));
    for issued in [&first, &second] {
        for token in [&issued.access.token, &issued.refresh.token] {
            assert!(![&table, &text, &list.to_string()].iter().any(|said| said.contains(token.expose())));
        }
    }
}

#[tokio::test]
async fn the_named_sessions_end_and_the_others_go_on() {
    let shop = Shop::open().await;
    let sessions = [shop.sign_in("alice", "public").await, shop.sign_in("alice", "t1").await, shop.sign_in("alice", "public").await];
    let [first, second, third] = sessions.each_ref().map(|issued| issued.handle.to_string());
    assert_eq!(shop.in_file(&["sessions", "revoke", &first]).done(), format!("1 session ended.\n{first}\n"));
    let said = shop.through_server(&["sessions", "revoke", &first, &second]).done();
    assert_eq!(said, format!("1 session ended.\n{second}\n{first} was not there.\n"));
    for ended in &sessions[..2] {
        assert!(matches!(shop.refresh(&ended.refresh.token).await, Refreshed::Unauthorised(_)));
    }
    assert!(matches!(shop.refresh(&sessions[2].refresh.token).await, Refreshed::Issued(_)));
    assert_eq!(rows(&shop.told(&["sessions", "list", "alice"]).0)[0][0], third);
}

#[tokio::test]
async fn all_sessions_of_a_user_end_in_one_tenant_or_in_all() {
    let shop = Shop::open().await;
    let here = shop.sign_in("alice", "public").await;
    let there = [shop.sign_in("alice", "t1").await, shop.sign_in("alice", "t1").await];
    let revoked = shop.in_file(&["sessions", "revoke", "--user", "alice", "--tenant", "t1", "--json"]).json();
    assert_eq!(revoked["sessionHandlesRevoked"].as_array().unwrap().len(), there.len());
    let revoked = shop.through_server(&["sessions", "revoke", "--user", "alice", "--json"]).json();
    assert_eq!(revoked["sessionHandlesRevoked"], json!([here.handle.to_string()]));
    // that there is none is what was wanted
    assert_eq!(shop.told(&["sessions", "revoke", "--user", "alice"]).0, "0 sessions ended.\n");
}

#[tokio::test]
async fn a_single_session_that_is_not_there_is_missed() {
    let shop = Shop::open().await;
    for handle in ["0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b-d9cb-469f-a165-70867728950e_t1"] {
        for action in ["show", "revoke"] {
            let why = shop.refused(&["sessions", action, handle], 3);
            assert!(why.starts_with(&format!("there is no session {handle}: it has ended, or never was")), "{why}");
        }
    }
}

#[tokio::test]
async fn nobody_needs_the_master_key_to_end_sessions() {
    let shop = Shop::open().await;
    let session = shop.sign_in("mallory", "public").await;
    let key_file = shop.file("app.db.key");
    fs::remove_file(&key_file).unwrap();
    assert!(shop.in_file(&["sessions", "list", "mallory"]).done().contains(&session.handle.to_string()));
    assert!(shop.in_file(&["bans", "add", "mallory"]).done().ends_with("1 session ended.\n"));
    assert!(!key_file.exists(), "none is made, either");
}
