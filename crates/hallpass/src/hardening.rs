//! Protection beyond what frontends need, each behind a switch: where it is safe to have, depends on the app.

use std::num::NonZeroU32;

use http::HeaderValue;

use crate::{
    builder::Builder,
    client_address::{ForwardedIn, Proxies},
    config::Mistake,
    limit::Limiter,
    site::Origin,
};

/// What a browser forgets when a session ends, beside the tokens (W3C Clear Site Data).
///
/// Cookies are not among it: a browser would also drop those that are not the session's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteData {
    /// Responses that the browser keeps, of pages that only the user was meant to see.
    Cache,
    /// What scripts have stored. Everything: also settings that should outlive the session, and, for a frontend that keeps
    /// its tokens there, those of a session that began meanwhile.
    Storage,
}

/// What the builder was told, unchecked.
#[derive(Clone, Debug, Default)]
pub(crate) struct HardeningSettings {
    prefixed_cookies: bool,
    partitioned_cookies: bool,
    trusted_origins: Option<Vec<String>>,
    trusted_proxies: Option<(Vec<String>, ForwardedIn)>,
    refreshes_per_minute: Option<u32>,
    site_data: Vec<SiteData>,
}

/// Checked settings.
#[derive(Debug, Default)]
pub(crate) struct Hardening {
    pub(crate) prefixed_cookies: bool,
    pub(crate) partitioned: bool,
    /// Beside the API's and the website's. `None`: browsers' word is not asked for.
    pub(crate) origins: Option<Vec<Origin>>,
    pub(crate) proxies: Proxies,
    pub(crate) refreshes: Option<Limiter>,
    pub(crate) clear_site_data: Option<HeaderValue>,
}

/// What other settings say of the cookies.
#[derive(Clone, Copy)]
pub(crate) struct Cookies {
    pub(crate) secure: bool,
    pub(crate) have_domain: bool,
    pub(crate) have_path: bool,
}

impl HardeningSettings {
    pub(crate) fn check(self, cookies: Cookies, mistakes: &mut Vec<Mistake>) -> Hardening {
        let prefix = |wrong, mistake| (self.prefixed_cookies && wrong).then_some(mistake);
        mistakes.extend(prefix(!cookies.secure, Mistake::PrefixNeedsHttps));
        mistakes.extend(prefix(cookies.have_domain, Mistake::PrefixNeedsHost));
        mistakes.extend(prefix(cookies.have_path, Mistake::PrefixNeedsRoot));
        if self.partitioned_cookies && !cookies.secure {
            mistakes.push(Mistake::PartitionedNeedsHttps);
        }
        let origins = self.trusted_origins.map(|origins| {
            let parse = |text: String| Origin::parse(&text).ok_or(Mistake::InvalidOrigin(text));
            origins.into_iter().filter_map(|text| parse(text).map_err(|mistake| mistakes.push(mistake)).ok()).collect()
        });
        if self.refreshes_per_minute.is_some() && self.trusted_proxies.is_none() {
            mistakes.push(Mistake::LimitNeedsProxies);
        }
        let proxies = self.trusted_proxies.map(|(networks, header)| Proxies::parse(networks, header, mistakes));
        let refreshes = self.refreshes_per_minute.and_then(|limit| {
            let limit = NonZeroU32::new(limit);
            if limit.is_none() {
                mistakes.push(Mistake::LimitIsZero);
            }
            limit.map(Limiter::per_minute)
        });
        Hardening {
            prefixed_cookies: self.prefixed_cookies,
            partitioned: self.partitioned_cookies,
            origins,
            proxies: proxies.unwrap_or_default(),
            refreshes,
            clear_site_data: clear_site_data(&self.site_data),
        }
    }
}

fn clear_site_data(wanted: &[SiteData]) -> Option<HeaderValue> {
    match (wanted.contains(&SiteData::Cache), wanted.contains(&SiteData::Storage)) {
        (false, false) => None,
        (true, false) => Some(HeaderValue::from_static("\"cache\"")),
        (false, true) => Some(HeaderValue::from_static("\"storage\"")),
        (true, true) => Some(HeaderValue::from_static("\"cache\", \"storage\"")),
    }
}

impl Builder {
    /// Whether session cookies have names that browsers guard: `__Host-` for the access token, `__Secure-` for the refresh
    /// token. Nobody but this very host, over https, can then set the former. Off by default; needs https, and neither
    /// `cookie_domain` nor `access_token_path`.
    ///
    /// Clients keep their sessions when this is switched on: a cookie of the plain name still refreshes, and is replaced
    /// then. When the plain cookies had a domain, leave it in [`Builder::older_cookie_domain`], so that they are found and
    /// deleted. Switching it off again signs everybody out.
    ///
    /// # Security
    /// Only the refresh route reads plain cookies, and only where no guarded one came along. So another host of the same
    /// domain can still plant a session of its own into a browser that has none; it can never replace one.
    pub fn prefixed_cookies(mut self, prefixed: bool) -> Self {
        self.settings.hardening.prefixed_cookies = prefixed;
        self
    }

    /// Whether a browser keeps session cookies apart for every site that embeds the app in a frame (CHIPS), and so sends
    /// them although it blocks those of third parties. Off by default; needs https, and frames need
    /// [`SameSite::None`](crate::SameSite::None) beside it.
    ///
    /// When this is switched on, clients are freed from the cookies of before at their next refresh.
    pub fn partitioned_cookies(mut self, partitioned: bool) -> Self {
        self.settings.hardening.partitioned_cookies = partitioned;
        self
    }

    /// Accepts cookies with requests that change something (all but `GET`, `HEAD`, `OPTIONS` and `TRACE`) only if a page of
    /// the API, of [`AppInfo::website`](crate::AppInfo::website) or of one of these origins made them, as far as browsers
    /// tell (`Origin`, or else `Sec-Fetch-Site`). Others are answered by 403, and their tokens left alone. What no browser
    /// sent passes. By default browsers' word is not asked for: an app may have websites that it did not name.
    ///
    /// Sign-ins by cookies are accepted from the same origins only; by default they are refused to forms of other sites
    /// ([`SignIn::from_another_site`](crate::SignIn::from_another_site)).
    ///
    /// # Security
    /// A second line behind `SameSite` and [`Builder::anti_csrf`]: it also stops other hosts of the same site, which share
    /// its cookies, and apps that turned the others off.
    pub fn trusted_origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.settings.hardening.trusted_origins = Some(origins.into_iter().map(Into::into).collect());
        self
    }

    /// The proxies in front of the app, as addresses or networks (`10.0.0.0/8`), and the header in which they tell whom they
    /// forward. Only what these proxies say counts. None at all: clients connect directly.
    ///
    /// # Security
    /// Name the one header that your proxies write or replace. One that they merely pass on says what clients like.
    pub fn trusted_proxies(mut self, networks: impl IntoIterator<Item = impl Into<String>>, header: ForwardedIn) -> Self {
        self.settings.hardening.trusted_proxies = Some((networks.into_iter().map(Into::into).collect(), header));
        self
    }

    /// How often a client address may refresh within a minute; above, the answer is 429 with `Retry-After`, and tokens are left
    /// alone. Not limited by default. Needs [`Builder::trusted_proxies`]: otherwise all clients of a proxy would count as one.
    ///
    /// Think of offices and mobile networks that share an address. The count is kept in this process, and of a bounded number of addresses.
    pub fn refreshes_per_minute(mut self, limit: u32) -> Self {
        self.settings.hardening.refreshes_per_minute = Some(limit);
        self
    }

    /// What browsers are told to forget at sign-out (`Clear-Site-Data`). Nothing by default: clearing a cache can take browsers
    /// seconds, and clearing the storage takes away what the app meant to keep.
    pub fn clear_site_data(mut self, data: impl IntoIterator<Item = SiteData>) -> Self {
        self.settings.hardening.site_data = data.into_iter().collect();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{AppInfo, Config, tests::config};

    fn check(api: &str, change: impl FnOnce(Builder) -> Builder) -> Result<Config, Vec<Mistake>> {
        change(Builder::new(AppInfo::new("x").api(api).website("https://example.com"))).settings.check()
    }

    fn mistakes(api: &str, change: impl FnOnce(Builder) -> Builder) -> Vec<Mistake> {
        check(api, change).err().unwrap_or_default()
    }

    #[test]
    fn guarded_cookies_need_https_one_host_and_its_root() {
        let all = |builder: Builder| builder.prefixed_cookies(true).cookie_domain("example.com").access_token_path("/app");
        assert_eq!(
            mistakes("http://api.example.com", all),
            [Mistake::PrefixNeedsHttps, Mistake::PrefixNeedsHost, Mistake::PrefixNeedsRoot]
        );
        assert!(mistakes("https://api.example.com", |builder| builder.prefixed_cookies(true).access_token_path("/")).is_empty());
        let insecure = |builder: Builder| builder.prefixed_cookies(true).cookie_secure(false);
        assert_eq!(mistakes("https://api.example.com", insecure), [Mistake::PrefixNeedsHttps]);
        // behind a proxy that ends TLS the app may know better
        assert!(mistakes("http://api.example.com", |builder| builder.prefixed_cookies(true).cookie_secure(true)).is_empty());
    }

    #[test]
    fn partitioned_cookies_need_https() {
        assert_eq!(mistakes("http://api.example.com", |builder| builder.partitioned_cookies(true)), [Mistake::PartitionedNeedsHttps]);
        assert!(mistakes("https://api.example.com", |builder| builder.partitioned_cookies(true)).is_empty());
    }

    #[test]
    fn a_limit_needs_to_know_the_proxies() {
        let api = "https://api.example.com";
        assert_eq!(mistakes(api, |builder| builder.refreshes_per_minute(60)), [Mistake::LimitNeedsProxies]);
        let none: [&str; 0] = [];
        let limited =
            |limit| mistakes(api, |builder| builder.trusted_proxies(none, ForwardedIn::XForwardedFor).refreshes_per_minute(limit));
        assert_eq!(limited(0), [Mistake::LimitIsZero]);
        assert!(limited(60).is_empty());
    }

    #[test]
    fn every_wrong_origin_and_network_is_named() {
        let wrong = |builder: Builder| {
            builder
                .trusted_origins(["https://a.example.com", "null", "*"])
                .trusted_proxies(["10.0.0.0/8", "10.0.0.0/33"], ForwardedIn::Forwarded)
        };
        assert_eq!(
            mistakes("https://api.example.com", wrong),
            [
                Mistake::InvalidOrigin("null".to_owned()),
                Mistake::InvalidOrigin("*".to_owned()),
                Mistake::InvalidProxy("10.0.0.0/33".to_owned())
            ]
        );
    }

    #[test]
    fn browsers_never_hear_of_cookies_to_be_cleared() {
        let header = |data: &[SiteData]| config(|builder| builder.clear_site_data(data.iter().copied())).hardening.clear_site_data;
        assert_eq!(header(&[]), None);
        assert_eq!(header(&[SiteData::Storage, SiteData::Cache]).unwrap(), "\"cache\", \"storage\"");
        assert_eq!(header(&[SiteData::Cache]).unwrap(), "\"cache\"");
    }
}
