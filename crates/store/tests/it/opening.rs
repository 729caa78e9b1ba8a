//! Databases that cannot be opened: one line says what is wrong and how to put it right.

use std::{
    env, fs, io,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::Path,
    sync::Barrier,
    thread,
};

use hallpass_engine::store::{Store, TenantStore};
use hallpass_store::{OpenError, Sqlite};
use rusqlite::Connection;

use crate::{PART, again, insert, numbered};

fn refusal(path: &Path) -> OpenError {
    Sqlite::open(path).err().unwrap_or_else(|| panic!("{path:?} was opened"))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for missing in ["missing/hallpass.db", "file/hallpass.db"] {
        fs::write(folder.path().join("file"), "").unwrap();
        let path = folder.path().join(missing);
        let message = format!("cannot open the database {path:?}: its folder does not exist; create it, or name another path");
        assert_eq!(refusal(&path).to_string(), message);
    }
}

#[test]
fn a_file_or_folder_that_may_not_be_written_is_refused() {
    if let Some(folder) = env::var_os(PART) {
        return check_refusals(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let chmod = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    chmod(folder.path(), 0o755);
    for (name, folder_mode, file_mode) in CASES {
        let inner = folder.path().join(name);
        fs::create_dir(&inner).unwrap();
        if let Some(file_mode) = file_mode {
            let path = inner.join("hallpass.db");
            drop(Sqlite::open(&path).unwrap());
            chmod(&path, file_mode);
        }
        chmod(&inner, folder_mode);
    }
    // root may do everything, so this is for an ordinary user, who must be able to reach the program
    let program = folder.path().join("program");
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    chmod(&program, 0o755);
    let mut child = again(&program, "opening::a_file_or_folder_that_may_not_be_written_is_refused", folder.path());
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        child.uid(65534).gid(65534);
    }
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains(ALL_REFUSED));
}

const ALL_REFUSED: &str = "all were refused";

/// Modes of the folder and of the file in it, if there is one.
const CASES: [(&str, u32, Option<u32>); 5] = [
    ("closed folder", 0o555, None),
    ("closed folder with a database", 0o555, Some(0o666)),
    ("all closed", 0o555, Some(0o444)),
    ("file to be read only", 0o777, Some(0o444)),
    ("closed file", 0o777, Some(0o000)),
];

fn check_refusals(folder: &Path) {
    for (name, ..) in CASES {
        let path = folder.join(name).join("hallpass.db");
        assert_eq!(refusal(&path).to_string(), refused(&path));
    }
    println!("{ALL_REFUSED}");
}

fn refused(path: &Path) -> String {
    format!(
        "cannot open the database {path:?} for reading and writing; allow this user to write the file and its folder, or name another path"
    )
}

#[test]
fn a_folder_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(refusal(folder.path()).to_string(), refused(folder.path()));
}

#[test]
fn a_file_of_another_program_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("theirs.db");
    let sqlite = |sql: &str| {
        let _ = fs::remove_file(&path);
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        fs::read(&path).unwrap()
    };
    let theirs = [
        sqlite("CREATE TABLE cats (name TEXT)"),
        sqlite("PRAGMA application_id = 1"),
        sqlite("PRAGMA user_version = 1"),
        sqlite("PRAGMA journal_mode = WAL; CREATE TABLE session (id TEXT)"),
        b"Dear diary".to_vec(),
        b"Dear diary, ".repeat(1000),
    ];
    for bytes in theirs {
        fs::write(&path, &bytes).unwrap();
        let message = format!("{path:?} is not a Hallpass database, and was left as it is; name another path, or move that file away");
        assert_eq!(refusal(&path).to_string(), message);
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hallpass.db");
    for version in [4, 99, -1] {
        drop(Sqlite::open(&path).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", version).unwrap();
        let error = refusal(&path);
        let message = format!(
            "the database {path:?} was made by a newer version of Hallpass (schema {version}, this one knows 3); install that version"
        );
        assert_eq!(error.to_string(), message);
        fs::remove_file(&path).unwrap();
    }
}

#[tokio::test]
async fn an_older_database_is_brought_up_to_date_and_keeps_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hallpass.db");
    let newest = folder.path().join("newest.db");
    let session = numbered(1);
    assert!(insert(&Sqlite::open(&newest).unwrap(), &session).await.unwrap());
    let older = Connection::open(&path).unwrap();
    older.execute_batch(include_str!("../../migrations/sqlite/0001_sessions.sql")).unwrap();
    older.execute("ATTACH $1 AS newest", [newest.to_str()]).unwrap();
    older.execute("INSERT INTO session SELECT * FROM newest.session", ()).unwrap();
    older.execute_batch("PRAGMA application_id = 0x48616c6c; PRAGMA user_version = 1").unwrap();
    drop(older);

    let store = Sqlite::open(&path).unwrap();
    assert_eq!(store.session_find(&session.key).await.unwrap(), Some(session));
    assert_eq!(store.tenant_list(None).await.unwrap(), []);
    let schema = |path: &Path| -> Vec<Option<String>> {
        let db = Connection::open(path).unwrap();
        let mut read = db.prepare("SELECT sql FROM sqlite_schema ORDER BY name").unwrap();
        read.query_map((), |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(schema(&path), schema(&newest));
}

#[test]
fn a_broken_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hallpass.db");
    drop(Sqlite::open(&path).unwrap());
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..4096].fill(0xa5); // the first page holds the schema
    fs::write(&path, bytes).unwrap();
    let message = format!("cannot use the database {path:?}: database disk image is malformed; check the disk, or restore a backup");
    assert_eq!(refusal(&path).to_string(), message);
}

#[test]
fn a_lack_of_threads_is_named() {
    let error = OpenError::Threads(io::Error::other("no more processes"));
    let message = "cannot start the threads of the database: no more processes; raise the limit of processes for this user";
    assert_eq!(error.to_string(), message);
}

#[test]
fn the_files_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hallpass.db");
    let _open = Sqlite::open(&path).unwrap();
    for name in ["hallpass.db", "hallpass.db-wal", "hallpass.db-shm"] {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
}

#[test]
fn many_may_open_one_new_file_at_once() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hallpass.db");
        let barrier = Barrier::new(8);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    barrier.wait();
                    Sqlite::open(&path).unwrap()
                });
            }
        });
    }
}
