//! The migrations of both databases make the same tables.

use std::{collections::BTreeSet, fs, path::Path};

use hallpass_testkit::postgres::database;
use tokio_postgres::Client;

use super::{open, sql};

fn migrations(backend: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(backend);
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn migrations_have_the_same_numbers_and_names() {
    assert_eq!(migrations("postgres"), migrations("sqlite"));
}

#[cfg(feature = "sqlite")]
/// Table, column, kind, and whether it may be empty; in their order.
const COLUMNS: &str = "SELECT concat_ws(' ', table_name, column_name, CASE data_type
         WHEN 'smallint' THEN 'INTEGER' WHEN 'bigint' THEN 'INTEGER' WHEN 'uuid' THEN 'BLOB' WHEN 'bytea' THEN 'BLOB' WHEN 'text' THEN 'TEXT'
         ELSE data_type END, is_nullable)
     FROM information_schema.columns WHERE table_schema = 'hallpass' AND table_name <> 'schema_version'
     ORDER BY table_name COLLATE \"C\", ordinal_position";

#[cfg(feature = "sqlite")]
/// Table, whether it is unique, and the columns of each index.
const INDEXES: &str = "SELECT told FROM (SELECT concat_ws(' ', relname, CASE WHEN indisunique THEN 1 ELSE 0 END,
         (SELECT string_agg(attname, ',' ORDER BY place) FROM unnest(indkey) WITH ORDINALITY part (number, place)
          JOIN pg_attribute ON attrelid = indrelid AND attnum = number)) AS told
     FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
     WHERE relnamespace = 'hallpass'::regnamespace AND relname <> 'schema_version') indexes ORDER BY told COLLATE \"C\"";

async fn texts(db: &Client, query: &str) -> Vec<String> {
    db.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hallpass.db");
    drop(hallpass_store::Sqlite::open(&path).unwrap());
    let sqlite = rusqlite::Connection::open(&path).unwrap();
    let sqlite = |query: &str| -> Vec<String> {
        sqlite.prepare(query).unwrap().query_map((), |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let database = database();
    open(&database).await;
    let postgres = sql(&database.url()).await;

    let columns = sqlite(
        "SELECT t.name || ' ' || c.name || ' ' || c.type || ' ' || iif(c.\"notnull\", 'NO', 'YES')
         FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.cid",
    );
    assert!(columns.len() > 30);
    assert_eq!(texts(&postgres, COLUMNS).await, columns);
    let indexes = sqlite(
        "SELECT t.name || ' ' || i.\"unique\" || ' ' || (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) AS told
         FROM sqlite_schema t, pragma_index_list(t.name) i WHERE t.type = 'table' ORDER BY told",
    );
    assert!(indexes.len() > 10);
    assert_eq!(texts(&postgres, INDEXES).await, indexes);
}

/// Otherwise an index depends on the locale data of the system, and a new system on the same files finds nothing.
#[tokio::test]
async fn no_index_depends_on_the_locale() {
    let database = database();
    open(&database).await;
    let query = "SELECT relname || ' ' || attname FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
         JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
         WHERE relnamespace = 'hallpass'::regnamespace AND attcollation NOT IN (0, 'pg_catalog.\"C\"'::regcollation)";
    assert_eq!(texts(&sql(&database.url()).await, query).await, [""; 0]);
}

/// They would be written again by every rotation.
#[tokio::test]
async fn no_index_has_a_column_that_a_rotation_writes() {
    let database = database();
    open(&database).await;
    let indexed = "SELECT DISTINCT attname::TEXT FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
         WHERE indrelid = 'hallpass.session'::regclass ORDER BY 1";
    assert_eq!(texts(&sql(&database.url()).await, indexed).await, ["app_id", "handle", "tenant_id", "user_id"]);
}
