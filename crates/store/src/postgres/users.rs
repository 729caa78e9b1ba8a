//! What is kept about users.

use async_trait::async_trait;
use futures_util::FutureExt;
use hallpass_engine::{
    id::{AppId, UserId},
    metadata,
    session::JsonObject,
    store::{StoreError, UserStore},
    time::Timestamp,
};
use serde_json::{Value, json};

use super::{Postgres, one, sql};
use crate::{
    row::{
        self, Number, text, time,
        users::{Metadata, user as key},
    },
    sql::users as shared,
};

#[async_trait]
impl UserStore for Postgres {
    async fn metadata_find(&self, app: &AppId, user: &UserId) -> Result<Option<JsonObject>, StoreError> {
        Ok(one(&self.read(shared::METADATA_FIND, key(app, user).into()).await?)?.map(|Metadata(stored)| stored))
    }

    async fn metadata_merge(&self, app: &AppId, user: &UserId, update: &JsonObject) -> Result<JsonObject, StoreError> {
        let (app, user, update) = (app.clone(), user.clone(), update.clone());
        self.atomically(move |transaction| {
            let (app, user, update) = (app.clone(), user.clone(), update.clone());
            async move {
                let stored = match one(&transaction.run(sql::METADATA_HOLD, &key(&app, &user)).await?) {
                    Ok(stored) => stored.map_or_else(JsonObject::new, |Metadata(stored)| stored),
                    Err(corrupt) => return Ok(Err(corrupt)),
                };
                let merged = metadata::merge(&stored, &update);
                let json = row::json(&merged);
                let [app, user] = key(&app, &user);
                transaction.run(shared::METADATA_PUT, &[app, user, text(&json)]).await?;
                Ok(Ok(merged))
            }
            .boxed()
        })
        .await?
    }

    async fn metadata_delete(&self, app: &AppId, user: &UserId) -> Result<bool, StoreError> {
        self.change(shared::METADATA_DELETE, key(app, user).into()).await
    }

    async fn activity_record(&self, seen: &[(AppId, UserId, Timestamp)]) -> Result<(), StoreError> {
        let seen = seen.iter().map(|(app, user, at)| json!({ "app_id": app.as_str(), "user_id": user.as_str(), "at": at.as_millis() }));
        let list = Value::Array(seen.collect()).to_string();
        self.write(sql::ACTIVITY_PUT, vec![text(&list)]).await.map(drop)
    }

    async fn activity_count(&self, app: &AppId, since: Timestamp) -> Result<u64, StoreError> {
        let counted = one(&self.read(shared::ACTIVITY_COUNT, vec![text(app.as_str()), time(since)]).await?)?;
        Ok(counted.map_or(0, |Number(count)| count.unsigned_abs())) // a count is never negative
    }
}
