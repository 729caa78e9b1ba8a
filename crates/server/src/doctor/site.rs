//! When two addresses are of one site, as browsers see it.
//!
//! A site is a scheme and a registrable domain (HTML, "schemelessly same site"; the Public Suffix List). Ports do not count,
//! names below one domain do not count. An IP address is a site of its own, and `localhost` is another one than `127.0.0.1`.

use std::{fmt, net::Ipv4Addr};

use reqwest::Url;
use serde::Serialize;

/// What an API is to a website.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Same scheme, host and port: no CORS, and cookies just work.
    SameOrigin,
    /// Another host or port of the same site: CORS is needed, cookies work.
    SameSite,
    /// The same domain over http here and https there: browsers count that as two sites.
    SchemesDiffer,
    /// Another site: cookies of the API are third-party cookies.
    CrossSite,
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SameOrigin => "same origin",
            Self::SameSite => "same site",
            Self::SchemesDiffer => "same domain, different schemes",
            Self::CrossSite => "different sites",
        })
    }
}

pub(super) fn relation(website: &Url, api: &Url) -> Relation {
    if website.origin() == api.origin() {
        Relation::SameOrigin
    } else if site_of(host(website)) != site_of(host(api)) {
        Relation::CrossSite
    } else if website.scheme() == api.scheme() {
        Relation::SameSite
    } else {
        Relation::SchemesDiffer
    }
}

/// The host of an address that was checked to have one.
pub(super) fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

/// The registrable domain; of a host without one, the host.
fn site_of(host: &str) -> &str {
    if is_ip(host) { host } else { psl::domain_str(host).unwrap_or(host) }
}

/// The domain below which the owner of a host can make names. `None` for bare addresses, for this machine, and for hosts
/// that somebody lends, such as `shop.github.io`.
pub(super) fn own_domain(host: &str) -> Option<&str> {
    let lent = || psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.typ() == Some(psl::Type::Private));
    if is_ip(host) || is_local(host) || lent() { None } else { psl::domain_str(host) }
}

/// Whether browsers trust this host without https, and find it on their own machine.
pub(super) fn is_local(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

pub(super) fn is_ip(host: &str) -> bool {
    host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok()
}

/// Whether a cookie may name this domain: not one that everybody shares.
pub(super) fn is_shared_suffix(domain: &str) -> bool {
    !is_ip(domain) && psl::domain_str(domain).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_what_browsers_take_them_for() {
        for (website, api, expected) in [
            ("https://a.io", "https://a.io", Relation::SameOrigin),
            ("https://a.io", "https://a.io:443", Relation::SameOrigin),
            ("https://a.io", "https://api.a.io", Relation::SameSite),
            ("https://a.io", "https://a.io:8443", Relation::SameSite),
            ("http://localhost:3000", "http://localhost:8080", Relation::SameSite),
            ("https://a.io", "http://api.a.io", Relation::SchemesDiffer),
            ("http://localhost:3000", "https://localhost", Relation::SchemesDiffer),
            ("https://a.io", "https://a.com", Relation::CrossSite),
            ("https://a.co.uk", "https://b.co.uk", Relation::CrossSite),
            ("https://one.github.io", "https://two.github.io", Relation::CrossSite),
            ("http://localhost:3000", "http://127.0.0.1:3000", Relation::CrossSite),
            ("http://10.0.0.1", "http://10.0.0.2", Relation::CrossSite),
            ("http://shop.localhost", "http://api.shop.localhost", Relation::SameSite),
            ("http://shop.localhost", "http://api.localhost", Relation::CrossSite),
            ("https://shop.example", "https://api.shop.example", Relation::SameSite),
            ("http://github.io", "http://x.github.io", Relation::CrossSite),
        ] {
            assert_eq!(relation(&Url::parse(website).unwrap(), &Url::parse(api).unwrap()), expected, "{website} {api}");
        }
    }

    #[test]
    fn names_can_be_made_below_a_domain_of_ones_own() {
        for (host, domain) in [
            ("www.shop.co.uk", Some("shop.co.uk")),
            ("example.com", Some("example.com")),
            ("shop.github.io", None),
            ("www.shop.github.io", None),
            ("localhost", None),
            ("app.localhost", None),
            ("127.0.0.1", None),
            ("10.1.2.3", None),
            ("[::1]", None),
        ] {
            assert_eq!(own_domain(host), domain, "{host}");
        }
    }

    #[test]
    fn a_suffix_belongs_to_nobody() {
        for (domain, shared) in [("co.uk", true), ("github.io", true), ("com", true), ("example.com", false), ("127.0.0.1", false)] {
            assert_eq!(is_shared_suffix(domain), shared, "{domain}");
        }
    }
}
