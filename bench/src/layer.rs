//! An app with the layer, beside the same app without it: what a guarded route costs.

use std::{io, net::SocketAddr, num::NonZeroUsize, process::Command, time::Duration};

use axum::{
    Json, Router,
    routing::{get, post},
    serve::ListenerExt,
};
use clap::ValueEnum;
use hallpass::{Allowed, AppInfo, Hallpass, Session, SessionError, SignIn, Transfer};
use hallpass_engine::{engine::Config, keys::Algorithm};
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{
    client::Client,
    limits,
    load::{self, Visitor},
    process::Process,
    rate::combined,
};

const CLIENTS: usize = 64;
const USER: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// How the app guards its route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Guard {
    /// Not at all.
    Open,
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
    let guarded = Router::new().route("/login", post(login)).route("/me", get(me)).layer(hallpass.layer());
    let open = Router::new().route("/me", get(anybody));
    Ok(if guard == Guard::Open { open } else { guarded })
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

/// Prints what a guarded route costs. The limit of the layer is the open route and one raw verification; that of a token
/// that is remembered is the open route alone.
pub(crate) fn show(span: Duration) -> io::Result<()> {
    println!("\nan axum app with the layer, {CLIENTS} clients over HTTP/1.1");
    println!("{:<24}{:>12}{:>14}{:>14}{:>8}", "", "per second", "per CPU-s", "limit/CPU-s", "ratio");
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let start = |guard: Guard| {
            let guard = guard.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
            Process::start(Command::new(std::env::current_exe()?).args(["app", &guard, algorithm.as_str()]))
        };
        let measure = |process: &Process| Ok::<_, io::Error>(load::run_as::<Browser>(process, None, "/me", CLIENTS, span)?.rate);
        let (_, verification) = limits::signature(algorithm, span);
        let apps = [start(Guard::Open)?, start(Guard::Layer)?, start(Guard::Cached)?];
        let [open, layer, cached] = [measure(&apps[0])?, measure(&apps[1])?, measure(&apps[2])?];
        let name = algorithm.as_str();
        crate::show(&format!("{name} raw verification"), verification, None);
        crate::show(&format!("{name} open route"), open, None);
        let limit = combined([open.per_cpu_second, verification.per_cpu_second]);
        crate::show(&format!("{name} layer"), layer, Some(limit));
        crate::show(&format!("{name} layer, cached"), cached, Some(open.per_cpu_second));
    }
    Ok(())
}
