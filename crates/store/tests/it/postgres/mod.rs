//! What PostgreSQL promises, tried on a real server.

mod clients;
mod connecting;
mod contention;
mod heap;
mod outage;
mod proxy;
mod rows;
mod schema;
mod suite;
mod tls;
mod trips;

use std::{
    num::NonZeroUsize,
    time::{Duration, Instant},
};

use hallpass_engine::{
    judge::{Lineage, Retired},
    refresh_token::RefreshHash,
    session::Session,
    store::{Rotation, StoreError},
};
use hallpass_store::Postgres;
use hallpass_testkit::postgres::Database;
use tokio_postgres::{Client, NoTls};

use crate::{NOW, TOMORROW};

const SCHEMA: &str = "hallpass";
const ONE: NonZeroUsize = NonZeroUsize::MIN;
const CONNECTIONS: NonZeroUsize = NonZeroUsize::new(16).unwrap();

async fn open(database: &Database<'_>) -> Postgres {
    Postgres::connect(&database.url(), CONNECTIONS, SCHEMA).await.unwrap()
}

/// A connection beside the store, to look and to do harm.
async fn sql(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The token of a session in this generation.
fn hash(session: &Session, generation: u32) -> RefreshHash {
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(session.key.handle.id());
    hash[16..20].copy_from_slice(&generation.to_be_bytes());
    RefreshHash::from_bytes(hash)
}

fn lineage(session: &Session, generation: u32) -> Lineage {
    let parent = generation.checked_sub(1).map(|parent| hash(session, parent));
    let retired = parent.map(|hash| Retired { hash, salt: [7; 32], root: 1, at: NOW, until: None, reissues: 0 });
    let expires_at = TOMORROW + Duration::from_millis(generation.into());
    Lineage { generation, current: hash(session, generation), retired, expires_at }
}

/// The rotation of a session's token of this generation to the next.
fn rotation(session: &Session, generation: u32) -> Rotation {
    Rotation { presented: hash(session, generation), next: lineage(session, generation + 1), family: None }
}

/// Ends what waits for something that never comes.
fn still_patient(started: Instant) {
    assert!(started.elapsed() < Duration::from_secs(60), "it never came");
}

/// Why it is unavailable.
fn unavailable<T>(outcome: Result<T, StoreError>) -> String {
    match outcome {
        Err(StoreError::Unavailable(why)) => why.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was available"),
    }
}
