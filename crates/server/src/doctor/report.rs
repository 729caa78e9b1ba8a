//! The findings, for people and for scripts.

use std::fmt;

use serde::Serialize;

use super::{
    Transfer,
    facts::Facts,
    finding::{Finding, Level},
    judge,
    site::Relation,
    solution::Solution,
};

/// What `hallpass doctor` has to say. As JSON it is the same for scripts; as text it is for people.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    website: String,
    api: String,
    base_path: String,
    transfer: Transfer,
    relation: Relation,
    problems: usize,
    warnings: usize,
    fine: usize,
    findings: Vec<Finding>,
    /// Ways out of third-party cookies, the best first. Empty where none is needed.
    solutions: Vec<Solution>,
}

impl Report {
    /// Judges what was observed.
    pub fn new(facts: &Facts) -> Self {
        let target = &facts.target;
        let findings = judge::judge(facts);
        let count = |level| findings.iter().filter(|finding| finding.level == level).count();
        Self {
            website: target.website_origin(),
            api: target.api_origin(),
            base_path: target.base_path().to_owned(),
            transfer: target.transfer(),
            relation: target.relation(),
            problems: count(Level::Fail),
            warnings: count(Level::Warn),
            fine: count(Level::Ok),
            findings,
            solutions: judge::ways_out(facts),
        }
    }

    /// Whether something must be mended. Warnings do not count.
    pub fn has_problems(&self) -> bool {
        self.problems > 0
    }

    /// What was found.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The ways out, the best first.
    pub fn solutions(&self) -> &[Solution] {
        &self.solutions
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} uses the API {}{} ({})", self.website, self.api, self.base_path, self.relation)?;
        for finding in &self.findings {
            let level = match finding.level {
                Level::Ok => "ok  ",
                Level::Warn => "warn",
                Level::Fail => "FAIL",
            };
            writeln!(f, "  {level}  {}", finding.says)?;
            if let Some(fix) = &finding.fix {
                writeln!(f, "        -> {fix}")?;
            }
        }
        for (at, solution) in self.solutions.iter().enumerate() {
            let title = match (at, solution.fits) {
                (0, true) => "Best here",
                (_, true) => "Or",
                (_, false) => "Not here",
            };
            writeln!(f, "\n{title}: {}\n  {}.\n  How: {}.", solution.way, solution.why, solution.how)?;
        }
        write!(f, "\n{}, {}, {} fine", counted(self.problems, "problem"), counted(self.warnings, "warning"), self.fine)
    }
}

fn counted(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
