//! What is kept about users.

pub(crate) const METADATA_FIND: &str = "SELECT app_id, user_id, metadata FROM user_metadata WHERE app_id = $1 AND user_id = $2";

pub(crate) const METADATA_PUT: &str = "INSERT INTO user_metadata (app_id, user_id, metadata) VALUES ($1, $2, $3)
     ON CONFLICT (app_id, user_id) DO UPDATE SET metadata = excluded.metadata";

pub(crate) const METADATA_DELETE: &str = "DELETE FROM user_metadata WHERE app_id = $1 AND user_id = $2";

#[cfg(feature = "sqlite")]
pub(crate) const ACTIVITY_PUT: &str = "INSERT INTO user_activity (app_id, user_id, last_active_ms) VALUES ($1, $2, $3)
     ON CONFLICT (app_id, user_id) DO UPDATE SET last_active_ms = excluded.last_active_ms
     WHERE excluded.last_active_ms > user_activity.last_active_ms";

pub(crate) const ACTIVITY_COUNT: &str = "SELECT count(*) FROM user_activity WHERE app_id = $1 AND last_active_ms >= $2";
