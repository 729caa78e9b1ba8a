//! What the engine needs of a database.

mod bans;
mod events;
mod roles;
mod tenants;
mod users;

use async_trait::async_trait;

use crate::{
    event::Event,
    id::{AppId, SessionKey, TenantId, UserId},
    judge::Lineage,
    keys::KeyRecord,
    refresh_token::{RefreshHash, RootId},
    session::{JsonObject, KeyFamily, Seen, Session},
    time::Timestamp,
};

pub use self::{
    bans::BanStore,
    events::{EventKey, EventStore, SweptEvents},
    roles::RoleStore,
    tenants::TenantStore,
    users::UserStore,
};

/// A replacement of a session's current token by its child.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The token that must be current: the one presented.
    pub presented: RefreshHash,
    /// What the row says afterwards.
    pub next: Lineage,
    /// The key family from now on; `None` leaves it.
    pub family: Option<KeyFamily>,
}

/// What became of a session to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Inserted {
    /// It is there, and so is its event.
    Now,
    /// The handle is taken, and nothing changed.
    Taken,
    /// The user is banned, in this tenant or everywhere, and nothing changed.
    Banned,
}

/// A page of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swept {
    /// How many expired sessions were deleted.
    pub deleted: usize,
    /// Where the next page starts; `None` at the end.
    pub next: Option<SessionKey>,
}

/// A refresh root as it is stored: sealed under the master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootRecord {
    /// The app it belongs to.
    pub app: AppId,
    /// Its number in the app.
    pub id: RootId,
    /// The encrypted root.
    pub sealed: Vec<u8>,
}

/// A database, as domain operations. **One method is one atomic change**; a conflict is an outcome, not an error.
///
/// A method that returned `Ok` has reached the disk. One that returned [`StoreError::Unavailable`] may or may not have
/// happened, wholly or not at all, and may still happen late: a guarded write then changes nothing, one that the last write
/// wins may land over a newer one; a second try may find its own first one. Whoever drops the future of a write does not stop the write.
#[async_trait]
pub trait Store: TenantStore + RoleStore + UserStore + BanStore + EventStore + Send + Sync + 'static {
    /// Whether it answers at all; and what time it is by the database's own clock, if it has one of its own.
    async fn ping(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Stores a new session and its event, unless its user is banned when it is created.
    async fn session_insert(&self, session: &Session, event: &Event) -> Result<Inserted, StoreError>;

    /// Reads a session, expired or not, from where writes go (never from a replica that may lag).
    async fn session_find(&self, key: &SessionKey) -> Result<Option<Session>, StoreError>;

    /// The live sessions of a user, in one tenant or in all, oldest first.
    async fn session_list(&self, app: &AppId, tenant: Option<&TenantId>, user: &UserId, now: Timestamp)
    -> Result<Vec<Session>, StoreError>;

    /// Replaces the current refresh token if it is `rotation.presented`, the session lives, and its user is not banned. One
    /// statement. `None`: it was not so, and nothing changed.
    async fn session_rotate(&self, key: &SessionKey, rotation: &Rotation, now: Timestamp) -> Result<Option<Session>, StoreError>;

    /// Rewrites the lineage of a session that is still as `seen`, together with the event.
    /// `false`: it was not, and nothing changed.
    async fn session_replace(&self, key: &SessionKey, seen: &Seen, next: &Lineage, event: &Event) -> Result<bool, StoreError>;

    /// The child was seen in use: its parent dies at `until`, unless that is settled already. `false`: nothing changed.
    async fn session_confirm(&self, key: &SessionKey, child: &RefreshHash, until: Timestamp) -> Result<bool, StoreError>;

    /// Replaces the payload of a live session; the last write wins. `false`: there is none.
    async fn session_set_payload(&self, key: &SessionKey, payload: &JsonObject, now: Timestamp) -> Result<bool, StoreError>;

    /// Replaces the data of a live session; the last write wins. `false`: there is none.
    async fn session_set_data(&self, key: &SessionKey, data: &JsonObject, now: Timestamp) -> Result<bool, StoreError>;

    /// Deletes a session, if it is still as `seen` (`None`: whatever it is), together with the event.
    /// `false`: nothing changed.
    async fn session_delete(&self, key: &SessionKey, seen: Option<&Seen>, event: &Event) -> Result<bool, StoreError>;

    /// Walks the sessions after `after` in the store's own order, at most `limit` of them, and deletes the expired.
    async fn session_sweep(&self, after: Option<&SessionKey>, limit: u32, now: Timestamp) -> Result<Swept, StoreError>;

    /// The signing keys of an app, newest first.
    async fn key_list(&self, app: &AppId) -> Result<Vec<KeyRecord>, StoreError>;

    /// Stores a signing key, with the event. `false`: somebody else made the key of this sequence number first.
    async fn key_insert(&self, key: &KeyRecord, event: &Event) -> Result<bool, StoreError>;

    /// Deletes a signing key, with the event if it is worth one. `false`: there is none.
    async fn key_delete(&self, app: &AppId, kid: &str, event: Option<&Event>) -> Result<bool, StoreError>;

    /// The refresh roots of an app, in the order of their numbers.
    async fn root_list(&self, app: &AppId) -> Result<Vec<RootRecord>, StoreError>;

    /// Stores a refresh root. `false`: the number is taken.
    async fn root_insert(&self, root: &RootRecord) -> Result<bool, StoreError>;

    /// The latest events of a user, newest first.
    async fn event_list(&self, app: &AppId, user: &UserId, limit: u32) -> Result<Vec<Event>, StoreError>;
}

/// The storage failed: an outage, a refusal, or a broken row. Conflicts are outcomes, not errors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It does not answer, or refuses to write. It may be back soon.
    #[error("the storage is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It will not do what it was asked: a right or a table is missing, or a text is none that it can hold. It certainly did
    /// not happen, and trying again does not help.
    #[error("the storage refused what it was asked")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Others changed the row each time we tried.
    #[error("the row changed at every try")]
    Contended,
    /// A row breaks an invariant we rely on: reported, never guessed.
    #[error("{table} row {key}: {why}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
        /// What is wrong with it.
        why: &'static str,
    },
}
