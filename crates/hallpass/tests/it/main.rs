//! The SDK over a real engine, as clients see it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

mod anti_csrf;
mod attaching;
mod cached;
mod callbacks;
mod claims;
mod client;
mod confirmation;
mod duplicates;
#[cfg(feature = "sqlite")]
mod embedded;
mod errors;
mod gotchas;
mod hardening;
mod headers;
pub(crate) mod home;
mod hooks;
mod hostile;
mod jwts;
mod logs;
mod managing;
mod metadata;
mod mobile;
mod old_tokens;
mod outcomes;
mod over_wires;
mod own_sessions;
mod payload;
mod races;
mod read_session;
mod revocation;
mod role_routes;
mod roles;
mod routes;
mod sign_in;
mod sign_out;
mod sites;
mod transfer;
mod two_apps;
mod two_apps_by_hand;
pub(crate) mod watched;
mod without_layer;
mod without_request;
pub(crate) mod world;

/// Whether responses are as the SDK left them, and not as a client read them from a socket.
pub(crate) const IN_PROCESS: bool = true;

/// The app of every [`world::World`].
pub(crate) fn app(hallpass: &hallpass::Hallpass) -> axum::Router {
    world::routes().layer(hallpass.layer())
}

/// An app, and the one of the office inside it.
pub(crate) fn nested(users: &hallpass::Hallpass, office: &hallpass::Hallpass) -> axum::Router {
    world::routes().nest("/office", world::routes().layer(office.layer())).nest("/office/auth", office.routes()).layer(users.layer())
}
