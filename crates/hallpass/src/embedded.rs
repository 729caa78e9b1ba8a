//! The engine in this process, over a SQLite file.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    time::Duration,
};

use hallpass_engine::{
    core::{Core, CoreError},
    engine::{Config, Engine, Environment, InvalidConfig},
    id::AppId,
    random::{Random, SystemRandom},
    store::{Store, StoreError},
    time::Clock,
    vault::{InvalidMasterKey, MasterKey, Vault},
};
use hallpass_store::Sqlite;
use tokio::time::{MissedTickBehavior, interval};

use crate::{builder::Builder, key_pool::KeyPool};

/// How often the keys are read again: so soon another process's rotation counts here.
const KEYS_EVERY: Duration = Duration::from_secs(5);
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
const SWEEP_PAGE: u32 = 500;

/// Where an embedded engine keeps its sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// `sqlite://FILE`, relative to the working directory unless it starts with `/`. The file is made on first use.
    File(PathBuf),
    /// `sqlite::memory:`: gone with the process.
    Memory,
}

impl std::str::FromStr for Location {
    type Err = EmbeddedError;

    fn from_str(url: &str) -> Result<Self, EmbeddedError> {
        match (url, url.strip_prefix("sqlite://")) {
            ("sqlite::memory:", _) => Ok(Self::Memory),
            (_, Some(path)) if !path.is_empty() => Ok(Self::File(path.into())),
            _ => Err(EmbeddedError::Location),
        }
    }
}

/// Why an embedded engine does not start. One line: what is wrong, and how to mend it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// Not a database we know. The address is not shown: it may hold a password.
    #[error("the database address is not one of `sqlite://FILE` and `sqlite::memory:`")]
    Location,
    /// The settings of the engine are wrong.
    #[error(transparent)]
    Config(#[from] InvalidConfig),
    /// The database does not open.
    #[error(transparent)]
    Open(#[from] hallpass_store::OpenError),
    /// The key file cannot be read or made.
    #[error("the key file {path} cannot be {action}: {why}; the account that runs this process must own it")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What failed.
        action: &'static str,
        /// Why.
        why: std::io::Error,
    },
    /// The key file holds something else.
    #[error("the key file {path} is damaged: {why}; restore it from a backup")]
    DamagedKeyFile {
        /// The file.
        path: PathBuf,
        /// Why.
        why: InvalidMasterKey,
    },
    /// There are sealed keys, and nothing to open them with.
    #[error(
        "the database {database} has keys, but its key file {path} is gone; restore it (without it every session in the database is lost)"
    )]
    NoKeyFile {
        /// The database.
        database: PathBuf,
        /// The missing file.
        path: PathBuf,
    },
    /// The operating system gives no more threads.
    #[error("cannot start the thread that makes keys: {0}; raise the limit of processes for this user")]
    Threads(#[source] std::io::Error),
    /// The database opened, but does not answer.
    #[error("the database does not answer")]
    Store(#[from] StoreError),
    /// The keys in the database do not open, or cannot be made.
    #[error(transparent)]
    Keys(CoreError),
}

impl Builder {
    /// An engine in this process, over the SQLite database at `url`: `sqlite://FILE`, or `sqlite::memory:` for what may be
    /// lost. [`open`] says what lies beside the file.
    pub fn embedded(self, url: impl AsRef<str>) -> Self {
        self.embedded_with(url, Config::default())
    }

    /// As [`Builder::embedded`], with other lifetimes, keys or rules.
    pub fn embedded_with(self, url: impl AsRef<str>, config: Config) -> Self {
        let location = url.as_ref().parse::<Location>();
        self.open(move |clock| async move { Ok(open(&location?, config, clock).await? as Arc<dyn Core>) })
    }
}

/// Opens or creates the database and its key file, loads the keys, and starts the task that keeps both in order. The task
/// ends when the engine is dropped.
///
/// Beside a database `FILE` lies its key file, `FILE.key`, readable for its owner only: the keys in the database are sealed
/// under it. Back it up apart from the database. Must be called within a Tokio runtime.
///
/// Keys rotate by `config` from the start: whoever opens the database of an app beside it should use that app's algorithm
/// and key interval, or it will make keys that the app does not expect.
///
/// # Errors
/// [`EmbeddedError`].
pub async fn open(location: &Location, config: Config, clock: Arc<dyn Clock>) -> Result<Arc<Engine>, EmbeddedError> {
    config.check()?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let (store, key): (Arc<dyn Store>, MasterKey) = match location {
        Location::Memory => (Arc::new(Sqlite::memory()?), MasterKey::generate(&*random)),
        Location::File(path) => {
            let store: Arc<dyn Store> = Arc::new(Sqlite::open(path)?);
            let key = master_key(path, &*store, &*random).await?;
            (store, key)
        }
    };
    let keys = Arc::new(KeyPool::start(config.algorithm, 1).map_err(EmbeddedError::Threads)?);
    let engine = Arc::new(Engine::new(Environment { store, vault: Vault::new(key, vec![]), clock, random, keys }, config));
    engine.maintain(&AppId::public()).await.map_err(EmbeddedError::Keys)?;
    tokio::spawn(maintain(Arc::downgrade(&engine)));
    Ok(engine)
}

async fn maintain(engine: Weak<Engine>) {
    let (mut keys, mut sweep) = (interval(KEYS_EVERY), interval(SWEEP_EVERY));
    // a machine that slept does not make up for what it missed
    keys.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let sweeps = tokio::select! {
            _ = keys.tick() => false,
            _ = sweep.tick() => true,
        };
        let Some(engine) = engine.upgrade() else { return };
        let done = if sweeps { sweep_all(&engine).await } else { engine.maintain(&AppId::public()).await };
        if let Err(error) = done {
            tracing::warn!(error = &error as &dyn std::error::Error, "maintenance failed; it will be tried again");
        }
    }
}

async fn sweep_all(engine: &Engine) -> Result<(), CoreError> {
    let mut after = None;
    let mut deleted = 0;
    loop {
        let swept = engine.sweep(after.as_ref(), SWEEP_PAGE).await?;
        deleted += swept.deleted;
        after = swept.next;
        if after.is_none() {
            break;
        }
        tokio::task::yield_now().await;
    }
    if deleted > 0 {
        tracing::info!(deleted, "expired sessions were deleted");
    }
    Ok(())
}

/// Reads the key file beside the database, or makes it for a database that has no keys yet.
async fn master_key(database: &Path, store: &dyn Store, random: &dyn Random) -> Result<MasterKey, EmbeddedError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".key");
    let path = PathBuf::from(path);
    let failed = |action| {
        let path = path.clone();
        move |why| EmbeddedError::KeyFile { path, action, why }
    };
    if !path.exists() {
        if !store.root_list(&AppId::public()).await?.is_empty() {
            return Err(EmbeddedError::NoKeyFile { database: database.to_owned(), path });
        }
        create_whole(&path, MasterKey::generate(random).to_text().as_bytes(), random).map_err(failed("created"))?;
    }
    let text = zeroize::Zeroizing::new(std::fs::read_to_string(&path).map_err(failed("read"))?);
    MasterKey::from_text(&text).map_err(|why| EmbeddedError::DamagedKeyFile { path, why })
}

/// Creates a file that nobody else can read, whole or not at all; if somebody else was first, theirs stays.
fn create_whole(path: &Path, content: &[u8], random: &dyn Random) -> std::io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{:016x}", u64::from_be_bytes(random.bytes())));
    let draft = PathBuf::from(draft);
    let written = (|| {
        let mut file = private(std::fs::OpenOptions::new().write(true).create_new(true)).open(&draft)?;
        file.write_all(content)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        }?;
        sync_folder(path)
    })();
    let removed = std::fs::remove_file(&draft);
    written.and(removed)
}

/// Makes the file to be created readable for its owner only.
#[cfg(unix)]
fn private(options: &mut std::fs::OpenOptions) -> &mut std::fs::OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

/// Elsewhere a new file takes the rights of its folder.
#[cfg(not(unix))]
fn private(options: &mut std::fs::OpenOptions) -> &mut std::fs::OpenOptions {
    options
}

/// Makes the name of a new file last as well as its content: without the key file the keys in the database are lost.
#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}

/// Elsewhere folders cannot be opened, and look after themselves.
#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
