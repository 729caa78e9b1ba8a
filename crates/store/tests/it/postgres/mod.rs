//! What PostgreSQL promises, tried on a real server.

mod suite;

use std::num::NonZeroUsize;

use hallpass_store::Postgres;
use hallpass_testkit::postgres::Database;

const CONNECTIONS: NonZeroUsize = NonZeroUsize::new(8).unwrap();

async fn open(database: &Database<'_>) -> Postgres {
    Postgres::connect(&database.url(), CONNECTIONS, "hallpass").await.unwrap()
}
