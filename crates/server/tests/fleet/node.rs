//! `hallpass serve` in processes of their own.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

use hallpass_engine::{random::SystemRandom, vault::MasterKey};
use tempfile::TempDir;

/// Nothing here takes that long, however busy the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(50);

/// How the servers of a fleet are started.
pub(crate) struct Setup {
    url: String,
    master_key: String,
    variables: Vec<(&'static str, String)>,
}

/// A server in a process of its own, which ends with it.
pub(crate) struct Node {
    child: Child,
    pub(crate) address: SocketAddr,
    folder: TempDir,
    command: Box<dyn Fn() -> Command + Send + Sync>,
}

/// A process that was started and has not said yet that it listens.
pub(crate) struct Starting(Node);

impl Setup {
    pub(crate) fn new(url: impl Into<String>) -> Self {
        let master_key = MasterKey::generate(&SystemRandom).to_text().to_string();
        // quick to sign with; what the log says of each request would be the larger part of the work
        let variables = vec![("HALLPASS_SIGNING_ALGORITHM", "ES256".to_owned()), ("HALLPASS_LOG_LEVEL", "warn".to_owned())];
        Self { url: url.into(), master_key, variables }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// The command, without the settings of whoever runs the tests.
    pub(crate) fn command(&self) -> Command {
        self.tool(&["serve"])
    }

    /// Another command, with the same settings.
    pub(crate) fn tool(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hallpass"));
        command.args(arguments).env_clear().env("HALLPASS_DATABASE", &self.url).env("HALLPASS_MASTER_KEY", &self.master_key);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts a server and does not wait for it.
    pub(crate) fn starting(&self) -> Starting {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let folder = tempfile::tempdir().unwrap();
        let (url, key, variables) = (self.url.clone(), self.master_key.clone(), self.variables.clone());
        let log = folder.path().join("log");
        let place = folder.path().to_owned();
        let command = move || {
            let mut command = Self { url: url.clone(), master_key: key.clone(), variables: variables.clone() }.command();
            // a pipe that nobody reads would stop the server one day
            let log = File::options().create(true).append(true).open(&log).unwrap();
            command.current_dir(&place).env("HALLPASS_LISTEN", address.to_string()).stdout(Stdio::piped()).stderr(log);
            command
        };
        let child = command().spawn().unwrap();
        Starting(Node { child, address, folder, command: Box::new(command) })
    }

    /// So many servers, started at the same moment, all of them listening.
    pub(crate) fn start(&self, count: usize) -> Vec<Node> {
        let starting: Vec<_> = (0..count).map(|_| self.starting()).collect();
        starting.into_iter().map(Starting::listening).collect()
    }
}

impl Starting {
    pub(crate) fn listening(mut self) -> Node {
        self.0.wait_for_address();
        self.0
    }

    /// Waits for a server that does not start: its exit code, and what it said.
    pub(crate) fn refused(mut self) -> (Option<i32>, String) {
        (self.0.ended().code(), self.0.log())
    }
}

impl Node {
    fn wait_for_address(&mut self) {
        let mut line = String::new();
        BufReader::new(self.child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains(&self.address.to_string()), "{line}{}", self.log());
    }

    /// As if its machine lost power (SIGKILL).
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again where it was.
    pub(crate) fn start_again(&mut self) {
        self.child = (self.command)().spawn().unwrap();
        self.wait_for_address();
    }

    /// Sends it a signal: `-TERM` is how operators and containers tell it to stop.
    pub(crate) fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) => return status,
                None => assert!(started.elapsed() < PATIENCE, "it does not end: {}", self.log()),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// What it logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port below those that systems give to clients: a client that knocks while nobody listens must not be given that very port.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = 12_000 + u16::try_from(std::process::id() % 16_000).unwrap();
    let mut ports = std::iter::repeat_with(|| start + NEXT.fetch_add(1, Ordering::Relaxed)).take(1000);
    ports.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).unwrap()
}
