//! The statements that PostgreSQL has of its own: nearly every method is one of them, and so one round trip. A list is one
//! parameter, as JSON.

use std::sync::LazyLock;

use crate::sql::{self, events::EVENT_COLUMNS};

/// A change and the event that tells of it: both or neither.
fn with_event(change: &str) -> String {
    let taken = change.matches('$').count();
    let columns = EVENT_COLUMNS.split(',').count();
    let event: Vec<_> = (taken + 1..=taken + columns).map(|number| format!("${number}")).collect();
    format!(
        "WITH changed AS ({change} RETURNING 1)
         INSERT INTO event ({EVENT_COLUMNS})
         SELECT {} FROM changed",
        event.join(", ")
    )
}

macro_rules! with_event {
    ($($statement:ident = $change:path)*) => {
        $(pub(super) static $statement: LazyLock<String> = LazyLock::new(|| with_event($change));)*
    };
}

with_event! {
    SESSION_INSERT = sql::SESSION_INSERT_LOCKED
    SESSION_REPLACE = sql::SESSION_REPLACE
    SESSION_DELETE = sql::SESSION_DELETE
    SESSION_DELETE_SEEN = sql::SESSION_DELETE_SEEN
    KEY_INSERT = sql::KEY_INSERT
    KEY_DELETE = sql::KEY_DELETE
    BAN_DELETE = sql::bans::BAN_DELETE
}

/// The row as it is afterwards comes along: reading it would be a second round trip.
pub(super) static SESSION_ROTATE: LazyLock<String> =
    LazyLock::new(|| format!("{} RETURNING {}", sql::SESSION_ROTATE, sql::SESSION_COLUMNS));

/// A page of keys, of which the expired go: how many went, how many there were, and the last of them.
/// Who is rotated meanwhile stays: the guard is checked again against the row as it is then.
pub(super) const SESSION_SWEEP: &str = "WITH page AS (
         SELECT app_id, tenant_id, handle FROM session
         WHERE (app_id, tenant_id, handle) > ($1, $2, $3)
         ORDER BY app_id, tenant_id, handle LIMIT $4
     ), gone AS (
         DELETE FROM session USING page
         WHERE session.app_id = page.app_id AND session.tenant_id = page.tenant_id AND session.handle = page.handle
           AND session.expires_at_ms <= $5
         RETURNING 1
     )
     SELECT app_id, tenant_id, handle, (SELECT count(*) FROM gone), (SELECT count(*) FROM page)
     FROM page ORDER BY app_id DESC, tenant_id DESC, handle DESC LIMIT 1";

/// As [`SESSION_SWEEP`], for events.
pub(super) const EVENT_SWEEP: &str = "WITH page AS (
         SELECT app_id, user_id, at_ms, id FROM event
         WHERE (app_id, user_id, at_ms, id) > ($1, $2, $3, $4)
         ORDER BY app_id, user_id, at_ms, id LIMIT $5
     ), gone AS (
         DELETE FROM event USING page
         WHERE event.app_id = page.app_id AND event.user_id = page.user_id AND event.at_ms = page.at_ms AND event.id = page.id
           AND event.at_ms < $6 AND (event.felt_until_ms IS NULL OR event.felt_until_ms < $7)
         RETURNING 1
     )
     SELECT app_id, user_id, at_ms, id, (SELECT count(*) FROM gone), (SELECT count(*) FROM page)
     FROM page ORDER BY app_id DESC, user_id DESC, at_ms DESC, id DESC LIMIT 1";

/// Holds on to a user: nobody signs that user in before the end of the transaction.
pub(super) const USER_LOCK: &str = "SELECT pg_advisory_xact_lock(lock_of_user($1, $2))";

/// Reads from the tables, and the clock.
pub(super) const PING: &str =
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT FROM (SELECT count(*) FROM (SELECT FROM tenant LIMIT 1) one) read";

/// Holds on to a role: nobody deletes it before the end of the transaction.
pub(super) const ROLE_HOLD: &str = "SELECT app_id, role FROM role WHERE app_id = $1 AND role = $2 FOR KEY SHARE";

pub(super) const PERMISSIONS_INSERT: &str = "INSERT INTO role_permission (app_id, role, permission)
     SELECT $1, $2, permission FROM json_array_elements_text($3::TEXT::JSON) permission ON CONFLICT (app_id, role, permission) DO NOTHING";

/// The role is the answer, if it is there.
pub(super) const PERMISSIONS_DELETE: &str = "WITH gone AS (
         DELETE FROM role_permission WHERE app_id = $1 AND role = $2 AND permission IN (SELECT json_array_elements_text($3::TEXT::JSON))
     ) SELECT app_id, role FROM role WHERE app_id = $1 AND role = $2";

/// The role is the answer, if it is there.
pub(super) const PERMISSIONS_DELETE_ALL: &str = "WITH gone AS (DELETE FROM role_permission WHERE app_id = $1 AND role = $2)
     SELECT app_id, role FROM role WHERE app_id = $1 AND role = $2";

/// Whether the role is there, which nobody deletes meanwhile, and whether the user did not have it.
pub(super) const USER_ROLE_INSERT: &str = "WITH held AS (
         SELECT app_id, role FROM role WHERE app_id = $1 AND role = $2 FOR KEY SHARE
     ), made AS (
         INSERT INTO user_role (app_id, tenant_id, user_id, role) SELECT app_id, $3, $4, role FROM held
         ON CONFLICT (app_id, tenant_id, user_id, role) DO NOTHING RETURNING 1
     )
     SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM made)";

/// Whether the role is there, and whether the user had it.
pub(super) const USER_ROLE_DELETE: &str = "WITH gone AS (
         DELETE FROM user_role WHERE app_id = $1 AND role = $2 AND tenant_id = $3 AND user_id = $4 RETURNING 1
     )
     SELECT (SELECT count(*) FROM role WHERE app_id = $1 AND role = $2), (SELECT count(*) FROM gone)";

/// What is kept about a user, if only from now on: nobody else changes it before the end of the transaction.
pub(super) const METADATA_HOLD: &str = "INSERT INTO user_metadata (app_id, user_id, metadata) VALUES ($1, $2, '{}')
     ON CONFLICT (app_id, user_id) DO UPDATE SET metadata = user_metadata.metadata RETURNING app_id, user_id, metadata";

/// In the order of the key, so that two of these do not wait for each other.
pub(super) const ACTIVITY_PUT: &str = "INSERT INTO user_activity (app_id, user_id, last_active_ms)
     SELECT app_id, user_id, max(at) FROM json_to_recordset($1::TEXT::JSON) seen (app_id TEXT, user_id TEXT, at BIGINT)
     GROUP BY app_id, user_id ORDER BY app_id, user_id
     ON CONFLICT (app_id, user_id) DO UPDATE SET last_active_ms = excluded.last_active_ms
     WHERE excluded.last_active_ms > user_activity.last_active_ms";
