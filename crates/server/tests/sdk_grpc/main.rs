//! Every test of the sessions of gRPC calls once more, with the sessions in a server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

#[path = "../sdk/home.rs"]
mod home;
#[path = "../../../hallpass/tests/grpc/main.rs"]
mod it;

use it::{IN_PROCESS, app, service, watched, world};
