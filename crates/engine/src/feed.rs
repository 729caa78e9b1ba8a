//! The revocation feed: what those who verify access tokens by themselves have to know before the tokens expire.

use crate::{
    event::{Event, EventKind},
    id::{SessionHandle, TenantId, UserId},
    time::Timestamp,
};

/// Something that verifiers have to know.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// How long it counts: until the last access token that it concerns has expired.
    pub until: Timestamp,
    /// What happened.
    pub change: Change,
}

impl Entry {
    /// What verifiers have to know of an event. `None`: nothing.
    pub fn of(event: &Event) -> Option<Self> {
        let (user, tenant) = (event.user.clone(), event.tenant.clone());
        let change = match event.kind {
            EventKind::SessionRevoked | EventKind::RefreshReuse => Change::Revoked(event.handle.clone()?),
            EventKind::UserBanned => Change::Banned { user, tenant },
            EventKind::UserUnbanned => Change::Unbanned { user, tenant },
            EventKind::RoleAssigned | EventKind::RoleUnassigned => Change::RolesChanged { user: Some(user), tenant },
            EventKind::RoleChanged | EventKind::RoleDeleted => Change::RolesChanged { user: None, tenant: None },
            _ => return None,
        };
        Some(Self { at: event.at, until: event.felt_until?, change })
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// A session was ended: its access tokens count no more.
    Revoked(SessionHandle),
    /// A user was banned: nothing of theirs counts, in one tenant or in all, until the entry's end or until they are unbanned.
    Banned {
        /// Who.
        user: UserId,
        /// Where; `None` is everywhere.
        tenant: Option<TenantId>,
    },
    /// The ban of exactly this user and tenant is lifted.
    Unbanned {
        /// Who.
        user: UserId,
        /// Where; `None` is everywhere.
        tenant: Option<TenantId>,
    },
    /// Roles or permissions changed: what access tokens say of them from before may be wrong.
    RolesChanged {
        /// Whose; `None` is everybody's, when a role itself changed.
        user: Option<UserId>,
        /// Where; `None` is everywhere.
        tenant: Option<TenantId>,
    },
}

/// How far somebody has read. Opaque: it means something only to the core that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Cursor {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A part of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where to go on.
    pub cursor: Cursor,
    /// Whether this is everything that counts, whatever the reader has: the cursor was unknown, or there was none.
    pub is_whole: bool,
    /// In the order in which they happened.
    pub entries: Vec<Entry>,
}
