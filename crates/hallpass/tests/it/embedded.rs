//! An engine over a file: what lies beside it, and what is said when it does not open.

use std::{path::Path, sync::Arc};

use hallpass::{
    AppInfo, Hallpass,
    embedded::{EmbeddedError, Location, open},
};
use hallpass_engine::{
    engine::{Config, Engine},
    time::SystemClock,
};

async fn opened(database: &Path) -> Result<Arc<Engine>, EmbeddedError> {
    open(&Location::File(database.to_owned()), Config::default(), Arc::new(SystemClock::default())).await
}

async fn refusal(database: &Path) -> String {
    opened(database).await.expect_err("it does not open").to_string()
}

async fn app(database: &Path) -> Hallpass {
    let info = AppInfo::new("demo").api("http://localhost:3000").website("http://localhost:3000");
    Hallpass::builder(info).embedded(format!("sqlite://{}", database.display())).build().await.unwrap()
}

#[tokio::test]
async fn the_database_and_its_key_file_are_made_on_first_use_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db");
    drop(app(&database).await);
    for file in ["shop.db", "shop.db.key"] {
        let mode = std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert!(files <= 4, "no drafts are left behind: {files} files");
}

#[tokio::test]
async fn sessions_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db");
    let before = app(&database).await;
    let session = before.create_session("alice").await.unwrap();
    drop(before);
    let after = app(&database).await;
    let token = session.tokens().refresh.unwrap();
    let session = after.refresh_from_token(token.expose(), None, true).await.unwrap();
    assert_eq!(session.user_id().as_str(), "alice");
}

#[tokio::test]
async fn a_database_whose_key_file_is_gone_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (database, key) = (folder.path().join("shop.db"), folder.path().join("shop.db.key"));
    drop(opened(&database).await.unwrap());
    std::fs::remove_file(&key).unwrap();
    let said = refusal(&database).await;
    let expected = format!(
        "the database {} has keys, but its key file {} is gone; restore it (without it every session in the database is lost)",
        database.display(),
        key.display()
    );
    assert_eq!(said, expected);
    assert!(!key.exists(), "a new key would open nothing");
}

#[tokio::test]
async fn a_damaged_or_foreign_key_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (database, key) = (folder.path().join("shop.db"), folder.path().join("shop.db.key"));
    drop(opened(&database).await.unwrap());
    std::fs::write(&key, "scribble").unwrap();
    let said = refusal(&database).await;
    assert!(said.starts_with(&format!("the key file {} is damaged: a master key is `hpm1_`", key.display())), "{said}");
    assert!(!said.contains("scribble"));
    drop(opened(&folder.path().join("other.db")).await.unwrap());
    std::fs::copy(folder.path().join("other.db.key"), &key).unwrap();
    assert_eq!(refusal(&database).await, "the keys of app `public` cannot be opened: is the master key the one that sealed them?");
}

#[tokio::test]
async fn two_that_start_together_share_one_key_file() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db");
    let mut starting = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let database = database.clone();
        starting.spawn(async move { opened(&database).await.map(drop) });
    }
    for started in starting.join_all().await {
        started.unwrap();
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_being_shown() {
    for address in ["", "shop.db", "sqlite:", "sqlite://", "postgres://user:secret@localhost/db"] {
        let said = address.parse::<Location>().unwrap_err().to_string();
        assert_eq!(said, "the database address is not one of `sqlite://FILE` and `sqlite::memory:`");
    }
    assert_eq!("sqlite::memory:".parse::<Location>().unwrap(), Location::Memory);
    assert_eq!("sqlite:///var/lib/shop.db".parse::<Location>().unwrap(), Location::File("/var/lib/shop.db".into()));
}

#[tokio::test]
async fn what_is_wrong_with_the_database_comes_through_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "not a database, and long enough to be told from one".repeat(20)).unwrap();
    let info = AppInfo::new("demo").api("http://localhost:3000").website("http://localhost:3000");
    let built = Hallpass::builder(info).embedded(format!("sqlite://{}", file.display())).build().await;
    let said = built.expect_err("it is no database").to_string();
    assert!(said.contains("is not a Hallpass database") && !said.contains('\n'), "{said}");
}

#[tokio::test]
async fn the_engine_is_closed_with_its_last_handle() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db");
    let engine = opened(&database).await.unwrap();
    let weak = Arc::downgrade(&engine);
    drop(engine);
    assert!(weak.upgrade().is_none(), "the maintenance task keeps no handle");
    assert!(!folder.path().join("shop.db-wal").exists(), "SQLite has tidied up");
}
