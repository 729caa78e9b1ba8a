//! The databases that keep sessions, each an implementation of [`Store`](hallpass_engine::store::Store): SQL, migrations
//! and the mapping of rows. What a row means is decided in the engine.

#[cfg(feature = "sqlite")]
mod row;
#[cfg(feature = "sqlite")]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "sqlite")]
pub use sqlite::{OpenError, Sqlite};
