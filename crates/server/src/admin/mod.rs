//! `hallpass bans|sessions|roles|events`: what operators see and do from the command line, in a database or through a server.
//!
//! Every task asks a [`Core`](hallpass_engine::core::Core) and gives an answer, for people or for scripts. It needs no master key:
//! no key is opened, so whoever may write the database, or knows an API key of the server, can ban and revoke at once.

use std::io::Write as _;

use clap::{Args, Subcommand};

mod answer;
mod bans;
mod events;
mod failure;
mod moment;
mod operator;
mod place;
mod roles;
mod sessions;
mod table;

use self::{answer::Answer, failure::Trouble, place::Place};
pub use self::{bans::Bans, events::Events, failure::Failure, place::Options, roles::Roles, sessions::Sessions};

/// What an operator sees to.
#[derive(Subcommand)]
pub enum Task {
    /// Ban users and lift bans: whoever is banned has no session and gets none
    #[command(after_help = EXIT_CODES)]
    Bans(In<Bans>),
    /// Look at the sessions of a user, and end them
    #[command(after_help = EXIT_CODES)]
    Sessions(In<Sessions>),
    /// See who may do what, and change it
    #[command(after_help = EXIT_CODES)]
    Roles(In<Roles>),
    /// Tell what happened to a user's sessions: "why was I logged out?"
    #[command(after_help = EXIT_CODES)]
    Events(Events),
}

const EXIT_CODES: &str =
    "Exit codes: 0 done (a list may be empty), 1 it failed, 2 the command is not right, 3 what was named is not there.";

/// One of several tasks, and where it is done.
#[derive(Args)]
pub struct In<T: Subcommand> {
    #[command(subcommand)]
    task: T,
    #[command(flatten)]
    options: Options,
}

/// Does it, and prints the answer.
///
/// # Errors
/// [`Failure`], which has an exit code.
pub async fn run(task: Task) -> Result<(), Failure> {
    let (Task::Bans(In { options, .. })
    | Task::Sessions(In { options, .. })
    | Task::Roles(In { options, .. })
    | Task::Events(Events { options, .. })) = &task;
    let place = Place::open(options).await?;
    let is_json = options.json;
    let answer = match task {
        Task::Bans(of) => of.task.run(&place).await,
        Task::Sessions(of) => of.task.run(&place).await,
        Task::Roles(of) => of.task.run(&place).await,
        Task::Events(events) => events.run(&place).await,
    };
    let Answer { json, text } = answer.map_err(|trouble| place.failed(trouble))?;
    let said = if is_json { format!("{json:#}") } else { text };
    // whoever reads only the beginning closes the pipe
    let _ = writeln!(std::io::stdout(), "{}", said.trim_end());
    Ok(())
}
