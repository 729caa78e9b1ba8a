//! What is kept about bans.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    ban::Ban,
    event::Event,
    id::{AppId, TenantId, UserId},
    time::Timestamp,
};

/// The bans of all apps: at most one of a user in a tenant, and one of a user everywhere.
///
/// While one is in force no session of that user is inserted and none rotates, even if the ban came at this very moment:
/// those that were inserted before are there when it has been put.
#[async_trait]
pub trait BanStore: Send + Sync {
    /// Makes a ban, or replaces the one of the same user and tenant, together with the event.
    async fn ban_put(&self, app: &AppId, ban: &Ban, event: &Event) -> Result<(), StoreError>;

    /// Deletes the ban of a user in one tenant, or the one everywhere (`None`), if it is in force at the moment of the event,
    /// which is recorded with it. `false`: it was not, and nothing changed.
    async fn ban_delete(&self, app: &AppId, user: &UserId, tenant: Option<&TenantId>, event: &Event) -> Result<bool, StoreError>;

    /// The bans of a user that are in force: the one everywhere first, then by tenant.
    async fn bans_of(&self, app: &AppId, user: &UserId, now: Timestamp) -> Result<Vec<Ban>, StoreError>;

    /// All bans that are in force of the first `limit` banned users after `after`, in the order of the bytes of their ids.
    async fn ban_list(&self, app: &AppId, after: Option<&UserId>, limit: u32, now: Timestamp) -> Result<Vec<Ban>, StoreError>;

    /// Deletes the bans that are in force no longer; returns how many there were.
    async fn ban_sweep(&self, now: Timestamp) -> Result<u64, StoreError>;
}
