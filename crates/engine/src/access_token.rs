//! Access tokens: short-lived signed JWTs in compact form (RFC 7515 §3.1, RFC 7519).

mod members;

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use base64::{
    Engine as _, alphabet,
    engine::{
        DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig,
        general_purpose::{STANDARD, URL_SAFE_NO_PAD},
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

use self::members::Members;
use crate::{
    core::{Delivered, IssuedAccess, TokenText},
    id::{SessionHandle, TenantId, UserId},
    keys::{Algorithm, SigningFailed, SigningKey, VerifyingKey, VerifyingKeys},
    refresh_token::RefreshHash,
    session::{JsonObject, KeyFamily},
    time::Timestamp,
    token_version::{TokenVersion, V2_HEADER},
};

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
    pub(crate) version: TokenVersion,
}

impl Statement<'_> {
    /// Signs it. Times are rounded down to whole seconds.
    pub(crate) fn sign(&self, key: &SigningKey) -> Result<IssuedAccess, SigningFailed> {
        let claims = if self.version == TokenVersion::V2 { self.v2_claims() } else { self.claims() };
        let encoding = encoding(self.version);
        let mut token = key.header(Some(self.version)).to_owned();
        sign_into(&mut token, &claims, key, encoding)?;
        Ok(IssuedAccess {
            token: token.into(),
            claims,
            created_at: self.issued_at.floor_to_second(),
            expires_at: self.expires_at.floor_to_second(),
        })
    }

    fn claims(&self) -> JsonObject {
        let Value::Object(mut claims) = json!({
            "sub": self.user.as_str(),
            "exp": self.expires_at.as_secs(),
            "iat": self.issued_at.as_secs(),
            "sessionHandle": self.handle.to_string(),
            "refreshTokenHash1": self.refresh_id,
            "parentRefreshTokenHash1": self.parent_refresh_id,
            "antiCsrfToken": self.anti_csrf,
        }) else {
            unreachable!("the literal above is an object")
        };
        if self.version >= TokenVersion::V4 {
            claims.insert("tId".to_owned(), self.handle.tenant().as_str().into());
        }
        if self.version >= TokenVersion::V5 {
            claims.insert("rsub".to_owned(), self.user.as_str().into());
        }
        claims.extend(self.payload.iter().map(|(name, value)| (name.clone(), value.clone())));
        claims
    }

    /// Times in milliseconds; what is not there is left out.
    fn v2_claims(&self) -> JsonObject {
        let Value::Object(mut claims) = json!({
            "sessionHandle": self.handle.to_string(),
            "userId": self.user.as_str(),
            "refreshTokenHash1": self.refresh_id,
            "userData": self.payload,
            "expiryTime": self.expires_at.floor_to_second().as_millis(),
            "timeCreated": self.issued_at.floor_to_second().as_millis(),
        }) else {
            unreachable!("the literal above is an object")
        };
        let optional = [("parentRefreshTokenHash1", self.parent_refresh_id), ("antiCsrfToken", self.anti_csrf)];
        claims.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))));
        claims
    }
}

impl IssuedAccess {
    /// An access token that a core at a distance has minted, of whichever version: its claims are read from it.
    ///
    /// # Security
    /// The signature is not looked at: whoever hands out tokens is believed.
    pub fn received(token: &str, created_at: Timestamp, expires_at: Timestamp) -> Option<Self> {
        let claims = serde_json::from_slice(&decode(token.split('.').nth(1)?)?).ok()?;
        Some(Self { token: token.into(), claims, created_at, expires_at })
    }
}

fn encoding(version: TokenVersion) -> &'static GeneralPurpose {
    if version == TokenVersion::V2 { &STANDARD } else { &URL_SAFE_NO_PAD }
}

/// Completes a token that holds its encoded header so far (RFC 7515 §3.1).
pub(crate) fn sign_into(token: &mut String, claims: &JsonObject, key: &SigningKey, encoding: &GeneralPurpose) -> Result<(), SigningFailed> {
    token.push('.');
    encoding.encode_string(serde_json::to_vec(claims).expect("a JSON object has a text"), token);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    encoding.encode_string(signature, token);
    Ok(())
}

/// Accepts what JOSE libraries in the field emit: with padding or without.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

fn decode(part: &str) -> Option<Vec<u8>> {
    // the standard alphabet, spoken by old tokens, differs in two characters
    LENIENT.decode(part).or_else(|_| LENIENT.decode(part.replace('+', "-").replace('/', "_"))).ok()
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    typ: Cow<'a, str>,
    kid: Option<String>,
    version: Option<&'a str>,
}

/// How much a token must say of itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// What is needed to act on it. Without a version it is of the oldest that are JWTs.
    AsSdks,
    /// Every claim of its version, if only as null. Without a version it is of the newest.
    AsTheCore,
}

/// A text that has the shape of our access tokens. Nothing in it may be believed.
pub struct UnverifiedAccessToken {
    /// `None`: one that is not ours, and so verifies by no key.
    algorithm: Option<Algorithm>,
    /// How much of the token's text is signed.
    signed: usize,
    signature: Vec<u8>,
    body: Arc<Body>,
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
        Self::shape(text, Strictness::AsSdks).ok_or(NotOurs)
    }

    /// As [`UnverifiedAccessToken::parse`], and every claim of the token's version must be there, if only as null; a token
    /// that names no version is of the newest. A server reads tokens so.
    ///
    /// # Errors
    /// [`NotOurs`].
    pub fn parse_whole(text: &str) -> Result<Self, NotOurs> {
        Self::shape(text, Strictness::AsTheCore).ok_or(NotOurs)
    }

    fn shape(text: &str, strictness: Strictness) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (encoded_header, claims) = signed.split_once('.').filter(|(_, claims)| !claims.contains('.'))?;
        let header = decode(encoded_header)?;
        let header: Header<'_> = serde_json::from_slice(&header).ok()?;
        let version = match header.version {
            Some(_) if encoded_header == V2_HEADER => TokenVersion::V2,
            Some(number) => TokenVersion::from_number(number.parse().ok()?)?,
            None if strictness == Strictness::AsTheCore => TokenVersion::V5,
            None => TokenVersion::V3,
        };
        if header.typ != "JWT" || header.kid.is_none() != (version == TokenVersion::V2) {
            return None;
        }
        let payload = String::from_utf8(decode(claims)?).ok()?;
        let body = match (version, header.kid) {
            (TokenVersion::V2, _) => Body::from_v2_payload(text, payload),
            (_, kid) => Body::from_payload(text, payload, version, kid?, strictness),
        }?;
        let algorithm = Algorithm::from_name(&header.alg);
        Some(Self { algorithm, signed: signed.len(), signature: decode(signature)?, body: Arc::new(body) })
    }

    /// The key that it claims to be signed with; tokens of the oldest version name none.
    pub fn kid(&self) -> Option<&str> {
        self.body.kid.as_deref()
    }

    /// Checks signature and lifetime, without any leeway. The algorithm is the key's; a token that names another is refused.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn verify(self, keys: &VerifyingKeys, now: Timestamp) -> Result<AccessToken, VerifyError> {
        let token = self.verify_at_any_time(keys)?;
        if now >= token.expires_at() {
            return Err(VerifyError::Expired);
        }
        if token.0.not_before.is_some_and(|nbf| now.as_secs() < nbf) {
            return Err(VerifyError::NotYet);
        }
        Ok(token)
    }

    /// Checks the signature only.
    ///
    /// # Security
    /// The token may have expired: it may say which session it was of, and no more.
    ///
    /// # Errors
    /// [`VerifyError::UnknownKey`] and [`VerifyError::Signature`].
    pub fn verify_at_any_time(self, keys: &VerifyingKeys) -> Result<AccessToken, VerifyError> {
        let signed = &self.body.text.expose().as_bytes()[..self.signed];
        let holds = |key: &VerifyingKey| self.algorithm == Some(key.algorithm()) && key.verify(signed, &self.signature);
        let verified = match &self.body.kid {
            Some(kid) => holds(keys.find(kid).ok_or(VerifyError::UnknownKey)?),
            None => keys.iter().any(holds),
        };
        if verified { Ok(AccessToken(self.body)) } else { Err(VerifyError::Signature) }
    }
}

impl std::fmt::Debug for UnverifiedAccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UnverifiedAccessToken(kid {:?})", self.kid())
    }
}

impl KeyFamily {
    /// The family that a key's name tells: its prefix is protocol.
    pub fn of(kid: &str) -> Self {
        if kid.starts_with("d-") { Self::Dynamic } else { Self::Static }
    }
}

/// A verified access token: signature, shape and lifetime hold. Only [`UnverifiedAccessToken::verify`] makes one. Cheap to
/// clone.
#[derive(Clone)]
pub struct AccessToken(Arc<Body>);

impl PartialEq for AccessToken {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

struct Body {
    text: TokenText,
    user: UserId,
    recipe_user: UserId,
    handle: SessionHandle,
    tenant: TenantId,
    family: KeyFamily,
    version: TokenVersion,
    expires_at: Timestamp,
    issued_at: Timestamp,
    /// `nbf`, in seconds.
    not_before: Option<i64>,
    refresh_id: String,
    parent_refresh_id: Option<String>,
    anti_csrf: Option<String>,
    kid: Option<String>,
    payload: Payload,
}

/// What a token says. Most requests want no more of it than stands beside this, so the rest is kept as it came, and read when
/// somebody asks.
struct Payload {
    json: String,
    claims: OnceLock<JsonObject>,
}

impl Payload {
    fn claims(&self) -> &JsonObject {
        // the text was read once already, if only for what is an object's
        self.claims.get_or_init(|| serde_json::from_str(&self.json).unwrap_or_default())
    }
}

impl Body {
    fn from_v2_payload(token: &str, json: String) -> Option<Self> {
        let claims: JsonObject = serde_json::from_str(&json).ok()?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let time = |name: &str| claims.get(name).and_then(Value::as_i64).map(Timestamp::from_millis);
        let user = UserId::from(text("userId")?);
        Some(Self {
            text: token.into(),
            handle: text("sessionHandle")?.parse().ok()?,
            refresh_id: text("refreshTokenHash1")?.to_owned(),
            parent_refresh_id: text("parentRefreshTokenHash1").map(str::to_owned),
            anti_csrf: text("antiCsrfToken").map(str::to_owned),
            expires_at: time("expiryTime")?,
            issued_at: time("timeCreated")?,
            not_before: claims.get("nbf").and_then(Value::as_i64),
            recipe_user: user.clone(),
            user,
            tenant: TenantId::public(),
            family: KeyFamily::Dynamic,
            version: TokenVersion::V2,
            kid: None,
            payload: Payload { json, claims: claims.into() },
        })
    }

    fn from_payload(token: &str, json: String, version: TokenVersion, kid: String, strictness: Strictness) -> Option<Self> {
        let members = Members::read(&json)?;
        let text = |name: &str| members.text(name);
        let seconds = |name: &str| members.seconds(name).map(|seconds| Timestamp::from_millis(seconds.saturating_mul(1000)));
        let may_lack = |name: &str| name == "stt" || members.has(name);
        if strictness == Strictness::AsTheCore && !version.protected_claims().iter().copied().all(may_lack) {
            return None;
        }
        // other values mark tokens that are no session tokens
        if members.has("stt") && members.integer("stt") != Some(0) {
            return None;
        }
        let user = UserId::from(text("sub")?);
        let recipe_user = match text("rsub") {
            None if version >= TokenVersion::V5 => return None,
            Some(other) if other != user.as_str() => other.into(),
            _ => user.clone(),
        };
        let handle: SessionHandle = text("sessionHandle")?.parse().ok()?;
        let tenant = match text("tId").filter(|_| version >= TokenVersion::V4) {
            Some(tenant) if tenant == handle.tenant().as_str() => handle.tenant().clone(),
            Some(tenant) => tenant.parse().ok()?,
            None => TenantId::public(),
        };
        Some(Self {
            text: token.into(),
            handle,
            refresh_id: text("refreshTokenHash1")?.to_owned(),
            parent_refresh_id: text("parentRefreshTokenHash1").map(str::to_owned),
            anti_csrf: text("antiCsrfToken").map(str::to_owned),
            expires_at: seconds("exp")?,
            issued_at: seconds("iat")?,
            not_before: members.integer("nbf"),
            user,
            recipe_user,
            tenant,
            family: KeyFamily::of(&kid),
            version,
            kid: Some(kid),
            payload: Payload { json, claims: OnceLock::new() },
        })
    }
}

impl AccessToken {
    /// The token itself.
    pub fn token(&self) -> &TokenText {
        &self.0.text
    }

    /// Whom the session belongs to (`sub`).
    pub fn user(&self) -> &UserId {
        &self.0.user
    }

    /// The login method's user (`rsub`); the same as [`AccessToken::user`] unless accounts are linked.
    pub fn recipe_user(&self) -> &UserId {
        &self.0.recipe_user
    }

    /// The session.
    pub fn handle(&self) -> &SessionHandle {
        &self.0.handle
    }

    /// The tenant (`tId`).
    pub fn tenant(&self) -> &TenantId {
        &self.0.tenant
    }

    /// The family of the key that signed it.
    pub fn family(&self) -> KeyFamily {
        self.0.family
    }

    /// How it is written.
    pub fn version(&self) -> TokenVersion {
        self.0.version
    }

    /// The anti-CSRF token that a request must carry beside it.
    pub fn anti_csrf(&self) -> Option<&str> {
        self.0.anti_csrf.as_deref()
    }

    /// The name of the refresh token that was issued with it.
    pub fn refresh_id(&self) -> &str {
        &self.0.refresh_id
    }

    /// The name of that token's parent, while it is not known to have been delivered.
    pub fn parent_refresh_id(&self) -> Option<&str> {
        self.0.parent_refresh_id.as_deref()
    }

    /// What a request that carries this token confirms.
    pub fn delivered(&self) -> Delivered {
        Delivered { handle: self.0.handle.clone(), child: RefreshHash::of_id(&self.0.refresh_id), token: Some(self.0.text.clone()) }
    }

    /// The stored hashes of the refresh token that was issued with it, and of that one's parent if it names it.
    pub(crate) fn refresh_hashes(&self) -> impl Iterator<Item = RefreshHash> {
        [Some(self.refresh_id()), self.parent_refresh_id()].into_iter().flatten().map(RefreshHash::of_id)
    }

    /// `iat`.
    pub fn issued_at(&self) -> Timestamp {
        self.0.issued_at
    }

    /// `exp`.
    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// The whole JWT payload, in its order.
    pub fn claims(&self) -> &JsonObject {
        self.0.payload.claims()
    }

    /// The key that signed it; tokens of the oldest version name none.
    pub fn kid(&self) -> Option<&str> {
        self.0.kid.as_deref()
    }

    /// The application's part of the payload.
    pub fn custom_claims(&self) -> JsonObject {
        self.0.version.custom_claims(self.claims())
    }
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken").field("handle", &self.0.handle).field("user", &self.0.user).finish_non_exhaustive()
    }
}
