//! A session: the stored record.

use serde_json::{Map, Value};

use crate::{
    id::{SessionKey, UserId},
    judge::Lineage,
    refresh_token::RefreshHash,
    time::Timestamp,
};

/// A JSON object whose members keep their order.
pub type JsonObject = Map<String, Value>;

/// Which family of signing keys a session's access tokens are signed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeyFamily {
    /// Keys that are replaced by age; `kid` starts with `d-`.
    #[default]
    Dynamic,
    /// Keys that stay; `kid` starts with `s-`.
    Static,
}

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Where it is stored.
    pub key: SessionKey,
    /// Whom it belongs to.
    pub user: UserId,
    /// The application's claims, copied into every access token.
    pub payload: JsonObject,
    /// What the application keeps with the session; never leaves the server.
    pub data: JsonObject,
    /// The keys that sign its access tokens.
    pub family: KeyFamily,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// Its refresh tokens.
    pub lineage: Lineage,
}

impl Session {
    /// The state of rotation, to be named by a guarded write.
    pub fn as_seen(&self) -> Seen {
        Seen {
            current: self.lineage.current,
            generation: self.lineage.generation,
            at: self.lineage.retired.as_ref().map(|retired| retired.at),
            until: self.lineage.retired.as_ref().and_then(|retired| retired.until),
        }
    }
}

/// The state of rotation that a write relies on: it happens only if the row still says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The current token.
    pub current: RefreshHash,
    /// Its generation.
    pub generation: u32,
    /// When its parent was last presented in good faith: a child that was handed out again in between must not be replaced as
    /// lost.
    pub at: Option<Timestamp>,
    /// When its parent dies: a child that is confirmed in between must not be replaced as unused.
    pub until: Option<Timestamp>,
}
