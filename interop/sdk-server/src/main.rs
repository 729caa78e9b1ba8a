//! The server that a suite for backend SDKs drives. Every function of the SDK is a route; the suite sends arguments as JSON and
//! looks at what comes back. It initialises the SDK itself, as often as it likes.
//!
//! ```sh
//! cargo run -p sdk-server -- --port 3030                                  # sessions in this process
//! cargo run -p sdk-server -- --port 3030 --core http://localhost:3567     # or where the suite says, by default there
//! ```

mod app;
mod claims;
mod failed;
mod functions;
mod init;
mod metadata;
mod objects;
mod roles;
mod sdk;
mod serialised;

use std::{io, net::Ipv4Addr, sync::Arc};

use axum::{Router, routing::get};
use clap::Parser;

use crate::sdk::Sdk;

/// Serves until it is ended. Nothing is kept.
#[derive(Parser)]
struct Arguments {
    /// On which port of this machine; 0 takes a free one. The port is printed.
    #[arg(long, env = "API_PORT", default_value_t = 3030)]
    port: u16,
    /// The address of a core that keeps the sessions, unless the suite names another one; by default they are kept in this
    /// process, apart for each address that the suite names.
    #[arg(long)]
    core: Option<String>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).with_writer(io::stderr).init();
    let arguments = Arguments::parse();
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port)).await?;
    println!("{}", listener.local_addr()?.port());
    Ok(axum::serve(listener, router(Arc::new(Sdk::new(arguments.core)))).await?)
}

fn router(sdk: Arc<Sdk>) -> Router {
    let behind = app::routes();
    let through_the_sdk = {
        let sdk = Arc::clone(&sdk);
        async move |request| sdk.answer(behind, request).await
    };
    Router::new()
        .route("/test/ping", get(|| async { "pong" }))
        .merge(init::routes())
        .merge(functions::routes())
        .merge(objects::routes())
        .merge(claims::routes())
        .merge(metadata::routes())
        .merge(roles::routes())
        .with_state(sdk)
        .fallback(through_the_sdk)
}
