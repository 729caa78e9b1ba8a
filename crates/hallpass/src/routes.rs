//! The routes that frontends call.

use bytes::Bytes;
use hallpass_engine::keys::Jwks;
use http::{
    HeaderValue, Method, Response, StatusCode,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL},
    request::Parts,
};
use serde_json::json;

use crate::{
    Hallpass,
    error::{SessionError, json_response},
    site::without_trailing_slash,
};

/// A route of the SDK, below the API's base path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// `POST /session/refresh`: new tokens for a refresh token.
    Refresh,
    /// `POST /signout`: ends the session.
    SignOut,
    /// `GET /jwt/jwks.json`: the keys that verify access tokens (RFC 7517 §5).
    Jwks,
    /// `GET /.well-known/openid-configuration`: where those keys are.
    Discovery,
    /// `GET /sessions`: the user's own sessions. Only if [`Builder::own_sessions`](crate::Builder::own_sessions) says so, as the
    /// next two.
    OwnSessions,
    /// `POST /sessions/revoke?handle=…`: ends one of them.
    RevokeOwnSession,
    /// `POST /sessions/revoke-others`: ends all of them but this one.
    RevokeOtherSessions,
}

impl Route {
    const ALL: [Self; 7] = {
        let [list, revoke, revoke_others] = Self::OWN_SESSIONS;
        [Self::Refresh, Self::SignOut, Self::Jwks, Self::Discovery, list, revoke, revoke_others]
    };
    pub(crate) const OWN_SESSIONS: [Self; 3] = [Self::OwnSessions, Self::RevokeOwnSession, Self::RevokeOtherSessions];

    /// Its path below the base path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Refresh => "/session/refresh",
            Self::SignOut => "/signout",
            Self::Jwks => "/jwt/jwks.json",
            Self::Discovery => "/.well-known/openid-configuration",
            Self::OwnSessions => "/sessions",
            Self::RevokeOwnSession => "/sessions/revoke",
            Self::RevokeOtherSessions => "/sessions/revoke-others",
        }
    }

    const fn method(self) -> Method {
        match self {
            Self::Refresh | Self::SignOut | Self::RevokeOwnSession | Self::RevokeOtherSessions => Method::POST,
            Self::Jwks | Self::Discovery | Self::OwnSessions => Method::GET,
        }
    }

    /// The route at a path below the base path, which may begin with a tenant. An exact match wins.
    pub(crate) fn find(method: &Method, path: &str) -> Option<Self> {
        // some clients write their methods in lower case
        let is_for = |route: &Self, path: &str| route.path() == path && route.method().as_str().eq_ignore_ascii_case(method.as_str());
        let find = |path: &str| Self::ALL.into_iter().find(|route| is_for(route, path));
        find(path).or_else(|| find(below_tenant(path)?))
    }
}

/// What follows a first segment that may be a tenant, with its slash.
fn below_tenant(path: &str) -> Option<&str> {
    let segments = path.strip_prefix('/')?;
    let (tenant, rest) = segments.split_at(segments.find('/')?);
    let is_tenant = !tenant.is_empty() && tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_tenant.then_some(rest)
}

impl Hallpass {
    /// The route that a request is for, disabled or not. The path is as it arrives: without what a gateway took off.
    pub(crate) fn route(&self, method: &Method, path: &str) -> Option<Route> {
        Route::find(method, without_trailing_slash(path).strip_prefix(self.config().served_base_path.as_str())?)
    }

    /// The route that the SDK answers by itself.
    pub(crate) fn own_route(&self, method: &Method, path: &str) -> Option<Route> {
        self.route(method, path).filter(|route| !self.config().disabled.contains(route))
    }

    /// Answers a request to one of the session routes. `None`: it is for the app. Between [`crate::Exchange::begin`] and
    /// [`crate::Exchange::finish`].
    pub async fn serve(&self, request: &Parts) -> Option<Response<Bytes>> {
        let route = self.own_route(&request.method, request.uri.path())?;
        // boxed, so that the requests to the app do not carry the size of a refresh
        Some(Box::pin(self.answer(route, request)).await)
    }

    /// Answers a route. What is due to cookies and headers is left in the request's exchange.
    pub(crate) async fn answer(&self, route: Route, request: &Parts) -> Response<Bytes> {
        let answer = match route {
            Route::Refresh => self.refresh(request).await.map(|_session| json_response(StatusCode::OK, &json!({}))),
            Route::SignOut => self.answer_sign_out(request).await,
            Route::Jwks => self.answer_with_keys().await,
            Route::Discovery => Ok(public(&self.discovery())),
            Route::OwnSessions => self.answer_own_sessions(request).await,
            Route::RevokeOwnSession => self.answer_revoke_own_session(request).await,
            Route::RevokeOtherSessions => self.answer_revoke_other_sessions(request).await,
        };
        answer.unwrap_or_else(|error| error.to_response())
    }

    /// The public keys that verify the app's tokens (RFC 7517 §5), as the key route serves them.
    ///
    /// # Errors
    /// [`SessionError::Unavailable`].
    pub async fn jwks(&self) -> Result<Jwks, SessionError> {
        Ok(self.core().keys_to_publish(self.app()).await?.to_jwks())
    }

    /// What the discovery route serves: the `iss` of the app's tokens, and where the keys are.
    pub fn discovery(&self) -> serde_json::Value {
        let issuer = &self.config().issuer;
        json!({ "issuer": issuer, "jwks_uri": format!("{issuer}{}", Route::Jwks.path()) })
    }

    async fn answer_sign_out(&self, request: &Parts) -> Result<Response<Bytes>, SessionError> {
        let body = match self.sign_out(request).await {
            Ok(()) => json!({ "status": "OK" }),
            Err(SessionError::Refused(message)) => json!({ "status": "GENERAL_ERROR", "message": message }),
            Err(error) => return Err(error),
        };
        Ok(json_response(StatusCode::OK, &body))
    }

    async fn answer_with_keys(&self) -> Result<Response<Bytes>, SessionError> {
        let keys = self.core().keys_to_publish(self.app()).await?;
        let mut response = public(&json!(keys.to_jwks()));
        let age = format!("max-age={}, must-revalidate", keys.max_age(self.now()).as_secs());
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_str(&age).expect("a number is visible ASCII"));
        Ok(response)
    }
}

fn public(body: &serde_json::Value) -> Response<Bytes> {
    let mut response = json_response(StatusCode::OK, body);
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_match_exactly_and_below_one_tenant() {
        for (method, path, expected) in [
            ("POST", "/session/refresh", Some(Route::Refresh)),
            ("POST", "/t-1/session/refresh", Some(Route::Refresh)),
            ("post", "/signout", Some(Route::SignOut)),
            ("POST", "/T1/signout", Some(Route::SignOut)),
            ("GET", "/jwt/jwks.json", Some(Route::Jwks)),
            ("GET", "/t1/jwt/jwks.json", Some(Route::Jwks)),
            ("GET", "/.well-known/openid-configuration", Some(Route::Discovery)),
            ("GET", "/signout", None),
            ("OPTIONS", "/signout", None),
            ("POST", "/Signout", None),
            ("POST", "/a/b/signout", None),
            ("POST", "/a_b/signout", None),
            ("POST", "//signout", None),
            ("POST", "signout", None),
            ("POST", "/ä/signout", None),
            ("POST", "", None),
            ("HEAD", "/jwt/jwks.json", None),
        ] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert_eq!(Route::find(&method, path), expected, "{method} {path}");
        }
    }
}
