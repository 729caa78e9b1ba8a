//! Databases that cannot be used: one line says what is wrong and how to put it right, and never the password.

use std::sync::Arc;

use hallpass_store::{ConnectError, Postgres};
use hallpass_testkit::postgres::{Database, Server, database};
use tokio::{net::TcpListener, sync::Barrier};

use super::{CONNECTIONS, ONE, SCHEMA, open, sql};

async fn refusal(url: &str, schema: &str) -> ConnectError {
    Postgres::connect(url, ONE, schema).await.err().expect("it was accepted")
}

#[tokio::test]
async fn a_server_that_is_not_there_or_turns_us_away_is_named_without_the_password() {
    let database = database();
    let (port, password) = (database.server().port(), database.server().password());
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let cases = [
        (database.url_through(nobody), format!("127.0.0.1:{nobody}/{}", database.name()), "Connection refused"),
        (database.url().replace(password, "geheim"), format!("127.0.0.1:{port}/{}", database.name()), "password authentication failed"),
        (database.url().replace("hallpass:", "mallory:"), format!("127.0.0.1:{port}/{}", database.name()), "for user \"mallory\""),
        (database.url().replace(database.name(), "nowhere"), format!("127.0.0.1:{port}/nowhere"), "database \"nowhere\" does not exist"),
        (database.url().replace("127.0.0.1", "nobody.invalid"), format!("nobody.invalid:{port}/{}", database.name()), "error connecting"),
    ];
    for (url, named, why) in cases {
        let error = refusal(&url, SCHEMA).await;
        let said = error.to_string();
        assert!(said.starts_with(&format!("cannot connect to the database {named}: ")), "{said}");
        assert!(said.contains(why) && !said.contains('\n'), "{said}");
        for said in [said, format!("{error:?}")] {
            assert!(!said.contains(password) && !said.contains("geheim"), "{said}");
        }
    }
}

#[tokio::test]
async fn a_schema_of_something_else_is_left_as_it_is() {
    let database = database();
    let db = sql(&database.url()).await;
    db.batch_execute("CREATE SCHEMA hallpass; CREATE TABLE hallpass.session (theirs TEXT)").await.unwrap();
    let message = "the database schema \"hallpass\" holds tables of something else, and was left as it is; name another schema";
    assert_eq!(refusal(&database.url(), SCHEMA).await.to_string(), message);
    Postgres::connect(&database.url(), ONE, "ours").await.unwrap();
    let theirs = db.query_one("SELECT count(*) FROM pg_class WHERE relnamespace = 'hallpass'::regnamespace AND relkind = 'r'", &[]).await;
    assert_eq!(theirs.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn an_empty_schema_that_is_there_is_used() {
    let database = database();
    sql(&database.url()).await.batch_execute("CREATE SCHEMA hallpass").await.unwrap();
    open(&database).await;
}

#[tokio::test]
async fn a_schema_of_a_newer_version_is_refused() {
    let database = database();
    open(&database).await;
    let db = sql(&database.url()).await;
    for version in [99_i64, i64::MAX] {
        db.execute("INSERT INTO hallpass.schema_version VALUES ($1)", &[&version]).await.unwrap();
        let error = refusal(&database.url(), SCHEMA).await;
        let said = error.to_string();
        assert!(matches!(error, ConnectError::Newer { found, .. } if found == version), "{said}");
        assert!(said.starts_with("the database schema \"hallpass\" was made by a newer version of Hallpass (schema "), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_connect_to_one_new_database_at_once() {
    const PROCESSES: usize = 16;
    let database = database();
    let (barrier, url) = (Arc::new(Barrier::new(PROCESSES)), database.url());
    let starts = (0..PROCESSES).map(|_| {
        let (barrier, url) = (barrier.clone(), url.clone());
        tokio::spawn(async move {
            barrier.wait().await;
            Postgres::connect(&url, CONNECTIONS, SCHEMA).await.unwrap()
        })
    });
    for start in starts.collect::<Vec<_>>() {
        start.await.unwrap();
    }
}

/// A user with these rights, who owns nothing.
async fn user(database: &Database<'_>, name: &str, rights: &str) -> String {
    let db = sql(&database.url()).await;
    let password = database.server().password();
    db.batch_execute(&format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'; {rights}")).await.unwrap();
    database.url().replace("//hallpass:", &format!("//{name}:"))
}

#[tokio::test]
async fn who_may_not_make_the_schema_is_told_and_who_finds_it_made_needs_no_such_right() {
    let database = database();
    let app = user(&database, "app_user", "").await;
    let error = refusal(&app, SCHEMA).await;
    assert!(matches!(error, ConnectError::NotAllowed { .. }), "{error}");
    assert!(error.to_string().starts_with("the database user may not bring the schema \"hallpass\" up to date"), "{error}");

    open(&database).await;
    let grants =
        "GRANT USAGE ON SCHEMA hallpass TO app_user; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hallpass TO app_user";
    sql(&database.url()).await.batch_execute(grants).await.unwrap();
    let store: Arc<dyn hallpass_engine::store::Store> = Arc::new(Postgres::connect(&app, CONNECTIONS, SCHEMA).await.unwrap());
    hallpass_testkit::store_suite::a_rotation_replaces_the_current_token_and_nothing_else(store).await;
    let db = sql(&database.url()).await;
    db.batch_execute("DROP OWNED BY app_user; DROP ROLE app_user").await.unwrap();
}

#[tokio::test]
async fn a_database_that_would_lose_what_it_acknowledged_is_refused() {
    let database = database();
    let db = sql(&database.url()).await;
    db.batch_execute(&format!("ALTER DATABASE {} SET synchronous_commit TO off", database.name())).await.unwrap();
    let message = "the database acknowledges changes before they are on its disk: set synchronous_commit and fsync to on";
    assert_eq!(refusal(&database.url(), SCHEMA).await.to_string(), message);
    let careless = Server::start_with(&["fsync = off"]);
    assert_eq!(refusal(&careless.database().url(), SCHEMA).await.to_string(), message);
}

#[tokio::test]
async fn a_database_with_another_encoding_is_refused() {
    let database = database();
    let name = format!("{}_latin", database.name());
    let db = sql(&database.url()).await;
    db.batch_execute(&format!("CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")).await.unwrap();
    let message = "the database keeps its texts as LATIN1, and Hallpass needs UTF8: create one WITH ENCODING 'UTF8' TEMPLATE template0";
    assert_eq!(refusal(&database.url().replace(database.name(), &name), SCHEMA).await.to_string(), message);
}
