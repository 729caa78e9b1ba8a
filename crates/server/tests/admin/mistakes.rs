//! What is wrong with a command is said in a sentence, and ends with an exit code.

use crate::shop::Shop;

const HANDLE: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

#[tokio::test]
async fn what_is_not_there_is_named() {
    let shop = Shop::open().await;
    for (arguments, why) in [
        (&["sessions", "list", "alice", "--app", "shop"][..], "there is no app shop: check --app"),
        (&["bans", "add", "alice", "--tenant", "t2"], "the app public has no tenant t2: check how it is written"),
        (&["bans", "add", "alice", "--app", "blog", "--tenant", "t1"], "the app blog has no tenant t1: check how it is written"),
        (&["sessions", "list", "alice", "--tenant", "t2"], "the app public has no tenant t2: check how it is written"),
        (&["sessions", "revoke", "--user", "alice", "--tenant", "t2"], "the app public has no tenant t2: check how it is written"),
        (&["sessions", "show", &format!("{HANDLE}_t2")], "the app public has no tenant t2: check how it is written"),
        (&["roles", "list", "--user", "alice", "--tenant", "t2"], "the app public has no tenant t2: check how it is written"),
    ] {
        assert_eq!(shop.refused(arguments, 3), why);
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_said_with_the_remedy() {
    let shop = Shop::open().await;
    let nonsense =
        "a session handle is a UUID, followed by `_` and the tenant unless that is public: `hallpass sessions list USER` tells them";
    for (arguments, why) in [
        (&["sessions", "show", "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl"][..], nonsense),
        (&["sessions", "revoke", HANDLE, "alice"], nonsense),
        (&["sessions", "show", HANDLE, "--tenant", "t1"], &format!("the session {HANDLE} is in the tenant public, not in t1")),
        (&["bans", "add", "alice", "--until", "2020-01-01"], "--until lies in the past: such a ban is over already"),
        (&["roles", "create", " "], "the name of a role or permission is 1 to 255 characters without U+0000"),
        (&["roles", "assign", "alice", ""], "the name of a role or permission is 1 to 255 characters without U+0000"),
    ] {
        assert_eq!(shop.refused(arguments, 2), why);
    }
    let all = shop.in_file(&["bans", "list"]).done();
    assert_eq!(all, "Nobody is banned.\n");
}

#[tokio::test]
async fn the_command_line_itself_is_checked_first() {
    let shop = Shop::open().await;
    let long = "u".repeat(513);
    for (arguments, words) in [
        (&["bans", "add", "alice", "--for", "7"][..], "a number with its unit, such as 30m, 12h or 7d"),
        (&["bans", "add", "alice", "--for", "tomorrow"], "a number with its unit"),
        (&["bans", "add", "alice", "--until", "tomorrow"], "a moment is written 2026-12-01T00:00:00Z"),
        (&["bans", "add", "alice", "--for", "7d", "--until", "2126-01-01"], "cannot be used with"),
        (&["bans", "add", &long], "a user id has 512 bytes at most"),
        (&["bans", "list", "--app", "Shop"], "an app or tenant id is 1 to 64 characters"),
        (&["bans", "list", "--tenant", ""], "an app or tenant id is 1 to 64 characters"),
        (&["sessions", "revoke"], "<HANDLE>"),
        (&["sessions", "revoke", HANDLE, "--user", "alice"], "cannot be used with"),
        (&["roles", "allow", "admin"], "<PERMISSION>"),
        (&["events", "alice", "--limit", "0"], "1..=1000"),
        (&["bans"], "Usage: hallpass bans"),
    ] {
        for said in [shop.in_file(arguments), shop.through_server(arguments)] {
            assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
            assert!(said.err.contains(words), "{said:?}");
        }
    }
}
