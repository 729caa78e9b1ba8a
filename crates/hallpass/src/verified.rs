//! A memory of access tokens that were verified: their signatures need not be checked again.

use std::{
    borrow::Borrow,
    collections::HashSet,
    hash::{Hash, Hasher},
    num::NonZeroUsize,
    sync::{PoisonError, RwLock},
};

use hallpass_engine::{access_token::AccessToken, keys::VerifyingKeys};

/// Tokens by their whole text. A token that differs in one byte is another token.
///
/// What can end before the token does is asked at every use: whether it has expired, whether its key still counts, whether
/// its session was revoked.
pub(crate) struct VerifiedTokens {
    /// Of each half of the memory.
    capacity: usize,
    halves: RwLock<Halves>,
}

/// When the newer half is full, the older one is forgotten.
#[derive(Default)]
struct Halves {
    newer: HashSet<Remembered>,
    older: HashSet<Remembered>,
}

struct Remembered(AccessToken);

impl Borrow<str> for Remembered {
    fn borrow(&self) -> &str {
        self.0.token().expose()
    }
}

impl Hash for Remembered {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Borrow::<str>::borrow(self).hash(state);
    }
}

impl PartialEq for Remembered {
    fn eq(&self, other: &Self) -> bool {
        Borrow::<str>::borrow(self) == Borrow::<str>::borrow(other)
    }
}

impl Eq for Remembered {}

impl VerifiedTokens {
    /// Remembers at least half as many tokens as `capacity`, and never more.
    pub(crate) fn new(capacity: NonZeroUsize) -> Self {
        Self { capacity: capacity.get().div_ceil(2), halves: RwLock::default() }
    }

    /// The token of this text, if it was verified before.
    ///
    /// # Security
    /// Its lifetime, its key and its session may have ended since.
    pub(crate) fn find(&self, text: &str) -> Option<AccessToken> {
        let halves = self.halves.read().unwrap_or_else(PoisonError::into_inner);
        halves.newer.get(text).or_else(|| halves.older.get(text)).map(|remembered| remembered.0.clone())
    }

    /// Remembers a token that was just verified.
    pub(crate) fn insert(&self, token: AccessToken) {
        let mut halves = self.halves.write().unwrap_or_else(PoisonError::into_inner);
        if halves.newer.len() >= self.capacity {
            halves.older = std::mem::take(&mut halves.newer);
        }
        halves.newer.insert(Remembered(token));
    }
}

/// Whether the key that signed a token still counts. Tokens of the oldest version name none.
pub(crate) fn is_key_valid(token: &AccessToken, keys: &VerifyingKeys) -> bool {
    token.kid().is_some_and(|kid| keys.contains(kid))
}
