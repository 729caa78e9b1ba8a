//! What an SDK or a server asks about bans.

use async_trait::async_trait;

use super::{CoreError, Why};
use crate::{
    ban::{Ban, NewBan},
    id::{AppId, SessionHandle, TenantId, UserId},
};

/// A ban that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banned {
    /// As it is kept.
    pub ban: Ban,
    /// The sessions that it ended.
    pub revoked: Vec<SessionHandle>,
}

/// Bans: while one is in force, its user has no session, gets none, and every verifier refuses what access tokens are out.
#[async_trait]
pub trait BanCore: Send + Sync {
    /// Bans a user, in one tenant or in all, and revokes the sessions that this concerns. A ban of the same user and tenant
    /// that is in force already is replaced. `None`: nobody can be known by this id (see [`UserId::is_storable`]).
    ///
    /// # Errors
    /// [`CoreError::BanIsOver`] if its end does not lie in the future: nothing has changed then.
    async fn ban(&self, app: &AppId, new: NewBan) -> Result<Option<Banned>, CoreError>;

    /// Ends the ban of a user in one tenant, or the one in all of them; sessions stay revoked. `false`: there was none.
    async fn unban(&self, app: &AppId, user: &UserId, tenant: Option<&TenantId>, why: Why) -> Result<bool, CoreError>;

    /// The bans of a user that are in force.
    async fn bans_of(&self, app: &AppId, user: &UserId) -> Result<Vec<Ban>, CoreError>;

    /// The bans of an app that are in force: all those of the first `limit` banned users after `after`, in the order of their
    /// ids (as bytes).
    async fn ban_list(&self, app: &AppId, after: Option<&UserId>, limit: u32) -> Result<Vec<Ban>, CoreError>;
}
