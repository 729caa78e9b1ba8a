//! Signing keys of an embedded database.

use std::{path::PathBuf, sync::Arc, time::Duration};

use hallpass::{
    AppId, CoreError, KeyFamily, Why,
    embedded::{self, EmbeddedError, Location},
};
use hallpass_engine::{
    engine::Config,
    keys::Algorithm,
    store::{Store, StoreError},
    time::SystemClock,
};
use hallpass_store::{OpenError, Sqlite};

/// Longer than any app keeps its keys: rotation by age is the app's business, which knows its own interval.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Why keys were not rotated. One line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RotateError {
    /// The keys in memory are those of a process, and end with it.
    #[error("a database in memory has no keys to rotate: name the file of the app, as in sqlite://hallpass.db")]
    Memory,
    /// A typing mistake must not make a database.
    #[error("there is no database {0:?}: nothing was made; name the file that the app uses")]
    NoDatabase(PathBuf),
    /// Not the file of an app, or not yet.
    #[error("the database {0:?} has no keys yet: no app has used it")]
    NoKeys(PathBuf),
    /// It does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It, its address or its key file is not in order.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// It does not answer.
    #[error("the keys could not be read")]
    Store(#[from] StoreError),
    /// It does not take the new key.
    #[error("the keys could not be rotated")]
    Rotate(#[from] CoreError),
}

/// Makes a new signing key in the database at `url` (`sqlite://FILE`, which must exist) and returns its name. With
/// `revoke_old` all others are gone at once: access tokens that they signed are refused, and clients refresh.
///
/// # Errors
/// [`RotateError`]; then nothing has changed, unless the database failed half-way.
pub async fn rotate(url: &str, revoke_old: bool) -> Result<String, RotateError> {
    let location = url.parse::<Location>()?;
    let Location::File(path) = &location else { return Err(RotateError::Memory) };
    if !path.is_file() {
        return Err(RotateError::NoDatabase(path.clone()));
    }
    let app = AppId::public();
    let in_use = algorithm_in_use(&Sqlite::open(path)?, &app).await?;
    let algorithm = in_use.ok_or_else(|| RotateError::NoKeys(path.clone()))?;
    let config = Config { algorithm, key_interval: NEVER, ..Config::default() };
    let engine = embedded::open(&location, config, Arc::new(SystemClock::default())).await?;
    let why = Why { actor: Some("hallpass keys rotate".to_owned()), reason: Some("asked for by an operator".to_owned()) };
    Ok(engine.rotate_keys(&app, revoke_old, why).await?)
}

/// What the app signs with: the new key must not surprise its clients.
async fn algorithm_in_use(store: &dyn Store, app: &AppId) -> Result<Option<Algorithm>, StoreError> {
    let keys = store.key_list(app).await?;
    let newest = keys.iter().filter(|key| key.family == KeyFamily::Dynamic).max_by_key(|key| key.sequence);
    Ok(newest.map(|key| key.algorithm))
}
