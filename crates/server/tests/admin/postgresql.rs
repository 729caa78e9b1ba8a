//! The same on PostgreSQL, whose address holds a password and so stands in the environment.

use std::{num::NonZeroUsize, process::Command};

use hallpass_engine::id::{AppId, Tenant};
use hallpass_engine::store::{BanStore, TenantStore};
use hallpass_engine::{tenancy::TenantRecord, time::Timestamp};
use hallpass_store::Postgres;
use hallpass_testkit::postgres;

fn run(url: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallpass"));
    let output = command.args(arguments).env_clear().env("HALLPASS_DATABASE", url).current_dir(folder.path()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn a_ban_is_made_and_told_without_a_master_key() {
    let database = postgres::database();
    let store = Postgres::connect(&database.url(), NonZeroUsize::MIN, "hallpass").await.unwrap();
    let tenant = Tenant { tenant: "t1".parse().unwrap(), ..Tenant::public() };
    let record = TenantRecord { tenant, settings: Default::default(), revision: 0, created_at: Timestamp::from_millis(0) };
    assert!(store.tenant_insert(&record).await.unwrap());
    let (code, said, error) = run(&database.url(), &["bans", "add", "mallory", "--tenant", "t1", "--by", "olga"]);
    assert_eq!((code, said.as_str()), (Some(0), "mallory is banned in the tenant t1 for good; 0 sessions ended.\n"), "{error}");
    let bans = store.bans_of(&AppId::public(), &"mallory".into(), Timestamp::from_millis(0)).await.unwrap();
    assert_eq!(bans[0].by.as_deref(), Some("olga"));
    let (code, said, _) = run(&database.url(), &["bans", "list"]);
    assert!(code == Some(0) && said.lines().count() == 2 && said.contains("mallory"), "{said}");
    let (code, _, error) = run(&database.url(), &["bans", "list", "--app", "shop"]);
    assert_eq!((code, error.as_str()), (Some(3), "hallpass: there is no app shop: check --app\n"));
}

#[tokio::test]
async fn in_a_database_of_others_nothing_is_made() {
    let database = postgres::database();
    for _ in 0..2 {
        let (code, _, error) = run(&database.url(), &["bans", "add", "mallory"]);
        assert_eq!(code, Some(3), "{error}");
        assert!(error.starts_with("hallpass: there is no Hallpass database postgres://"), "{error}");
    }
    assert!(!Postgres::exists(&database.url(), "hallpass").await.unwrap());
}

#[tokio::test]
async fn a_database_that_lets_nobody_in_is_named_without_its_password() {
    let database = postgres::database();
    let url = database.url();
    let (scheme, rest) = url.split_once("://").unwrap();
    let (_, host) = rest.split_once('@').unwrap();
    let (code, said, error) = run(&format!("{scheme}://nobody:hunter2@{host}"), &["bans", "list"]);
    assert_eq!((code, said.as_str(), error.lines().count()), (Some(1), "", 1), "{error}");
    assert!(error.contains(host.split('/').next().unwrap()) && !error.contains("hunter2"), "{error}");
}
