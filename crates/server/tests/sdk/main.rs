//! Every test of the SDK once more, with the sessions in a server: what clients are answered is the same, byte for byte.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]
#![expect(unexpected_cfgs, reason = "where an engine is embedded, how it opens its file is tested besides: that is a feature of the SDK")]

mod home;
#[path = "../../../hallpass/tests/it/main.rs"]
mod it;

use it::{IN_PROCESS, app, nested, watched, world};
