//! The SDK in a real actix-web server at a real socket: the tests of the axum adapter, and what only actix-web has.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

#[path = "../it/anti_csrf.rs"]
mod anti_csrf;
mod app;
#[path = "../it/claims.rs"]
mod claims;
#[path = "../it/client.rs"]
mod client;
#[path = "../it/confirmation.rs"]
mod confirmation;
#[path = "../it/duplicates.rs"]
mod duplicates;
#[path = "../it/errors.rs"]
mod errors;
mod extractors;
#[path = "../it/gotchas/mod.rs"]
mod gotchas;
#[path = "../it/hardening.rs"]
mod hardening;
#[path = "../it/headers.rs"]
mod headers;
#[path = "../it/home.rs"]
pub(crate) mod home;
#[path = "../it/hooks.rs"]
mod hooks;
#[path = "../it/hostile.rs"]
mod hostile;
mod middleware;
#[path = "../it/outcomes.rs"]
mod outcomes;
#[path = "../it/payload.rs"]
mod payload;
#[path = "../it/races.rs"]
mod races;
#[path = "../it/revocation.rs"]
mod revocation;
#[path = "../it/routes.rs"]
mod routes;
pub(crate) mod server;
#[path = "../it/sign_in.rs"]
mod sign_in;
#[path = "../it/sign_out.rs"]
mod sign_out;
#[path = "../it/sites.rs"]
mod sites;
#[path = "../it/transfer.rs"]
mod transfer;
#[path = "../it/two_apps.rs"]
mod two_apps;
#[path = "../it/watched.rs"]
pub(crate) mod watched;
#[allow(dead_code, reason = "its routes are those of the axum adapter")]
#[path = "../it/world.rs"]
pub(crate) mod world;

/// Responses come from a socket.
pub(crate) const IN_PROCESS: bool = false;

/// The app of every [`world::World`].
pub(crate) fn app(hallpass: &hallpass::Hallpass) -> axum::Router {
    let hallpass = hallpass.clone();
    server::start(move || {
        actix_web::App::new().configure(app::routes).wrap(hallpass.actix()).wrap(actix_web::middleware::from_fn(server::from_peer))
    })
}

/// An app, and the one of the office inside it.
pub(crate) fn nested(users: &hallpass::Hallpass, office: &hallpass::Hallpass) -> axum::Router {
    let (users, office) = (users.clone(), office.clone());
    server::start(move || {
        let of_office = actix_web::web::scope("/office").configure(app::routes).wrap(office.actix());
        actix_web::App::new().service(of_office).configure(app::routes).wrap(users.actix())
    })
}
