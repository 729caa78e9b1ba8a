//! A real PostgreSQL for tests: in a temporary folder, on a free port of this machine, gone when its owner is gone.
//!
//! One server serves all tests of a program; each takes a [`database`] of its own. Who wants to kill a server starts one.

use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use tempfile::TempDir;

/// The database's user, who may do everything.
const USER: &str = "hallpass";

/// PostgreSQL refuses to run as root: then it runs as `nobody`.
const NOBODY: u32 = 65534;

/// An empty database on the server that all tests of this program share.
///
/// # Panics
/// When PostgreSQL is not installed; it says by which script it is.
pub fn database() -> Database<'static> {
    static SERVER: LazyLock<Server> = LazyLock::new(Server::start);
    SERVER.database()
}

/// A server. It ends, and its folder goes, when it is dropped or when this process ends, in whatever way.
pub struct Server {
    keeper: Mutex<Keeper>,
    process: Child,
    port: u16,
    password: String,
    folder: TempDir,
}

/// A database, until it is dropped.
pub struct Database<'s> {
    server: &'s Server,
    name: String,
}

/// A shell that starts and ends the server. It lives as long as the pipe to it is open, and then ends the server: whoever
/// holds the other end cannot forget to, not even by being killed.
struct Keeper {
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// Starts an empty server with the settings that a server has by itself: what it acknowledges is on the disk.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server with further settings, as in `postgresql.conf`.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    pub fn start_with(settings: &[&str]) -> Self {
        Self::start_with_files(settings, &[])
    }

    /// The same, with files in the server's folder, which only the server reads. The data lie in a folder beside them.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    pub fn start_with_files(settings: &[&str], files: &[(&str, String)]) -> Self {
        let binaries = binaries();
        let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir().unwrap();
        let password = fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap().trim().to_owned();
        let place = format!("listen_addresses = '127.0.0.1'\nunix_socket_directories = '{}'", folder.path().display());
        let settings = [settings, &["max_connections = 500", "log_min_messages = error", &place, ""]].concat().join("\n");
        let root = fs::metadata("/proc/self").unwrap().uid() == 0;
        let own = |path: &Path| {
            if root {
                chown(path, Some(NOBODY), Some(NOBODY)).unwrap()
            }
        };
        own(folder.path());
        for (name, content) in
            [("password", &password), ("settings", &settings)].into_iter().chain(files.iter().map(|(name, content)| (*name, content)))
        {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            own(&path);
        }

        let mut shell = Command::new("sh");
        shell.arg("-c").arg(include_str!("keeper.sh")).arg("keeper").args([binaries.as_path(), folder.path()]).arg(USER);
        shell.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("PGPASSWORD", &password);
        if root {
            shell.uid(NOBODY).gid(NOBODY);
        }
        shell.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = shell.spawn().unwrap();
        let orders = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut server = Self { keeper: Mutex::new(Keeper { orders, answers }), process, port: 0, password, folder };
        server.order("initialise");
        let started = (0..5).any(|_| {
            server.port = free_port();
            server.try_order(&format!("start {} 1", server.port))
        });
        assert!(started, "PostgreSQL does not start: {}", server.log());
        server
    }

    /// An empty database.
    pub fn database(&self) -> Database<'_> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.order(&format!("create {name}"));
        Database { server: self, name }
    }

    /// Kills the server as a crash would (`kill -9`): it can neither say goodbye nor write anything more.
    pub fn kill(&self) {
        self.order("kill");
    }

    /// Starts the server again, and returns when it accepts connections.
    pub fn restart(&self) {
        self.order(&format!("start {} 50", self.port));
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The password of [`Database::url`], to look for where it should not be.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Where its files are: the database's user may read what lies there.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Has the keeper do something, and waits until it is done.
    fn order(&self, order: &str) {
        assert!(self.try_order(order), "PostgreSQL did not {order}: {}", self.log());
    }

    fn try_order(&self, order: &str) -> bool {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        let orders = keeper.orders.as_mut().expect("it is taken when the server is dropped");
        let told = writeln!(orders, "{order}").is_ok();
        let mut answer = String::new();
        told && keeper.answers.read_line(&mut answer).is_ok() && answer == "done\n"
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.keeper.get_mut().unwrap_or_else(PoisonError::into_inner).orders = None;
        let _ = self.process.wait();
    }
}

impl Database<'_> {
    /// The URL of the database, for a user who may do everything.
    pub fn url(&self) -> String {
        self.url_through(self.server.port)
    }

    /// The same, but through something else that listens on `port`.
    pub fn url_through(&self, port: u16) -> String {
        format!("postgresql://{USER}:{}@127.0.0.1:{port}/{}", self.server.password, self.name)
    }

    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server that it is on.
    pub fn server(&self) -> &Server {
        self.server
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.server.order(&format!("drop {}", self.name));
        }
    }
}

/// A port that is free now. Somebody else may be faster to take it.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// The folder of PostgreSQL's programs: the newest that is installed.
fn binaries() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let version = |path: &Path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let newest = versions.map(|entry| entry.path()).filter(|path| path.join("bin/initdb").exists()).max_by_key(|path| version(path));
    newest.map(|path| path.join("bin")).expect("PostgreSQL is not installed: run interop/postgres/setup")
}
