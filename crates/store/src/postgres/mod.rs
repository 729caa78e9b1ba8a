//! PostgreSQL: every operation is one prepared statement and one round trip over a pooled connection.

mod address;
mod bans;
mod error;
mod events;
mod failure;
mod pool;
mod roles;
mod schema;
mod sql;
mod tenants;
mod tls;
mod users;
mod value;

use std::num::NonZeroUsize;

use async_trait::async_trait;
use deadpool::managed::Object;
use deadpool_postgres::ClientWrapper;
use futures_util::future::BoxFuture;
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
use tokio::task::JoinHandle;

pub use self::error::ConnectError;
use self::{
    address::{Address, Tls},
    failure::Failure,
    pool::{Answer, Connections, Connector, Transaction},
    schema::Schema,
};
use crate::{
    row::{self, NewSession, Number, RawRow, Stored, SweptPage, bytes, hash, int, or_null, text, time},
    sql as shared,
    value::Value,
};

/// A PostgreSQL database. Clones share its connections.
///
/// What is acknowledged has reached the server's disk, and every later read sees it. Any number of processes may use one
/// database. While the server is away, operations fail at once or within seconds, and succeed again when it is back.
/// Lives in a tokio runtime: a write that was asked for is done as long as that runs, even if nobody waits for it.
#[derive(Clone)]
pub struct Postgres(Connections);

impl Postgres {
    /// Connects to the database that `url` (`postgresql://user:password@host:port/database?sslmode=verify-full`) names, and
    /// brings our tables up to date, which are in a schema of their own. At most `connections` are open at a time.
    ///
    /// # Security
    /// `sslmode=require`, `verify-ca` and `verify-full` all mean: encrypted, with a certificate for this host that the
    /// roots in the file `sslrootcert`, or else the system's, vouch for. Without `sslmode` nothing is encrypted.
    ///
    /// # Errors
    /// [`ConnectError`], in one line for whoever has to put it right.
    pub async fn connect(url: &str, connections: NonZeroUsize, schema: &str) -> Result<Self, ConnectError> {
        let (pool, mut first, schema) = Self::reach(url, connections, schema).await?;
        schema::migrate(&mut first, &schema).await?;
        Ok(Self(pool))
    }

    /// Whether there is anything of ours in the schema of a database. Makes nothing.
    ///
    /// # Errors
    /// As for [`Postgres::connect`].
    pub async fn exists(url: &str, schema: &str) -> Result<bool, ConnectError> {
        let (_, first, schema) = Self::reach(url, NonZeroUsize::MIN, schema).await?;
        Ok(schema::version(&first, &schema).await?.is_some())
    }

    /// A database that answers and keeps what it acknowledges, and a connection that is not given back: a migration that failed
    /// is taken back by closing it.
    async fn reach(url: &str, connections: NonZeroUsize, schema: &str) -> Result<(Connections, ClientWrapper, Schema), ConnectError> {
        let (address, schema) = (Address::parse(url)?, Schema::parse(schema)?);
        let tls = match &address.tls {
            Tls::Off => None,
            Tls::Verified { roots } => Some(tls::verified(roots.as_deref())?),
        };
        let connector = Connector::new(address.config.clone(), tls, schema.as_str());
        let pool = Connections::new(connector, connections.get()).map_err(|error| ConnectError::Failed(error.to_string()))?;
        let unreachable = |why| ConnectError::Unreachable { address: address.to_string(), why };
        let first = Object::take(pool.take().await.map_err(|failure| unreachable(failure.why))?);
        schema::check(&first).await?;
        Ok((pool, first, schema))
    }

    async fn read(&self, sql: &str, params: Vec<Value<'_>>) -> Result<Answer, StoreError> {
        self.0.run(sql, &params).await
    }

    /// Once asked for, it is done even if nobody waits any more.
    async fn write(&self, sql: &'static str, params: Vec<Value<'_>>) -> Result<Answer, StoreError> {
        let params: Vec<_> = params.into_iter().map(Value::into_owned).collect();
        let pool = self.0.clone();
        finished(tokio::spawn(async move { pool.run(sql, &params).await })).await
    }

    /// Several statements, all of them or none; done even if nobody waits any more.
    async fn atomically<T: Send + 'static>(
        &self,
        work: impl for<'t> Fn(&'t Transaction) -> BoxFuture<'t, Result<T, Failure>> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        let pool = self.0.clone();
        finished(tokio::spawn(async move { pool.transaction(&work).await })).await
    }

    async fn change(&self, sql: &'static str, params: Vec<Value<'_>>) -> Result<bool, StoreError> {
        Ok(self.write(sql, params).await?.affected > 0)
    }
}

async fn finished<T>(task: JoinHandle<Result<T, StoreError>>) -> Result<T, StoreError> {
    task.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the runtime ended, or the driver panicked".into())))
}

fn one<T: Stored>(answer: &Answer) -> Result<Option<T>, StoreError> {
    answer.rows.first().map(RawRow::value).transpose()
}

fn all<T: Stored>(answer: &Answer) -> Result<Vec<T>, StoreError> {
    answer.rows.iter().map(RawRow::value).collect()
}

#[async_trait]
impl Store for Postgres {
    async fn ping(&self) -> Result<Option<Timestamp>, StoreError> {
        let read = self.read(sql::PING, Vec::new()).await?;
        Ok(one(&read)?.map(|Number(millis)| Timestamp::from_millis(millis)))
    }

    async fn session_insert(&self, session: &Session, event: &Event) -> Result<Inserted, StoreError> {
        let row = NewSession::from(session);
        Ok(if self.change(&sql::SESSION_INSERT, row.params().chain(row::events::event(event)).collect()).await? {
            Inserted::Now
        } else if self.session_find(&session.key).await?.is_some() {
            Inserted::Taken
        } else {
            Inserted::Banned
        })
    }

    async fn session_find(&self, key: &SessionKey) -> Result<Option<Session>, StoreError> {
        one(&self.read(shared::SESSION_FIND, row::key(key).into()).await?)
    }

    async fn session_list(
        &self,
        app: &AppId,
        tenant: Option<&TenantId>,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let mut params = vec![text(app.as_str()), text(user.as_str()), time(now)];
        params.extend(tenant.map(|tenant| text(tenant.as_str())));
        let sql = if tenant.is_some() { shared::SESSION_LIST_IN_TENANT } else { shared::SESSION_LIST };
        all(&self.read(sql, params).await?)
    }

    async fn session_rotate(&self, key: &SessionKey, rotation: &Rotation, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let family = or_null(rotation.family.map(row::family));
        let guard = [hash(&rotation.presented), time(now), time(now)];
        let next = row::lineage(&rotation.next);
        one(&self.write(&sql::SESSION_ROTATE, next.into_iter().chain([family]).chain(row::key(key)).chain(guard).collect()).await?)
    }

    async fn session_replace(&self, key: &SessionKey, seen: &Seen, next: &Lineage, event: &Event) -> Result<bool, StoreError> {
        let guard = row::key(key).into_iter().chain(row::seen(seen));
        self.change(&sql::SESSION_REPLACE, row::lineage(next).into_iter().chain(guard).chain(row::events::event(event)).collect()).await
    }

    async fn session_confirm(&self, key: &SessionKey, child: &RefreshHash, until: Timestamp) -> Result<bool, StoreError> {
        let guard = row::key(key).into_iter().chain([hash(child)]);
        self.change(shared::SESSION_CONFIRM, [time(until)].into_iter().chain(guard).collect()).await
    }

    async fn session_set_payload(&self, key: &SessionKey, payload: &JsonObject, now: Timestamp) -> Result<bool, StoreError> {
        self.set_json(shared::SESSION_SET_PAYLOAD, key, payload, now).await
    }

    async fn session_set_data(&self, key: &SessionKey, data: &JsonObject, now: Timestamp) -> Result<bool, StoreError> {
        self.set_json(shared::SESSION_SET_DATA, key, data, now).await
    }

    async fn session_delete(&self, key: &SessionKey, seen: Option<&Seen>, event: &Event) -> Result<bool, StoreError> {
        let sql = if seen.is_some() { &sql::SESSION_DELETE_SEEN } else { &sql::SESSION_DELETE };
        let guard = seen.map(row::seen).into_iter().flatten();
        self.change(sql, row::key(key).into_iter().chain(guard).chain(row::events::event(event)).collect()).await
    }

    async fn session_sweep(&self, after: Option<&SessionKey>, limit: u32, now: Timestamp) -> Result<Swept, StoreError> {
        let limit = limit.max(1);
        // no app has an empty name: all keys come after this one
        let start = after.map_or([text(""), text(""), bytes(&[0; 16])], row::key);
        let page: Option<SweptPage> =
            one(&self.write(sql::SESSION_SWEEP, start.into_iter().chain([int(limit), time(now)]).collect()).await?)?;
        let Some(page) = page else { return Ok(Swept { deleted: 0, next: None }) };
        Ok(Swept { deleted: page.deleted as usize, next: Some(page.last).filter(|_| page.length == limit) })
    }

    async fn key_list(&self, app: &AppId) -> Result<Vec<KeyRecord>, StoreError> {
        all(&self.read(shared::KEY_LIST, vec![text(app.as_str())]).await?)
    }

    async fn key_insert(&self, key: &KeyRecord, event: &Event) -> Result<bool, StoreError> {
        self.change(&sql::KEY_INSERT, row::signing_key(key).into_iter().chain(row::events::event(event)).collect()).await
    }

    async fn key_delete(&self, app: &AppId, kid: &str, event: Option<&Event>) -> Result<bool, StoreError> {
        let key = [text(app.as_str()), text(kid)];
        match event {
            Some(event) => self.change(&sql::KEY_DELETE, key.into_iter().chain(row::events::event(event)).collect()).await,
            None => self.change(shared::KEY_DELETE, key.into()).await,
        }
    }

    async fn root_list(&self, app: &AppId) -> Result<Vec<RootRecord>, StoreError> {
        all(&self.read(shared::ROOT_LIST, vec![text(app.as_str())]).await?)
    }

    async fn root_insert(&self, root: &RootRecord) -> Result<bool, StoreError> {
        self.change(shared::ROOT_INSERT, row::root(root).into()).await
    }

    async fn event_list(&self, app: &AppId, user: &UserId, limit: u32) -> Result<Vec<Event>, StoreError> {
        all(&self.read(shared::events::EVENT_LIST, vec![text(app.as_str()), text(user.as_str()), int(limit)]).await?)
    }
}

impl Postgres {
    async fn set_json(&self, sql: &'static str, key: &SessionKey, value: &JsonObject, now: Timestamp) -> Result<bool, StoreError> {
        let value = row::json(value);
        let row = row::key(key).into_iter().chain([time(now)]);
        self.change(sql, [text(&value)].into_iter().chain(row).collect()).await
    }
}
