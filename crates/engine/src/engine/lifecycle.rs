//! What has to happen now and then: key rotation, clean-up.

use super::Engine;
use crate::{
    core::{CoreError, Why},
    event::{Event, EventKind},
    id::{AppId, SessionKey},
    keys::NewKey,
    session::KeyFamily,
    store::Swept,
};

impl Engine {
    /// Reads the keys of an app again, so that changes by others count here too; makes the next key when it is due;
    /// deletes keys whose last token has expired. Every few seconds.
    ///
    /// # Errors
    /// As for any use of the store.
    pub async fn maintain(&self, app: &AppId) -> Result<(), CoreError> {
        let now = self.clock.now();
        self.load_keyring(app, now).await?;
        self.keyring(app, now).await?;
        let rule = self.config.keys();
        for key in self.store.key_list(app).await? {
            let facts = crate::keys::KeyFacts { created_at: key.created_at, algorithm: key.algorithm };
            if key.family == KeyFamily::Dynamic && !rule.verifies(facts, now) {
                self.store.key_delete(app, &key.kid, None).await?;
            }
        }
        Ok(())
    }

    /// Makes a signing key ahead of its use, if none is in stock. CPU-bound: not on a thread that serves requests.
    ///
    /// # Errors
    /// [`CoreError::Signing`] if the library refuses.
    pub fn stock_key(&self) -> Result<(), CoreError> {
        let in_stock = !self.spare_keys.lock().expect("no holder of this lock panics").is_empty();
        if !in_stock {
            let key = NewKey::generate(self.config.algorithm)?;
            self.spare_keys.lock().expect("no holder of this lock panics").push(key);
        }
        Ok(())
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
        let now = self.clock.now();
        self.load_keyring(app, now).await?;
        let before = self.store.key_list(app).await?;
        self.add_key(app, KeyFamily::Dynamic, NewKey::generate(self.config.algorithm)?, now).await?;
        if revoke_old {
            for key in &before {
                let event = Event {
                    actor: why.actor.clone(),
                    reason: Some(why.reason.as_ref().map_or_else(|| key.kid.clone(), |reason| format!("{}: {reason}", key.kid))),
                    ..self.app_event(EventKind::KeyRevoked, app, now)
                };
                self.store.key_delete(app, &key.kid, Some(&event)).await?;
            }
            self.load_keyring(app, now).await?;
        }
        let after = self.store.key_list(app).await?;
        let new = after.into_iter().find(|key| key.family == KeyFamily::Dynamic && before.iter().all(|old| old.kid != key.kid));
        new.map(|key| key.kid).ok_or(CoreError::Signing)
    }

    /// Deletes expired sessions among at most `limit` after `after`, in the order of their keys. The caller decides when,
    /// how often, and what to log.
    ///
    /// # Errors
    /// As for any use of the store.
    pub async fn sweep(&self, after: Option<&SessionKey>, limit: u32) -> Result<Swept, CoreError> {
        Ok(self.store.session_sweep(after, limit, self.clock.now()).await?)
    }
}
