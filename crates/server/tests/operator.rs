//! What operators do on the command line, to a database and to the server that has it open: the answers are the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::Arc,
};

use hallpass::{AppId, Core, embedded};
use hallpass_engine::{
    core::{Created, Issued, NewSession, Refresh, Refreshed, RoleCore, TokenText},
    engine::{Config, Engine},
    id::Tenant,
    time::SystemClock,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const KEY: &str = "operators-key-0123456789";

/// An app's database, open in this process and served by another.
struct World {
    folder: TempDir,
    engine: Arc<Engine>,
    server: Child,
    address: String,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A command that finds nothing in its environment.
fn hallpass(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallpass"));
    command.env_clear().current_dir(folder);
    command
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.db");
        let engine = embedded::open(&embedded::Location::File(file), Config::default(), Arc::new(SystemClock::default())).await.unwrap();
        std::fs::write(folder.path().join("keys"), format!("{KEY}\n")).unwrap();
        let serve = ["serve", "--listen", "127.0.0.1:0", "--database", "sqlite://app.db", "--api-keys-file", "keys"];
        let mut server = hallpass(folder.path()).args(serve).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("Hallpass listens at ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { folder, engine, server, address }
    }

    fn places(&self) -> [Vec<String>; 2] {
        let owned = |arguments: &[&str]| arguments.iter().map(ToString::to_string).collect();
        [owned(&["--database", "sqlite://app.db"]), owned(&["--core", &self.address, "--api-key-file", "keys"])]
    }

    fn run(&self, place: &[String], arguments: &[&str]) -> Output {
        hallpass(self.folder.path()).args(arguments).args(place).output().unwrap()
    }

    /// What a command answers here and there, which is the same.
    fn says(&self, arguments: &[&str]) -> String {
        let [here, there] = self.places().map(|place| said(self.run(&place, arguments), 0));
        assert_eq!(here, there, "{arguments:?}");
        here
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.says(&[arguments, &["--json"]].concat())).unwrap()
    }

    async fn sign_in(&self, user: &str) -> Issued {
        let Created::Issued(issued) = self.try_sign_in(user).await else { panic!("{user} cannot sign in") };
        *issued
    }

    async fn try_sign_in(&self, user: &str) -> Created {
        let new = NewSession {
            tenant: Tenant::public(),
            user: user.into(),
            payload: json!({ "plan": "pro" }).as_object().unwrap().clone(),
            data: json!({}).as_object().unwrap().clone(),
            family: hallpass::KeyFamily::Dynamic,
            anti_csrf: false,
            access_token_validity: None,
            actor: Some("Firefox\u{1b}[2J".to_owned()),
        };
        self.engine.session_create(new).await.unwrap()
    }

    async fn refresh(&self, token: &TokenText) -> Refreshed {
        let refresh = Refresh {
            app: AppId::public(),
            token: token.clone(),
            anti_csrf: None,
            use_anti_csrf: false,
            family: None,
            access_token_validity: None,
            actor: None,
        };
        self.engine.session_refresh(refresh).await.unwrap()
    }
}

/// What a command printed, on the standard output if it went well, else as an error.
fn said(output: Output, code: i32) -> String {
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    let (said, silent) = if code == 0 { (out, err) } else { (err, out) };
    assert_eq!(silent, "");
    assert!(!said.contains(KEY), "{said}");
    said
}

#[tokio::test]
async fn a_ban_by_command_is_felt_by_an_app_that_has_the_database_open() {
    let world = World::new().await;
    for place in world.places() {
        let mallory = world.sign_in("mallory").await;
        let ban = ["bans", "add", "mallory", "--by", "ann", "--reason", "spam"];
        assert_eq!(said(world.run(&place, &ban), 0), "mallory is banned everywhere, for good. 1 session ended.\n");
        assert!(matches!(world.try_sign_in("mallory").await, Created::Banned));
        assert!(matches!(world.refresh(&mallory.refresh.token).await, Refreshed::Unauthorised(_)));
        let table = world.says(&["bans", "list"]);
        let [heading, row] = table.lines().collect::<Vec<_>>()[..] else { panic!("{table}") };
        let [words, cells] = [heading, row].map(|line| line.split_whitespace().collect::<Vec<_>>());
        assert_eq!(words, ["USER", "WHERE", "SINCE", "UNTIL", "BY", "REASON"]);
        assert!(cells[2].ends_with('Z'), "{row}");
        assert_eq!([&cells[..2], &cells[3..]].concat(), ["mallory", "everywhere", "for", "good", "ann", "spam"]);
        let ban = &world.json(&["bans", "list", "--user", "mallory"])["bans"][0];
        assert_eq!(
            [&ban["userId"], &ban["by"], &ban["reason"], &ban["until"]],
            [&json!("mallory"), &json!("ann"), &json!("spam"), &Value::Null]
        );
        assert_eq!(said(world.run(&place, &["bans", "remove", "mallory"]), 0), "mallory is no longer banned everywhere.\n");
        assert_eq!(said(world.run(&place, &["bans", "remove", "mallory", "--json"]), 0), "{\"wasBanned\":false}\n");
        assert_eq!(world.says(&["bans", "list"]), "Nobody is banned.\n");
        let again = world.sign_in("mallory").await;
        world.engine.session_revoke(&AppId::public(), &[again.handle], hallpass::Why::default()).await.unwrap();
    }
}

#[tokio::test]
async fn a_ban_has_an_end_if_it_is_given_one() {
    let world = World::new().await;
    for (place, end) in world.places().into_iter().zip([["--for", "36h"], ["--until", "2999-12-31T23:00:00-01:00"]]) {
        let arguments = [&["bans", "add", "bob"], &end[..], &["--json"]].concat();
        let banned: Value = serde_json::from_str(&said(world.run(&place, &arguments), 0)).unwrap();
        let (at, until) = (banned["ban"]["time"].as_i64().unwrap(), banned["ban"]["until"].as_i64().unwrap());
        match end[0] {
            "--for" => assert!((until - at - 36 * 3_600_000).abs() < 60_000, "{banned}"),
            _ => assert_eq!(until, 32_503_680_000_000),
        }
        assert_eq!(banned["sessionHandlesRevoked"], json!([]));
    }
    assert!(world.says(&["bans", "list"]).contains("3000-01-01T00:00:00Z"));
}

#[tokio::test]
async fn sessions_are_listed_shown_and_ended() {
    let world = World::new().await;
    let [first, second, third] = [world.sign_in("ann").await, world.sign_in("ann").await, world.sign_in("bob").await];
    let handle = first.handle.to_string();
    assert_eq!(world.says(&["sessions", "list", "ann"]).lines().count(), 3);
    let all = world.json(&["sessions", "list", "ann"]);
    assert_eq!(all["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(all["sessions"][0], world.json(&["sessions", "show", &handle]));
    assert_eq!(all["sessions"][0]["sessionHandle"], json!(handle));
    let shown = world.says(&["sessions", "show", &handle]);
    assert!(shown.starts_with(&format!("SESSION                {handle}\nuser                   ann\n")), "{shown}");
    assert!(shown.contains(r#"{"plan":"pro""#) && !shown.contains("oken"), "{shown}");
    let [here, there] = world.places();
    let why = ["--by", "eve", "--reason", "she asked"];
    assert_eq!(said(world.run(&here, &[&["sessions", "revoke", &handle], &why[..]].concat()), 0), "1 session ended.\n");
    assert!(matches!(world.refresh(&first.refresh.token).await, Refreshed::Unauthorised(_)));
    for place in [&here, &there] {
        let gone = said(world.run(place, &["sessions", "show", &handle]), 1);
        assert_eq!(gone, format!("hallpass: there is no session {handle}: it was revoked, has expired, or never was\n"));
    }
    let revoked = said(world.run(&there, &["sessions", "revoke", "--user", "ann", "--json"]), 0);
    assert_eq!(serde_json::from_str::<Value>(&revoked).unwrap(), json!({ "sessionHandlesRevoked": [second.handle.to_string()] }));
    assert_eq!(world.says(&["sessions", "list", "ann"]), "ann has no session.\n");
    assert!(matches!(world.refresh(&third.refresh.token).await, Refreshed::Issued(_)));
    // and why was ann logged out?
    let events = world.says(&["events", "ann"]);
    let row = events.lines().find(|line| line.contains("session.revoked") && line.contains(&handle)).unwrap();
    assert_eq!(row.split_whitespace().skip(3).collect::<Vec<_>>(), ["eve", "she", "asked"]);
    assert!(events.contains(r"Firefox\u{1b}[2J") && !events.contains('\u{1b}'), "{events}");
    let kinds = world.json(&["events", "ann", "--limit", "3"]);
    let kinds: Vec<_> = kinds["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["session.revoked", "session.revoked", "session.created"]);
    assert_eq!(world.says(&["events", "nobody"]), "Nothing is known of nobody.\n");
}

#[tokio::test]
async fn roles_are_made_given_and_taken() {
    let world = World::new().await;
    assert_eq!(world.says(&["roles", "list"]), "There are no roles.\n");
    for place in world.places() {
        let does = |arguments: &[&str]| said(world.run(&place, arguments), 0);
        assert_eq!(does(&["roles", "add", "editor", "posts:write", "posts:read"]), "The role editor is made.\n");
        assert_eq!(does(&["roles", "add", "editor", "posts:delete"]), "The role editor has these permissions too.\n");
        assert_eq!(does(&["roles", "remove", "editor", "posts:read"]), "The role editor does not permit that any more.\n");
        assert_eq!(does(&["roles", "assign", "ann", "editor"]), "ann has the role editor.\n");
        assert_eq!(does(&["roles", "assign", "ann", "editor", "--json"]), "{\"changed\":false}\n");
        assert_eq!(world.says(&["roles", "list"]), "ROLE    PERMITS\neditor  posts:delete, posts:write\n");
        assert_eq!(world.says(&["roles", "show", "editor"]), "The role editor permits posts:delete, posts:write.\nIt belongs to ann.\n");
        assert_eq!(world.json(&["roles", "of", "ann"]), json!({ "userId": "ann", "roles": ["editor"] }));
        assert_eq!(world.engine.role_list_of_user(&Tenant::public(), &"ann".into()).await.unwrap(), ["editor"]);
        assert_eq!(does(&["roles", "unassign", "ann", "editor"]), "ann no longer has the role editor.\n");
        assert_eq!(world.says(&["roles", "of", "ann"]), "ann has no role.\n");
        assert_eq!(does(&["roles", "delete", "editor"]), "The role editor is deleted.\n");
        for unknown in [&["roles", "show", "editor"][..], &["roles", "assign", "ann", "editor"], &["roles", "remove", "editor", "x"]] {
            let error = said(world.run(&place, unknown), 1);
            assert_eq!(error, "hallpass: there is no role `editor`; `hallpass roles add` makes one\n");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_said_in_a_sentence_and_does_nothing() {
    let world = World::new().await;
    let ann = world.sign_in("ann").await;
    let refused = |arguments: &[&str], code| said(hallpass(world.folder.path()).args(arguments).output().unwrap(), code);
    let here = ["--database", "sqlite://app.db"];
    let there = ["--core", &world.address];
    for (arguments, code, sentence) in [
        (&["bans", "list"][..], 1, "say where: --database"),
        (&["bans", "add", "ann", "--database", "sqlite://ap.db"], 1, "there is no database \"ap.db\": nothing was made"),
        (&["bans", "list", "--database", "sqlite::memory:"], 1, "belongs to its process: use --core"),
        (&["bans", "list", "--database", "mysql://h/d"], 1, "the database's address is not one of"),
        (&["bans", "list", "--database", "postgres://ann:hunter2@127.0.0.1:1/d"], 1, "127.0.0.1:1"),
        (&["bans", "list", "--core", "http://127.0.0.1:1"], 1, "it was not done"),
        (&["bans", "list", "--core", "nowhere"], 1, "the core's address is not"),
        (&["bans", "list", "--core", "http://127.0.0.1:1", "--api-key-file", "none"], 1, "cannot be read"),
        (&["bans", "list", "--app", "shop", here[0], here[1]], 1, "there is no app `shop` in this database"),
        (&["bans", "list", there[0], there[1]], 1, "401"),
        (&["bans", "list", "--app", "Shop", here[0], here[1]], 2, "an app or tenant id is"),
        (&["bans", "list", here[0], here[1], there[0], there[1]], 2, "cannot be used with"),
        (&["bans", "add", "ann", "--for", "7", here[0], here[1]], 2, "write it as 30min, 12h or 7d"),
        (&["bans", "add", "ann", "--until", "tomorrow", here[0], here[1]], 2, "write it as 2027-01-31T12:00:00Z"),
        (&["bans", "add", "ann", "--until", "2020-01-01T00:00:00Z", here[0], here[1]], 1, "must lie in the future"),
        (&["sessions", "revoke", here[0], here[1]], 2, "<HANDLE>"),
        (&["sessions", "show", "x", here[0], here[1]], 2, "invalid value 'x'"),
        (&["events", "ann", "--limit", "0", here[0], here[1]], 2, "1..=1000"),
    ] {
        let error = refused(arguments, code);
        assert!(error.contains(sentence) && !error.contains("hunter2"), "{arguments:?}: {error}");
        assert!(code == 2 || error.lines().count() == 1, "{error}");
    }
    assert!(!world.folder.path().join("ap.db").exists());
    assert!(matches!(world.refresh(&ann.refresh.token).await, Refreshed::Issued(_)));
}

#[tokio::test]
async fn the_place_may_be_named_in_the_environment_and_no_key_is_needed_to_ban() {
    let world = World::new().await;
    let folder = world.folder.path();
    let keys: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".key"))
        .collect();
    let [key] = &keys[..] else { panic!("{keys:?}") };
    std::fs::rename(key, folder.join("elsewhere")).unwrap();
    let database = hallpass(folder).args(["bans", "add", "ann"]).env("HALLPASS_DATABASE", "sqlite://app.db").env("USER", "eve").output();
    assert!(said(database.unwrap(), 0).starts_with("ann is banned"));
    let list = ["bans", "list", "--core", &world.address];
    let server = hallpass(folder).args(list).env("HALLPASS_API_KEY", KEY).env("HALLPASS_DATABASE", "sqlite://another.db").output();
    assert!(said(server.unwrap(), 0).trim_end().ends_with("for good  eve"), "whoever does it is known by the name on this machine");
}
