//! Every test of the SDK in actix-web once more, with the sessions in a server: what clients are answered is the same, byte for byte.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]
#![expect(unexpected_cfgs, reason = "what needs a feature of the SDK is tried there")]

#[path = "../sdk/home.rs"]
mod home;
#[path = "../../../hallpass/tests/actix/main.rs"]
mod it;

use it::{IN_PROCESS, app, nested, server, watched, world};
