//! Sessions of gRPC calls: a real tonic server and a real client at a real socket.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

mod calls;
#[path = "../it/home.rs"]
pub(crate) mod home;
mod one_port;
pub(crate) mod service;
mod two_apps;
#[path = "../it/watched.rs"]
pub(crate) mod watched;
#[allow(dead_code, reason = "its routes are those of the axum adapter")]
#[path = "../it/world.rs"]
pub(crate) mod world;

/// Responses come from a socket.
pub(crate) const IN_PROCESS: bool = false;

/// The HTTP side of every [`world::World`].
pub(crate) fn app(hallpass: &hallpass::Hallpass) -> axum::Router {
    world::routes().layer(hallpass.layer())
}
