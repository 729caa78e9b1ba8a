//! What is about the server itself.

pub(super) mod apiversion;
pub(super) mod hello;
