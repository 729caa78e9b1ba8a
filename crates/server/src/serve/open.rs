//! From settings to an open database and an engine over it.

use std::sync::Arc;

use hallpass::{KeyPool, key_file};
use hallpass_engine::{
    engine::{Engine, Environment},
    judge::{Confirmation, Rule},
    random::{Random, SystemRandom},
    store::Store,
    time::{Clock, SystemClock},
    vault::{MasterKey, Vault},
};
use hallpass_store::{Postgres, Sqlite};

use super::ServeError;
use crate::settings::{Database, Settings};

/// Keys that are slow to make wait ready in this number, so that new apps get theirs at once.
const KEYS_AHEAD: usize = 4;

/// Everyone knows it: what it seals is as good as open.
const KNOWN_KEY: &str = "hpm1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// An open database, and the engine over it.
pub struct Opened {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The engine, with the settings of apps that override nothing.
    pub engine: Arc<Engine>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Opens or creates what the settings name. No key is made yet.
///
/// # Errors
/// [`ServeError`].
pub async fn open(settings: &Settings) -> Result<Opened, ServeError> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let store = open_store(settings).await?;
    let vault = open_vault(settings, &*store, &*random).await?;
    let keys = Arc::new(KeyPool::start(settings.app.algorithm, KEYS_AHEAD).map_err(ServeError::Threads)?);
    let grace = settings.confirm_grace();
    let rule = Rule { confirmation: Confirmation::FirstUse { grace }, ..Rule::new() };
    let environment = Environment { store: Arc::clone(&store), vault, clock: Arc::clone(&clock), random, keys };
    Ok(Opened { store, engine: Arc::new(Engine::new(environment, settings.app.engine(rule))), clock })
}

/// Opens what is there already, for whoever looks after it: a typing mistake must not make a database. `None`: there is none.
///
/// # Errors
/// [`ServeError`].
pub(crate) async fn open_existing_store(settings: &Settings) -> Result<Option<Arc<dyn Store>>, ServeError> {
    let is_there = match &settings.database {
        Database::Memory => false,
        Database::Sqlite(file) => file.is_file(),
        Database::Postgres(url) => Postgres::exists(url.expose(), &settings.database_schema).await.map_err(Box::new)?,
    };
    if is_there { open_store(settings).await.map(Some) } else { Ok(None) }
}

/// The one place that knows which databases there are.
async fn open_store(settings: &Settings) -> Result<Arc<dyn Store>, ServeError> {
    match &settings.database {
        Database::Memory => Ok(Arc::new(Sqlite::memory()?)),
        Database::Sqlite(file) => Ok(Arc::new(Sqlite::open(file)?)),
        Database::Postgres(url) => {
            let store = Postgres::connect(url.expose(), settings.database_pool_size, &settings.database_schema).await;
            Ok(Arc::new(store.map_err(Box::new)?))
        }
    }
}

/// The keys that seal and open what is in the database.
pub(crate) async fn open_vault(settings: &Settings, store: &dyn Store, random: &dyn Random) -> Result<Vault, ServeError> {
    let mut keys = settings.master_keys.clone();
    match &settings.database {
        _ if keys.is_empty() && settings.dangerous_plaintext_keys => keys.push(known_key()),
        // whoever gives a master key to a database that had a key file can still open what that sealed
        Database::Sqlite(file) if !keys.is_empty() => {
            let beside = key_file::path(file);
            if beside.exists() {
                keys.push(key_file::read(beside).map_err(Box::new)?);
            }
        }
        Database::Sqlite(file) => keys.push(key_file::open(file, store, random).await.map_err(Box::new)?),
        Database::Memory if keys.is_empty() => keys.push(MasterKey::generate(random)),
        Database::Postgres(_) if keys.is_empty() && settings.test_mode => keys.push(known_key()),
        Database::Memory | Database::Postgres(_) => {}
    }
    let mut keys = keys.into_iter();
    let first = keys.next().ok_or(ServeError::NoMasterKey)?;
    Ok(Vault::new(first, keys.collect()))
}

fn known_key() -> MasterKey {
    MasterKey::from_text(KNOWN_KEY).expect("it has the form of a master key")
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("engine", &self.engine).finish_non_exhaustive()
    }
}
