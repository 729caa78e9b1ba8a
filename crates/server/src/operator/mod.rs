//! What operators do to users, sessions and roles, on a database or on a server at a distance.

mod bans;
mod events;
mod moment;
mod place;
mod roles;
mod sessions;
mod table;

use clap::{Args, Subcommand};
use hallpass::Why;
use hallpass_engine::core::CoreError;
use serde_json::Value;

pub use self::place::CannotOpen;
use self::{bans::Bans, place::Place, roles::Roles, sessions::Sessions, table::Table};

/// A command for operators.
#[derive(Debug, Subcommand)]
pub enum Operation {
    /// Ban users, lift bans, see who is banned
    Bans {
        /// What to do.
        #[command(subcommand)]
        what: Bans,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// See who is signed in, and end sessions
    Sessions {
        /// What to do.
        #[command(subcommand)]
        what: Sessions,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Look after roles, what they permit, and who has them
    Roles {
        /// What to do.
        #[command(subcommand)]
        what: Roles,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
    /// Tell what happened to a user: why somebody was logged out
    Events {
        /// The user.
        user: String,
        /// How many events, the newest first
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
        /// Where.
        #[command(flatten)]
        place: Place,
    },
}

/// Why an operation was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperationError {
    /// The database or the server is not to be had.
    #[error(transparent)]
    Open(#[from] CannotOpen),
    /// It was refused, or failed.
    #[error("it was not done")]
    Core(#[from] CoreError),
    /// A user nobody can be.
    #[error("no user is called so: an id is at most 512 bytes, without U+0000")]
    User,
    /// What was asked for is not there.
    #[error("there is no {0}")]
    Absent(String),
}

/// What an operation found or did.
struct Told {
    json: Value,
    text: String,
}

impl Told {
    fn table(json: Value, table: &Table, nothing: &str) -> Self {
        Self { json, text: if table.is_empty() { nothing.to_owned() } else { table.to_string() } }
    }
}

impl Operation {
    /// Does it. Returns what to print: a table for people, or JSON for scripts.
    ///
    /// # Errors
    /// [`OperationError`]; then nothing has changed, unless the database failed half-way.
    pub async fn run(self) -> Result<String, OperationError> {
        let (place, told) = match self {
            Self::Bans { what, place } => {
                let told = what.run(&place.open().await?).await?;
                (place, told)
            }
            Self::Sessions { what, place } => {
                let told = what.run(&place.open().await?).await?;
                (place, told)
            }
            Self::Roles { what, place } => {
                let told = what.run(&place.open().await?).await?;
                (place, told)
            }
            Self::Events { user, limit, place } => {
                let told = events::list(&place.open().await?, &user, limit).await?;
                (place, told)
            }
        };
        Ok(if place.json { told.json.to_string() } else { told.text })
    }
}

/// Who does something, and why: it is kept with the events.
#[derive(Debug, Args)]
pub struct Reason {
    /// Who does it; by default the user of this machine
    #[arg(long, value_name = "NAME", env = "USER", hide_env = true)]
    by: Option<String>,
    /// Why, in words; never told to the user
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Reason {
    fn why(self) -> Why {
        Why { actor: self.by, reason: self.reason }
    }
}

/// "1 session", "2 sessions".
fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
