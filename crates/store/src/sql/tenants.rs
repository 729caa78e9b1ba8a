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
