//! What may differ from app to app.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
    time::Duration,
};

use hallpass_engine::{engine::Config, judge::Rule, keys::Algorithm};
use hallpass_wire::CdiVersion;
use http::{HeaderMap, header::AUTHORIZATION};
use regex::bytes::Regex;
use subtle::ConstantTimeEq;

/// How one app behaves: the server's settings, changed by what the app overrides.
#[derive(Clone, Debug, PartialEq)]
pub struct AppSettings {
    /// How long an access token lives.
    pub access_token_validity: Duration,
    /// Up to which part that life is shortened at random.
    pub access_token_jitter: f64,
    /// How long a session lives without being refreshed.
    pub refresh_token_validity: Duration,
    /// The age at which dynamic signing keys are replaced.
    pub key_interval: Duration,
    /// What new signing keys sign with.
    pub algorithm: Algorithm,
    /// Who may call.
    pub api_keys: ApiKeys,
    /// The oldest version of the interface that is served.
    pub min_cdi: Option<CdiVersion>,
    /// The latest version of the interface that is served.
    pub max_cdi: Option<CdiVersion>,
    /// CDI 5.6: how long after its rotation a refresh token may come back.
    pub rotation_grace: Duration,
    /// CDI 5.6: whether the token just retired counts as stolen when it comes back after that grace.
    pub recent_reuse_is_theft: bool,
    /// Before CDI 2.21 no call says which keys sign: whether dynamic ones do.
    pub legacy_dynamic_keys: bool,
    /// From where calls are accepted.
    pub ip: IpRules,
    /// Limits that a test suite cannot live with do not hold.
    pub(crate) relaxed: bool,
}

impl Default for AppSettings {
    fn default() -> Self {
        let hour = Duration::from_secs(3600);
        Self {
            access_token_validity: hour,
            access_token_jitter: 0.05,
            refresh_token_validity: hour * 2400,
            key_interval: hour * 168,
            algorithm: Algorithm::Rs256,
            api_keys: ApiKeys::default(),
            min_cdi: None,
            max_cdi: None,
            rotation_grace: Duration::from_secs(30),
            recent_reuse_is_theft: true,
            legacy_dynamic_keys: true,
            ip: IpRules::default(),
            relaxed: false,
        }
    }
}

impl AppSettings {
    /// The engine's settings, with this rule for rotation.
    pub fn engine(&self, rule: Rule) -> Config {
        Config {
            access_token_validity: self.access_token_validity,
            access_token_jitter: self.access_token_jitter,
            refresh_token_validity: self.refresh_token_validity,
            key_interval: self.key_interval,
            algorithm: self.algorithm,
            rule,
            ..Config::default()
        }
    }

    /// What a test suite needs: limits do not hold, and tokens live exactly as long as it says.
    pub(crate) fn for_tests() -> Self {
        Self { access_token_jitter: 0.0, relaxed: true, ..Self::default() }
    }

    /// Checks what concerns more than one value. Says what is wrong.
    pub(crate) fn check(&self) -> Result<(), String> {
        match (self.min_cdi, self.max_cdi) {
            _ if !self.relaxed && self.refresh_token_validity <= self.access_token_validity => {
                Err("refresh_token_validity is not longer than access_token_validity".to_owned())
            }
            (Some(min), Some(max)) if min > max => Err("supertokens_min_cdi_version is later than supertokens_max_cdi_version".to_owned()),
            _ => Ok(()),
        }
    }
}

/// The keys that callers must have one of; if there are none, everyone may call.
///
/// # Security
/// Never printed, and compared in constant time: how long it takes tells lengths, not contents.
#[derive(Clone, Default)]
pub struct ApiKeys {
    /// Shared by all clones, whose keys can be [replaced](Self::replace) while they are in use.
    keys: Arc<RwLock<Vec<String>>>,
    /// One more that is accepted wherever there are keys, whatever the app overrides.
    saas_secret: Option<String>,
}

impl ApiKeys {
    /// Keys separated by commas; white space does not count.
    pub(crate) fn parse(text: &str) -> Result<Vec<String>, String> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let keys: Vec<_> = text.split(',').filter(|key| !key.is_empty()).map(str::to_owned).collect();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'=' || byte == b'-';
        let is_key = |key: &String| key.len() >= 20 && key.bytes().all(is_plain);
        let found_what_was_meant = !keys.is_empty() || text.is_empty();
        if keys.iter().all(is_key) && found_what_was_meant {
            return Ok(keys);
        }
        Err("keys of 20 characters or more from A-Z, a-z, 0-9, '=' and '-', separated by commas".to_owned())
    }

    /// Sets other keys; clones keep theirs.
    pub(crate) fn set_keys(&mut self, keys: Vec<String>) {
        self.keys = Arc::new(RwLock::new(keys));
    }

    /// Replaces the keys, also in all clones: they count from the next call on.
    pub(crate) fn replace(&self, keys: Vec<String>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    fn known(&self) -> RwLockReadGuard<'_, Vec<String>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_saas_secret(&mut self, secret: Option<String>) {
        self.saas_secret = secret;
    }

    pub(crate) fn has_saas_secret(&self) -> bool {
        self.saas_secret.is_some()
    }

    /// The key that came with a request: in the header `api-key`, or else in `authorization`, with or without `Bearer`.
    pub fn presented(headers: &HeaderMap) -> Option<&str> {
        if let Some(key) = headers.get("api-key") {
            return key.to_str().ok();
        }
        let text = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
        let (scheme, rest) = text.split_at_checked(7).unwrap_or(("", text));
        Some(if scheme.eq_ignore_ascii_case("bearer ") { rest } else { text })
    }

    /// Whether everyone may call.
    pub fn is_empty(&self) -> bool {
        self.known().is_empty()
    }

    /// Whether the key that came with a request is one of them.
    #[must_use]
    pub fn accepts(&self, presented: &str) -> bool {
        let presented = presented.trim().as_bytes();
        let keys = self.known();
        let known = keys.iter().chain(&self.saas_secret);
        known.fold(false, |found, key| found | bool::from(key.as_bytes().ct_eq(presented)))
    }
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeys({} …)", self.known().len())
    }
}

impl PartialEq for ApiKeys {
    fn eq(&self, other: &Self) -> bool {
        let same_keys = Arc::ptr_eq(&self.keys, &other.keys) || *self.known() == *other.known();
        same_keys && self.saas_secret == other.saas_secret
    }
}

/// From where calls are accepted: by the address of the TCP connection, whatever headers say.
#[derive(Clone, Debug, Default)]
pub struct IpRules {
    pub(crate) allow: Option<Regex>,
    pub(crate) deny: Option<Regex>,
}

impl IpRules {
    /// A regular expression over the whole address; nothing for none.
    pub(crate) fn parse(text: &str) -> Result<Option<Regex>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        // addresses are ASCII: without Unicode's tables the pattern costs next to nothing
        let compile = |pattern: &str| regex::bytes::RegexBuilder::new(pattern).unicode(false).size_limit(1 << 20).build();
        // by itself first: `)|(` must not get out of the group
        let whole = compile(text).and_then(|_| compile(&format!(r"\A(?:{text})\z")));
        whole.map(Some).map_err(|_| r"a regular expression over an IP address, such as 10\.0\.0\.\d+".to_owned())
    }

    /// Whether a caller from this address is let in.
    #[must_use]
    pub fn accepts(&self, address: IpAddr) -> bool {
        if self.allow.is_none() && self.deny.is_none() {
            return true;
        }
        // an IPv4 caller of a socket that speaks both looks like ::ffff:127.0.0.1
        let text = address.to_canonical().to_string();
        let matches = |rule: &Option<Regex>| rule.as_ref().map(|rule| rule.is_match(text.as_bytes()));
        match (matches(&self.deny), matches(&self.allow)) {
            (Some(true), _) => false,
            (_, Some(allowed)) => allowed,
            (_, None) => true,
        }
    }
}

impl PartialEq for IpRules {
    fn eq(&self, other: &Self) -> bool {
        let text = |rules: &Self| [&rules.allow, &rules.deny].map(|rule| rule.as_ref().map(|rule| rule.as_str().to_owned()));
        text(self) == text(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_whole_and_hidden_in_debug() {
        let mut keys = ApiKeys::default();
        assert!(keys.is_empty() && !keys.accepts(""));
        keys.set_keys(ApiKeys::parse(" aaaaaaaaaaaaaaaaaaaa , bbbbbbbbbb=bbbbbbbbb- ,").unwrap());
        keys.set_saas_secret(Some("s".repeat(40)));
        assert!(keys.accepts("aaaaaaaaaaaaaaaaaaaa") && keys.accepts(" bbbbbbbbbb=bbbbbbbbb- ") && keys.accepts(&"s".repeat(40)));
        for wrong in ["", "aaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaa", "AAAAAAAAAAAAAAAAAAAA", "bbbbbbbbbb=bbbbbbbbb"] {
            assert!(!keys.accepts(wrong), "{wrong}");
        }
        assert_eq!(format!("{keys:?}"), "ApiKeys(2 …)");
    }

    #[test]
    fn a_key_comes_in_its_own_header_or_as_a_bearer() {
        let presented = |name: &'static str, value: &str| {
            let headers = HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())]);
            ApiKeys::presented(&headers).map(str::to_owned)
        };
        assert_eq!(presented("api-key", "k").as_deref(), Some("k"));
        for text in ["k", "Bearer k", "bearer k"] {
            assert_eq!(presented("authorization", text).as_deref(), Some("k"));
        }
        assert_eq!(presented("other", "k"), None);
    }

    #[test]
    fn short_keys_and_odd_characters_are_refused() {
        for wrong in ["short", "aaaaaaaaaaaaaaaaaaa_", "aaaaaaaaaaaaaaaaaaaa,short", ","] {
            assert!(ApiKeys::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(ApiKeys::parse(""), Ok(vec![]));
    }

    #[test]
    fn deny_beats_allow_and_allow_alone_shuts_others_out() {
        let rules = |allow: &str, deny: &str| IpRules { allow: IpRules::parse(allow).unwrap(), deny: IpRules::parse(deny).unwrap() };
        let accepts = |rules: &IpRules, address: &str| rules.accepts(address.parse().unwrap());
        let none = rules("", "");
        assert!(accepts(&none, "10.0.0.1"));
        let allow = rules(r"127\.\d+\.\d+\.\d+|::1", "");
        assert!(accepts(&allow, "127.0.0.1") && accepts(&allow, "::1") && accepts(&allow, "::ffff:127.0.0.1"));
        assert!(!accepts(&allow, "10.127.0.0") && !accepts(&allow, "127.0.0.1".replace("127", "212").as_str()));
        let deny = rules("", r"10\..*");
        assert!(!accepts(&deny, "10.0.0.1") && accepts(&deny, "11.0.0.1"));
        let both = rules(r"10\..*", r"10\.0\..*");
        assert!(accepts(&both, "10.1.0.1") && !accepts(&both, "10.0.0.1") && !accepts(&both, "11.0.0.1"));
        assert!(IpRules::parse("(").is_err() && IpRules::parse(")|(").is_err());
    }
}
