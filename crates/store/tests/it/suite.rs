//! SQLite does what every store must do: in a file, and in memory.

use std::sync::Arc;

use hallpass_engine::store::Store;
use hallpass_store::Sqlite;
use tempfile::TempDir;

mod file {
    use super::*;

    fn open() -> (Arc<dyn Store>, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path().join("hallpass.db")).unwrap();
        (Arc::new(store), folder)
    }

    hallpass_testkit::store_suite!(open());
}

mod memory {
    use super::*;

    fn open() -> (Arc<dyn Store>, ()) {
        (Arc::new(Sqlite::memory().unwrap()), ())
    }

    hallpass_testkit::store_suite!(open());
}
