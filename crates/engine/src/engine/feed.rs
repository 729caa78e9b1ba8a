//! The feed: those events that verifiers have to know of.

use std::time::Duration;

use async_trait::async_trait;

use super::Engine;
use crate::{
    core::{CoreError, FeedCore},
    event::Event,
    feed::{Cursor, Entry, Page},
    id::AppId,
    time::Timestamp,
};

/// By how much each reading reaches back before the one before. An event tells when its change began; it is visible when
/// the change is done, which takes seconds at most, and the clocks of nodes differ by up to two seconds.
const OVERLAP: Duration = Duration::from_secs(10);

#[async_trait]
impl FeedCore for Engine {
    async fn feed(&self, app: &AppId, after: Option<&Cursor>) -> Result<Page, CoreError> {
        let now = self.now();
        let oldest = now - self.config.access_token_validity;
        let known = after.and_then(|cursor| moment(cursor, now)).filter(|moment| oldest <= *moment);
        let events = self.shared.store.event_feed(known.unwrap_or(oldest) - OVERLAP).await?;
        let entries = events.iter().filter(|event| event.app == *app).filter_map(Entry::of).collect();
        Ok(Page { cursor: now.as_millis().to_string().into(), is_whole: known.is_none(), entries })
    }
}

impl Engine {
    /// What was added to the feeds of all apps at `since` or later, in the order in which it happened. For a server that reads
    /// once for many verifiers. Entries of shortly before may still come: read again from ten seconds back.
    ///
    /// # Errors
    /// As for any use of the store.
    pub async fn feed_of_all(&self, since: Timestamp) -> Result<Vec<(AppId, Entry)>, CoreError> {
        let entry = |event: Event| Some((event.app.clone(), Entry::of(&event)?));
        Ok(self.shared.store.event_feed(since).await?.into_iter().filter_map(entry).collect())
    }

    /// Until when verifiers have to know of something: then the last access token from before has expired.
    pub(super) fn felt_until(&self, at: Timestamp) -> Timestamp {
        at + self.config.access_token_validity
    }
}

/// Where a reader was. `None`: it is none of our cursors, or from a time that has not come.
fn moment(cursor: &Cursor, now: Timestamp) -> Option<Timestamp> {
    let moment = Timestamp::from_millis(cursor.as_str().parse().ok()?);
    (moment <= now).then_some(moment)
}
