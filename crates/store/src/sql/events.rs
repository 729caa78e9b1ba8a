//! Events, and the feed among them.

/// The columns of an event, in the order in which [`row`](crate::row) takes them.
macro_rules! event_columns {
    () => {
        "app_id, user_id, at_ms, id, kind, tenant_id, handle, actor, reason, felt_until_ms"
    };
}

#[cfg(feature = "postgres")]
pub(crate) const EVENT_COLUMNS: &str = event_columns!();

pub(crate) const EVENT_INSERT: &str =
    concat!("INSERT INTO event (", event_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");

pub(crate) const EVENT_LIST: &str =
    concat!("SELECT ", event_columns!(), " FROM event WHERE app_id = $1 AND user_id = $2 ORDER BY at_ms DESC, id DESC LIMIT $3");

pub(crate) const EVENT_FEED: &str =
    concat!("SELECT ", event_columns!(), " FROM event WHERE felt_until_ms IS NOT NULL AND at_ms >= $1 ORDER BY at_ms, id");

/// A page of keys; the first page starts after a key that is smaller than all.
#[cfg(feature = "sqlite")]
pub(crate) const EVENT_SWEEP_PAGE: &str = "SELECT app_id, user_id, at_ms, id, felt_until_ms FROM event
     WHERE (app_id, user_id, at_ms, id) > ($1, $2, $3, $4)
     ORDER BY app_id, user_id, at_ms, id LIMIT $5";

#[cfg(feature = "sqlite")]
pub(crate) const EVENT_SWEEP_DELETE: &str = "DELETE FROM event WHERE app_id = $1 AND user_id = $2 AND at_ms = $3 AND id = $4";
