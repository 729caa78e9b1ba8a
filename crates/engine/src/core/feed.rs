//! What verifiers ask, so that a revocation is felt at once.

use async_trait::async_trait;

use super::CoreError;
use crate::{
    feed::{Cursor, Page},
    id::AppId,
};

/// The feed of what verifiers have to know before access tokens expire.
#[async_trait]
pub trait FeedCore: Send + Sync {
    /// What was added to the feed of an app since `after`; without it, everything that still counts. An implementation
    /// that can wait for news does so, for at most half a minute; one that cannot answers at once, and is asked again a
    /// moment later.
    ///
    /// An entry may come more than once, and entries come in the order in which they happened.
    async fn feed(&self, app: &AppId, after: Option<&Cursor>) -> Result<Page, CoreError>;
}
