//! The engine in this process, over a SQLite file.

use std::{
    path::PathBuf,
    sync::{Arc, Weak},
    time::Duration,
};

pub use hallpass_engine::engine::{Config, InvalidConfig};
use hallpass_engine::{
    core::{Core, CoreError},
    engine::{Engine, Environment},
    id::AppId,
    random::{Random, SystemRandom},
    store::Store,
    time::Clock,
    vault::{MasterKey, Vault},
};
use hallpass_store::Sqlite;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    builder::Builder,
    key_file::{self, KeyFileError},
    key_pool::KeyPool,
};

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
    /// The file with the master key is not in order.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The operating system gives no more threads.
    #[error("cannot start the thread that makes keys: {0}; raise the limit of processes for this user")]
    Threads(#[source] std::io::Error),
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
            let key = key_file::open(path, &*store, &*random).await?;
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
        let done = if sweeps { engine.sweep_all(SWEEP_PAGE).await.map(drop) } else { engine.maintain(&AppId::public()).await };
        if let Err(error) = done {
            tracing::warn!(error = &error as &dyn std::error::Error, "maintenance failed; it will be tried again");
        }
    }
}
