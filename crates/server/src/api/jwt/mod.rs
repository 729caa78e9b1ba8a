//! JWTs on demand, and the keys that verify them.

pub(super) mod create;
pub(super) mod jwks;
