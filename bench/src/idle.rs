//! At rest: how soon a program answers, how much memory it holds, how large its file is.

use std::{
    fs,
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::{http::serve, process::Process};

/// Where `./build-static` puts it.
const STATIC: &str = "target/static/release/hallpass";

/// Prints what the demo and the server take when nobody asks anything.
pub(crate) fn show(binary: &Path) -> io::Result<()> {
    println!("\nat rest");
    let folder = tempfile::tempdir_in(".")?;
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port().to_string();
    measure("hallpass demo", Command::new(binary).args(["demo", "--port", &port]), "/")?;
    measure("hallpass serve (SQLite)", &mut serve(binary, folder.path(), "sqlite://idle.db"), "/hello")?;
    size("the binary", binary, "");
    size("the static binary", Path::new(STATIC), ", goal 25");
    Ok(())
}

/// The time from its start to its first answer, and its resident memory two seconds later.
fn measure(what: &str, command: &mut Command, path: &str) -> io::Result<()> {
    let started = Instant::now();
    let process = Process::start(command)?;
    first_answer(process.address, path)?;
    let answered = started.elapsed();
    thread::sleep(Duration::from_secs(2));
    let resident = process.resident()?;
    println!("{what:<24} first answer after {} ms (goal 100), resident {resident} KiB (goal 20480)", answered.as_millis());
    Ok(())
}

fn first_answer(address: SocketAddr, path: &str) -> io::Result<()> {
    let mut connection = TcpStream::connect(address)?;
    write!(connection, "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", address.port())?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(io::Error::other("it answers, but not as it should")) }
}

fn size(what: &str, file: &Path, goal: &str) {
    match fs::metadata(file) {
        Ok(found) => println!("{what:<24} {}.{} MB{goal}", found.len() / 1_000_000, found.len() / 100_000 % 10),
        Err(_) => println!("{what:<24} not built ({})", file.display()),
    }
}
