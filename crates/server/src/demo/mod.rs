//! `hallpass demo`: a sample site that shows what sessions do, theft included.

mod account;
mod admin;
mod assets;
mod clock;
mod home;
mod page;
mod people;
mod refresh;
mod rooms;
mod story;
mod theft;
mod visitor;
mod wording;

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router, middleware,
    routing::{get, post},
    serve,
};
use hallpass::{
    Allowed, AppInfo, BuildError, Clock, Hallpass, Route, Timestamp, Transfer,
    embedded::{self, Location},
};
use hallpass_engine::{
    core::CoreError,
    engine::{Config, Engine},
    id::{AppId, SessionHandle},
    session::Session,
    time::SystemClock,
};
use tokio::net::TcpListener;

use self::{clock::DemoClock, people::People, rooms::Role, visitor::Visitors};

/// Short, so that a visitor sees it end.
const ACCESS_TOKEN_VALIDITY: Duration = Duration::from_secs(30);

/// Why the demo does not start. One line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// Somebody else listens there.
    #[error("port {0} is taken: choose another one with --port")]
    Taken(u16),
    /// The operating system refuses.
    #[error("cannot listen on port {0}")]
    Listen(u16, #[source] io::Error),
    /// The sessions do not start.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Listening ended.
    #[error("the demo stopped")]
    Serve(#[source] io::Error),
}

/// Serves the demo to this machine only, until Ctrl-C. `ready` gets its address as soon as it answers.
///
/// # Errors
/// [`DemoError`].
pub async fn run(port: u16, ready: impl FnOnce(&str)) -> Result<(), DemoError> {
    let (v4, v6, port) = listen(port).await?;
    let origin = format!("http://localhost:{port}");
    let site = site(&origin, Arc::new(SystemClock::default())).await?;
    ready(&origin);
    let on_v6 = async {
        match v6 {
            Some(listener) => serve(listener, site.clone()).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = serve(v4, site.clone()) => ended.map_err(DemoError::Serve),
        ended = on_v6 => ended.map_err(DemoError::Serve),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

/// Listens on both loopback addresses: browsers try either when they are told `localhost`, and must not find somebody else.
async fn listen(port: u16) -> Result<(TcpListener, Option<TcpListener>, u16), DemoError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => DemoError::Taken(port),
        _ => DemoError::Listen(port, error),
    };
    let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let port = v4.local_addr().map_err(failed)?.port();
    match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
        Ok(v6) => Ok((v4, Some(v6), port)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(DemoError::Taken(port)),
        Err(_no_ipv6_here) => Ok((v4, None, port)),
    }
}

/// The sample site at `origin`, whose clock is `machine`'s until a visitor skips ahead.
///
/// # Errors
/// [`BuildError`] if `origin` is not scheme, host and port.
pub async fn site(origin: &str, machine: Arc<dyn Clock>) -> Result<Router, BuildError> {
    let clock = Arc::new(DemoClock::new(machine));
    let config = Config { access_token_validity: ACCESS_TOKEN_VALIDITY, access_token_jitter: 0.0, ..Config::default() };
    let engine = embedded::open(&Location::Memory, config, clock.clone()).await.map_err(|error| BuildError::Open(error.into()))?;
    let hallpass = Hallpass::builder(AppInfo::new("Hallpass demo").api(origin).website(origin))
        .core(engine.clone())
        .transfer(Allowed::Only(Transfer::Cookie))
        .disable(Route::Refresh) // served below, where a copy is kept for the thief
        .disable(Route::SignOut) // served below, where it becomes part of the story
        .own_sessions(true)
        .record_devices(true)
        .clock(clock.clone())
        .build()
        .await?;
    Role::make_all(&hallpass).await.map_err(|error| BuildError::Open(error.into()))?;
    let demo = Arc::new(Demo { hallpass: hallpass.clone(), engine, clock, visitors: Visitors::default(), people: People::default() });
    Ok(Router::new()
        .route("/", get(home::page))
        .route("/login", post(home::sign_in))
        .route("/logout", post(home::sign_out))
        .route("/auth/signout", post(home::sign_out_by_script))
        .route("/account", get(account::page))
        .route("/sessions/revoke", post(account::revoke))
        .route("/auth/session/refresh", post(refresh::refresh))
        .route("/theft", get(theft::page))
        .route("/theft/steal", post(theft::steal))
        .route("/theft/refresh", post(theft::thief_refreshes))
        .route("/theft/use", post(theft::thief_calls))
        .route("/theft/skip", post(theft::skip))
        .route("/newsroom", get(rooms::newsroom))
        .route("/office", get(rooms::office))
        .route("/admin", get(admin::page))
        .route("/admin/role", post(admin::change_role))
        .route("/admin/ban", post(admin::ban))
        .route("/admin/unban", post(admin::unban))
        .route("/admin/revoke", post(admin::revoke))
        .route("/admin/revoke-all", post(admin::revoke_all))
        .route("/demo.css", get(assets::css))
        .route("/demo.js", get(assets::script))
        .route("/hallpass.js", get(assets::client))
        .route("/favicon.svg", get(assets::icon))
        .fallback(page::not_found)
        .method_not_allowed_fallback(page::not_allowed)
        .with_state(demo.clone())
        .layer(hallpass.layer())
        .layer(middleware::from_fn(page::own_pages_only))
        .layer(middleware::map_response_with_state(demo, page::hardened)))
}

/// What the handlers share.
struct Demo {
    hallpass: Hallpass,
    /// What the SDK stands on: this page shows what apps never see.
    engine: Arc<Engine>,
    clock: Arc<DemoClock>,
    visitors: Visitors,
    people: People,
}

impl Demo {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A session as the engine stores it, its refresh tokens included.
    async fn stored(&self, handle: &SessionHandle) -> Result<Option<Session>, CoreError> {
        self.engine.stored_session(&AppId::public(), handle).await
    }
}

/// Whole milliseconds, for pages that count down.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
