//! What was found, in words.

use serde::Serialize;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, or works for most; somebody should look at it.
    Warn,
    /// Sign-in does not last, or is not safe.
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable name, for scripts.
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What is so, as one sentence.
    pub says: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self { check, level: Level::Ok, says: says.into(), fix: None }
    }

    pub(super) fn warn(check: &'static str, says: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, level: Level::Warn, says: says.into(), fix: Some(fix.into()) }
    }

    pub(super) fn fail(check: &'static str, says: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, level: Level::Fail, says: says.into(), fix: Some(fix.into()) }
    }
}

/// The longest text of a stranger that is repeated.
const QUOTE_LEN: usize = 120;

/// What a server wrote, fit for a terminal: in quotes, one line, no control characters, not long.
pub(super) fn quoted(text: &str) -> String {
    let cut: String = text.chars().take(QUOTE_LEN).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("`{}{more}`", cut.escape_debug())
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [firsts @ .., last] => {
            format!("{} and {}", firsts.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_wrote_cannot_move_the_cursor() {
        assert_eq!(quoted("a\u{1b}[2J\nb"), "`a\\u{1b}[2J\\nb`");
        let long = quoted(&"x".repeat(1000));
        assert!(long.ends_with("…`") && long.chars().count() == QUOTE_LEN + 3, "{long}");
    }

    #[test]
    fn names_are_listed_as_one_says_them() {
        for (names, text) in [(vec![], ""), (vec!["a"], "a"), (vec!["a", "b"], "a and b"), (vec!["a", "b", "c"], "a, b and c")] {
            assert_eq!(listed(&names), text);
        }
    }
}
