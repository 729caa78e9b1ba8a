//! Metadata: what an app keeps about a user, beside all sessions.

use hallpass_engine::{id::UserId, session::JsonObject};
use serde::Serialize;

use crate::{Hallpass, error::SessionError, session::object};

impl Hallpass {
    /// What the app keeps about its users.
    pub fn metadata(&self) -> Metadata {
        Metadata { hallpass: self.clone() }
    }
}

/// A JSON object per user, the same in all tenants. It never leaves the server by itself, and sign-outs do not touch it.
///
/// ```
/// # async fn example(hallpass: hallpass::Hallpass) -> Result<(), hallpass::SessionError> {
/// # use serde_json::json;
/// let alice = "alice".into();
/// hallpass.metadata().update(&alice, json!({ "theme": "dark", "trial": null })).await?;
/// let theme = hallpass.metadata().get(&alice).await?.get("theme").cloned();
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Metadata {
    hallpass: Hallpass,
}

impl Metadata {
    /// The metadata of a user; empty if none was ever written.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn get(&self, user: &UserId) -> Result<JsonObject, SessionError> {
        Ok(self.hallpass.core().metadata_find(self.hallpass.app(), user).await?)
    }

    /// Overlays the metadata of a user with the members of `update`, whole; `null` removes one. Returns what is kept from
    /// now on.
    ///
    /// # Errors
    /// [`SessionError::TooDeep`] for what could not be read back, [`SessionError::InvalidUser`] if nobody can be known by this id,
    /// [`crate::Misuse::NotAnObject`], [`SessionError::Unavailable`].
    pub async fn update(&self, user: &UserId, update: impl Serialize + Send) -> Result<JsonObject, SessionError> {
        let update = object(&update)?;
        Ok(self.hallpass.core().metadata_merge(self.hallpass.app(), user, &update).await?)
    }

    /// Forgets the metadata of a user. It does not matter whether there was any.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn clear(&self, user: &UserId) -> Result<(), SessionError> {
        Ok(self.hallpass.core().metadata_delete(self.hallpass.app(), user).await?)
    }
}
