//! An app with the layer, beside the same app without it: what a guarded route costs. Once where the route does nothing else,
//! which shows all of the cost, and once where it does what routes of an app do: it answers with what a database tells of the
//! user.

use std::{io, net::SocketAddr, num::NonZeroUsize, process::Command, time::Duration};

use axum::{
    Json, Router,
    routing::{MethodRouter, get, post},
    serve::ListenerExt,
};
use clap::ValueEnum;
use hallpass::{Allowed, AppInfo, Hallpass, Session, SessionError, SignIn, Transfer};
use hallpass_engine::{engine::Config, keys::Algorithm};
use rusqlite::{Connection, Row};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};
use tower_http::{
    cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer},
    trace::TraceLayer,
};

use crate::{
    client::Client,
    limits,
    load::{self, Visitor},
    process::Process,
    rate::Rate,
};

const CLIENTS: usize = 64;
/// A machine that is shared grows slower and faster: what is compared is measured in turns, and the middle one of the ratios counts.
const ROUNDS: usize = 21;
const BARE: &str = "/me";
const USUAL: &str = "/orders";
const USER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// How the app guards its route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Guard {
    /// Not at all.
    Open,
    /// Not at all either, but each request costs one raw verification of a signature.
    Checked,
    /// By the layer, which verifies every token.
    Layer,
    /// By the layer, which remembers what it has verified.
    Cached,
}

/// Serves the app: for ever.
pub(crate) fn serve(guard: Guard, algorithm: &str) -> io::Result<()> {
    let algorithm = Algorithm::from_name(algorithm).ok_or_else(|| io::Error::other("there is no such algorithm"))?;
    Runtime::new()?.block_on(async {
        let router = router(guard, algorithm).await?;
        let socket = TcpListener::bind(("127.0.0.1", 0)).await?;
        println!("The app listens at http://{}", socket.local_addr()?);
        let socket = socket.tap_io(|connection| {
            let _ = connection.set_nodelay(true);
        });
        axum::serve(socket, router).await
    })
}

async fn router(guard: Guard, algorithm: Algorithm) -> io::Result<Router> {
    let info = AppInfo::new("bench").api("http://localhost:3000").website("http://localhost:3000");
    let builder = Hallpass::builder(info).transfer(Allowed::Only(Transfer::Cookie));
    let builder = builder.embedded_with("sqlite::memory:", Config { algorithm, ..Config::default() });
    let builder = if guard == Guard::Cached { builder.cache_verified_tokens(NonZeroUsize::MIN.saturating_add(9_999)) } else { builder };
    let hallpass = builder.build().await.map_err(io::Error::other)?;
    Ok(match guard {
        Guard::Open => Router::new().route(BARE, get(anybody)).merge(usual(get(async || orders(USER)))),
        Guard::Checked => {
            let (_, verify) = limits::operations(algorithm);
            let verify: &'static _ = Box::leak(verify);
            let bare = get(async || {
                verify();
                anybody().await
            });
            let orders = get(async || {
                verify();
                orders(USER)
            });
            Router::new().route(BARE, bare).merge(usual(orders))
        }
        Guard::Layer | Guard::Cached => {
            let orders = get(async |session: Session| orders(session.user_id().as_str()));
            Router::new().route("/login", post(login)).route(BARE, get(me)).merge(usual(orders)).layer(hallpass.layer())
        }
    })
}

/// A route as apps have them: it answers with some kilobytes of a database, behind CORS and request traces (which nobody reads
/// here).
fn usual(orders: MethodRouter) -> Router {
    let cors = CorsLayer::new().allow_credentials(true).allow_origin(AllowOrigin::mirror_request());
    let cors = cors.allow_headers(AllowHeaders::mirror_request()).allow_methods(AllowMethods::mirror_request());
    Router::new().route(USUAL, orders).layer(TraceLayer::new_for_http()).layer(cors)
}

#[derive(Serialize)]
struct Order {
    id: String,
    placed_at: String,
    item: String,
    total_cents: u32,
}

thread_local! {
    /// The cheapest database there is: in memory, and each thread has its own.
    static DATABASE: Connection = database().expect("there is memory for a few rows");
}

fn database() -> rusqlite::Result<Connection> {
    let database = Connection::open_in_memory()?;
    database.execute_batch(
        "CREATE TABLE orders (id TEXT PRIMARY KEY, user TEXT, placed_at TEXT, item TEXT, total_cents INTEGER);
         CREATE INDEX orders_of ON orders (user, placed_at);",
    )?;
    for number in 0..3000 {
        let user = if number % 100 == 0 { USER } else { "somebody else" };
        let placed_at = format!("2026-01-{:02}T12:{:02}:00Z", number % 28 + 1, number / 50);
        let order = (format!("order-{number:08}"), user, placed_at, format!("item {number}"), number * 100);
        database.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", order)?;
    }
    Ok(database)
}

/// The thirty orders of a user.
fn orders(user: &str) -> Json<Vec<Order>> {
    let of_row = |row: &Row<'_>| Ok(Order { id: row.get(0)?, placed_at: row.get(1)?, item: row.get(2)?, total_cents: row.get(3)? });
    let read = |database: &Connection| {
        let sql = "SELECT id, placed_at, item, total_cents FROM orders WHERE user = ? ORDER BY placed_at DESC";
        database.prepare_cached(sql)?.query_map([user], of_row)?.collect::<rusqlite::Result<Vec<_>>>()
    };
    Json(DATABASE.with(read).expect("the table is there"))
}

async fn login(sign_in: SignIn) -> Result<Json<Value>, SessionError> {
    let session = sign_in.user(USER).await?;
    Ok(Json(json!({ "token": session.tokens().access.expose() })))
}

async fn me(session: Session) -> Json<Value> {
    answer(session.user_id().as_str())
}

async fn anybody() -> Json<Value> {
    answer(USER)
}

fn answer(user: &str) -> Json<Value> {
    Json(json!({ "user": user, "plan": "pro", "items": [1, 2, 3] }))
}

/// A browser of a user who is signed in.
struct Browser {
    client: Client,
    cookie: String,
}

impl Visitor for Browser {
    type Operation = &'static str;

    async fn connect(address: SocketAddr) -> io::Result<Self> {
        let mut client = Client::connect(address).await?;
        // the app that asks nobody who he is gets a cookie of the same length
        let token = match client.send("POST", "/login", "{}").await {
            Ok(answer) => serde_json::from_str::<Value>(answer)?["token"].as_str().unwrap_or_default().to_owned(),
            Err(_) => "x".repeat(700),
        };
        Ok(Self { client, cookie: format!("sAccessToken={token}") })
    }

    async fn visit(&mut self, path: &'static str) -> io::Result<()> {
        self.client.get(path, &self.cookie).await.map(drop)
    }
}

/// Prints what a guarded route costs. The limit of the layer is the same app with one raw verification in each request; that
/// of a token that is remembered is the app alone.
pub(crate) fn show(span: Duration) -> io::Result<()> {
    println!("\nan axum app with the layer, {CLIENTS} clients over HTTP/1.1");
    println!("{:<24}{:>12}{:>14}{:>14}{:>8}", "", "per second", "per CPU-s", "limit/CPU-s", "ratio");
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let start = |guard: Guard| {
            let guard = guard.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
            Process::start(Command::new(std::env::current_exe()?).args(["app", &guard, algorithm.as_str()]))
        };
        let apps = [start(Guard::Open)?, start(Guard::Checked)?, start(Guard::Layer)?, start(Guard::Cached)?];
        let name = algorithm.as_str();
        for (path, route) in [(BARE, "bare route"), (USUAL, "usual route")] {
            let measure = |process: &Process| Ok::<_, io::Error>(load::run_as::<Browser>(process, None, path, CLIENTS, span / 4)?.rate);
            let round = |_| Ok([measure(&apps[0])?, measure(&apps[1])?, measure(&apps[2])?, measure(&apps[3])?]);
            let rounds = (0..ROUNDS).map(round).collect::<io::Result<Vec<_>>>()?;
            let compare = |what: &str, guarded: usize, limit: usize| {
                let ratio = |round: &[Rate; 4]| round[guarded].per_cpu_second / round[limit].per_cpu_second;
                let mut rounds = rounds.clone();
                rounds.sort_by(|one, other| ratio(one).total_cmp(&ratio(other)));
                let middle = rounds[ROUNDS / 2];
                crate::show(what, middle[guarded], Some(middle[limit].per_cpu_second));
            };
            println!("{name}, {route}");
            compare("  with the layer", 2, 1);
            compare("  with the layer, cached", 3, 0);
        }
    }
    Ok(())
}
