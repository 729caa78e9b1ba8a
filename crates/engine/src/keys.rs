//! Signing keys: how they are made, when they rotate, which one signs, which ones verify.

mod verifying;

use std::{fmt, time::Duration};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Builder;
use zeroize::Zeroizing;

use crate::{
    id::AppId,
    random::Random,
    session::KeyFamily,
    time::Timestamp,
    token_version::{Headers, TokenVersion},
    vault::{CannotOpen, Vault},
};

use verifying::Material;
pub(crate) use verifying::VerifyingKey;
pub use verifying::{Jwk, Jwks, VerifyingKeys};

/// A signature algorithm (RFC 7518 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256: small and fast. The default when embedded.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 and 2048-bit keys: what every client library knows. The default of the server.
    Rs256,
    /// Ed25519 (RFC 8037 §3.1): as small as ES256, and the same signature for the same text. Few SDKs know it.
    EdDsa,
}

impl Algorithm {
    /// The name in JOSE headers and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::Es256, Self::Rs256, Self::EdDsa];

    /// The algorithm of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    /// Whether making a key takes so long that a request should not wait for it.
    pub const fn is_slow_to_generate(self) -> bool {
        matches!(self, Self::Rs256)
    }

    fn verification(self) -> &'static dyn signature::VerificationAlgorithm {
        match self {
            Self::Es256 => &signature::ECDSA_P256_SHA256_FIXED,
            Self::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::EdDsa => &signature::ED25519,
        }
    }
}

/// A signing key as it is stored: its private half is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The app it belongs to.
    pub app: AppId,
    /// Its family.
    pub family: KeyFamily,
    /// Its number in the family; the next key is the one that first gets the next number.
    pub sequence: u32,
    /// Its public name: `d-…` or `s-…`.
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The sealed private key (PKCS #8).
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// When keys rotate, and for how long they count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRule {
    /// What new keys sign with.
    pub algorithm: Algorithm,
    /// The age at which a dynamic key stops signing.
    pub interval: Duration,
    /// How long access tokens live: old keys verify until the last token is gone.
    pub access_token_validity: Duration,
}

/// What rotation looks at in a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// When it was made.
    pub created_at: Timestamp,
    /// What it signs with.
    pub algorithm: Algorithm,
}

impl KeyRule {
    /// How long a new key is published before it signs, so that verifiers have it by then.
    fn overlap(&self) -> Duration {
        let minute = Duration::from_secs(60);
        if self.interval < minute { self.interval / 5 } else { minute }
    }

    /// Whether the next dynamic key should be made, `newest` being the latest one.
    pub fn is_due(&self, newest: Option<KeyFacts>, now: Timestamp) -> bool {
        newest.is_none_or(|key| {
            let age = now.since(key.created_at);
            age > self.interval.saturating_sub(self.overlap()) || (key.algorithm != self.algorithm && age > self.overlap())
        })
    }

    /// Whether signing with `newest` has to end at once.
    pub fn is_overdue(&self, newest: Option<KeyFacts>, now: Timestamp) -> bool {
        newest.is_none_or(|key| now.since(key.created_at) > self.interval)
    }

    /// When the next key is due.
    pub fn due_at(&self, newest: KeyFacts) -> Timestamp {
        newest.created_at + self.interval.saturating_sub(self.overlap())
    }

    /// Which of the dynamic keys, newest first, signs now.
    pub fn signer(&self, keys: &[KeyFacts], now: Timestamp) -> Option<usize> {
        let is_younger = |key: &KeyFacts, than| now.since(key.created_at) < than;
        match keys {
            [] => None,
            [newest, second, ..] if is_younger(newest, self.overlap()) && is_younger(second, self.interval) => Some(1),
            _ => Some(0),
        }
    }

    /// Whether a dynamic key still verifies.
    pub fn verifies(&self, key: KeyFacts, now: Timestamp) -> bool {
        key.created_at + self.interval + self.access_token_validity * 2 >= now
    }
}

/// A new private key that has no name yet. RSA keys take long to make (60 to 150 ms): make them ahead.
pub struct NewKey(PrivateKey);

impl NewKey {
    /// Makes a key. CPU-bound.
    ///
    /// # Errors
    /// [`SigningFailed`] if the library refuses.
    pub fn generate(algorithm: Algorithm) -> Result<Self, SigningFailed> {
        PrivateKey::generate(algorithm).map(Self)
    }

    /// What it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    /// Names the key and seals it for storage.
    pub(crate) fn into_record(
        self,
        app: &AppId,
        (family, sequence): (KeyFamily, u32),
        created_at: Timestamp,
        vault: &Vault,
        random: &dyn Random,
    ) -> Result<KeyRecord, SigningFailed> {
        let kid = match family {
            KeyFamily::Dynamic => format!("d-{}", created_at.as_millis()),
            KeyFamily::Static => format!("s-{}", Builder::from_random_bytes(random.bytes()).into_uuid()),
        };
        let sealed = vault.seal(&place(app, &kid), &self.0.to_pkcs8()?);
        Ok(KeyRecord { app: app.clone(), family, sequence, kid, algorithm: self.algorithm(), sealed, created_at })
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewKey({:?})", self.algorithm())
    }
}

fn place(app: &AppId, kid: &str) -> String {
    format!("signing-key/{app}/{kid}")
}

/// The cryptographic library refused to make a key or a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic library refused")]
pub struct SigningFailed;

impl From<aws_lc_rs::error::Unspecified> for SigningFailed {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

enum PrivateKey {
    Es256(EcdsaKeyPair),
    Rs256(rsa::KeyPair),
    EdDsa(Ed25519KeyPair),
}

impl PrivateKey {
    fn generate(algorithm: Algorithm) -> Result<Self, SigningFailed> {
        Ok(match algorithm {
            Algorithm::Es256 => Self::Es256(EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING)?),
            Algorithm::Rs256 => Self::Rs256(rsa::KeyPair::generate(rsa::KeySize::Rsa2048)?),
            Algorithm::EdDsa => Self::EdDsa(Ed25519KeyPair::generate()?),
        })
    }

    fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).ok().map(Self::Es256),
            Algorithm::Rs256 => rsa::KeyPair::from_pkcs8(pkcs8).ok().map(Self::Rs256),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(pkcs8).ok().map(Self::EdDsa),
        }
    }

    fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SigningFailed> {
        Ok(match self {
            Self::Es256(key) => Zeroizing::new(key.to_pkcs8v1()?.as_ref().to_vec()),
            Self::Rs256(key) => {
                let der: Pkcs8V1Der<'_> = key.as_der()?;
                Zeroizing::new(der.as_ref().to_vec())
            }
            Self::EdDsa(key) => Zeroizing::new(key.to_pkcs8()?.as_ref().to_vec()),
        })
    }

    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256(_) => Algorithm::Es256,
            Self::Rs256(_) => Algorithm::Rs256,
            Self::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        let random = SystemRandom::new();
        match self {
            Self::Es256(key) => Ok(key.sign(&random, message)?.as_ref().to_vec()),
            Self::Rs256(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut signature)?;
                Ok(signature)
            }
            Self::EdDsa(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }

    fn jwk(&self, kid: &str) -> Jwk {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let material = match self {
            Self::Es256(key) => {
                // an uncompressed point: 4 | x | y (SEC 1 §2.3.3)
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                Material::Ec { crv: "P-256".to_owned(), x: encode(x), y: encode(y) }
            }
            Self::Rs256(key) => {
                let public = key.public_key();
                let (n, e) = (public.modulus(), public.exponent());
                Material::Rsa { n: encode(n.big_endian_without_leading_zero()), e: encode(e.big_endian_without_leading_zero()) }
            }
            Self::EdDsa(key) => Material::Okp { crv: "Ed25519".to_owned(), x: encode(key.public_key().as_ref()) },
        };
        Jwk::new(kid, self.algorithm(), material)
    }

    /// The public half as DER, SubjectPublicKeyInfo (RFC 5280 §4.1).
    fn spki(&self) -> Result<Vec<u8>, SigningFailed> {
        let der: PublicKeyX509Der<'_> = match self {
            Self::Es256(key) => key.public_key().as_der()?,
            Self::Rs256(key) => key.public_key().as_der()?,
            Self::EdDsa(key) => key.public_key().as_der()?,
        };
        Ok(der.as_ref().to_vec())
    }
}

/// A signing key, opened.
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) family: KeyFamily,
    pub(crate) facts: KeyFacts,
    headers: Headers,
    private: PrivateKey,
}

impl SigningKey {
    pub(crate) fn open(record: &KeyRecord, vault: &Vault) -> Result<Self, CannotOpen> {
        let pkcs8 = vault.open(&place(&record.app, &record.kid), &record.sealed)?;
        let private = PrivateKey::from_pkcs8(record.algorithm, &pkcs8).ok_or(CannotOpen)?;
        Ok(Self {
            kid: record.kid.clone(),
            headers: Headers::new(record.algorithm, &record.kid),
            family: record.family,
            facts: KeyFacts { created_at: record.created_at, algorithm: record.algorithm },
            private,
        })
    }

    /// What its access tokens of a version begin with, and (`None`) any other JWT.
    pub(crate) fn header(&self, version: Option<TokenVersion>) -> &str {
        self.headers.of(version)
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        self.private.sign(message)
    }

    /// The public half as DER, SubjectPublicKeyInfo (RFC 5280 §4.1).
    pub(crate) fn spki(&self) -> Result<Vec<u8>, SigningFailed> {
        self.private.spki()
    }

    pub(crate) fn verifying(&self) -> Result<VerifyingKey, SigningFailed> {
        VerifyingKey::new(self.private.jwk(&self.kid)).ok_or(SigningFailed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: KeyRule =
        KeyRule { algorithm: Algorithm::Es256, interval: Duration::from_secs(3600), access_token_validity: Duration::from_secs(600) };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn key(seconds: i64) -> KeyFacts {
        KeyFacts { created_at: at(seconds), algorithm: Algorithm::Es256 }
    }

    #[test]
    fn a_new_key_is_due_a_minute_before_the_old_one_ends_or_when_the_algorithm_changes() {
        assert!(RULE.is_due(None, at(0)));
        assert!(!RULE.is_due(Some(key(0)), at(3540)));
        assert!(RULE.is_due(Some(key(0)), at(3541)));
        let other = KeyFacts { algorithm: Algorithm::Rs256, ..key(0) };
        assert!(!RULE.is_due(Some(other), at(60)));
        assert!(RULE.is_due(Some(other), at(61)));
    }

    #[test]
    fn a_new_key_is_published_for_a_minute_before_it_signs() {
        assert_eq!(RULE.signer(&[], at(0)), None);
        assert_eq!(RULE.signer(&[key(0)], at(0)), Some(0));
        let both = [key(3541), key(0)];
        assert_eq!(RULE.signer(&both, at(3599)), Some(1));
        assert_eq!(RULE.signer(&both, at(3600)), Some(0), "no key signs beyond the interval when there is a newer one");
        assert_eq!(RULE.signer(&[key(100), key(0)], at(159)), Some(1));
        assert_eq!(RULE.signer(&[key(100), key(0)], at(160)), Some(0));
    }

    #[test]
    fn an_old_key_verifies_until_the_last_token_it_signed_is_gone() {
        assert!(RULE.verifies(key(0), at(3600 + 1200)));
        assert!(!RULE.verifies(key(0), at(3600 + 1201)));
    }

    #[test]
    fn short_intervals_overlap_by_a_fifth() {
        let rule = KeyRule { interval: Duration::from_secs(5), ..RULE };
        assert!(!rule.is_due(Some(key(0)), at(4)));
        assert!(rule.is_due(Some(key(0)), Timestamp::from_millis(4001)));
    }
}
