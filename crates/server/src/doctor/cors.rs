//! Cross-origin rules (Fetch, "CORS protocol"): what browsers demand before pages of the website may use the API.

use super::{
    cookies,
    facts::{Answer, Facts, SDK_HEADERS, STRANGER},
    finding::{Finding, listed, quoted},
    site::Relation,
};

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    if facts.target.relation() == Relation::SameOrigin {
        return vec![Finding::ok("cors", "website and API are of one origin: no CORS is needed")];
    }
    let mut findings = preflight(facts);
    findings.extend(real_answers(facts));
    findings.extend(strangers(facts));
    findings
}

fn preflight(facts: &Facts) -> Vec<Finding> {
    let origin = facts.target.website_origin();
    let answer = match &facts.preflight {
        Ok(answer) => answer,
        Err(why) => {
            let says = format!("the preflight (OPTIONS) of a refresh gets {why}, so browsers never send the refresh");
            return vec![Finding::fail("cors-preflight", says, "let OPTIONS requests through to the API's CORS layer")];
        }
    };
    if !answer.status.is_success() {
        let says = format!("the preflight (OPTIONS) of a refresh is answered {}, so browsers never send the refresh", answer.status);
        return vec![Finding::fail("cors-preflight", says, preflight_fix(answer))];
    }
    let mut findings = vec![Finding::ok("cors-preflight", "the preflight of a refresh is answered")];
    findings.extend(origin_and_credentials(answer, &origin, "the preflight"));
    findings.push(allowed_headers(answer));
    findings.push(allowed_methods(answer));
    findings
}

fn preflight_fix(answer: &Answer) -> &'static str {
    match answer.status.as_u16() {
        300..=399 => "browsers follow no redirect here: use the final address as the address of the API",
        401 | 403 => "preflights carry no cookies and no tokens: put the CORS layer outside of everything that asks for a sign-in",
        _ => "put a CORS layer outermost in the API, so that it answers OPTIONS before routes and session checks are reached",
    }
}

/// Frontend SDKs send every call with `credentials: "include"`, also when tokens travel in headers.
fn origin_and_credentials(answer: &Answer, origin: &str, which: &str) -> Vec<Finding> {
    let fix = format!("let the CORS layer answer `Access-Control-Allow-Origin: {origin}`, once, on every answer");
    let origin_finding = match answer.all("access-control-allow-origin").as_slice() {
        [] => {
            Some(Finding::fail("cors-origin", format!("{which} does not allow the website: Access-Control-Allow-Origin is missing"), fix))
        }
        [only] if only == origin => None,
        [only] if only == "*" => {
            let says = format!("{which} allows the origin `*`, which browsers refuse for requests with credentials");
            Some(Finding::fail("cors-origin", says, fix))
        }
        [only] => Some(Finding::fail("cors-origin", format!("{which} allows {} instead of `{origin}`", quoted(only)), fix)),
        several => {
            let says = format!("{which} has {} fields Access-Control-Allow-Origin, and browsers accept one only", several.len());
            Some(Finding::fail(
                "cors-origin",
                says,
                "two layers write CORS headers (the API and a proxy in front of it?): let one of them do it",
            ))
        }
    };
    let credentials_finding = (answer.all("access-control-allow-credentials") != ["true"]).then(|| {
        Finding::fail(
            "cors-credentials",
            format!("{which} does not allow credentials, so browsers hide it from the website"),
            "let the CORS layer answer `Access-Control-Allow-Credentials: true`",
        )
    });
    origin_finding.into_iter().chain(credentials_finding).collect()
}

fn allowed_headers(answer: &Answer) -> Finding {
    let allowed = answer.list("access-control-allow-headers");
    let is_missing = |name: &&str| !allowed.iter().any(|other| other == name);
    let missing: Vec<&str> = SDK_HEADERS.into_iter().filter(is_missing).collect();
    let fix = format!("allow the request headers {} (SDKs export this list), and those of the app", listed(&SDK_HEADERS));
    if !missing.is_empty() {
        let star = if allowed.iter().any(|name| name == "*") { "; `*` is no wildcard for requests with credentials" } else { "" };
        let says =
            format!("the preflight does not allow the request headers {}, so browsers never send the refresh{star}", listed(&missing));
        return Finding::fail("cors-headers", says, fix);
    }
    if is_missing(&"content-type") {
        let says = "the preflight does not allow `content-type`: pages cannot send JSON to the API";
        return Finding::warn("cors-headers", says, "allow the request header content-type too");
    }
    Finding::ok("cors-headers", "the request headers of frontend SDKs are allowed")
}

fn allowed_methods(answer: &Answer) -> Finding {
    let methods = answer.list("access-control-allow-methods");
    if methods.is_empty() || methods.iter().any(|method| method == "post") {
        return Finding::ok("cors-methods", "POST is allowed");
    }
    let says = "the preflight does not name POST among the allowed methods; browsers let it pass, other clients may not";
    Finding::warn("cors-methods", says, "allow GET and POST, and the methods of the app")
}

/// Errors need CORS headers as much as successes: a 401 that the frontend SDK cannot read is no reason to refresh.
fn real_answers(facts: &Facts) -> Vec<Finding> {
    let origin = facts.target.website_origin();
    let status = facts.refresh.status.as_u16();
    let mut findings = origin_and_credentials(&facts.refresh, &origin, &format!("the {status} of the refresh route"));
    if let Ok(answer) = &facts.sign_out {
        findings.extend(origin_and_credentials(answer, &origin, &format!("the {} of the sign-out route", answer.status.as_u16())));
    }
    if findings.is_empty() {
        findings.push(Finding::ok("cors-origin", "errors as well as preflights allow the website, with credentials"));
    } else if facts.preflight.as_ref().is_ok_and(|preflight| origin_and_credentials(preflight, &origin, "").is_empty()) {
        let says = "preflights have CORS headers that real answers lack";
        findings.push(Finding::fail(
            "cors-layers",
            says,
            "the CORS layer must be outside of the session layer, so that it sees every answer",
        ));
    }
    findings.push(exposed(facts));
    findings
}

fn exposed(facts: &Facts) -> Finding {
    const CHECK: &str = "cors-expose";
    let exposed = facts.refresh.list("access-control-expose-headers");
    let is_hidden = |name: &&str| !exposed.iter().any(|other| other == name);
    let fix = "let the CORS layer expose no headers by itself, so that those of the SDK stay, or expose front-token, anti-csrf, \
               st-access-token and st-refresh-token";
    // what the answer carries, pages must be able to read
    let carried =
        ["front-token", "st-access-token", "st-refresh-token"].into_iter().filter(|name| facts.refresh.headers.contains_key(*name));
    let hidden: Vec<&str> = carried.filter(is_hidden).collect();
    if !hidden.is_empty() {
        let star = if exposed.iter().any(|name| name == "*") { "; `*` is no wildcard for requests with credentials" } else { "" };
        let says = format!("pages cannot read the response headers {}: they are not exposed{star}", listed(&hidden));
        return Finding::fail(CHECK, says, fix);
    }
    // an SDK exposes nothing on this answer: what is exposed is a fixed list that replaces the SDK's
    let fixed = facts.sign_out.as_ref().map(|answer| answer.list("access-control-expose-headers")).unwrap_or_default();
    if !fixed.is_empty() && !fixed.iter().any(|name| name == "anti-csrf") {
        let says = "the CORS layer exposes a fixed list without `anti-csrf`: anti-CSRF tokens, if they are in use, do not arrive";
        return Finding::warn(CHECK, says, fix);
    }
    Finding::ok(CHECK, "pages can read the response headers of the SDK")
}

fn strangers(facts: &Facts) -> Option<Finding> {
    let answer = facts.stranger.as_ref().ok()?;
    let is_let_in = answer.one("access-control-allow-origin").as_deref() == Some(STRANGER)
        && answer.one("access-control-allow-credentials").as_deref() == Some("true");
    if !is_let_in {
        return Some(Finding::ok("cors-strangers", "pages of other websites are not allowed"));
    }
    let fix = "let the CORS layer compare `Origin` with a list of websites, instead of repeating it";
    let says = "the API allows every website, with credentials";
    Some(if cookies::cross_sites(&facts.refresh) {
        let says = format!("{says}: with SameSite=None, any page can act as its visitor and read the answers");
        Finding::fail("cors-strangers", says, fix)
    } else {
        Finding::warn("cors-strangers", format!("{says}: only SameSite keeps other pages from acting as their visitors"), fix)
    })
}
