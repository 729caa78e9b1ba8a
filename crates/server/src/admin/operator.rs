//! Who sits at the command line, and whom it is about: for the events.

use clap::Args;
use hallpass_engine::{core::Why, id::UserId};

/// Who does something, and why.
#[derive(Args)]
pub struct Reason {
    /// Why, in words; kept with the event, never told to the user
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    /// Who does it; the account that runs this command by default
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl Reason {
    /// Who does it.
    pub(super) fn actor(&self) -> String {
        self.by.clone().unwrap_or_else(account)
    }

    pub(super) fn why(self) -> Why {
        Why { actor: Some(self.actor()), reason: self.reason }
    }
}

/// The account that this process belongs to; behind `sudo`, the one that asked.
fn account() -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    named.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "the command line".to_owned())
}

/// A user, as the application names them.
pub(super) fn user(text: &str) -> Result<UserId, String> {
    let user = UserId::from(text);
    if user.is_storable() { Ok(user) } else { Err("a user id has 512 bytes at most, and no U+0000".to_owned()) }
}
