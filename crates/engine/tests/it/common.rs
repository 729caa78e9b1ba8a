//! An engine over a real store, with a clock that is moved by hand.

use std::sync::Arc;

use async_trait::async_trait;
use hallpass_engine::{
    engine::{Config, Engine, Environment},
    key_source::KeySource,
    keys::{Algorithm, NewKey, SigningFailed},
    random::SystemRandom,
    store::Store,
    vault::{MasterKey, Vault},
};
use hallpass_testkit::clock::ManualClock;

/// Has every key in stock.
struct InStock;

#[async_trait]
impl KeySource for InStock {
    fn ready(&self, algorithm: Algorithm) -> Option<NewKey> {
        NewKey::generate(algorithm).ok()
    }

    async fn next(&self, algorithm: Algorithm) -> Result<NewKey, SigningFailed> {
        NewKey::generate(algorithm)
    }
}

/// An engine with its own master key.
pub(crate) fn engine(store: Arc<dyn Store>, clock: Arc<ManualClock>, config: Config) -> Engine {
    engine_with(store, clock, config, MasterKey::generate(&SystemRandom))
}

/// An engine with this master key.
pub(crate) fn engine_with(store: Arc<dyn Store>, clock: Arc<ManualClock>, config: Config, key: MasterKey) -> Engine {
    let vault = Vault::new(key, vec![]);
    Engine::new(Environment { store, vault, clock, random: Arc::new(SystemRandom), keys: Arc::new(InStock) }, config)
}
