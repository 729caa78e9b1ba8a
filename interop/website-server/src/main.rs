//! The server that the browser suite of `supertokens-website` is pointed at: sessions by Hallpass, and routes under which
//! the suite sets them up, counts calls and looks at what arrives.
//!
//! ```sh
//! cargo run -p website-server -- --port 8080    # and another one on 8082, for what crosses domains
//! ```

mod cores;
mod counts;
mod echo;
mod failed;
mod sessions;
mod setup;
mod site;

use std::{io, net::Ipv4Addr, path::PathBuf, sync::Arc};

use axum::http::HeaderValue;
use clap::{Parser, ValueEnum};
use hallpass::{Allowed, Transfer};

use crate::{cores::Cores, site::Site};

/// Serves until it is ended. Nothing is kept.
#[derive(Parser)]
struct Arguments {
    /// On which port of this machine; 0 takes a free one. The port is printed.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The address of a core that keeps the sessions, each app in its own; by default they are kept in this process.
    #[arg(long)]
    core: Option<String>,
    /// Where the pages come from that call this server: this very server, unless said otherwise.
    #[arg(long)]
    website: Option<String>,
    /// A folder with pages and their scripts.
    #[arg(long)]
    pages: Option<PathBuf>,
    /// The way that tokens travel; by default the client chooses.
    #[arg(long, env = "TRANSFER_METHOD")]
    transfer_method: Option<Method>,
    /// Whether sessions have anti-CSRF tokens before the suite says so.
    #[arg(long, env)]
    enable_anti_csrf: bool,
    /// Whether pages may read access tokens before the suite says so.
    #[arg(long, env = "ENABLE_JWT")]
    enable_jwt: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Method {
    Any,
    Cookie,
    Header,
}

impl From<Method> for Allowed {
    fn from(method: Method) -> Self {
        match method {
            Method::Any => Self::Any,
            Method::Cookie => Self::Only(Transfer::Cookie),
            Method::Header => Self::Only(Transfer::Header),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).with_writer(io::stderr).init();
    let arguments = Arguments::parse();
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port)).await?;
    let port = listener.local_addr()?.port();
    let website = arguments.website.unwrap_or_else(|| format!("http://localhost:{port}"));
    let origin = HeaderValue::from_str(&website)?;
    let addresses = site::Addresses { api: format!("http://0.0.0.0:{port}"), website };
    let flags = site::Flags { anti_csrf: arguments.enable_anti_csrf, jwt: arguments.enable_jwt };
    let transfer = arguments.transfer_method.map_or(Allowed::Any, Allowed::from);
    let site = Site::start(addresses, transfer, Cores::new(arguments.core)?, flags).await?;
    println!("{port}");
    Ok(axum::serve(listener, setup::app(Arc::new(site), origin, arguments.pages.as_deref())).await?)
}
