//! Where the values of claims come from.

use std::{error::Error, fmt, sync::Arc};

use async_trait::async_trait;
use hallpass_engine::{
    id::{TenantId, UserId},
    session::JsonObject,
    time::Timestamp,
};
use http::request::Parts;
use serde_json::Value;

use super::Claim;
use crate::{Hallpass, error::SessionError};

/// Why a value could not be fetched. It is logged, and not shown to clients.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Whose claim is fetched.
#[derive(Clone)]
#[non_exhaustive]
pub struct Subject {
    /// Whom the session belongs to. At sign-in it is the user that was named: who is behind a login method, the core that links accounts
    /// says only afterwards.
    pub user: UserId,
    /// The user by the login method; the same unless accounts are linked.
    pub recipe_user: UserId,
    /// The tenant that the user signed in to.
    pub tenant: TenantId,
    /// The payload so far.
    pub payload: JsonObject,
    /// For sources that ask it, for roles or metadata for instance.
    pub hallpass: Hallpass,
    /// The request as it arrived, with what was in its extensions before the layer, if
    /// [`Builder::claims_see_requests`](crate::Builder::claims_see_requests) asks for it. `None` where there is none: for sessions by their
    /// handles, where the app works on tokens by itself, without the layer.
    ///
    /// # Security
    /// Its headers hold the client's tokens, and what clients say there need not be true.
    pub request: Option<Arc<Parts>>,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("user", &self.user).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// Fetches the values of a claim. Any function from a [`Subject`] to a future of `Option<V>`, or of a `Result` of that, is
/// one; `None` says that there is no value, and leaves the payload as it is.
///
/// A type of the app's own is one too, if it also knows what has changed:
///
/// ```
/// use hallpass::{
///     Timestamp,
///     claims::{BoxError, ClaimSource, Subject},
/// };
/// # struct Plans;
/// # impl Plans {
/// #     async fn look_up(&self, _: &str) -> Result<Option<String>, std::io::Error> { Ok(None) }
/// #     fn latest_change(&self) -> Timestamp { Timestamp::default() }
/// # }
///
/// #[async_trait::async_trait]
/// impl ClaimSource<String> for Plans {
///     async fn fetch(&self, subject: &Subject) -> Result<Option<String>, BoxError> {
///         Ok(self.look_up(subject.user.as_str()).await?)
///     }
///
///     fn has_changed(&self, _: &Subject, fetched_at: Timestamp) -> bool {
///         self.latest_change() > fetched_at
///     }
/// }
/// ```
#[async_trait]
pub trait ClaimSource<V>: Send + Sync + 'static {
    /// The present value.
    ///
    /// # Errors
    /// Whatever went wrong: the request is answered with 503, and the session is not changed.
    async fn fetch(&self, subject: &Subject) -> Result<Option<V>, BoxError>;

    /// Whether the value is known to have changed since it was fetched: then it is fetched again before it is judged,
    /// however young it is. Asked often, so it must be quick.
    fn has_changed(&self, subject: &Subject, fetched_at: Timestamp) -> bool {
        let _by_age_only = (subject, fetched_at);
        false
    }
}

/// What functions that are claim sources may answer with.
pub trait Fetched<V>: Send {
    /// The common form.
    ///
    /// # Errors
    /// The function's.
    fn into_fetched(self) -> Result<Option<V>, BoxError>;
}

impl<V: Send> Fetched<V> for Option<V> {
    fn into_fetched(self) -> Result<Option<V>, BoxError> {
        Ok(self)
    }
}

impl<V: Send, E: Into<BoxError> + Send> Fetched<V> for Result<Option<V>, E> {
    fn into_fetched(self) -> Result<Option<V>, BoxError> {
        self.map_err(Into::into)
    }
}

#[async_trait]
impl<V, F, A> ClaimSource<V> for F
where
    F: Fn(Subject) -> A + Send + Sync + 'static,
    A: Future<Output: Fetched<V>> + Send,
{
    async fn fetch(&self, subject: &Subject) -> Result<Option<V>, BoxError> {
        self(subject.clone()).await.into_fetched()
    }
}

/// A claim with its source; their type is forgotten.
#[derive(Clone)]
pub(crate) struct Registered {
    is_set_at_sign_in: bool,
    origin: Arc<dyn Origin>,
}

impl Registered {
    pub(crate) fn new<C: Claim>(claim: C, source: impl ClaimSource<C::Value>, is_set_at_sign_in: bool) -> Self {
        Self { is_set_at_sign_in, origin: Arc::new(Of { claim, source }) }
    }

    pub(crate) fn key(&self) -> &str {
        self.origin.key()
    }
}

#[async_trait]
trait Origin: Send + Sync {
    fn key(&self) -> &str;
    async fn fetch(&self, subject: &Subject, now: Timestamp) -> Result<Option<Value>, BoxError>;
    fn has_changed(&self, subject: &Subject, fetched_at: Timestamp) -> bool;
}

struct Of<C, S> {
    claim: C,
    source: S,
}

#[async_trait]
impl<C: Claim, S: ClaimSource<C::Value>> Origin for Of<C, S> {
    fn key(&self) -> &str {
        self.claim.key()
    }

    async fn fetch(&self, subject: &Subject, now: Timestamp) -> Result<Option<Value>, BoxError> {
        Ok(self.source.fetch(subject).await?.map(|value| self.claim.write(value, now)))
    }

    fn has_changed(&self, subject: &Subject, fetched_at: Timestamp) -> bool {
        self.source.has_changed(subject, fetched_at)
    }
}

/// The claims of an app that have a source, in the order in which they were given.
#[derive(Clone, Default)]
pub(crate) struct Sources(Vec<Registered>);

impl Sources {
    pub(crate) const fn new(registered: Vec<Registered>) -> Self {
        Self(registered)
    }

    fn find(&self, key: &str) -> Option<&Registered> {
        self.0.iter().find(|registered| registered.key() == key)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    pub(super) fn has_changed(&self, key: &str, subject: &Subject, fetched_at: Timestamp) -> bool {
        self.find(key).is_some_and(|registered| registered.origin.has_changed(subject, fetched_at))
    }

    /// Fetches a claim, as it is written. `None`: there is no value, or nowhere to get one.
    pub(super) async fn fetch(&self, key: &str, subject: &Subject) -> Result<Option<Value>, SessionError> {
        match self.find(key) {
            None => Ok(None),
            Some(registered) => fetch(registered, subject).await,
        }
    }

    /// The payload of a new session: what the subject has, overlaid with the claims that are set at sign-in.
    pub(crate) async fn build(&self, mut subject: Subject) -> Result<JsonObject, SessionError> {
        for registered in self.0.iter().filter(|registered| registered.is_set_at_sign_in) {
            if let Some(value) = fetch(registered, &subject).await? {
                put(&mut subject.payload, registered.key(), value);
            }
        }
        Ok(subject.payload)
    }
}

async fn fetch(registered: &Registered, subject: &Subject) -> Result<Option<Value>, SessionError> {
    // the time before: what changes while it is fetched counts as a change afterwards
    let now = subject.hallpass.now();
    let unavailable = |cause: BoxError| SessionError::ClaimUnavailable { key: registered.key().to_owned(), cause: cause.into() };
    registered.origin.fetch(subject, now).await.map_err(unavailable)
}

/// Puts a claim into a payload. No `null` is ever kept: frontends do not expect it.
pub(super) fn put(payload: &mut JsonObject, key: &str, value: Value) {
    if value.is_null() {
        payload.shift_remove(key);
    } else {
        payload.insert(key.to_owned(), value);
    }
}
