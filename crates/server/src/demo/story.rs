//! The story of a theft: who presented which refresh token, what came of it, and why.

use std::fmt;

use hallpass::{JsonObject, Timestamp};
use hallpass_engine::refresh_token::RefreshHash;

use super::visitor::{Hand, refresh_id};

/// Older steps are forgotten.
const STEPS: usize = 40;

/// One of the two who hold the session's tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Owner,
    Thief,
}

impl Role {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Thief => "thief",
        }
    }

    const fn other(self) -> &'static str {
        match self {
            Self::Owner => "the thief",
            Self::Thief => "the owner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Owner { "The owner" } else { "The thief" })
    }
}

/// A refresh token, by the letter that the story gives it: A, B, … Z, A1, ….
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter(usize);

impl Letter {
    /// One of six colours.
    pub(super) const fn colour(self) -> usize {
        self.0 % 6
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ALPHABET: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let (round, letter) = (self.0 / 26, char::from(ALPHABET[self.0 % 26]));
        if round == 0 { write!(f, "{letter}") } else { write!(f, "{letter}{round}") }
    }
}

/// What came of a presented refresh token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was current: a child.
    Rotated(Letter),
    /// It was retired a moment ago: the same child again.
    Replayed(Letter),
    /// It was retired long ago, its child never used: another child.
    Reissued(Letter),
    /// It was used up: the session is revoked.
    Reuse,
    /// The session was over before.
    Over,
}

/// One thing that happened.
pub(super) struct Step {
    pub(super) at: Timestamp,
    /// Whose column it belongs to, if to one.
    pub(super) role: Option<Role>,
    pub(super) headline: String,
    pub(super) why: String,
    /// Something went wrong for somebody.
    pub(super) is_alarm: bool,
}

struct Known {
    id: RefreshHash,
    parent: Option<RefreshHash>,
}

/// A copy of a browser's refresh token in other hands, and what became of it.
pub(super) struct Theft {
    pub(super) thief: Hand,
    /// In the order of their letters.
    known: Vec<Known>,
    pub(super) story: Vec<Step>,
}

impl Theft {
    /// Somebody copies what the owner holds.
    pub(super) fn begin(owner: &Hand, at: Timestamp) -> Self {
        let thief = Hand { access: None, ..owner.clone() };
        let known = vec![Known { id: owner.id, parent: None }];
        let mut theft = Self { thief, known, story: Vec::new() };
        let headline = format!("The thief copies refresh token {}", Letter(0));
        let why = "Malware, a borrowed laptop, a careless log. The owner notices nothing: nothing has changed yet.";
        theft.tell(at, Some(Role::Thief), headline, why);
        theft
    }

    pub(super) fn letter(&self, id: &RefreshHash) -> Option<Letter> {
        self.known.iter().position(|known| known.id == *id).map(Letter)
    }

    /// Gives a token that was just issued its letter, and says what its issue was.
    pub(super) fn learn(&mut self, claims: &JsonObject) -> Option<Outcome> {
        let id = refresh_id(claims, "refreshTokenHash1")?;
        if let Some(letter) = self.letter(&id) {
            return Some(Outcome::Replayed(letter));
        }
        let parent = refresh_id(claims, "parentRefreshTokenHash1");
        let has_sibling = parent.is_some() && self.known.iter().any(|known| known.parent == parent);
        let letter = Letter(self.known.len());
        self.known.push(Known { id, parent });
        Some(if has_sibling { Outcome::Reissued(letter) } else { Outcome::Rotated(letter) })
    }

    /// Tells what came of a token that was presented.
    pub(super) fn refreshed(&mut self, at: Timestamp, role: Role, presented: Option<Letter>, outcome: Outcome) {
        let name = presented.map_or_else(|| "a token".to_owned(), |letter| letter.to_string());
        let other = role.other();
        let (headline, why) = match outcome {
            Outcome::Rotated(child) => (
                format!("{role} refreshes: {name} becomes {child}"),
                format!(
                    "{name} is retired, and only {child} can rotate. The next request with {child}’s access token shows the server that {child} arrived."
                ),
            ),
            Outcome::Replayed(child) => (
                format!("{role} presents {name}, and gets {child} as well"),
                format!(
                    "{name} was retired only a moment ago. Two tabs or a retried request look just the same, so nobody is signed out: both get the same child. There is still only one token that can rotate."
                ),
            ),
            Outcome::Reissued(child) => (
                format!("{role} presents {name} late, and gets {child}"),
                format!(
                    "The first child of {name} was never used: its response may have been lost, and an honest user must not be signed out for that. So that child dies, and {child} takes its place. If {other} holds the dead one, presenting it gives the theft away."
                ),
            ),
            Outcome::Reuse => (
                format!("{role} presents {name}, which is used up: theft detected"),
                format!(
                    "Two parties hold tokens of one session, and nobody can tell which is honest. So the session is revoked for both. What {other} holds refreshes no more, and no access token of the session counts any longer."
                ),
            ),
            Outcome::Over => (
                format!("{role} presents {name}, and is refused"),
                "The session is over: no token of it will ever refresh again.".to_owned(),
            ),
        };
        self.tell(at, Some(role), headline, why);
        if let (Some(step), Outcome::Reuse) = (self.story.last_mut(), outcome) {
            step.is_alarm = true;
        }
    }

    pub(super) fn tell(&mut self, at: Timestamp, role: Option<Role>, headline: impl Into<String>, why: impl Into<String>) {
        if self.story.len() == STEPS {
            self.story.remove(0);
        }
        self.story.push(Step { at, role, headline: headline.into(), why: why.into(), is_alarm: false });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn claims(id: &str, parent: &str) -> JsonObject {
        let Value::Object(claims) = json!({ "refreshTokenHash1": id, "parentRefreshTokenHash1": parent }) else { unreachable!() };
        claims
    }

    #[test]
    fn letters_go_on_after_z() {
        let names = [0, 25, 26, 53].map(|n| Letter(n).to_string());
        assert_eq!(names, ["A", "Z", "A1", "B2"]);
    }

    #[test]
    fn children_tell_how_they_came_about() {
        let owner = Hand { refresh: "".into(), id: RefreshHash::of_id("a"), access: None };
        let mut theft = Theft::begin(&owner, Timestamp::from_millis(0));
        assert!(theft.learn(&claims("b", "a")) == Some(Outcome::Rotated(Letter(1))));
        assert!(theft.learn(&claims("b", "a")) == Some(Outcome::Replayed(Letter(1))));
        assert!(theft.learn(&claims("c", "a")) == Some(Outcome::Reissued(Letter(2))));
        assert!(theft.learn(&claims("d", "c")) == Some(Outcome::Rotated(Letter(3))));
        assert!(theft.learn(&JsonObject::new()).is_none());
    }

    #[test]
    fn a_story_is_bounded() {
        let owner = Hand { refresh: "".into(), id: RefreshHash::of_id("a"), access: None };
        let mut theft = Theft::begin(&owner, Timestamp::from_millis(0));
        (0..100).for_each(|n| theft.tell(Timestamp::from_millis(n), None, "", ""));
        assert_eq!((theft.story.len(), theft.story[0].at.as_millis()), (STEPS, 60));
    }
}
