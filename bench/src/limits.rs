//! What the machine can do: raw signatures, raw rows.

use std::time::{Duration, Instant};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey},
};
use hallpass_engine::keys::Algorithm;

/// How long each figure is measured.
pub(crate) const SPAN: Duration = Duration::from_secs(3);
/// How many rows share a transaction, and how many callers wait at once.
pub(crate) const GROUP: usize = 256;
/// As long as the signed part of a typical access token.
const MESSAGE: [u8; 560] = [b'x'; 560];
const SESSIONS: u64 = 10_000;

#[derive(Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) per_second: f64,
    pub(crate) per_cpu_second: f64,
}

/// Runs `work`, which returns how often it did what is measured.
pub(crate) fn measure(work: impl FnOnce() -> usize) -> Rate {
    let (started, cpu) = (Instant::now(), cpu_time());
    #[allow(clippy::cast_precision_loss)] // a count of some millions
    let count = work() as f64;
    let (elapsed, cpu) = (started.elapsed(), cpu_time() - cpu);
    Rate { per_second: count / elapsed.as_secs_f64(), per_cpu_second: count / cpu.as_secs_f64() }
}

/// Does `once` again and again for the span, on every core: cores that share their units are slower together than alone,
/// in the limit as under load.
pub(crate) fn repeat(once: impl Fn() + Sync) -> usize {
    let until = Instant::now() + SPAN;
    let one_core = || {
        let mut count = 0;
        while Instant::now() < until {
            (0..16).for_each(|_| once());
            count += 16;
        }
        count
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..cores).map(|_| scope.spawn(one_core)).collect();
        running.into_iter().map(|thread| thread.join().expect("the work does not panic")).sum()
    })
}

/// Processor time of this process, user and system, in ticks of a hundredth of a second.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells every process its times");
    let after_name = stat.rsplit_once(')').expect("the name stands in parentheses").1;
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

pub(crate) fn signature(algorithm: Algorithm) -> (Rate, Rate) {
    let random = SystemRandom::new();
    let failed = "a fresh key signs";
    match algorithm {
        Algorithm::Es256 => {
            let key = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING).expect(failed);
            let sign = || key.sign(&random, &MESSAGE).expect(failed);
            let once = || {
                std::hint::black_box(sign());
            };
            rates(once, &signature::ECDSA_P256_SHA256_FIXED, key.public_key().as_ref(), sign().as_ref())
        }
        Algorithm::EdDsa => {
            let key = Ed25519KeyPair::generate().expect(failed);
            let once = || {
                std::hint::black_box(key.sign(&MESSAGE));
            };
            rates(once, &signature::ED25519, key.public_key().as_ref(), key.sign(&MESSAGE).as_ref())
        }
        Algorithm::Rs256 => {
            let key = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect(failed);
            let sign = || {
                let mut signed = vec![0; key.public_modulus_len()];
                key.sign(&signature::RSA_PKCS1_SHA256, &random, &MESSAGE, &mut signed).expect(failed);
                signed
            };
            rates(|| drop(sign()), &signature::RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref(), &sign())
        }
    }
}

fn rates(sign: impl Fn() + Sync, scheme: &'static dyn signature::VerificationAlgorithm, public: &[u8], signed: &[u8]) -> (Rate, Rate) {
    let public = ParsedPublicKey::new(scheme, public).expect("the key was just made");
    let verify = || public.verify_sig(&MESSAGE, signed).expect("the signature was just made");
    (measure(|| repeat(sign)), measure(|| repeat(verify)))
}

/// Updates of one row each, `GROUP` of them per transaction, in a file with `synchronous=FULL`.
pub(crate) fn group_committed_update() -> Rate {
    let folder = tempfile::tempdir_in(".").expect("the working directory is writable");
    let failed = "a fresh database works";
    let mut database = rusqlite::Connection::open(folder.path().join("limit.db")).expect(failed);
    let schema = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE session (id BLOB PRIMARY KEY, gen INTEGER, current BLOB, retired BLOB, salt BLOB, at INTEGER, expires INTEGER, payload TEXT) STRICT;";
    database.execute_batch(schema).expect(failed);
    let id = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes().repeat(2);
    let fill = database.transaction().expect(failed);
    for n in 0..SESSIONS {
        let row = "INSERT INTO session VALUES (?1, 0, randomblob(32), randomblob(32), randomblob(32), 0, 0, ?2)";
        fill.prepare_cached(row).expect(failed).execute((id(n), "{\"iss\":\"http://localhost:3000/auth\"}")).expect(failed);
    }
    fill.commit().expect(failed);
    measure(|| {
        let (until, mut n) = (Instant::now() + SPAN, 0_u64);
        while Instant::now() < until {
            let group = database.transaction().expect(failed);
            for _ in 0..GROUP {
                let update = "UPDATE session SET gen = gen + 1, current = ?1, retired = ?2, salt = ?3, at = ?4, expires = ?5 WHERE id = ?6";
                let hash = [n.to_le_bytes(); 4].concat();
                let mut update = group.prepare_cached(update).expect(failed);
                update.execute((&hash, &hash, &hash, n.cast_signed(), n.cast_signed(), id(n % SESSIONS))).expect(failed);
                n += 1;
            }
            group.commit().expect(failed);
        }
        usize::try_from(n).expect("some millions")
    })
}
