//! What happened to a session or user, so that "why was I logged out?" has an answer.

use crate::{
    id::{AppId, SessionHandle, TenantId, UserId},
    time::Timestamp,
};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Tells events of one millisecond apart; within a process they sort in the order in which they happened.
    pub id: [u8; 16],
    /// When.
    pub at: Timestamp,
    /// In which app.
    pub app: AppId,
    /// To whom; empty when it concerns the whole app.
    pub user: UserId,
    /// To which session, if to one.
    pub handle: Option<SessionHandle>,
    /// In which tenant, if a ban or a role in one tenant was changed. The tenant of a session is in its handle.
    pub tenant: Option<TenantId>,
    /// What.
    pub kind: EventKind,
    /// Who did it, or with which device: a user agent, an operator. Given by the caller, not verified.
    pub actor: Option<String>,
    /// Why, in words.
    pub reason: Option<String>,
    /// Until when those who verify access tokens have to know of it: it is in the [feed](crate::feed). `None`: they need not.
    pub felt_until: Option<Timestamp>,
}

impl Event {
    /// An event without actor and reason.
    pub fn new(kind: EventKind, app: AppId, at: Timestamp, id: [u8; 16]) -> Self {
        let (user, handle, tenant) = (UserId::from(""), None, None);
        Self { id, at, app, user, handle, tenant, kind, actor: None, reason: None, felt_until: None }
    }
}

/// The kinds of events. A rotation as such is none: the session's row tells when the last one was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// A user signed in.
    SessionCreated,
    /// A retired refresh token came again soon and got the same child.
    RefreshReplayed,
    /// A retired refresh token came back late, its child unused: that one died, a new one was made.
    RefreshReissued,
    /// A refresh token was newer than the store knew: the store had lost writes.
    RefreshAhead,
    /// A used refresh token came back.
    RefreshReuse,
    /// A session was ended by a decision.
    SessionRevoked,
    /// A new signing key was made.
    KeyCreated,
    /// A signing key was taken away before its time.
    KeyRevoked,
    /// A user was banned.
    UserBanned,
    /// The ban of a user was lifted.
    UserUnbanned,
    /// A user got a role.
    RoleAssigned,
    /// A role was taken from a user.
    RoleUnassigned,
    /// A role got other permissions.
    RoleChanged,
    /// A role was deleted, and taken from everybody.
    RoleDeleted,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::SessionCreated,
        Self::RefreshReplayed,
        Self::RefreshReissued,
        Self::RefreshAhead,
        Self::RefreshReuse,
        Self::SessionRevoked,
        Self::KeyCreated,
        Self::KeyRevoked,
        Self::UserBanned,
        Self::UserUnbanned,
        Self::RoleAssigned,
        Self::RoleUnassigned,
        Self::RoleChanged,
        Self::RoleDeleted,
    ];

    /// The name under which it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionCreated => "session.created",
            Self::RefreshReplayed => "refresh.replayed",
            Self::RefreshReissued => "refresh.reissued",
            Self::RefreshAhead => "refresh.ahead",
            Self::RefreshReuse => "refresh.reuse",
            Self::SessionRevoked => "session.revoked",
            Self::KeyCreated => "key.created",
            Self::KeyRevoked => "key.revoked",
            Self::UserBanned => "user.banned",
            Self::UserUnbanned => "user.unbanned",
            Self::RoleAssigned => "role.assigned",
            Self::RoleUnassigned => "role.unassigned",
            Self::RoleChanged => "role.changed",
            Self::RoleDeleted => "role.deleted",
        }
    }
}
