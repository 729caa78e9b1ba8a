//! A core, watched, and switched off at will.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use hallpass::{Core, CoreError, JsonObject, SessionInfo, TokenText, Why};
use hallpass_engine::{
    access_token::AccessToken,
    ban::{Ban, NewBan},
    core::{BanCore, Banned, Checked, Created, Delivered, FeedCore, NewSession, Refresh, Refreshed, Regenerated, RoleCore, UserCore},
    event::Event,
    feed::{Cursor, Page},
    id::{AppId, SessionHandle, Tenant, TenantId, UserId},
    jwt::NewJwt,
    keys::VerifyingKeys,
    roles::{Assigned, Unassigned},
    store::StoreError,
};
use tokio::{
    sync::{mpsc::UnboundedSender, watch},
    task,
};

use crate::home::Home;

/// A core, watched, and switched off at will.
pub(crate) struct Watched {
    pub(crate) home: Home,
    pub(crate) down: AtomicBool,
    pub(crate) loses_feed: watch::Sender<bool>,
    /// The tasks that have noticed.
    pub(crate) without_feed: watch::Sender<HashSet<Option<task::Id>>>,
    /// How often the whole feed was told, and not only what is new.
    pub(crate) feeds_begun: AtomicUsize,
    pub(crate) checks: AtomicUsize,
    pub(crate) refuses_confirmations: AtomicBool,
    pub(crate) confirmed: UnboundedSender<Result<Delivered, ()>>,
}

impl Watched {
    fn up(&self) -> Result<&dyn Core, CoreError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("unplugged".into()).into());
        }
        Ok(&*self.home.core)
    }
}

#[async_trait]
impl Core for Watched {
    async fn session_create(&self, new: NewSession) -> Result<Created, CoreError> {
        self.up()?.session_create(new).await
    }
    async fn session_refresh(&self, refresh: Refresh) -> Result<Refreshed, CoreError> {
        self.up()?.session_refresh(refresh).await
    }
    async fn session_check(&self, app: &AppId, token: &AccessToken, check_database: bool) -> Result<Checked, CoreError> {
        self.checks.fetch_add(1, Ordering::SeqCst);
        self.up()?.session_check(app, token, check_database).await
    }
    async fn session_confirm(&self, app: &AppId, delivered: &[Delivered]) -> Result<(), CoreError> {
        if self.refuses_confirmations.load(Ordering::SeqCst) {
            let _unwatched = self.confirmed.send(Err(()));
            return Err(StoreError::Unavailable("unplugged".into()).into());
        }
        self.up()?.session_confirm(app, delivered).await?;
        for delivered in delivered {
            let _unwatched = self.confirmed.send(Ok(delivered.clone()));
        }
        Ok(())
    }
    async fn session_regenerate(&self, app: &AppId, token: &AccessToken, payload: Option<JsonObject>) -> Result<Regenerated, CoreError> {
        self.up()?.session_regenerate(app, token, payload).await
    }
    async fn session_find(&self, app: &AppId, handle: &SessionHandle) -> Result<Option<SessionInfo>, CoreError> {
        self.up()?.session_find(app, handle).await
    }
    async fn session_list(&self, app: &AppId, tenant: Option<&TenantId>, user: &UserId) -> Result<Vec<SessionInfo>, CoreError> {
        self.up()?.session_list(app, tenant, user).await
    }
    async fn session_set_payload(&self, app: &AppId, handle: &SessionHandle, payload: JsonObject) -> Result<bool, CoreError> {
        self.up()?.session_set_payload(app, handle, payload).await
    }
    async fn session_set_data(&self, app: &AppId, handle: &SessionHandle, data: JsonObject) -> Result<bool, CoreError> {
        self.up()?.session_set_data(app, handle, data).await
    }
    async fn session_revoke(&self, app: &AppId, handles: &[SessionHandle], why: Why) -> Result<Vec<SessionHandle>, CoreError> {
        self.up()?.session_revoke(app, handles, why).await
    }
    async fn session_revoke_all(
        &self,
        app: &AppId,
        tenant: Option<&TenantId>,
        user: &UserId,
        why: Why,
    ) -> Result<Vec<SessionHandle>, CoreError> {
        self.up()?.session_revoke_all(app, tenant, user, why).await
    }
    async fn verifying_keys(&self, app: &AppId, kid: Option<&str>) -> Result<Arc<VerifyingKeys>, CoreError> {
        self.up()?.verifying_keys(app, kid).await
    }
    async fn keys_to_publish(&self, app: &AppId) -> Result<Arc<VerifyingKeys>, CoreError> {
        self.up()?.keys_to_publish(app).await
    }
    async fn jwt_create(&self, new: NewJwt) -> Result<Option<TokenText>, CoreError> {
        self.up()?.jwt_create(new).await
    }
    async fn event_list(&self, app: &AppId, user: &UserId, limit: u32) -> Result<Vec<Event>, CoreError> {
        self.up()?.event_list(app, user, limit).await
    }
}

#[async_trait]
impl RoleCore for Watched {
    async fn role_put(&self, app: &AppId, role: &str, permissions: &[String]) -> Result<bool, CoreError> {
        self.up()?.role_put(app, role, permissions).await
    }
    async fn role_permissions(&self, app: &AppId, role: &str) -> Result<Option<Vec<String>>, CoreError> {
        self.up()?.role_permissions(app, role).await
    }
    async fn role_remove_permissions(&self, app: &AppId, role: &str, permissions: Option<&[String]>) -> Result<bool, CoreError> {
        self.up()?.role_remove_permissions(app, role, permissions).await
    }
    async fn role_delete(&self, app: &AppId, role: &str) -> Result<bool, CoreError> {
        self.up()?.role_delete(app, role).await
    }
    async fn role_list(&self, app: &AppId) -> Result<Vec<String>, CoreError> {
        self.up()?.role_list(app).await
    }
    async fn role_list_with_permission(&self, app: &AppId, permission: &str) -> Result<Vec<String>, CoreError> {
        self.up()?.role_list_with_permission(app, permission).await
    }
    async fn role_assign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Assigned, CoreError> {
        self.up()?.role_assign(tenant, user, role).await
    }
    async fn role_unassign(&self, tenant: &Tenant, user: &UserId, role: &str) -> Result<Unassigned, CoreError> {
        self.up()?.role_unassign(tenant, user, role).await
    }
    async fn role_list_of_user(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<String>, CoreError> {
        self.up()?.role_list_of_user(tenant, user).await
    }
    async fn role_users(&self, tenant: &Tenant, role: &str) -> Result<Option<Vec<UserId>>, CoreError> {
        self.up()?.role_users(tenant, role).await
    }
}

#[async_trait]
impl UserCore for Watched {
    async fn metadata_find(&self, app: &AppId, user: &UserId) -> Result<JsonObject, CoreError> {
        self.up()?.metadata_find(app, user).await
    }
    async fn metadata_merge(&self, app: &AppId, user: &UserId, update: &JsonObject) -> Result<JsonObject, CoreError> {
        self.up()?.metadata_merge(app, user, update).await
    }
    async fn metadata_delete(&self, app: &AppId, user: &UserId) -> Result<(), CoreError> {
        self.up()?.metadata_delete(app, user).await
    }
}

#[async_trait]
impl BanCore for Watched {
    async fn ban(&self, app: &AppId, new: NewBan) -> Result<Option<Banned>, CoreError> {
        self.up()?.ban(app, new).await
    }
    async fn unban(&self, app: &AppId, user: &UserId, tenant: Option<&TenantId>, why: Why) -> Result<bool, CoreError> {
        self.up()?.unban(app, user, tenant, why).await
    }
    async fn bans_of(&self, app: &AppId, user: &UserId) -> Result<Vec<Ban>, CoreError> {
        self.up()?.bans_of(app, user).await
    }
    async fn ban_list(&self, app: &AppId, after: Option<&UserId>, limit: u32) -> Result<Vec<Ban>, CoreError> {
        self.up()?.ban_list(app, after, limit).await
    }
}

#[async_trait]
impl FeedCore for Watched {
    /// Who waits for news when the feed is lost waits in vain.
    async fn feed(&self, app: &AppId, after: Option<&Cursor>) -> Result<Page, CoreError> {
        let mut is_lost = self.loses_feed.subscribe();
        tokio::select! {
            biased;
            _ = is_lost.wait_for(|is_lost| *is_lost) => {
                self.without_feed.send_if_modified(|tasks| tasks.insert(task::try_id()));
                Err(StoreError::Unavailable("unplugged".into()).into())
            }
            page = self.up()?.feed(app, after) => {
                self.feeds_begun.fetch_add(usize::from(after.is_none()), Ordering::SeqCst);
                page
            }
        }
    }
}
