//! Rotation: one guarded write on the normal path, and a judgement when that write does not apply.

use super::{ATTEMPTS, Engine};
use crate::{
    core::{CoreError, Refresh, Refreshed, Refusal, Why},
    event::{Event, EventKind},
    judge::{Lineage, OnReuse, Presented, Retired, Verdict, judge},
    refresh_token::{RefreshToken, RootId, Salt},
    session::Session,
    store::{Rotation, StoreError},
    time::Timestamp,
};

use subtle::ConstantTimeEq;

/// A presented token and the child that this call would give it.
struct Attempt {
    now: Timestamp,
    /// When the new access token expires.
    expires_at: Timestamp,
    token: RefreshToken,
    presented: Presented,
    child: RefreshToken,
    salt: Salt,
    root: RootId,
    actor: Option<String>,
}

impl Engine {
    pub(super) async fn refresh(&self, refresh: Refresh) -> Result<Refreshed, CoreError> {
        let now = self.shared.clock.now();
        let keyring = self.keyring(&refresh.app, now).await?;
        let Ok(token) = RefreshToken::decode(refresh.token.expose(), &refresh.app, &keyring.roots) else {
            return Ok(Refreshed::Unauthorised(Refusal::NotOurs));
        };
        let expected = token.anti_csrf_token().filter(|_| refresh.use_anti_csrf);
        if expected.is_some_and(|expected| !matches(&expected, refresh.anti_csrf.as_deref())) {
            return Ok(Refreshed::Unauthorised(Refusal::AntiCsrf));
        }
        let (root, salt) = (keyring.newest_root(), self.shared.random.bytes());
        let Some(child) = token.child(root, &salt, refresh.use_anti_csrf) else {
            return Ok(Refreshed::Unauthorised(Refusal::NoSession));
        };
        let presented = Presented { hash: token.hash(), generation: token.generation() };
        let expires_at = self.access_expiry(refresh.access_token_validity, now);
        let attempt = Attempt { now, expires_at, presented, child, salt, root: root.id(), actor: refresh.actor.clone(), token };
        let rotation = Rotation {
            presented: attempt.presented.hash,
            next: attempt.rotated(self.config.rule.until(now), now + self.config.refresh_token_validity),
            family: refresh.family,
        };
        for _ in 0..ATTEMPTS {
            let written = self.shared.store.session_rotate(attempt.token.key(), &rotation, now).await;
            if let Ok(Some(session)) = written {
                return self.rotated(session, &attempt, &attempt.child).await;
            }
            // an error may still have been a commit: the row tells
            let Some(session) = self.shared.store.session_find(attempt.token.key()).await? else {
                return Ok(Refreshed::Unauthorised(Refusal::NoSession));
            };
            if self.is_banned(&session, now).await? {
                return Ok(Refreshed::Unauthorised(Refusal::Banned));
            }
            if let Some(refreshed) = self.judged(session, &attempt, &refresh, written.err()).await? {
                return Ok(refreshed);
            }
        }
        Err(StoreError::Contended.into())
    }

    /// Acts on a row that did not rotate. `None`: it changed in between, and has to be judged again.
    async fn judged(
        &self,
        session: Session,
        attempt: &Attempt,
        refresh: &Refresh,
        failure: Option<StoreError>,
    ) -> Result<Option<Refreshed>, CoreError> {
        let rule = &self.config.rule;
        let row = &session.lineage;
        match judge(row, &attempt.presented, &attempt.child.hash(), attempt.now, rule.window) {
            Verdict::Rotated => self.rotated(session, attempt, &attempt.child).await.map(Some),
            Verdict::Expired => Ok(Some(Refreshed::Unauthorised(Refusal::NoSession))),
            Verdict::Rotate => failure.map_or(Ok(None), |failure| Err(failure.into())),
            Verdict::Replay { slide } => {
                let Some(child) = self.same_child(attempt, row, refresh.use_anti_csrf) else {
                    return Ok(Some(Refreshed::Unauthorised(Refusal::NoSession)));
                };
                let mut next = row.clone();
                if let Some(retired) = next.retired.as_mut().filter(|_| slide) {
                    retired.at = attempt.now;
                }
                self.replaced(session, attempt, next, EventKind::RefreshReplayed, &child).await
            }
            Verdict::Reissue => {
                let reissues = row.retired.as_ref().map_or(0, |retired| retired.reissues);
                let mut next = attempt.rotated(None, attempt.now + self.config.refresh_token_validity);
                if let Some(retired) = &mut next.retired {
                    retired.reissues = reissues + 1;
                }
                self.replaced(session, attempt, next, EventKind::RefreshReissued, &attempt.child).await
            }
            Verdict::Ahead => {
                let next = attempt.rotated(rule.until(attempt.now), attempt.now + self.config.refresh_token_validity);
                self.replaced(session, attempt, next, EventKind::RefreshAhead, &attempt.child).await
            }
            Verdict::Reuse => self.reuse(session, attempt).await,
        }
    }

    async fn rotated(&self, session: Session, attempt: &Attempt, child: &RefreshToken) -> Result<Refreshed, CoreError> {
        if self.token_version().protected_claim(&session.payload).is_some() {
            return Ok(Refreshed::Unauthorised(Refusal::ProtectedClaim));
        }
        let life = (attempt.now, attempt.expires_at);
        Ok(Refreshed::Issued(Box::new(self.issue(session, child, Some(&attempt.token), life).await?)))
    }

    /// Writes `next` if the row is still as judged, and answers with `child`.
    async fn replaced(
        &self,
        mut session: Session,
        attempt: &Attempt,
        next: Lineage,
        kind: EventKind,
        child: &RefreshToken,
    ) -> Result<Option<Refreshed>, CoreError> {
        let event = self.event(kind, &session.key, &session.user, attempt.now, attempt.why());
        if !self.shared.store.session_replace(&session.key, &session.as_seen(), &next, &event).await? {
            return Ok(None);
        }
        session.lineage = next;
        self.rotated(session, attempt, child).await.map(Some)
    }

    async fn reuse(&self, session: Session, attempt: &Attempt) -> Result<Option<Refreshed>, CoreError> {
        let (seen, key) = (session.as_seen(), &session.key);
        let event = self.event(EventKind::RefreshReuse, key, &session.user, attempt.now, attempt.why());
        let recorded = match self.config.rule.on_reuse {
            OnReuse::Revoke => {
                let event = Event { felt_until: Some(self.felt_until(attempt.now)), ..event };
                self.shared.store.session_delete(key, Some(&seen), &event).await?
            }
            OnReuse::Report => self.shared.store.session_replace(key, &seen, &session.lineage, &event).await?,
        };
        let is_latest_retired = session.lineage.holds(&attempt.presented.hash);
        Ok(recorded.then(|| Refreshed::Reuse {
            handle: session.key.handle,
            recipe_user: session.user.clone(),
            user: session.user,
            is_latest_retired,
        }))
    }

    /// The child that the presented token was given before.
    fn same_child(&self, attempt: &Attempt, row: &Lineage, anti_csrf: bool) -> Option<RefreshToken> {
        let retired = row.retired.as_ref()?;
        let keyring = self.cached_keyring(&attempt.token.key().app)?;
        let root = keyring.roots.iter().find(|root| root.id() == retired.root)?;
        attempt.token.child(root, &retired.salt, anti_csrf).filter(|child| child.hash() == row.current)
    }
}

impl Attempt {
    /// The row after the presented token was replaced by this attempt's child.
    fn rotated(&self, until: Option<Timestamp>, expires_at: Timestamp) -> Lineage {
        let retired = Retired { hash: self.presented.hash, salt: self.salt, root: self.root, at: self.now, until, reissues: 0 };
        Lineage { generation: self.child.generation(), current: self.child.hash(), retired: Some(retired), expires_at }
    }

    fn why(&self) -> Why {
        Why { actor: self.actor.clone(), reason: None }
    }
}

fn matches(expected: &str, given: Option<&str>) -> bool {
    given.is_some_and(|given| expected.as_bytes().ct_eq(given.as_bytes()).into())
}
