//! Metadata: what an application keeps about a user, beside all sessions and whatever the tenant.

pub(super) mod bulk;
pub(super) mod get;
pub(super) mod remove;
pub(super) mod update;
