//! Roles, their permissions, and who has them.

pub(crate) const ROLE_INSERT: &str = "INSERT INTO role (app_id, role) VALUES ($1, $2) ON CONFLICT (app_id, role) DO NOTHING";

#[cfg(feature = "sqlite")]
pub(crate) const ROLE_FIND: &str = "SELECT app_id, role FROM role WHERE app_id = $1 AND role = $2";

pub(crate) const ROLE_LIST: &str = "SELECT app_id, role FROM role WHERE app_id = $1 ORDER BY role";

/// One row without a permission for a role that has none; no row without the role.
pub(crate) const ROLE_PERMISSIONS: &str = "SELECT role.app_id, role.role, granted.permission
     FROM role LEFT JOIN role_permission granted ON granted.app_id = role.app_id AND granted.role = role.role
     WHERE role.app_id = $1 AND role.role = $2 ORDER BY granted.permission";

pub(crate) const ROLE_LIST_WITH_PERMISSION: &str =
    "SELECT app_id, role, permission FROM role_permission WHERE app_id = $1 AND permission = $2 ORDER BY role";

#[cfg(feature = "sqlite")]
pub(crate) const PERMISSION_INSERT: &str = "INSERT INTO role_permission (app_id, role, permission) VALUES ($1, $2, $3)
     ON CONFLICT (app_id, role, permission) DO NOTHING";

#[cfg(feature = "sqlite")]
pub(crate) const PERMISSION_DELETE: &str = "DELETE FROM role_permission WHERE app_id = $1 AND role = $2 AND permission = $3";

pub(crate) const PERMISSION_DELETE_ALL: &str = "DELETE FROM role_permission WHERE app_id = $1 AND role = $2";

/// A role, and all that hangs on it.
pub(crate) const ROLE_DELETE: [&str; 3] =
    ["DELETE FROM role WHERE app_id = $1 AND role = $2", "DELETE FROM user_role WHERE app_id = $1 AND role = $2", PERMISSION_DELETE_ALL];

/// Nothing comes of a role that is not there.
#[cfg(feature = "sqlite")]
pub(crate) const USER_ROLE_INSERT: &str = "INSERT INTO user_role (app_id, tenant_id, user_id, role)
     SELECT app_id, $1, $2, role FROM role WHERE app_id = $3 AND role = $4
     ON CONFLICT (app_id, tenant_id, user_id, role) DO NOTHING";

#[cfg(feature = "sqlite")]
pub(crate) const USER_ROLE_DELETE: &str = "DELETE FROM user_role WHERE app_id = $1 AND tenant_id = $2 AND user_id = $3 AND role = $4";

pub(crate) const USER_ROLE_LIST: &str = "SELECT app_id, tenant_id, user_id, role FROM user_role
     WHERE app_id = $1 AND tenant_id = $2 AND user_id = $3 ORDER BY role";

/// One row without a user for a role that nobody has; no row without the role.
pub(crate) const ROLE_USERS: &str = "SELECT role.app_id, held.tenant_id, held.user_id, role.role
     FROM role LEFT JOIN user_role held ON held.app_id = role.app_id AND held.role = role.role AND held.tenant_id = $1
     WHERE role.app_id = $2 AND role.role = $3 ORDER BY held.user_id";
