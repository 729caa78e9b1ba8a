//! A disk that is really full: a few megabytes of memory, mounted for this test alone.

use std::{env, fs, io, path::Path, process::Command};

use hallpass_engine::{
    session::Session,
    store::{Store, StoreError},
};
use hallpass_store::{OpenError, Sqlite};
use rusqlite::Connection;

use crate::{PART, again, insert, numbered};

const CANNOT_MOUNT: i32 = 97;
const DONE: &str = "the full disk was tried";

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_writes_fail_and_reads_go_on_until_there_is_room() {
    match env::var_os(PART) {
        Some(disk) => on_a_small_disk(Path::new(&disk)).await,
        None => mount_a_small_disk(),
    }
}

/// Runs this test again in a mount namespace of its own: as root, or else as an ordinary user with a user namespace.
fn mount_a_small_disk() {
    let folder = tempfile::tempdir().unwrap();
    let test = "full_disk::on_a_full_disk_writes_fail_and_reads_go_on_until_there_is_room";
    let itself = again(env::current_exe().unwrap(), test, folder.path());
    let mut failures = String::new();
    for namespaces in [&["--mount"][..], &["--map-root-user", "--mount"]] {
        let script = format!("mount -t tmpfs -o size=8m hallpass-test \"$0\" || exit {CANNOT_MOUNT}; exec \"$@\"");
        let output = Command::new("unshare")
            .args(namespaces)
            .args(["sh", "-c", &script])
            .arg(folder.path())
            .arg(itself.get_program())
            .args(itself.get_args())
            .env(PART, folder.path())
            .output()
            .expect("this test needs `unshare` (Debian package util-linux)");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        if output.status.success() && said.contains(DONE) {
            return;
        }
        assert!(matches!(output.status.code(), Some(1 | CANNOT_MOUNT)), "{said}");
        failures.push_str(&said);
    }
    panic!("this test needs a small disk: run it as root, or allow user namespaces to ordinary users\n{failures}");
}

async fn on_a_small_disk(disk: &Path) {
    let path = disk.join("hallpass.db");
    let ballast = disk.join("ballast");
    fs::write(&ballast, vec![0; 2 << 20]).unwrap();
    let store = Sqlite::open(&path).unwrap();

    let (mut acknowledged, mut refused) = (Vec::new(), Vec::new());
    let mut numbers = 0_u32..;
    let mut write_group = async |size: usize| {
        let writes = numbers.by_ref().take(size).map(|number| tokio::spawn(write(store.clone(), large(number))));
        let mut all_refused = true;
        for write in writes.collect::<Vec<_>>() {
            match write.await.unwrap() {
                (session, Ok(created)) => {
                    assert!(created);
                    all_refused = false;
                    acknowledged.push(session);
                }
                (session, Err(StoreError::Unavailable(why))) => {
                    let lost = "the transaction was rolled back because another write in it failed";
                    assert!(["database or disk is full", lost].contains(&&*why.to_string()), "{why}");
                    refused.push(session);
                }
                (_, Err(error)) => panic!("{error}"),
            }
        }
        all_refused
    };
    while !write_group(8).await {}
    fill(&disk.join("rest"));
    // what the log has grown by already may be used up first
    while !write_group(1).await {}
    assert!(write_group(1).await && write_group(8).await);

    assert!(acknowledged.len() > 16, "only {} fitted", acknowledged.len());
    check(&store, &acknowledged).await;
    let error = Sqlite::open(disk.join("another.db")).err().unwrap();
    assert!(matches!(error, OpenError::Broken { .. }));
    assert_eq!(
        error.to_string(),
        format!("cannot use the database {:?}: database or disk is full; check the disk, or restore a backup", disk.join("another.db")),
    );

    fs::remove_file(&ballast).unwrap();
    for session in refused {
        let (session, created) = write(store.clone(), session).await;
        assert!(created.unwrap(), "a write that was refused had happened");
        acknowledged.push(session);
    }
    check(&store, &acknowledged).await;

    drop(store);
    check(&Sqlite::open(&path).unwrap(), &acknowledged).await;
    let db = Connection::open(&path).unwrap();
    let integrity: String = db.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
    println!("{DONE}");
}

async fn write(store: Sqlite, session: Session) -> (Session, Result<bool, StoreError>) {
    let outcome = insert(&store, &session).await;
    (session, outcome)
}

async fn check(store: &Sqlite, sessions: &[Session]) {
    for session in sessions {
        assert_eq!(store.session_find(&session.key).await.unwrap().as_ref(), Some(session));
    }
}

fn large(number: u32) -> Session {
    let mut session = numbered(number);
    session.payload.insert("blob".into(), "x".repeat(20_000).into());
    session
}

/// Takes whatever room is left.
fn fill(path: &Path) {
    let mut file = fs::File::create(path).unwrap();
    let error = io::copy(&mut io::repeat(0), &mut file).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}
