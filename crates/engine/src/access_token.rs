//! Access tokens: short-lived signed JWTs in compact form (RFC 7515 §3.1, RFC 7519).

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::URL_SAFE_NO_PAD},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    core::{Delivered, IssuedAccess},
    id::{SessionHandle, TenantId, UserId},
    keys::{Algorithm, SigningFailed, SigningKey, VerifyingKeys},
    refresh_token::RefreshHash,
    session::{JsonObject, KeyFamily},
    time::Timestamp,
};

/// Claims that only the engine may set. `iss` is not among them: an application may overwrite it.
pub const PROTECTED_CLAIMS: [&str; 10] =
    ["sub", "iat", "exp", "sessionHandle", "parentRefreshTokenHash1", "refreshTokenHash1", "antiCsrfToken", "rsub", "tId", "stt"];

/// The first protected claim in a payload, if there is one.
pub fn protected_claim(payload: &JsonObject) -> Option<&'static str> {
    PROTECTED_CLAIMS.into_iter().find(|name| payload.contains_key(*name))
}

/// A payload without the protected claims.
pub fn without_protected(payload: &JsonObject) -> JsonObject {
    let custom = payload.iter().filter(|(name, _)| !PROTECTED_CLAIMS.contains(&name.as_str()));
    custom.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What an access token says, before it is signed.
pub(crate) struct Statement<'a> {
    pub(crate) user: &'a UserId,
    pub(crate) handle: &'a SessionHandle,
    pub(crate) refresh_id: &'a str,
    pub(crate) parent_refresh_id: Option<&'a str>,
    pub(crate) anti_csrf: Option<&'a str>,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) payload: &'a JsonObject,
}

impl Statement<'_> {
    /// Signs it. Times are rounded down to whole seconds.
    pub(crate) fn sign(&self, key: &SigningKey) -> Result<IssuedAccess, SigningFailed> {
        let Value::Object(mut claims) = json!({
            "sub": self.user.as_str(),
            "exp": self.expires_at.as_secs(),
            "iat": self.issued_at.as_secs(),
            "sessionHandle": self.handle.to_string(),
            "refreshTokenHash1": self.refresh_id,
            "parentRefreshTokenHash1": self.parent_refresh_id,
            "antiCsrfToken": self.anti_csrf,
            "tId": self.handle.tenant().as_str(),
            "rsub": self.user.as_str(),
        }) else {
            unreachable!("the literal above is an object")
        };
        claims.extend(self.payload.iter().map(|(name, value)| (name.clone(), value.clone())));
        let mut token = key.header.clone();
        token.push('.');
        let text = serde_json::to_vec(&claims).expect("a JSON object has a text");
        URL_SAFE_NO_PAD.encode_string(text, &mut token);
        let signature = key.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(IssuedAccess {
            token: token.into(),
            claims,
            created_at: self.issued_at.floor_to_second(),
            expires_at: self.expires_at.floor_to_second(),
        })
    }
}

/// The encoded JOSE header of the tokens that a key signs.
pub(crate) fn header(algorithm: Algorithm, kid: &str) -> String {
    let header = json!({ "alg": algorithm.as_str(), "typ": "JWT", "kid": kid, "version": "5" });
    URL_SAFE_NO_PAD.encode(header.to_string())
}

/// Accepts what JOSE libraries in the field emit: with padding or without.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

fn decode(part: &str) -> Option<Vec<u8>> {
    // the standard alphabet, spoken by old tokens, differs in two characters
    let url_safe: String = part
        .chars()
        .map(|c| {
            if c == '+' {
                '-'
            } else if c == '/' {
                '_'
            } else {
                c
            }
        })
        .collect();
    LENIENT.decode(url_safe).ok()
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
    version: Option<String>,
}

/// A text that has the shape of our access tokens. Nothing in it may be believed.
pub struct UnverifiedAccessToken {
    header: Header,
    signed: String,
    signature: Vec<u8>,
    body: AccessToken,
}

/// Why a text is not even shaped like one of our access tokens: somebody else's token, or damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an access token of ours")]
pub struct NotOurs;

/// Why an access token does not hold. A refresh may get a better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No key of that name.
    #[error("it names an unknown key")]
    UnknownKey,
    /// Forged or damaged, or it claims another algorithm than its key's.
    #[error("its signature does not hold")]
    Signature,
    /// `exp` has come.
    #[error("it has expired")]
    Expired,
    /// `nbf` has not come.
    #[error("it is not valid yet")]
    NotYet,
}

impl UnverifiedAccessToken {
    /// Checks the shape: three parts, a header of ours, the claims that every session token has, with their types.
    ///
    /// # Errors
    /// [`NotOurs`].
    pub fn parse(text: &str) -> Result<Self, NotOurs> {
        Self::shape(text).ok_or(NotOurs)
    }

    fn shape(text: &str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.').filter(|(_, claims)| !claims.contains('.'))?;
        let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
        let version = header.version.as_deref().map_or(Some(3), |version| version.parse::<u32>().ok())?;
        if header.typ != "JWT" || version < 3 {
            return None;
        }
        let body = AccessToken::from_claims(serde_json::from_slice(&decode(claims)?).ok()?, version, KeyFamily::of(&header.kid))?;
        Some(Self { header, signed: signed.to_owned(), signature: decode(signature)?, body })
    }

    /// The key that it claims to be signed with.
    pub fn kid(&self) -> &str {
        &self.header.kid
    }

    /// Checks signature and lifetime, without any leeway. The algorithm is the key's; a token that names another is refused.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn verify(self, keys: &VerifyingKeys, now: Timestamp) -> Result<AccessToken, VerifyError> {
        let key = keys.find(&self.header.kid).ok_or(VerifyError::UnknownKey)?;
        if self.header.alg != key.algorithm().as_str() || !key.verify(self.signed.as_bytes(), &self.signature) {
            return Err(VerifyError::Signature);
        }
        if now >= self.body.expires_at {
            return Err(VerifyError::Expired);
        }
        let not_before = self.body.claims.get("nbf").and_then(Value::as_i64);
        if not_before.is_some_and(|nbf| now.as_secs() < nbf) {
            return Err(VerifyError::NotYet);
        }
        Ok(self.body)
    }
}

impl std::fmt::Debug for UnverifiedAccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UnverifiedAccessToken(kid {:?})", self.header.kid)
    }
}

impl KeyFamily {
    /// The family that a key's name tells: its prefix is protocol.
    pub fn of(kid: &str) -> Self {
        if kid.starts_with("d-") { Self::Dynamic } else { Self::Static }
    }
}

/// A verified access token: signature, shape and lifetime hold. Only [`UnverifiedAccessToken::verify`] makes one.
#[derive(Clone, PartialEq)]
pub struct AccessToken {
    user: UserId,
    recipe_user: UserId,
    handle: SessionHandle,
    tenant: TenantId,
    family: KeyFamily,
    expires_at: Timestamp,
    issued_at: Timestamp,
    refresh_id: String,
    claims: JsonObject,
}

impl AccessToken {
    fn from_claims(claims: JsonObject, version: u32, family: KeyFamily) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let seconds = |name: &str| {
            let value = claims.get(name)?;
            #[allow(clippy::cast_possible_truncation)] // saturates: absurd times stay absurd
            let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))?;
            Some(Timestamp::from_millis(seconds.saturating_mul(1000)))
        };
        // other values mark tokens that are no session tokens
        if claims.get("stt").is_some_and(|kind| *kind != 0) {
            return None;
        }
        let user = text("sub")?;
        let recipe_user = match text("rsub") {
            None if version >= 5 => return None,
            other => other.unwrap_or(user),
        };
        let tenant = match text("tId").filter(|_| version >= 4) {
            Some(tenant) => tenant.parse().ok()?,
            None => TenantId::public(),
        };
        Some(Self {
            handle: text("sessionHandle")?.parse().ok()?,
            refresh_id: text("refreshTokenHash1")?.to_owned(),
            expires_at: seconds("exp")?,
            issued_at: seconds("iat")?,
            user: user.into(),
            recipe_user: recipe_user.into(),
            tenant,
            family,
            claims,
        })
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    /// Whom the session belongs to (`sub`).
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// The login method's user (`rsub`); the same as [`AccessToken::user`] unless accounts are linked.
    pub fn recipe_user(&self) -> &UserId {
        &self.recipe_user
    }

    /// The session.
    pub fn handle(&self) -> &SessionHandle {
        &self.handle
    }

    /// The tenant (`tId`).
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The family of the key that signed it.
    pub fn family(&self) -> KeyFamily {
        self.family
    }

    /// The anti-CSRF token that a request must carry beside it.
    pub fn anti_csrf(&self) -> Option<&str> {
        self.text("antiCsrfToken")
    }

    /// The name of the refresh token that was issued with it.
    pub fn refresh_id(&self) -> &str {
        &self.refresh_id
    }

    /// The name of that token's parent, while it is not known to have been delivered.
    pub fn parent_refresh_id(&self) -> Option<&str> {
        self.text("parentRefreshTokenHash1")
    }

    /// What a request that carries this token confirms.
    pub fn delivered(&self) -> Delivered {
        Delivered { handle: self.handle.clone(), child: RefreshHash::of_id(&self.refresh_id) }
    }

    /// `iat`.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// `exp`.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The whole JWT payload, in its order.
    pub fn claims(&self) -> &JsonObject {
        &self.claims
    }

    /// The application's part of the payload.
    pub fn custom_claims(&self) -> JsonObject {
        without_protected(&self.claims)
    }
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken").field("handle", &self.handle).field("user", &self.user).finish_non_exhaustive()
    }
}
