//! What is kept about users.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    id::{AppId, UserId},
    session::JsonObject,
    time::Timestamp,
};

/// Metadata and activity of users. Both belong to the app, whatever the tenant; no user has to exist anywhere.
#[async_trait]
pub trait UserStore: Send + Sync {
    /// The metadata of a user. `None`: none was ever written, or it was deleted.
    async fn metadata_find(&self, app: &AppId, user: &UserId) -> Result<Option<JsonObject>, StoreError>;

    /// Merges into the metadata of a user as [`merge`](crate::metadata::merge) says, and gives what is kept from now on, even
    /// if that is empty. Of updates at once none is lost.
    async fn metadata_merge(&self, app: &AppId, user: &UserId, update: &JsonObject) -> Result<JsonObject, StoreError>;

    /// Deletes the metadata of a user. `false`: there was none.
    async fn metadata_delete(&self, app: &AppId, user: &UserId) -> Result<bool, StoreError>;

    /// Records when users were active, all of them or none. The latest moment counts, in whatever order they come.
    async fn activity_record(&self, seen: &[(AppId, UserId, Timestamp)]) -> Result<(), StoreError>;

    /// How many users of an app were active at `since` or later.
    async fn activity_count(&self, app: &AppId, since: Timestamp) -> Result<u64, StoreError>;
}
