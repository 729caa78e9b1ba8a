//! What a task has to say, to either kind of reader.

use serde_json::Value;

/// The same, twice.
pub(super) struct Answer {
    /// For scripts: names and numbers are those of the server's interface.
    pub(super) json: Value,
    /// For people.
    pub(super) text: String,
}

/// `1 session`, `2 sessions`.
pub(super) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
