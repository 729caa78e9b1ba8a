//! Refresh tokens: their bytes, and how a child follows from its parent.
//!
//! ```text
//! token = "hp1_" + base64url(body + mac)                 no padding, one spelling only
//! body  = kid u8 | flags u8 | gen u32 | handle 16 | tenant_len u8 | tenant | secret 32        (big-endian)
//! mac   = HMAC-SHA256(K_mac, len u8 | app | body), first 16 bytes
//! ```
//!
//! A token carries its own proof of origin, so a forged one costs an HMAC and no query. The database holds a hash of
//! the secret and the salt of the last rotation: a child can be computed only from its parent's secret *and* the app's
//! root, so neither a leaked database nor one with old tokens yields a token.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use aws_lc_rs::{digest, hkdf, hmac};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::id::{AppId, SessionHandle, SessionKey, TenantId};

const PREFIX: &str = "hp1_";
const MAC_LEN: usize = 16;
const SECRET_LEN: usize = 32;
const HEAD_LEN: usize = 1 + 1 + 4 + 16 + 1;
const MAX_TENANT: usize = 64;
/// The longest text that can be a token: whatever is longer is not even decoded.
const MAX_TEXT: usize = PREFIX.len() + (HEAD_LEN + MAX_TENANT + SECRET_LEN + MAC_LEN).div_ceil(3) * 4;
const FLAG_ANTI_CSRF: u8 = 1;

/// The 32 random bytes per rotation that, with the parent and the root, determine a child.
pub type Salt = [u8; 32];

/// Which refresh root of an app made a token.
pub type RootId = u8;

/// What is stored instead of a refresh token: SHA-256 of its [name](RefreshToken::id). Compared in constant time.
#[derive(Clone, Copy)]
pub struct RefreshHash([u8; 32]);

impl RefreshHash {
    /// The hash with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes, as they are stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The stored hash of the token that an access token names in `refreshTokenHash1`.
    pub fn of_id(id: &str) -> Self {
        let digest = digest::digest(&digest::SHA256, id.as_bytes());
        Self(digest.as_ref().try_into().expect("SHA-256 is 32 bytes long"))
    }
}

impl PartialEq for RefreshHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for RefreshHash {}

impl Hash for RefreshHash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for RefreshHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshHash(…)")
    }
}

/// The two keys that an app's refresh tokens hang on, derived from one stored root.
#[derive(Clone)]
pub struct RefreshRoot {
    id: RootId,
    mac: hmac::Key,
    rotate: hmac::Key,
}

impl RefreshRoot {
    /// Derives the keys from the root's 32 random bytes (HKDF-Expand, RFC 5869 §2.3).
    pub fn new(id: RootId, root: &[u8; 32]) -> Self {
        let prk = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, root);
        let key = |label: &[u8]| {
            let mut bytes = Zeroizing::new([0; 32]);
            prk.expand(&[label], hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut bytes[..])).expect("32 bytes are within HKDF's limit");
            hmac::Key::new(hmac::HMAC_SHA256, &bytes[..])
        };
        Self { id, mac: key(b"hallpass/refresh/mac/v1"), rotate: key(b"hallpass/refresh/rotate/v1") }
    }

    /// Which root this is.
    pub fn id(&self) -> RootId {
        self.id
    }

    fn tag(&self, app: &AppId, body: &[u8]) -> [u8; MAC_LEN] {
        let mut context = hmac::Context::with_key(&self.mac);
        context.update(&prefixed(app.as_str()));
        context.update(body);
        context.sign().as_ref()[..MAC_LEN].try_into().expect("an HMAC-SHA256 tag is longer")
    }
}

impl fmt::Debug for RefreshRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshRoot").field("id", &self.id).finish_non_exhaustive()
    }
}

type Secret = Zeroizing<[u8; SECRET_LEN]>;

/// A genuine refresh token: made here, or decoded with a valid MAC.
///
/// # Security
/// It acts for the user. It has no `Display`, and `Debug` hides the secret; it leaves through [`RefreshToken::encode`] only.
#[derive(Clone)]
pub struct RefreshToken {
    key: SessionKey,
    generation: u32,
    anti_csrf: bool,
    secret: Secret,
    id: String,
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken").field("key", &self.key).field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// Why a text is no refresh token of ours. Whoever presents it learns only that it is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a refresh token of this app")]
pub struct NotOurs;

impl RefreshToken {
    /// The first token of a session.
    pub fn first(key: SessionKey, anti_csrf: bool, secret: [u8; 32]) -> Self {
        Self::new(key, 0, anti_csrf, Zeroizing::new(secret))
    }

    fn new(key: SessionKey, generation: u32, anti_csrf: bool, secret: Secret) -> Self {
        let mut token = Self { key, generation, anti_csrf, secret, id: String::new() };
        let mut message = token.message(b"hallpass/refresh/id/v1");
        message.update(&generation.to_be_bytes());
        let mut id = [0; 64];
        hex::encode_to_slice(message.sign(), &mut id).expect("32 bytes are 64 digits");
        token.id = String::from_utf8_lossy(&id).into_owned();
        token
    }

    /// Reads a token and checks its MAC. Nothing in the text is believed before that.
    ///
    /// # Errors
    /// [`NotOurs`] for anything else than the one spelling of a token that one of `roots` made for `app`.
    pub fn decode(text: &str, app: &AppId, roots: &[RefreshRoot]) -> Result<Self, NotOurs> {
        let encoded = text.strip_prefix(PREFIX).filter(|_| text.len() <= MAX_TEXT).ok_or(NotOurs)?;
        // this decoder refuses padding and loose trailing bits, so there is one spelling per token
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).map_err(|_| NotOurs)?);
        let (body, mac) = bytes.split_last_chunk::<MAC_LEN>().ok_or(NotOurs)?;
        let root = roots.iter().find(|root| body.first() == Some(&root.id)).ok_or(NotOurs)?;
        if !bool::from(root.tag(app, body).ct_eq(mac)) {
            return Err(NotOurs);
        }
        Self::parse(body, app).ok_or(NotOurs)
    }

    fn parse(body: &[u8], app: &AppId) -> Option<Self> {
        let (head, rest) = body.split_first_chunk::<HEAD_LEN>()?;
        let [_kid, flags, g0, g1, g2, g3, id @ .., tenant_len] = *head;
        let (tenant, secret) = rest.split_at_checked(tenant_len.into())?;
        let tenant = match tenant {
            [] => TenantId::public(),
            name => std::str::from_utf8(name).ok()?.parse().ok().filter(|tenant: &TenantId| !tenant.is_public())?,
        };
        if flags & !FLAG_ANTI_CSRF != 0 {
            return None;
        }
        let key = SessionKey { app: app.clone(), handle: SessionHandle::from_parts(id, tenant) };
        let generation = u32::from_be_bytes([g0, g1, g2, g3]);
        Some(Self::new(key, generation, flags == FLAG_ANTI_CSRF, Zeroizing::new(secret.try_into().ok()?)))
    }

    /// The text that the client keeps.
    pub fn encode(&self, root: &RefreshRoot) -> Zeroizing<String> {
        let tenant = self.key.handle.tenant();
        let tenant = if tenant.is_public() { "" } else { tenant.as_str() };
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEAD_LEN + tenant.len() + SECRET_LEN + MAC_LEN));
        bytes.extend([root.id, u8::from(self.anti_csrf)]);
        bytes.extend(self.generation.to_be_bytes());
        bytes.extend(self.key.handle.id());
        bytes.extend(prefixed(tenant));
        bytes.extend(self.secret.iter());
        let tag = root.tag(&self.key.app, &bytes);
        bytes.extend(tag);
        let mut text = Zeroizing::new(String::with_capacity(MAX_TEXT));
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(&*bytes, &mut text);
        text
    }

    /// The token that replaces this one. Same parent, root and salt: same child, whatever `anti_csrf` says of it.
    ///
    /// `None` after four thousand million rotations: the session has to end.
    pub fn child(&self, root: &RefreshRoot, salt: &Salt, anti_csrf: bool) -> Option<Self> {
        let generation = self.generation.checked_add(1)?;
        let mut context = hmac::Context::with_key(&root.rotate);
        self.update(&mut context, b"hallpass/refresh/child/v1");
        context.update(&generation.to_be_bytes());
        context.update(salt);
        let secret = self.keyed(context.sign().as_ref());
        Some(Self::new(self.key.clone(), generation, anti_csrf, secret))
    }

    /// The name under which access tokens refer to this token (`refreshTokenHash1`): tells nothing of the secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the database keeps of this token.
    pub fn hash(&self) -> RefreshHash {
        RefreshHash::of_id(&self.id)
    }

    /// The anti-CSRF token issued with this token, if one was.
    pub fn anti_csrf_token(&self) -> Option<String> {
        self.anti_csrf.then(|| URL_SAFE_NO_PAD.encode(&self.message(b"hallpass/anti-csrf/v1").sign().as_ref()[..16]))
    }

    /// The session that the token belongs to.
    pub fn key(&self) -> &SessionKey {
        &self.key
    }

    /// How many rotations came before it.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Starts a message keyed with the secret.
    fn message(&self, label: &[u8]) -> hmac::Context {
        let mut message = hmac::Context::with_key(&self.hmac_key());
        self.update(&mut message, label);
        message
    }

    fn hmac_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.secret[..])
    }

    fn keyed(&self, message: &[u8]) -> Secret {
        let tag = hmac::sign(&self.hmac_key(), message);
        Zeroizing::new(tag.as_ref().try_into().expect("an HMAC-SHA256 tag is 32 bytes long"))
    }

    /// `label | 0 | ctx`: what every derivation is bound to.
    fn update(&self, context: &mut hmac::Context, label: &[u8]) {
        context.update(label);
        context.update(&[0]);
        context.update(&prefixed(self.key.app.as_str()));
        context.update(&prefixed(self.key.handle.tenant().as_str()));
        context.update(self.key.handle.id());
    }
}

/// `len u8 | text`.
fn prefixed(text: &str) -> Vec<u8> {
    let len = u8::try_from(text.len()).expect("names are at most 64 bytes long");
    [&[len], text.as_bytes()].concat()
}
