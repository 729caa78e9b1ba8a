//! What an SDK or a server asks about users.

use async_trait::async_trait;

use super::CoreError;
use crate::{
    id::{AppId, UserId},
    session::JsonObject,
};

/// Metadata: what an application keeps about a user, beside all sessions. It belongs to the app, whatever the tenant; no
/// user has to exist anywhere. Looking up whom nobody can be finds nothing.
#[async_trait]
pub trait UserCore: Send + Sync {
    /// The metadata of a user; empty if none was ever written.
    async fn metadata_find(&self, app: &AppId, user: &UserId) -> Result<JsonObject, CoreError>;

    /// Merges into the metadata of a user as [`merge`](crate::metadata::merge) says, and gives what is kept from now on.
    ///
    /// # Errors
    /// [`CoreError::TooDeep`], and [`CoreError::InvalidUser`] if nobody can be known by this id.
    async fn metadata_merge(&self, app: &AppId, user: &UserId, update: &JsonObject) -> Result<JsonObject, CoreError>;

    /// Deletes the metadata of a user. It does not matter whether there was any.
    async fn metadata_delete(&self, app: &AppId, user: &UserId) -> Result<(), CoreError>;
}
