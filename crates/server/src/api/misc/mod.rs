//! What is about the server itself.

pub(super) mod apiversion;
pub(super) mod config;
pub(super) mod features;
pub(super) mod hello;
pub(super) mod license;
pub(super) mod stats;
pub(super) mod telemetry;
