//! Encryption at rest: signing keys and refresh roots are stored sealed under a master key.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, RandomizedNonceKey},
    digest,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::random::Random;

const VERSION: u8 = 1;
const ID_LEN: usize = 8;
const NONCE_LEN: usize = 12;
const TEXT_PREFIX: &str = "hpm1_";

/// A master key: seals what the database must not tell. Keep it elsewhere than the database and its backups.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// Why a text is no master key. Never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a master key is `hpm1_` and 43 characters of base64url")]
pub struct InvalidMasterKey;

impl MasterKey {
    /// A new one.
    pub fn generate(random: &dyn Random) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        random.fill(&mut key[..]);
        Self(key)
    }

    /// Reads the text form, with or without surrounding white space.
    ///
    /// # Errors
    /// [`InvalidMasterKey`] for any other text.
    pub fn from_text(text: &str) -> Result<Self, InvalidMasterKey> {
        let encoded = text.trim().strip_prefix(TEXT_PREFIX).ok_or(InvalidMasterKey)?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).map_err(|_| InvalidMasterKey)?);
        let key = bytes.as_slice().try_into().map_err(|_| InvalidMasterKey)?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// The text form, for a file or an environment variable.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{TEXT_PREFIX}{}", URL_SAFE_NO_PAD.encode(&self.0[..])))
    }

    /// Tells which key sealed something, and nothing about the key.
    fn id(&self) -> [u8; ID_LEN] {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"hallpass/master-key/id/v1\0");
        context.update(&self.0[..]);
        context.finish().as_ref()[..ID_LEN].try_into().expect("SHA-256 is longer")
    }

    fn aead(&self) -> RandomizedNonceKey {
        RandomizedNonceKey::new(&AES_256_GCM, &self.0[..]).expect("the key has AES-256's length")
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// The master keys at hand: the first seals, all open. With two, a master key can be changed on a live system.
#[derive(Clone, Debug)]
pub struct Vault {
    first: MasterKey,
    others: Vec<MasterKey>,
}

/// A sealed value that none of the master keys opens: sealed by another one, or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("none of the master keys opens it")]
pub struct CannotOpen;

impl Vault {
    /// A vault that seals with `first`, and opens with it and the others.
    pub fn new(first: MasterKey, others: Vec<MasterKey>) -> Self {
        Self { first, others }
    }

    /// Encrypts (AES-256-GCM). `place` says what it is and where it belongs: it opens nowhere else.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        let mut body = Zeroizing::new(plain.to_vec());
        let nonce = self
            .first
            .aead()
            .seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut *body)
            .expect("a key is far below GCM's limit of length");
        [&[VERSION][..], &self.first.id(), nonce.as_ref(), &body].concat()
    }

    /// Decrypts what was sealed for the same place.
    ///
    /// # Errors
    /// [`CannotOpen`].
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let (version, rest) = sealed.split_first().ok_or(CannotOpen)?;
        let (id, rest) = rest.split_first_chunk::<ID_LEN>().ok_or(CannotOpen)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(CannotOpen)?;
        let mut keys = [&self.first].into_iter().chain(&self.others);
        let key = keys.find(|key| *version == VERSION && key.id() == *id).ok_or(CannotOpen)?;
        let mut body = Zeroizing::new(body.to_vec());
        let plain = key.aead().open_in_place(nonce.into(), Aad::from(place.as_bytes()), &mut body).map_err(|_| CannotOpen)?.len();
        body.truncate(plain);
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_value_opens_only_in_its_place_under_a_key_at_hand() {
        let (old, new) = (MasterKey::generate(&SystemRandom), MasterKey::generate(&SystemRandom));
        let sealed = Vault::new(old.clone(), vec![]).seal("here", b"secret");
        let both = Vault::new(new.clone(), vec![old]);
        assert_eq!(both.open("here", &sealed).unwrap().as_slice(), b"secret");
        assert_eq!(both.open("there", &sealed), Err(CannotOpen));
        assert_eq!(Vault::new(new, vec![]).open("here", &sealed), Err(CannotOpen));
        for cut in 0..sealed.len() {
            assert_eq!(both.open("here", &sealed[..cut]), Err(CannotOpen));
        }
        let mut flipped = sealed.clone();
        *flipped.last_mut().unwrap() ^= 1;
        assert_eq!(both.open("here", &flipped), Err(CannotOpen));
    }

    #[test]
    fn a_master_key_survives_its_text_form_and_hides_in_debug() {
        let key = MasterKey::generate(&SystemRandom);
        let text = key.to_text();
        assert_eq!(MasterKey::from_text(&format!(" {}\n", &*text)).unwrap().0, key.0);
        assert_eq!(format!("{key:?}"), "MasterKey(…)");
        for wrong in ["", "hpm1_", "hpm1_AAAA", &text[1..], "secret"] {
            assert_eq!(MasterKey::from_text(wrong).err(), Some(InvalidMasterKey));
        }
    }
}
