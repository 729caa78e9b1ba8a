//! Bans.

use async_trait::async_trait;
use hallpass_engine::{
    ban::Ban,
    event::Event,
    id::{AppId, TenantId, UserId},
    store::{BanStore, StoreError},
    time::Timestamp,
};

use super::{Sqlite, change, list, record, worker::atomically};
use crate::{
    row::{self, RawRow, bans::ban_key, int, text, time},
    sql::bans as sql,
};

#[async_trait]
impl BanStore for Sqlite {
    async fn ban_put(&self, app: &AppId, ban: &Ban, event: &Event) -> Result<(), StoreError> {
        let (app, ban, event) = (app.clone(), ban.clone(), event.clone());
        self.write(move |db| atomically(db, || Ok(change(db, sql::BAN_PUT, row::bans::ban(&app, &ban))? && record(db, &event)?)))
            .await
            .map(drop)
    }

    async fn ban_delete(&self, app: &AppId, user: &UserId, tenant: Option<&TenantId>, event: &Event) -> Result<bool, StoreError> {
        let (app, user, tenant, event) = (app.clone(), user.clone(), tenant.cloned(), event.clone());
        self.write(move |db| {
            let params = ban_key(&app, &user, tenant.as_ref()).into_iter().chain([time(event.at)]);
            atomically(db, || Ok(change(db, sql::BAN_DELETE, params)? && record(db, &event)?))
        })
        .await
    }

    async fn bans_of(&self, app: &AppId, user: &UserId, now: Timestamp) -> Result<Vec<Ban>, StoreError> {
        let (app, user) = (app.clone(), user.clone());
        let rows = self.read(move |db| list(db, sql::BANS_OF, [text(app.as_str()), text(user.as_str()), time(now)]));
        rows.await?.iter().map(RawRow::value).collect()
    }

    async fn ban_list(&self, app: &AppId, after: Option<&UserId>, limit: u32, now: Timestamp) -> Result<Vec<Ban>, StoreError> {
        let (app, after) = (app.clone(), after.cloned());
        let rows = self.read(move |db| {
            let start = [text(app.as_str()), text(app.as_str()), time(now)].into_iter();
            let end = [int(limit), time(now)];
            match &after {
                None => list(db, sql::BAN_LIST, start.chain(end)),
                Some(after) => list(db, sql::BAN_LIST_AFTER, start.chain([text(after.as_str())]).chain(end)),
            }
        });
        rows.await?.iter().map(RawRow::value).collect()
    }

    async fn ban_sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.write(move |db| Ok(db.prepare_cached(sql::BAN_SWEEP)?.execute([time(now)])? as u64)).await
    }
}
