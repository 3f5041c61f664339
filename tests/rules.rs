//! Walks the rule table: every bad example fires at exactly its marked token, no good example fires.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeSet;

use clawsift::finding::Settled;
use clawsift::rule::{Check, Example, Rule};
use clawsift::rules;
use common::example::{Marks, stage};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test("table", table)];
    trials.extend(rules::all().map(|rule| Trial::test(rule.id, move || examples(rule))));
    libtest_mimic::run(&arguments, trials).exit();
}

/// What holds for the table as a whole.
fn table() -> Result<(), Failed> {
    let mut ids = BTreeSet::new();
    for rule in rules::all() {
        ensure(ids.insert(rule.id), || format!("{}: the id is used twice", rule.id))?;
        let plain = rule.id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-*/".contains(&b));
        ensure(plain && rule.id.contains(['.', '/']), || format!("{}: not a dotted id", rule.id))?;
        ensure(!rule.bad.is_empty(), || format!("{}: no bad example", rule.id))?;
        ensure(!rule.good.is_empty(), || format!("{}: no good example", rule.id))?;
        for (what, text) in [("summary", rule.summary), ("why", rule.why), ("remedy", rule.remedy)] {
            ensure(!text.is_empty() && text.trim() == text, || format!("{}: {what} is empty or padded", rule.id))?;
        }
        let first = rule.summary.chars().next().unwrap_or('a');
        ensure(!first.is_lowercase() || rule.summary.contains('.'), || {
            format!("{}: summary not in sentence case", rule.id)
        })?;
        ensure(!rule.summary.ends_with('.'), || format!("{}: summary ends with a full stop", rule.id))?;
        if let Check::Text(text) = rule.check {
            ensure(clawsift::scan::compile(text.pattern).is_some(), || format!("{}: the pattern is wrong", rule.id))?;
            // One letter or digit stands everywhere; one sign may be what the pattern turns on.
            let tells = |hint: &&str| hint.len() >= 2 || hint.bytes().all(|byte| byte.is_ascii_punctuation());
            let usable = !text.hints.is_empty() && text.hints.iter().all(tells);
            ensure(usable, || format!("{}: hints are missing or too short", rule.id))?;
        }
        let weaknesses = rule.cwe.iter().map(|number| format!("CWE-{number}"));
        let others = rule.atlas.iter().chain(rule.owasp).map(|id| (*id).to_owned());
        for id in weaknesses.chain(others) {
            ensure(clawsift::facts::taxonomy::title(&id).is_some(), || format!("{}: {id} is in no list", rule.id))?;
        }
        ensure(rule.summary.chars().count() <= 100, || format!("{}: summary too long", rule.id))?;
    }
    Ok(())
}

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(message().into()) }
}

fn examples(rule: &'static Rule) -> Result<(), Failed> {
    for (index, example) in rule.bad.iter().enumerate() {
        let (findings, marks) = run(rule, example);
        let said: BTreeSet<(String, u32, u32)> = findings.iter().map(spot).collect();
        ensure(!marks.is_empty(), || format!("bad example {index} marks no token"))?;
        ensure(said == marks, || {
            format!("bad example {index}: expected findings at {marks:?}, got {:#?}", brief(&findings))
        })?;
    }
    for (index, example) in rule.good.iter().enumerate() {
        let (findings, marks) = run(rule, example);
        ensure(marks.is_empty(), || format!("good example {index} marks a token"))?;
        ensure(findings.is_empty(), || format!("good example {index} fires: {:#?}", brief(&findings)))?;
    }
    Ok(())
}

fn spot(finding: &Settled) -> (String, u32, u32) {
    let at = &finding.location;
    let offset = u32::try_from(at.offset).unwrap();
    (at.path.to_string(), offset, offset + at.length)
}

fn brief(findings: &[Settled]) -> Vec<String> {
    findings.iter().map(|f| format!("{} {:?} {:?} {}", f.id, spot(f), f.key_path, f.message)).collect()
}

/// Writes an example to disk and runs this one rule over it, in the mildest profile that has it.
fn run(rule: &'static Rule, example: &Example) -> (Vec<Settled>, Marks) {
    let mut staged = stage(rule, example);
    // What is said of other findings needs them.
    if !matches!(rule.check, Check::None) {
        staged.options.select = vec![rule.id.to_owned()];
    }
    let verdict = clawsift::pipeline::run(&staged.options).unwrap();
    (verdict.shown.into_iter().filter(|finding| finding.rule.id == rule.id).collect(), staged.marks)
}
