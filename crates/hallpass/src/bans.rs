//! Bans: users who have no session and get none.

use std::{fmt, pin::Pin, time::Duration};

use hallpass_engine::{
    ban::{Ban, NewBan},
    core::{Banned, Why},
    feed::{Change, Entry},
    id::{SessionHandle, TenantId, UserId},
    time::Timestamp,
};

use crate::{
    Hallpass,
    error::{SessionError, found},
};

/// How long this process remembers by itself what it has just done, until the feed tells it with the exact end.
const UNTIL_HEARD: Duration = Duration::from_secs(60);

/// A ban about to be made. Nothing happens before it is awaited.
#[must_use = "await it to ban the user"]
pub struct Banning {
    hallpass: Hallpass,
    new: NewBan,
}

impl Banning {
    /// In one tenant only. By default, in all of them. A server must know it, or there is [`SessionError::UnknownTenant`].
    pub fn in_tenant(mut self, tenant: TenantId) -> Self {
        self.new.tenant = Some(tenant);
        self
    }

    /// Until a moment. By default, for good.
    pub fn until(mut self, until: Timestamp) -> Self {
        self.new.until = Some(until);
        self
    }

    /// Who bans, for the events and for those who ask.
    pub fn by(mut self, operator: impl Into<String>) -> Self {
        self.new.by = Some(operator.into());
        self
    }

    /// Why, in words. It is never told to the user.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.new.reason = Some(reason.into());
        self
    }
}

impl IntoFuture for Banning {
    type Output = Result<Banned, SessionError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { hallpass, new } = self;
        Box::pin(async move {
            let banned = hallpass.core().ban(hallpass.app(), new).await?.ok_or(SessionError::InvalidUser)?;
            let Ban { user, tenant, at, until, .. } = banned.ban.clone();
            hallpass.felt(at, None, banned.revoked.iter().cloned().map(Change::Revoked));
            hallpass.felt(at, until, [Change::Banned { user, tenant }]);
            Ok(banned)
        })
    }
}

impl fmt::Debug for Banning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Banning").field("new", &self.new).finish_non_exhaustive()
    }
}

impl Hallpass {
    /// Bans a user: their sessions are revoked, none is created or refreshed, and what access tokens are out count no more, in
    /// this process at once and in others within a second. A ban of the same user and tenant is replaced.
    ///
    /// ```
    /// # async fn ban(hallpass: hallpass::Hallpass) -> Result<(), hallpass::SessionError> {
    /// let banned = hallpass.ban("mallory").by("operator@example.com").because("spam").await?;
    /// println!("{} sessions ended", banned.revoked.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::InvalidUser`], [`SessionError::BanIsOver`], [`SessionError::Unavailable`], [`crate::Misuse::NoBans`].
    pub fn ban(&self, user: impl Into<UserId>) -> Banning {
        let new = NewBan { user: user.into(), tenant: None, until: None, by: None, reason: None };
        Banning { hallpass: self.clone(), new }
    }

    /// Ends the ban of a user in one tenant, or the one in all of them; sessions stay revoked. `false`: there was none. `why`
    /// goes into the events.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`], [`crate::Misuse::NoBans`].
    pub async fn unban(&self, user: &UserId, tenant: Option<&TenantId>, why: Why) -> Result<bool, SessionError> {
        let was_banned = found(self.core().unban(self.app(), user, tenant, why).await)?;
        if was_banned {
            self.felt(self.now(), None, [Change::Unbanned { user: user.clone(), tenant: tenant.cloned() }]);
        }
        Ok(was_banned)
    }

    /// The bans of a user that are in force.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn bans_of(&self, user: &UserId) -> Result<Vec<Ban>, SessionError> {
        Ok(self.core().bans_of(self.app(), user).await?)
    }

    /// The bans that are in force, in the order of their users' ids (as bytes): those of at most `limit` users after `after`.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn list_bans(&self, after: Option<&UserId>, limit: u32) -> Result<Vec<Ban>, SessionError> {
        Ok(self.core().ban_list(self.app(), after, limit).await?)
    }

    /// What this process itself has revoked counts here before the feed tells of it.
    pub(crate) fn revoked(&self, handles: &[SessionHandle]) {
        self.felt(self.now(), None, handles.iter().cloned().map(Change::Revoked));
    }

    /// As [`Hallpass::revoked`], for the roles of a user, or, without one, what roles permit.
    pub(crate) fn roles_changed(&self, user: Option<&UserId>, tenant: Option<&TenantId>) {
        self.felt(self.now(), None, [Change::RolesChanged { user: user.cloned(), tenant: tenant.cloned() }]);
    }

    fn felt(&self, at: Timestamp, end: Option<Timestamp>, changes: impl IntoIterator<Item = Change>) {
        let soon = self.now() + UNTIL_HEARD;
        let until = end.map_or(soon, |end| end.min(soon));
        let entry = |change| Entry { at, until, change };
        let entries: Vec<_> = changes.into_iter().map(entry).collect();
        self.revocations().felt(&entries, self.now());
    }
}
