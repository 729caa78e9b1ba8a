//! Serves the example app to a real browser. What the harness needs beside it lies under `/test`: the clock, what became
//! of refresh calls, and a page with the client.

mod certificate;

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Query, Request, State},
    http::{Method, StatusCode, header::CONTENT_TYPE},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use clap::Parser;
use hallpass::{
    AntiCsrf, AppInfo, Builder, Hallpass, SameSite,
    embedded::{self, Location},
};
use hallpass_engine::{
    engine::{Config, Engine},
    id::{AppId, UserId},
    time::{Clock, SystemClock},
};
use hallpass_testkit::clock::ManualClock;
use serde::Deserialize;
use serde_json::Value;
use tokio::io::AsyncReadExt;

/// Serves the example app until its standard input ends.
#[derive(Parser)]
struct Arguments {
    /// Where the browser finds it: a scheme, a host and a port.
    #[arg(long)]
    origin: String,
    /// Where its pages are, if not there.
    #[arg(long)]
    website: Option<String>,
    /// `NONE` or `VIA_TOKEN`; what the SDK finds fit, if left out.
    #[arg(long)]
    anti_csrf: Option<String>,
    /// The path that a gateway takes off.
    #[arg(long, default_value = "")]
    gateway_path: String,
    /// The domain of the cookies.
    #[arg(long)]
    cookie_domain: Option<String>,
    /// Whether cookies are kept apart by the page that is open.
    #[arg(long)]
    partitioned: bool,
    /// The folder that gets a certificate for the harness, and its key.
    #[arg(long)]
    certificate: Option<PathBuf>,
    /// The folder with `index.html` and `client.js`.
    #[arg(long)]
    page: PathBuf,
    /// The file of the sessions.
    #[arg(long)]
    database: PathBuf,
}

#[derive(Clone)]
struct Harness {
    hallpass: Hallpass,
    engine: Arc<Engine>,
    app: AppId,
    clock: Arc<ManualClock>,
    refreshes: Arc<Mutex<Vec<u16>>>,
}

impl Harness {
    fn refreshes(&self) -> MutexGuard<'_, Vec<u16>> {
        self.refreshes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).with_writer(io::stderr).init();
    let arguments = Arguments::parse();
    if let Some(folder) = &arguments.certificate {
        certificate::write(folder)?;
    }
    let clock = Arc::new(ManualClock::new(SystemClock::default().now()));
    let engine = embedded::open(&Location::File(arguments.database.clone()), Config::default(), clock.clone()).await?;
    let hallpass = settings(&arguments)?.core(engine.clone()).clock(clock.clone()).build().await?;
    let harness = Harness { hallpass: hallpass.clone(), engine, app: AppId::public(), clock, refreshes: Arc::default() };
    let example = axum_embedded::app(&hallpass).layer(middleware::from_fn_with_state(harness.clone(), count_refreshes));
    let app = controls().with_state(harness).merge(page(&arguments.page)?).fallback_service(example);

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    axum::serve(listener, app).with_graceful_shutdown(the_end_of_stdin()).await?;
    Ok(())
}

fn settings(arguments: &Arguments) -> Result<Builder, String> {
    let website = arguments.website.as_ref().unwrap_or(&arguments.origin);
    let mut builder =
        Hallpass::builder(AppInfo::new("interop").api(&arguments.origin).website(website).api_gateway_path(&arguments.gateway_path));
    // as the example's own `main` has it
    builder = builder.own_sessions(true).record_devices(true);
    builder = match arguments.anti_csrf.as_deref() {
        None => builder,
        Some("NONE") => builder.anti_csrf(AntiCsrf::None),
        Some("VIA_TOKEN") => builder.anti_csrf(AntiCsrf::Token),
        Some(other) => return Err(format!("--anti-csrf is NONE or VIA_TOKEN, not {other}")),
    };
    if let Some(domain) = &arguments.cookie_domain {
        builder = builder.cookie_domain(domain);
    }
    if arguments.partitioned {
        builder = builder.partitioned_cookies(true).cookie_same_site(SameSite::None);
    }
    Ok(builder)
}

/// The harness holds the other end: when it is gone, so is the server.
async fn the_end_of_stdin() {
    let _ = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
}

fn page(folder: &std::path::Path) -> io::Result<Router> {
    let file = |name: &str, content_type: &'static str| {
        let bytes = std::fs::read(folder.join(name))?;
        io::Result::Ok(get(async move || ([(CONTENT_TYPE, content_type)], bytes)))
    };
    Ok(Router::new().route("/test/", file("index.html", "text/html")?).route("/test/client.js", file("client.js", "text/javascript")?))
}

fn controls() -> Router<Harness> {
    Router::new()
        .route("/test/clock", post(clock))
        .route("/test/refreshes", get(refreshes))
        .route("/test/events", get(events))
        .route("/test/confirmed", get(confirmed))
        .route("/test/payload", post(payload))
}

async fn count_refreshes(State(harness): State<Harness>, request: Request, next: Next) -> Response {
    let refresh = request.method() == Method::POST && request.uri().path() == "/auth/session/refresh";
    let response = next.run(request).await;
    if refresh {
        harness.refreshes().push(response.status().as_u16());
    }
    response
}

#[derive(Deserialize)]
struct Advance {
    advance_ms: u64,
}

async fn clock(State(harness): State<Harness>, Query(by): Query<Advance>) -> Json<i64> {
    harness.clock.advance(Duration::from_millis(by.advance_ms));
    Json(harness.clock.now().as_millis())
}

async fn refreshes(State(harness): State<Harness>) -> Json<Vec<u16>> {
    Json(harness.refreshes().clone())
}

#[derive(Deserialize)]
struct OfUser {
    user: String,
}

/// Oldest first.
async fn events(State(harness): State<Harness>, Query(of): Query<OfUser>) -> Result<Json<Vec<&'static str>>, Failed> {
    let core = harness.hallpass.core();
    let events = core.event_list(&harness.app, &UserId::from(of.user), 100).await?;
    Ok(Json(events.iter().rev().map(|event| event.kind.as_str()).collect()))
}

/// Whether the current refresh tokens of all the user's sessions are known to be in use.
async fn confirmed(State(harness): State<Harness>, Query(of): Query<OfUser>) -> Result<Json<bool>, Failed> {
    let sessions = harness.engine.stored_sessions(&harness.app, None, &UserId::from(of.user)).await?;
    let in_use =
        |session: &hallpass_engine::session::Session| session.lineage.retired.as_ref().is_none_or(|retired| retired.until.is_some());
    Ok(Json(sessions.iter().all(in_use)))
}

/// Changes what a user's sessions say, as a back office would.
async fn payload(State(harness): State<Harness>, Query(of): Query<OfUser>, Json(update): Json<Value>) -> Result<Json<()>, Failed> {
    for session in harness.hallpass.sessions_of(&UserId::from(of.user), None).await? {
        harness.hallpass.merge_into_payload_of(&session.handle, &update).await?;
    }
    Ok(Json(()))
}

/// The harness is told of any failure and stops there.
struct Failed(String);

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0).into_response()
    }
}
