//! Bans. Everywhere is the tenant of no name.

pub(crate) const BAN_PUT: &str = "INSERT INTO ban (app_id, user_id, tenant_id, at_ms, until_ms, by, reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (app_id, user_id, tenant_id) DO UPDATE
     SET at_ms = excluded.at_ms, until_ms = excluded.until_ms, by = excluded.by, reason = excluded.reason";

pub(crate) const BAN_DELETE: &str = "DELETE FROM ban WHERE app_id = $1 AND user_id = $2 AND tenant_id = $3
       AND (until_ms IS NULL OR until_ms > $4)";

pub(crate) const BANS_OF: &str = "SELECT app_id, user_id, tenant_id, at_ms, until_ms, by, reason FROM ban
     WHERE app_id = $1 AND user_id = $2 AND (until_ms IS NULL OR until_ms > $3) ORDER BY tenant_id";

/// A page of users with all their bans.
macro_rules! ban_list {
    ($start:literal, $limit:literal, $again:literal) => {
        concat!(
            "SELECT app_id, user_id, tenant_id, at_ms, until_ms, by, reason FROM ban
             WHERE app_id = $1 AND user_id IN (
                 SELECT DISTINCT user_id FROM ban WHERE app_id = $2 AND (until_ms IS NULL OR until_ms > $3)",
            $start,
            " ORDER BY user_id LIMIT ",
            $limit,
            ") AND (until_ms IS NULL OR until_ms > ",
            $again,
            ") ORDER BY user_id, tenant_id"
        )
    };
}

pub(crate) const BAN_LIST: &str = ban_list!("", "$4", "$5");

pub(crate) const BAN_LIST_AFTER: &str = ban_list!(" AND user_id > $4", "$5", "$6");

pub(crate) const BAN_SWEEP: &str = "DELETE FROM ban WHERE until_ms <= $1";
