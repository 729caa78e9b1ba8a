//! Callers that go away, handles that are dropped, and other processes with the same file.

use std::{
    fs,
    future::Future,
    pin::pin,
    task::{Context, Waker},
};

use hallpass_engine::store::Store;
use hallpass_store::Sqlite;
use rusqlite::Connection;

use crate::{insert, numbered};

/// Asks, and goes away before the answer.
fn ask_and_leave(future: impl Future) {
    let _ = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
}

#[tokio::test]
async fn a_write_happens_even_if_nobody_waits_for_it() {
    let store = Sqlite::memory().unwrap();
    ask_and_leave(insert(&store, &numbered(1)));
    assert!(!insert(&store, &numbered(1)).await.unwrap(), "it is there already");
}

#[tokio::test]
async fn the_last_handle_waits_for_the_writes_and_closes_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hallpass.db");
    let store = Sqlite::open(&path).unwrap();
    let clone = store.clone();
    for number in 0..1000 {
        ask_and_leave(insert(&store, &numbered(number)));
    }
    drop(store);
    ask_and_leave(insert(&clone, &numbered(1000)));
    drop(clone);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["hallpass.db"], "the log is folded into the file");

    let store = Sqlite::open(&path).unwrap();
    for number in 0..=1000 {
        let session = numbered(number);
        assert_eq!(store.session_find(&session.key).await.unwrap(), Some(session));
    }
}

#[tokio::test]
async fn two_handles_on_one_file_see_each_others_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hallpass.db");
    let (one, other) = (Sqlite::open(&path).unwrap(), Sqlite::open(&path).unwrap());
    for number in 0..50 {
        let (writer, reader) = if number % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let session = numbered(number);
        assert!(insert(writer, &session).await.unwrap());
        assert_eq!(reader.session_find(&session.key).await.unwrap(), Some(session));
    }
}

#[tokio::test]
async fn a_write_waits_for_a_short_one_of_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hallpass.db");
    let store = Sqlite::open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let session = numbered(1);
    let mut write = pin!(insert(&store, &session));
    assert!(write.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(store.session_find(&session.key).await.unwrap(), None, "reads do not wait");
    other.execute_batch("COMMIT").unwrap();
    assert!(write.await.unwrap());
}
