//! The command line.

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory, Parser, Subcommand, error::ErrorKind};
use hallpass::AppId;
use hallpass_engine::{random::SystemRandom, vault::MasterKey};
use hallpass_server::{
    admin, demo,
    doctor::{self, CouldNotCheck, Question},
    keys, serve,
    settings::{self, Flags, Mistakes, Settings, Sources},
};
use tokio::runtime::Builder;

/// Session management after sign-in
#[derive(Parser)]
#[command(name = "hallpass", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a sample site on this machine: sign in, watch tokens refresh, steal one
    Demo {
        /// The port to listen on
        #[arg(long, default_value_t = 3000)]
        port: u16,
    },
    /// Serve sessions to the backends of apps, over the core driver interface
    Serve(Flags),
    #[command(flatten)]
    Admin(admin::Task),
    /// Look at a website and its API from outside: CORS, cookies, proxies, and browsers that block cookies of other sites
    Doctor(Question),
    /// Make a master key, which signing keys are sealed under in the database
    Keygen,
    /// Look after signing keys
    #[command(subcommand)]
    Keys(Keys),
    /// Explain the configuration of the server
    #[command(subcommand)]
    Config(Explain),
}

#[derive(Subcommand)]
enum Explain {
    /// Print the reference page (Markdown)
    Reference,
    /// Print an example of hallpass.toml
    Example,
}

#[derive(Subcommand)]
enum Keys {
    /// Make a new signing key
    Rotate {
        /// Now, whatever the age of the present key: by age, keys rotate by themselves
        #[arg(long)]
        now: bool,
        /// Take every other key away at once: for a key that has leaked
        #[arg(long)]
        revoke_old: bool,
        /// The app
        #[arg(long, value_name = "ID", default_value = "public")]
        app: AppId,
        #[command(flatten)]
        place: Place,
    },
}

/// What `hallpass serve` would be told. The environment and the configuration file say the rest, the master key for one.
#[derive(Args)]
struct Place {
    /// The database: sqlite://FILE or postgres://…; one with a password belongs into HALLPASS_DATABASE
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// The schema, in PostgreSQL
    #[arg(long, value_name = "NAME")]
    database_schema: Option<String>,
    /// The file with the master key; or set HALLPASS_MASTER_KEY. A SQLite file may have its key file beside it
    #[arg(long, value_name = "FILE")]
    master_key_file: Option<String>,
    /// The configuration file; hallpass.toml by default, if it is there
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Place {
    fn with_environment(self) -> Sources {
        let given = [("database", self.database), ("database_schema", self.database_schema), ("master_key_file", self.master_key_file)];
        let flags = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        Sources { flags, file: self.config, environment: std::env::vars_os().collect() }
    }
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    let runtime = match command {
        Command::Serve(_) => Builder::new_multi_thread().enable_all().build(),
        // one thread is plenty for one visitor, and for one command
        _ => Builder::new_current_thread().enable_all().build(),
    };
    let done = match runtime {
        Ok(runtime) => runtime.block_on(run(command)),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            match error.downcast_ref::<Mistakes>() {
                Some(mistakes) => eprintln!("hallpass: {mistakes}"), // each on its line
                None => eprintln!("hallpass: {}", one_line(&*error)),
            }
            match error.downcast_ref::<admin::Failure>() {
                Some(failure) => ExitCode::from(failure.exit_code()),
                None if error.is::<CouldNotCheck>() => ExitCode::from(doctor::COULD_NOT_CHECK),
                None => ExitCode::FAILURE,
            }
        }
    }
}

async fn run(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    match command {
        Command::Demo { port } => demo::run(port, |address| println!("The demo is at {address} (Ctrl-C ends it)")).await?,
        Command::Serve(flags) => {
            let settings = Settings::read(flags.with_environment())?;
            let traces = serve::log::start(&settings)?;
            let scheme = if settings.tls_key_file.is_some() { "https" } else { "http" };
            let served = serve::run(settings, |address| println!("Hallpass listens at {scheme}://{address}")).await;
            if let Some(traces) = traces {
                traces.finish().await;
            }
            served?;
        }
        Command::Admin(task) => admin::run(task).await?,
        Command::Doctor(question) => return doctor::run(question).await,
        Command::Keygen => keygen(),
        Command::Keys(Keys::Rotate { now: false, .. }) => {
            usage("keys rotate by age by themselves; to make a new one right away, add --now")
        }
        Command::Keys(Keys::Rotate { revoke_old, app, place, .. }) => {
            let kid = keys::rotate(place.with_environment(), &app, revoke_old).await?;
            println!("The new signing key is {kid}; apps that run take it up within five seconds.");
            if revoke_old {
                println!("Access tokens signed before are refused from now on; clients refresh by themselves, nobody is signed out.");
            }
        }
        Command::Config(Explain::Reference) => print!("{}", settings::reference::page()),
        Command::Config(Explain::Example) => print!("{}", settings::reference::example()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The key alone goes to the standard output, so that it can be sent to a file.
fn keygen() {
    println!("{}", *MasterKey::generate(&SystemRandom).to_text());
    eprintln!(
        "This is a master key. Give it to the server as HALLPASS_MASTER_KEY, or in a file that only the server can read, named by\n\
         --master-key-file. Keep a copy apart from the database and its backups: without it every session is lost.\n\
         To replace a key, give both, the new one first: NEW,OLD."
    );
}

/// An error and what caused it, unless that is said already.
fn one_line(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !line.contains(&said) {
            line = format!("{line}: {said}");
        }
        cause = error.source();
    }
    line.replace('\n', " ")
}

/// Ends the process as any other mistake on the command line does.
fn usage(message: &str) -> ! {
    Cli::command().error(ErrorKind::MissingRequiredArgument, message).exit()
}
