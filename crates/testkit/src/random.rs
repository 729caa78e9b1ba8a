//! Randomness that comes out the same each time.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{Context, SHA256};
use hallpass_engine::random::Random;

/// Bytes that look random and follow from a seed: SHA-256 of the seed and a counter.
///
/// # Security
/// Whoever knows the seed knows them all: for tests only.
#[derive(Debug, Default)]
pub struct SeededRandom {
    seed: u64,
    next: AtomicU64,
}

impl SeededRandom {
    /// The sequence that belongs to `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { seed, next: AtomicU64::new(0) }
    }

    fn block(&self) -> impl AsRef<[u8]> {
        let mut context = Context::new(&SHA256);
        context.update(&self.seed.to_be_bytes());
        context.update(&self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        context.finish()
    }
}

impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(SHA256.output_len()) {
            chunk.copy_from_slice(&self.block().as_ref()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(random: &SeededRandom) -> [u8; 70] {
        let random: &dyn Random = random;
        random.bytes()
    }

    #[test]
    fn a_seed_gives_the_same_bytes_each_time_and_others_each_call() {
        let (one, same, other) = (SeededRandom::new(1), SeededRandom::new(1), SeededRandom::new(2));
        let first = bytes(&one);
        assert_eq!(first, bytes(&same));
        assert_ne!(first, bytes(&one));
        assert_ne!(first, bytes(&other));
    }
}
