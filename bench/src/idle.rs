//! The demo at rest: how soon it answers, how much memory it holds.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A process that ends with its owner.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The time from the start of `hallpass demo` to its first answer, and its resident memory in KiB afterwards.
pub(crate) fn measure(binary: &Path) -> std::io::Result<(Duration, u64)> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let started = Instant::now();
    let demo = Demo(Command::new(binary).args(["demo", "--port", &port.to_string()]).stdout(Stdio::null()).spawn()?);
    let answered = loop {
        match first_answer(port) {
            Ok(()) => break started.elapsed(),
            Err(error) if started.elapsed() > Duration::from_secs(10) => return Err(error),
            Err(_) => thread::sleep(Duration::from_millis(1)),
        }
    };
    thread::sleep(Duration::from_secs(2));
    let status = std::fs::read_to_string(format!("/proc/{}/status", demo.0.id()))?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
    resident.map(|kib| (answered, kib)).ok_or_else(|| std::io::Error::other("the system does not tell the resident memory"))
}

fn first_answer(port: u16) -> std::io::Result<()> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    write!(connection, "GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(std::io::Error::other("it answers, but not with a page")) }
}
