//! Public keys: published as a JWK set, and what access tokens are verified with.

use std::{fmt, time::Duration};

use aws_lc_rs::{encoding::AsDer, rsa::PublicKeyComponents, signature::ParsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::Algorithm;
use crate::time::Timestamp;

/// A public key (RFC 7517 §4). Every member is a string, as client libraries rely on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// Names the key.
    pub kid: String,
    alg: String,
    #[serde(rename = "use")]
    usage: String,
    #[serde(flatten)]
    material: Material,
}

impl Jwk {
    pub(super) fn new(kid: &str, algorithm: Algorithm, material: Material) -> Self {
        Self { kid: kid.to_owned(), alg: algorithm.as_str().to_owned(), usage: "sig".to_owned(), material }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub(super) enum Material {
    #[serde(rename = "EC")]
    Ec { crv: String, x: String, y: String },
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    #[serde(rename = "OKP")]
    Okp { crv: String, x: String },
}

impl Material {
    /// The key as the cryptographic library reads it, if it is one for this algorithm.
    fn public_key(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let bytes = match (self, algorithm) {
            // an uncompressed point: 4 | x | y (SEC 1 §2.3.3)
            (Self::Ec { crv, x, y }, Algorithm::Es256) if crv == "P-256" => [vec![4], decode(x)?, decode(y)?].concat(),
            (Self::Rsa { n, e }, Algorithm::Rs256) => {
                let components = PublicKeyComponents { n: decode(n)?, e: decode(e)? };
                components.as_der().ok()?.as_ref().to_vec()
            }
            (Self::Okp { crv, x }, Algorithm::EdDsa) if crv == "Ed25519" => decode(x)?,
            _ => return None,
        };
        ParsedPublicKey::new(algorithm.verification(), bytes).ok()
    }
}

pub(crate) struct VerifyingKey {
    jwk: Jwk,
    public: ParsedPublicKey,
    algorithm: Algorithm,
}

impl VerifyingKey {
    /// `None`: not a key for one of our algorithms.
    pub(super) fn new(jwk: Jwk) -> Option<Self> {
        let algorithm = Algorithm::from_name(&jwk.alg)?;
        Some(Self { public: jwk.material.public_key(algorithm)?, algorithm, jwk })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verify_sig(message, signature).is_ok()
    }
}

/// The keys that verify an app's access tokens.
pub struct VerifyingKeys {
    keys: Vec<VerifyingKey>,
    due_at: Timestamp,
}

/// A JWK set (RFC 7517 §5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwks {
    /// Dynamic keys, newest first; then static keys, newest first.
    pub keys: Vec<Jwk>,
}

impl VerifyingKeys {
    /// `due_at`: when the next key will be there.
    pub(crate) fn new(keys: Vec<VerifyingKey>, due_at: Timestamp) -> Self {
        Self { keys, due_at }
    }

    /// The keys of a published set (RFC 7517 §5.1), which may be cached until `due_at`. Those that are not for one of our
    /// algorithms are left out.
    pub fn from_jwks(jwks: &serde_json::Value, due_at: Timestamp) -> Self {
        let keys = jwks.get("keys").and_then(serde_json::Value::as_array).into_iter().flatten();
        Self { keys: keys.filter_map(|key| VerifyingKey::new(Jwk::deserialize(key).ok()?)).collect(), due_at }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.keys.iter()
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&VerifyingKey> {
        self.keys.iter().find(|key| key.jwk.kid == kid)
    }

    /// Whether a key of that name is among them.
    pub fn contains(&self, kid: &str) -> bool {
        self.find(kid).is_some()
    }

    /// The public keys, to be published.
    pub fn to_jwks(&self) -> Jwks {
        Jwks { keys: self.keys.iter().map(|key| key.jwk.clone()).collect() }
    }

    /// How long they may be cached: until the next key is published, and at least a second.
    pub fn max_age(&self, now: Timestamp) -> Duration {
        self.due_at.since(now).max(Duration::from_secs(1))
    }
}

impl fmt::Debug for VerifyingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.jwk.kid)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::PrivateKey, *};

    #[test]
    fn jwks_members_are_strings_and_name_the_algorithm() {
        for (algorithm, members) in [(Algorithm::Es256, 7), (Algorithm::Rs256, 6), (Algorithm::EdDsa, 6)] {
            let jwk = serde_json::to_value(PrivateKey::generate(algorithm).unwrap().jwk("d-1")).unwrap();
            let jwk = jwk.as_object().unwrap();
            assert!(jwk.values().all(serde_json::Value::is_string), "{jwk:?}");
            assert_eq!((jwk.len(), jwk["alg"].as_str(), jwk["use"].as_str()), (members, Some(algorithm.as_str()), Some("sig")));
        }
    }

    #[test]
    fn a_published_set_verifies_what_its_keys_signed_and_leaves_out_what_it_does_not_know() {
        for algorithm in Algorithm::ALL {
            let private = PrivateKey::generate(algorithm).unwrap();
            let mut published = serde_json::json!({ "keys": [private.jwk("d-1"), { "kty": "oct", "kid": "x", "k": "AA" }, 7] });
            let keys = VerifyingKeys::from_jwks(&published, Timestamp::default());
            assert_eq!(keys.to_jwks().keys.len(), 1);
            let signature = private.sign(b"message").unwrap();
            assert!(keys.find("d-1").unwrap().verify(b"message", &signature));
            assert!(!keys.find("d-1").unwrap().verify(b"messagE", &signature));
            published["keys"][0]["alg"] = "none".into();
            assert!(!VerifyingKeys::from_jwks(&published, Timestamp::default()).contains("d-1"));
        }
        assert!(VerifyingKeys::from_jwks(&serde_json::json!([]), Timestamp::default()).to_jwks().keys.is_empty());
    }
}
