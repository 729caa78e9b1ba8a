//! Domains, paths, and when two addresses are of one site.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The `SameSite` attribute of a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// Never sent with a request that another site caused.
    Strict,
    /// Sent with links from other sites, not with their forms, scripts and frames.
    Lax,
    /// Always sent; browsers demand `Secure` with it.
    None,
}

impl SameSite {
    /// The attribute's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }

    /// What cookies of `api` need so that pages of `website` can use them.
    pub(crate) fn between(api: &Origin, website: &Origin) -> Self {
        if api.site == website.site && api.scheme == website.scheme { Self::Lax } else { Self::None }
    }
}

/// The site of everything on this machine and of bare IP addresses.
const LOCAL: &str = "localhost";

/// Where something is served: scheme, host and port, normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    authority: String,
    site: String,
}

impl Origin {
    /// Reads an address; a path, a query or a leading dot is dropped. Without a scheme it is `http` on this machine and
    /// `https` elsewhere.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, _)) if !is_scheme(scheme) => return None,
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, text.as_str()),
        };
        let (host, port) = host_and_port(rest)?;
        let site = top_level_site(host)?;
        let scheme = scheme.unwrap_or(if site == LOCAL { "http" } else { "https" });
        let port = port.filter(|port| !matches!((scheme, *port), ("http", 80) | ("https", 443)));
        let authority = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Some(Self { scheme: scheme.to_owned(), authority, site })
    }

    pub(crate) fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    pub(crate) fn is_local(&self) -> bool {
        self.site == LOCAL
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte))
}

/// The host, and the port if one is named, of what follows `://`.
fn host_and_port(rest: &str) -> Option<(&str, Option<u16>)> {
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_user, host)| host);
    let authority = authority.strip_prefix('.').unwrap_or(authority);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port.parse().ok()?)),
        _ => (authority, None),
    };
    is_host(host).then_some((host, port))
}

fn is_host(host: &str) -> bool {
    let label = |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_ip(host) || ((host.contains('.') || host == LOCAL) && host.strip_suffix('.').unwrap_or(host).split('.').all(label))
}

fn is_ip(host: &str) -> bool {
    let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    host.parse::<Ipv4Addr>().is_ok() || v6.is_some_and(|host| host.parse::<Ipv6Addr>().is_ok())
}

/// The site that a host belongs to: its registrable domain by the Public Suffix List, private suffixes included.
fn top_level_site(host: &str) -> Option<String> {
    if host.starts_with(LOCAL) || is_ip(host) {
        return Some(LOCAL.to_owned());
    }
    // names of one network segment (RFC 6762) have no registrar, and cloud machines are named right below a suffix
    if host.ends_with(".local") || (host.ends_with(".amazonaws.com") && psl::suffix_str(host) == Some(host)) {
        return Some(host.to_owned());
    }
    psl::domain_str(host).map(str::to_owned)
}

/// A path as the routes and cookies use it: a leading slash, no trailing one, and the root is empty. Accepts whole
/// addresses and `host/path` too. `None` when a cookie could not carry it.
pub(crate) fn normalise_path(text: &str) -> Option<String> {
    let text = text.trim();
    let host_first = |text: &str| {
        let host = text.split('/').next().unwrap_or_default();
        !text.starts_with('/') && (host.contains('.') || host.starts_with(LOCAL))
    };
    let path = match text.split_once("://") {
        Some((_scheme, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None if host_first(text) => text.find('/').map_or("", |at| &text[at..]),
        None => text,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = without_trailing_slash(path);
    if !path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';') {
        return None;
    }
    Some(if path.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("/{path}") })
}

/// Drops one trailing slash.
pub(crate) fn without_trailing_slash(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

/// A `Domain` attribute: the host alone, in lower case. A leading dot stays, except on `localhost` and IP addresses.
pub(crate) fn normalise_cookie_domain(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let rest = text.split_once("://").map_or(text.as_str(), |(_scheme, rest)| rest);
    let (host, _port) = host_and_port(rest)?;
    let dotted = rest.starts_with('.') && host != LOCAL && !is_ip(host);
    Some(if dotted { format!(".{host}") } else { host.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Option<String> {
        Origin::parse(text).map(|origin| origin.to_string())
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for (given, normal) in [
            ("http://api.example.com", "http://api.example.com"),
            (" HTTPS://API.Example.com/path?q#f ", "https://api.example.com"),
            ("api.example.com:8080", "https://api.example.com:8080"),
            (".example.com", "https://example.com"),
            ("https://user:pw@example.com", "https://example.com"),
            ("https://example.com:443", "https://example.com"),
            ("http://example.com:80/", "http://example.com"),
            ("localhost:3000", "http://localhost:3000"),
            ("127.0.0.1:9000", "http://127.0.0.1:9000"),
            ("0.0.0.0:8080", "http://0.0.0.0:8080"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            assert_eq!(origin(given).as_deref(), Some(normal), "{given}");
        }
        for wrong in
            ["", "/", "/auth", "example", "http://", "a b.com", "a..com", "https://a.com:port", "co.uk", "ä.com", ":", "::1", "x;y.com"]
        {
            assert_eq!(origin(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn cookies_cross_sites_when_registrable_domains_or_schemes_differ() {
        for (api, website, same_site) in [
            ("https://api.a.io", "https://a.io", SameSite::Lax),
            ("https://api.a.com", "https://a.io", SameSite::None),
            ("api.a.co.uk", "a.co.uk", SameSite::Lax),
            ("b.co.uk", "a.co.uk", SameSite::None),
            ("127.0.0.1:3000", "127.0.0.1:9000", SameSite::Lax),
            ("127.0.0.1:3000", "localhost:9000", SameSite::Lax),
            ("https://localhost", "http://localhost:3000", SameSite::None),
            ("http://localhost.org", "http://localhost:3000", SameSite::Lax),
            ("http://ec2-1.compute-1.amazonaws.com", "http://ec2-2.compute-1.amazonaws.com", SameSite::None),
            ("http://ec2-1.compute-1.amazonaws.com", "http://ec2-1.compute-1.amazonaws.com:3000", SameSite::Lax),
            // a private suffix: every user of such a host is a site of their own
            ("https://one.github.io", "https://two.github.io", SameSite::None),
            ("http://printer.local", "http://printer.local:3000", SameSite::Lax),
            ("http://a.printer.local", "http://b.printer.local", SameSite::None),
            ("https://a.corp.unlisted", "https://b.corp.unlisted", SameSite::Lax),
        ] {
            let (api, website) = (Origin::parse(api).unwrap(), Origin::parse(website).unwrap());
            assert_eq!(SameSite::between(&api, &website), same_site, "{api} {website}");
        }
    }

    #[test]
    fn a_path_has_one_spelling() {
        for (given, normal) in [
            ("/auth", "/auth"),
            ("auth", "/auth"),
            ("/auth/", "/auth"),
            ("/", ""),
            ("", ""),
            ("/Auth/x", "/Auth/x"),
            ("https://api.example.com/auth?x=1", "/auth"),
            ("https://api.example.com", ""),
            ("api.example.com/v1/auth#x", "/v1/auth"),
            ("localhost:3000/auth", "/auth"),
            (" /a//b// ", "/a//b/"),
        ] {
            assert_eq!(normalise_path(given).as_deref(), Some(normal), "{given}");
        }
        for wrong in ["/a;b", "/a b", "/ä", "/a\n"] {
            assert_eq!(normalise_path(&format!("{wrong}/x")), None, "{wrong}");
        }
    }

    #[test]
    fn a_cookie_domain_is_a_host() {
        for (given, normal) in [
            ("example.com", "example.com"),
            (".Example.com", ".example.com"),
            ("https://sub.example.com:3000/path", "sub.example.com"),
            (".localhost", "localhost"),
            ("http://.127.0.0.1", "127.0.0.1"),
        ] {
            assert_eq!(normalise_cookie_domain(given).as_deref(), Some(normal), "{given}");
        }
        for wrong in ["", "example", "a;b.com", "a b.com"] {
            assert_eq!(normalise_cookie_domain(wrong), None, "{wrong}");
        }
    }
}
