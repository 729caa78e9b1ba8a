//! The statements that PostgreSQL has of its own: each method is one of them, and so one round trip.

use std::sync::LazyLock;

use crate::sql;

/// A change and the event that tells of it: both or neither.
fn with_event(change: &str) -> String {
    let taken = change.matches('$').count();
    let event: Vec<_> = (taken + 1..=taken + 9).map(|number| format!("${number}")).collect();
    format!(
        "WITH changed AS ({change} RETURNING 1)
         INSERT INTO event (app_id, user_id, at_ms, id, kind, tenant_id, handle, actor, reason)
         SELECT {} FROM changed",
        event.join(", ")
    )
}

macro_rules! with_event {
    ($($statement:ident)*) => {
        $(pub(super) static $statement: LazyLock<String> = LazyLock::new(|| with_event(sql::$statement));)*
    };
}

with_event! { SESSION_INSERT SESSION_REPLACE SESSION_DELETE SESSION_DELETE_SEEN KEY_INSERT KEY_DELETE }

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
