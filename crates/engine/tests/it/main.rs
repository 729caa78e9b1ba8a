//! The engine as its users see it, over a real store.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

mod bans;
mod common;
mod dump;
mod embedded;
mod faults;
mod keys;
mod refresh_token;
