//! How fast, beside how fast it could be.
//!
//! ```text
//! cargo build --release && cargo run --release -p hallpass-bench -- [--quick] [engine] [idle] [layer] [apps] [http] [postgres]
//! ```
//!
//! Every figure stands beside a limit that the same run measured on the same machine: a creation or a refresh cannot
//! cost less than one signature and one row, a verification not less than one raw verification, and over HTTP none of them
//! less than an answer of a route that does nothing. "Per CPU-s" counts processor time: in the engine's part that of the
//! whole process, over HTTP that of the server alone; the clients are in this process. How the parts make a limit:
//! [`rate::combined`].

mod apps;
mod bare_route;
mod caller;
mod client;
mod cpu;
mod engine;
mod http;
mod idle;
mod layer;
mod limits;
mod load;
mod process;
mod rate;

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitCode,
    thread::available_parallelism,
    time::Duration,
};

use clap::{Parser, Subcommand, ValueEnum};
use hallpass_engine::keys::Algorithm;

use crate::rate::{Rate, combined};

/// How fast, beside how fast it could be
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    child: Option<Child>,
    /// What to measure; everything by default
    parts: Vec<Part>,
    /// Measure each figure only for a moment: to see that it works
    #[arg(long)]
    quick: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The engine in this process, on a SQLite file
    Engine,
    /// Start, memory and size
    Idle,
    /// An axum app with the layer, and without
    Layer,
    /// A thousand apps
    Apps,
    /// The server on a SQLite file
    Http,
    /// The server on PostgreSQL
    Postgres,
}

/// What this program does as a child of itself.
#[derive(Subcommand)]
enum Child {
    /// Serve the route that answers are compared with
    #[command(hide = true)]
    BareRoute {
        /// The answers, as JSON: path and body
        answers: String,
    },
    /// Serve an app whose route is compared with an unguarded one
    #[command(hide = true)]
    App {
        /// How the route is guarded
        guard: layer::Guard,
        /// What signs access tokens
        algorithm: String,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.child {
        Some(Child::BareRoute { answers }) => bare_route::serve(&answers),
        Some(Child::App { guard, algorithm }) => layer::serve(guard, &algorithm),
        None => run(if cli.parts.is_empty() { Part::value_variants() } else { &cli.parts }, cli.quick),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hallpass-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(parts: &[Part], quick: bool) -> io::Result<()> {
    let span = if quick { Duration::from_millis(300) } else { Duration::from_secs(2) };
    let binary = binary()?;
    println!("{} cores, shared by all there is: clients, server, database.", available_parallelism().map_or(1, usize::from));
    for part in parts {
        match part {
            Part::Engine => on_engine(span),
            Part::Idle => idle::show(&binary)?,
            Part::Layer => layer::show(span)?,
            Part::Apps => apps::show(&binary)?,
            Part::Http => http::on_sqlite(&binary, span)?,
            Part::Postgres => http::on_postgres(&binary, span)?,
        }
    }
    Ok(())
}

/// The command `hallpass`, built the way this program is.
fn binary() -> io::Result<PathBuf> {
    let binary = std::env::current_exe()?.with_file_name("hallpass");
    let absent = || io::Error::other(format!("{} is not there: cargo build --release", binary.display()));
    if Path::exists(&binary) { Ok(binary) } else { Err(absent()) }
}

fn on_engine(span: Duration) {
    println!("\nthe engine in one process, SQLite (a file, synchronous=FULL)");
    println!("{:<24}{:>12}{:>14}{:>14}{:>8}", "", "per second", "per CPU-s", "limit/CPU-s", "ratio");
    let (update, _) = limits::sqlite::rows(span);
    show("raw update", update, None);
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let name = algorithm.as_str();
        let (signature, verification) = limits::signature(algorithm, span);
        show(&format!("{name} raw signature"), signature, None);
        show(&format!("{name} raw verification"), verification, None);
        let limit = combined([signature.per_cpu_second, update.per_cpu_second]);
        let (creations, refreshes, verifications) = engine::run(algorithm, span);
        show(&format!("{name} creations"), creations, Some(limit));
        show(&format!("{name} refreshes"), refreshes, Some(limit));
        show(&format!("{name} verifications"), verifications, Some(verification.per_cpu_second));
    }
}

fn show(what: &str, rate: Rate, limit: Option<f64>) {
    print!("{what:<24}{:>12.0}{:>14.0}", rate.per_second, rate.per_cpu_second);
    match limit {
        Some(limit) => println!("{limit:>14.0}{:>8.2}", rate.per_cpu_second / limit),
        None => println!(),
    }
}
