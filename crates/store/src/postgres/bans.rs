//! Bans.

use async_trait::async_trait;
use futures_util::FutureExt;
use hallpass_engine::{
    ban::Ban,
    event::Event,
    id::{AppId, TenantId, UserId},
    store::{BanStore, StoreError},
    time::Timestamp,
};

use super::{Postgres, all, sql};
use crate::{
    row::{self, bans::ban_key, int, text, time},
    sql::{bans as shared, events::EVENT_INSERT},
};

#[async_trait]
impl BanStore for Postgres {
    /// Waits for the sign-ins of the user that have begun; those that begin meanwhile wait, and are refused.
    async fn ban_put(&self, app: &AppId, ban: &Ban, event: &Event) -> Result<(), StoreError> {
        let (app, ban, event) = (app.clone(), ban.clone(), event.clone());
        self.atomically(move |transaction| {
            let (app, ban, event) = (app.clone(), ban.clone(), event.clone());
            async move {
                transaction.run(sql::USER_LOCK, &[text(app.as_str()), text(ban.user.as_str())]).await?;
                transaction.run(shared::BAN_PUT, &row::bans::ban(&app, &ban).collect::<Vec<_>>()).await?;
                transaction.run(EVENT_INSERT, &row::events::event(&event)).await.map(drop)
            }
            .boxed()
        })
        .await
    }

    async fn ban_delete(&self, app: &AppId, user: &UserId, tenant: Option<&TenantId>, event: &Event) -> Result<bool, StoreError> {
        let key = ban_key(app, user, tenant).into_iter().chain([time(event.at)]);
        self.change(&sql::BAN_DELETE, key.chain(row::events::event(event)).collect()).await
    }

    async fn bans_of(&self, app: &AppId, user: &UserId, now: Timestamp) -> Result<Vec<Ban>, StoreError> {
        all(&self.read(shared::BANS_OF, vec![text(app.as_str()), text(user.as_str()), time(now)]).await?)
    }

    async fn ban_list(&self, app: &AppId, after: Option<&UserId>, limit: u32, now: Timestamp) -> Result<Vec<Ban>, StoreError> {
        let mut params = vec![text(app.as_str()), text(app.as_str()), time(now)];
        params.extend(after.map(|after| text(after.as_str())));
        params.extend([int(limit), time(now)]);
        all(&self.read(if after.is_some() { shared::BAN_LIST_AFTER } else { shared::BAN_LIST }, params).await?)
    }

    async fn ban_sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.write(shared::BAN_SWEEP, vec![time(now)]).await?.affected)
    }
}
