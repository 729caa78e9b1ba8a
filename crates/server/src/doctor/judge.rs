//! What the facts mean. Same facts, same findings: no clock, no IO.

use super::{
    Transfer, cookies, cors,
    facts::Facts,
    finding::Finding,
    routes::{self, Source},
    site::{Relation, host, is_local},
    solution::{Solution, solutions},
};

/// Everything that can be said about what was observed, in the order in which to mend it.
pub fn judge(facts: &Facts) -> Vec<Finding> {
    let mut findings: Vec<Finding> = routes::https(facts).into_iter().collect();
    findings.push(routes::website(facts));
    findings.push(routes::refresh(facts));
    if Source::of(&facts.refresh) != Source::Sdk {
        // whatever else this answer says, it is not what the SDK says
        return findings;
    }
    findings.push(routes::sign_out(facts));
    findings.extend(cors::check(facts));
    findings.extend(routes::front_token(facts));
    findings.push(routes::caching(facts));
    findings.extend(cookies::check(facts));
    findings.extend(third_party(facts));
    findings.extend(routes::jwks(facts));
    findings.extend(routes::issuer(facts));
    findings.extend(routes::clock(facts));
    findings
}

/// Whether the ways out of third-party cookies are worth telling.
pub fn ways_out(facts: &Facts) -> Vec<Solution> {
    if needs_a_way_out(facts) && !both_local(facts) { solutions(&facts.target) } else { Vec::new() }
}

fn needs_a_way_out(facts: &Facts) -> bool {
    facts.target.transfer() == Transfer::Cookie && facts.target.relation() == Relation::CrossSite
}

fn both_local(facts: &Facts) -> bool {
    is_local(host(facts.target.website())) && is_local(host(facts.target.api()))
}

/// Cookies between different sites.
fn third_party(facts: &Facts) -> Option<Finding> {
    const CHECK: &str = "third-party-cookies";
    if !needs_a_way_out(facts) {
        return None;
    }
    if both_local(facts) {
        let says = format!(
            "for browsers {} and {} are different sites, though one machine",
            host(facts.target.website()),
            host(facts.target.api())
        );
        return Some(Finding::fail(CHECK, says, "open website and API by the same host name, say localhost"));
    }
    if cookies::partitioned(&facts.refresh) {
        let says = "website and API are of different sites; the cookies are partitioned, which not every browser knows";
        return Some(Finding::warn(CHECK, says, "for every browser, go one of the ways below"));
    }
    let says = "website and API are of different sites, so the session cookies are third-party cookies: Safari and others block them, \
                and visitors are signed out at the next page";
    Some(Finding::fail(CHECK, says, "go one of the ways below"))
}

#[cfg(test)]
mod tests;
