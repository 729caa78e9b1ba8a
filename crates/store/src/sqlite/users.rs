//! What is kept about users.

use async_trait::async_trait;
use hallpass_engine::{
    id::{AppId, UserId},
    metadata,
    session::JsonObject,
    store::{StoreError, UserStore},
    time::Timestamp,
};
use rusqlite::params_from_iter;

use super::{Sqlite, change, find, worker::atomically};
use crate::{
    row::{
        self, RawRow, text, time,
        users::{Metadata, user as key},
    },
    sql::users as sql,
};

#[async_trait]
impl UserStore for Sqlite {
    async fn metadata_find(&self, app: &AppId, user: &UserId) -> Result<Option<JsonObject>, StoreError> {
        let (app, user) = (app.clone(), user.clone());
        let row = self.read(move |db| find(db, sql::METADATA_FIND, key(&app, &user))).await?;
        Ok(stored(row.as_ref())?.map(|Metadata(stored)| stored))
    }

    async fn metadata_merge(&self, app: &AppId, user: &UserId, update: &JsonObject) -> Result<JsonObject, StoreError> {
        let (app, user, update) = (app.clone(), user.clone(), update.clone());
        // one write after the other: nothing changes between reading and writing
        self.write(move |db| {
            let stored = match stored(find(db, sql::METADATA_FIND, key(&app, &user))?.as_ref()) {
                Ok(stored) => stored.map_or_else(JsonObject::new, |Metadata(stored)| stored),
                Err(corrupt) => return Ok(Err(corrupt)),
            };
            let merged = metadata::merge(&stored, &update);
            let json = row::json(&merged);
            change(db, sql::METADATA_PUT, key(&app, &user).into_iter().chain([text(&json)]))?;
            Ok(Ok(merged))
        })
        .await?
    }

    async fn metadata_delete(&self, app: &AppId, user: &UserId) -> Result<bool, StoreError> {
        let (app, user) = (app.clone(), user.clone());
        self.write(move |db| change(db, sql::METADATA_DELETE, key(&app, &user))).await
    }

    async fn activity_record(&self, seen: &[(AppId, UserId, Timestamp)]) -> Result<(), StoreError> {
        let seen = seen.to_vec();
        self.write(move |db| {
            let put = |(app, user, at): &(_, _, _)| change(db, sql::ACTIVITY_PUT, key(app, user).into_iter().chain([time(*at)])).map(drop);
            atomically(db, || seen.iter().try_for_each(put))
        })
        .await
    }

    async fn activity_count(&self, app: &AppId, since: Timestamp) -> Result<u64, StoreError> {
        let app = app.clone();
        self.read(move |db| {
            let params = params_from_iter([text(app.as_str()), time(since)]);
            let count: i64 = db.prepare_cached(sql::ACTIVITY_COUNT)?.query_row(params, |row| row.get(0))?;
            Ok(count.unsigned_abs()) // a count is never negative
        })
        .await
    }
}

fn stored(row: Option<&RawRow>) -> Result<Option<Metadata>, StoreError> {
    row.map(RawRow::value).transpose()
}
