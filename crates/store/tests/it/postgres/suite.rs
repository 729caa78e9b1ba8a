//! PostgreSQL does what every store must do.

use std::sync::Arc;

use hallpass_engine::store::Store;
use hallpass_testkit::postgres::{Database, database};

async fn open() -> (Arc<dyn Store>, Database<'static>) {
    let database = database();
    (Arc::new(super::open(&database).await), database)
}

hallpass_testkit::store_suite!(open().await);
