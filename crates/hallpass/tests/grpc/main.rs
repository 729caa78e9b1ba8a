//! Sessions of gRPC calls: a real tonic server and a real client at a real socket.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

mod calls;
#[path = "../it/home.rs"]
mod home;
mod one_port;
mod service;
#[path = "../it/watched.rs"]
mod watched;
#[allow(dead_code, reason = "its routes are those of the axum adapter")]
#[path = "../it/world.rs"]
mod world;

/// Responses come from a socket.
const IN_PROCESS: bool = false;

/// The HTTP side of every [`world::World`].
fn app(hallpass: &hallpass::Hallpass) -> axum::Router {
    world::routes().layer(hallpass.layer())
}
