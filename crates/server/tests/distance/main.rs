//! A core at a distance that is not as it should be: one that is not ours, one that has too much to do, one that is away.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

mod between;
mod foreign;
mod hosts;
mod http_client;
mod keys;
mod linked;
mod overload;
mod tenants;
#[path = "../common/world.rs"]
mod world;
