//! The engine: `Core` in this process.

mod bans;
mod feed;
mod keyring;
mod lifecycle;
mod refresh;
mod roles;

use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures_util::future::join_all;

use crate::{
    access_token::{AccessToken, Statement},
    core::*,
    event::{Event, EventKind},
    id::{AppId, SessionHandle, SessionKey, Tenant, TenantId, UserId},
    judge::{Confirmation, Lineage, Rule},
    jwt::NewJwt,
    key_source::KeySource,
    keys::{Algorithm, KeyRule, VerifyingKeys},
    random::Random,
    refresh_token::{RefreshHash, RefreshToken},
    session::{JsonObject, Session, is_readable},
    store::{Inserted, Store, StoreError},
    time::{Clock, Timestamp},
    token_version::TokenVersion,
    vault::Vault,
};
use keyring::Keyring;

/// A race is run again at once, at most this many times: somebody else's success each time.
const ATTEMPTS: usize = 5;

/// How the engine behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// Lifetime of an access token. Keep it short: whoever verifies without asking, and does not follow the
    /// [feed](crate::feed), takes it for valid after the session is revoked. One hour.
    pub access_token_validity: Duration,
    /// Up to which part an access token's life is shortened at random, so that the moment of the next refresh cannot be
    /// guessed well. 0.05.
    pub access_token_jitter: f64,
    /// How long a session lives without being refreshed. 100 days.
    pub refresh_token_validity: Duration,
    /// The age at which dynamic signing keys are replaced. 7 days.
    pub key_interval: Duration,
    /// What new signing keys sign with.
    pub algorithm: Algorithm,
    /// How rotation behaves.
    pub rule: Rule,
    /// How access tokens are written.
    pub token_version: TokenVersion,
    /// How long events are kept; those that are in the [feed](crate::feed) longer are kept that much longer. 90 days.
    pub event_retention: Duration,
}

impl Default for Config {
    fn default() -> Self {
        let hour = Duration::from_secs(3600);
        Self {
            access_token_validity: hour,
            access_token_jitter: 0.05,
            refresh_token_validity: hour * 24 * 100,
            key_interval: hour * 24 * 7,
            algorithm: Algorithm::Es256,
            rule: Rule::new(),
            token_version: TokenVersion::V5,
            event_retention: hour * 24 * 90,
        }
    }
}

/// Settings with which the engine cannot work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// `exp` counts in seconds.
    #[error("access_token_validity is shorter than a second")]
    AccessTokenValidity,
    /// A session would end before its first refresh.
    #[error("refresh_token_validity is not longer than access_token_validity")]
    RefreshTokenValidity,
    /// The next key is made before the present one is published.
    #[error("key_interval is shorter than a second")]
    KeyInterval,
    /// A part of a lifetime.
    #[error("access_token_jitter is not between 0 and 0.5")]
    Jitter,
}

impl Config {
    /// Checks what the types do not.
    ///
    /// # Errors
    /// The first [`InvalidConfig`].
    pub fn check(&self) -> Result<(), InvalidConfig> {
        let second = Duration::from_secs(1);
        match self {
            _ if self.access_token_validity < second => Err(InvalidConfig::AccessTokenValidity),
            _ if self.refresh_token_validity <= self.access_token_validity => Err(InvalidConfig::RefreshTokenValidity),
            _ if self.key_interval < second => Err(InvalidConfig::KeyInterval),
            _ if !(0.0..=0.5).contains(&self.access_token_jitter) => Err(InvalidConfig::Jitter),
            _ => Ok(()),
        }
    }

    fn keys(&self) -> KeyRule {
        KeyRule { algorithm: self.algorithm, interval: self.key_interval, access_token_validity: self.access_token_validity }
    }
}

/// What the engine is given: it has no clock, no randomness and no storage of its own.
pub struct Environment {
    /// Where sessions and keys are kept.
    pub store: Arc<dyn Store>,
    /// Seals the keys that are kept there.
    pub vault: Vault,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes secrets.
    pub random: Arc<dyn Random>,
    /// Makes private keys.
    pub keys: Arc<dyn KeySource>,
}

/// The session engine.
///
/// It spawns nothing and sleeps never: whoever owns it calls [`Engine::maintain`] and [`Engine::sweep`] now and then.
pub struct Engine {
    shared: Arc<Shared>,
    config: Config,
}

/// What engines over the same environment share, however differently they are configured.
struct Shared {
    store: Arc<dyn Store>,
    vault: Vault,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    keys: Arc<dyn KeySource>,
    keyrings: RwLock<HashMap<AppId, Arc<Keyring>>>,
    events: AtomicU64,
    /// The moment of the last ban or its end, so that no two are of one moment.
    latest_ban: AtomicI64,
    /// When events were swept last.
    events_swept: AtomicI64,
    /// How often keys were read.
    readings: AtomicU64,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine over this environment. Reads nothing yet.
    pub fn new(environment: Environment, config: Config) -> Self {
        let Environment { store, vault, clock, random, keys } = environment;
        let shared = Shared {
            store,
            vault,
            clock,
            random,
            keys,
            keyrings: RwLock::default(),
            events: AtomicU64::default(),
            latest_ban: AtomicI64::default(),
            events_swept: AtomicI64::default(),
            readings: AtomicU64::default(),
        };
        Self { shared: Arc::new(shared), config }
    }

    /// The same engine with other settings: for another app, or a caller to whom other rules apply. Costs next to nothing.
    ///
    /// What concerns the keys of an app (algorithm, intervals, validity) should be the same for all who use that app.
    #[must_use]
    pub fn with(&self, config: Config) -> Self {
        Self { shared: Arc::clone(&self.shared), config }
    }

    /// Forgets the keys of an app: it is gone, and another one of its name would have others.
    pub fn forget(&self, app: &AppId) {
        self.shared.keyrings.write().expect("no holder of this lock panics").remove(app);
    }

    /// How it behaves.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The present moment, by the clock that was handed in.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    fn event(&self, kind: EventKind, key: &SessionKey, user: &UserId, now: Timestamp, why: Why) -> Event {
        Event {
            user: user.clone(),
            handle: Some(key.handle.clone()),
            actor: why.actor.map(storable),
            reason: why.reason.map(storable),
            ..self.app_event(kind, &key.app, now)
        }
    }

    fn app_event(&self, kind: EventKind, app: &AppId, now: Timestamp) -> Event {
        let number = u128::from(self.shared.events.fetch_add(1, Ordering::Relaxed));
        let noise = u64::from_be_bytes(self.shared.random.bytes());
        Event::new(kind, app.clone(), now, (number << 64 | u128::from(noise)).to_be_bytes())
    }

    /// The moment at which an access token minted now expires: as asked for, or the validity, shortened by the jitter.
    fn access_expiry(&self, asked: Option<Duration>, now: Timestamp) -> Timestamp {
        if let Some(validity) = asked {
            return now + validity.min(self.config.access_token_validity);
        }
        let share = f64::from(u32::from_be_bytes(self.shared.random.bytes())) / f64::from(u32::MAX);
        let lost = self.config.access_token_validity.mul_f64((self.config.access_token_jitter * share).clamp(0.0, 1.0));
        now + self.config.access_token_validity.saturating_sub(lost)
    }

    /// What a successor of a token is signed with: the oldest version knows one algorithm only.
    fn signature_of(&self, token: &AccessToken) -> Algorithm {
        if token.version() == TokenVersion::V2 { Algorithm::Rs256 } else { self.config.algorithm }
    }

    /// How this engine writes new access tokens: the oldest version knows one algorithm only.
    fn token_version(&self) -> TokenVersion {
        match self.config.token_version {
            TokenVersion::V2 if self.config.algorithm != Algorithm::Rs256 => TokenVersion::V3,
            version => version,
        }
    }

    /// Mints everything a client needs, `token` being the session's current refresh token.
    async fn issue(
        &self,
        session: Session,
        token: &RefreshToken,
        parent: Option<&RefreshToken>,
        (now, expires_at): (Timestamp, Timestamp),
    ) -> Result<Issued, CoreError> {
        let keyring = self.keyring(&session.key.app, now).await?;
        let anti_csrf = token.anti_csrf_token();
        // whoever does not wait for confirmation must not be sent to ask for it
        let parent = parent.filter(|_| matches!(self.config.rule.confirmation, Confirmation::FirstUse { .. }));
        let statement = Statement {
            user: &session.user,
            handle: &session.key.handle,
            refresh_id: token.id(),
            parent_refresh_id: parent.map(RefreshToken::id),
            anti_csrf: anti_csrf.as_deref(),
            issued_at: now,
            expires_at,
            payload: &session.payload,
            version: self.token_version(),
        };
        let access = statement.sign(&*self.signer(&session.key.app, session.family, self.config.algorithm, now).await?)?;
        let refresh = IssuedRefresh {
            token: token.encode(keyring.newest_root()).as_str().into(),
            created_at: now,
            expires_at: session.lineage.expires_at,
        };
        Ok(Issued { handle: session.key.handle, user: session.user, access, refresh, anti_csrf })
    }

    /// The same access token once more, with another payload and life; `parent` says whether it is still unconfirmed.
    async fn reissue_access(
        &self,
        app: &AppId,
        token: &AccessToken,
        session: &Session,
        parent: Option<&str>,
        (now, expires_at): (Timestamp, Timestamp),
    ) -> Result<Box<IssuedAccess>, CoreError> {
        let statement = Statement {
            user: token.user(),
            handle: token.handle(),
            refresh_id: token.refresh_id(),
            parent_refresh_id: parent,
            anti_csrf: token.anti_csrf(),
            issued_at: now,
            expires_at,
            payload: &session.payload,
            version: token.version(),
        };
        Ok(Box::new(statement.sign(&*self.signer(app, session.family, self.signature_of(token), now).await?)?))
    }

    /// A living session as it is stored, the state of its refresh tokens included.
    ///
    /// # Errors
    /// As for any use of the store.
    pub async fn stored_session(&self, app: &AppId, handle: &SessionHandle) -> Result<Option<Session>, CoreError> {
        self.live_session(app, handle, self.shared.clock.now()).await
    }

    /// The living sessions of a user as they are stored, in one tenant or in all, oldest first.
    ///
    /// # Errors
    /// As for any use of the store.
    pub async fn stored_sessions(&self, app: &AppId, tenant: Option<&TenantId>, user: &UserId) -> Result<Vec<Session>, CoreError> {
        if !user.is_storable() {
            return Ok(Vec::new());
        }
        Ok(self.shared.store.session_list(app, tenant, user, self.shared.clock.now()).await?)
    }

    async fn live_session(&self, app: &AppId, handle: &SessionHandle, now: Timestamp) -> Result<Option<Session>, CoreError> {
        let found = self.shared.store.session_find(&key(app, handle)).await?;
        Ok(found.filter(|session| now < session.lineage.expires_at))
    }
}

/// Somebody's words, as every database can store them: without U+0000, and not too many.
fn storable(words: String) -> String {
    const MOST: usize = 512;
    words.chars().filter(|c| *c != '\0').take(MOST).collect()
}

fn must_be_readable(object: &JsonObject) -> Result<(), CoreError> {
    if is_readable(object) { Ok(()) } else { Err(CoreError::TooDeep) }
}

fn key(app: &AppId, handle: &SessionHandle) -> SessionKey {
    SessionKey { app: app.clone(), handle: handle.clone() }
}

#[async_trait]
impl Core for Engine {
    async fn session_create(&self, new: NewSession) -> Result<Created, CoreError> {
        let now = self.shared.clock.now();
        if let Some(claim) = self.token_version().protected_claim(&new.payload) {
            return Ok(Created::ProtectedClaim(claim));
        }
        if !new.user.is_storable() {
            return Ok(Created::InvalidUser);
        }
        must_be_readable(&new.payload)?;
        must_be_readable(&new.data)?;
        self.keyring(&new.tenant.app, now).await?; // before anything is stored: without keys no token can be made
        let handle = SessionHandle::generate(new.tenant.tenant, &*self.shared.random);
        let key = SessionKey { app: new.tenant.app, handle };
        let token = RefreshToken::first(key.clone(), new.anti_csrf, self.shared.random.bytes());
        let lineage = Lineage { generation: 0, current: token.hash(), retired: None, expires_at: now + self.config.refresh_token_validity };
        let event = self.event(EventKind::SessionCreated, &key, &new.user, now, Why { actor: new.actor, reason: None });
        let session = Session { key, user: new.user, payload: new.payload, data: new.data, family: new.family, created_at: now, lineage };
        match self.shared.store.session_insert(&session, &event).await? {
            Inserted::Now => {}
            Inserted::Banned => return Ok(Created::Banned),
            Inserted::Taken => return Err(StoreError::Contended.into()), // a random UUID: not within our lifetime
        }
        let life = (now, self.access_expiry(new.access_token_validity, now));
        Ok(Created::Issued(Box::new(self.issue(session, &token, None, life).await?)))
    }

    async fn session_refresh(&self, refresh: Refresh) -> Result<Refreshed, CoreError> {
        self.refresh(refresh).await
    }

    async fn session_check(&self, app: &AppId, token: &AccessToken, check_database: bool) -> Result<Checked, CoreError> {
        let is_stateless = matches!(self.config.rule.confirmation, Confirmation::Rotation { .. });
        if !check_database && (is_stateless || token.parent_refresh_id().is_none()) {
            return Ok(Checked::Live { replacement: None, is_payload_stale: false });
        }
        let now = self.shared.clock.now();
        let Some(session) = self.live_session(app, token.handle(), now).await? else {
            return Ok(Checked::Gone);
        };
        let is_payload_stale = check_database && token.custom_claims() != session.payload;
        if is_stateless {
            let is_of_lineage = token.refresh_hashes().any(|hash| session.lineage.holds(&hash));
            return Ok(if is_of_lineage { Checked::Live { replacement: None, is_payload_stale } } else { Checked::Gone });
        }
        let child = token.delivered().child;
        let is_current = session.lineage.current == child;
        let unused_child = session.lineage.retired.as_ref().filter(|retired| retired.until.is_none());
        // once it was seen in use, or where nothing was ever replaced, there is nothing to write
        if is_current && unused_child.is_some() {
            self.confirm(&session.key, &child, now).await?;
        }
        // a retired token whose child was never seen in use is as good as current
        let is_live = is_current || unused_child.is_some_and(|retired| retired.hash == child);
        let replacement = if is_payload_stale || (is_live && token.parent_refresh_id().is_some()) {
            let life = (now, now + self.config.access_token_validity);
            Some(self.reissue_access(app, token, &session, None, life).await?)
        } else {
            None
        };
        Ok(Checked::Live { replacement, is_payload_stale })
    }

    async fn session_confirm(&self, app: &AppId, delivered: &[Delivered]) -> Result<(), CoreError> {
        let now = self.shared.clock.now();
        // all at once: the store may write them together
        let confirm = async |Delivered { handle, child, .. }: &Delivered| self.confirm(&key(app, handle), child, now).await;
        join_all(delivered.iter().map(confirm)).await.into_iter().collect()
    }

    async fn session_regenerate(&self, app: &AppId, token: &AccessToken, payload: Option<JsonObject>) -> Result<Regenerated, CoreError> {
        let now = self.shared.clock.now();
        if let Some(claim) = payload.as_ref().and_then(|payload| token.version().protected_claim(payload)) {
            return Ok(Regenerated::ProtectedClaim(claim));
        }
        payload.as_ref().map_or(Ok(()), must_be_readable)?;
        let Some(mut session) = self.live_session(app, token.handle(), now).await? else {
            return Ok(Regenerated::Gone);
        };
        if let Some(payload) = payload {
            if !self.shared.store.session_set_payload(&session.key, &payload, now).await? {
                return Ok(Regenerated::Gone);
            }
            session.payload = payload;
        }
        if now >= token.expires_at() {
            return Ok(Regenerated::Expired);
        }
        let life = (now, token.expires_at());
        Ok(Regenerated::Access(self.reissue_access(app, token, &session, token.parent_refresh_id(), life).await?))
    }

    async fn session_find(&self, app: &AppId, handle: &SessionHandle) -> Result<Option<SessionInfo>, CoreError> {
        Ok(self.stored_session(app, handle).await?.map(SessionInfo::from))
    }

    async fn session_list(&self, app: &AppId, tenant: Option<&TenantId>, user: &UserId) -> Result<Vec<SessionInfo>, CoreError> {
        let sessions = self.stored_sessions(app, tenant, user).await?;
        Ok(sessions.into_iter().map(SessionInfo::from).collect())
    }

    async fn session_set_payload(&self, app: &AppId, handle: &SessionHandle, payload: JsonObject) -> Result<bool, CoreError> {
        if let Some(claim) = self.token_version().protected_claim(&payload) {
            return Err(CoreError::ProtectedClaim(claim));
        }
        must_be_readable(&payload)?;
        Ok(self.shared.store.session_set_payload(&key(app, handle), &payload, self.shared.clock.now()).await?)
    }

    async fn session_set_data(&self, app: &AppId, handle: &SessionHandle, data: JsonObject) -> Result<bool, CoreError> {
        must_be_readable(&data)?;
        Ok(self.shared.store.session_set_data(&key(app, handle), &data, self.shared.clock.now()).await?)
    }

    async fn session_revoke(&self, app: &AppId, handles: &[SessionHandle], why: Why) -> Result<Vec<SessionHandle>, CoreError> {
        self.revoke(app, handles, why).await
    }

    async fn session_revoke_all(
        &self,
        app: &AppId,
        tenant: Option<&TenantId>,
        user: &UserId,
        why: Why,
    ) -> Result<Vec<SessionHandle>, CoreError> {
        let sessions = self.stored_sessions(app, tenant, user).await?;
        let handles: Vec<_> = sessions.into_iter().map(|session| session.key.handle).collect();
        self.revoke(app, &handles, why).await
    }

    async fn verifying_keys(&self, app: &AppId, kid: Option<&str>) -> Result<Arc<VerifyingKeys>, CoreError> {
        self.published_keys(app, kid).await
    }

    fn keys_at_hand(&self, app: &AppId, kid: &str) -> Option<Arc<VerifyingKeys>> {
        self.current_keys(app, kid)
    }

    async fn keys_to_publish(&self, app: &AppId) -> Result<Arc<VerifyingKeys>, CoreError> {
        self.make_static_key(app).await?;
        self.published_keys(app, None).await
    }

    async fn jwt_create(&self, new: NewJwt) -> Result<Option<TokenText>, CoreError> {
        self.make_jwt(new).await
    }

    async fn event_list(&self, app: &AppId, user: &UserId, limit: u32) -> Result<Vec<Event>, CoreError> {
        if !user.is_storable() {
            return Ok(Vec::new());
        }
        Ok(self.shared.store.event_list(app, user, limit).await?)
    }
}

impl Engine {
    /// Deletes a tenant with everything in it. Its sessions end as if each were revoked: whoever hears the feed refuses their
    /// access tokens from then on. `false`: there was none; what was left over of it is gone all the same.
    ///
    /// # Errors
    /// As for any use of the store.
    pub async fn tenant_remove(&self, tenant: &Tenant) -> Result<bool, CoreError> {
        let now = self.now();
        let ended = Event {
            reason: Some("the tenant was removed".to_owned()),
            felt_until: Some(self.felt_until(now)),
            ..self.app_event(EventKind::SessionRevoked, &tenant.app, now)
        };
        Ok(self.shared.store.tenant_delete(tenant, &ended).await?)
    }

    async fn confirm(&self, key: &SessionKey, child: &RefreshHash, now: Timestamp) -> Result<(), CoreError> {
        if let Confirmation::FirstUse { grace } = self.config.rule.confirmation {
            self.shared.store.session_confirm(key, child, now + grace).await?;
        }
        Ok(())
    }

    async fn revoke(&self, app: &AppId, handles: &[SessionHandle], why: Why) -> Result<Vec<SessionHandle>, CoreError> {
        let now = self.shared.clock.now();
        let revoke = async |handle: &SessionHandle| {
            let key = key(app, handle);
            let Some(session) = self.shared.store.session_find(&key).await? else { return Ok(false) };
            let event = self.event(EventKind::SessionRevoked, &key, &session.user, now, why.clone());
            let event = Event { felt_until: Some(self.felt_until(now)), ..event };
            Ok::<_, CoreError>(self.shared.store.session_delete(&key, None, &event).await?)
        };
        // one that fails does not keep the others alive
        let done = join_all(handles.iter().map(revoke)).await;
        let mut revoked = Vec::new();
        for (handle, done) in handles.iter().zip(done) {
            if done? {
                revoked.push(handle.clone());
            }
        }
        Ok(revoked)
    }
}
