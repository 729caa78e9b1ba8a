//! Where sessions are kept.

use std::{fmt, path::PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::value::Allowed;

/// The address of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// `sqlite::memory:`: gone with the process.
    Memory,
    /// `sqlite://FILE`: a file, made on first use.
    Sqlite(PathBuf),
    /// `postgres://…`: a server.
    Postgres(PostgresUrl),
}

/// The address of a PostgreSQL database.
///
/// # Security
/// Holds a password: never printed whole, leaves only through [`PostgresUrl::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(String);

impl PostgresUrl {
    /// The address, with its password.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({})", self)
    }
}

impl fmt::Display for PostgresUrl {
    /// Host and database only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        write!(f, "postgres://{}", rest.rsplit_once('@').map_or(rest, |(_, host)| host))
    }
}

impl fmt::Display for Database {
    /// Without a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("sqlite::memory:"),
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

/// `sqlite::memory:`, `sqlite://FILE` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
pub(crate) fn database(text: &str) -> Result<Database, Allowed> {
    let is_postgres = |rest: &str| !rest.is_empty() && !rest.contains(char::is_whitespace);
    match text.split_once("://") {
        None if text == "sqlite::memory:" => Ok(Database::Memory),
        Some(("sqlite", path)) if !path.is_empty() => Ok(Database::Sqlite(path.into())),
        Some(("postgres" | "postgresql", rest)) if is_postgres(rest) => Ok(Database::Postgres(PostgresUrl(text.to_owned()))),
        _ => Err("one of sqlite::memory:, sqlite://FILE and postgres://USER:PASSWORD@HOST:PORT/DATABASE".to_owned()),
    }
}

/// The parts that the core's container names apart.
#[derive(Default)]
pub(crate) struct PostgresParts<'a> {
    pub(crate) user: &'a str,
    pub(crate) password: Option<&'a str>,
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) database: &'a str,
}

impl PostgresParts<'_> {
    pub(crate) fn url(&self) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let password = self.password.map(|password| format!(":{}", encode(password))).unwrap_or_default();
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.to_owned() };
        format!("postgres://{}{password}@{host}:{}/{}", encode(self.user), self.port, encode(self.database))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_databases_are_told_apart() {
        assert_eq!(database("sqlite::memory:"), Ok(Database::Memory));
        assert_eq!(database("sqlite:///var/lib/hallpass.db"), Ok(Database::Sqlite("/var/lib/hallpass.db".into())));
        assert!(matches!(database("postgresql://u:p@h/d"), Ok(Database::Postgres(_))));
        for wrong in ["", "sqlite://", "sqlite:x", "mysql://h/d", "postgres://", "hallpass.db"] {
            assert!(database(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        for url in ["postgres://user:hunter2@db:5432/shop?password=hunter2", "postgres://user:hunt%40hunter2@x@db:5432/shop"] {
            let Ok(database) = database(url) else { panic!("{url}") };
            assert_eq!(database.to_string(), "postgres://db:5432/shop");
            assert!(!format!("{database:?}").contains("hunter2"));
        }
    }

    #[test]
    fn parts_become_an_address() {
        let parts = PostgresParts { user: "a b", password: Some("p@:/"), host: "::1", port: 5432, database: "shop" };
        assert_eq!(parts.url(), "postgres://a%20b:p%40%3A%2F@[::1]:5432/shop");
    }
}
