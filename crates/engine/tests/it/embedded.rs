//! The suite of every `Core`, on the engine in this process.

mod es256 {
    use std::sync::Arc;

    use hallpass_engine::engine::Config;
    use hallpass_store::Sqlite;
    use hallpass_testkit::core_suite::Subject;

    async fn subject() -> Subject {
        let clock = Arc::default();
        let store = Arc::new(Sqlite::memory().unwrap());
        Subject { core: Arc::new(crate::common::engine(store, Arc::clone(&clock), Config::default())), clock }
    }

    hallpass_testkit::core_suite!(subject());
}

mod rs256 {
    use std::sync::Arc;

    use hallpass_engine::{engine::Config, keys::Algorithm};
    use hallpass_store::Sqlite;
    use hallpass_testkit::core_suite::Subject;

    async fn subject() -> Subject {
        let clock = Arc::default();
        let store = Arc::new(Sqlite::memory().unwrap());
        let config = Config { algorithm: Algorithm::Rs256, ..Config::default() };
        Subject { core: Arc::new(crate::common::engine(store, Arc::clone(&clock), config)), clock }
    }

    hallpass_testkit::core_suite!(subject());
}
