//! Ways out when website and API are of different sites.
//!
//! Then the API's cookies are third-party cookies. Safari blocks them, so do Brave, Firefox in its strict mode, and Chrome for
//! whoever says so: visitors sign in and are signed out at the next page. There are four ways out.

use std::fmt;

use serde::Serialize;

use super::{
    Target,
    site::{host, is_ip, is_local, own_domain},
};

/// A way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// The API gets a name below the website's domain.
    SubDomain,
    /// The website's own host passes a path on to the API.
    GatewayPath,
    /// Tokens travel in headers.
    HeaderTransfer,
    /// Cookies that browsers keep apart by the page that is open (CHIPS).
    PartitionedCookies,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SubDomain => "a sub-domain of the website for the API",
            Self::GatewayPath => "a path of the website that leads to the API",
            Self::HeaderTransfer => "tokens in headers",
            Self::PartitionedCookies => "partitioned cookies",
        })
    }
}

/// A way out, judged for this website and this API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Solution {
    /// Which.
    pub way: Way,
    /// Whether it can be gone here, as far as one can see from outside.
    pub fits: bool,
    /// Why, or why not.
    pub why: String,
    /// What to do.
    pub how: String,
}

/// The four ways out, the one that fits best first.
pub(super) fn solutions(target: &Target) -> Vec<Solution> {
    let ways = [sub_domain(target), gateway_path(target), header_transfer(), partitioned_cookies()];
    let (fit, unfit): (Vec<_>, Vec<_>) = ways.into_iter().partition(|solution| solution.fits);
    fit.into_iter().chain(unfit).collect()
}

/// Cookies stay out of the reach of scripts and are the website's own: the best there is, where names can be made.
fn sub_domain(target: &Target) -> Solution {
    let website = host(target.website());
    let solution = |fits, why: String, how: String| Solution { way: Way::SubDomain, fits, why, how };
    match own_domain(website) {
        Some(domain) => solution(
            true,
            format!("{domain} is yours, so the API can have a name below it; its cookies are then the website's own in every browser"),
            format!(
                "point a name such as api.{domain} at the API (DNS and certificate), and give both SDKs `{}://api.{domain}`; only if several \
                 sub-domains must share one session, set the cookie domain to `.{domain}`",
                target.website().scheme()
            ),
        ),
        None if is_local(website) || is_ip(website) => {
            solution(false, format!("below {website} no names can be made"), "for this way the website needs a domain".to_owned())
        }
        None => solution(
            false,
            format!("{website} is lent by a host whose domain is shared by its customers, so no API can be of its site"),
            "give the website a domain of its own, and the API a name below it".to_owned(),
        ),
    }
}

/// Cookies as good as above, and no CORS; needs a host that can forward a path.
fn gateway_path(target: &Target) -> Solution {
    let website = target.website_origin();
    let is_local = is_local(host(target.website()));
    Solution {
        way: Way::GatewayPath,
        fits: true,
        why: if is_local {
            "development servers can forward a path; the API is then of the page's own origin, and CORS is not needed either".to_owned()
        } else {
            "if the website's host or CDN can forward a path, the API is of the page's own origin, and CORS is not needed either".to_owned()
        },
        how: format!(
            "let {website}/api/… go to the API with /api taken off, and give both SDKs the API's address {website} and the gateway path /api \
             (backend: apiGatewayPath, `AppInfo::api_gateway_path`; frontend: apiGatewayPath, or /api before the base path)"
        ),
    }
}

/// Works everywhere, at a price.
fn header_transfer() -> Solution {
    Solution {
        way: Way::HeaderTransfer,
        fits: true,
        why: "it needs no cookies of the API and works in every browser; but scripts can read the tokens, so malicious code in a page can copy \
              them, and Safari forgets them after seven days without a visit"
            .to_owned(),
        how: "set `tokenTransferMethod: \"header\"` in the frontend SDK (backends allow it unless told otherwise), and check again with \
              --transfer header"
            .to_owned(),
    }
}

/// Only one page's partition sees them, and not every browser knows them.
fn partitioned_cookies() -> Solution {
    Solution {
        way: Way::PartitionedCookies,
        fits: false,
        why: "it is meant for a website that is shown in frames of other sites: each of those then has a session of its own; browsers that do \
              not know the attribute block the cookies as before"
            .to_owned(),
        how: "if yours is shown in frames, let the backend SDK mark its cookies `Partitioned`, with SameSite=None and Secure, in addition to \
              one of the other ways"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Transfer, *};

    fn ways(website: &str) -> Vec<(Way, bool)> {
        let target = Target::parse(website, "https://api.elsewhere.com", "/auth", Transfer::Cookie).unwrap();
        solutions(&target).into_iter().map(|solution| (solution.way, solution.fits)).collect()
    }

    #[test]
    fn the_best_way_comes_first_and_those_that_cannot_be_gone_last() {
        use Way::{GatewayPath, HeaderTransfer, PartitionedCookies, SubDomain};
        let with_names = [(SubDomain, true), (GatewayPath, true), (HeaderTransfer, true), (PartitionedCookies, false)];
        let without = [(GatewayPath, true), (HeaderTransfer, true), (SubDomain, false), (PartitionedCookies, false)];
        for (website, expected) in [
            ("https://example.com", with_names),
            ("https://www.shop.co.uk", with_names),
            ("https://shop.github.io", without),
            ("https://203.0.113.7", without),
            ("http://localhost:3000", without),
        ] {
            assert_eq!(ways(website), expected, "{website}");
        }
    }

    #[test]
    fn each_way_says_why_and_how_with_the_addresses_at_hand() {
        let told = |website: &str, way: Way| {
            let target = Target::parse(website, "https://api.elsewhere.com", "/auth", Transfer::Cookie).unwrap();
            solutions(&target).into_iter().find(|solution| solution.way == way).map(|solution| (solution.why, solution.how)).unwrap()
        };
        for (website, way, why, how) in [
            ("https://www.shop.co.uk", Way::SubDomain, "shop.co.uk is yours", "`https://api.shop.co.uk`"),
            ("http://example.com", Way::SubDomain, "example.com is yours", "`http://api.example.com`"),
            ("https://shop.github.io", Way::SubDomain, "shop.github.io is lent by a host", "a domain of its own"),
            ("https://203.0.113.7", Way::SubDomain, "below 203.0.113.7 no names can be made", "needs a domain"),
            ("https://example.com", Way::GatewayPath, "if the website's host or CDN can forward a path", "https://example.com/api/…"),
            ("http://localhost:3000", Way::GatewayPath, "development servers can forward a path", "http://localhost:3000/api/…"),
            ("https://example.com", Way::HeaderTransfer, "works in every browser", "tokenTransferMethod: \"header\""),
            (
                "https://example.com",
                Way::PartitionedCookies,
                "shown in frames of other sites",
                "`Partitioned`, with SameSite=None and Secure",
            ),
        ] {
            let told = told(website, way);
            assert!(told.0.contains(why) && told.1.contains(how), "{website} {way}: {told:?}");
        }
    }
}
