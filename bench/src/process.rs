//! Processes that are measured.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use hallpass_testkit::postgres::Server;

use crate::cpu;

/// A server in a process of its own, which ends with its owner.
pub(crate) struct Process {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts it, and waits until it tells on its standard output where it listens: `… http://HOST:PORT`, on loopback. What
    /// it logs is written, and goes nowhere.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut process = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) }; // from here on it ends with its owner
        let mut line = String::new();
        if let Some(said) = process.child.stdout.as_mut() {
            BufReader::new(said).read_line(&mut line)?;
        }
        let address = line.split_once("http://").and_then(|(_, rest)| rest.split_whitespace().next());
        let port = address.and_then(|address| address.rsplit_once(':')?.1.parse().ok());
        process.address.set_port(port.ok_or_else(|| io::Error::other(format!("it does not say where it listens: {line}")))?);
        Ok(process)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Processor time so far.
    pub(crate) fn cpu_time(&self) -> Duration {
        cpu::of(self.id())
    }

    /// Resident memory, in KiB.
    pub(crate) fn resident(&self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
        resident.ok_or_else(|| io::Error::other("the system does not tell the resident memory"))
    }

    /// Waits until it has nothing to do of its own accord: after its start a server makes keys ahead.
    pub(crate) fn settle(&self) {
        let (quiet, patience) = (Duration::from_millis(300), Duration::from_secs(10));
        let until = Instant::now() + patience;
        loop {
            let before = self.cpu_time();
            thread::sleep(quiet);
            if self.cpu_time() == before || Instant::now() > until {
                return;
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process whose children are all of PostgreSQL.
pub(crate) fn postmaster(server: &Server) -> u32 {
    let file = fs::read_to_string(server.folder().join("data/postmaster.pid")).expect("the server runs, and is ours");
    file.lines().next().and_then(|pid| pid.trim().parse().ok()).expect("its first line is a number")
}
