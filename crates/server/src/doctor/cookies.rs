//! The session cookies, as the refresh route shows them: without tokens it clears both, with all their attributes.

use super::{
    Target, Transfer,
    facts::{Answer, Facts},
    finding::{Finding, listed, quoted},
    site::{Relation, host, is_local, is_shared_suffix},
};

/// A cookie's name and attributes. The value is not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cookie {
    name: String,
    domain: Option<String>,
    path: Option<String>,
    same_site: Option<String>,
    secure: bool,
    http_only: bool,
    partitioned: bool,
}

const ACCESS: &str = "sAccessToken";
const REFRESH: &str = "sRefreshToken";

impl Cookie {
    /// Reads a `Set-Cookie` field as browsers do (RFC 6265 §5.2): the last of equal attributes counts, unknown ones do not.
    fn parse(field: &str) -> Option<Self> {
        let mut parts = field.split(';');
        let (name, _value) = parts.next()?.split_once('=')?;
        let mut cookie = Self { name: name.trim().to_owned(), ..Self::default() };
        for part in parts {
            let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            match attribute.trim().to_ascii_lowercase().as_str() {
                "domain" => {
                    let domain = value.strip_prefix('.').unwrap_or(value).to_ascii_lowercase();
                    cookie.domain = Some(domain).filter(|domain| !domain.is_empty());
                }
                "path" => cookie.path = Some(value.to_owned()).filter(|path| path.starts_with('/')),
                "samesite" => cookie.same_site = Some(value.to_ascii_lowercase()),
                "secure" => cookie.secure = true,
                "httponly" => cookie.http_only = true,
                "partitioned" => cookie.partitioned = true,
                _ => {}
            }
        }
        Some(cookie)
    }

    /// The name without the prefixes that browsers enforce rules by.
    fn bare_name(&self) -> &str {
        let name = self.name.as_str();
        name.strip_prefix("__Host-").or_else(|| name.strip_prefix("__Secure-")).unwrap_or(name)
    }

    fn crosses_sites(&self) -> bool {
        self.same_site.as_deref() == Some("none")
    }
}

/// The session cookies that an answer sets.
fn session_cookies(answer: &Answer) -> Vec<Cookie> {
    let all = answer.all("set-cookie");
    all.iter().filter_map(|field| Cookie::parse(field)).filter(|cookie| [ACCESS, REFRESH].contains(&cookie.bare_name())).collect()
}

/// Whether browsers send the session cookies along when pages of other sites call.
pub(super) fn cross_sites(answer: &Answer) -> bool {
    session_cookies(answer).iter().any(Cookie::crosses_sites)
}

/// Whether browsers keep the session cookies apart by the page that is open (CHIPS).
pub(super) fn partitioned(answer: &Answer) -> bool {
    let cookies = session_cookies(answer);
    !cookies.is_empty() && cookies.iter().all(|cookie| cookie.partitioned)
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let target = &facts.target;
    if target.transfer() == Transfer::Header {
        return vec![Finding::ok("cookies", "tokens travel in headers: cookies do not matter")];
    }
    let cookies = session_cookies(&facts.refresh);
    if cookies.is_empty() {
        let says = "the refresh route clears no session cookies, so nothing can be said about them";
        return vec![Finding::warn(
            "cookies",
            says,
            "look whether a proxy strips Set-Cookie, or whether cookies have names of the app's own",
        )];
    }
    let mut findings = Vec::new();
    for rule in [domain, path, http_only, secure, same_site, prefix, duplicates] {
        findings.extend(rule(&cookies, target));
    }
    if findings.is_empty() {
        findings
            .push(Finding::ok("cookies", format!("the session cookies are kept by browsers, and reach the API: {}", summary(&cookies))));
    }
    findings
}

fn summary(cookies: &[Cookie]) -> String {
    let Some(cookie) = cookies.first() else { return String::new() };
    let mut attributes = Vec::new();
    if let Some(same_site) = &cookie.same_site {
        attributes.push(format!("SameSite={same_site}"));
    }
    let flags = [(cookie.secure, "Secure"), (cookie.http_only, "HttpOnly"), (cookie.partitioned, "Partitioned")];
    attributes.extend(flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name.to_owned()));
    attributes.push(cookie.domain.as_ref().map_or("of the API's host only".to_owned(), |domain| format!("of all hosts of {domain}")));
    attributes.join(", ")
}

/// The names of those cookies that something is wrong with, once each.
fn names(cookies: &[Cookie], is_wrong: impl Fn(&Cookie) -> bool) -> Vec<String> {
    let mut names: Vec<String> = cookies.iter().filter(|cookie| is_wrong(cookie)).map(|cookie| cookie.name.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn is_within(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|above| above.ends_with('.'))
}

fn domain(cookies: &[Cookie], target: &Target) -> Option<Finding> {
    let api = host(target.api());
    let is_wrong = |domain: &str| !is_within(api, domain) || (is_shared_suffix(domain) && domain != api);
    let wrong = cookies.iter().find_map(|cookie| Some((cookie, cookie.domain.as_deref().filter(|domain| is_wrong(domain))?)))?;
    let (cookie, domain) = wrong;
    let why = if is_within(api, domain) { "which everybody shares" } else { "which the API's host is not part of" };
    let says = format!("{} is for the domain {}, {why}: browsers drop it", cookie.name, quoted(domain));
    Some(Finding::fail("cookie-domain", says, "set the cookie domain to a domain that the API and its websites share, or leave it out"))
}

fn path(cookies: &[Cookie], target: &Target) -> Option<Finding> {
    let refresh = format!("{}/session/refresh", target.base_path());
    let covers = |path: &str, wanted: &str| {
        wanted == path || (wanted.starts_with(path) && (path.ends_with('/') || wanted[path.len()..].starts_with('/')))
    };
    // a cookie without a path is for the folder of the route that sets it
    let misses = |cookie: &&Cookie| cookie.bare_name() == REFRESH && !cookie.path.as_deref().is_none_or(|path| covers(path, &refresh));
    if let Some(cookie) = cookies.iter().find(misses) {
        let path = cookie.path.as_deref().unwrap_or_default();
        let says = format!("{} is for the path {}, but browsers refresh at `{refresh}`: they never send it", cookie.name, quoted(path));
        let fix = "tell the backend SDK the path that the gateway takes off (apiGatewayPath, `AppInfo::api_gateway_path`), or check the base path";
        return Some(Finding::fail("cookie-path", says, fix));
    }
    let narrow = cookies.iter().find(|cookie| cookie.bare_name() == ACCESS && cookie.path.as_deref() != Some("/"))?;
    let path = narrow.path.as_deref().unwrap_or("that of the refresh route");
    let says = format!("{} is for the path {} only: other routes of the API do not get it", narrow.name, quoted(path));
    Some(Finding::warn("cookie-path", says, "leave the access token's path at `/`, unless everything that needs sessions is below it"))
}

fn http_only(cookies: &[Cookie], _target: &Target) -> Option<Finding> {
    let open = names(cookies, |cookie| !cookie.http_only);
    (!open.is_empty()).then(|| {
        let says = format!("scripts can read {}: HttpOnly is missing", listed(&open));
        Finding::fail("cookie-http-only", says, "look for a proxy that rewrites cookies: SDKs always set HttpOnly")
    })
}

fn secure(cookies: &[Cookie], target: &Target) -> Option<Finding> {
    let is_https = target.api().scheme() == "https";
    let secure = names(cookies, |cookie| cookie.secure);
    if !is_https && !secure.is_empty() && !is_local(host(target.api())) {
        let says = format!("{} `Secure`, but set over plain http: browsers drop such cookies", verb(&secure));
        return Some(Finding::fail("cookie-secure", says, "serve the API over https"));
    }
    let insecure = names(cookies, |cookie| !cookie.secure);
    // those that cross sites are told of by `same_site`
    if is_https && !insecure.is_empty() && !cookies.iter().any(Cookie::crosses_sites) {
        let says = format!("{} not `Secure`, though the API is reached over https: they may travel in the open", verb(&insecure));
        let fix = "tell the backend SDK the API's address as browsers see it, with https://, also when a proxy ends TLS";
        return Some(Finding::warn("cookie-secure", says, fix));
    }
    None
}

fn verb(names: &[String]) -> String {
    format!("{} {}", listed(names), if names.len() == 1 { "is" } else { "are" })
}

/// Whether cookies go with the requests of the website's pages at all.
fn same_site(cookies: &[Cookie], target: &Target) -> Option<Finding> {
    const CHECK: &str = "cookie-same-site";
    let held_back = names(cookies, |cookie| !cookie.crosses_sites());
    let insecure = names(cookies, |cookie| cookie.crosses_sites() && !cookie.secure);
    if !insecure.is_empty() {
        let says = format!("{} SameSite=None without `Secure`: browsers drop such cookies", verb(&insecure));
        return Some(Finding::fail(CHECK, says, "serve the API over https, or on the website's site, where SameSite=Lax will do"));
    }
    match target.relation() {
        Relation::SameOrigin | Relation::SameSite => (held_back.len() < names(cookies, |_| true).len()).then(|| {
            let says = "the cookies say SameSite=None though website and API are of one site: pages of other sites can send them too";
            Finding::warn(CHECK, says, "check the website's address in the backend SDK: SameSite follows from it")
        }),
        Relation::SchemesDiffer | Relation::CrossSite => (!held_back.is_empty()).then(|| {
            let says =
                format!("{} not SameSite=None, so browsers do not send them from the website, which is another site", verb(&held_back));
            Finding::fail(
                CHECK,
                says,
                "bring website and API under one site, or tell the backend SDK the website's address as browsers see it",
            )
        }),
    }
}

/// Names that begin so are promises which browsers check (RFC 6265bis §4.1.3), and partitioned cookies must be secure.
fn prefix(cookies: &[Cookie], _target: &Target) -> Option<Finding> {
    let breaks = |cookie: &Cookie| {
        let host_rules = cookie.domain.is_some() || cookie.path.as_deref() != Some("/");
        (cookie.name.starts_with("__") && !cookie.secure)
            || (cookie.name.starts_with("__Host-") && host_rules)
            || (cookie.partitioned && !cookie.secure)
    };
    let broken = names(cookies, breaks);
    (!broken.is_empty()).then(|| {
        let says = format!(
            "browsers drop {}: __Secure-, __Host- and Partitioned demand Secure; __Host- also Path=/ and no Domain",
            listed(&broken)
        );
        Finding::fail("cookie-prefix", says, "serve the API over https, and set no cookie domain with __Host-")
    })
}

/// Two cookies of one name: browsers present both, in an order that nobody controls.
fn duplicates(cookies: &[Cookie], _target: &Target) -> Option<Finding> {
    let place = |cookie: &Cookie| {
        format!("{} at {}", cookie.domain.as_deref().unwrap_or("the API's host only"), cookie.path.as_deref().unwrap_or("its own path"))
    };
    let (first, second) = cookies.iter().enumerate().find_map(|(at, cookie)| {
        let other = cookies[at + 1..].iter().find(|other| other.name == cookie.name)?;
        Some((cookie, other))
    })?;
    let says = format!("{} is set twice in one answer, for {} and for {}", first.name, quoted(&place(first)), quoted(&place(second)));
    let fix = "only one layer may set it; after a change of the cookie domain, name the former one as olderCookieDomain for a while";
    Some(Finding::fail("cookie-duplicates", says, fix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_read_as_browsers_do() {
        let read =
            Cookie::parse("sAccessToken=a=b; domain=.Example.com;PATH=/x; Secure; HttpOnly; SameSite=Lax; samesite=NONE; Partitioned")
                .unwrap();
        let expected = Cookie {
            name: "sAccessToken".to_owned(),
            domain: Some("example.com".to_owned()),
            path: Some("/x".to_owned()),
            same_site: Some("none".to_owned()),
            secure: true,
            http_only: true,
            partitioned: true,
        };
        assert_eq!(read, expected);
        assert_eq!(
            Cookie::parse("sRefreshToken=; Domain=; Path=x; Max-Age=0").unwrap(),
            Cookie { name: "sRefreshToken".to_owned(), ..Cookie::default() }
        );
        assert_eq!(Cookie::parse("nonsense"), None);
    }

    #[test]
    fn a_host_is_within_its_domain_and_no_other() {
        for (host, domain, within) in [
            ("api.example.com", "example.com", true),
            ("example.com", "example.com", true),
            ("badexample.com", "example.com", false),
            ("example.com", "api.example.com", false),
        ] {
            assert_eq!(is_within(host, domain), within, "{host} {domain}");
        }
    }
}
