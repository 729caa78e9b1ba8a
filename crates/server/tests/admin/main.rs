//! What operators do from the command line, with the real binary: on a database that apps have open, and through a running server.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

mod bans;
mod events;
mod mistakes;
mod places;
mod postgresql;
mod roles;
mod sessions;
mod shop;
