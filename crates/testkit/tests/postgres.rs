//! The server that tests start ends with its owner, however that ends.

#![cfg(feature = "postgres")]
#![allow(clippy::panic, clippy::unwrap_used)] // all of it is test code

use std::{
    env,
    io::{BufRead, BufReader},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use hallpass_testkit::postgres::Server;

const PART: &str = "HALLPASS_TEST_PART";

fn is_gone(port: u16, folder: &Path) -> bool {
    !folder.join("data").exists() && TcpStream::connect(("127.0.0.1", port)).is_err()
}

#[test]
fn a_server_that_is_dropped_is_gone() {
    let server = Server::start();
    let (port, folder) = (server.port(), server.folder().to_owned());
    assert!(!is_gone(port, &folder));
    drop(server);
    assert!(is_gone(port, &folder));
}

#[test]
fn a_server_whose_owner_is_killed_is_gone() {
    if env::var_os(PART).is_some() {
        let server = Server::start();
        println!("\nserver {} {}", server.port(), server.folder().display());
        loop {
            thread::park();
        }
    }
    let mut owner = Command::new(env::current_exe().unwrap())
        .args(["--exact", "a_server_whose_owner_is_killed_is_gone", "--nocapture"])
        .env(PART, "owner")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.starts_with("server ")).unwrap();
    let [_, port, folder] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let (port, folder) = (port.parse().unwrap(), Path::new(folder));
    assert!(!is_gone(port, folder));
    owner.kill().unwrap();
    owner.wait().unwrap();
    let started = Instant::now();
    while !is_gone(port, folder) {
        assert!(started.elapsed() < Duration::from_secs(60), "{port} {folder:?}");
        thread::yield_now();
    }
}
