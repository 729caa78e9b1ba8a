//! Why a database cannot be used, for whoever has to put it right.

use super::{failure::Failure, schema::Schema};

/// Why a PostgreSQL database cannot be used, and what to do about it: one line, without the password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL makes no sense, or asks for what is not there.
    #[error("the URL of the database cannot be used: {0}")]
    Url(&'static str),
    /// Not a name that a schema may have.
    #[error("the database schema needs a name of at most 63 letters, digits and underscores that begins with neither a digit nor pg_")]
    SchemaName,
    /// No certificate could be trusted.
    #[error("no encrypted connection to the database: {0}")]
    Roots(String),
    /// Nobody answers, or the server turns us away.
    #[error("cannot connect to the database {address}: {why}")]
    Unreachable {
        /// Its hosts and its name.
        address: String,
        /// What the server, the driver or the operating system says.
        why: String,
    },
    /// It would lose or refuse texts.
    #[error("the database keeps its texts as {0}, and Hallpass needs UTF8: create one WITH ENCODING 'UTF8' TEMPLATE template0")]
    Encoding(String),
    /// It would acknowledge what is not on its disk yet.
    #[error("the database acknowledges changes before they are on its disk: set synchronous_commit and fsync to on")]
    Durability,
    /// Some other program's schema.
    #[error("the database schema {0:?} holds tables of something else, and was left as it is; name another schema")]
    Foreign(String),
    /// We are too old for it.
    #[error(
        "the database schema {schema:?} was made by a newer version of Hallpass (schema {found}, this one knows {known}); install that version"
    )]
    Newer {
        /// Its name.
        schema: String,
        /// Its version.
        found: i64,
        /// The version that we know.
        known: usize,
    },
    /// Another process is changing the schema.
    #[error("another process is bringing the database schema {0:?} up to date; try again when it is done")]
    Locked(String),
    /// The user may not do that.
    #[error(
        "the database user may not bring the schema {schema:?} up to date ({why}); grant it CREATE on the database, or make it the schema's owner"
    )]
    NotAllowed {
        /// Its name.
        schema: String,
        /// What the server says.
        why: String,
    },
    /// Everything else.
    #[error("cannot use the database: {0}")]
    Failed(String),
}

impl ConnectError {
    pub(super) fn from_migration(failure: Failure, schema: &Schema) -> Self {
        const LOCK_NOT_AVAILABLE: &str = "55P03";
        const INSUFFICIENT_PRIVILEGE: &str = "42501";
        let schema = schema.as_str().to_owned();
        match failure.code.as_deref() {
            Some(LOCK_NOT_AVAILABLE) => Self::Locked(schema),
            Some(INSUFFICIENT_PRIVILEGE) => Self::NotAllowed { schema, why: failure.why },
            _ => failure.into(),
        }
    }
}

impl From<Failure> for ConnectError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.why)
    }
}
