//! Conformance with the interface that SDKs speak, version by version: by HTTP, on a real socket, with a clock that is moved.
//!
//! `gotchas.rs` has a test for everything that SDKs are known to trip over, named by its number. Those without a test there:
//!
//! | number | why |
//! | --- | --- |
//! | 44 | about overload: the limits of the listener are tested in `tests/serve` |
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

mod algorithms;
mod anything;
mod bans;
mod caller;
mod doors;
mod feed;
mod gotchas;
mod keys;
mod legacy;
mod logs;
mod own;
mod rotation;
mod rotation_at_once;
mod token_versions;
#[path = "../common/world.rs"]
mod world;
