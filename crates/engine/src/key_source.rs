//! Where new private keys come from.

use async_trait::async_trait;

use crate::keys::{Algorithm, NewKey, SigningFailed};

/// Hands out new private keys.
///
/// RSA keys take long to make (60 to 150 ms): a source that makes them ahead, elsewhere, keeps requests from waiting.
#[async_trait]
pub trait KeySource: Send + Sync + 'static {
    /// A key that is there already, or costs next to nothing to make.
    fn ready(&self, algorithm: Algorithm) -> Option<NewKey>;

    /// A key, however long that takes.
    ///
    /// # Errors
    /// [`SigningFailed`] if the cryptographic library refuses.
    async fn next(&self, algorithm: Algorithm) -> Result<NewKey, SigningFailed>;
}

/// Makes each key when it is asked for, on the thread that asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct OnDemand;

#[async_trait]
impl KeySource for OnDemand {
    fn ready(&self, algorithm: Algorithm) -> Option<NewKey> {
        if algorithm.is_slow_to_generate() { None } else { NewKey::generate(algorithm).ok() }
    }

    async fn next(&self, algorithm: Algorithm) -> Result<NewKey, SigningFailed> {
        NewKey::generate(algorithm)
    }
}
