//! Signing keys of a database, which an operator replaces.

use std::{sync::Arc, time::Duration};

use hallpass::{AppId, CoreError, KeyFamily, Why};
use hallpass_engine::{
    engine::{Config, Engine, Environment},
    key_source::OnDemand,
    keys::Algorithm,
    random::{Random, SystemRandom},
    store::{Store, StoreError},
    time::SystemClock,
};

use crate::{
    serve::{self, ServeError},
    settings::{Database, Mistakes, Settings, Sources},
};

/// Longer than anybody keeps keys: rotation by age is the app's or the server's business, which knows its own interval.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Why keys were not rotated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RotateError {
    /// What is said of the database, on the command line, in the environment or in the file.
    #[error(transparent)]
    Settings(#[from] Mistakes),
    /// The keys in memory are those of a process, and end with it.
    #[error("a database in memory has no keys to rotate: name the one that the app uses, as in sqlite://hallpass.db")]
    Memory,
    /// A typing mistake must not make a database.
    #[error("there is no database {0}: nothing was made; name the one that the app uses")]
    NoDatabase(Database),
    /// Not the database of an app, or not yet.
    #[error("the database {0} has no keys of the app `{1}`: it has not used any")]
    NoKeys(Database, AppId),
    /// It, or its master key, does not open.
    #[error(transparent)]
    Open(#[from] ServeError),
    /// It does not answer.
    #[error("the keys could not be read")]
    Store(#[from] StoreError),
    /// It does not take the new key.
    #[error("the keys could not be rotated")]
    Rotate(#[from] CoreError),
}

/// Makes a new signing key of an app and returns its name. With `revoke_old` all others are gone at once: access tokens that
/// they signed are refused, and clients refresh.
///
/// `sources` name the database, which must exist, and where its master key is: as a server is told.
///
/// # Errors
/// [`RotateError`]; then nothing has changed, unless the database failed half-way.
pub async fn rotate(sources: Sources, app: &AppId, revoke_old: bool) -> Result<String, RotateError> {
    let settings = Settings::read(sources)?;
    let database = settings.database.clone();
    if database == Database::Memory {
        return Err(RotateError::Memory);
    }
    let store = serve::open_existing_store(&settings).await?.ok_or_else(|| RotateError::NoDatabase(database.clone()))?;
    // before anything is unsealed: where there are no keys, no key file is made for them
    let in_use = algorithm_in_use(&*store, app).await?;
    let algorithm = in_use.ok_or_else(|| RotateError::NoKeys(database, app.clone()))?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let vault = serve::open_vault(&settings, &*store, &*random).await?;
    let config = Config { algorithm, key_interval: NEVER, ..Config::default() };
    let clock = Arc::new(SystemClock::default());
    let engine = Engine::new(Environment { store, vault, clock, random, keys: Arc::new(OnDemand) }, config);
    let why = Why { actor: Some("hallpass keys rotate".to_owned()), reason: Some("asked for by an operator".to_owned()) };
    Ok(engine.rotate_keys(app, revoke_old, why).await?)
}

/// What the app signs with: the new key must not surprise its clients.
async fn algorithm_in_use(store: &dyn Store, app: &AppId) -> Result<Option<Algorithm>, StoreError> {
    let keys = store.key_list(app).await?;
    let newest = keys.iter().filter(|key| key.family == KeyFamily::Dynamic).max_by_key(|key| key.sequence);
    Ok(newest.map(|key| key.algorithm))
}
