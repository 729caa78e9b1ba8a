//! What the machine can do: raw signatures, raw rows.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

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
const MESSAGE: usize = 560;
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
            let sign = move |message: &[u8]| key.sign(&random, message).expect(failed);
            pair(sign, &signature::ECDSA_P256_SHA256_FIXED, &public)
        }
        Algorithm::EdDsa => {
            let key = Ed25519KeyPair::generate().expect(failed);
            let public = key.public_key().as_ref().to_vec();
            pair(move |message| key.sign(message), &signature::ED25519, &public)
        }
        Algorithm::Rs256 => {
            let key = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect(failed);
            let public = key.public_key().as_ref().to_vec();
            let sign = move |message: &[u8]| {
                let mut signed = vec![0; key.public_modulus_len()];
                key.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut signed).expect(failed);
                signed
            };
            pair(sign, &signature::RSA_PKCS1_2048_8192_SHA256, &public)
        }
    }
}

fn pair<S: AsRef<[u8]>>(
    sign: impl Fn(&[u8]) -> S + Send + Sync + 'static,
    scheme: &'static dyn signature::VerificationAlgorithm,
    public: &[u8],
) -> (Operation, Operation) {
    let public = ParsedPublicKey::new(scheme, public).expect("the key was just made");
    // as many as there are clients: a processor learns by heart what comes again and again
    let signed: Vec<_> = (0..64).map(|number| [number; MESSAGE]).map(|message| (message, sign(&message).as_ref().to_vec())).collect();
    let sign = move || {
        std::hint::black_box(sign(&[b'x'; MESSAGE]));
    };
    let turn = AtomicUsize::new(0);
    let verify = move || {
        let (message, signed) = &signed[turn.fetch_add(1, Ordering::Relaxed) % signed.len()];
        public.verify_sig(message, signed).expect("the signature was just made");
    };
    (Box::new(sign), Box::new(verify))
}
