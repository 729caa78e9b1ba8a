//! Opening a database: whose it is, how it is set up, and bringing its schema up to date.

use std::{
    fs, io,
    path::{self, Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, Error, ErrorCode, OpenFlags, Result};

/// How long another process may hold a lock that we need.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// "Hall" in ASCII: marks the file as ours.
const APPLICATION_ID: i32 = 0x4861_6c6c;

/// The n-th brings the schema from version n - 1 to n. Never edited once released.
const MIGRATIONS: [&str; 3] = [
    include_str!("../../migrations/sqlite/0001_sessions.sql"),
    include_str!("../../migrations/sqlite/0002_tenants_roles_users.sql"),
    include_str!("../../migrations/sqlite/0003_bans_feed.sql"),
];

const MAX_READERS: usize = 4;

/// Why a database cannot be opened, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder is not there.
    #[error("cannot open the database {0:?}: its folder does not exist; create it, or name another path")]
    NoFolder(PathBuf),
    /// The operating system refuses.
    #[error(
        "cannot open the database {0:?} for reading and writing; allow this user to write the file and its folder, or name another path"
    )]
    Refused(PathBuf),
    /// Some other program's file.
    #[error("{0:?} is not a Hallpass database, and was left as it is; name another path, or move that file away")]
    Foreign(PathBuf),
    /// Somebody else holds it for longer than we wait.
    #[error("the database {0:?} is locked by another process; stop that process, or try again when it is done")]
    Locked(PathBuf),
    /// We are too old for it.
    #[error(
        "the database {path:?} was made by a newer version of Hallpass (schema {found}, this one knows {}); install that version",
        MIGRATIONS.len()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
    },
    /// The disk or the file is broken or full.
    #[error("cannot use the database {path:?}: {why}; check the disk, or restore a backup")]
    Broken {
        /// The file.
        path: PathBuf,
        /// What SQLite or the operating system says.
        why: String,
    },
    /// The operating system gives no more threads.
    #[error("cannot start the threads of the database: {0}; raise the limit of processes for this user")]
    Threads(#[source] io::Error),
}

impl OpenError {
    fn from_sqlite(path: &Path, error: &Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign(path),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked(path),
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::Refused(path),
            _ => Self::Broken { path, why: error.to_string() },
        }
    }

    fn from_system(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NoFolder(path),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Refused(path),
            _ => Self::Broken { path, why: error.to_string() },
        }
    }
}

/// Opens a file: the connection that writes, and those that read.
pub(super) fn file(path: &Path, patience: Duration) -> Result<(Connection, Vec<Connection>), OpenError> {
    // an absolute path is never one of SQLite's special names, and stays the same if the process changes its folder
    let path = &path::absolute(path).map_err(|error| OpenError::from_system(path, &error))?;
    create_private(path).map_err(|error| OpenError::from_system(path, &error))?;
    let writer = patiently(patience, || writer(path, patience))?;
    let readers = thread::available_parallelism().map_or(1, usize::from).min(MAX_READERS);
    let readers = (0..readers).map(|_| reader(path, patience)).collect::<Result<_>>();
    Ok((writer, readers.map_err(|error| OpenError::from_sqlite(path, &error))?))
}

/// A database in memory: one connection, which does everything.
pub(super) fn memory() -> Result<Connection, OpenError> {
    let path = Path::new(":memory:");
    let open = || {
        let db = Connection::open_in_memory()?;
        prepare(&db, PATIENCE)?;
        Ok(db)
    };
    let db = open().map_err(|error| OpenError::from_sqlite(path, &error))?;
    migrate(&db, path)?;
    Ok(db)
}

/// Makes an empty file that only this user may read, unless there is one. SQLite gives its companions the same mode.
fn create_private(path: &Path) -> io::Result<()> {
    // closing a file drops all locks that this process has on it: nobody else here may open it before it is closed again
    static CREATING: Mutex<()> = Mutex::new(());
    let _creating = CREATING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Tries again while somebody else is making the database: SQLite does not wait by itself when it changes the kind of its
/// journal.
fn patiently<T>(patience: Duration, open: impl Fn() -> Result<T, OpenError>) -> Result<T, OpenError> {
    let started = Instant::now();
    loop {
        match open() {
            Err(OpenError::Locked(_)) if started.elapsed() < patience => thread::sleep(Duration::from_millis(5)),
            opened => return opened,
        }
    }
}

fn writer(path: &Path, patience: Duration) -> Result<Connection, OpenError> {
    let open = || {
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        prepare(&db, patience)?;
        Ok(db)
    };
    let from_sqlite = |error| OpenError::from_sqlite(path, &error);
    let db = open().map_err(from_sqlite)?;
    version(&db, path)?; // nothing is written to a file before it is known to be ours
    if db.is_readonly(rusqlite::MAIN_DB).map_err(from_sqlite)? {
        return Err(OpenError::Refused(path.to_owned()));
    }
    if !log_ahead(&db).map_err(from_sqlite)? {
        return Err(OpenError::Broken { path: path.to_owned(), why: "its file system cannot keep a write-ahead log".into() });
    }
    migrate(&db, path)?;
    Ok(db)
}

fn reader(path: &Path, patience: Duration) -> Result<Connection> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    prepare(&db, patience)?;
    Ok(db)
}

fn prepare(db: &Connection, patience: Duration) -> Result<()> {
    db.busy_timeout(patience)?;
    db.set_prepared_statement_cache_capacity(128); // more than there are statements
    db.pragma_update(None, "temp_store", "MEMORY")?; // nothing of ours in a public folder
    db.pragma_update(None, "trusted_schema", false)
}

/// Pages of the write-ahead log (16 MiB) between two checkpoints: a page that changes often is then copied seldom.
const CHECKPOINT_PAGES: i64 = 4096;

/// Kibibytes of pages that the writer keeps in memory.
const WRITER_CACHE: i64 = 16 * 1024;

/// Readers beside the writer, and every commit on the disk before it is acknowledged. `false`: not on this file system.
fn log_ahead(db: &Connection) -> Result<bool> {
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "cache_size", -WRITER_CACHE)?;
    db.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    db.pragma_update(None, "fullfsync", true)?; // macOS: or the disk may keep it in its cache
    db.pragma_update_and_check(None, "journal_mode", "WAL", |row| Ok(row.get_ref(0)?.as_str()? == "wal"))
}

/// The schema version of a database that is ours; 0 for an empty one.
fn version(db: &Connection, path: &Path) -> Result<usize, OpenError> {
    let number = |pragma| db.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let read = || {
        // one look at all three: another process may be making the database at this very moment
        db.execute_batch("SAVEPOINT look")?;
        let tables: Result<i64> = db.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0));
        let seen = tables.and_then(|tables| Ok((number("application_id")?, number("user_version")?, tables)));
        db.execute_batch("RELEASE look")?;
        seen
    };
    match read().map_err(|error| OpenError::from_sqlite(path, &error))? {
        (0, 0, 0) => Ok(0),
        (id, found, _) if id == i64::from(APPLICATION_ID) => {
            let known = usize::try_from(found).ok().filter(|version| *version <= MIGRATIONS.len());
            known.ok_or_else(|| OpenError::Newer { path: path.to_owned(), found })
        }
        _ => Err(OpenError::Foreign(path.to_owned())),
    }
}

fn migrate(db: &Connection, path: &Path) -> Result<(), OpenError> {
    let from_sqlite = |error| OpenError::from_sqlite(path, &error);
    if version(db, path)? == MIGRATIONS.len() {
        return Ok(());
    }
    db.execute_batch("BEGIN IMMEDIATE").map_err(from_sqlite)?;
    let version = version(db, path)?; // another process may have been faster; ours from here on
    let apply = || {
        for (number, migration) in (1_i64..).zip(MIGRATIONS).skip(version) {
            db.execute_batch(migration)?;
            db.pragma_update(None, "user_version", number)?;
        }
        db.pragma_update(None, "application_id", APPLICATION_ID)?;
        db.execute_batch("COMMIT")
    };
    apply().map_err(from_sqlite) // closing the connection takes back what is not committed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_commit_reaches_the_disk_and_nothing_a_public_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, readers) = file(&folder.path().join("hallpass.db"), PATIENCE).unwrap();
        let setting = |db: &Connection, pragma| db.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).unwrap();
        const FULL: i64 = 2;
        const MEMORY: i64 = 2;
        assert_eq!(setting(&writer, "synchronous"), FULL);
        assert!(readers.iter().chain([&writer]).all(|db| setting(db, "temp_store") == MEMORY));
        for db in readers.iter().chain([&writer]) {
            assert_eq!(db.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0)).unwrap(), "wal");
        }
        assert!(readers.iter().all(|db| db.execute("DELETE FROM session", ()).is_err()), "a reader cannot write");
    }

    #[test]
    fn a_deleted_app_leaves_no_table_out() {
        let db = memory().unwrap();
        let mut names =
            db.prepare("SELECT 'DELETE FROM ' || name || ' WHERE app_id = $1' FROM sqlite_schema WHERE type = 'table'").unwrap();
        let mut expected: Vec<String> = names.query_map((), |row| row.get(0)).unwrap().collect::<Result<_>>().unwrap();
        let mut deleted = crate::sql::tenants::APP_DELETE.to_vec();
        expected.sort();
        deleted.sort_unstable();
        assert_eq!(deleted, expected);
    }

    #[test]
    fn a_database_that_another_process_holds_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = &folder.path().join("hallpass.db");
        drop(file(path, PATIENCE).unwrap());
        let other = Connection::open(path).unwrap();
        other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT").unwrap();
        let error = file(path, Duration::ZERO).unwrap_err();
        let message = format!("the database {path:?} is locked by another process; stop that process, or try again when it is done");
        assert_eq!(error.to_string(), message);
        drop(other);
        file(path, Duration::ZERO).unwrap();
    }

    #[test]
    fn a_new_database_that_another_process_is_making_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = &folder.path().join("hallpass.db");
        let other = Connection::open(path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(matches!(file(path, Duration::ZERO), Err(OpenError::Locked(_))));
        other.execute_batch("ROLLBACK").unwrap();
        file(path, Duration::ZERO).unwrap();
    }
}
