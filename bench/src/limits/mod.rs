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
    let (sign, verify) = operations(algorithm);
    (measure(|| repeat(span, sign)), measure(|| repeat(span, verify)))
}

type Operation = Box<dyn Fn() + Send + Sync>;

/// One signature, and one verification.
pub(crate) fn operations(algorithm: Algorithm) -> (Operation, Operation) {
    let random = SystemRandom::new();
    let failed = "a fresh key signs";
    match algorithm {
        Algorithm::Es256 => {
            let key = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING).expect(failed);
            let public = key.public_key().as_ref().to_vec();
            let sign = move || key.sign(&random, &MESSAGE).expect(failed);
            pair(sign, &signature::ECDSA_P256_SHA256_FIXED, &public)
        }
        Algorithm::EdDsa => {
            let key = Ed25519KeyPair::generate().expect(failed);
            let public = key.public_key().as_ref().to_vec();
            pair(move || key.sign(&MESSAGE), &signature::ED25519, &public)
        }
        Algorithm::Rs256 => {
            let key = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect(failed);
            let public = key.public_key().as_ref().to_vec();
            let sign = move || {
                let mut signed = vec![0; key.public_modulus_len()];
                key.sign(&signature::RSA_PKCS1_SHA256, &random, &MESSAGE, &mut signed).expect(failed);
                signed
            };
            pair(sign, &signature::RSA_PKCS1_2048_8192_SHA256, &public)
        }
    }
}

fn pair<S: AsRef<[u8]>>(
    sign: impl Fn() -> S + Send + Sync + 'static,
    scheme: &'static dyn signature::VerificationAlgorithm,
    public: &[u8],
) -> (Operation, Operation) {
    let public = ParsedPublicKey::new(scheme, public).expect("the key was just made");
    let signed = sign().as_ref().to_vec();
    let sign = move || {
        std::hint::black_box(sign());
    };
    let verify = move || public.verify_sig(&MESSAGE, &signed).expect("the signature was just made");
    (Box::new(sign), Box::new(verify))
}
