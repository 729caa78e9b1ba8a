//! Whether the routes of the SDK are there, and whether their answers arrive as they were sent.

use http::header::{AGE, CACHE_CONTROL, DATE, LOCATION};
use reqwest::Url;
use serde_json::Value;

use super::{
    facts::{Answer, Facts},
    finding::{Finding, quoted},
    site::{Relation, host, is_local},
};

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A backend SDK.
    Sdk,
    /// Somebody who sends the client elsewhere.
    Redirect,
    /// A page for people: the website's own server, or an error page of a proxy.
    Page,
    /// Nobody has such a route.
    Nobody,
    /// A server or a proxy that fails.
    Broken,
    /// Something else.
    Other,
}

impl Source {
    pub(super) fn of(answer: &Answer) -> Self {
        let is_marked = answer.headers.contains_key("front-token")
            || answer.all("set-cookie").iter().any(|cookie| cookie.contains("sRefreshToken="))
            || answer.json().is_some_and(|body| body["message"] == "unauthorised");
        match answer.status.as_u16() {
            300..=399 => Self::Redirect,
            500..=599 => Self::Broken,
            _ if is_marked => Self::Sdk,
            _ if answer.is_html() => Self::Page,
            404 | 405 => Self::Nobody,
            _ => Self::Other,
        }
    }
}

/// The refresh route: what else can be said depends on it.
pub(super) fn refresh(facts: &Facts) -> Finding {
    const CHECK: &str = "refresh-route";
    let answer = &facts.refresh;
    let url = facts.target.route("/session/refresh");
    let status = answer.status;
    match Source::of(answer) {
        Source::Sdk if status.as_u16() == 401 => Finding::ok(CHECK, "the refresh route answers a visitor without a session with 401"),
        Source::Sdk if status.is_client_error() => Finding::warn(
            CHECK,
            format!("the refresh route answers a visitor without a session with {}", status.as_u16()),
            format!("tell the frontend SDK so: `sessionExpiredStatusCode: {}`", status.as_u16()),
        ),
        Source::Sdk => Finding::fail(
            CHECK,
            format!("the refresh route answers a visitor without a session with {}, as though there were one", status.as_u16()),
            "look for an error handler that replaces the status of the SDK's answers",
        ),
        Source::Redirect => {
            let to = location(answer, &url).map_or_else(|| "elsewhere".to_owned(), |to| format!("to {}", quoted(&to)));
            let says = format!(
                "POST {url} is redirected {to} ({}): browsers lose the method, the headers or the preflight on the way",
                status.as_u16()
            );
            Finding::fail(CHECK, says, redirect_fix(answer, &url))
        }
        Source::Page => Finding::fail(
            CHECK,
            format!("POST {url} is answered with an HTML page ({}): this is the website or a proxy, not the API", status.as_u16()),
            "check the API's address and base path; in front of both, route the base path to the API before the website's catch-all",
        ),
        Source::Nobody => Finding::fail(
            CHECK,
            format!("POST {url} does not exist ({})", status.as_u16()),
            "check the base path (--api-base-path), and that the SDK's layer or middleware is mounted before the app's own 404",
        ),
        Source::Broken => Finding::fail(
            CHECK,
            format!("POST {url} fails with {}", status.as_u16()),
            "look into the logs of the API and of the proxy in front of it",
        ),
        Source::Other => Finding::fail(
            CHECK,
            format!("POST {url} is answered {} by something that is no session SDK", status.as_u16()),
            "look for a firewall, a proxy or an error handler that answers before the SDK, or replaces its answers",
        ),
    }
}

/// Where a redirect leads, without user names, passwords, queries and fragments.
fn location(answer: &Answer, from: &Url) -> Option<String> {
    let mut to = from.join(&answer.one(LOCATION.as_str())?).ok()?;
    to.set_query(None);
    to.set_fragment(None);
    // neither fails for addresses that have a host
    let _ = (to.set_username(""), to.set_password(None));
    Some(to.to_string())
}

fn redirect_fix(answer: &Answer, from: &Url) -> &'static str {
    let to = location(answer, from).and_then(|to| Url::parse(&to).ok());
    match to {
        Some(to) if to.host() == from.host() && to.scheme() != from.scheme() => {
            "use the https:// address in the frontend and the backend SDK"
        }
        Some(to) if to.host() == from.host() => "let the proxy pass the path on as it is, without adding or removing a slash",
        _ => "use the final address in the frontend and the backend SDK",
    }
}

/// Sign-out without a session is a 401.
pub(super) fn sign_out(facts: &Facts) -> Finding {
    const CHECK: &str = "sign-out-route";
    match &facts.sign_out {
        Ok(answer) if answer.status == facts.refresh.status && !answer.is_html() => Finding::ok(CHECK, "the sign-out route is there"),
        Ok(answer) if answer.status.as_u16() == 200 && answer.json().is_some_and(|body| body["status"] == "OK") => {
            Finding::ok(CHECK, "the sign-out route is there")
        }
        Ok(answer) => Finding::warn(
            CHECK,
            format!("sign-out without a session is answered {}", answer.status.as_u16()),
            "if it is meant to be switched off, fine; if not, route all of the base path to the SDK",
        ),
        Err(why) => Finding::warn(CHECK, format!("the sign-out route gives {why}"), "route all of the base path to the SDK"),
    }
}

/// The signal by which clients drop their tokens.
pub(super) fn front_token(facts: &Facts) -> Vec<Finding> {
    let answer = &facts.refresh;
    let mut findings = Vec::new();
    findings.push(match answer.all("front-token").as_slice() {
        [only] if only == "remove" => Finding::ok("front-token", "`front-token: remove` arrives"),
        [] => Finding::fail(
            "front-token",
            "the header `front-token: remove` does not arrive: frontends do not learn that a session has ended",
            "look for a proxy that strips unknown headers, or an error handler that replaces the SDK's answer",
        ),
        _ => Finding::fail(
            "front-token",
            "the header `front-token` does not say `remove`, or says so twice",
            "look for two SDK layers in one app, or a proxy that rewrites headers",
        ),
    });
    let exposed = answer.list("access-control-expose-headers");
    let emptied = ["st-access-token", "st-refresh-token"];
    let is_stripped = |name: &&str| exposed.iter().any(|other| other == name) && !answer.headers.contains_key(*name);
    if emptied.iter().any(is_stripped) {
        findings.push(Finding::warn(
            "empty-headers",
            "a proxy strips headers without a value (st-access-token, st-refresh-token)",
            "let empty headers pass; frontend SDKs that heed `front-token: remove` work all the same",
        ));
    }
    findings
}

/// An answer that holds tokens must not be kept for others.
pub(super) fn caching(facts: &Facts) -> Finding {
    const CHECK: &str = "caching";
    let answer = &facts.refresh;
    let is_hit = ["x-cache", "cf-cache-status", "x-cache-status"]
        .iter()
        .any(|name| answer.one(name).is_some_and(|value| value.to_ascii_lowercase().starts_with("hit")));
    let is_aged = answer.one(AGE.as_str()).and_then(|age| age.parse::<u64>().ok()).is_some_and(|age| age > 0);
    let lasts = answer.list(CACHE_CONTROL.as_str());
    let is_public = lasts.iter().any(|member| member == "public")
        || ["max-age", "s-maxage"].iter().any(|member| answer.cache_seconds(member).is_some_and(|seconds| seconds > 0));
    let is_private = lasts.iter().any(|member| member == "no-store" || member == "private");
    if is_hit || is_aged {
        let says = "the refresh route is answered from a cache: somebody may get another visitor's session";
        return Finding::fail(CHECK, says, "tell the cache to leave the base path alone");
    }
    if is_public && !is_private {
        let says = "the refresh route allows caches to keep its answers: somebody may get another visitor's session";
        return Finding::fail(CHECK, says, "answer `Cache-Control: no-store` below the base path");
    }
    Finding::ok(CHECK, "no cache keeps what the refresh route answers")
}

/// What browsers refuse by the schemes alone.
pub(super) fn https(facts: &Facts) -> Option<Finding> {
    const CHECK: &str = "https";
    let (website, api) = (facts.target.website(), facts.target.api());
    let is_open = |url: &Url| url.scheme() == "http" && !is_local(host(url));
    if website.scheme() == "https" && is_open(api) {
        let says = "the website is https and the API http: browsers block such requests (mixed content)";
        return Some(Finding::fail(CHECK, says, "serve the API over https"));
    }
    if facts.target.relation() == Relation::SchemesDiffer {
        let says = "one is https and the other http: for browsers these are two sites, and the API's cookies are third-party cookies";
        return Some(Finding::fail(CHECK, says, "serve both over https"));
    }
    if is_open(api) || is_open(website) {
        let says = "tokens travel in the open, over plain http";
        return Some(Finding::warn(CHECK, says, "serve website and API over https; http is for localhost only"));
    }
    None
}

/// Visitors may end on another address than the one that the API allows.
pub(super) fn website(facts: &Facts) -> Finding {
    const CHECK: &str = "website";
    let url = facts.target.website();
    let answer = match &facts.website {
        Ok(answer) => answer,
        Err(why) => {
            let says = format!("{} gives {why}", facts.target.website_origin());
            return Finding::warn(CHECK, says, "check the website's address; what was asked in its name holds all the same");
        }
    };
    let to = location(answer, url).filter(|_| answer.status.is_redirection()).and_then(|to| Url::parse(&to).ok());
    match to {
        Some(to) if to.origin() != url.origin() => {
            let to = quoted(&to.origin().ascii_serialization());
            let says = format!("visitors of {} are sent to {to}, which is another origin", facts.target.website_origin());
            Finding::warn(CHECK, says, format!("unless pages exist at both, give SDKs and CORS the address {to}, and check again with it"))
        }
        _ => Finding::ok(CHECK, "the website answers"),
    }
}

/// The seconds that two clocks may differ by: `Date` counts in seconds, and answers take their time.
const SKEW: i64 = 30;

pub(super) fn clock(facts: &Facts) -> Option<Finding> {
    let date = httpdate::parse_http_date(&facts.refresh.one(DATE.as_str())?).ok()?;
    let there = i64::try_from(date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs()).ok()?;
    let ahead = there.saturating_sub(facts.refresh.at.as_secs());
    if ahead.abs() <= SKEW {
        return Some(Finding::ok("clock", "the API's clock agrees with this machine's"));
    }
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    let says = format!("the API's clock is {} s {direction} this machine's: tokens seem to expire too early or too late", ahead.abs());
    Some(Finding::warn("clock", says, "let both machines set their clocks by NTP"))
}

/// The longest time that a copy of the keys may be used, in seconds: a new key must not be missed for long.
const KEYS_AGE: u64 = 7 * 24 * 3600;

/// Who else verifies access tokens needs the keys.
pub(super) fn jwks(facts: &Facts) -> Vec<Finding> {
    const CHECK: &str = "jwks";
    let url = facts.target.route("/jwt/jwks.json");
    let unreachable = |what: String| {
        let fix = "route all of the base path to the SDK; only services that verify access tokens themselves need the keys";
        vec![Finding::warn(CHECK, format!("GET {url} {what}"), fix)]
    };
    let answer = match &facts.jwks {
        Ok(answer) => answer,
        Err(why) => return unreachable(format!("gives {why}")),
    };
    let body = answer.json();
    let keys = body.as_ref().and_then(|body| body["keys"].as_array());
    let keys = match keys {
        Some(keys) if answer.status.is_success() && !keys.is_empty() => keys,
        Some(keys) if answer.status.is_success() && keys.is_empty() => return unreachable("names no keys".to_owned()),
        _ if answer.is_html() => return unreachable(format!("is answered with an HTML page ({})", answer.status.as_u16())),
        _ => return unreachable(format!("is answered {}, without keys", answer.status.as_u16())),
    };
    if keys.iter().any(is_private) {
        let says = format!("GET {url} gives private keys to everybody: whoever reads them can be any user");
        return vec![Finding::fail(
            CHECK,
            says,
            "take the route offline now, and rotate the keys (`hallpass keys rotate --now --revoke-old`)",
        )];
    }
    vec![Finding::ok(CHECK, format!("{} public keys can be read", keys.len())), keys_caching(answer)]
}

/// Members of a JWK that only its owner may know (RFC 7518 §6).
fn is_private(key: &Value) -> bool {
    ["d", "p", "q", "dp", "dq", "qi", "k"].iter().any(|member| key.get(member).is_some())
}

fn keys_caching(answer: &Answer) -> Finding {
    const CHECK: &str = "jwks-caching";
    let fix = "let the answer pass as the SDK sends it: it says how long the keys may be kept";
    if answer.list(CACHE_CONTROL.as_str()).iter().any(|member| member == "no-store") {
        return Finding::warn(CHECK, "the keys may not be cached: every verifier asks again and again", fix);
    }
    match answer.cache_seconds("s-maxage").max(answer.cache_seconds("max-age")) {
        None => Finding::warn(CHECK, "the keys do not say how long they may be cached", fix),
        Some(seconds) if seconds > KEYS_AGE => {
            let says = format!("the keys may be cached for {seconds} s: after a rotation, tokens of the new key are refused that long");
            Finding::warn(CHECK, says, fix)
        }
        Some(seconds) => Finding::ok(CHECK, format!("the keys may be cached for {seconds} s")),
    }
}

/// What the backend SDK believes its own address to be.
pub(super) fn issuer(facts: &Facts) -> Option<Finding> {
    let body = facts.discovery.as_ref().ok().filter(|answer| answer.status.is_success())?.json()?;
    let says = body["issuer"].as_str()?;
    let here = facts.target.route("");
    let here = here.as_str().trim_end_matches('/');
    Some(if says.trim_end_matches('/') == here {
        Finding::ok("issuer", "the backend SDK knows its address")
    } else {
        Finding::warn(
            "issuer",
            format!("the backend SDK takes itself to be at {}, but browsers reach it at `{here}`", quoted(says)),
            "give the backend SDK the API's address as browsers see it (apiDomain, apiBasePath, and apiGatewayPath behind a gateway): \
             cookies, SameSite and the issuer of tokens follow from it",
        )
    })
}
