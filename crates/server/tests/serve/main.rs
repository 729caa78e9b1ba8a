//! What surrounds the handlers, on real sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

mod limits;
mod process;
mod running;
mod shutdown;
mod sights;
mod tls;
