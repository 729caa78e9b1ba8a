//! What is wrong with a configuration, said all at once.

use std::fmt;

/// Where a value was given, in the words of whoever gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the command line.
    Flag(&'static str),
    /// In a variable of the environment.
    Variable(String),
    /// In the file.
    File {
        /// Its name.
        file: String,
        /// The key in it.
        key: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "--{}", name.replace('_', "-")),
            Self::Variable(name) => f.write_str(name),
            Self::File { file, key } => write!(f, "{key} in {file}"),
        }
    }
}

/// One mistake: where, what, and what is allowed. One line, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake(String);

impl Mistake {
    /// A value that is not allowed. `secret` values are not shown.
    pub(crate) fn value(place: &Place, given: &str, is_secret: bool, allowed: &str) -> Self {
        let given = if is_secret { String::new() } else { format!("; it is {:?}", shortened(given)) };
        Self(format!("{place} must be {allowed}{given}"))
    }

    /// A place that should not be there at all.
    pub(crate) fn unknown(place: &Place, known: &[String]) -> Self {
        let name = match place {
            Place::Flag(name) => (*name).to_owned(),
            Place::Variable(name) => name.clone(),
            Place::File { key, .. } => key.clone(),
        };
        let near = known.iter().map(|known| (distance(known, &name), known)).min().filter(|(far, _)| *far <= 3);
        Self(match near {
            Some((_, near)) => format!("{place}: there is no such setting; is {near} meant?"),
            None => format!("{place}: there is no such setting; `hallpass config reference` lists all"),
        })
    }

    /// Anything else.
    pub(crate) fn other(text: impl fmt::Display) -> Self {
        Self(text.to_string().replace('\n', " "))
    }
}

/// Every mistake in a configuration, each on its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub(crate) Vec<Mistake>);

impl std::error::Error for Mistakes {}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [Mistake(only)] => write!(f, "the configuration is not right: {only}"),
            many => {
                write!(f, "{} things in the configuration are not right:", many.len())?;
                many.iter().try_for_each(|Mistake(text)| write!(f, "\n  {text}"))
            }
        }
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// How many letters two names differ by.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<_> = b.chars().collect();
    let mut row: Vec<_> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut before = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in b.iter().enumerate() {
            let changed = before + usize::from(a != *b);
            before = row[j + 1];
            row[j + 1] = changed.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_was_nearly_right_is_guessed() {
        let known = ["listen".to_owned(), "log_level".to_owned()];
        let place = |key: &str| Place::File { file: "hallpass.toml".to_owned(), key: key.to_owned() };
        assert_eq!(Mistake::unknown(&place("lisen"), &known).0, "lisen in hallpass.toml: there is no such setting; is listen meant?");
        assert!(Mistake::unknown(&place("colour"), &known).0.contains("lists all"));
    }
}
