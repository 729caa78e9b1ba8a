//! A memory of access tokens that were verified: their signatures need not be checked again.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{PoisonError, RwLock},
};

use hallpass_engine::{access_token::AccessToken, keys::VerifyingKeys};

/// A token is found by so many characters at its end, and then compared as a whole.
///
/// # Security
/// They are part of a signature: whoever does not hold the token does not know them, so the comparison tells nobody anything.
const END: usize = 16;

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
    newer: Half,
    older: Half,
}

type Half = HashMap<[u8; END], AccessToken>;

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
        let end = text.as_bytes().last_chunk()?;
        let halves = self.halves.read().unwrap_or_else(PoisonError::into_inner);
        let token = halves.newer.get(end).or_else(|| halves.older.get(end))?;
        (token.token().expose() == text).then(|| token.clone())
    }

    /// Remembers a token that was just verified. Not one of the oldest version: it names no key, so that nobody could tell later
    /// whether its key still counts.
    pub(crate) fn insert(&self, token: AccessToken) {
        if token.kid().is_none() {
            return;
        }
        let Some(end) = token.token().expose().as_bytes().last_chunk().copied() else { return };
        let mut halves = self.halves.write().unwrap_or_else(PoisonError::into_inner);
        if halves.newer.len() >= self.capacity {
            halves.older = std::mem::take(&mut halves.newer);
        }
        halves.newer.insert(end, token);
    }
}

/// Whether the key that signed a remembered token still counts.
pub(crate) fn is_key_valid(token: &AccessToken, keys: &VerifyingKeys) -> bool {
    token.kid().is_some_and(|kid| keys.contains(kid))
}
