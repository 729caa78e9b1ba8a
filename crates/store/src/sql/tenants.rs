//! Tenants, and whole apps.

pub(crate) const TENANT_FIND: &str =
    "SELECT app_id, tenant_id, settings, revision, created_at_ms FROM tenant WHERE app_id = $1 AND tenant_id = $2";

pub(crate) const TENANT_LIST: &str = "SELECT app_id, tenant_id, settings, revision, created_at_ms FROM tenant ORDER BY app_id, tenant_id";

pub(crate) const TENANT_LIST_IN_APP: &str =
    "SELECT app_id, tenant_id, settings, revision, created_at_ms FROM tenant WHERE app_id = $1 ORDER BY tenant_id";

pub(crate) const TENANT_INSERT: &str = "INSERT INTO tenant (app_id, tenant_id, settings, revision, created_at_ms)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (app_id, tenant_id) DO NOTHING";

pub(crate) const TENANT_REPLACE: &str = "UPDATE tenant SET settings = $1, revision = revision + 1
     WHERE app_id = $2 AND tenant_id = $3 AND revision = $4";

pub(crate) const TENANT_DELETE: &str = "DELETE FROM tenant WHERE app_id = $1 AND tenant_id = $2";

/// Tells of each session of a tenant that it has ended: the event is named by the session. The parameters are those of
/// [`row::tenants::ended`](crate::row::tenants::ended), before those of [`TENANT_DELETE`].
macro_rules! sessions_ended {
    ($of:literal, $before:literal) => {
        concat!(
            $before,
            "INSERT INTO event (app_id, user_id, at_ms, id, kind, tenant_id, handle, actor, reason, felt_until_ms)
             SELECT app_id, user_id, $1, handle, $2, tenant_id, handle, $3, $4, $5 FROM ",
            $of
        )
    };
}

#[cfg(feature = "sqlite")]
pub(crate) const TENANT_SESSIONS_ENDED: &str = sessions_ended!("session WHERE app_id = $6 AND tenant_id = $7", "");

/// In one statement: a session that is stored between two would be deleted, and nobody told.
#[cfg(feature = "postgres")]
pub(crate) const TENANT_SESSIONS_END: &str = sessions_ended!(
    "ended",
    "WITH ended AS (DELETE FROM session WHERE app_id = $6 AND tenant_id = $7 RETURNING app_id, tenant_id, user_id, handle) "
);

/// What goes with a tenant. The parameters are those of [`TENANT_DELETE`].
pub(crate) const TENANT_DELETE_REST: [&str; 3] = [
    "DELETE FROM session WHERE app_id = $1 AND tenant_id = $2",
    "DELETE FROM user_role WHERE app_id = $1 AND tenant_id = $2",
    "DELETE FROM ban WHERE app_id = $1 AND tenant_id = $2",
];

/// Every table: each row belongs to an app.
pub(crate) const APP_DELETE: [&str; 11] = [
    "DELETE FROM tenant WHERE app_id = $1",
    "DELETE FROM session WHERE app_id = $1",
    "DELETE FROM signing_key WHERE app_id = $1",
    "DELETE FROM refresh_root WHERE app_id = $1",
    "DELETE FROM role WHERE app_id = $1",
    "DELETE FROM role_permission WHERE app_id = $1",
    "DELETE FROM user_role WHERE app_id = $1",
    "DELETE FROM user_metadata WHERE app_id = $1",
    "DELETE FROM user_activity WHERE app_id = $1",
    "DELETE FROM event WHERE app_id = $1",
    "DELETE FROM ban WHERE app_id = $1",
];
