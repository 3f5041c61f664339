//! `--format junit`: its XML, for servers that show test results and nothing else.
//!
//! Every file is a suite. A finding is a test that failed, or for an info one that was skipped, as is one that
//! somebody suppressed. A file without findings passes one test, and what could not be checked is an error.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::escape::markup;
use super::{UNREAD, help_uri, sentence, unread};
use crate::finding::{Settled, Severity};
use crate::judge::Verdict;
use crate::judge::suppress::Suppressed;

/// The tests of one file, as XML, and how they went.
#[derive(Default)]
struct Suite {
    cases: Vec<String>,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let suites = suites(verdict);
    let sum = |count: fn(&Suite) -> usize| suites.values().map(count).sum::<usize>();
    let (tests, failures, errors) = (sum(|one| one.cases.len()), sum(|one| one.failures), sum(|one| one.errors));
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="clawsift" tests="{tests}" failures="{failures}" errors="{errors}">"#)?;
    for (path, suite) in &suites {
        let (tests, failures, errors) = (suite.cases.len(), suite.failures, suite.errors);
        write!(out, r#"  <testsuite name="{path}" tests="{tests}" failures="{failures}" errors="{errors}""#)?;
        writeln!(out, r#" skipped="{}" file="{path}">"#, suite.skipped)?;
        suite.cases.iter().try_for_each(|case| writeln!(out, "{case}"))?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn suites(verdict: &Verdict) -> BTreeMap<String, Suite> {
    let mut suites: BTreeMap<String, Suite> = BTreeMap::new();
    for input in &verdict.inputs {
        suites.entry(name(&input.path)).or_default();
    }
    for trouble in unread(verdict) {
        let message = sentence(&trouble.message);
        let path = name(&trouble.path);
        let suite = suites.entry(path.clone()).or_default();
        suite.errors += 1;
        suite.cases.push(case(&path, UNREAD, "error", UNREAD, &message, &message));
    }
    for finding in &verdict.shown {
        let path = name(&finding.location.path);
        let suite = suites.entry(path.clone()).or_default();
        let outcome = if finding.severity == Severity::Info { "skipped" } else { "failure" };
        *(if outcome == "skipped" { &mut suite.skipped } else { &mut suite.failures }) += 1;
        suite.cases.push(failed(&path, finding, outcome));
    }
    for suppressed in &verdict.suppressed {
        let path = name(&suppressed.finding.location.path);
        let suite = suites.entry(path.clone()).or_default();
        suite.skipped += 1;
        suite.cases.push(passed_over(&path, suppressed));
    }
    for (path, suite) in suites.iter_mut().filter(|(_, suite)| suite.cases.is_empty()) {
        suite.cases.push(format!(r#"    <testcase name="checked" classname="{path}"/>"#));
    }
    suites
}

fn failed(path: &str, finding: &Settled, outcome: &str) -> String {
    let at = &finding.location;
    let message = format!("{}: {}", finding.rule.summary, finding.message);
    let body = format!(
        "{}:{}:{}: {}. {} {}",
        at.path,
        at.start.line,
        at.start.column,
        finding.message,
        finding.rule.remedy,
        help_uri(finding.rule)
    );
    case(path, &title(finding), outcome, finding.severity.as_str(), &message, &body)
}

fn passed_over(path: &str, suppressed: &Suppressed) -> String {
    let message = format!("suppressed ({}): {}", suppressed.by.as_str(), suppressed.reason);
    let finding = &suppressed.finding;
    case(path, &title(finding), "skipped", finding.severity.as_str(), &message, &finding.message)
}

fn title(finding: &Settled) -> String {
    format!("{} {}:{}", finding.id, finding.location.start.line, finding.location.start.column)
}

/// A test; `path` is markup already.
fn case(path: &str, name: &str, outcome: &str, kind: &str, message: &str, body: &str) -> String {
    let (name, kind, message, body) = (markup(name), markup(kind), markup(message), markup(body));
    format!(
        "    <testcase name=\"{name}\" classname=\"{path}\">\n      \
         <{outcome} type=\"{kind}\" message=\"{message}\">{body}</{outcome}>\n    </testcase>"
    )
}

fn name(path: &str) -> String {
    if path.is_empty() { ".".to_owned() } else { markup(path) }
}
