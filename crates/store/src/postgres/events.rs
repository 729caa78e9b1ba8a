//! Events, and the feed among them.

use async_trait::async_trait;
use hallpass_engine::{
    event::Event,
    store::{EventKey, EventStore, StoreError, SweptEvents},
    time::Timestamp,
};

use super::{Postgres, all, one, sql};
use crate::{
    row::{
        events::{SweptEventPage, event, event_key, first_event},
        int, time,
    },
    sql::events as shared,
};

#[async_trait]
impl EventStore for Postgres {
    async fn event_append(&self, told: &Event) -> Result<(), StoreError> {
        self.write(shared::EVENT_INSERT, event(told).into()).await.map(drop)
    }

    async fn event_feed(&self, since: Timestamp) -> Result<Vec<Event>, StoreError> {
        all(&self.read(shared::EVENT_FEED, vec![time(since)]).await?)
    }

    async fn event_sweep(&self, after: Option<&EventKey>, limit: u32, before: Timestamp) -> Result<SweptEvents, StoreError> {
        let limit = limit.max(1);
        let start = after.map_or_else(first_event, event_key);
        let params = start.into_iter().chain([int(limit), time(before), time(before)]);
        let page: Option<SweptEventPage> = one(&self.write(sql::EVENT_SWEEP, params.collect()).await?)?;
        let Some(page) = page else { return Ok(SweptEvents { deleted: 0, next: None }) };
        Ok(SweptEvents { deleted: page.deleted as usize, next: Some(page.last).filter(|_| page.length == limit) })
    }
}
