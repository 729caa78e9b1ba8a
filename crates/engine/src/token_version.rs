//! The versions of access tokens: what each is written like. A token keeps its version for as long as it is only renewed;
//! a refresh writes the version of whoever asks.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{keys::Algorithm, session::JsonObject};

/// How an access token is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenVersion {
    /// No `kid`, padded standard base64, the application's claims apart under `userData`. RS256 only.
    V2,
    /// A JWT whose claims are the application's and the engine's side by side.
    V3,
    /// With the tenant, `tId`.
    V4,
    /// With the user of the login method, `rsub`.
    #[default]
    V5,
}

/// Claims that only the engine may set, in tokens of the newest version. `iss` is not among them: an application may
/// overwrite it.
pub const PROTECTED_CLAIMS: [&str; 10] =
    ["sub", "iat", "exp", "sessionHandle", "parentRefreshTokenHash1", "refreshTokenHash1", "antiCsrfToken", "stt", "tId", "rsub"];

/// How the newest version is written under `version` in a header; the ones before it count down.
const NEWEST: u32 = 5;

/// The one header of every V2 token, byte for byte: verifiers compare the text.
pub(crate) const V2_HEADER: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsInZlcnNpb24iOiIyIn0=";

impl TokenVersion {
    /// The version that a header names. Later ones are read as the newest that we know.
    pub(crate) fn from_number(number: u32) -> Option<Self> {
        match number {
            0..3 => None,
            3 => Some(Self::V3),
            4 => Some(Self::V4),
            NEWEST.. => Some(Self::V5),
        }
    }

    const fn number(self) -> u32 {
        match self {
            Self::V2 => 2,
            Self::V3 => 3,
            Self::V4 => 4,
            Self::V5 => NEWEST,
        }
    }

    /// The claims of its tokens that only the engine may set: in a V2 token nothing of the application's can collide.
    pub const fn protected_claims(self) -> &'static [&'static str] {
        let count = match self {
            Self::V2 => 0,
            Self::V3 => 8,
            Self::V4 => 9,
            Self::V5 => 10,
        };
        PROTECTED_CLAIMS.split_at(count).0
    }

    /// The first protected claim in a payload, if there is one.
    pub fn protected_claim(self, payload: &JsonObject) -> Option<&'static str> {
        self.protected_claims().iter().copied().find(|name| payload.contains_key(*name))
    }

    /// The application's part of a token's claims.
    pub fn custom_claims(self, claims: &JsonObject) -> JsonObject {
        match self {
            Self::V2 => claims.get("userData").and_then(Value::as_object).cloned().unwrap_or_default(),
            _ => {
                let custom = claims.iter().filter(|(name, _)| !self.protected_claims().contains(&name.as_str()));
                custom.map(|(name, value)| (name.clone(), value.clone())).collect()
            }
        }
    }
}

/// The encoded JOSE headers of a key: computed once, for they begin every token.
pub(crate) struct Headers {
    v3: String,
    v4: String,
    v5: String,
    jwt: String,
}

impl Headers {
    pub(crate) fn new(algorithm: Algorithm, kid: &str) -> Self {
        let plain = json!({ "alg": algorithm.as_str(), "typ": "JWT", "kid": kid });
        let of = |version: TokenVersion| {
            let mut header = plain.clone();
            header["version"] = version.number().to_string().into();
            URL_SAFE_NO_PAD.encode(header.to_string())
        };
        Self {
            v3: of(TokenVersion::V3),
            v4: of(TokenVersion::V4),
            v5: of(TokenVersion::V5),
            jwt: URL_SAFE_NO_PAD.encode(plain.to_string()),
        }
    }

    pub(crate) fn of(&self, version: Option<TokenVersion>) -> &str {
        match version {
            Some(TokenVersion::V2) => V2_HEADER,
            Some(TokenVersion::V3) => &self.v3,
            Some(TokenVersion::V4) => &self.v4,
            Some(TokenVersion::V5) => &self.v5,
            None => &self.jwt,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_protects_what_it_writes() {
        let has = |version: TokenVersion, name| version.protected_claims().contains(&name);
        assert!(has(TokenVersion::V5, "rsub") && has(TokenVersion::V5, "tId"));
        assert!(!has(TokenVersion::V4, "rsub") && has(TokenVersion::V4, "tId"));
        assert!(!has(TokenVersion::V3, "tId") && has(TokenVersion::V3, "sub"));
        assert!(TokenVersion::V2.protected_claims().is_empty());
    }

    #[test]
    fn a_version_that_is_not_known_yet_is_read_as_the_newest() {
        let read = |number| TokenVersion::from_number(number);
        assert_eq!(
            [read(2), read(3), read(4), read(5), read(6)].map(|version| version.map(TokenVersion::number)),
            [None, Some(3), Some(4), Some(5), Some(5)]
        );
    }
}
