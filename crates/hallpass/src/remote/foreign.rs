//! Cores that speak the core driver interface and nothing else: how they do what Hallpass adds to it.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use hallpass_engine::{
    core::{Core, CoreError, Delivered, SessionInfo},
    id::{AppId, SessionHandle, TenantId, UserId},
    time::{Clock, Timestamp},
};
use hallpass_wire::{answer::Answer, session::VerifySession};

use super::{RemoteCore, client::in_tenant, unreadable};

/// For so long a core is not asked again whether it knows more than the interface: it may be replaced by one that does.
const REMEMBERED: Duration = Duration::from_secs(60);

/// So many requests of one task are under way at once.
const AT_ONCE: usize = 16;

/// Whether the core knows what Hallpass adds to the interface, as far as was seen.
///
/// It shows in the answer to what is asked: a core that knows no such path says 404. No other sign is as sure: it holds for a core
/// behind a proxy that lets only the interface through, too.
pub(super) struct Extras {
    clock: Arc<dyn Clock>,
    missing_until: Mutex<Timestamp>,
}

impl Extras {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, missing_until: Mutex::default() }
    }

    /// Asks for something that Hallpass adds to the interface. `None`: this core does not know it.
    pub(super) async fn ask<T>(&self, asking: impl Future<Output = Result<T, CoreError>>) -> Result<Option<T>, CoreError> {
        if self.clock.now() < *self.missing_until.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(None);
        }
        match asking.await {
            Err(CoreError::Refused { status: 404, .. }) => {
                tracing::debug!("the core does not know what Hallpass adds to the interface");
                *self.missing_until.lock().unwrap_or_else(PoisonError::into_inner) = self.clock.now() + REMEMBERED;
                Ok(None)
            }
            answered => answered.map(Some),
        }
    }
}

impl RemoteCore {
    /// Confirms by verification, whose first call for a new token does so. The access token that the core gives in exchange is
    /// dropped: the client goes on with the one it has.
    pub(super) async fn confirm_by_verification(&self, app: &AppId, delivered: &[Delivered]) -> Result<(), CoreError> {
        let verify = async |delivered: &Delivered| {
            let Some(token) = &delivered.token else { return Ok(()) };
            let request = VerifySession {
                access_token: token.clone(),
                anti_csrf_token: None,
                do_anti_csrf_check: false,
                enable_anti_csrf: false,
                check_database: false,
            };
            // whatever it says: a token that holds no more confirms nothing
            self.post(app, "/recipe/session/verify", &request).await.map(drop)
        };
        for delivered in delivered.chunks(AT_ONCE) {
            join_all(delivered.iter().map(verify)).await.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(())
    }

    /// The sessions of a user, one by one.
    pub(super) async fn list_one_by_one(
        &self,
        app: &AppId,
        tenant: Option<&TenantId>,
        user: &UserId,
    ) -> Result<Vec<SessionInfo>, CoreError> {
        let path = "/recipe/session/user";
        let (path, across) = tenant.map_or_else(|| (path.to_owned(), "true"), |tenant| (in_tenant(tenant, path), "false"));
        let query = [("userId", user.as_str()), ("fetchAcrossAllTenants", across)];
        let body = self.client.get(app, &path, &query).await?.body;
        let handles = Answer::new(&body).list("sessionHandles").map_err(unreadable)?;
        let handles: Vec<SessionHandle> = handles.map(Answer::to_handle).collect::<Result<_, _>>().map_err(unreadable)?;
        let mut sessions = Vec::with_capacity(handles.len());
        for handles in handles.chunks(AT_ONCE) {
            let found = join_all(handles.iter().map(|handle| self.session_find(app, handle))).await;
            // those that ended meanwhile are left out
            sessions.extend(found.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten());
        }
        sessions.sort_by_key(|session| session.created_at);
        Ok(sessions)
    }
}
