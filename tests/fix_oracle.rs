//! Safe fixes over the configurations of the recorded answers: what is fixed is gone, and nothing breaks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "it tells what was fixed; `cargo test -- --nocapture` shows it")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use clawsift::finding::Safety;
use clawsift::fix;
use clawsift::judge::Verdict;
use clawsift::model::dialect::Release;
use clawsift::options::Options;
use clawsift::pipeline::{self, fixing};
use common::oracle::{Case, lay_out};

#[test]
fn safe_fixes_2026_9_6() {
    mend("2026.9.6", Release::V2026_9, include_str!("../fixtures/oracle-2026.9.6.json"));
}

#[test]
fn safe_fixes_2026_5_12() {
    mend("2026.5.12", Release::V2026_5, include_str!("../fixtures/oracle-2026.5.12.json"));
}

#[test]
fn safe_fixes_2026_2_24() {
    mend("2026.2.24", Release::V2026_2, include_str!("../fixtures/oracle-2026.2.24.json"));
}

/// What fixing a case came to.
#[derive(Default)]
struct Sum {
    fixed: BTreeMap<String, usize>,
    refused: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

fn mend(version: &str, release: Release, cases: &str) {
    let cases: BTreeMap<String, Case> = serde_json::from_str(cases).unwrap();
    let mut sum = Sum::default();
    for (name, case) in &cases {
        one(name, case, release, &mut sum);
    }
    println!("{version}: {} cases", cases.len());
    for (words, counts) in [("fixed", &sum.fixed), ("refused", &sum.refused)] {
        for (id, count) in counts {
            println!("{version} {words} {count:4} {id}");
        }
    }
    assert!(sum.wrong.is_empty(), "{}", sum.wrong.join("\n"));
    assert!(sum.fixed.values().sum::<usize>() > 100, "hardly anything was fixed");
}

fn one(name: &str, case: &Case, release: Release, sum: &mut Sum) {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().canonicalize().unwrap();
    let state = home.join(".openclaw");
    lay_out(&home, &state, case);
    let mut options = Options::new(vec![state.clone()]);
    options.wanted.release = Some(release);
    options.threads = Some(1);
    options.state_dir = true;
    options.now = Some("2026-12-01T00:00:00Z".parse().unwrap());
    let fixed = fixing::fix(&options, false).unwrap();
    for one in &fixed.done {
        *sum.fixed.entry(one.id.clone()).or_default() += 1;
    }
    for one in &fixed.actions {
        *sum.fixed.entry(one.id.clone()).or_default() += 1;
    }
    for one in &fixed.refused {
        *sum.refused.entry(one.id.clone()).or_default() += 1;
    }
    let base = options.base(&options.roots().unwrap());
    for made in fix::make(&base, &fixed) {
        sum.wrong.extend(made.error.map(|error| format!("{name}: {}: {error}", made.path)));
    }
    let after = pipeline::run(&options).unwrap();
    let lost: Vec<_> = valid(&fixed.verdict).difference(&valid(&after)).cloned().collect();
    if !lost.is_empty() {
        sum.wrong.push(format!("{name}: no longer valid: {lost:?}"));
    }
    let refused = |id: &str| fixed.refused.iter().any(|one| one.id == id);
    for finding in &fixed.verdict.shown {
        let safe = finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe);
        let now = after.shown.iter().find(|one| one.identity.fingerprint == finding.identity.fingerprint);
        if safe && !refused(&finding.id) && now.is_some_and(|now| now.severity >= finding.severity) {
            sum.wrong.push(format!("{name}: {} is still there", finding.id));
        }
    }
}

fn valid(verdict: &Verdict) -> BTreeSet<String> {
    verdict.inputs.iter().filter(|input| input.valid).map(|input| input.path.clone()).collect()
}
