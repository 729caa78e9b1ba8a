//! The binary, from its command line to its exit code.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
};

use hallpass::{AppId, Core, embedded};
use hallpass_engine::{
    engine::{Config, Engine},
    keys::Algorithm,
    time::SystemClock,
};

fn hallpass(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallpass"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    hallpass(arguments).output().unwrap()
}

/// Fails with this exit code, and says so in one line. Returns the line.
fn refusal(arguments: &[&str], code: i32) -> String {
    let output = run(arguments);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(code), 0), "{error}");
    if code == 1 {
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    error
}

async fn open(file: &Path, algorithm: Algorithm) -> Arc<Engine> {
    let location = embedded::Location::File(file.to_owned());
    embedded::open(&location, Config { algorithm, ..Config::default() }, Arc::new(SystemClock::default())).await.unwrap()
}

/// Names and algorithms of the keys that verify.
async fn keys(file: &Path, algorithm: Algorithm) -> Vec<(String, String)> {
    let keys = open(file, algorithm).await.verifying_keys(&AppId::public(), None).await.unwrap();
    let jwks = serde_json::json!(keys.to_jwks());
    let text = |key: &serde_json::Value, name: &str| key[name].as_str().unwrap().to_owned();
    let mut keys: Vec<_> = jwks["keys"].as_array().unwrap().iter().map(|key| (text(key, "kid"), text(key, "alg"))).collect();
    keys.sort();
    keys
}

#[tokio::test]
async fn keys_rotate_in_a_real_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.db");
    for (algorithm, name) in [(Algorithm::Es256, "ES256"), (Algorithm::Rs256, "RS256")] {
        let file = file.with_extension(name);
        let url = format!("sqlite://{}", file.display());
        let before = keys(&file, algorithm).await;

        let output = run(&["keys", "rotate", "--now", "--database", &url]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let after = keys(&file, algorithm).await;
        let new = after.last().unwrap();
        assert_eq!((after.len(), &after[0], new.1.as_str()), (2, &before[0], name), "the new key signs as the app does");
        assert!(said.contains(&new.0) && said.lines().count() == 1, "{said}");

        let output = run(&["keys", "rotate", "--now", "--revoke-old", "--database", &url]);
        let said = String::from_utf8(output.stdout).unwrap();
        let left = keys(&file, algorithm).await;
        assert_eq!((left.len(), left[0].1.as_str()), (1, name));
        assert!(!after.contains(&left[0]) && said.contains(&left[0].0));
        assert!(said.contains("nobody is signed out"), "{said}");
    }
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("typo.db");
    let error = refusal(&["keys", "rotate", "--now", "--database", &format!("sqlite://{}", file.display())], 1);
    assert!(error.contains("there is no database") && error.contains("typo.db"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn other_files_and_addresses_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "not a database, but long enough to be looked at as though it were one. ".repeat(20)).unwrap();
    let text = std::fs::read(&file).unwrap();
    let rotate = |url: &str| refusal(&["keys", "rotate", "--now", "--revoke-old", "--database", url], 1);
    assert!(rotate(&format!("sqlite://{}", file.display())).contains("is not a Hallpass database"));
    assert_eq!(std::fs::read(&file).unwrap(), text);
    assert!(rotate("sqlite::memory:").contains("has no keys to rotate"));
    let error = rotate("mysql://user:hunter2@host/db");
    assert!(error.contains("sqlite://FILE") && !error.contains("hunter2"), "{error}");
}

#[test]
fn rotation_has_to_be_asked_for_by_now() {
    let error = refusal(&["keys", "rotate", "--database", "sqlite://app.db"], 2);
    assert!(error.contains("keys rotate by age by themselves") && error.contains("--now"), "{error}");
    assert!(refusal(&["keys", "rotate", "--now"], 1).contains("name the one that the app uses, as in sqlite://hallpass.db"));
    refusal(&[], 2);
    refusal(&["demo", "--port", "70000"], 2);
}

#[test]
fn a_taken_port_is_named_with_the_remedy() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let error = refusal(&["demo", "--port", &port], 1);
    assert!(error.contains(&port) && error.contains("--port"), "{error}");
}

#[test]
fn the_demo_says_where_it_is_answers_there_and_ends_by_ctrl_c() {
    let mut demo = hallpass(&["demo", "--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(demo.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let (_, rest) = line.split_once("http://localhost:").unwrap();
    let port: u16 = rest.split_whitespace().next().unwrap().parse().unwrap();

    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    connection.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("Your name"), "{answer}");

    let interrupted = Command::new("kill").args(["-INT", &demo.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    assert_eq!(demo.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "one line, and no more");
}
