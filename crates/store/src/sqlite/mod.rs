//! SQLite: one thread writes, committing many callers' operations at once; a few others read beside it.

mod bans;
mod events;
mod open;
mod roles;
mod tenants;
mod users;
mod worker;

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use hallpass_engine::{
    event::Event,
    id::{AppId, SessionKey, TenantId, UserId},
    judge::Lineage,
    keys::KeyRecord,
    refresh_token::RefreshHash,
    session::{JsonObject, Seen, Session},
    store::{Inserted, RootRecord, Rotation, Store, StoreError, Swept},
    time::Timestamp,
};
use rusqlite::{
    Connection, OptionalExtension, Result, Row, ToSql, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

pub use self::open::OpenError;
use self::worker::{Workers, atomically};
use crate::{
    row::{self, Expiry, NewSession, Param, RawRow, bytes, hash, int, or_null, text, time},
    sql,
    value::{RawValue, Value},
};

/// A database in one SQLite file, or in memory. Clones share it.
///
/// What is acknowledged has reached the disk, and every later read sees it. Several processes may share the file. When
/// the last clone goes, what was asked for is finished first: dropping it waits for that.
#[derive(Clone)]
pub struct Sqlite(Arc<Threads>);

struct Threads {
    // dropped first: only the last connection to close can fold the write-ahead log into the file
    readers: Option<Workers>,
    writer: Workers,
}

impl Sqlite {
    /// Opens the database in the file `path`, which is made with mode 0600 if there is none, and brings its schema up to
    /// date. Waits for the disk, and some seconds for other processes.
    ///
    /// # Errors
    /// [`OpenError`], in one line for whoever has to put it right.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let (writer, readers) = open::file(path.as_ref(), open::PATIENCE)?;
        let threads = || Ok(Threads { readers: Some(Workers::readers(readers)?), writer: Workers::writer(writer)? });
        threads().map(Self::from).map_err(OpenError::Threads)
    }

    /// An empty database that is gone with the last clone.
    ///
    /// # Errors
    /// [`OpenError`] when there is no memory or thread to be had.
    pub fn memory() -> Result<Self, OpenError> {
        let writer = Workers::writer(open::memory()?).map_err(OpenError::Threads)?;
        Ok(Threads { readers: None, writer }.into())
    }

    async fn write<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T, StoreError> {
        self.0.writer.ask(work).await
    }

    async fn read<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T, StoreError> {
        self.0.readers.as_ref().unwrap_or(&self.0.writer).ask(work).await
    }
}

impl From<Threads> for Sqlite {
    fn from(threads: Threads) -> Self {
        Self(Arc::new(threads))
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn ping(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|db| find(db, sql::PING, [])).await?;
        Ok(None) // its clock is that of this machine
    }

    async fn session_insert(&self, session: &Session, event: &Event) -> Result<Inserted, StoreError> {
        let (key, session, event) = (session.key.clone(), NewSession::from(session), event.clone());
        self.write(move |db| {
            Ok(if atomically(db, || Ok(change(db, sql::SESSION_INSERT, session.params())? && record(db, &event)?))? {
                Inserted::Now
            } else if find(db, sql::SESSION_FIND, row::key(&key))?.is_some() {
                Inserted::Taken
            } else {
                Inserted::Banned
            })
        })
        .await
    }

    async fn session_find(&self, key: &SessionKey) -> Result<Option<Session>, StoreError> {
        let key = key.clone();
        let row = self.read(move |db| find(db, sql::SESSION_FIND, row::key(&key))).await?;
        row.as_ref().map(RawRow::value).transpose()
    }

    async fn session_list(
        &self,
        app: &AppId,
        tenant: Option<&TenantId>,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let (app, tenant, user) = (app.clone(), tenant.cloned(), user.clone());
        let rows = self.read(move |db| {
            let of_user = [text(app.as_str()), text(user.as_str()), time(now)];
            match &tenant {
                None => list(db, sql::SESSION_LIST, of_user),
                Some(tenant) => list(db, sql::SESSION_LIST_IN_TENANT, of_user.into_iter().chain([text(tenant.as_str())])),
            }
        });
        rows.await?.iter().map(RawRow::value).collect()
    }

    async fn session_rotate(&self, key: &SessionKey, rotation: &Rotation, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let (key, rotation) = (key.clone(), rotation.clone());
        let row = self.write(move |db| {
            let guard = row::key(&key).into_iter().chain([hash(&rotation.presented), time(now), time(now)]);
            let next = row::lineage(&rotation.next).into_iter().chain([or_null(rotation.family.map(row::family))]);
            if change(db, sql::SESSION_ROTATE, next.chain(guard))? { find(db, sql::SESSION_FIND, row::key(&key)) } else { Ok(None) }
        });
        row.await?.as_ref().map(RawRow::value).transpose()
    }

    async fn session_replace(&self, key: &SessionKey, seen: &Seen, next: &Lineage, event: &Event) -> Result<bool, StoreError> {
        let (key, seen, next, event) = (key.clone(), *seen, next.clone(), event.clone());
        self.write(move |db| {
            let params = row::lineage(&next).into_iter().chain(row::key(&key)).chain(row::seen(&seen));
            atomically(db, || Ok(change(db, sql::SESSION_REPLACE, params)? && record(db, &event)?))
        })
        .await
    }

    async fn session_confirm(&self, key: &SessionKey, child: &RefreshHash, until: Timestamp) -> Result<bool, StoreError> {
        let (key, child) = (key.clone(), *child);
        self.write(move |db| {
            let guard = row::key(&key).into_iter().chain([hash(&child)]);
            change(db, sql::SESSION_CONFIRM, [time(until)].into_iter().chain(guard))
        })
        .await
    }

    async fn session_set_payload(&self, key: &SessionKey, payload: &JsonObject, now: Timestamp) -> Result<bool, StoreError> {
        self.set_json(sql::SESSION_SET_PAYLOAD, key, payload, now).await
    }

    async fn session_set_data(&self, key: &SessionKey, data: &JsonObject, now: Timestamp) -> Result<bool, StoreError> {
        self.set_json(sql::SESSION_SET_DATA, key, data, now).await
    }

    async fn session_delete(&self, key: &SessionKey, seen: Option<&Seen>, event: &Event) -> Result<bool, StoreError> {
        let (key, seen, event) = (key.clone(), seen.copied(), event.clone());
        self.write(move |db| {
            let (delete, guard) = match &seen {
                None => (sql::SESSION_DELETE, None),
                Some(seen) => (sql::SESSION_DELETE_SEEN, Some(row::seen(seen))),
            };
            let params = row::key(&key).into_iter().chain(guard.into_iter().flatten());
            atomically(db, || Ok(change(db, delete, params)? && record(db, &event)?))
        })
        .await
    }

    async fn session_sweep(&self, after: Option<&SessionKey>, limit: u32, now: Timestamp) -> Result<Swept, StoreError> {
        let (after, limit) = (after.cloned(), limit.max(1));
        let page = self.read(move |db| {
            let start = after.as_ref().map_or([text(""), text(""), bytes(&[])], row::key);
            list(db, sql::SESSION_SWEEP_PAGE, start.into_iter().chain([int(limit)]))
        });
        let page: Vec<Expiry> = page.await?.iter().map(RawRow::value).collect::<Result<_, _>>()?;
        let next = page.last().filter(|_| page.len() == limit as usize).map(|last| last.key.clone());
        let expired: Vec<_> = page.into_iter().filter(|session| session.expires_at <= now).map(|session| session.key).collect();
        let deleted = if expired.is_empty() { 0 } else { self.delete_expired(expired, now).await? };
        Ok(Swept { deleted, next })
    }

    async fn key_list(&self, app: &AppId) -> Result<Vec<KeyRecord>, StoreError> {
        let app = app.clone();
        let rows = self.read(move |db| list(db, sql::KEY_LIST, [text(app.as_str())]));
        rows.await?.iter().map(RawRow::value).collect()
    }

    async fn key_insert(&self, key: &KeyRecord, event: &Event) -> Result<bool, StoreError> {
        let (key, event) = (key.clone(), event.clone());
        self.write(move |db| atomically(db, || Ok(change(db, sql::KEY_INSERT, row::signing_key(&key))? && record(db, &event)?))).await
    }

    async fn key_delete(&self, app: &AppId, kid: &str, event: Option<&Event>) -> Result<bool, StoreError> {
        let (app, kid, event) = (app.clone(), kid.to_owned(), event.cloned());
        self.write(move |db| {
            let params = [text(app.as_str()), text(kid.as_str())];
            atomically(db, || {
                let deleted = change(db, sql::KEY_DELETE, params)?;
                match &event {
                    Some(event) if deleted => record(db, event),
                    _ => Ok(deleted),
                }
            })
        })
        .await
    }

    async fn root_list(&self, app: &AppId) -> Result<Vec<RootRecord>, StoreError> {
        let app = app.clone();
        let rows = self.read(move |db| list(db, sql::ROOT_LIST, [text(app.as_str())]));
        rows.await?.iter().map(RawRow::value).collect()
    }

    async fn root_insert(&self, root: &RootRecord) -> Result<bool, StoreError> {
        let root = root.clone();
        self.write(move |db| change(db, sql::ROOT_INSERT, row::root(&root))).await
    }

    async fn event_list(&self, app: &AppId, user: &UserId, limit: u32) -> Result<Vec<Event>, StoreError> {
        let (app, user) = (app.clone(), user.clone());
        let rows = self.read(move |db| {
            let params = [text(app.as_str()), text(user.as_str()), int(limit)];
            list(db, sql::events::EVENT_LIST, params)
        });
        rows.await?.iter().map(RawRow::value).collect()
    }
}

impl Sqlite {
    async fn set_json(&self, sql: &'static str, key: &SessionKey, value: &JsonObject, now: Timestamp) -> Result<bool, StoreError> {
        let (key, value) = (key.clone(), row::json(value));
        self.write(move |db| change(db, sql, [text(value.as_str())].into_iter().chain(row::key(&key)).chain([time(now)]))).await
    }

    /// Deletes those that are still expired: a rotation may have come in between.
    async fn delete_expired(&self, expired: Vec<SessionKey>, now: Timestamp) -> Result<usize, StoreError> {
        self.write(move |db| {
            atomically(db, || {
                let delete = |key| change(db, sql::SESSION_SWEEP_DELETE, row::key(key).into_iter().chain([time(now)]));
                expired.iter().map(delete).try_fold(0, |deleted, one| Ok(deleted + usize::from(one?)))
            })
        })
        .await
    }
}

/// Changes one row, or finds that there is none to be changed.
fn change<'a>(db: &Connection, sql: &str, params: impl IntoIterator<Item = Param<'a>>) -> Result<bool> {
    Ok(db.prepare_cached(sql)?.execute(params_from_iter(params))? > 0)
}

/// Does each of the statements with the same parameters. Whether any of them changed a row.
fn change_all(db: &Connection, statements: &[&str], params: &[Param<'_>]) -> Result<bool> {
    statements.iter().try_fold(false, |changed, sql| Ok(changed | change(db, sql, params.iter().cloned())?))
}

/// Records an event: `true`, for it belongs to a change that has happened.
fn record(db: &Connection, event: &Event) -> Result<bool> {
    change(db, sql::events::EVENT_INSERT, row::events::event(event))
}

fn find<'a>(db: &Connection, sql: &str, params: impl IntoIterator<Item = Param<'a>>) -> Result<Option<RawRow>> {
    db.prepare_cached(sql)?.query_row(params_from_iter(params), |row| row.try_into()).optional()
}

fn list<'a>(db: &Connection, sql: &str, params: impl IntoIterator<Item = Param<'a>>) -> Result<Vec<RawRow>> {
    db.prepare_cached(sql)?.query_map(params_from_iter(params), |row| row.try_into())?.collect()
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl TryFrom<&Row<'_>> for RawRow {
    type Error = rusqlite::Error;

    fn try_from(row: &Row<'_>) -> Result<Self> {
        let columns = row.as_ref().column_count();
        let mut raw = Self::with_capacity(columns);
        for column in 0..columns {
            raw.push(match row.get_ref(column)? {
                ValueRef::Null => Some(RawValue::Null),
                ValueRef::Integer(number) => Some(RawValue::Integer(number)),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(RawValue::Bytes(bytes)),
                ValueRef::Real(_) => None,
            });
        }
        Ok(raw)
    }
}
