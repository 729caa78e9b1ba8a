//! The master key of a SQLite database, in a file beside it.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use hallpass_engine::{
    id::AppId,
    random::Random,
    store::{Store, StoreError},
    vault::{InvalidMasterKey, MasterKey},
};

/// Why there is no master key. One line: what is wrong, and how to mend it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file cannot be read or made.
    #[error("the key file {path} cannot be {action}: {why}; the account that runs this process must own it")]
    Access {
        /// The file.
        path: PathBuf,
        /// What failed.
        action: &'static str,
        /// Why.
        why: std::io::Error,
    },
    /// The file holds something else.
    #[error("the key file {path} is damaged: {why}; restore it from a backup")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Why.
        why: InvalidMasterKey,
    },
    /// There are sealed keys, and nothing to open them with.
    #[error(
        "the database {database} has keys, but its key file {path} is gone; restore it (without it every session in the database is lost)"
    )]
    Gone {
        /// The database.
        database: PathBuf,
        /// The missing file.
        path: PathBuf,
    },
    /// The database opened, but does not answer.
    #[error("the database does not answer")]
    Store(#[from] StoreError),
}

/// The key file of a database `FILE`: `FILE.key`.
#[must_use]
pub fn path(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".key");
    path.into()
}

/// Reads the key file beside the database, or makes it (readable for its owner only) for a database that has no keys yet.
///
/// # Errors
/// [`KeyFileError`].
pub async fn open(database: &Path, store: &dyn Store, random: &dyn Random) -> Result<MasterKey, KeyFileError> {
    let path = path(database);
    if !path.exists() {
        // whoever starts at the same time makes the file before any key: it may be there by now
        if !store.root_list(&AppId::public()).await?.is_empty() && !path.exists() {
            return Err(KeyFileError::Gone { database: database.to_owned(), path });
        }
        let created = create_whole(&path, MasterKey::generate(random).to_text().as_bytes(), random);
        created.map_err(|why| KeyFileError::Access { path: path.clone(), action: "created", why })?;
    }
    read(path)
}

/// Reads a key file.
///
/// # Errors
/// [`KeyFileError::Access`] and [`KeyFileError::Damaged`].
pub fn read(path: PathBuf) -> Result<MasterKey, KeyFileError> {
    match std::fs::read_to_string(&path).map(zeroize::Zeroizing::new) {
        Ok(text) => MasterKey::from_text(&text).map_err(|why| KeyFileError::Damaged { path, why }),
        Err(why) => Err(KeyFileError::Access { path, action: "read", why }),
    }
}

/// Creates a file that nobody else can read, whole or not at all; if somebody else was first, theirs stays.
fn create_whole(path: &Path, content: &[u8], random: &dyn Random) -> std::io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{:016x}", u64::from_be_bytes(random.bytes())));
    let draft = PathBuf::from(draft);
    let written = (|| {
        let mut file = private(std::fs::OpenOptions::new().write(true).create_new(true)).open(&draft)?;
        file.write_all(content)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        }?;
        sync_folder(path)
    })();
    let removed = std::fs::remove_file(&draft);
    written.and(removed)
}

/// Makes the file to be created readable for its owner only.
#[cfg(unix)]
fn private(options: &mut std::fs::OpenOptions) -> &mut std::fs::OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

/// Elsewhere a new file takes the rights of its folder.
#[cfg(not(unix))]
fn private(options: &mut std::fs::OpenOptions) -> &mut std::fs::OpenOptions {
    options
}

/// Makes the name of a new file last as well as its content: without the key file the keys in the database are lost.
#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}

/// Elsewhere folders cannot be opened, and look after themselves.
#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
