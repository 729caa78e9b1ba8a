//! Killed while it writes, fifty times over: whatever was acknowledged is there afterwards.

use std::{
    collections::BTreeMap,
    env,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::Stdio,
    sync::Arc,
};

use hallpass_engine::{
    event::EventKind,
    judge::{Lineage, Retired},
    refresh_token::RefreshHash,
    session::Session,
    store::{Rotation, Store},
};
use hallpass_store::Sqlite;

use crate::{NOW, PART, TOMORROW, again, event, insert, session};

const KILLS: u8 = 50;
const WRITERS: u8 = 16;
const ROTATIONS: u32 = 3;

/// What was acknowledged last of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Acknowledged {
    Generation(u32),
    Deleted,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_9() {
    if let Some(path) = env::var_os(PART) {
        return write_until_killed(Path::new(&path)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hallpass.db");
    let mut acknowledged = BTreeMap::new();
    for kill in 0..KILLS {
        // the first two die while they make the database
        let lines = if kill < 2 { 0 } else { 1 + usize::from(kill) * 37 % 400 };
        acknowledged.extend(kill_after(lines, &path));
        // every other time a child is the first to open what a killed one left
        if kill % 2 == 0 {
            check(&path, &acknowledged).await;
        }
    }
    check(&path, &acknowledged).await;
    assert!(acknowledged.len() > 500, "only {} sessions", acknowledged.len());
    assert!(acknowledged.values().any(|last| *last == Acknowledged::Deleted));
}

/// Starts a child, kills it when it has reported `lines` changes, and collects all that it reported.
fn kill_after(lines: usize, path: &Path) -> BTreeMap<[u8; 16], Acknowledged> {
    let mut child = again(env::current_exe().unwrap(), "crash::what_was_acknowledged_survives_kill_9", path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stderr.take().unwrap());
    let mut acknowledged = BTreeMap::new();
    let mut killed = false;
    for count in 0.. {
        if count == lines {
            child.kill().unwrap();
            killed = true;
        }
        let mut line = String::new();
        // what it managed to say before it died counts; a line that it did not finish does not
        if output.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
            break;
        }
        let (handle, last) = parse(&line).unwrap_or_else(|| panic!("the child failed: {line}"));
        acknowledged.insert(handle, last);
    }
    assert!(killed, "the child ended by itself");
    child.wait().unwrap();
    acknowledged
}

fn parse(line: &str) -> Option<([u8; 16], Acknowledged)> {
    let (handle, last) = line.trim_end().split_once(' ')?;
    let last = if last == "deleted" { Acknowledged::Deleted } else { Acknowledged::Generation(last.parse().ok()?) };
    Some((u128::from_str_radix(handle, 16).ok()?.to_be_bytes(), last))
}

async fn check(path: &Path, acknowledged: &BTreeMap<[u8; 16], Acknowledged>) {
    let store = Sqlite::open(path).unwrap();
    for (handle, last) in acknowledged {
        let expected = session(*handle);
        let found = store.session_find(&expected.key).await.unwrap();
        let generation = found.as_ref().map(|found| found.lineage.generation);
        // one more change may have happened that nobody was told of
        let right = match last {
            Acknowledged::Deleted => generation.is_none(),
            Acknowledged::Generation(ROTATIONS) if ends(handle) => generation.is_none_or(|found| found == ROTATIONS),
            Acknowledged::Generation(last) => generation.is_some_and(|found| found == *last || found == last + 1),
        };
        assert!(right, "{} was acknowledged as {last:?}, and is now {generation:?}", expected.key);
        if let Some(found) = found {
            let lineage = lineage(handle, found.lineage.generation);
            assert_eq!(found, Session { lineage, ..expected.clone() });
        }
        let kinds = store.event_list(&expected.key.app, &expected.user, 9).await.unwrap();
        let kinds: Vec<_> = kinds.into_iter().map(|event| event.kind).collect();
        let ended = generation.is_none().then_some(EventKind::SessionRevoked);
        assert_eq!(kinds, ended.into_iter().chain([EventKind::SessionCreated]).collect::<Vec<_>>());
    }
}

/// The child's part.
async fn write_until_killed(path: &Path) {
    let store = Arc::new(Sqlite::open(path).unwrap());
    let writers = (0..WRITERS).map(|writer| tokio::spawn(write(store.clone(), writer)));
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

async fn write(store: Arc<Sqlite>, writer: u8) {
    for number in 0_u32.. {
        let mut handle = [writer; 16];
        handle[..4].copy_from_slice(&std::process::id().to_be_bytes());
        handle[4..8].copy_from_slice(&number.to_be_bytes());
        let session = Session { lineage: lineage(&handle, 0), ..session(handle) };
        assert!(insert(&*store, &session).await.unwrap());
        report(&handle, "0");
        for generation in 1..=ROTATIONS {
            let presented = lineage(&handle, generation - 1).current;
            let rotation = Rotation { presented, next: lineage(&handle, generation), family: None };
            assert!(store.session_rotate(&session.key, &rotation, NOW).await.unwrap().is_some());
            report(&handle, &generation.to_string());
        }
        if ends(&handle) {
            assert!(store.session_delete(&session.key, None, &event(EventKind::SessionRevoked, &session)).await.unwrap());
            report(&handle, "deleted");
        }
    }
}

/// Every other session is deleted in the end.
fn ends(handle: &[u8; 16]) -> bool {
    handle[7].is_multiple_of(2)
}

fn lineage(handle: &[u8; 16], generation: u32) -> Lineage {
    let hash = |generation: u32| {
        let mut hash = [generation.to_be_bytes()[3]; 32];
        hash[..16].copy_from_slice(handle);
        RefreshHash::from_bytes(hash)
    };
    let parent = generation.checked_sub(1).map(hash);
    let retired = parent.map(|hash| Retired { hash, salt: [7; 32], root: 1, at: NOW, until: None, reissues: 0 });
    Lineage { generation, current: hash(generation), retired, expires_at: TOMORROW }
}

fn report(handle: &[u8; 16], last: &str) {
    let line = format!("{:032x} {last}\n", u128::from_be_bytes(*handle));
    io::stderr().write_all(line.as_bytes()).unwrap();
}
