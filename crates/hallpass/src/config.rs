//! Settings: what an app says, and what is made of it.

use std::{borrow::Cow, fmt, num::NonZeroUsize, sync::Arc};

use hallpass_engine::{
    id::AppId,
    session::{JsonObject, KeyFamily},
    token_version::PROTECTED_CLAIMS,
};
use http::{StatusCode, request::Parts};

use crate::{
    claims::{Demanded, Registered, Sources},
    cookie,
    csrf::{self, AntiCsrf},
    fetch_metadata::{is_foreign, is_from, is_navigation},
    hardening::{Cookies, Hardening, HardeningSettings},
    hooks::Hooks,
    names::{Names, Token},
    revocations::FeedLoss,
    roles::{self, RoleSettings},
    routes::Route,
    site::{Origin, SameSite, normalise_cookie_domain, normalise_path},
    transfer::{Allowed, Transfer},
};

/// The website that a request comes from, if the app can tell.
pub(crate) type WebsiteOf = Arc<dyn Fn(&Parts) -> Option<String> + Send + Sync>;

/// What a way of transfer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new session is about to be sent.
    Create,
    /// A session is about to be read.
    Read,
}

/// What happens at the first request after a refresh, when the new tokens are known to have arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Promotion {
    /// The engine is told in the background; no response is delayed or changed.
    #[default]
    Quiet,
    /// The engine is asked, and the client gets another access token, as the reference SDKs do.
    Reference,
}

/// The app: where its API and its website are.
///
/// ```
/// # use hallpass::AppInfo;
/// AppInfo::new("shop").api("https://api.example.com").website("https://example.com");
/// ```
#[derive(Clone)]
pub struct AppInfo {
    name: String,
    api: Option<String>,
    website: Option<String>,
    website_of: Option<WebsiteOf>,
    base_path: String,
    gateway_path: String,
}

impl AppInfo {
    /// An app of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), api: None, website: None, website_of: None, base_path: "/auth".to_owned(), gateway_path: String::new() }
    }

    /// Where the API is: scheme, host and port, as browsers see it. Cookies are `Secure` if it is `https`.
    #[must_use]
    pub fn api(mut self, domain: impl Into<String>) -> Self {
        self.api = Some(domain.into());
        self
    }

    /// Where the website is: scheme, host and port. Whether its site is the API's decides on `SameSite`.
    #[must_use]
    pub fn website(mut self, domain: impl Into<String>) -> Self {
        self.website = Some(domain.into());
        self
    }

    /// For apps with several websites: the one that a request comes from. Where it cannot tell, or tells nonsense, that
    /// of [`AppInfo::website`] counts, or else the request counts as one from another site.
    #[must_use]
    pub fn website_of(mut self, website_of: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.website_of = Some(Arc::new(website_of));
        self
    }

    /// The path of the session routes and of the refresh token's cookie: `/auth` by default.
    #[must_use]
    pub fn api_base_path(mut self, path: impl Into<String>) -> Self {
        self.base_path = path.into();
        self
    }

    /// The path that a gateway in front of the API takes off; browsers see it before [`AppInfo::api_base_path`].
    #[must_use]
    pub fn api_gateway_path(mut self, path: impl Into<String>) -> Self {
        self.gateway_path = path.into();
        self
    }
}

impl fmt::Debug for AppInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppInfo").field("name", &self.name).field("api", &self.api).field("website", &self.website).finish_non_exhaustive()
    }
}

/// What the builder was told, unchecked.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) app: AppInfo,
    pub(crate) cookie_domain: Option<String>,
    pub(crate) older_cookie_domain: Option<String>,
    pub(crate) cookie_secure: Option<bool>,
    pub(crate) cookie_same_site: Option<SameSite>,
    pub(crate) access_token_path: String,
    pub(crate) anti_csrf: Option<AntiCsrf>,
    pub(crate) transfer: Allowed,
    pub(crate) hooks: Option<Arc<dyn Hooks>>,
    pub(crate) hardening: HardeningSettings,
    pub(crate) session_expired_status: u16,
    pub(crate) invalid_claim_status: u16,
    pub(crate) expose_access_token: bool,
    pub(crate) key_family: KeyFamily,
    pub(crate) promotion: Promotion,
    pub(crate) disabled: Vec<Route>,
    pub(crate) own_sessions: bool,
    pub(crate) records_devices: bool,
    pub(crate) claims_see_requests: bool,
    pub(crate) feed_loss: FeedLoss,
    pub(crate) claims: Vec<Registered>,
    pub(crate) validators: Demanded,
    pub(crate) roles: Option<RoleSettings>,
    pub(crate) verified_tokens: Option<NonZeroUsize>,
}

impl Settings {
    pub(crate) fn new(app: AppInfo) -> Self {
        Self {
            app,
            cookie_domain: None,
            older_cookie_domain: None,
            cookie_secure: None,
            cookie_same_site: None,
            access_token_path: String::new(),
            anti_csrf: None,
            transfer: Allowed::Any,
            hooks: None,
            hardening: HardeningSettings::default(),
            session_expired_status: 401,
            invalid_claim_status: 403,
            expose_access_token: false,
            key_family: KeyFamily::Dynamic,
            promotion: Promotion::Quiet,
            disabled: Vec::new(),
            own_sessions: false,
            records_devices: false,
            claims_see_requests: false,
            feed_loss: FeedLoss::Open,
            claims: Vec::new(),
            validators: Demanded::default(),
            roles: None,
            verified_tokens: None,
        }
    }

    /// Checks everything, and reports every mistake at once.
    pub(crate) fn check(mut self) -> Result<Config, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        if self.app.name.trim().is_empty() {
            mistakes.push(Mistake::NoName);
        }
        let api = match &self.app.api {
            None => Err(Mistake::NoApi),
            Some(text) => Origin::parse(text).ok_or_else(|| Mistake::InvalidApi(text.clone())),
        };
        let website = match &self.app.website {
            None if self.app.website_of.is_none() => Err(Mistake::NoWebsite),
            None => Ok(None),
            Some(text) => Origin::parse(text).map(Some).ok_or_else(|| Mistake::InvalidWebsite(text.clone())),
        };
        let path = |setting, text: &str| normalise_path(text).ok_or_else(|| Mistake::InvalidPath { setting, given: text.to_owned() });
        let domain = |setting, text: &Option<String>| match text.as_deref() {
            None => Ok(None),
            // no domain: cookies of exactly the host that set them
            Some("") if setting == OLDER_COOKIE_DOMAIN => Ok(Some(String::new())),
            Some(text) => {
                normalise_cookie_domain(text).map(Some).ok_or_else(|| Mistake::InvalidCookieDomain { setting, given: text.to_owned() })
            }
        };
        let status = |setting, code: u16| match StatusCode::from_u16(code) {
            Ok(status) if status.is_client_error() || status.is_server_error() => Ok(status),
            _ => Err(Mistake::InvalidStatus { setting, code }),
        };
        if self.session_expired_status == self.invalid_claim_status {
            mistakes.push(Mistake::SameStatus(self.invalid_claim_status));
        }
        roles::register(&mut self.claims, self.roles);
        mistakes.extend(wrong_keys(&self.claims));
        let cookies = Cookies {
            secure: self.cookie_secure.unwrap_or(api.as_ref().map_or(true, Origin::is_https)),
            have_domain: self.cookie_domain.is_some(),
            have_path: normalise_path(&self.access_token_path).is_none_or(|path| !path.is_empty()),
        };
        let hardening = self.hardening.check(cookies, &mut mistakes);
        let mut keep = Keep(&mut mistakes);
        let checked = (
            keep.ok(api),
            keep.ok(website),
            keep.ok(path("api_base_path", &self.app.base_path)),
            keep.ok(path("api_gateway_path", &self.app.gateway_path)),
            keep.ok(path("access_token_path", &self.access_token_path)),
            keep.ok(domain("cookie_domain", &self.cookie_domain)),
            keep.ok(domain(OLDER_COOKIE_DOMAIN, &self.older_cookie_domain)),
            keep.ok(status("session_expired_status", self.session_expired_status)),
            keep.ok(status("invalid_claim_status", self.invalid_claim_status)),
        );
        let (
            Some(api),
            Some(website),
            Some(base),
            Some(gateway),
            Some(access_token_path),
            Some(cookie_domain),
            Some(older_cookie_domain),
            Some(session_expired_status),
            Some(invalid_claim_status),
        ) = checked
        else {
            return Err(mistakes);
        };
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(Config {
            cookie_secure: cookies.secure,
            issuer: format!("{api}{gateway}{base}"),
            api,
            website,
            website_of: self.app.website_of,
            base_path: format!("{gateway}{base}"),
            served_base_path: base,
            app_id: AppId::public(),
            cookie_domain,
            older_cookie_domain,
            cookie_same_site: self.cookie_same_site,
            access_token_path,
            anti_csrf: self.anti_csrf,
            transfer: self.transfer,
            hooks: self.hooks,
            hardening,
            session_expired_status,
            invalid_claim_status,
            expose_access_token: self.expose_access_token,
            key_family: self.key_family,
            promotion: self.promotion,
            disabled: if self.own_sessions { self.disabled } else { [self.disabled, Route::OWN_SESSIONS.to_vec()].concat() },
            records_devices: self.records_devices,
            claims_see_requests: self.claims_see_requests,
            feed_loss: self.feed_loss,
            sources: Sources::new(self.claims),
            validators: self.validators,
            verified_tokens: self.verified_tokens,
        })
    }
}

const OLDER_COOKIE_DOMAIN: &str = "older_cookie_domain";

/// Keys that two claims have, or that are the engine's.
fn wrong_keys(claims: &[Registered]) -> Vec<Mistake> {
    let is_taken = |index: usize, key: &str| claims[..index].iter().any(|claim| claim.key() == key);
    let mistake = |(index, claim): (usize, &Registered)| match claim.key() {
        key if PROTECTED_CLAIMS.contains(&key) => Some(Mistake::ProtectedClaim(key.to_owned())),
        key if is_taken(index, key) => Some(Mistake::SameClaim(key.to_owned())),
        _ => None,
    };
    claims.iter().enumerate().filter_map(mistake).collect()
}

/// Collects mistakes on the way, so that the app learns of all of them at once.
struct Keep<'a>(&'a mut Vec<Mistake>);

impl Keep<'_> {
    fn ok<T>(&mut self, result: Result<T, Mistake>) -> Option<T> {
        result.map_err(|mistake| self.0.push(mistake)).ok()
    }
}

/// Checked settings.
pub(crate) struct Config {
    pub(crate) api: Origin,
    website: Option<Origin>,
    website_of: Option<WebsiteOf>,
    /// The `iss` of access tokens.
    pub(crate) issuer: String,
    /// As browsers see it: with the gateway's path.
    pub(crate) base_path: String,
    /// The API's base path as it arrives here: without what a gateway took off.
    pub(crate) served_base_path: String,
    pub(crate) app_id: AppId,
    pub(crate) cookie_domain: Option<String>,
    /// Empty: cookies without a domain.
    pub(crate) older_cookie_domain: Option<String>,
    pub(crate) cookie_secure: bool,
    cookie_same_site: Option<SameSite>,
    pub(crate) access_token_path: String,
    anti_csrf: Option<AntiCsrf>,
    transfer: Allowed,
    pub(crate) hooks: Option<Arc<dyn Hooks>>,
    pub(crate) hardening: Hardening,
    pub(crate) session_expired_status: StatusCode,
    pub(crate) invalid_claim_status: StatusCode,
    pub(crate) expose_access_token: bool,
    pub(crate) key_family: KeyFamily,
    pub(crate) promotion: Promotion,
    pub(crate) disabled: Vec<Route>,
    pub(crate) records_devices: bool,
    pub(crate) claims_see_requests: bool,
    pub(crate) feed_loss: FeedLoss,
    pub(crate) sources: Sources,
    pub(crate) validators: Demanded,
    pub(crate) verified_tokens: Option<NonZeroUsize>,
}

impl Config {
    /// The path of the refresh route as browsers see it.
    pub(crate) fn refresh_path(&self) -> String {
        format!("{}{}", self.base_path, Route::Refresh.path())
    }

    /// What the cookies of a response to this request need. Never remembered: the next request may come from elsewhere.
    pub(crate) fn same_site(&self, request: &Parts) -> SameSite {
        self.cookie_same_site
            .unwrap_or_else(|| self.website(request).map_or(SameSite::None, |website| SameSite::between(&self.api, &website)))
    }

    fn website(&self, request: &Parts) -> Option<Cow<'_, Origin>> {
        let of_request = self.website_of.as_ref().and_then(|website_of| Origin::parse(&website_of(request)?));
        of_request.map(Cow::Owned).or_else(|| self.website.as_ref().map(Cow::Borrowed))
    }

    /// Whether browsers would refuse cookies of this response.
    pub(crate) fn refuses_cookies(&self, request: &Parts, same_site: SameSite) -> bool {
        let local = || self.api.is_local() && self.website(request).is_some_and(|website| website.is_local());
        same_site == SameSite::None && !self.cookie_secure && !local()
    }

    /// How a request with cookies of this kind proves where it comes from.
    pub(crate) fn anti_csrf(&self, same_site: SameSite) -> AntiCsrf {
        csrf::mode(self.anti_csrf, same_site)
    }

    /// As [`Config::anti_csrf`], where there is no request: only what was set counts.
    pub(crate) fn anti_csrf_without_request(&self) -> AntiCsrf {
        self.anti_csrf.unwrap_or(AntiCsrf::None)
    }

    pub(crate) fn allowed(&self, request: &Parts, purpose: Purpose) -> Allowed {
        self.hooks.as_ref().and_then(|hooks| hooks.transfer(request, purpose)).unwrap_or(self.transfer)
    }

    /// What the cookies and headers of a request are called.
    pub(crate) fn names(&self, request: &Parts) -> Names {
        let names = self.plain_names(request);
        if self.hardening.prefixed_cookies { names.prefixed() } else { names }
    }

    /// What they were called before cookies had prefixes.
    pub(crate) fn plain_names(&self, request: &Parts) -> Names {
        self.hooks.as_ref().map_or_else(Names::default, |hooks| hooks.names(request))
    }

    /// The cookies of before the prefixes that a client still has.
    pub(crate) fn plain_cookies(&self, request: &Parts) -> Vec<(Token, Cow<'static, str>)> {
        if !self.hardening.prefixed_cookies {
            return Vec::new();
        }
        let names = self.plain_names(request);
        let named = [Token::Access, Token::Refresh].map(|token| (token, names.cookie(token).clone()));
        named.into_iter().filter(|(_, name)| cookie::value(&request.headers, name).is_some()).collect()
    }

    /// Whether the page that caused a request may use cookies for it, as far as that is asked for.
    pub(crate) fn trusts(&self, request: &Parts) -> bool {
        self.hardening.origins.is_none() || request.method.is_safe() || self.is_from_us(request)
    }

    /// Whether the page that caused a request may sign its visitor in by cookies: for another site's it would be an account of
    /// its own, in which the visitor leaves what is private. Following a link from there is no such thing: whoever comes back from
    /// an identity provider does, and what the link says the app has to check in any case.
    pub(crate) fn lets_sign_in(&self, request: &Parts) -> bool {
        let headers = &request.headers;
        let follows_link = request.method.is_safe() && is_navigation(headers);
        self.trusts(request) && (!is_foreign(headers) || follows_link || self.is_from_us(request))
    }

    /// Whether a page of the API, of the website or of a trusted origin caused a request. What [`AppInfo::website_of`] says does
    /// not count: it may take any origin's word.
    fn is_from_us(&self, request: &Parts) -> bool {
        let others = self.hardening.origins.as_deref().unwrap_or_default();
        let is_ours = |origin: &Origin| *origin == self.api || self.website.as_ref() == Some(origin) || others.contains(origin);
        is_from(&request.headers, is_ours)
    }

    /// Whether new tokens that take this way carry an anti-CSRF token.
    pub(crate) fn issues_anti_csrf(&self, transfer: Transfer) -> bool {
        transfer == Transfer::Cookie && self.anti_csrf == Some(AntiCsrf::Token)
    }

    /// The payload of a new session: what the app gives, without the engine's claims, and with our `iss`.
    pub(crate) fn new_payload(&self, payload: &JsonObject) -> JsonObject {
        let mut payload = hallpass_engine::token_version::TokenVersion::V5.custom_claims(payload);
        payload.insert("iss".to_owned(), self.issuer.clone().into());
        payload
    }
}

/// The SDK could not be built. `Debug` says the same as `Display`: it is what a `main` that returns an error prints.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Settings are wrong: all of them are listed.
    #[error("the settings of hallpass are wrong:{}", list(.0))]
    Settings(Vec<Mistake>),
    /// The engine did not open.
    #[error(transparent)]
    Open(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn list(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(|mistake| format!("\n- {mistake}")).collect()
}

/// A wrong setting, and how to set it right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mistake {
    /// The app has no name.
    #[error("the app has no name: give it one with `AppInfo::new(\"shop\")`")]
    NoName,
    /// The API's address is missing.
    #[error("the address of the API is missing: add `.api(\"https://api.example.com\")` to `AppInfo`")]
    NoApi,
    /// The API's address cannot be read.
    #[error("`{0}` is no address of an API: give scheme and host, as in `.api(\"https://api.example.com\")`")]
    InvalidApi(String),
    /// The website's address is missing.
    #[error("the address of the website is missing: add `.website(\"https://example.com\")` or `.website_of(…)` to `AppInfo`")]
    NoWebsite,
    /// The website's address cannot be read.
    #[error("`{0}` is no address of a website: give scheme and host, as in `.website(\"https://example.com\")`")]
    InvalidWebsite(String),
    /// A path holds characters that a cookie cannot carry.
    #[error("`{setting}` is `{given}`: write a path of visible ASCII characters without `;`, as in `/auth`")]
    InvalidPath {
        /// Which.
        setting: &'static str,
        /// What was given.
        given: String,
    },
    /// A cookie domain is no host name.
    #[error(
        "`{setting}` is `{given}`: write a host name, as in `example.com` or `.example.com`, or leave it out for cookies of the API's host only"
    )]
    InvalidCookieDomain {
        /// Which.
        setting: &'static str,
        /// What was given.
        given: String,
    },
    /// A status is none for errors.
    #[error("`{setting}` is {code}: choose one from 400 to 599")]
    InvalidStatus {
        /// Which.
        setting: &'static str,
        /// What was given.
        code: u16,
    },
    /// Clients could not tell the two apart.
    #[error(
        "`session_expired_status` and `invalid_claim_status` are both {0}: give them different values, so that clients know when to refresh"
    )]
    SameStatus(u16),
    /// Two claims would overwrite each other.
    #[error("two claims have the key `{0}`: give each claim once, and no two the same key")]
    SameClaim(String),
    /// The engine writes this member itself.
    #[error("a claim has the key `{0}`, which only the engine may set: choose another one")]
    ProtectedClaim(String),
    /// Browsers drop cookies with a prefix that did not come over https.
    #[error("`prefixed_cookies` needs https: serve the API over it, `.api(\"https://…\")`, and do not set `cookie_secure` to `false`")]
    PrefixNeedsHttps,
    /// Browsers drop `__Host-` cookies that have a domain.
    #[error("`prefixed_cookies` ties the access token to the API's host: take out `cookie_domain`")]
    PrefixNeedsHost,
    /// Browsers drop `__Host-` cookies that have another path.
    #[error("`prefixed_cookies` needs the access token's cookie at `/`: take out `access_token_path`")]
    PrefixNeedsRoot,
    /// Browsers drop partitioned cookies that did not come over https.
    #[error("`partitioned_cookies` needs https: serve the API over it, `.api(\"https://…\")`, and do not set `cookie_secure` to `false`")]
    PartitionedNeedsHttps,
    /// A trusted origin cannot be read.
    #[error("`{0}` is no origin: give scheme, host and port, as in `.trusted_origins([\"https://admin.example.com\"])`")]
    InvalidOrigin(String),
    /// A trusted proxy cannot be read.
    #[error("`{0}` is neither an address nor a network: write `10.0.0.1` or `10.0.0.0/8` into `trusted_proxies`")]
    InvalidProxy(String),
    /// All clients of a proxy would count as one.
    #[error(
        "`refreshes_per_minute` needs to tell clients apart: name the proxies in front of the app with `trusted_proxies`, or an empty list of them if there are none"
    )]
    LimitNeedsProxies,
    /// Nobody could refresh.
    #[error("`refreshes_per_minute` is 0, so nobody could refresh: give a number, or take it out")]
    LimitIsZero,
    /// No engine was given.
    #[error("there is no session engine: choose where sessions are kept, for example with `.embedded(\"sqlite://hallpass.db\")`")]
    NoCore,
    /// The background work has nowhere to run.
    #[error("there is no tokio runtime: call `build` inside one, for example under `#[tokio::main]`")]
    NoRuntime,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::builder::Builder;

    /// Settings as an app on this machine has them, and a change to them.
    pub(crate) fn config(change: impl FnOnce(Builder) -> Builder) -> Config {
        change(Builder::new(app())).settings.check().unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
    }

    fn app() -> AppInfo {
        AppInfo::new("demo").api("http://localhost:3000").website("http://localhost:3000")
    }

    fn mistakes(builder: Builder) -> Vec<Mistake> {
        builder.settings.check().map(|_| ()).unwrap_err()
    }

    fn request(origin: &str) -> Parts {
        http::Request::builder().header("origin", origin).body(()).unwrap().into_parts().0
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let app = AppInfo::new(" ").api("nonsense").api_base_path("/a;b").api_gateway_path("/\n/");
        let builder = Builder::new(app)
            .cookie_domain("")
            .older_cookie_domain("a b")
            .access_token_path("/ä")
            .session_expired_status(200)
            .invalid_claim_status(200);
        let found = mistakes(builder);
        assert_eq!(found.len(), 11, "{found:?}");
        let text = BuildError::Settings(found).to_string();
        for part in ["no name", "`nonsense`", "website is missing", "`api_base_path`", "`api_gateway_path`", "`access_token_path`"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        for part in
            ["`cookie_domain`", "`older_cookie_domain`", "`session_expired_status` is 200", "`invalid_claim_status` is 200", "both 200"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn an_app_needs_its_addresses() {
        assert_eq!(mistakes(Builder::new(AppInfo::new("x"))), [Mistake::NoApi, Mistake::NoWebsite]);
        let app = AppInfo::new("x").api("https://api.example.com").website("https://");
        assert_eq!(mistakes(Builder::new(app)), [Mistake::InvalidWebsite("https://".to_owned())]);
        assert!(Builder::new(AppInfo::new("x").api("https://api.example.com").website_of(|_| None)).settings.check().is_ok());
    }

    #[test]
    fn paths_and_issuer_contain_the_gateway() {
        let app = app().api_gateway_path("gateway/").api_base_path("/auth/");
        let config = Builder::new(app).settings.check().unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        assert_eq!(config.issuer, "http://localhost:3000/gateway/auth");
        assert_eq!(config.refresh_path(), "/gateway/auth/session/refresh");
    }

    #[test]
    fn cookies_are_secure_when_the_api_is_unless_set() {
        let of = |api: &str, set: Option<bool>| {
            let app = AppInfo::new("x").api(api).website("https://example.com");
            let mut settings = Settings::new(app);
            settings.cookie_secure = set;
            settings.check().unwrap_or_else(|mistakes| panic!("{mistakes:?}")).cookie_secure
        };
        assert!(of("https://api.example.com", None));
        assert!(!of("http://api.example.com", None));
        assert!(!of("https://api.example.com", Some(false)));
        assert!(of("http://api.example.com", Some(true)));
    }

    #[test]
    fn same_site_follows_the_website_of_the_request() {
        let origin = |request: &Parts| request.headers.get("origin")?.to_str().ok().map(str::to_owned);
        let app = AppInfo::new("x").api("https://api.a.com").website_of(origin);
        let config = Builder::new(app.clone()).settings.check().unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        for (from, same_site) in [("https://www.a.com", SameSite::Lax), ("https://b.com", SameSite::None), ("null", SameSite::None)] {
            assert_eq!(config.same_site(&request(from)), same_site, "{from}");
        }
        let config = Builder::new(app.website("https://a.com")).settings.check().unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        assert_eq!(config.same_site(&request("null")), SameSite::Lax);
        let strict = super::tests::config(|builder| builder.cookie_same_site(SameSite::Strict));
        assert_eq!(strict.same_site(&request("https://b.com")), SameSite::Strict);
    }

    #[test]
    fn insecure_cookies_across_sites_are_refused_except_on_this_machine() {
        let refuses = |api: &str, website: &str| {
            let app = AppInfo::new("x").api(api).website(website);
            let config = Builder::new(app).settings.check().unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
            let request = request("https://x.com");
            config.refuses_cookies(&request, config.same_site(&request))
        };
        assert!(refuses("http://api.a.com", "http://b.com"));
        assert!(refuses("http://api.a.com", "https://a.com"));
        assert!(!refuses("https://api.a.com", "https://b.com"));
        assert!(!refuses("http://api.a.com", "http://a.com"));
        assert!(!refuses("http://localhost:3000", "https://127.0.0.1:3000"));
    }

    #[test]
    fn a_new_payload_has_our_issuer_and_none_of_the_engine_s_claims() {
        let config = config(|builder| builder);
        let serde_json::Value::Object(given) = serde_json::json!({ "sub": "x", "iss": "theirs", "plan": "pro", "exp": 1 }) else {
            unreachable!()
        };
        assert_eq!(
            serde_json::Value::Object(config.new_payload(&given)).to_string(),
            r#"{"iss":"http://localhost:3000/auth","plan":"pro"}"#
        );
    }
}
