//! Bans: users who have no session and get none.

use crate::{
    id::{TenantId, UserId},
    time::Timestamp,
};

/// A ban to be made.
#[derive(Clone, Debug)]
pub struct NewBan {
    /// Of whom.
    pub user: UserId,
    /// Where; `None` is everywhere.
    pub tenant: Option<TenantId>,
    /// Until when; `None` is for good.
    pub until: Option<Timestamp>,
    /// Who bans, for the events and for those who ask.
    pub by: Option<String>,
    /// Why, in words. Never told to the user.
    pub reason: Option<String>,
}

/// A ban.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ban {
    /// Of whom.
    pub user: UserId,
    /// Where; `None` is everywhere.
    pub tenant: Option<TenantId>,
    /// Since when.
    pub at: Timestamp,
    /// Until when; `None` is for good.
    pub until: Option<Timestamp>,
    /// Who banned.
    pub by: Option<String>,
    /// Why, in words.
    pub reason: Option<String>,
}

impl Ban {
    /// Whether it counts at a moment.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}
