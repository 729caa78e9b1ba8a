//! Where a task is done: in a database, or through a server.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use hallpass::remote::RemoteCore;
use hallpass_engine::{
    core::{Core, CoreError, TokenText},
    engine::{Config, Engine, Environment},
    id::{AppId, SessionHandle, Tenant, TenantId},
    key_source::OnDemand,
    random::{Random, SystemRandom},
    store::Store,
    time::{Clock, SystemClock, Timestamp},
    vault::{MasterKey, Vault},
};

use super::failure::{Failure, Trouble};
use crate::{
    serve,
    settings::{self, Database, Settings, Sources},
};

/// The variable that holds the API key of a server.
const API_KEY: &str = "HALLPASS_API_KEY";

/// So long verifiers hear of what is done in a database, whose apps may let access tokens live longer than the default. As long
/// as events are kept by default; whoever knows more exactly is the app itself, or its server.
const FELT_FOR: std::time::Duration = std::time::Duration::from_secs(90 * 24 * 3600);

/// Where, and for whom the answer is.
#[derive(Args)]
#[command(next_help_heading = "Where")]
pub struct Options {
    /// The database: sqlite://FILE or postgres://…; by default what `hallpass serve` would use here (HALLPASS_DATABASE, hallpass.toml)
    #[arg(long, value_name = "URL", global = true)]
    database: Option<String>,
    /// A running server instead of a database, such as http://localhost:3567
    #[arg(long, value_name = "URL", global = true)]
    core: Option<String>,
    /// A file with an API key of that server; or set HALLPASS_API_KEY
    #[arg(long, value_name = "FILE", global = true)]
    api_key_file: Option<PathBuf>,
    /// The app
    #[arg(long, value_name = "ID", global = true, default_value = "public")]
    app: AppId,
    /// The tenant; by default all of them, and for roles the one named public
    #[arg(long, value_name = "ID", global = true)]
    tenant: Option<TenantId>,
    /// Answer scripts (JSON, times in milliseconds), not people
    #[arg(long, global = true)]
    pub(super) json: bool,
}

/// An app and perhaps a tenant of it, in a database or behind a server.
pub(super) struct Place {
    pub(super) core: Arc<dyn Core>,
    pub(super) app: AppId,
    pub(super) tenant: Option<TenantId>,
    clock: Arc<dyn Clock>,
    kind: Kind,
}

enum Kind {
    Database { store: Arc<dyn Store>, name: String },
    Server { name: String, has_key: bool },
}

impl Place {
    /// Opens the database, which must be there, or sets up calls to the server.
    pub(super) async fn open(options: &Options) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let (core, kind) = match (&options.core, &options.database, &options.api_key_file) {
            (Some(_), Some(_), _) => return Err(Failure::Usage("--database and --core are both given: name one of them".to_owned())),
            (None, _, Some(_)) => {
                return Err(Failure::Usage("--api-key-file is of use only with --core: a database asks for no key".to_owned()));
            }
            (Some(core), None, _) => server(core, options, &clock)?,
            (None, database, None) => open_database(database.as_deref(), &clock).await?,
        };
        let place = Self { core, app: options.app.clone(), tenant: options.tenant.clone(), clock, kind };
        place.app_must_exist().await.map_err(|trouble| place.failed(trouble))?;
        Ok(place)
    }

    /// The present moment, by this machine's clock.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The tenant that a task concerns which belongs to one tenant always.
    pub(super) fn one_tenant(&self) -> Tenant {
        Tenant { app: self.app.clone(), tenant: self.tenant.clone().unwrap_or_else(TenantId::public) }
    }

    /// In our words, whatever failed.
    pub(super) fn failed(&self, trouble: Trouble) -> Failure {
        let error = match trouble {
            Trouble::Said(failure) => return failure,
            Trouble::Core(error) => error,
        };
        match &self.kind {
            Kind::Database { name, .. } => Failure::of_database(name, error),
            Kind::Server { name, has_key } => Failure::of_server(name, *has_key, error),
        }
    }

    /// A session handle as somebody typed it. It is not repeated: what was pasted may be a token.
    pub(super) async fn handle(&self, text: &str) -> Result<SessionHandle, Trouble> {
        let parsed = text.parse::<SessionHandle>();
        let handle = parsed.map_err(|error| Failure::Usage(format!("{error}: `hallpass sessions list USER` tells them")))?;
        if let Some(tenant) = self.tenant.as_ref().filter(|tenant| *tenant != handle.tenant()) {
            let why = format!("the session {handle} is in the tenant {}, not in {tenant}", handle.tenant());
            return Err(Failure::Usage(why).into());
        }
        self.tenant_must_exist(handle.tenant()).await?;
        Ok(handle)
    }

    /// A server says by itself which apps it does not know.
    async fn app_must_exist(&self) -> Result<(), Trouble> {
        let Kind::Database { store, .. } = &self.kind else { return Ok(()) };
        let is_there = self.app.is_public() || !self.tenants(&**store).await?.is_empty();
        if is_there { Ok(()) } else { Err(Failure::no_app(&self.app).into()) }
    }

    /// The tenant that was named, if one was, must be there.
    pub(super) async fn named_tenant_must_exist(&self) -> Result<(), Trouble> {
        match &self.tenant {
            Some(tenant) => self.tenant_must_exist(tenant).await,
            None => Ok(()),
        }
    }

    /// Refuses a tenant that was never made: nobody is to be banned in a place that was mistyped. An app that embeds its engine
    /// makes no tenants and uses any; a server says by itself which it does not know.
    async fn tenant_must_exist(&self, tenant: &TenantId) -> Result<(), Trouble> {
        let Kind::Database { store, .. } = &self.kind else { return Ok(()) };
        let known = self.tenants(&**store).await?;
        let is_there = tenant.is_public() || known.is_empty() || known.contains(tenant);
        if is_there { Ok(()) } else { Err(Failure::no_tenant(&self.app, tenant).into()) }
    }

    /// Called before it is said that there are no bans or events: a server that knows none of ours tells of none, and then its
    /// silence means nothing. It has no feed, either, and that it says.
    pub(super) async fn must_be_ours(&self) -> Result<(), Trouble> {
        match &self.kind {
            Kind::Database { .. } => Ok(()),
            Kind::Server { .. } => Ok(self.core.feed(&self.app, None).await.map(drop)?),
        }
    }

    async fn tenants(&self, store: &dyn Store) -> Result<Vec<TenantId>, Trouble> {
        let known = store.tenant_list(Some(&self.app)).await.map_err(CoreError::from)?;
        Ok(known.into_iter().map(|record| record.tenant.tenant).collect())
    }
}

fn server(core: &str, options: &Options, clock: &Arc<dyn Clock>) -> Result<(Arc<dyn Core>, Kind), Failure> {
    // where a password might be is known before anything of it is shown
    let is_address = |host: &str| matches!(settings::value::http_url(host.trim()), Ok(Some(_)));
    if !core.split(';').all(is_address) {
        return Err(Failure::Usage(
            "--core must be the address of a server, http://HOST:PORT or https://…, without a password (several of one fleet are separated by ;)"
                .to_owned(),
        ));
    }
    let key = api_key(options)?;
    let remote = RemoteCore::new(core, key.as_ref().map(TokenText::expose), Arc::clone(clock))?;
    Ok((Arc::new(remote), Kind::Server { name: core.to_owned(), has_key: key.is_some() }))
}

/// From the file, or else from the environment.
///
/// # Security
/// Never from the command line: everybody on a machine can read those.
fn api_key(options: &Options) -> Result<Option<TokenText>, Failure> {
    let Some(file) = &options.api_key_file else {
        let given = std::env::var(API_KEY).ok().map(|key| key.trim().to_owned());
        return Ok(given.filter(|key| !key.is_empty()).map(TokenText::from));
    };
    let keys = settings::api_keys_in(file).map_err(Failure::ApiKey)?;
    Ok(keys.into_iter().next().map(TokenText::from))
}

/// Opens a database that is there already.
async fn open_database(url: Option<&str>, clock: &Arc<dyn Clock>) -> Result<(Arc<dyn Core>, Kind), Failure> {
    let environment = std::env::vars_os().filter(|(name, _)| name.to_str() != Some(API_KEY)).collect();
    let flags = url.map(|url| ("database", url.to_owned())).into_iter().collect();
    let settings = Settings::read_database(Sources { flags, file: None, environment })?;
    let Some(settings) = settings else {
        return Err(Failure::Usage(
            "where? Name a database by --database sqlite://FILE or HALLPASS_DATABASE, or a running server by --core http://HOST:PORT"
                .to_owned(),
        ));
    };
    if settings.database == Database::Memory {
        let remedy = "name the server that it belongs to by --core http://HOST:PORT";
        return Err(Failure::Usage(format!("a database in memory is seen by its process only: {remedy}")));
    }
    let name = settings.database.to_string();
    let store = serve::open_existing_store(&settings).await?.ok_or_else(|| Failure::no_database(&name))?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let environment = Environment {
        store: Arc::clone(&store),
        // opens nothing: no task here needs a key
        vault: Vault::new(MasterKey::generate(&*random), Vec::new()),
        clock: Arc::clone(clock),
        random,
        keys: Arc::new(OnDemand),
    };
    let engine = Engine::new(environment, Config { access_token_validity: FELT_FOR, ..Config::default() });
    Ok((Arc::new(engine), Kind::Database { store, name }))
}
