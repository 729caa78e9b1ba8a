//! What an operator configures.
//!
//! A setting comes from a flag, from `HALLPASS_…` in the environment, from a variable of the core's container image, from
//! `hallpass.toml`, or has its default: the first of these counts. What is wrong anywhere is said all at once, and the server
//! does not start. `table` lists the settings of the server, [`crate::core_config`] those that apps may override.

mod core_environment;
mod database;
mod flags;
mod mistake;
mod names;
pub mod reference;
mod sources;
mod table;
pub(crate) mod value;

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use hallpass_engine::vault::MasterKey;
use tracing::level_filters::LevelFilter;

pub use self::{
    database::{Database, PostgresUrl},
    flags::Flags,
    mistake::Mistakes,
    sources::Sources,
    value::Address,
};
use self::{mistake::Mistake, names::Name, table::Secrecy};
use crate::app_settings::{ApiKeys, AppSettings};

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What one client, or all of them, may ask of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest request body.
    pub body_bytes: usize,
    /// The longest head of a request.
    pub header_bytes: usize,
    /// The most requests at a time.
    pub requests: usize,
    /// The most connections at a time.
    pub connections: usize,
    /// The longest that a request may take.
    pub request_timeout: Duration,
    /// The longest that its head may take.
    pub header_timeout: Duration,
    /// How long requests may go on when the server stops.
    pub shutdown_grace: Duration,
}

/// The settings of a server: every value checked.
///
/// # Security
/// `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: Address,
    /// Empty, or `/…`.
    pub base_path: String,
    /// The certificate chain; there is also a key then.
    pub tls_certificate_file: Option<PathBuf>,
    /// Its private key.
    pub tls_key_file: Option<PathBuf>,
    /// Where to answer monitoring only.
    pub admin_listen: Option<Address>,
    /// Where sessions are kept.
    pub database: Database,
    /// The schema of a PostgreSQL database.
    pub database_schema: String,
    /// The most connections to a PostgreSQL database.
    pub database_pool_size: NonZeroUsize,
    /// The first seals, all open. Empty: a SQLite file has its key beside it.
    pub master_keys: Vec<MasterKey>,
    /// Where the keys above came from, if from a file.
    pub master_key_file: Option<PathBuf>,
    /// A file with the API keys of apps that override nothing; read again when it changes.
    pub api_keys_file: Option<PathBuf>,
    /// Seals under a key that everyone knows.
    pub dangerous_plaintext_keys: bool,
    /// What holds for every app that does not override it.
    pub app: AppSettings,
    /// What clients may ask.
    pub limits: Limits,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// The least important ones.
    pub log_level: LevelFilter,
    /// Where traces are sent.
    pub otlp_endpoint: Option<String>,
    /// For test suites.
    pub test_mode: bool,
    /// What to say once at start.
    pub notices: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: Address { host: "127.0.0.1".to_owned(), port: 3567 },
            base_path: String::new(),
            tls_certificate_file: None,
            tls_key_file: None,
            admin_listen: None,
            database: Database::Memory,
            database_schema: "hallpass".to_owned(),
            database_pool_size: NonZeroUsize::new(10).unwrap_or(NonZeroUsize::MIN),
            master_keys: Vec::new(),
            master_key_file: None,
            api_keys_file: None,
            dangerous_plaintext_keys: false,
            app: AppSettings::default(),
            limits: Limits {
                body_bytes: 1 << 20,
                header_bytes: 1 << 16,
                requests: 1024,
                connections: 8192,
                request_timeout: Duration::from_secs(30),
                header_timeout: Duration::from_secs(100),
                shutdown_grace: Duration::from_secs(25),
            },
            log_format: LogFormat::Text,
            log_level: LevelFilter::INFO,
            otlp_endpoint: None,
            test_mode: false,
            notices: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// [`Mistakes`]: all of them.
    pub fn read(sources: Sources) -> Result<Self, Mistakes> {
        let mut mistakes = Vec::new();
        let collected = sources.collect(&mut mistakes);
        let mut settings = Self { notices: collected.notices, ..Self::default() };
        let given = |name: &str| collected.values.get(name).map(|given| given.text.as_str());
        if given("test_mode").is_some_and(|text| value::flag(text) == Ok(true)) {
            // before the others: it changes what they may be
            settings.app = AppSettings::for_tests();
            settings.dangerous_plaintext_keys = true;
        }
        for name in Name::all() {
            let Some(given) = collected.values.get(name.text()) else { continue };
            if let Err(allowed) = name.set(&mut settings, given.text.trim()) {
                mistakes.push(Mistake::value(&given.place, &given.text, name.secrecy() != Secrecy::Open, &allowed));
            }
        }
        if mistakes.is_empty() {
            settings.read_master_keys(&mut mistakes);
            settings.read_api_keys(&mut mistakes);
            settings.check(&mut mistakes);
        }
        if !mistakes.is_empty() {
            return Err(Mistakes(mistakes));
        }
        settings.warn();
        Ok(settings)
    }

    /// Reads where sessions are kept, and nothing else: enough for whoever opens a server's database beside it, and needs none of
    /// its secrets. `None`: no database is named.
    ///
    /// # Errors
    /// [`Mistakes`]: all of them.
    pub(crate) fn read_database(sources: Sources) -> Result<Option<Self>, Mistakes> {
        let (mut mistakes, mut settings) = (Vec::new(), Self::default());
        let collected = sources.collect(&mut mistakes);
        for name in ["database", "database_schema", "database_pool_size"].into_iter().filter_map(Name::find) {
            let Some(given) = collected.values.get(name.text()) else { continue };
            if let Err(allowed) = name.set(&mut settings, given.text.trim()) {
                mistakes.push(Mistake::value(&given.place, &given.text, name.secrecy() != Secrecy::Open, &allowed));
            }
        }
        let is_named = collected.values.contains_key("database");
        if mistakes.is_empty() { Ok(is_named.then_some(settings)) } else { Err(Mistakes(mistakes)) }
    }

    /// How long a used refresh token may still be under way. A test suite wants to see at once that it is dead.
    pub fn confirm_grace(&self) -> Duration {
        if self.test_mode { Duration::ZERO } else { Duration::from_secs(10) }
    }

    /// What is allowed, and still worth a word.
    fn warn(&mut self) {
        if self.database == Database::Memory {
            self.notices.push("sessions are kept in memory and end with this process: name a database to keep them".to_owned());
        }
        if self.test_mode {
            self.notices.push(
                "test mode: limits do not hold, and whoever reads the database can sign tokens; never use it in production".to_owned(),
            );
        } else if self.dangerous_plaintext_keys {
            self.notices.push("dangerous_plaintext_keys: whoever reads the database can sign tokens".to_owned());
        }
    }

    fn read_master_keys(&mut self, mistakes: &mut Vec<Mistake>) {
        let Some(file) = &self.master_key_file else { return };
        if !self.master_keys.is_empty() {
            return mistakes.push(Mistake::other("master_key and master_key_file are both given: one of them is enough"));
        }
        let keys = std::fs::read_to_string(file).map_err(|error| format!("cannot be read: {error}"));
        let keys = keys.and_then(|text| table::master_keys(&text).map_err(|allowed| format!("does not hold {allowed}")));
        match keys {
            Ok(keys) => self.master_keys = keys,
            Err(why) => mistakes.push(Mistake::other(format_args!("the master key file {} {why}", file.display()))),
        }
    }

    fn read_api_keys(&mut self, mistakes: &mut Vec<Mistake>) {
        let Some(file) = &self.api_keys_file else { return };
        if !self.app.api_keys.is_empty() {
            return mistakes.push(Mistake::other("api_keys and api_keys_file are both given: one of them is enough"));
        }
        match api_keys_in(file) {
            Ok(keys) => self.app.api_keys.set_keys(keys),
            Err(why) => mistakes.push(Mistake::other(why)),
        }
    }

    /// What concerns more than one setting.
    fn check(&self, mistakes: &mut Vec<Mistake>) {
        if self.tls_certificate_file.is_some() != self.tls_key_file.is_some() {
            mistakes.push(Mistake::other("tls_certificate_file and tls_key_file belong together: only one of them is given"));
        }
        if self.app.api_keys.has_saas_secret() && self.app.api_keys.is_empty() {
            mistakes.push(Mistake::other("supertokens_saas_secret needs api_keys: without them everyone may call"));
        }
        mistakes.extend(self.app.check().err().map(Mistake::other));
        let has_key = !self.master_keys.is_empty() || self.dangerous_plaintext_keys;
        if matches!(self.database, Database::Postgres(_)) && !has_key {
            mistakes.push(Mistake::other(
                "a PostgreSQL database needs a master key: make one with `hallpass keygen` and give it as HALLPASS_MASTER_KEY or in the file \
                 that master_key_file names",
            ));
        }
    }
}

/// The API keys in a file, separated by lines or commas: at least one, for an empty file must not let everyone in. Otherwise
/// what is wrong.
pub(crate) fn api_keys_in(file: &Path) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("the file of API keys {} cannot be read: {error}", file.display()))?;
    let keys = ApiKeys::parse(&text.trim().replace('\n', ",")).ok().filter(|keys| !keys.is_empty());
    keys.ok_or_else(|| {
        format!(
            "the file of API keys {} must hold keys of 20 characters or more from A-Z, a-z, 0-9, '=' and '-', one a line",
            file.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_in_the_table_are_those_that_hold() {
        let mut settings = Settings::default();
        for name in Name::all().filter(|name| !name.default().is_empty()) {
            name.set(&mut settings, name.default()).unwrap();
            assert_eq!(format!("{settings:?}"), format!("{:?}", Settings::default()), "{}", name.text());
        }
    }

    #[test]
    fn every_setting_changes_something() {
        let values = |name: Name| match name.text() {
            "master_key" => MasterKey::generate(&hallpass_engine::random::SystemRandom).to_text().to_string(),
            "database" => "sqlite://x".to_owned(),
            "otlp_endpoint" => "http://collector".to_owned(),
            "supertokens_min_cdi_version" | "supertokens_max_cdi_version" => "5.0".to_owned(),
            "recent_token_reuse_behaviour" => "UNAUTHORISED".to_owned(),
            "api_keys" => "k".repeat(20),
            "supertokens_saas_secret" => "k".repeat(40),
            "access_token_validity_jitter" => "0.1".to_owned(),
            _ => match name.form() {
                "ADDRESS:PORT" => "[::1]:1".to_owned(),
                "true|false" => (name.default() == "false" || name.default().is_empty()).to_string(),
                "DURATION" => "7s".to_owned(),
                "NUMBER" | "WHOLE NUMBER" => "9000".to_owned(),
                form if form.contains('|') => form.split('|').find(|word| *word != name.default()).unwrap().to_owned(),
                _ => "other".to_owned(),
            },
        };
        for name in Name::all() {
            let mut settings = Settings::default();
            let value =
                if name.text().ends_with("grace_period") || name.text() == "database_pool_size" { "7".to_owned() } else { values(name) };
            name.set(&mut settings, &value).unwrap();
            let changed = if name.text() == "supertokens_saas_secret" {
                settings.app.api_keys.has_saas_secret()
            } else {
                format!("{settings:?}") != format!("{:?}", Settings::default())
            };
            assert!(changed, "{} = {value}", name.text());
        }
    }
}
