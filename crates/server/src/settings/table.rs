//! Every setting of the server, once: its name, its default, what it means, and how its text is read.
//!
//! A setting `NAME` is `NAME` in the file, `HALLPASS_NAME` in the environment and `--name` on the command line.

use std::{num::NonZeroUsize, time::Duration};

use hallpass_engine::vault::MasterKey;
use tracing::level_filters::LevelFilter;

use super::{
    LogFormat, Settings,
    database::database,
    value::{self, Allowed, Unit},
};

/// Who may see a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// Everyone.
    Open,
    /// It may hold a password: not shown in messages.
    Hidden,
    /// A secret as a whole: not shown, and not taken from the command line, which every process of the machine can read.
    Secret,
}

/// A setting of the server.
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    /// How a value is written.
    pub(crate) form: &'static str,
    /// What holds when nothing is given; empty for nothing.
    pub(crate) default: &'static str,
    pub(crate) secrecy: Secrecy,
    pub(crate) help: &'static str,
    pub(crate) set: fn(&mut Settings, &str) -> Result<(), Allowed>,
}

type Set = fn(&mut Settings, &str) -> Result<(), Allowed>;

const fn open(name: &'static str, form: &'static str, default: &'static str, help: &'static str, set: Set) -> Setting {
    Setting { name, form, default, secrecy: Secrecy::Open, help, set }
}

const fn hidden(name: &'static str, form: &'static str, default: &'static str, help: &'static str, set: Set) -> Setting {
    Setting { name, form, default, secrecy: Secrecy::Hidden, help, set }
}

const fn secret(name: &'static str, form: &'static str, help: &'static str, set: Set) -> Setting {
    Setting { name, form, default: "", secrecy: Secrecy::Secret, help, set }
}

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Settings that belong together, and what they are about, in the order in which they are explained.
#[rustfmt::skip] // one row, one or two lines
pub(crate) const SECTIONS: &[(&str, &[Setting])] = &[("Listening", &[
    open("listen", "ADDRESS:PORT", "127.0.0.1:3567",
        "Where to listen. Port 0 takes any that is free.",
        |to, text| { to.listen = value::address(text)?; Ok(()) }),
    open("base_path", "PATH", "",
        "A path that everything lies below, such as /auth. Other paths answer 404.",
        |to, text| { to.base_path = value::base_path(text)?; Ok(()) }),
    open("tls_certificate_file", "FILE", "",
        "A file with the certificate chain (PEM). With it and its key the server speaks TLS.",
        |to, text| { to.tls_certificate_file = value::file(text)?; Ok(()) }),
    open("tls_key_file", "FILE", "",
        "A file with the private key of that certificate (PEM).",
        |to, text| { to.tls_key_file = value::file(text)?; Ok(()) }),
    open("admin_listen", "ADDRESS:PORT", "",
        "Where to answer /metrics without an API key, beside /live and /ready. Let only your monitoring reach it.",
        |to, text| { to.admin_listen = if text.is_empty() { None } else { Some(value::address(text)?) }; Ok(()) }),
]),
("Storage", &[
    hidden("database", "URL", "sqlite::memory:",
        "Where sessions are kept: sqlite::memory: (lost at the end), sqlite://FILE or postgres://USER:PASSWORD@HOST:PORT/DATABASE.",
        |to, text| { to.database = database(text)?; Ok(()) }),
    open("database_schema", "NAME", "hallpass",
        "The schema of a PostgreSQL database that holds the tables. It is made if it is not there.",
        |to, text| { to.database_schema = schema(text)?; Ok(()) }),
    open("database_pool_size", "NUMBER", "10",
        "The most connections to a PostgreSQL database.",
        |to, text| { to.database_pool_size = value::count(text, 1..=1000)?.try_into().unwrap_or(NonZeroUsize::MIN); Ok(()) }),
]),
("Keys", &[
    secret("master_key", "KEY[,KEY]",
        "What signing keys are sealed under in the database; `hallpass keygen` makes one. Of several, the first seals and all open. \
         PostgreSQL needs one; beside a SQLite file a key file is made.",
        |to, text| { to.master_keys = master_keys(text)?; Ok(()) }),
    open("master_key_file", "FILE", "",
        "A file with master keys, one a line, instead of `master_key`.",
        |to, text| { to.master_key_file = value::file(text)?; Ok(()) }),
    open("api_keys_file", "FILE", "",
        "A file with API keys, one a line, instead of `api_keys`. It is read again within seconds after it changed: keys can be changed without a restart.",
        |to, text| { to.api_keys_file = value::file(text)?; Ok(()) }),
    open("dangerous_plaintext_keys", "true|false", "false",
        "Seals under a key that everyone knows: whoever reads the database can sign tokens. For tests only.",
        |to, text| { to.dangerous_plaintext_keys = value::flag(text)?; Ok(()) }),
    open("signing_algorithm", "RS256|ES256|EdDSA", "RS256",
        "What new signing keys sign with. RS256 is what every SDK knows; ES256 and EdDSA are much faster. May be changed at any time: nobody is signed out.",
        |to, text| { to.app.algorithm = value::algorithm(text)?; Ok(()) }),
]),
("Limits", &[
    open("max_body_bytes", "NUMBER", "1048576",
        "The longest request body; longer ones are answered with 413.",
        |to, text| { to.limits.body_bytes = value::count(text, 1024..=1 << 30)?; Ok(()) }),
    open("max_header_bytes", "NUMBER", "65536",
        "The longest head of a request: its first line and headers.",
        |to, text| { to.limits.header_bytes = value::count(text, 8192..=1 << 20)?; Ok(()) }),
    open("max_requests", "NUMBER", "1024",
        "The most requests at a time; more are answered with 503 at once.",
        |to, text| { to.limits.requests = value::count(text, 1..=1 << 20)?; Ok(()) }),
    open("max_connections", "NUMBER", "8192",
        "The most connections at a time; more have to wait.",
        |to, text| { to.limits.connections = value::count(text, 1..=1 << 20)?; Ok(()) }),
    open("request_timeout", "DURATION", "30s",
        "The longest that a request may take, its body included, before it is answered with 503.",
        |to, text| { to.limits.request_timeout = value::duration(text, Unit::Second, MS..=HOUR)?; Ok(()) }),
    open("header_timeout", "DURATION", "100s",
        "The longest that a client may take to send the head of a request, and that a connection is kept without one: longer than \
         clients keep theirs (Go: 90s), so that none of them finds it closed at the wrong moment.",
        |to, text| { to.limits.header_timeout = value::duration(text, Unit::Second, MS..=HOUR)?; Ok(()) }),
    open("shutdown_grace", "DURATION", "25s",
        "How long requests that are under way may take to end when the server is told to stop.",
        |to, text| { to.limits.shutdown_grace = value::duration(text, Unit::Second, Duration::ZERO..=HOUR)?; Ok(()) }),
]),
("Logs and traces", &[
    open("log_format", "text|json", "text",
        "How log lines are written, to the standard error output.",
        |to, text| { to.log_format = value::choice(text, &[("text", LogFormat::Text), ("json", LogFormat::Json)])?; Ok(()) }),
    open("log_level", "off|error|warn|info|debug", "info",
        "The least important lines that are written. Each request is a line of level info.",
        |to, text| { to.log_level = value::choice(text, LEVELS)?; Ok(()) }),
    hidden("otlp_endpoint", "URL", "",
        "Where traces of requests are sent: an OpenTelemetry collector that takes OTLP over HTTP, such as http://127.0.0.1:4318.",
        |to, text| { to.otlp_endpoint = value::http_url(text)?; Ok(()) }),
]),
("Tests of SDKs", &[
    open("test_mode", "true|false", "false",
        "For test suites of SDKs only: keys may be replaced every second, access tokens live exactly as long as set, \
         a used token is dead at once, and `dangerous_plaintext_keys` is taken for granted.",
        |to, text| { to.test_mode = value::flag(text)?; Ok(()) }),
])];

const LEVELS: &[(&str, LevelFilter)] = &[
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("none", LevelFilter::OFF), // the core's word
];

/// A name that needs no quotes in SQL.
fn schema(text: &str) -> Result<String, Allowed> {
    let begins = text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    let is_plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if begins && is_plain && !text.starts_with("pg_") && text.len() <= 63 {
        return Ok(text.to_owned());
    }
    Err("a name from a-z, 0-9 and '_', such as hallpass".to_owned())
}

/// One key or several, separated by commas or lines.
pub(crate) fn master_keys(text: &str) -> Result<Vec<MasterKey>, Allowed> {
    let keys = text.split([',', '\n']).map(str::trim).filter(|key| !key.is_empty());
    let keys = keys.map(MasterKey::from_text).collect::<Result<Vec<_>, _>>();
    keys.ok()
        .filter(|keys| !keys.is_empty())
        .ok_or_else(|| "a master key as `hallpass keygen` makes it, or several separated by commas".to_owned())
}
