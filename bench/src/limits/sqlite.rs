//! Raw rows in a SQLite file with `synchronous=FULL`.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::SESSIONS;
use crate::rate::{Rate, measure};

/// How many rows share a transaction, as in the store at most.
pub(crate) const GROUP: usize = 256;

/// Updates of one row each, [`GROUP`] of them per transaction, and reads of one row each.
pub(crate) fn rows(span: Duration) -> (Rate, Rate) {
    let folder = tempfile::tempdir_in(".").expect("the working directory is writable");
    let mut database = Connection::open(folder.path().join("limit.db")).expect(FAILED);
    fill(&mut database);
    (measure(|| update(&mut database, span)), measure(|| read(&database, span)))
}

const FAILED: &str = "a fresh database works";

fn id(n: u64) -> Vec<u8> {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes().repeat(2)
}

fn fill(database: &mut Connection) {
    let schema = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE session (id BLOB PRIMARY KEY, gen INTEGER, current BLOB, retired BLOB, salt BLOB, at INTEGER, expires INTEGER, payload TEXT) STRICT;";
    database.execute_batch(schema).expect(FAILED);
    let fill = database.transaction().expect(FAILED);
    for n in 0..SESSIONS {
        let row = "INSERT INTO session VALUES (?1, 0, randomblob(32), randomblob(32), randomblob(32), 0, 0, ?2)";
        fill.prepare_cached(row).expect(FAILED).execute((id(n), "{\"iss\":\"http://localhost:3000/auth\"}")).expect(FAILED);
    }
    fill.commit().expect(FAILED);
}

fn update(database: &mut Connection, span: Duration) -> usize {
    let (until, mut n) = (Instant::now() + span, 0_u64);
    while Instant::now() < until {
        let group = database.transaction().expect(FAILED);
        for _ in 0..GROUP {
            let update = "UPDATE session SET gen = gen + 1, current = ?1, retired = ?2, salt = ?3, at = ?4, expires = ?5 WHERE id = ?6";
            let hash = [n.to_le_bytes(); 4].concat();
            let mut update = group.prepare_cached(update).expect(FAILED);
            update.execute((&hash, &hash, &hash, n.cast_signed(), n.cast_signed(), id(n % SESSIONS))).expect(FAILED);
            n += 1;
        }
        group.commit().expect(FAILED);
    }
    usize::try_from(n).expect("some millions")
}

fn read(database: &Connection, span: Duration) -> usize {
    let (until, mut n) = (Instant::now() + span, 0_u64);
    while Instant::now() < until {
        for _ in 0..GROUP {
            let mut read = database.prepare_cached("SELECT current, payload FROM session WHERE id = ?1").expect(FAILED);
            let row: (Vec<u8>, String) = read.query_row([id(n % SESSIONS)], |row| row.try_into()).expect(FAILED);
            std::hint::black_box(row);
            n += 1;
        }
    }
    usize::try_from(n).expect("some millions")
}
