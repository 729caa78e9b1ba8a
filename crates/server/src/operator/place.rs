//! The database or the server that a command is for.

use std::{num::NonZeroUsize, path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use hallpass::{
    AppId, Core,
    remote::{InvalidRemote, RemoteCore},
};
use hallpass_engine::{
    engine::{Config, Engine, Environment},
    id::{Tenant, TenantId, UserId},
    key_source::OnDemand,
    random::{Random, SystemRandom},
    store::{Store, StoreError},
    time::{Clock, SystemClock, Timestamp},
    vault::{MasterKey, Vault},
};
use hallpass_store::{ConnectError, OpenError, Postgres, Sqlite};

use super::OperationError;
use crate::settings::{Database, database::database};

/// How long verifiers are told of a revocation: longer than any access token of an app lives, whatever it has configured.
const LONGEST_ACCESS_TOKEN: Duration = Duration::from_secs(30 * 24 * 3600);

#[derive(Debug, Args)]
pub struct Place {
    /// The database: sqlite://FILE or postgres://…. One with a password belongs into HALLPASS_DATABASE, which is read otherwise
    #[arg(long, global = true, value_name = "URL", conflicts_with = "core", help_heading = "Where")]
    database: Option<String>,
    /// The schema, in PostgreSQL
    #[arg(long, global = true, value_name = "NAME", env = "HALLPASS_DATABASE_SCHEMA", default_value = "public", help_heading = "Where")]
    database_schema: String,
    /// A server at a distance, instead of a database; its API key comes from --api-key-file, or HALLPASS_API_KEY
    #[arg(long, global = true, value_name = "URL", help_heading = "Where")]
    core: Option<String>,
    /// The file with the API key of that server
    #[arg(long, global = true, value_name = "FILE", requires = "core", help_heading = "Where")]
    api_key_file: Option<PathBuf>,
    /// The app
    #[arg(long, global = true, value_name = "ID", default_value = "public", help_heading = "Where")]
    app: AppId,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    pub(super) json: bool,
}

/// Why a database or a server is not to be had. One line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CannotOpen {
    /// Nothing was named.
    #[error("say where: --database sqlite://FILE (or HALLPASS_DATABASE), or --core http://HOST:PORT")]
    Nowhere,
    /// Not an address.
    #[error("the database's address is not {0}")]
    Address(String),
    /// It is another process's.
    #[error("a database in memory belongs to its process: use --core with that server's address")]
    Memory,
    /// A typing mistake must not make a database.
    #[error("there is no database {0:?}: nothing was made; name the file that the app uses")]
    NoDatabase(PathBuf),
    /// It does not open.
    #[error(transparent)]
    Sqlite(#[from] OpenError),
    /// It does not open.
    #[error(transparent)]
    Postgres(#[from] Box<ConnectError>),
    /// It does not answer.
    #[error("the database does not answer")]
    Store(#[from] StoreError),
    /// A typing mistake must not look like an app in which nobody is banned.
    #[error("there is no app `{0}` in this database")]
    NoApp(AppId),
    /// The server cannot be called.
    #[error(transparent)]
    Remote(#[from] InvalidRemote),
    /// Its API key is not to be had.
    #[error("{0:?}, the file with the API key, cannot be read")]
    ApiKeyFile(PathBuf, #[source] std::io::Error),
}

/// Where operations are done.
pub(super) struct Desk {
    pub(super) core: Arc<dyn Core>,
    pub(super) app: AppId,
    clock: Arc<dyn Clock>,
}

impl Place {
    pub(super) async fn open(&self) -> Result<Desk, CannotOpen> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let core: Arc<dyn Core> = match &self.core {
            Some(core) => Arc::new(RemoteCore::new(core, self.api_key()?.as_deref(), Arc::clone(&clock))?),
            None => {
                let url = self.database.clone().or_else(|| variable("HALLPASS_DATABASE")).ok_or(CannotOpen::Nowhere)?;
                Arc::new(self.engine(&url, Arc::clone(&clock)).await?)
            }
        };
        Ok(Desk { core, app: self.app.clone(), clock })
    }

    fn api_key(&self) -> Result<Option<String>, CannotOpen> {
        let Some(file) = &self.api_key_file else { return Ok(variable("HALLPASS_API_KEY")) };
        let text = std::fs::read_to_string(file).map_err(|error| CannotOpen::ApiKeyFile(file.clone(), error))?;
        Ok(Some(text.trim().to_owned()))
    }

    /// An engine without the app's keys: what operators do here needs none, so whoever may write to the database can ban, and
    /// need not be able to sign.
    async fn engine(&self, url: &str, clock: Arc<dyn Clock>) -> Result<Engine, CannotOpen> {
        let store: Arc<dyn Store> = match database(url).map_err(CannotOpen::Address)? {
            Database::Memory => return Err(CannotOpen::Memory),
            Database::Sqlite(file) if !file.is_file() => return Err(CannotOpen::NoDatabase(file)),
            Database::Sqlite(file) => Arc::new(Sqlite::open(file)?),
            Database::Postgres(url) => {
                Arc::new(Postgres::connect(url.expose(), NonZeroUsize::MIN, &self.database_schema).await.map_err(Box::new)?)
            }
        };
        let tenant = Tenant { app: self.app.clone(), tenant: TenantId::public() };
        if !self.app.is_public() && store.tenant_find(&tenant).await?.is_none() {
            return Err(CannotOpen::NoApp(self.app.clone()));
        }
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let vault = Vault::new(MasterKey::generate(&*random), Vec::new());
        let config = Config { access_token_validity: LONGEST_ACCESS_TOKEN, ..Config::default() };
        Ok(Engine::new(Environment { store, vault, clock, random, keys: Arc::new(OnDemand) }, config))
    }
}

/// An empty variable is how a container says that there is none.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Desk {
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn tenant(&self, tenant: Option<TenantId>) -> Tenant {
        Tenant { app: self.app.clone(), tenant: tenant.unwrap_or_else(TenantId::public) }
    }
}

/// A user as named on the command line.
pub(super) fn user(text: &str) -> Result<UserId, OperationError> {
    Some(UserId::from(text)).filter(UserId::is_storable).ok_or(OperationError::User)
}
