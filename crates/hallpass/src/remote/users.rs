//! What a core at a distance keeps about users.

use async_trait::async_trait;
use hallpass_engine::{
    core::{CoreError, UserCore},
    id::{AppId, UserId},
    session::JsonObject,
};
use hallpass_wire::{
    answer::Answer,
    metadata::{RemoveMetadata, UpdateMetadata},
};
use http::Method;

use super::{RemoteCore, is_ok, must_be_readable, unreadable};

#[async_trait]
impl UserCore for RemoteCore {
    async fn metadata_find(&self, app: &AppId, user: &UserId) -> Result<JsonObject, CoreError> {
        if !user.is_storable() {
            return Ok(JsonObject::new());
        }
        let body = self.client.get(app, "/recipe/user/metadata", &[("userId", user.as_str())]).await?.body;
        Answer::new(&body).object("metadata").map_err(unreadable)
    }

    async fn metadata_merge(&self, app: &AppId, user: &UserId, update: &JsonObject) -> Result<JsonObject, CoreError> {
        must_be_readable(update)?;
        if !user.is_storable() {
            return Err(CoreError::InvalidUser);
        }
        let request = UpdateMetadata { user_id: user.as_str().to_owned(), update: update.clone() };
        let body = self.send(Method::PUT, app, "/recipe/user/metadata", &request).await?;
        Answer::new(&body).object("metadata").map_err(unreadable)
    }

    async fn metadata_delete(&self, app: &AppId, user: &UserId) -> Result<(), CoreError> {
        if !user.is_storable() {
            return Ok(());
        }
        let request = RemoveMetadata { user_id: user.as_str().to_owned() };
        is_ok(&self.send(Method::POST, app, "/recipe/user/metadata/remove", &request).await?)
    }
}
