//! Each finding, produced by one change of what is fine, and not there without it.

use hallpass_engine::time::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::*;
use crate::doctor::{Answer, Level, NoAnswer, Target, Way};

/// Website and API, and how tokens travel.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place(&'static str, &'static str, Transfer);

const SAME_SITE: Place = Place("https://www.example.com", "https://api.example.com", Transfer::Cookie);
const SAME_ORIGIN: Place = Place("https://example.com", "https://example.com/api", Transfer::Cookie);
const CROSS_SITE: Place = Place("https://www.example.com", "https://api.example.org", Transfer::Cookie);
const IN_HEADERS: Place = Place("https://www.example.com", "https://api.example.org", Transfer::Header);
const THIS_MACHINE: Place = Place("http://localhost:3000", "http://localhost:4000", Transfer::Cookie);
const TWO_LOCAL_NAMES: Place = Place("http://localhost:3000", "http://127.0.0.1:4000", Transfer::Cookie);
const SCHEMES_DIFFER: Place = Place("http://localhost:3000", "https://localhost:4000", Transfer::Cookie);
const MIXED: Place = Place("https://www.example.com", "http://api.example.com", Transfer::Cookie);
const OPEN: Place = Place("http://www.example.com", "http://api.example.com", Transfer::Cookie);

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const UNAUTHORISED: &str = r#"{"message":"unauthorised"}"#;

impl Answer {
    fn new(status: u16, body: &str) -> Self {
        Self { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body: body.into(), at: NOW }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.add(name, value);
        self
    }

    fn add(&mut self, name: &'static str, value: &str) {
        self.headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }

    fn drop(&mut self, name: &str) {
        self.headers.remove(name);
    }

    fn turn_into(&mut self, status: u16, body: &str) {
        (self.status, self.body) = (StatusCode::from_u16(status).unwrap(), body.into());
    }

    fn cors(self, origin: &str) -> Self {
        self.with("access-control-allow-origin", origin).with("access-control-allow-credentials", "true")
    }
}

/// What an app shows that follows the manual.
fn fine(Place(website, api, transfer): Place) -> Facts {
    let target = Target::parse(website, api, "/auth", transfer).unwrap();
    let origin = target.website_origin();
    let preflight = || {
        let headers = "anti-csrf, authorization, fdi-version, rid, st-auth-mode, content-type";
        Answer::new(204, "").with("access-control-allow-headers", headers).with("access-control-allow-methods", "GET, POST")
    };
    let refresh = Answer::new(401, UNAUTHORISED)
        .cors(&origin)
        .with("access-control-expose-headers", "front-token, st-access-token, st-refresh-token")
        .with("front-token", "remove")
        .with("st-access-token", "")
        .with("st-refresh-token", "")
        .with("cache-control", "no-store")
        .with("date", "Tue, 14 Nov 2023 22:13:20 GMT");
    let keys = r#"{"keys":[{"kty":"EC","kid":"d-1","x":"x","y":"y"}]}"#;
    let issuer = target.route("").to_string();
    let mut facts = Facts {
        refresh,
        sign_out: Ok(Answer::new(401, UNAUTHORISED).cors(&origin)),
        preflight: Ok(preflight().cors(&origin)),
        stranger: Ok(preflight()),
        jwks: Ok(Answer::new(200, keys).with("cache-control", "max-age=60, must-revalidate")),
        discovery: Ok(Answer::new(200, &format!(r#"{{"issuer":"{issuer}"}}"#))),
        website: Ok(Answer::new(200, "<!doctype html>")),
        target,
    };
    let secure = if facts.target.api().scheme() == "https" { "; Secure" } else { "" };
    let same_site = if matches!(facts.target.relation(), Relation::SameOrigin | Relation::SameSite) { "Lax" } else { "None" };
    set_cookies(&mut facts, &format!("{secure}; SameSite={same_site}"));
    facts
}

/// Both cookies, cleared, with these attributes beside those that SDKs always set.
fn set_cookies(facts: &mut Facts, attributes: &str) {
    let path = format!("{}/session/refresh", facts.target.base_path());
    facts.refresh.drop("set-cookie");
    for (name, path) in [("sAccessToken", "/"), ("sRefreshToken", path.as_str())] {
        let cookie = format!("{name}=; Path={path}; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly{attributes}");
        facts.refresh.add("set-cookie", &cookie);
    }
}

/// Changes what the cookies say.
fn in_cookies(facts: &mut Facts, from: &str, to: &str) {
    let before = facts.refresh.all("set-cookie");
    facts.refresh.drop("set-cookie");
    for cookie in &before {
        facts.refresh.add("set-cookie", &cookie.replace(from, to));
    }
    assert_ne!(before, facts.refresh.all("set-cookie"), "nothing said {from}");
}

fn finds(facts: &Facts, (check, level, says): (&str, Level, &str)) -> bool {
    judge(facts).iter().any(|finding| finding.check == check && finding.level == level && finding.says.contains(says))
}

type Change = fn(&mut Facts);

/// What is found if this place is changed so, beside that nothing of it is found unless it is.
type Row = (Place, Change, (&'static str, Level, &'static str));

/// Checks rows that change something.
fn check(rows: &[Row]) {
    for (place, change, finding) in rows {
        let mut facts = fine(*place);
        assert!(!finds(&facts, *finding), "{finding:?} is there already at {place:?}");
        change(&mut facts);
        assert!(finds(&facts, *finding), "{finding:?} at {place:?}, not {:#?}", judge(&facts));
    }
}

#[test]
fn an_app_that_follows_the_manual_has_nothing_to_mend() {
    let all = [
        "website",
        "refresh-route",
        "sign-out-route",
        "cors-preflight",
        "cors-headers",
        "cors-methods",
        "cors-origin",
        "cors-expose",
        "cors-strangers",
        "front-token",
        "caching",
        "cookies",
        "jwks",
        "jwks-caching",
        "issuer",
        "clock",
    ];
    for place in [SAME_SITE, SAME_ORIGIN, IN_HEADERS, THIS_MACHINE] {
        let findings = judge(&fine(place));
        assert!(findings.iter().all(|finding| finding.level == Level::Ok && finding.fix.is_none()), "{place:?}: {findings:#?}");
        let checks: Vec<&str> = findings.iter().map(|finding| finding.check).collect();
        let is_of_cors = |check: &&str| check.starts_with("cors");
        let expected: Vec<&str> = all.into_iter().filter(|check| place != SAME_ORIGIN || !is_of_cors(check)).collect();
        assert_eq!(checks.into_iter().filter(|check| *check != "cors").collect::<Vec<_>>(), expected, "{place:?}");
        assert!(ways_out(&fine(place)).is_empty());
    }
    assert!(finds(&fine(SAME_ORIGIN), ("cors", Level::Ok, "no CORS is needed")));
    assert!(finds(&fine(IN_HEADERS), ("cookies", Level::Ok, "cookies do not matter")));
    assert!(!finds(&fine(SAME_SITE), ("cookies", Level::Ok, "cookies do not matter")));
}

/// Where website and API are says much by itself.
#[test]
fn what_the_addresses_alone_say() {
    for (place, elsewhere, finding) in [
        (MIXED, OPEN, ("https", Level::Fail, "mixed content")),
        (SCHEMES_DIFFER, MIXED, ("https", Level::Fail, "two sites")),
        (OPEN, THIS_MACHINE, ("https", Level::Warn, "in the open")),
        (CROSS_SITE, SAME_SITE, ("third-party-cookies", Level::Fail, "third-party cookies: Safari")),
        (CROSS_SITE, IN_HEADERS, ("third-party-cookies", Level::Fail, "third-party cookies: Safari")),
        (TWO_LOCAL_NAMES, THIS_MACHINE, ("third-party-cookies", Level::Fail, "though one machine")),
        (TWO_LOCAL_NAMES, THIS_MACHINE, ("cookie-same-site", Level::Fail, "SameSite=None without `Secure`")),
    ] {
        assert!(finds(&fine(place), finding), "{place:?} {finding:?}, not {:#?}", judge(&fine(place)));
        assert!(!finds(&fine(elsewhere), finding), "{elsewhere:?} {finding:?}");
    }
}

#[test]
fn what_can_be_wrong_with_routes() {
    const OK: Level = Level::Ok;
    const WARN: Level = Level::Warn;
    const FAIL: Level = Level::Fail;
    check(&[
        (SAME_SITE, |facts| facts.website = Err(NoAnswer::TooSlow), ("website", WARN, "gives no answer within ten seconds")),
        (
            SAME_SITE,
            |facts| facts.website = Ok(Answer::new(301, "").with("location", "https://example.com/")),
            ("website", WARN, "`https://example.com`, which is another origin"),
        ),
        (SAME_SITE, |facts| facts.refresh.turn_into(440, UNAUTHORISED), ("refresh-route", WARN, "without a session with 440")),
        (SAME_SITE, |facts| facts.refresh.turn_into(200, "{}"), ("refresh-route", FAIL, "200")),
        (
            SAME_SITE,
            |facts| facts.refresh = Answer::new(308, "").with("location", "https://u:p@api.example.com/auth/session/refresh/?t=1"),
            ("refresh-route", FAIL, "https://api.example.com/auth/session/refresh/"),
        ),
        (SAME_SITE, |facts| facts.refresh = Answer::new(200, "<html>"), ("refresh-route", FAIL, "an HTML page (200)")),
        (SAME_SITE, |facts| facts.refresh = Answer::new(404, "no"), ("refresh-route", FAIL, "does not exist (404)")),
        (SAME_SITE, |facts| facts.refresh = Answer::new(502, "<html>"), ("refresh-route", FAIL, "fails with 502")),
        (SAME_SITE, |facts| facts.refresh = Answer::new(403, "no"), ("refresh-route", FAIL, "answered 403 by something")),
        (SAME_SITE, |facts| facts.sign_out = Ok(Answer::new(404, "")), ("sign-out-route", WARN, "answered 404")),
        (SAME_SITE, |facts| facts.sign_out = Ok(Answer::new(401, "<html>")), ("sign-out-route", WARN, "answered 401")),
        (SAME_SITE, |facts| facts.sign_out = Err(NoAnswer::BrokenOff), ("sign-out-route", WARN, "the answer broke off")),
        (SAME_SITE, |facts| facts.refresh.drop("front-token"), ("front-token", FAIL, "does not arrive")),
        (SAME_SITE, |facts| facts.refresh.set("front-token", ""), ("front-token", FAIL, "does not say `remove`")),
        (SAME_SITE, |facts| facts.refresh.add("front-token", "remove"), ("front-token", FAIL, "or says so twice")),
        (SAME_SITE, |facts| facts.refresh.drop("st-access-token"), ("empty-headers", WARN, "strips headers without a value")),
        (SAME_SITE, |facts| facts.refresh.add("x-cache", "HIT from edge"), ("caching", FAIL, "answered from a cache")),
        (SAME_SITE, |facts| facts.refresh.add("age", "7"), ("caching", FAIL, "answered from a cache")),
        (SAME_SITE, |facts| facts.refresh.set("cache-control", "max-age=60"), ("caching", FAIL, "allows caches")),
        (SAME_SITE, |facts| facts.refresh.set("cache-control", "public"), ("caching", FAIL, "allows caches")),
        (SAME_SITE, |facts| facts.refresh.at = NOW + std::time::Duration::from_secs(31), ("clock", WARN, "31 s behind")),
        (SAME_SITE, |facts| facts.refresh.set("date", "Tue, 14 Nov 2023 22:14:20 GMT"), ("clock", WARN, "60 s ahead of")),
        (SAME_SITE, |facts| facts.jwks = Err(NoAnswer::NoConnection), ("jwks", WARN, "gives no connection")),
        (SAME_SITE, |facts| facts.jwks = Ok(Answer::new(200, r#"{"keys":[]}"#)), ("jwks", WARN, "names no keys")),
        (SAME_SITE, |facts| facts.jwks = Ok(Answer::new(200, "<html>")), ("jwks", WARN, "an HTML page (200)")),
        (SAME_SITE, |facts| facts.jwks = Ok(Answer::new(404, "{}")), ("jwks", WARN, "answered 404, without keys")),
        (SAME_SITE, |facts| facts.jwks = Ok(Answer::new(200, r#"{"keys":[{"kty":"EC","d":"x"}]}"#)), ("jwks", FAIL, "private keys")),
        (SAME_SITE, |facts| in_jwks(facts, "no-store"), ("jwks-caching", WARN, "may not be cached")),
        (SAME_SITE, |facts| in_jwks(facts, "private"), ("jwks-caching", WARN, "do not say how long")),
        (SAME_SITE, |facts| in_jwks(facts, "max-age=604801"), ("jwks-caching", WARN, "604801 s")),
        (SAME_SITE, |facts| in_jwks(facts, "max-age=1, s-maxage=604800"), ("jwks-caching", OK, "604800 s")),
        (
            SAME_SITE,
            |facts| facts.discovery = Ok(Answer::new(200, r#"{"issuer":"http://10.0.0.3:3000/auth"}"#)),
            ("issuer", WARN, "`http://10.0.0.3:3000/auth`"),
        ),
    ]);
}

#[test]
fn redirects_are_explained_by_where_they_lead() {
    for (place, to, fix) in [
        (OPEN, "https://api.example.com/auth/session/refresh", "use the https:// address"),
        (SAME_SITE, "/auth/session/refresh/", "without adding or removing a slash"),
        (SAME_SITE, "https://example.com/auth/session/refresh", "use the final address"),
        (SAME_SITE, "http://[", "use the final address"),
    ] {
        let mut facts = fine(place);
        facts.refresh = Answer::new(301, "").with("location", to);
        let findings = judge(&facts);
        let finding = findings.iter().find(|finding| finding.check == "refresh-route").unwrap();
        assert!(finding.fix.as_ref().unwrap().contains(fix), "{to}: {finding:?}");
    }
}

fn in_jwks(facts: &mut Facts, cache_control: &str) {
    facts.jwks.as_mut().unwrap().set("cache-control", cache_control);
}

#[test]
fn what_is_no_reason_to_worry_about_routes() {
    let quiet: [(Change, &str); 8] = [
        (|facts| facts.website = Ok(Answer::new(302, "").with("location", "/en/")), "website"),
        (|facts| facts.sign_out = Ok(Answer::new(200, r#"{"status":"OK"}"#).cors("https://www.example.com")), "sign-out-route"),
        (|facts| facts.refresh.set("cache-control", "public, no-store"), "caching"),
        (|facts| facts.refresh.set("age", "0"), "caching"),
        (|facts| facts.refresh.set("x-cache", "Miss from edge"), "caching"),
        (|facts| facts.refresh.at = NOW + std::time::Duration::from_secs(30), "clock"),
        (|facts| in_jwks(facts, "max-age=604800"), "jwks-caching"),
        (|facts| facts.discovery = Ok(Answer::new(200, r#"{"issuer":"https://api.example.com/auth/"}"#)), "issuer"),
    ];
    for (change, check) in quiet {
        let mut facts = fine(SAME_SITE);
        change(&mut facts);
        let findings: Vec<_> = judge(&facts).into_iter().filter(|finding| finding.level > Level::Ok).collect();
        assert_eq!(findings, [], "{check}");
    }
    // what says nothing is not spoken of
    let mut facts = fine(SAME_SITE);
    facts.refresh.drop("date");
    facts.discovery = Err(NoAnswer::TooSlow);
    facts.stranger = Err(NoAnswer::TooSlow);
    let findings = judge(&facts);
    assert!(findings.iter().all(|finding| !["clock", "issuer", "cors-strangers"].contains(&finding.check)), "{findings:#?}");
    // and where the SDK does not answer, nothing is said of what it would say
    let mut facts = fine(SAME_SITE);
    facts.refresh = Answer::new(404, "");
    assert_eq!(judge(&facts).iter().map(|finding| finding.check).collect::<Vec<_>>(), ["website", "refresh-route"]);
}

#[test]
fn what_can_be_wrong_with_cors() {
    const FAIL: Level = Level::Fail;
    const WARN: Level = Level::Warn;
    check(&[
        (SAME_SITE, |facts| facts.preflight = Err(NoAnswer::TooSlow), ("cors-preflight", FAIL, "gets no answer")),
        (SAME_SITE, |facts| facts.preflight = Ok(Answer::new(405, "")), ("cors-preflight", FAIL, "answered 405")),
        (SAME_SITE, |facts| of_all(facts, |answer| answer.drop("access-control-allow-origin")), ("cors-origin", FAIL, "is missing")),
        (SAME_SITE, |facts| of_all(facts, |answer| answer.set("access-control-allow-origin", "*")), ("cors-origin", FAIL, "origin `*`")),
        (
            SAME_SITE,
            |facts| of_all(facts, |answer| answer.set("access-control-allow-origin", "https://example.com")),
            ("cors-origin", FAIL, "`https://example.com` instead of `https://www.example.com`"),
        ),
        (
            SAME_SITE,
            |facts| of_all(facts, |answer| answer.add("access-control-allow-origin", "https://www.example.com")),
            ("cors-origin", FAIL, "2 fields"),
        ),
        (
            SAME_SITE,
            |facts| of_all(facts, |answer| answer.drop("access-control-allow-credentials")),
            ("cors-credentials", FAIL, "does not allow credentials"),
        ),
        (SAME_SITE, |facts| facts.refresh.drop("access-control-allow-origin"), ("cors-layers", FAIL, "real answers lack")),
        (
            SAME_SITE,
            |facts| facts.sign_out = Ok(Answer::new(401, UNAUTHORISED)),
            ("cors-credentials", FAIL, "the 401 of the sign-out route"),
        ),
        (
            SAME_SITE,
            |facts| allow(facts, "rid, content-type"),
            ("cors-headers", FAIL, "anti-csrf, authorization, fdi-version and st-auth-mode"),
        ),
        (SAME_SITE, |facts| allow(facts, "*"), ("cors-headers", FAIL, "`*` is no wildcard")),
        (
            SAME_SITE,
            |facts| allow(facts, "anti-csrf,authorization,fdi-version,rid,st-auth-mode"),
            ("cors-headers", WARN, "does not allow `content-type`"),
        ),
        (
            SAME_SITE,
            |facts| facts.preflight.as_mut().unwrap().set("access-control-allow-methods", "GET"),
            ("cors-methods", WARN, "does not name POST"),
        ),
        (
            SAME_SITE,
            |facts| facts.refresh.set("access-control-expose-headers", "front-token"),
            ("cors-expose", FAIL, "st-access-token and st-refresh-token"),
        ),
        (SAME_SITE, |facts| facts.refresh.set("access-control-expose-headers", "*"), ("cors-expose", FAIL, "`*` is no wildcard")),
        (
            SAME_SITE,
            |facts| facts.sign_out.as_mut().unwrap().add("access-control-expose-headers", "front-token"),
            ("cors-expose", WARN, "without `anti-csrf`"),
        ),
        (SAME_SITE, let_strangers_in, ("cors-strangers", WARN, "only SameSite")),
        (CROSS_SITE, let_strangers_in, ("cors-strangers", FAIL, "any page can act as its visitor")),
    ]);
}

fn of_all(facts: &mut Facts, change: impl Fn(&mut Answer)) {
    change(&mut facts.refresh);
    facts.preflight.iter_mut().chain(facts.sign_out.iter_mut()).for_each(change);
}

fn allow(facts: &mut Facts, headers: &str) {
    facts.preflight.as_mut().unwrap().set("access-control-allow-headers", headers);
}

fn let_strangers_in(facts: &mut Facts) {
    facts.stranger = Ok(Answer::new(204, "").cors(crate::doctor::STRANGER));
}

#[test]
fn preflights_that_fail_are_explained_by_how_they_fail() {
    for (status, fix) in [(307, "follow no redirect"), (401, "carry no cookies"), (403, "carry no cookies"), (404, "outermost")] {
        let mut facts = fine(SAME_SITE);
        facts.preflight = Ok(Answer::new(status, ""));
        let findings = judge(&facts);
        let finding = findings.iter().find(|finding| finding.check == "cors-preflight").unwrap();
        assert!(finding.fix.as_ref().unwrap().contains(fix), "{status}: {finding:?}");
    }
}

#[test]
fn what_can_be_wrong_with_cookies() {
    const FAIL: Level = Level::Fail;
    const WARN: Level = Level::Warn;
    check(&[
        (SAME_SITE, |facts| facts.refresh.drop("set-cookie"), ("cookies", WARN, "clears no session cookies")),
        (SAME_SITE, |facts| set_cookies(facts, "; Secure; SameSite=Lax; Domain=example.org"), ("cookie-domain", FAIL, "not part of")),
        (SAME_SITE, |facts| set_cookies(facts, "; Secure; SameSite=Lax; Domain=com"), ("cookie-domain", FAIL, "everybody shares")),
        (
            SAME_ORIGIN,
            |facts| in_cookies(facts, "Path=/api/auth/session/refresh", "Path=/auth/session/refresh"),
            ("cookie-path", FAIL, "browsers refresh at `/api/auth/session/refresh`"),
        ),
        (SAME_SITE, |facts| in_cookies(facts, "Path=/;", "Path=/app;"), ("cookie-path", WARN, "`/app` only")),
        (SAME_SITE, |facts| in_cookies(facts, "; HttpOnly", ""), ("cookie-http-only", FAIL, "sAccessToken and sRefreshToken")),
        (OPEN, |facts| in_cookies(facts, "; HttpOnly", "; HttpOnly; Secure"), ("cookie-secure", FAIL, "set over plain http")),
        (SAME_SITE, |facts| in_cookies(facts, "; Secure", ""), ("cookie-secure", WARN, "not `Secure`, though")),
        (CROSS_SITE, |facts| in_cookies(facts, "; Secure", ""), ("cookie-same-site", FAIL, "SameSite=None without `Secure`")),
        (
            SAME_SITE,
            |facts| in_cookies(facts, "SameSite=Lax", "SameSite=None"),
            ("cookie-same-site", WARN, "though website and API are of one site"),
        ),
        (CROSS_SITE, |facts| in_cookies(facts, "SameSite=None", "SameSite=Lax"), ("cookie-same-site", FAIL, "which is another site")),
        (CROSS_SITE, |facts| in_cookies(facts, "; SameSite=None", ""), ("cookie-same-site", FAIL, "which is another site")),
        (SAME_SITE, |facts| in_cookies(facts, "sRefreshToken", "__Host-sRefreshToken"), ("cookie-prefix", FAIL, "__Host-sRefreshToken")),
        (
            THIS_MACHINE,
            |facts| in_cookies(facts, "sAccessToken", "__Secure-sAccessToken"),
            ("cookie-prefix", FAIL, "__Secure-sAccessToken"),
        ),
        (
            THIS_MACHINE,
            |facts| in_cookies(facts, "; SameSite", "; Partitioned; SameSite"),
            ("cookie-prefix", FAIL, "Partitioned demand Secure"),
        ),
        (
            SAME_SITE,
            |facts| facts.refresh.add("set-cookie", "sAccessToken=; Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax"),
            ("cookie-duplicates", FAIL, "sAccessToken is set twice"),
        ),
        (CROSS_SITE, partition, ("third-party-cookies", WARN, "not every browser knows")),
    ]);
}

fn partition(facts: &mut Facts) {
    in_cookies(facts, "; SameSite", "; Partitioned; SameSite");
}

#[test]
fn what_is_no_reason_to_worry_about_cookies() {
    let quiet: [(&str, Change); 6] = [
        ("a domain that both share", |facts| set_cookies(facts, "; Secure; SameSite=Lax; Domain=.example.com")),
        ("a strict one", |facts| in_cookies(facts, "SameSite=Lax", "SameSite=Strict")),
        ("names with prefixes", |facts| {
            in_cookies(facts, "sAccessToken", "__Host-sAccessToken");
            in_cookies(facts, "sRefreshToken", "__Secure-sRefreshToken");
        }),
        ("a path above the refresh route", |facts| in_cookies(facts, "Path=/auth/session/refresh", "Path=/auth")),
        ("cookies of the app", |facts| facts.refresh.add("set-cookie", "theme=dark")),
        ("partitioned ones of the same site", partition),
    ];
    for (what, change) in quiet {
        let mut facts = fine(SAME_SITE);
        change(&mut facts);
        let findings: Vec<_> = judge(&facts).into_iter().filter(|finding| finding.level > Level::Ok).collect();
        assert_eq!(findings, [], "{what}");
    }
}

#[test]
fn ways_out_are_told_where_cookies_are_third_party_cookies_and_nowhere_else() {
    let ways = |facts: &Facts| ways_out(facts).into_iter().map(|solution| solution.way).collect::<Vec<_>>();
    let all = [Way::SubDomain, Way::GatewayPath, Way::HeaderTransfer, Way::PartitionedCookies];
    assert_eq!(ways(&fine(CROSS_SITE)), all);
    // partitioned cookies are one of the ways, but not for every browser
    let mut partitioned = fine(CROSS_SITE);
    partition(&mut partitioned);
    assert_eq!(ways(&partitioned), all);
    for place in [SAME_SITE, SAME_ORIGIN, IN_HEADERS, THIS_MACHINE, TWO_LOCAL_NAMES, SCHEMES_DIFFER, MIXED, OPEN] {
        assert_eq!(ways(&fine(place)), [], "{place:?}");
    }
}
