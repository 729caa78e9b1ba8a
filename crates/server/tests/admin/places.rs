//! Where a command finds its database or server, and what lets it in.

use std::{fs, net::TcpListener};

use crate::shop::{API_KEY, Shop};

/// A command without anything that says where.
fn anywhere(shop: &Shop, variables: &[(&str, &str)], arguments: &[&str]) -> crate::shop::Said {
    let mut command = shop.command(&[&["bans", "list"], arguments].concat());
    command.envs(variables.iter().copied());
    shop.run(command)
}

#[tokio::test]
async fn beside_a_server_the_database_is_the_servers() {
    let shop = Shop::open().await;
    let why = anywhere(&shop, &[], &[]).refused(2);
    assert!(why.starts_with("where? Name a database by --database sqlite://FILE or HALLPASS_DATABASE, or"), "{why}");
    let listed = "Nobody is banned.\n";
    assert_eq!(anywhere(&shop, &[("HALLPASS_DATABASE", "sqlite://app.db")], &[]).done(), listed);
    fs::write(shop.file("hallpass.toml"), "database = \"sqlite://app.db\"\nmaster_key_file = \"/not/for/operators\"\n").unwrap();
    assert_eq!(anywhere(&shop, &[], &[]).done(), listed);
    // an operator's key is no setting of the server
    assert_eq!(anywhere(&shop, &[("HALLPASS_API_KEY", API_KEY)], &[]).done(), listed);
    let why = anywhere(&shop, &[("HALLPASS_DATABSE", "sqlite://other.db")], &[]).refused(1);
    assert!(why.contains("HALLPASS_DATABSE") && why.contains("is HALLPASS_DATABASE meant?"), "{why}");
    // the server that is named comes before the database that is there
    assert_eq!(anywhere(&shop, &[("HALLPASS_API_KEY", API_KEY)], &["--core", shop.address()]).done(), listed);
}

#[tokio::test]
async fn a_database_that_is_not_there_is_not_made() {
    let shop = Shop::open().await;
    let why = anywhere(&shop, &[], &["--database", "sqlite://typo.db"]).refused(3);
    assert_eq!(why, "there is no Hallpass database sqlite://typo.db: nothing was made; name the one that the app or server uses");
    assert!(!shop.file("typo.db").exists());
    let why = anywhere(&shop, &[], &["--database", "sqlite::memory:"]).refused(2);
    assert!(why.contains("--core http://HOST:PORT"), "{why}");
    fs::write(shop.file("notes.txt"), "not a database, but as long as one could be. ".repeat(40)).unwrap();
    assert!(anywhere(&shop, &[], &["--database", "sqlite://notes.txt"]).refused(1).contains("is not a Hallpass database"));
    let why = anywhere(&shop, &[], &["--database", "mysql://u:hunter2@db/shop"]).refused(1);
    assert!(why.contains("--database must be one of") && !why.contains("hunter2"), "{why}");
}

#[tokio::test]
async fn a_server_is_called_with_a_key_from_a_file_or_the_environment() {
    let shop = Shop::open().await;
    let at_server = ["--core", shop.address()];
    let with_file = |name| [&at_server[..], &["--api-key-file", name]].concat();
    fs::write(shop.file("api-keys"), format!("{API_KEY}\nanother-key-of-this-server-012345\n")).unwrap();
    fs::write(shop.file("wrong"), "a-key-that-no-server-has-ever-known").unwrap();
    fs::write(shop.file("empty"), "\n").unwrap();
    assert_eq!(anywhere(&shop, &[], &with_file("api-keys")).done(), "Nobody is banned.\n");
    let why = anywhere(&shop, &[("HALLPASS_API_KEY", API_KEY)], &with_file("wrong")).refused(1);
    assert!(why.contains("does not accept this API key") && why.contains("--api-key-file"), "{why}");
    let why = anywhere(&shop, &[], &at_server).refused(1);
    assert!(why.contains("wants an API key") && why.contains("HALLPASS_API_KEY"), "{why}");
    assert!(anywhere(&shop, &[], &with_file("empty")).refused(1).contains("must hold keys of 20 characters or more"));
    assert!(anywhere(&shop, &[], &with_file("missing")).refused(1).contains("cannot be read"));
}

#[tokio::test]
async fn a_place_that_cannot_be_used_is_named_with_the_remedy() {
    let shop = Shop::open().await;
    let refused = |arguments: &[&str], code| anywhere(&shop, &[], arguments).refused(code);
    let both = ["--database", "sqlite://app.db", "--core", shop.address()];
    assert_eq!(refused(&both, 2), "--database and --core are both given: name one of them");
    let useless = ["--database", "sqlite://app.db", "--api-key-file", "api-keys"];
    assert!(refused(&useless, 2).starts_with("--api-key-file is of use only with --core"));
    let why = refused(&["--core", "http://olga:hunter2@localhost:1"], 2);
    assert!(why.starts_with("--core must be the address of a server") && !why.contains("hunter2"), "{why}");
    assert!(refused(&["--core", "localhost:3567"], 2).contains("http://HOST:PORT"));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let why = refused(&["--core", &format!("http://{nobody}")], 1);
    assert!(why.starts_with(&format!("the server at http://{nobody} fails, or cannot be reached: ")), "{why}");
    // a server that knows nothing of bans has none to tell of, which is not the same as that there are none
    let elsewhere = format!("{}/else/where", shop.address());
    assert!(refused(&["--core", &elsewhere], 1).contains("its base path is missing in --core"));
    for arguments in [&["bans", "list", "alice"][..], &["events", "alice"], &["sessions", "list", "alice"], &["roles", "list"]] {
        let why = shop.run(shop.command(&[arguments, &["--core", &elsewhere]].concat())).refused(1);
        assert!(why.contains("its base path is missing in --core"), "{why}");
    }
}
