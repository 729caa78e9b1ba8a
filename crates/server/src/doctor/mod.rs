//! `hallpass doctor`: looks at a website and its API from outside, as a browser would, and says what keeps sessions from
//! working, how to mend it, and what to do about browsers that block cookies of other sites.
//!
//! It works on any backend SDK of the family, not only on ours: it knows the interface, not the implementation. `ask`
//! observes, [`judge()`] decides, [`Report`] tells. It sends no tokens, follows no redirects and changes nothing.

use std::{error::Error, io::Write as _, process::ExitCode};

use clap::Args;
use hallpass_engine::time::{Clock, SystemClock};

mod ask;
mod cookies;
mod cors;
mod facts;
mod finding;
mod judge;
mod report;
mod routes;
mod site;
mod solution;
mod target;

pub use self::{
    facts::{Answer, Facts, NoAnswer, Observed, SDK_HEADERS, STRANGER},
    finding::{Finding, Level},
    judge::{judge, ways_out},
    report::Report,
    site::Relation,
    solution::{Solution, Way},
    target::{Role, Target, Transfer, Unusable},
};

/// What to check, as the command line says it.
#[derive(Args, Debug)]
pub struct Question {
    /// The website: scheme, host and port of its pages
    website_url: String,
    /// The API: scheme, host and port, and the path of a gateway if there is one
    api_url: String,
    /// Where the session routes are
    #[arg(long, value_name = "PATH", default_value = "/auth")]
    api_base_path: String,
    /// How the frontend SDK carries its tokens
    #[arg(long, value_enum, default_value_t)]
    transfer: Transfer,
    /// Tell scripts, not people
    #[arg(long)]
    json: bool,
}

/// Nothing can be said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CouldNotCheck {
    /// An address cannot be used.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// No client for HTTP can be made.
    #[error("cannot make requests")]
    Client(#[source] reqwest::Error),
    /// The API does not answer at all.
    #[error("{api} gives {why}")]
    Unreachable {
        /// Its origin.
        api: String,
        /// In our words.
        why: NoAnswer,
        /// In those of others, without the address.
        source: reqwest::Error,
    },
}

/// Asks and judges.
///
/// # Errors
/// When the API does not answer: then there is nothing to judge.
pub async fn examine(target: Target, clock: &dyn Clock) -> Result<Report, CouldNotCheck> {
    Ok(Report::new(&ask::ask(target, clock).await?))
}

/// Checks, and prints the report: success if nothing must be mended, 1 otherwise.
///
/// # Errors
/// [`CouldNotCheck`], for which [`COULD_NOT_CHECK`] is the exit code.
pub async fn run(question: Question) -> Result<ExitCode, Box<dyn Error>> {
    let Question { website_url, api_url, api_base_path, transfer, json } = question;
    let target = Target::parse(&website_url, &api_url, &api_base_path, transfer).map_err(CouldNotCheck::from)?;
    let report = examine(target, &SystemClock::default()).await?;
    let text = if json { serde_json::to_string_pretty(&report)? } else { report.to_string() };
    // whoever reads only the beginning closes the pipe
    let _ = writeln!(std::io::stdout(), "{text}");
    Ok(if report.has_problems() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The exit code when nothing could be checked.
pub const COULD_NOT_CHECK: u8 = 2;
