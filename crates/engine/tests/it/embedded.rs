//! The suite of every `Core`, on the engine in this process, with every algorithm.

use std::sync::Arc;

use hallpass_engine::{engine::Config, keys::Algorithm};
use hallpass_store::Sqlite;
use hallpass_testkit::core_suite::Subject;

async fn subject(algorithm: Algorithm) -> Subject {
    let clock = Arc::default();
    let store = Arc::new(Sqlite::memory().unwrap());
    let config = Config { algorithm, ..Config::default() };
    Subject { core: Arc::new(crate::common::engine(store, Arc::clone(&clock), config)), clock }
}

mod es256 {
    use super::*;
    hallpass_testkit::core_suite!(subject(Algorithm::Es256));
}

mod rs256 {
    use super::*;
    hallpass_testkit::core_suite!(subject(Algorithm::Rs256));
}

mod eddsa {
    use super::*;
    hallpass_testkit::core_suite!(subject(Algorithm::EdDsa));
}
