//! Every statement. The subset that SQLite and PostgreSQL share: `$n` once each and in order, times are milliseconds
//! passed in, JSON is text, pages by key.

pub(crate) mod bans;
pub(crate) mod events;
pub(crate) mod roles;
pub(crate) mod tenants;
pub(crate) mod users;

/// The columns of a session, in the order in which [`row`](crate::row) takes them.
macro_rules! session_columns {
    () => {
        "app_id, tenant_id, handle, user_id, key_family, created_at_ms, gen, current_hash, retired_hash, retired_salt,
         retired_root, retired_at_ms, retired_until_ms, retired_reissues, expires_at_ms, payload, data"
    };
}

#[cfg(feature = "postgres")]
pub(crate) const SESSION_COLUMNS: &str = session_columns!();

/// The assignment of a lineage: parameters 1 to 9, in the order of [`lineage`](crate::row::lineage).
macro_rules! set_lineage {
    () => {
        "SET gen = $1, current_hash = $2, retired_hash = $3, retired_salt = $4, retired_root = $5, retired_at_ms = $6,
         retired_until_ms = $7, retired_reissues = $8, expires_at_ms = $9"
    };
}

/// Reads from the disk, whatever is there.
#[cfg(feature = "sqlite")]
pub(crate) const PING: &str = "SELECT app_id FROM tenant LIMIT 1";

/// Nothing comes of a session whose user may not sign in, which the argument says of parameters 18 to 21: app, user, tenant, now.
macro_rules! session_insert {
    ($may_not_sign_in:literal) => {
        concat!(
            "INSERT INTO session (",
            session_columns!(),
            ") SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17
             WHERE NOT ",
            $may_not_sign_in,
            " ON CONFLICT (app_id, tenant_id, handle) DO NOTHING"
        )
    };
}

#[cfg(feature = "sqlite")]
pub(crate) const SESSION_INSERT: &str = session_insert!(
    "EXISTS (SELECT 1 FROM ban WHERE app_id = $18 AND user_id = $19 AND tenant_id IN ('', $20) AND (until_ms IS NULL OR until_ms > $21))"
);

/// A look at the bans would not do where statements run beside each other: the ban may be there before the session, and not
/// be seen.
#[cfg(feature = "postgres")]
pub(crate) const SESSION_INSERT_LOCKED: &str = session_insert!("may_not_sign_in($18, $19, $20, $21)");

pub(crate) const SESSION_FIND: &str =
    concat!("SELECT ", session_columns!(), " FROM session WHERE app_id = $1 AND tenant_id = $2 AND handle = $3");

pub(crate) const SESSION_LIST: &str = concat!(
    "SELECT ",
    session_columns!(),
    " FROM session WHERE app_id = $1 AND user_id = $2 AND expires_at_ms > $3 ORDER BY created_at_ms, handle"
);

pub(crate) const SESSION_LIST_IN_TENANT: &str = concat!(
    "SELECT ",
    session_columns!(),
    " FROM session WHERE app_id = $1 AND user_id = $2 AND expires_at_ms > $3 AND tenant_id = $4 ORDER BY created_at_ms, handle"
);

/// The guard names what it replaces, so of many callers with one token one wins. Without `RETURNING`, for SQLite makes a
/// trigger of it: there a [`SESSION_FIND`] in the same transaction costs half as much.
pub(crate) const SESSION_ROTATE: &str = concat!(
    "UPDATE session ",
    set_lineage!(),
    ", key_family = coalesce($10, key_family)
     WHERE app_id = $11 AND tenant_id = $12 AND handle = $13 AND current_hash = $14 AND expires_at_ms > $15
       AND NOT EXISTS (
           SELECT 1 FROM ban WHERE ban.app_id = session.app_id AND ban.user_id = session.user_id
             AND ban.tenant_id IN ('', session.tenant_id) AND (ban.until_ms IS NULL OR ban.until_ms > $16)
       )"
);

pub(crate) const SESSION_REPLACE: &str = concat!(
    "UPDATE session ",
    set_lineage!(),
    " WHERE app_id = $10 AND tenant_id = $11 AND handle = $12
       AND current_hash = $13 AND gen = $14 AND retired_at_ms IS NOT DISTINCT FROM $15
       AND retired_until_ms IS NOT DISTINCT FROM $16"
);

pub(crate) const SESSION_CONFIRM: &str = "UPDATE session SET retired_until_ms = $1
     WHERE app_id = $2 AND tenant_id = $3 AND handle = $4 AND current_hash = $5
       AND retired_hash IS NOT NULL AND retired_until_ms IS NULL";

pub(crate) const SESSION_SET_PAYLOAD: &str =
    "UPDATE session SET payload = $1 WHERE app_id = $2 AND tenant_id = $3 AND handle = $4 AND expires_at_ms > $5";

pub(crate) const SESSION_SET_DATA: &str =
    "UPDATE session SET data = $1 WHERE app_id = $2 AND tenant_id = $3 AND handle = $4 AND expires_at_ms > $5";

pub(crate) const SESSION_DELETE: &str = "DELETE FROM session WHERE app_id = $1 AND tenant_id = $2 AND handle = $3";

pub(crate) const SESSION_DELETE_SEEN: &str = "DELETE FROM session WHERE app_id = $1 AND tenant_id = $2 AND handle = $3
       AND current_hash = $4 AND gen = $5 AND retired_at_ms IS NOT DISTINCT FROM $6
       AND retired_until_ms IS NOT DISTINCT FROM $7";

/// A page of keys; the first page starts after a key that is smaller than all.
#[cfg(feature = "sqlite")]
pub(crate) const SESSION_SWEEP_PAGE: &str = "SELECT app_id, tenant_id, handle, expires_at_ms FROM session
     WHERE (app_id, tenant_id, handle) > ($1, $2, $3)
     ORDER BY app_id, tenant_id, handle LIMIT $4";

#[cfg(feature = "sqlite")]
pub(crate) const SESSION_SWEEP_DELETE: &str =
    "DELETE FROM session WHERE app_id = $1 AND tenant_id = $2 AND handle = $3 AND expires_at_ms <= $4";

pub(crate) const KEY_LIST: &str = "SELECT app_id, family, sequence, kid, algorithm, sealed, created_at_ms FROM signing_key
     WHERE app_id = $1 ORDER BY sequence DESC, created_at_ms DESC, family";

pub(crate) const KEY_INSERT: &str = "INSERT INTO signing_key (app_id, family, sequence, kid, algorithm, sealed, created_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (app_id, family, sequence) DO NOTHING";

pub(crate) const KEY_DELETE: &str = "DELETE FROM signing_key WHERE app_id = $1 AND kid = $2";

pub(crate) const ROOT_LIST: &str = "SELECT app_id, id, sealed FROM refresh_root WHERE app_id = $1 ORDER BY id";

pub(crate) const ROOT_INSERT: &str =
    "INSERT INTO refresh_root (app_id, id, sealed) VALUES ($1, $2, $3) ON CONFLICT (app_id, id) DO NOTHING";
