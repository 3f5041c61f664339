//! What a configuration's own `security.audit.suppressions` hides, and what it cannot.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;

use clawsift::judge::Verdict;
use clawsift::model::dialect::Release;
use clawsift::options::Options;

/// Checks one configuration whose exec policy is open, with these suppressions.
fn check(suppressions: &str, release: Release) -> Verdict {
    let dir = tempfile::tempdir().unwrap();
    let text = format!(
        "{{ tools: {{ exec: {{ security: 'full', host: 'sandbox' }} }}, \
         security: {{ audit: {{ suppressions: [{suppressions}] }} }} }}"
    );
    fs::write(dir.path().join("openclaw.json"), text).unwrap();
    let mut options = Options::new(vec![dir.path().to_owned()]);
    options.wanted.release = Some(release);
    options.threads = Some(1);
    clawsift::pipeline::run(&options).unwrap()
}

const FULL: &str = "tools.exec.security_full_configured";
const HOST: &str = "tools.exec.host_sandbox_no_sandbox_defaults";
const ACTIVE: &str = "security.audit.suppressions.active";

/// Which of the three rules are shown, and which are suppressed with what reason.
fn split(verdict: &Verdict) -> (BTreeSet<&str>, Vec<(&str, &str)>) {
    let shown = verdict.shown.iter().map(|finding| &*finding.id).filter(|id| [FULL, HOST, ACTIVE].contains(id));
    let hidden = verdict.suppressed.iter().map(|hidden| (&*hidden.finding.id, hidden.reason.as_str()));
    (shown.collect(), hidden.collect())
}

#[test]
fn an_exact_id_is_hidden_with_its_reason() {
    let verdict = check(&format!("{{ checkId: ' {FULL} ', reason: 'lab' }}"), Release::V2026_9);
    assert_eq!(split(&verdict), (BTreeSet::from([HOST, ACTIVE]), vec![(FULL, "lab")]));
    assert!(!verdict.passed.contains(&FULL), "a hidden finding is no pass");
    let report = clawsift::report::json::report(&verdict);
    assert_eq!(report["summary"]["suppressed"], 1);
    assert_eq!(report["suppressedFindings"][0]["checkId"], FULL);
    assert_eq!(report["suppressedFindings"][0]["suppression"]["reason"], "lab");
}

#[test]
fn globs_prefixes_and_blanks_hide_nothing() {
    let entries = "{ checkId: 'tools.exec.*' }, { checkId: 'tools' }, { checkId: ' ' }, { checkId: 'TOOLS.EXEC' }";
    let verdict = check(entries, Release::V2026_9);
    assert_eq!(split(&verdict), (BTreeSet::from([FULL, HOST, ACTIVE]), vec![]));
}

#[test]
fn both_conditions_must_hold_in_any_case() {
    let with = |more: &str| check(&format!("{{ checkId: '{FULL}', {more} }}"), Release::V2026_9);
    for hit in ["titleIncludes: 'WITHOUT any'", "detailIncludes: 'Tools.Exec.Security'"] {
        assert_eq!(with(hit).suppressed.len(), 1, "{hit}");
    }
    for miss in ["titleIncludes: 'nope'", "titleIncludes: 'without', detailIncludes: 'nope'", "detailIncludes: ' '"] {
        assert!(with(miss).suppressed.is_empty(), "{miss}");
    }
}

#[test]
fn the_notice_itself_cannot_be_hidden() {
    let verdict = check(&format!("{{ checkId: '{ACTIVE}' }}"), Release::V2026_9);
    assert_eq!(split(&verdict), (BTreeSet::from([FULL, HOST, ACTIVE]), vec![]));
}

#[test]
fn the_first_matching_entry_gives_the_reason() {
    let entries = format!(
        "{{ checkId: '{FULL}', titleIncludes: 'nope', reason: 'a' }}, {{ checkId: '{FULL}', reason: 'b' }}, \
         {{ checkId: '{FULL}', reason: 'c' }}"
    );
    assert_eq!(split(&check(&entries, Release::V2026_9)).1, vec![(FULL, "b")]);
}

#[test]
fn releases_that_do_not_know_the_key_hide_nothing() {
    let verdict = check(&format!("{{ checkId: '{FULL}' }}"), Release::V2026_5);
    assert!(verdict.suppressed.is_empty());
}
