//! `hallpass roles`.

use hallpass::AppId;
use hallpass_engine::{core::RoleCore, id::Tenant};
use serde_json::json;

use crate::shop::Shop;

#[tokio::test]
async fn roles_are_made_and_changed_and_told_alike_either_way() {
    let shop = Shop::open().await;
    assert_eq!(shop.told(&["roles", "list"]), ("There is no role.\n".to_owned(), json!({ "roles": [] })));
    assert_eq!(
        shop.in_file(&["roles", "create", "editor", "posts:write", "posts:read"]).done(),
        "editor permits posts:read, posts:write.\n"
    );
    assert_eq!(shop.through_server(&["roles", "create", "admin"]).done(), "admin permits nothing.\n");
    assert_eq!(shop.told(&["roles", "create", "admin"]).0, "admin permits nothing. It was there already.\n");
    assert_eq!(shop.told(&["roles", "allow", "admin", "posts:delete", "posts:write"]).0, "admin permits posts:delete, posts:write.\n");
    assert_eq!(shop.told(&["roles", "disallow", "admin", "posts:write"]).0, "admin permits posts:delete.\n");
    let (table, json) = shop.told(&["roles", "list"]);
    assert_eq!(table, "ROLE    PERMISSIONS\nadmin   posts:delete\neditor  posts:read, posts:write\n");
    assert_eq!(json["roles"][1], json!({ "role": "editor", "permissions": ["posts:read", "posts:write"] }));
    assert_eq!(shop.told(&["roles", "list", "--permission", "posts:read"]).1["roles"].as_array().unwrap().len(), 1);
    assert_eq!(shop.told(&["roles", "list", "--permission", "fly"]).0, "No role permits fly.\n");
    assert_eq!(shop.in_file(&["roles", "delete", "editor"]).done(), "The role editor is gone, and nobody has it.\n");
    assert_eq!(shop.engine.role_list(&AppId::public()).await.unwrap(), ["admin"]);
}

#[tokio::test]
async fn roles_are_given_and_taken_in_one_tenant() {
    let shop = Shop::open().await;
    shop.in_file(&["roles", "create", "admin", "all"]).done();
    assert_eq!(shop.in_file(&["roles", "assign", "alice", "admin"]).done(), "alice has the role admin in the tenant public.\n");
    shop.through_server(&["roles", "assign", "bob", "admin", "--tenant", "t1"]).done();
    assert_eq!(shop.told(&["roles", "assign", "alice", "admin"]).0, "alice had the role admin in the tenant public before.\n");
    assert_eq!(shop.told(&["roles", "show", "admin"]).0, "admin permits all; 1 user in the tenant public\nalice\n");
    assert_eq!(shop.told(&["roles", "show", "admin", "--tenant", "t1"]).1["users"], json!(["bob"]));
    assert_eq!(shop.told(&["roles", "list", "--user", "alice"]).0, "ROLE   PERMISSIONS\nadmin  all\n");
    assert_eq!(shop.told(&["roles", "list", "--user", "bob"]).0, "bob has no role in the tenant public.\n");
    let said = shop.through_server(&["roles", "unassign", "alice", "admin"]).done();
    assert_eq!(said, "alice has the role admin no longer in the tenant public.\n");
    assert_eq!(shop.refused(&["roles", "unassign", "alice", "admin"], 3), "alice does not have the role admin in the tenant public");
    assert!(shop.engine.role_list_of_user(&Tenant::public(), &"alice".into()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_role_that_is_not_there_is_missed_and_not_made() {
    let shop = Shop::open().await;
    for arguments in [
        &["show", "admim"][..],
        &["delete", "admim"],
        &["allow", "admim", "all"],
        &["disallow", "admim", "all"],
        &["assign", "alice", "admim"],
        &["unassign", "alice", "admim"],
    ] {
        let why = shop.refused(&[&["roles"], arguments].concat(), 3);
        assert_eq!(why, "there is no role \"admim\": `hallpass roles list` tells which there are");
    }
    assert_eq!(shop.told(&["roles", "list"]).0, "There is no role.\n");
}
