//! Sessions by their handles and users, whoever holds them.

use hallpass_engine::{
    core::{SessionInfo, Why},
    id::{SessionHandle, TenantId, UserId},
    session::JsonObject,
    token_version::TokenVersion,
};
use serde::Serialize;

use crate::{
    Hallpass,
    error::{SessionError, found},
    session::{merged, object},
};

impl Hallpass {
    /// A session as it is stored, unless it was revoked or has expired.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn session_info(&self, handle: &SessionHandle) -> Result<Option<SessionInfo>, SessionError> {
        Ok(found(self.core().session_find(self.app(), handle).await)?)
    }

    /// The living sessions of a user, in one tenant or in all, oldest first.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn sessions_of(&self, user: &UserId, tenant: Option<&TenantId>) -> Result<Vec<SessionInfo>, SessionError> {
        Ok(found(self.core().session_list(self.app(), tenant, user).await)?)
    }

    /// Revokes sessions; returns those that were there. `why` goes into the events.
    ///
    /// Their access tokens count no more: in this process from now on, in others within a second (see
    /// [`crate::Builder::when_feed_is_lost`]).
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn revoke(&self, handles: &[SessionHandle], why: Why) -> Result<Vec<SessionHandle>, SessionError> {
        let revoked = self.core().session_revoke(self.app(), handles, why).await?;
        self.revoked(handles);
        Ok(revoked)
    }

    /// Revokes the living sessions of a user, in one tenant or in all; returns them. As [`Hallpass::revoke`].
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn revoke_all_of(&self, user: &UserId, tenant: Option<&TenantId>, why: Why) -> Result<Vec<SessionHandle>, SessionError> {
        let revoked = found(self.core().session_revoke_all(self.app(), tenant, user, why).await)?;
        self.revoked(&revoked);
        Ok(revoked)
    }

    /// Replaces what the app keeps with a session. `false`: there is no such session.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`], [`crate::Misuse::NotAnObject`].
    pub async fn set_session_data(&self, handle: &SessionHandle, data: impl Serialize + Send) -> Result<bool, SessionError> {
        let data = self.with_device(handle, object(&data)?).await?;
        Ok(found(self.core().session_set_data(self.app(), handle, data).await)?)
    }

    /// Overlays the app's claims of a session with those of `update`; `null` removes one. The client gets them at its
    /// next refresh. `false`: there is no such session. Of two at the same time the last one wins.
    ///
    /// # Errors
    /// [`SessionError::ProtectedClaim`] for claims that only the engine may set; [`SessionError::Unavailable`],
    /// [`crate::Misuse::NotAnObject`].
    pub async fn merge_into_payload_of(&self, handle: &SessionHandle, update: impl Serialize + Send) -> Result<bool, SessionError> {
        let update: JsonObject = object(&update)?;
        let Some(session) = self.session_info(handle).await? else { return Ok(false) };
        let payload = merged(TokenVersion::V5.custom_claims(&session.payload), update);
        Ok(found(self.core().session_set_payload(self.app(), handle, payload).await)?)
    }
}
