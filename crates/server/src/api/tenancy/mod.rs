//! Apps and their tenants.

pub(super) mod settings;
