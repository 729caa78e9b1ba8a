//! Tenants: the customers inside an app, and what is configured for each.

use std::fmt;

use crate::{id::Tenant, session::JsonObject, time::Timestamp};

/// A tenant as it is stored.
///
/// # Security
/// The settings may hold secrets, such as the keys of an API: `Debug` does not show them.
#[derive(Clone, PartialEq)]
pub struct TenantRecord {
    /// Which tenant it is.
    pub tenant: Tenant,
    /// What is configured for it: a JSON document that the caller interprets (login methods, core settings).
    pub settings: JsonObject,
    /// Grows with every change: a guarded write names it.
    pub revision: u32,
    /// When it was made.
    pub created_at: Timestamp,
}

impl fmt::Debug for TenantRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, settings: _, revision, created_at } = self;
        f.debug_struct("TenantRecord")
            .field("tenant", tenant)
            .field("revision", revision)
            .field("created_at", created_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_settings() {
        let settings = JsonObject::from_iter([("api_keys".to_owned(), "s3cret".into())]);
        let record = TenantRecord { tenant: Tenant::public(), settings, revision: 7, created_at: Timestamp::default() };
        let shown = format!("{record:?}");
        assert!(shown.contains("public") && shown.contains('7'), "{shown}");
        assert!(!shown.contains("s3cret") && !shown.contains("api_keys"), "{shown}");
    }
}
