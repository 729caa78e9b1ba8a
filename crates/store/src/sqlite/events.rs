//! Events, and the feed among them.

use async_trait::async_trait;
use hallpass_engine::{
    event::Event,
    store::{EventKey, EventStore, StoreError, SweptEvents},
    time::Timestamp,
};

use super::{Sqlite, change, list, record, worker::atomically};
use crate::{
    row::{
        RawRow,
        events::{Kept, event_key, first_event},
        int, time,
    },
    sql::events as sql,
};

#[async_trait]
impl EventStore for Sqlite {
    async fn event_append(&self, event: &Event) -> Result<(), StoreError> {
        let event = event.clone();
        self.write(move |db| record(db, &event)).await.map(drop)
    }

    async fn event_feed(&self, since: Timestamp) -> Result<Vec<Event>, StoreError> {
        let rows = self.read(move |db| list(db, sql::EVENT_FEED, [time(since)]));
        rows.await?.iter().map(RawRow::value).collect()
    }

    async fn event_sweep(&self, after: Option<&EventKey>, limit: u32, before: Timestamp) -> Result<SweptEvents, StoreError> {
        let (after, limit) = (after.cloned(), limit.max(1));
        let page = self.read(move |db| {
            let start = after.as_ref().map_or_else(first_event, event_key);
            list(db, sql::EVENT_SWEEP_PAGE, start.into_iter().chain([int(limit)]))
        });
        let page: Vec<Kept> = page.await?.iter().map(RawRow::value).collect::<Result<_, _>>()?;
        let next = page.last().filter(|_| page.len() == limit as usize).map(|last| last.key.clone());
        let old: Vec<_> = page.into_iter().filter(|event| event.is_over(before)).map(|event| event.key).collect();
        let deleted = old.len();
        if !old.is_empty() {
            // what happened does not change: those that were old are
            let delete = move |db: &_| old.iter().try_for_each(|key| change(db, sql::EVENT_SWEEP_DELETE, event_key(key)).map(drop));
            self.write(move |db| atomically(db, || delete(db))).await?;
        }
        Ok(SweptEvents { deleted, next })
    }
}
