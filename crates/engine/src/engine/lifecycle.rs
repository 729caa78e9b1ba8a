//! What has to happen now and then: key rotation, clean-up.

use std::{sync::atomic::Ordering, time::Duration};

use super::Engine;
use crate::{
    core::{CoreError, Why},
    event::{Event, EventKind},
    id::{AppId, SessionKey},
    session::KeyFamily,
    store::{Swept, SweptEvents},
    time::Timestamp,
};

/// Old events are looked for this often: that reads all of them.
const EVENTS_EVERY: Duration = Duration::from_secs(24 * 3600);

impl Engine {
    /// Reads the keys of an app again, so that changes by others count here too; makes the next key when it is due;
    /// deletes keys whose last token has expired. Every few seconds.
    ///
    /// # Errors
    /// As for any use of the store.
    pub async fn maintain(&self, app: &AppId) -> Result<(), CoreError> {
        let now = self.shared.clock.now();
        self.load_keyring(app, now).await?;
        self.keyring(app, now).await?;
        self.delete_old_keys(app, now).await
    }

    /// Makes the static signing key of an app if there is none, so that it is published before it first signs.
    pub(super) async fn make_static_key(&self, app: &AppId) -> Result<(), CoreError> {
        self.signer(app, KeyFamily::Static, self.config.algorithm, self.now()).await.map(drop)
    }

    /// Makes a new dynamic signing key now. With `revoke_old` every other key of the app, static ones included, is gone
    /// at once: for a leaked key. Access tokens signed by them stop verifying, and clients refresh; nobody is logged out.
    /// Returns the name of the new key.
    ///
    /// Other processes notice at their next [`Engine::maintain`].
    ///
    /// # Errors
    /// As for any use of the store.
    pub async fn rotate_keys(&self, app: &AppId, revoke_old: bool, why: Why) -> Result<String, CoreError> {
        let now = self.shared.clock.now();
        let keyring = self.load_keyring(app, now).await?;
        let before = self.shared.store.key_list(app).await?;
        let key = self.shared.keys.next(self.config.algorithm).await?;
        self.add_key(app, KeyFamily::Dynamic, key, &keyring, now).await?;
        if revoke_old {
            for key in &before {
                let event = Event {
                    actor: why.actor.clone(),
                    reason: Some(why.reason.as_ref().map_or_else(|| key.kid.clone(), |reason| format!("{}: {reason}", key.kid))),
                    ..self.app_event(EventKind::KeyRevoked, app, now)
                };
                self.shared.store.key_delete(app, &key.kid, Some(&event)).await?;
            }
            self.load_keyring(app, now).await?;
        }
        let after = self.shared.store.key_list(app).await?;
        let new = after.into_iter().find(|key| key.family == KeyFamily::Dynamic && before.iter().all(|old| old.kid != key.kid));
        new.map(|key| key.kid).ok_or(CoreError::Signing)
    }

    /// Deletes all expired sessions, in pages of this size so that nobody has to wait long; returns how many there were.
    /// Bans that are over go too, and once a day the events that are older than [`Config::event_retention`](super::Config).
    ///
    /// # Errors
    /// As for any use of the store; the pages before are done.
    pub async fn sweep_all(&self, page: u32) -> Result<usize, CoreError> {
        let (mut after, mut deleted) = (None, 0);
        loop {
            let swept = self.sweep(after.as_ref(), page).await?;
            deleted += swept.deleted;
            after = swept.next;
            if after.is_none() {
                break;
            }
        }
        if deleted > 0 {
            tracing::info!(deleted, "expired sessions were deleted");
        }
        let now = self.now();
        self.shared.store.ban_sweep(now).await?;
        if now.since(Timestamp::from_millis(self.shared.events_swept.load(Ordering::Relaxed))) >= EVENTS_EVERY {
            self.sweep_events(page).await?;
            self.shared.events_swept.store(now.as_millis(), Ordering::Relaxed);
        }
        Ok(deleted)
    }

    /// Deletes all events that are older than they are kept, in pages of this size; returns how many there were.
    ///
    /// # Errors
    /// As for any use of the store; the pages before are done.
    pub async fn sweep_events(&self, page: u32) -> Result<usize, CoreError> {
        let before = self.now() - self.config.event_retention;
        let (mut after, mut sum) = (None, 0);
        loop {
            let SweptEvents { deleted, next } = self.shared.store.event_sweep(after.as_ref(), page, before).await?;
            sum += deleted;
            after = next;
            if after.is_none() {
                break;
            }
        }
        if sum > 0 {
            tracing::info!(deleted = sum, "old events were deleted");
        }
        Ok(sum)
    }

    /// Deletes expired sessions among at most `limit` after `after`, in the order of their keys. The caller decides when,
    /// how often, and what to log.
    ///
    /// # Errors
    /// As for any use of the store.
    pub async fn sweep(&self, after: Option<&SessionKey>, limit: u32) -> Result<Swept, CoreError> {
        Ok(self.shared.store.session_sweep(after, limit, self.shared.clock.now()).await?)
    }
}
