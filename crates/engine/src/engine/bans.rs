//! Bans: what is kept, and the sessions that end with one.

use std::sync::atomic::Ordering;

use async_trait::async_trait;

use super::{Engine, storable};
use crate::{
    ban::{Ban, NewBan},
    core::{BanCore, Banned, Core, CoreError, Why},
    event::{Event, EventKind},
    id::{AppId, TenantId, UserId},
    session::Session,
    time::Timestamp,
};

#[async_trait]
impl BanCore for Engine {
    async fn ban(&self, app: &AppId, new: NewBan) -> Result<Option<Banned>, CoreError> {
        if !new.user.is_storable() {
            return Ok(None);
        }
        let now = self.now();
        // taken at its word it would do nothing but lift the ban that there is
        if new.until.is_some_and(|until| until <= now) {
            return Err(CoreError::BanIsOver);
        }
        let NewBan { user, tenant, until, by, reason } = new;
        let ban = Ban { user, tenant, at: self.moment_of_ban(), until, by: by.map(storable), reason: reason.map(storable) };
        let felt_until = self.felt_until(ban.at);
        let event = Event {
            user: ban.user.clone(),
            tenant: ban.tenant.clone(),
            actor: ban.by.clone(),
            reason: ban.reason.clone(),
            felt_until: Some(ban.until.map_or(felt_until, |until| until.min(felt_until))),
            ..self.app_event(EventKind::UserBanned, app, ban.at)
        };
        self.shared.store.ban_put(app, &ban, &event).await?;
        // from here on no session comes or is refreshed: whatever lives now is all there is to revoke
        let why = Why { actor: ban.by.clone(), reason: Some("the user was banned".to_owned()) };
        let revoked = self.session_revoke_all(app, ban.tenant.as_ref(), &ban.user, why).await?;
        Ok(Some(Banned { ban, revoked }))
    }

    async fn unban(&self, app: &AppId, user: &UserId, tenant: Option<&TenantId>, why: Why) -> Result<bool, CoreError> {
        if !user.is_storable() {
            return Ok(false);
        }
        let at = self.moment_of_ban();
        let event = Event {
            user: user.clone(),
            tenant: tenant.cloned(),
            actor: why.actor.map(storable),
            reason: why.reason.map(storable),
            felt_until: Some(self.felt_until(at)),
            ..self.app_event(EventKind::UserUnbanned, app, at)
        };
        Ok(self.shared.store.ban_delete(app, user, tenant, &event).await?)
    }

    async fn bans_of(&self, app: &AppId, user: &UserId) -> Result<Vec<Ban>, CoreError> {
        if !user.is_storable() {
            return Ok(Vec::new());
        }
        Ok(self.shared.store.bans_of(app, user, self.now()).await?)
    }

    async fn ban_list(&self, app: &AppId, after: Option<&UserId>, limit: u32) -> Result<Vec<Ban>, CoreError> {
        if after.is_some_and(|after| !after.is_storable()) {
            return Ok(Vec::new());
        }
        Ok(self.shared.store.ban_list(app, after, limit, self.now()).await?)
    }
}

impl Engine {
    /// Whether the user of a session is banned where it is.
    pub(super) async fn is_banned(&self, session: &Session, now: Timestamp) -> Result<bool, CoreError> {
        let bans = self.shared.store.bans_of(&session.key.app, &session.user, now).await?;
        let tenant = session.key.handle.tenant();
        Ok(bans.iter().any(|ban| ban.tenant.as_ref().is_none_or(|banned_in| banned_in == tenant)))
    }

    /// Now, but later than the ban or its end that came last: who hears of both has to know which one counts.
    fn moment_of_ban(&self) -> Timestamp {
        let now = self.now().as_millis();
        let next = |last: i64| last.saturating_add(1).max(now);
        let last = self.shared.latest_ban.fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| Some(next(last)));
        let (Ok(last) | Err(last)) = last;
        Timestamp::from_millis(next(last))
    }
}
