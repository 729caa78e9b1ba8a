//! Why a request is refused, and what the client is told.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hallpass_engine::{
    core::CoreError,
    id::{SessionHandle, TenantId, UserId},
    session::MAX_DEPTH,
};
use http::{
    HeaderName, HeaderValue, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER},
};
use serde_json::{Value, json};

use crate::{
    csrf::{ANTI_CSRF, RID},
    transfer::AUTH_MODE,
};

/// How soon a client may ask again when the storage fails, in seconds.
pub(crate) const RETRY_AFTER_SECONDS: u64 = 2;

/// A session cannot be had, kept or changed. As a response it tells the client what to do; the layer also clears the
/// client's tokens where that is due, and uses the statuses that were configured.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// There is no session: 401.
    #[error("there is no session")]
    Unauthorised {
        /// Whether the client has to forget its tokens. Not when it merely sent none: another response may just be
        /// bringing them.
        clear: bool,
    },
    /// The access token is no longer good, a refresh may help: 401.
    #[error("the access token is not valid any more")]
    TryRefresh,
    /// A used refresh token came back, so somebody has a copy: 401, tokens cleared. The session is revoked.
    #[error("a used refresh token of session {handle} came back")]
    TokenTheft {
        /// The session.
        handle: SessionHandle,
        /// Its user.
        user: UserId,
        /// The user by the login method; the same unless accounts are linked.
        recipe_user: UserId,
    },
    /// The session is good, but not for this: 403.
    #[error("the session does not meet what is required: {}", ids(.0))]
    InvalidClaims(Vec<InvalidClaim>),
    /// The client held session cookies of two domains; those of the older one are now deleted: 200, ask again.
    #[error("the request contains session cookies of two domains; those of the older one are deleted")]
    ClearDuplicateCookies,
    /// The client holds session cookies of two domains, and `older_cookie_domain` is not set: 500.
    #[error("The request contains multiple session cookies.")]
    DuplicateCookies,
    /// The payload holds a claim that only the engine may set: 400.
    #[error("the payload contains the protected claim `{0}`")]
    ProtectedClaim(&'static str),
    /// Payload, data or metadata is nested deeper than could be read back: 400.
    #[error("JSON may be nested {MAX_DEPTH} levels deep, not deeper")]
    TooDeep,
    /// No role and no permission can be named so: 400.
    #[error("the name of a role or permission is 1 to 255 characters without U+0000")]
    InvalidRole,
    /// A ban would be over before it begins: 400.
    #[error("the end of a ban, `until`, must lie in the future")]
    BanIsOver,
    /// Nobody can be signed in by this id: 400.
    #[error("the user id is longer than 512 bytes, or holds U+0000")]
    InvalidUser,
    /// The tenant was never made, and a server keeps the sessions: 400. An engine in the process takes any tenant.
    #[error("there is no tenant `{0}`")]
    UnknownTenant(TenantId),
    /// Browsers would drop the cookies of the new session, which cross sites and are not `Secure`: 400, and the log says so too,
    /// for it is the app's addresses that do not fit. But it may be the client that chose cookies, or that named its website.
    #[error("{}", Misuse::InsecureCookie)]
    InsecureCookie,
    /// The user is banned, in this tenant or everywhere: 403.
    #[error("User is banned")]
    Banned,
    /// The app says no, in words that frontends may show: 403. At sign-out it is the answer that they take for an error of
    /// the app.
    #[error("{0}")]
    Refused(String),
    /// A page of an origin that is not trusted made the request with the session's cookies, or would sign its visitor in by
    /// cookies: 403, and nothing was cleared.
    #[error("the request comes from an origin that may not use the session")]
    UntrustedOrigin,
    /// The client's address refreshes too often: 429, and nothing was cleared.
    #[error("too many requests")]
    TooManyRequests {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The engine could not do its work: 503. Nothing was cleared, and trying again may help.
    #[error("sessions are unavailable")]
    Unavailable(#[source] Arc<CoreError>),
    /// The source of a claim failed: 503. Nothing was cleared, and trying again may help.
    #[error("the claim `{key}` could not be fetched")]
    ClaimUnavailable {
        /// Which claim.
        key: String,
        /// What its source said; for the log.
        #[source]
        cause: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// The app uses this crate in a way that cannot work: 500, and the log says what.
    #[error(transparent)]
    Misuse(#[from] Misuse),
}

/// A mistake of the app, with its remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misuse {
    /// The request did not come through the layer.
    #[error("the hallpass layer is missing: add `.layer(hallpass.layer())` as the last layer of the outermost router")]
    LayerMissing,
    /// The response is on its way, its headers cannot change any more.
    #[error("the response has been sent: change a session before its handler returns, or by its handle")]
    ResponseSent,
    /// Browsers would drop the cookies: they cross sites, and are not `Secure`.
    #[error("browsers refuse cookies that cross sites without being secure: serve the API over https, or on the website's domain")]
    InsecureCookie,
    /// A payload or data is not a JSON object.
    #[error("payload and data must be JSON objects")]
    NotAnObject,
    /// Nobody said where the values of a claim come from.
    #[error("a claim without a source cannot be fetched: give it one by `.claim(…)` of the builder, or set it by `set_claim`")]
    NoSource,
    /// The keys that were asked for sign with another algorithm.
    #[error("dynamic keys sign with the engine's algorithm only: leave the algorithm out, or take static keys")]
    UnsupportedAlgorithm,
    /// There is no request whose headers could prove anything.
    #[error("anti-CSRF by custom header cannot be checked without a request: set `anti_csrf_check` to `Some(false)`")]
    NoRequest,
    /// The core is not Hallpass's own: sign-in and refresh would not ask for a ban.
    #[error("the core that keeps the sessions knows no bans: revoke the user's sessions, or keep them in `hallpass serve`")]
    NoBans,
    /// The core is not Hallpass's own: it would issue an access token that lives longer than a hook allows. Nobody got it.
    #[error(
        "the core that keeps the sessions does not shorten access tokens: leave `access_token_validity` out, or keep them in `hallpass serve`"
    )]
    FixedValidity,
}

/// A requirement that a session does not meet.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidClaim {
    /// Which requirement.
    pub id: String,
    /// Why, for the frontend.
    pub reason: Option<Value>,
}

fn ids(claims: &[InvalidClaim]) -> String {
    claims.iter().map(|claim| claim.id.as_str()).collect::<Vec<_>>().join(", ")
}

/// The error that became a response: for the layer.
#[derive(Clone, Debug)]
pub(crate) struct Raised(pub(crate) SessionError);

impl SessionError {
    /// Ends the session in the client: 401, and all tokens are cleared, those queued by this very response included.
    pub const fn unauthorised() -> Self {
        Self::Unauthorised { clear: true }
    }

    /// The default answer. The layer adapts it to the configuration.
    pub fn to_response(&self) -> Response<Bytes> {
        self.log();
        let mut response = json_response(self.status(), &self.body());
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Raised(self.clone()));
        response
    }

    /// Whether the client has to forget its tokens.
    pub(crate) const fn clears(&self) -> bool {
        matches!(self, Self::Unauthorised { clear: true } | Self::TokenTheft { .. })
    }

    /// In whole seconds.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Unavailable(_) | Self::ClaimUnavailable { .. } => Some(RETRY_AFTER_SECONDS),
            Self::TooManyRequests { retry_after } => Some(retry_after.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)),
            _ => None,
        }
    }

    /// The default status.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorised { .. } | Self::TryRefresh | Self::TokenTheft { .. } => StatusCode::UNAUTHORIZED,
            Self::InvalidClaims(_) | Self::Banned | Self::Refused(_) | Self::UntrustedOrigin => StatusCode::FORBIDDEN,
            Self::ClearDuplicateCookies => StatusCode::OK,
            Self::ProtectedClaim(_)
            | Self::TooDeep
            | Self::InvalidRole
            | Self::InvalidUser
            | Self::UnknownTenant(_)
            | Self::BanIsOver
            | Self::InsecureCookie => StatusCode::BAD_REQUEST,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) | Self::ClaimUnavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::DuplicateCookies | Self::Misuse(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn body(&self) -> Value {
        let message = self.message();
        match self {
            Self::InvalidClaims(claims) => json!({ "message": message, "claimValidationErrors": claim_errors(claims) }),
            _ => json!({ "message": message }),
        }
    }

    /// What the client is told, in words that frontends know.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Unauthorised { .. } => "unauthorised".to_owned(),
            Self::TryRefresh => "try refresh token".to_owned(),
            Self::TokenTheft { .. } => "token theft detected".to_owned(),
            Self::InvalidClaims(_) => "invalid claim".to_owned(),
            Self::DuplicateCookies => format!("{self} {DUPLICATES_REMEDY}"),
            Self::ClaimUnavailable { .. } => "sessions are unavailable".to_owned(),
            Self::Misuse(_) => "internal server error".to_owned(),
            _ => self.to_string(),
        }
    }

    pub(crate) fn log(&self) {
        match self {
            Self::Unavailable(cause) => tracing::error!(error = &**cause as &dyn std::error::Error, "{self}"),
            Self::ClaimUnavailable { cause, .. } => tracing::error!(error = &**cause as &dyn std::error::Error, "{self}"),
            Self::Misuse(mistake) => tracing::error!("{mistake}"),
            Self::DuplicateCookies => tracing::error!("{self} {DUPLICATES_REMEDY}"),
            Self::TokenTheft { .. } | Self::InsecureCookie => tracing::warn!("{self}"),
            _ => tracing::debug!("refused: {self}"),
        }
    }
}

/// What a session does not fulfil, as frontends are told.
pub(crate) fn claim_errors(claims: &[InvalidClaim]) -> Value {
    claims.iter().map(InvalidClaim::to_json).collect()
}

const DUPLICATES_REMEDY: &str = "They are of two domains: set `older_cookie_domain` to the one that was used before.";

impl From<CoreError> for SessionError {
    fn from(error: CoreError) -> Self {
        match error {
            CoreError::ProtectedClaim(name) => Self::ProtectedClaim(name),
            CoreError::TooDeep => Self::TooDeep,
            CoreError::InvalidUser => Self::InvalidUser,
            CoreError::InvalidRole => Self::InvalidRole,
            CoreError::BanIsOver => Self::BanIsOver,
            CoreError::UnknownTenant(place) => Self::UnknownTenant(place.tenant),
            CoreError::NoBans => Misuse::NoBans.into(),
            CoreError::FixedValidity => Misuse::FixedValidity.into(),
            other => Self::Unavailable(Arc::new(other)),
        }
    }
}

/// In a tenant that was never made nobody is found. A server says that it has no such tenant, an engine in the process just finds nothing.
pub(crate) fn found<T: Default>(asked: Result<T, CoreError>) -> Result<T, CoreError> {
    match asked {
        Err(CoreError::UnknownTenant(_)) => Ok(T::default()),
        asked => asked,
    }
}

impl InvalidClaim {
    /// A requirement that is not met, without a reason.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), reason: None }
    }

    fn to_json(&self) -> Value {
        match &self.reason {
            Some(reason) => json!({ "id": self.id, "reason": reason }),
            None => json!({ "id": self.id }),
        }
    }
}

pub(crate) fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// The request headers that frontends send, to be allowed by the app's CORS rules (beside `content-type`).
pub fn cors_headers() -> [HeaderName; 5] {
    [RID, HeaderName::from_static("fdi-version"), ANTI_CSRF, AUTHORIZATION, HeaderName::from_static(AUTH_MODE)]
}

#[cfg(test)]
mod tests {
    use hallpass_engine::store::StoreError;

    use super::*;

    #[test]
    fn every_error_has_its_status_and_body() {
        let handle: SessionHandle = "0f8fad5b-d9cb-469f-a165-70867728950e".parse().unwrap();
        let claims = vec![InvalidClaim::new("a"), InvalidClaim { id: "b".to_owned(), reason: Some(json!({ "x": 1 })) }];
        let unauthorised = r#"{"message":"unauthorised"}"#;
        for (error, status, body) in [
            (SessionError::unauthorised(), 401, unauthorised),
            (SessionError::Unauthorised { clear: false }, 401, unauthorised),
            (SessionError::TryRefresh, 401, r#"{"message":"try refresh token"}"#),
            (SessionError::TokenTheft { handle, user: "u".into(), recipe_user: "u".into() }, 401, r#"{"message":"token theft detected"}"#),
            (
                SessionError::InvalidClaims(claims),
                403,
                r#"{"message":"invalid claim","claimValidationErrors":[{"id":"a"},{"id":"b","reason":{"x":1}}]}"#,
            ),
            (SessionError::InvalidUser, 400, r#"{"message":"the user id is longer than 512 bytes, or holds U+0000"}"#),
            (SessionError::UnknownTenant("t1".parse().unwrap()), 400, r#"{"message":"there is no tenant `t1`"}"#),
            (
                SessionError::InsecureCookie,
                400,
                r#"{"message":"browsers refuse cookies that cross sites without being secure: serve the API over https, or on the website's domain"}"#,
            ),
            (SessionError::Banned, 403, r#"{"message":"User is banned"}"#),
            (SessionError::TooDeep, 400, r#"{"message":"JSON may be nested 99 levels deep, not deeper"}"#),
            (SessionError::InvalidRole, 400, r#"{"message":"the name of a role or permission is 1 to 255 characters without U+0000"}"#),
            (SessionError::BanIsOver, 400, r#"{"message":"the end of a ban, `until`, must lie in the future"}"#),
            (SessionError::ProtectedClaim("sub"), 400, r#"{"message":"the payload contains the protected claim `sub`"}"#),
            (CoreError::Store(StoreError::Contended).into(), 503, r#"{"message":"sessions are unavailable"}"#),
            (SessionError::Refused("not you".to_owned()), 403, r#"{"message":"not you"}"#),
            (SessionError::UntrustedOrigin, 403, r#"{"message":"the request comes from an origin that may not use the session"}"#),
            (SessionError::TooManyRequests { retry_after: Duration::from_millis(1001) }, 429, r#"{"message":"too many requests"}"#),
            (SessionError::Misuse(Misuse::LayerMissing), 500, r#"{"message":"internal server error"}"#),
        ] {
            let response = error.to_response();
            assert_eq!((response.status().as_u16(), response.body().as_ref()), (status, body.as_bytes()), "{error:?}");
            assert_eq!(response.headers()[CONTENT_TYPE], "application/json; charset=utf-8");
            let retry_after = response.headers().get(RETRY_AFTER).map(|seconds| seconds.to_str().unwrap());
            assert_eq!(retry_after, matches!(status, 429 | 503).then_some("2"));
        }
    }

    #[test]
    fn duplicate_cookies_are_answered_by_the_fixed_text_or_by_200() {
        let response = SessionError::DuplicateCookies.to_response();
        assert_eq!(response.status(), 500);
        assert!(String::from_utf8_lossy(response.body()).contains("The request contains multiple session cookies."));
        let response = SessionError::ClearDuplicateCookies.to_response();
        assert_eq!(response.status(), 200);
        assert!(serde_json::from_slice::<Value>(response.body()).unwrap()["message"].is_string());
    }

    #[test]
    fn the_layer_learns_what_to_clear() {
        assert!(SessionError::unauthorised().clears());
        for kept in [SessionError::Unauthorised { clear: false }, SessionError::TryRefresh, SessionError::DuplicateCookies] {
            assert!(!kept.clears(), "{kept:?}");
        }
    }

    #[test]
    fn the_cors_headers_are_five() {
        let names: Vec<String> = cors_headers().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["rid", "fdi-version", "anti-csrf", "authorization", "st-auth-mode"]);
    }
}
