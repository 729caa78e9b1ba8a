//! What a failure of PostgreSQL means: for the caller, and for the connection it came from.

use std::{error::Error as _, io};

use hallpass_engine::store::StoreError;
use tokio_postgres::{
    Error,
    error::{DbError, Severity},
};

/// What is to be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Others were in the way and nothing happened: try again at once.
    Again,
    /// Nothing happened, and nothing will, however often it is tried.
    Refused,
    /// Not now.
    Busy,
    /// The connection is of no use any more, and whether the statement happened is unknown.
    Lost,
    /// The server has become a replica, or refuses to write: so do all connections to it.
    ReadOnly,
}

/// A failure, in one line without any value of a row or parameter.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) verdict: Verdict,
    /// The SQLSTATE, if the server answered.
    pub(super) code: Option<String>,
    pub(super) why: String,
}

impl Failure {
    pub(super) fn lost(why: impl Into<String>) -> Self {
        Self { verdict: Verdict::Lost, code: None, why: why.into() }
    }

    pub(super) fn again(why: impl Into<String>) -> Self {
        Self { verdict: Verdict::Again, code: None, why: why.into() }
    }

    pub(super) fn busy(why: impl Into<String>) -> Self {
        Self { verdict: Verdict::Busy, code: None, why: why.into() }
    }

    /// It was tried often enough, or trying again does not help.
    pub(super) fn into_store_error(self) -> StoreError {
        match self.verdict {
            Verdict::Again => StoreError::Contended,
            Verdict::Refused => StoreError::Refused(self.why.into()),
            Verdict::Busy | Verdict::Lost | Verdict::ReadOnly => StoreError::Unavailable(self.why.into()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if let Some(said) = error.as_db_error() {
            let code = said.code().code();
            // the message alone: details and hints may quote the row
            let why = format!("{} (SQLSTATE {code})", said.message().replace(['\n', '\r'], " "));
            return Self { verdict: judge(code, is_fatal(said)), code: Some(code.to_owned()), why };
        }
        match error.source() {
            // it never left this process
            Some(source) if !source.is::<io::Error>() => Self { verdict: Verdict::Refused, code: None, why: format!("{error}: {source}") },
            Some(source) => Self::lost(format!("{error}: {source}")),
            None => Self::lost(error.to_string()),
        }
    }
}

fn is_fatal(said: &DbError) -> bool {
    matches!(said.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
}

/// What an SQLSTATE means. `fatal`: the server closes the connection.
fn judge(code: &str, fatal: bool) -> Verdict {
    const SERIALIZATION_FAILURE: &str = "40001";
    const DEADLOCK_DETECTED: &str = "40P01";
    const READ_ONLY_TRANSACTION: &str = "25006";
    match (code, code.get(..2)) {
        (SERIALIZATION_FAILURE | DEADLOCK_DETECTED, _) => Verdict::Again,
        (READ_ONLY_TRANSACTION, _) => Verdict::ReadOnly,
        _ if fatal => Verdict::Lost,
        // not supported; cardinality, data, integrity; statement, right, catalog, schema, syntax; a limit of the program
        (_, Some("0A" | "21" | "22" | "23" | "26" | "28" | "3D" | "3F" | "42" | "54")) => Verdict::Refused,
        _ => Verdict::Busy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sqlstate_says_what_to_do() {
        let said = [
            ("40001", Verdict::Again),    // serialization failure
            ("40P01", Verdict::Again),    // deadlock
            ("25006", Verdict::ReadOnly), // a replica
            ("23505", Verdict::Refused),  // an event's name is taken
            ("22021", Verdict::Refused),  // U+0000 in a text
            ("42P01", Verdict::Refused),  // no such table
            ("42501", Verdict::Refused),  // no right
            ("54000", Verdict::Refused),  // too long for an index
            ("40003", Verdict::Busy),     // whether it completed is unknown
            ("53100", Verdict::Busy),     // disk full
            ("53300", Verdict::Busy),     // too many connections
            ("55P03", Verdict::Busy),     // a lock
            ("57014", Verdict::Busy),     // took too long
            ("XX000", Verdict::Busy),     // internal
            ("", Verdict::Busy),
            ("é", Verdict::Busy),
        ];
        for (code, verdict) in said {
            assert_eq!(judge(code, false), verdict, "{code}");
        }
        assert_eq!(judge("57P01", true), Verdict::Lost, "shut down");
        assert_eq!(judge("40001", true), Verdict::Again, "nothing happened, whatever became of the connection");
    }
}
