//! The decision at the heart: what to do with a refresh token that did not rotate.

use std::{fmt, time::Duration};

use crate::{
    refresh_token::{RefreshHash, RootId, Salt},
    time::Timestamp,
};

/// How many times one parent may be given a new child because the one before was never used. A client that loses more
/// responses than this, each more than a window apart, is logged out.
pub const MAX_REISSUES: u8 = 16;

/// The one live lineage of a session: its current token, and the one that was just retired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lineage {
    /// How many rotations came before the current token.
    pub generation: u32,
    /// The only token that can rotate.
    pub current: RefreshHash,
    /// The current token's parent; `None` before the first rotation.
    pub retired: Option<Retired>,
    /// From here on the session is over.
    pub expires_at: Timestamp,
}

impl Lineage {
    /// Whether a token is the current one or its parent.
    pub fn holds(&self, token: &RefreshHash) -> bool {
        self.current == *token || self.retired.as_ref().is_some_and(|retired| retired.hash == *token)
    }
}

/// The token that was replaced last, and what is needed to give the same child again.
#[derive(Clone, PartialEq, Eq)]
pub struct Retired {
    /// The retired token.
    pub hash: RefreshHash,
    /// The salt that made its child.
    pub salt: Salt,
    /// The root that made its child.
    pub root: RootId,
    /// When it was last presented in good faith: it rotated, or was replayed.
    pub at: Timestamp,
    /// When it dies for good; `None` until its child was seen in use.
    pub until: Option<Timestamp>,
    /// How many of its children were thrown away unused.
    pub reissues: u8,
}

impl fmt::Debug for Retired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, until, reissues, .. } = self;
        f.debug_struct("Retired").field("at", at).field("until", until).field("reissues", reissues).finish_non_exhaustive()
    }
}

impl Retired {
    /// Whether presenting it still gives the same child.
    fn is_recent(&self, now: Timestamp, window: Duration) -> bool {
        now < self.until.unwrap_or(self.at + window)
    }

    /// Whether its child was never seen in use and may be replaced.
    fn has_unused_child(&self) -> bool {
        self.until.is_none() && self.reissues < MAX_REISSUES
    }
}

/// A genuine refresh token that somebody presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented {
    /// What the database would hold of it.
    pub hash: RefreshHash,
    /// How many rotations came before it.
    pub generation: u32,
}

/// How rotation behaves for a caller. The `until` that a rotation leaves in the row is governed by the rule of the call
/// that rotated, whoever comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// How long a retired token gives the same child again, counted from when it was last presented.
    ///
    /// # Security
    /// Within it, whoever holds the retired token gets what the owner got.
    pub window: Duration,
    /// When the child counts as delivered.
    pub confirmation: Confirmation,
    /// What happens to the session when a used token comes back.
    pub on_reuse: OnReuse,
}

/// When the parent of a token dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// `grace` after the child was first seen in use; until then the child may be replaced.
    FirstUse {
        /// For requests that were under way when the child was first used.
        grace: Duration,
    },
    /// `grace` after the rotation, used or not.
    Rotation {
        /// How long a lost response can be made good.
        grace: Duration,
    },
}

/// What the engine does on reuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnReuse {
    /// Revokes the session.
    Revoke,
    /// Only reports it: the caller revokes.
    Report,
}

impl Rule {
    /// The rule of our own SDK.
    pub const fn new() -> Self {
        let ten_seconds = Duration::from_secs(10);
        Self { window: ten_seconds, confirmation: Confirmation::FirstUse { grace: ten_seconds }, on_reuse: OnReuse::Revoke }
    }

    /// When a token that is retired now will die, as far as that is known already.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        match self.confirmation {
            Confirmation::FirstUse { .. } => None,
            Confirmation::Rotation { grace } => Some(now + grace),
        }
    }
}

impl Default for Rule {
    fn default() -> Self {
        Self::new()
    }
}

/// What to do with a token that did not rotate.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It did rotate: an earlier try of this very call was stored after all.
    Rotated,
    /// The session is over.
    Expired,
    /// It became current in between: rotate again.
    Rotate,
    /// It is newer than the row: the store lost writes. Adopt it.
    Ahead,
    /// It was retired a moment ago: give the same child. `slide` says whether that moment is worth writing down again.
    Replay {
        /// Move `at` to now.
        slide: bool,
    },
    /// It was retired long ago and its child was never used: give a new child instead of that one.
    Reissue,
    /// It was used up: somebody has a copy.
    Reuse,
}

/// Judges a presented refresh token that did not rotate. Same inputs, same verdict: no clock, no IO.
///
/// `my_child` is the child that the caller tried to store.
pub fn judge(row: &Lineage, presented: &Presented, my_child: &RefreshHash, now: Timestamp, window: Duration) -> Verdict {
    let parent = row.retired.as_ref().filter(|retired| retired.hash == presented.hash);
    match parent {
        _ if row.current == *my_child => Verdict::Rotated,
        _ if now >= row.expires_at => Verdict::Expired,
        _ if row.current == presented.hash => Verdict::Rotate,
        _ if presented.generation > row.generation => Verdict::Ahead,
        Some(retired) if retired.is_recent(now, window) => Verdict::Replay {
            // half a window late at most, and one write per half a window however many retry
            slide: retired.until.is_none() && now.since(retired.at) >= window / 2,
        },
        Some(retired) if retired.has_unused_child() => Verdict::Reissue,
        _ => Verdict::Reuse,
    }
}
