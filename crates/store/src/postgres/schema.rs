//! Whether the server keeps what it acknowledges, and bringing the schema up to date.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::Error;

use super::{ConnectError, failure::Failure};

/// The n-th brings the schema from version n - 1 to n. Never edited once released.
const MIGRATIONS: [&str; 3] = [
    include_str!("../../migrations/postgres/0001_sessions.sql"),
    include_str!("../../migrations/postgres/0002_tenants_roles_users.sql"),
    include_str!("../../migrations/postgres/0003_bans_feed.sql"),
];

/// "Hallpass" in ASCII: the advisory lock of whoever changes a schema.
const LOCK: i64 = 0x4861_6c6c_7061_7373;

/// The schema in which our tables are.
#[derive(Clone, Debug)]
pub(super) struct Schema(String);

impl Schema {
    pub(super) fn parse(name: &str) -> Result<Self, ConnectError> {
        const LONGEST: usize = 63; // PostgreSQL cuts off the rest
        let mut letters = name.chars();
        let starts = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
        let plain = starts && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if plain && name.len() <= LONGEST && !name.starts_with("pg_") { Ok(Self(name.to_owned())) } else { Err(ConnectError::SchemaName) }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Refuses a server on which "acknowledged" would not mean "on the disk", or that keeps texts in another encoding.
pub(super) async fn check(db: &ClientWrapper) -> Result<(), ConnectError> {
    let settings = "SELECT current_setting('server_encoding'), current_setting('synchronous_commit'), current_setting('fsync')";
    let row = db.query_one(settings, &[]).await.map_err(Failure::from)?;
    let setting = |column| row.try_get::<_, &str>(column).map_err(Failure::from);
    if setting(0)? != "UTF8" {
        return Err(ConnectError::Encoding(setting(0)?.to_owned()));
    }
    if setting(1)? == "off" || setting(2)? == "off" { Err(ConnectError::Durability) } else { Ok(()) }
}

/// Makes the schema, or brings it up to date. Of several processes that start at once, one does it.
pub(super) async fn migrate(db: &mut ClientWrapper, schema: &Schema) -> Result<(), ConnectError> {
    if version(db, schema).await? == Some(MIGRATIONS.len()) {
        return Ok(()); // whoever may not change the schema may use it
    }
    let failed = |error: Error| ConnectError::from_migration(error.into(), schema);
    // whatever goes wrong in between closes the connection, which takes everything back
    db.batch_execute("BEGIN; SET LOCAL statement_timeout TO 0; SET LOCAL lock_timeout TO '30s'").await.map_err(failed)?;
    db.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await.map_err(failed)?;
    let version = version(db, schema).await?; // another process may have been faster; ours from here on
    if version.is_none() {
        let name = schema.as_str();
        db.batch_execute(&format!(
            "CREATE SCHEMA IF NOT EXISTS \"{name}\"; CREATE TABLE \"{name}\".schema_version (version BIGINT PRIMARY KEY)"
        ))
        .await
        .map_err(failed)?;
    }
    for (number, migration) in (1_i64..).zip(MIGRATIONS).skip(version.unwrap_or(0)) {
        db.batch_execute(migration).await.map_err(failed)?;
        db.execute("INSERT INTO schema_version (version) VALUES ($1)", &[&number]).await.map_err(failed)?;
    }
    db.batch_execute("COMMIT").await.map_err(failed)
}

/// The version of a schema that is ours; `None` when there is nothing yet.
pub(super) async fn version(db: &ClientWrapper, schema: &Schema) -> Result<Option<usize>, ConnectError> {
    let look = "SELECT count(*), count(*) FILTER (WHERE relname = 'schema_version')
                FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1";
    let row = db.query_one(look, &[&schema.as_str()]).await.map_err(Failure::from)?;
    let count = |column| row.try_get::<_, i64>(column).map_err(Failure::from);
    match (count(0)?, count(1)?) {
        (0, _) => Ok(None),
        (_, 0) => Err(ConnectError::Foreign(schema.as_str().to_owned())),
        _ => {
            let newest = format!("SELECT coalesce(max(version), 0) FROM \"{}\".schema_version", schema.as_str());
            let row = db.query_one(&newest, &[]).await.map_err(Failure::from)?;
            let found = row.try_get::<_, i64>(0).map_err(Failure::from)?;
            let known = usize::try_from(found).ok().filter(|version| *version <= MIGRATIONS.len());
            known.map(Some).ok_or_else(|| ConnectError::Newer { schema: schema.as_str().to_owned(), found, known: MIGRATIONS.len() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_has_a_plain_name() {
        for name in ["hallpass", "_", "Sessions_2", "user", &"a".repeat(63)] {
            assert_eq!(Schema::parse(name).unwrap().as_str(), name);
        }
        for name in ["", "2nd", "a-b", "a\"b", "a b", "ä", "pg_own", &"a".repeat(64)] {
            assert!(Schema::parse(name).is_err(), "{name}");
        }
    }
}
