//! The interface as SDKs see it: by HTTP, on a real socket, over a real database. Its clock stands still unless it is moved.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

mod description;
mod doors;
mod examples;
mod isolation;
mod metadata;
mod misc;
mod removal;
mod roles;
mod tenancy;
mod tenants;
#[path = "../common/world.rs"]
mod world;
