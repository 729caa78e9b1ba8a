//! The databases that keep sessions, each an implementation of [`Store`](hallpass_engine::store::Store): SQL, migrations
//! and the mapping of rows. What a row means is decided in the engine.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod row;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod value;

#[cfg(feature = "postgres")]
pub use postgres::{ConnectError, Postgres};
#[cfg(feature = "sqlite")]
pub use sqlite::{OpenError, Sqlite};
