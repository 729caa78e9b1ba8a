//! What the machine can do: raw signatures, raw rows.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::time::Duration;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey},
};
use hallpass_engine::keys::Algorithm;

use crate::rate::{Rate, measure, repeat};

/// What rows cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    /// By the processor time of the process that wants them.
    pub(crate) rate: Rate,
    /// By that of a database apart from it.
    pub(crate) per_database_cpu_second: Option<f64>,
}

impl From<Rate> for Rows {
    fn from(rate: Rate) -> Self {
        Self { rate, per_database_cpu_second: None }
    }
}

/// As long as the signed part of a typical access token.
const MESSAGE: [u8; 560] = [b'x'; 560];
/// How many rows there are in a table of sessions.
const SESSIONS: u64 = 10_000;

/// Signatures and verifications.
pub(crate) fn signature(algorithm: Algorithm, span: Duration) -> (Rate, Rate) {
    let random = SystemRandom::new();
    let failed = "a fresh key signs";
    match algorithm {
        Algorithm::Es256 => {
            let key = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING).expect(failed);
            let sign = || key.sign(&random, &MESSAGE).expect(failed);
            let once = || {
                std::hint::black_box(sign());
            };
            rates(span, once, &signature::ECDSA_P256_SHA256_FIXED, key.public_key().as_ref(), sign().as_ref())
        }
        Algorithm::EdDsa => {
            let key = Ed25519KeyPair::generate().expect(failed);
            let once = || {
                std::hint::black_box(key.sign(&MESSAGE));
            };
            rates(span, once, &signature::ED25519, key.public_key().as_ref(), key.sign(&MESSAGE).as_ref())
        }
        Algorithm::Rs256 => {
            let key = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect(failed);
            let sign = || {
                let mut signed = vec![0; key.public_modulus_len()];
                key.sign(&signature::RSA_PKCS1_SHA256, &random, &MESSAGE, &mut signed).expect(failed);
                signed
            };
            rates(span, || drop(sign()), &signature::RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref(), &sign())
        }
    }
}

fn rates(
    span: Duration,
    sign: impl Fn() + Sync,
    scheme: &'static dyn signature::VerificationAlgorithm,
    public: &[u8],
    signed: &[u8],
) -> (Rate, Rate) {
    let public = ParsedPublicKey::new(scheme, public).expect("the key was just made");
    let verify = || public.verify_sig(&MESSAGE, signed).expect("the signature was just made");
    (measure(|| repeat(span, sign)), measure(|| repeat(span, verify)))
}
