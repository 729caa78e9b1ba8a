//! Sessions: requests, and answers by version.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hallpass_engine::{
    access_token::AccessToken,
    core::{Issued, IssuedAccess, SessionInfo, TokenText},
    id::{SessionHandle, TenantId, UserId},
    session::JsonObject,
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::{dialect::Dialect, field::request, version::CdiVersion};

request! {
    /// `POST /recipe/session`
    CreateSession {
        /// Whom it is for; may be empty.
        user_id: String = "userId",
        /// The application's claims for the access token.
        payload: JsonObject = "userDataInJWT",
        /// What is kept with the session.
        data: JsonObject = "userDataInDatabase",
        /// Whether the tokens carry an anti-CSRF token.
        enable_anti_csrf: bool = "enableAntiCsrf",
        /// Whether a key that is replaced by age signs: true by default.
        use_dynamic_signing_key: Option<bool> = "useDynamicSigningKey",
        /// From 5.6 on, and for Hallpass's own SDK: the life of this one access token in milliseconds, at most the configured one.
        access_token_validity: Option<i64> = "accessTokenValidity",
        /// Beyond the CDI: with which device, for the events.
        actor: Option<String> = "actor",
    }
}

request! {
    /// `POST /recipe/session/verify`
    VerifySession {
        /// The access token.
        access_token: TokenText = "accessToken",
        /// The anti-CSRF token that came along.
        anti_csrf_token: Option<TokenText> = "antiCsrfToken",
        /// Whether this request must prove that it is no forgery.
        do_anti_csrf_check: bool = "doAntiCsrfCheck",
        /// Whether anti-CSRF tokens are in use at all.
        enable_anti_csrf: bool = "enableAntiCsrf",
        /// Whether the session must still be in the database.
        check_database: bool = "checkDatabase",
    }
}

request! {
    /// `POST /recipe/session/refresh`
    RefreshSession {
        /// The refresh token.
        refresh_token: TokenText = "refreshToken",
        /// The anti-CSRF token that came along.
        anti_csrf_token: Option<TokenText> = "antiCsrfToken",
        /// Whether anti-CSRF tokens are in use.
        enable_anti_csrf: bool = "enableAntiCsrf",
        /// Whether a key that is replaced by age signs; required from 5.0 on.
        use_dynamic_signing_key: Option<bool> = "useDynamicSigningKey",
        /// From 5.6 on, and for Hallpass's own SDK: the life of this one access token in milliseconds, at most the configured one.
        access_token_validity: Option<i64> = "accessTokenValidity",
        /// Beyond the CDI: with which device, for the events.
        actor: Option<String> = "actor",
    }
}

request! {
    /// `POST /recipe/session/regenerate`
    RegenerateSession {
        /// The access token, which may have expired.
        access_token: TokenText = "accessToken",
        /// The new claims; those that are stored by default.
        payload: Option<JsonObject> = "userDataInJWT",
    }
}

request! {
    /// `POST /recipe/session/remove`: either handles, or a user.
    RemoveSessions {
        /// These sessions.
        session_handles: Option<Vec<String>> = "sessionHandles",
        /// All sessions of this user.
        user_id: Option<String> = "userId",
        /// In all tenants, or only in the one of the path: true by default. Only with a user.
        across_all_tenants: Option<bool> = "revokeAcrossAllTenants",
        /// Without effect: there are no linked accounts. Only with a user.
        for_linked_accounts: Option<bool> = "revokeSessionsForLinkedAccounts",
        /// Beyond the CDI: who ends them, for the events.
        actor: Option<String> = "actor",
        /// Beyond the CDI: why, for the events.
        reason: Option<String> = "reason",
    }
}

request! {
    /// `PUT /recipe/session/data`
    PutSessionData {
        /// Which session.
        session_handle: String = "sessionHandle",
        /// What is kept with it from now on.
        data: JsonObject = "userDataInDatabase",
    }
}

request! {
    /// `PUT /recipe/jwt/data`
    PutSessionPayload {
        /// Which session.
        session_handle: String = "sessionHandle",
        /// Its claims from the next access token on.
        payload: JsonObject = "userDataInJWT",
    }
}

/// What identifies a session in an answer.
#[derive(Clone, Copy, Debug)]
pub struct SessionRef<'a> {
    /// Its handle.
    pub handle: &'a SessionHandle,
    /// Its user.
    pub user: &'a UserId,
    /// The login method's user.
    pub recipe_user: &'a UserId,
    /// Its tenant.
    pub tenant: &'a TenantId,
}

impl<'a> From<&'a Issued> for SessionRef<'a> {
    fn from(issued: &'a Issued) -> Self {
        Self { handle: &issued.handle, user: &issued.user, recipe_user: &issued.user, tenant: issued.handle.tenant() }
    }
}

impl<'a> From<&'a AccessToken> for SessionRef<'a> {
    fn from(token: &'a AccessToken) -> Self {
        Self { handle: token.handle(), user: token.user(), recipe_user: token.recipe_user(), tenant: token.tenant() }
    }
}

/// The session object: what it names depends on the version.
pub fn session(session: SessionRef<'_>, payload: &JsonObject, dialect: &Dialect) -> Value {
    let mut object = json!({
        "handle": session.handle.to_string(),
        "userId": session.user.as_str(),
        "userDataInJWT": payload,
    });
    if dialect.names_recipe_user {
        object["recipeUserId"] = session.recipe_user.as_str().into();
    }
    if dialect.names_tenant {
        object["tenantId"] = session.tenant.as_str().into();
    }
    object
}

/// An access token on its way out; times in milliseconds, whole seconds.
pub fn access_token(access: &IssuedAccess) -> Value {
    json!({
        "token": access.token.expose(),
        "expiry": access.expires_at.as_millis(),
        "createdTime": access.created_at.as_millis(),
    })
}

/// The answer to a creation or a refresh that went well.
pub fn issued(issued: &Issued, dialect: &Dialect) -> Value {
    let mut body = json!({
        "status": "OK",
        "session": session(issued.into(), &dialect.token.custom_claims(&issued.access.claims), dialect),
        "accessToken": access_token(&issued.access),
        "refreshToken": {
            "token": issued.refresh.token.expose(),
            "expiry": issued.refresh.expires_at.as_millis(),
            "createdTime": issued.refresh.created_at.as_millis(),
        },
    });
    if let Some(token) = &issued.anti_csrf {
        body["antiCsrfToken"] = token.as_str().into();
    }
    body
}

/// What the oldest versions of a creation say besides; `id_token` is a text that nothing hangs on.
pub fn add_legacy_members(body: &mut Value, issued: &Issued, id_token: &str, public_keys: &[LegacyKey], version: CdiVersion) {
    body["idRefreshToken"] = json!({
        "token": id_token,
        "expiry": issued.refresh.expires_at.as_millis(),
        "createdTime": issued.refresh.created_at.as_millis(),
    });
    let Some(newest) = public_keys.first() else { return };
    body["jwtSigningPublicKey"] = newest.public_key.as_str().into();
    body["jwtSigningPublicKeyExpiryTime"] = newest.expires_at_ms.into();
    if version >= CdiVersion::new(2, 9) {
        let list = public_keys
            .iter()
            .map(|key| json!({ "publicKey": key.public_key, "expiryTime": key.expires_at_ms, "createdAt": key.created_at_ms }));
        body["jwtSigningPublicKeyList"] = list.collect();
    }
}

/// A public key as the oldest versions give it.
#[derive(Clone, Debug)]
pub struct LegacyKey {
    /// DER, SubjectPublicKeyInfo, padded standard base64.
    pub public_key: String,
    /// When it stops verifying.
    pub expires_at_ms: i64,
    /// When it was made.
    pub created_at_ms: i64,
}

impl LegacyKey {
    /// The key with this DER form.
    pub fn new(der: &[u8], created_at: Timestamp, expires_at: Timestamp) -> Self {
        Self { public_key: STANDARD.encode(der), expires_at_ms: expires_at.as_millis(), created_at_ms: created_at.as_millis() }
    }
}

/// A used token came back. This answer names the login method's user in every version.
pub fn theft(handle: &SessionHandle, user: &UserId) -> Value {
    json!({
        "status": "TOKEN_THEFT_DETECTED",
        "session": { "handle": handle.to_string(), "userId": user.as_str(), "recipeUserId": user.as_str() },
    })
}

/// The kind of reuse, from 5.6 on.
pub fn reuse_subtype(is_latest_retired: bool) -> &'static str {
    if is_latest_retired { "RECENT_PREV" } else { "STALE_LINEAGE" }
}

/// Everything that is stored of a session.
pub fn details(session: &SessionInfo, dialect: &Dialect) -> Value {
    let mut body = json!({
        "status": "OK",
        "sessionHandle": session.handle.to_string(),
        "userId": session.user.as_str(),
        "timeCreated": session.created_at.as_millis(),
        "expiry": session.expires_at.as_millis(),
        "userDataInJWT": session.payload,
        "userDataInDatabase": session.data,
    });
    if dialect.names_recipe_user {
        body["recipeUserId"] = session.recipe_user.as_str().into();
    }
    if dialect.names_tenant {
        body["tenantId"] = session.tenant().as_str().into();
    }
    body
}

/// There is no such session, or its token does not hold.
pub fn unauthorised(why: &str) -> Value {
    json!({ "status": "UNAUTHORISED", "message": why })
}

/// The access token does not hold; a refresh may bring a better one.
pub fn try_refresh_token(why: &str) -> Value {
    json!({ "status": "TRY_REFRESH_TOKEN", "message": why })
}
