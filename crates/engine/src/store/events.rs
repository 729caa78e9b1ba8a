//! What is kept of what happened, beside the changes that it happened with.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    event::Event,
    id::{AppId, UserId},
    time::Timestamp,
};

/// Where an event is kept, in the store's own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventKey {
    /// The app.
    pub app: AppId,
    /// The user; empty when it concerns the whole app.
    pub user: UserId,
    /// When.
    pub at: Timestamp,
    /// Which one of that moment.
    pub id: [u8; 16],
}

/// A page of a sweep of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweptEvents {
    /// How many events were deleted.
    pub deleted: usize,
    /// Where the next page starts; `None` at the end.
    pub next: Option<EventKey>,
}

/// The events of all apps. Most come with the change that they tell of, in one atomic change.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Records an event of a change that has happened already.
    async fn event_append(&self, event: &Event) -> Result<(), StoreError>;

    /// The events of all apps that verifiers have to know of and that happened at `since` or later, in the order of moments
    /// and then ids. One that happened before others may become visible after them.
    async fn event_feed(&self, since: Timestamp) -> Result<Vec<Event>, StoreError>;

    /// Walks the events after `after` in the store's own order, at most `limit` of them, and deletes those from before `before`.
    async fn event_sweep(&self, after: Option<&EventKey>, limit: u32, before: Timestamp) -> Result<SweptEvents, StoreError>;
}
