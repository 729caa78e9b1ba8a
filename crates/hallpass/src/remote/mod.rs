//! The engine at a distance: a server that speaks the core driver interface.

mod bans;
mod client;
mod feed;
mod foreign;
mod http_client;
mod jwt;
mod keys;
mod roles;
mod users;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use hallpass_engine::{
    access_token::AccessToken,
    core::{
        Checked, Core, CoreError, Created, Delivered, Issued, NewSession, Refresh, Refreshed, Refusal, Regenerated, SessionInfo, TokenText,
        Why,
    },
    event::Event,
    id::{AppId, SessionHandle, TenantId, UserId},
    jwt::NewJwt,
    keys::VerifyingKeys,
    session::{JsonObject, KeyFamily, is_readable},
    time::Clock,
    token_version::TokenVersion,
};
use hallpass_wire::{
    Request,
    answer::{Answer, Unreadable},
    own::{BANNED, ConfirmSessions, read_event},
    session::{CreateSession, PutSessionData, PutSessionPayload, RefreshSession, RegenerateSession, RemoveSessions, VerifySession},
};
use http::Method;
use serde_json::Value;

pub use self::http_client::HttpClient;
use self::{
    client::{Client, in_tenant},
    foreign::Extras,
    keys::Keys,
};
use crate::builder::Builder;
/// The HTTP client that [`HttpClient`] configures.
pub use reqwest;

/// Why a core at a distance cannot be called.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRemote {
    /// Not addresses. They are not shown: they may hold a password.
    #[error("the core's address is not `http://HOST:PORT` or `https://…`, or several of them separated by `;`")]
    Address,
    /// Not a header's value.
    #[error("the API key has characters that no header can carry")]
    ApiKey,
    /// TLS, for one, is not to be had.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

/// A core that is a server: `hallpass serve`, or another one that speaks the core driver interface, in a version from 3.1 to 5.4.
///
/// A session whose used token comes back is revoked: by Hallpass's server itself, by others as soon as they tell. What other
/// cores do not know is done with what they know: delivered tokens are confirmed one by one, the sessions of a user are read one
/// by one. They keep no events: the list of these is empty.
pub struct RemoteCore {
    client: Client,
    keys: Keys,
    extras: Extras,
}

impl RemoteCore {
    /// The core at `hosts`: an address, or several of one fleet separated by `;`, of which another is asked when one is away, and
    /// from the next call on when one does not answer or fails. Nothing is sent before the first call. Must be used within a Tokio runtime.
    ///
    /// # Errors
    /// [`InvalidRemote`].
    pub fn new(hosts: &str, api_key: Option<&str>, clock: Arc<dyn Clock>) -> Result<Self, InvalidRemote> {
        Self::by(hosts, api_key, clock, HttpClient::new())
    }

    /// As [`RemoteCore::new`], by an HTTP client that the app has configured.
    ///
    /// # Errors
    /// [`InvalidRemote`].
    pub fn by(hosts: &str, api_key: Option<&str>, clock: Arc<dyn Clock>, http: HttpClient) -> Result<Self, InvalidRemote> {
        Ok(Self { client: Client::new(hosts, api_key, http)?, keys: Keys::new(clock.clone()), extras: Extras::new(clock) })
    }

    async fn send(&self, method: Method, app: &AppId, path: &str, request: &impl Request) -> Result<Value, CoreError> {
        self.client.send(method, app, path, &request.write()).await
    }

    async fn post(&self, app: &AppId, path: &str, request: &impl Request) -> Result<Value, CoreError> {
        self.send(Method::POST, app, path, request).await
    }

    async fn put(&self, app: &AppId, path: &str, request: &impl Request) -> Result<bool, CoreError> {
        let body = self.send(Method::PUT, app, path, request).await?;
        match Answer::new(&body).status().map_err(unreadable)? {
            "OK" => Ok(true),
            "UNAUTHORISED" => Ok(false),
            other => Err(unexpected(other)),
        }
    }

    async fn remove(&self, app: &AppId, path: &str, request: &RemoveSessions) -> Result<Vec<SessionHandle>, CoreError> {
        let body = self.post(app, path, request).await?;
        let revoked = Answer::new(&body).list("sessionHandlesRevoked").map_err(unreadable)?;
        revoked.map(Answer::to_handle).collect::<Result<_, _>>().map_err(unreadable)
    }
}

impl std::fmt::Debug for RemoteCore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteCore").finish_non_exhaustive()
    }
}

/// So many of a list are told in one answer at most.
const PAGE: u32 = 1000;

fn unreadable(error: Unreadable) -> CoreError {
    CoreError::Protocol(error.to_string())
}

fn unexpected(status: &str) -> CoreError {
    CoreError::Protocol(format!("the core answered with the status `{status}`"))
}

/// Fails unless the core says that all went well.
fn is_ok(body: &Value) -> Result<(), CoreError> {
    match Answer::new(body).status().map_err(unreadable)? {
        "OK" => Ok(()),
        other => Err(unexpected(other)),
    }
}

/// Whether a core could give it back: what it would refuse, or could not read any more, is not even sent.
fn must_be_readable(object: &JsonObject) -> Result<(), CoreError> {
    if is_readable(object) { Ok(()) } else { Err(CoreError::TooDeep) }
}

fn millis(duration: Duration) -> i64 {
    duration.as_millis().try_into().unwrap_or(i64::MAX)
}

/// Whether an access token lives longer than was asked for: cores that are not ours do not look at that. They may count in seconds.
fn is_longer(issued: &Issued, asked: Option<Duration>) -> bool {
    let lives = issued.access.expires_at.since(issued.access.created_at);
    asked.is_some_and(|asked| lives > asked.saturating_add(Duration::from_secs(1)))
}

/// The refusal that a core words so; cores that word it otherwise mean that there is no such session.
fn refusal(message: Option<&str>) -> Refusal {
    let known = [Refusal::NotOurs, Refusal::AntiCsrf, Refusal::ProtectedClaim, Refusal::Banned];
    known.into_iter().find(|refusal| Some(refusal.to_string().as_str()) == message).unwrap_or(Refusal::NoSession)
}

#[async_trait]
impl Core for RemoteCore {
    async fn session_create(&self, new: NewSession) -> Result<Created, CoreError> {
        if let Some(claim) = TokenVersion::V5.protected_claim(&new.payload) {
            return Ok(Created::ProtectedClaim(claim));
        }
        if !new.user.is_storable() {
            return Ok(Created::InvalidUser);
        }
        must_be_readable(&new.payload)?;
        must_be_readable(&new.data)?;
        let validity = new.access_token_validity;
        let request = CreateSession {
            user_id: new.user.as_str().to_owned(),
            payload: new.payload,
            data: new.data,
            enable_anti_csrf: new.anti_csrf,
            use_dynamic_signing_key: Some(new.family == KeyFamily::Dynamic),
            access_token_validity: validity.map(millis),
            actor: new.actor,
        };
        let body = match self.post(&new.tenant.app, &in_tenant(&new.tenant.tenant, "/recipe/session"), &request).await {
            Err(CoreError::Refused { status: 403, text, .. }) if text == BANNED => return Ok(Created::Banned),
            body => body?,
        };
        let answer = Answer::new(&body);
        match answer.status().map_err(unreadable)? {
            "OK" => {
                let issued = answer.issued().map_err(unreadable)?;
                if is_longer(&issued, validity) {
                    let why = Why { actor: None, reason: Some("its access token lives too long".to_owned()) };
                    self.session_revoke(&new.tenant.app, std::slice::from_ref(&issued.handle), why).await?;
                    return Err(CoreError::FixedValidity);
                }
                Ok(Created::Issued(Box::new(issued)))
            }
            other => Err(unexpected(other)),
        }
    }

    async fn session_refresh(&self, refresh: Refresh) -> Result<Refreshed, CoreError> {
        let request = RefreshSession {
            refresh_token: refresh.token,
            anti_csrf_token: refresh.anti_csrf.map(Into::into),
            enable_anti_csrf: refresh.use_anti_csrf,
            use_dynamic_signing_key: refresh.family.map(|family| family == KeyFamily::Dynamic),
            access_token_validity: refresh.access_token_validity.map(millis),
            actor: refresh.actor,
        };
        let body = self.post(&refresh.app, "/recipe/session/refresh", &request).await?;
        let answer = Answer::new(&body);
        match answer.status().map_err(unreadable)? {
            "OK" => match answer.issued().map_err(unreadable)? {
                issued if is_longer(&issued, refresh.access_token_validity) => Err(CoreError::FixedValidity),
                issued => Ok(Refreshed::Issued(Box::new(issued))),
            },
            "UNAUTHORISED" => Ok(Refreshed::Unauthorised(refusal(answer.text("message").ok()))),
            "TOKEN_THEFT_DETECTED" => {
                let (handle, [user, recipe_user]) = answer.session().map_err(unreadable)?;
                if !answer.is("revoked") {
                    let why = Why { actor: None, reason: Some("a used refresh token came back".to_owned()) };
                    self.session_revoke(&refresh.app, std::slice::from_ref(&handle), why).await?;
                }
                let is_latest_retired = answer.text("recentTokenReuseSubtype") == Ok("RECENT_PREV");
                Ok(Refreshed::Reuse { handle, user, recipe_user, is_latest_retired })
            }
            other => Err(unexpected(other)),
        }
    }

    async fn session_check(&self, app: &AppId, token: &AccessToken, check_database: bool) -> Result<Checked, CoreError> {
        if token.parent_refresh_id().is_none() && !check_database {
            return Ok(Checked::Live { replacement: None, is_payload_stale: false });
        }
        let request = VerifySession {
            access_token: token.token().clone(),
            anti_csrf_token: None,
            do_anti_csrf_check: false,
            enable_anti_csrf: false,
            check_database,
        };
        let body = self.post(app, "/recipe/session/verify", &request).await?;
        let answer = Answer::new(&body);
        match answer.status().map_err(unreadable)? {
            "OK" => {
                let replacement = answer.access_token().map_err(unreadable)?;
                let payload = |claims| token.version().custom_claims(claims);
                let is_payload_stale =
                    check_database && replacement.as_ref().is_some_and(|access| payload(&access.claims) != payload(token.claims()));
                Ok(Checked::Live { replacement: replacement.map(Box::new), is_payload_stale })
            }
            "UNAUTHORISED" => Ok(Checked::Gone),
            "TRY_REFRESH_TOKEN" => Ok(Checked::Refused),
            other => Err(unexpected(other)),
        }
    }

    async fn session_confirm(&self, app: &AppId, delivered: &[Delivered]) -> Result<(), CoreError> {
        let request = ConfirmSessions { delivered: delivered.to_vec() };
        match self.extras.ask(self.post(app, "/hallpass/session/confirm", &request)).await? {
            Some(_) => Ok(()),
            None => self.confirm_by_verification(app, delivered).await,
        }
    }

    async fn session_regenerate(&self, app: &AppId, token: &AccessToken, payload: Option<JsonObject>) -> Result<Regenerated, CoreError> {
        if let Some(claim) = payload.as_ref().and_then(|payload| token.version().protected_claim(payload)) {
            return Ok(Regenerated::ProtectedClaim(claim));
        }
        payload.as_ref().map_or(Ok(()), must_be_readable)?;
        let request = RegenerateSession { access_token: token.token().clone(), payload };
        let body = self.post(app, "/recipe/session/regenerate", &request).await?;
        let answer = Answer::new(&body);
        match answer.status().map_err(unreadable)? {
            "OK" => {
                let access = answer.access_token().map_err(unreadable)?;
                Ok(access.map_or(Regenerated::Expired, |access| Regenerated::Access(Box::new(access))))
            }
            "UNAUTHORISED" => Ok(Regenerated::Gone),
            other => Err(unexpected(other)),
        }
    }

    async fn session_find(&self, app: &AppId, handle: &SessionHandle) -> Result<Option<SessionInfo>, CoreError> {
        let body = self.client.get(app, "/recipe/session", &[("sessionHandle", &handle.to_string())]).await?.body;
        let answer = Answer::new(&body);
        match answer.status().map_err(unreadable)? {
            "OK" => answer.details().map(Some).map_err(unreadable),
            "UNAUTHORISED" => Ok(None),
            other => Err(unexpected(other)),
        }
    }

    async fn session_list(&self, app: &AppId, tenant: Option<&TenantId>, user: &UserId) -> Result<Vec<SessionInfo>, CoreError> {
        if !user.is_storable() {
            return Ok(Vec::new());
        }
        let (path, across) = match tenant {
            Some(tenant) => (in_tenant(tenant, "/hallpass/session/list"), "false"),
            None => ("/hallpass/session/list".to_owned(), "true"),
        };
        let query = [("userId", user.as_str()), ("fetchAcrossAllTenants", across)];
        let Some(answer) = self.extras.ask(self.client.get(app, &path, &query)).await? else {
            return self.list_one_by_one(app, tenant, user).await;
        };
        let sessions = Answer::new(&answer.body).list("sessions").map_err(unreadable)?;
        sessions.map(Answer::details).collect::<Result<_, _>>().map_err(unreadable)
    }

    async fn session_set_payload(&self, app: &AppId, handle: &SessionHandle, payload: JsonObject) -> Result<bool, CoreError> {
        if let Some(claim) = TokenVersion::V5.protected_claim(&payload) {
            return Err(CoreError::ProtectedClaim(claim));
        }
        must_be_readable(&payload)?;
        self.put(app, "/recipe/jwt/data", &PutSessionPayload { session_handle: handle.to_string(), payload }).await
    }

    async fn session_set_data(&self, app: &AppId, handle: &SessionHandle, data: JsonObject) -> Result<bool, CoreError> {
        must_be_readable(&data)?;
        self.put(app, "/recipe/session/data", &PutSessionData { session_handle: handle.to_string(), data }).await
    }

    async fn session_revoke(&self, app: &AppId, handles: &[SessionHandle], why: Why) -> Result<Vec<SessionHandle>, CoreError> {
        let request = RemoveSessions {
            session_handles: Some(handles.iter().map(ToString::to_string).collect()),
            user_id: None,
            across_all_tenants: None,
            for_linked_accounts: None,
            actor: why.actor,
            reason: why.reason,
        };
        self.remove(app, "/recipe/session/remove", &request).await
    }

    async fn session_revoke_all(
        &self,
        app: &AppId,
        tenant: Option<&TenantId>,
        user: &UserId,
        why: Why,
    ) -> Result<Vec<SessionHandle>, CoreError> {
        if !user.is_storable() {
            return Ok(Vec::new());
        }
        let request = RemoveSessions {
            session_handles: None,
            user_id: Some(user.as_str().to_owned()),
            across_all_tenants: Some(tenant.is_none()),
            for_linked_accounts: None,
            actor: why.actor,
            reason: why.reason,
        };
        let path = "/recipe/session/remove";
        self.remove(app, &tenant.map_or_else(|| path.to_owned(), |tenant| in_tenant(tenant, path)), &request).await
    }

    async fn verifying_keys(&self, app: &AppId, kid: Option<&str>) -> Result<Arc<VerifyingKeys>, CoreError> {
        self.keys.of(&self.client, app, kid).await
    }

    fn keys_at_hand(&self, app: &AppId, kid: &str) -> Option<Arc<VerifyingKeys>> {
        self.keys.current(app, kid)
    }

    async fn keys_to_publish(&self, app: &AppId) -> Result<Arc<VerifyingKeys>, CoreError> {
        self.keys.of(&self.client, app, None).await
    }

    async fn jwt_create(&self, new: NewJwt) -> Result<Option<TokenText>, CoreError> {
        self.make_jwt(new).await
    }

    async fn event_list(&self, app: &AppId, user: &UserId, limit: u32) -> Result<Vec<Event>, CoreError> {
        if !user.is_storable() || limit == 0 {
            return Ok(Vec::new());
        }
        let query = [("userId", user.as_str()), ("limit", &limit.min(PAGE).to_string())];
        let Some(answer) = self.extras.ask(self.client.get(app, "/hallpass/event/list", &query)).await? else {
            return Ok(Vec::new());
        };
        let events = Answer::new(&answer.body).list("events").map_err(unreadable)?;
        events.map(|event| read_event(event, app)).collect::<Result<_, _>>().map_err(unreadable)
    }
}

impl Builder {
    /// A core at a distance: `hallpass serve` at `hosts`, an address or several of one fleet separated by `;`. Its API key
    /// is needed if it asks for one.
    pub fn remote(self, hosts: impl AsRef<str>, api_key: Option<&str>) -> Self {
        self.remote_by(hosts, api_key, HttpClient::new())
    }

    /// As [`Builder::remote`], by an HTTP client that the app has configured: see [`HttpClient`].
    pub fn remote_by(self, hosts: impl AsRef<str>, api_key: Option<&str>, http: HttpClient) -> Self {
        let (hosts, api_key) = (hosts.as_ref().to_owned(), api_key.map(TokenText::from));
        self.open(move |clock| async move {
            let core = RemoteCore::by(&hosts, api_key.as_ref().map(TokenText::expose), clock, http)?;
            Ok(Arc::new(core) as Arc<dyn Core>)
        })
    }
}
