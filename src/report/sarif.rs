//! `--format sarif`: SARIF 2.1.0 for code scanning.
//!
//! The document is what GitHub reads without surprises: one run, one category, the whole rule table
//! in the same order every time, repository-relative URIs, columns in UTF-16 code units. Nothing in
//! it depends on the machine or the clock.

mod catalogue;
mod invocation;
mod place;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};
use serde_sarif::sarif::{
    CodeFlow, Message, PropertyBag, Result as SarifResult, ResultLevel, Run, RunAutomationDetails, ThreadFlow,
    ThreadFlowLocation, Tool,
};

use super::escape;
use crate::baseline::content_of;
use crate::finding::{Settled, Severity};
use crate::judge::Verdict;
use crate::judge::settle::masked;
use place::Artifacts;
pub(crate) use place::uri;

/// Results that GitHub keeps of a run.
const MOST_RESULTS: usize = 5_000;
/// Locations that GitHub keeps of a result.
const MOST_LOCATIONS: usize = 100;
/// Bytes of excerpts past which they are left out: GitHub takes 10 MB of compressed SARIF.
const EXCERPT_BUDGET: usize = 24 * 1024 * 1024;
/// Where the format is defined.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The log file. Readers that stream want the version before the runs.
#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run(verdict)] };
    writeln!(out, "{}", escape::json(serde_json::to_string(&log)?))
}

/// What is not in the document, in words.
#[must_use]
pub fn left_out(verdict: &Verdict) -> Option<String> {
    let left = verdict.shown.len().checked_sub(MOST_RESULTS).filter(|left| *left > 0)?;
    Some(format!(
        "GitHub keeps {MOST_RESULTS} results of a run: the {left} least severe are left out of the SARIF report"
    ))
}

fn run(verdict: &Verdict) -> Run {
    let (kept, dropped) = worst(&verdict.shown);
    let artifacts = Artifacts::of(&kept, verdict);
    let beside =
        |one: &Settled| -> usize { one.related.iter().chain(&one.steps).map(|second| second.excerpt.text.len()).sum() };
    let size = |one: &&Settled| one.excerpt.text.len() + beside(one);
    let lean = kept.iter().map(size).sum::<usize>() > EXCERPT_BUDGET;
    let compared = verdict.baseline.is_some();
    let state = |one: &Settled| compared.then(|| json!(one.baseline.as_str()));
    let results: Vec<SarifResult> =
        kept.iter().map(|one| SarifResult { baseline_state: state(one), ..result(one, &artifacts, lean) }).collect();
    Run::builder()
        .tool(Tool::builder().driver(catalogue::driver()).build())
        .taxonomies(vec![catalogue::taxonomy()])
        .automation_details(RunAutomationDetails { id: Some("clawsift/config/".to_owned()), ..Default::default() })
        .column_kind("utf16CodeUnits")
        .default_encoding("utf-8")
        .language("en-US")
        .original_uri_base_ids(place::base())
        .artifacts(artifacts.into_sarif())
        .invocations(vec![invocation::invocation(verdict, left_out(verdict))])
        .properties(properties(verdict, &dropped))
        .results(results)
        .build()
}

/// The results that are kept, in report order, and how many of each rule are not.
fn worst(shown: &[Settled]) -> (Vec<&Settled>, BTreeMap<&'static str, usize>) {
    let mut kept: Vec<(usize, &Settled)> = shown.iter().enumerate().collect();
    let mut dropped = BTreeMap::new();
    if kept.len() > MOST_RESULTS {
        // The sort is stable: path and line decide among equals.
        kept.sort_by_key(|(_, one)| Reverse((one.rule.security_severity(), one.confidence)));
        for (_, one) in kept.split_off(MOST_RESULTS) {
            *dropped.entry(one.rule.id).or_insert(0) += 1;
        }
        kept.sort_unstable_by_key(|(index, _)| *index);
    }
    (kept.into_iter().map(|(_, one)| one).collect(), dropped)
}

fn result(finding: &Settled, artifacts: &Artifacts<'_>, lean: bool) -> SarifResult {
    let related = finding.related.iter().take(MOST_LOCATIONS).zip(1..);
    let related = related.map(|(related, id)| place::related(related, id, artifacts, lean)).collect::<Vec<_>>();
    let own = BTreeMap::from([("clawsift/v1".to_owned(), finding.identity.fingerprint.clone())]);
    let mut partial = own.clone();
    let content = content_of(&finding.identity.content).to_owned();
    partial.extend((!content.is_empty()).then(|| ("clawsift/content".to_owned(), content)));
    partial.extend(finding.line_hash.iter().map(|hash| ("primaryLocationLineHash".to_owned(), hash.clone())));
    SarifResult {
        rule_id: Some(finding.rule.id.to_owned()),
        rule_index: catalogue::index(finding.rule),
        level: Some(match finding.severity {
            Severity::Critical => ResultLevel::Error,
            Severity::Warn => ResultLevel::Warning,
            Severity::Info => ResultLevel::Note,
        }),
        message: text(&format!("{}. {}", finding.rule.summary, sentence(&finding.message))),
        locations: Some(vec![place::primary(finding, artifacts, lean)]),
        related_locations: (!related.is_empty()).then_some(related),
        code_flows: code_flow(finding, artifacts, lean),
        partial_fingerprints: Some(partial),
        fingerprints: Some(own),
        fixes: finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()).map(|fix| vec![place::fix(fix)]),
        properties: Some(bag([
            ("checkId", json!(finding.id)),
            ("severity", json!(finding.severity.as_str())),
            ("confidence", json!(finding.confidence.as_str())),
            ("configPath", json!(finding.key_path)),
            ("anchor", json!(masked(finding.identity.anchor.clone()))),
        ])),
        ..SarifResult::builder().message(Message::default()).build()
    }
}

/// The way that something takes through the text, for a finding that follows one.
fn code_flow(finding: &Settled, artifacts: &Artifacts<'_>, lean: bool) -> Option<Vec<CodeFlow>> {
    let steps = finding
        .steps
        .iter()
        .take(MOST_LOCATIONS)
        .map(|step| ThreadFlowLocation { location: Some(place::step(step, artifacts, lean)), ..Default::default() });
    let steps: Vec<_> = steps.collect();
    let flow = |steps| CodeFlow::builder().thread_flows(vec![ThreadFlow::builder().locations(steps).build()]).build();
    (!steps.is_empty()).then(|| vec![flow(steps)])
}

/// What was checked, for which target and why; and what had to be dropped.
fn properties(verdict: &Verdict, dropped: &BTreeMap<&str, usize>) -> PropertyBag {
    let inputs = verdict.inputs.iter().map(|input| {
        let (dialect, version) = input.dialect.unzip();
        json!({
            "path": input.path, "kind": input.kind, "valid": input.valid, "dialect": dialect,
            "targetVersion": version, "targetReason": dialect.map(|_| &input.reason),
        })
    });
    let mut properties = bag([("clawsift/inputs", inputs.map(without_nulls).collect())]);
    if !dropped.is_empty() {
        let total: usize = dropped.values().sum();
        let truncated = json!({"kept": MOST_RESULTS, "dropped": total, "byRule": dropped});
        properties.additional_properties.insert("clawsift/truncated".to_owned(), truncated);
    }
    properties
}

fn without_nulls(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}

fn bag<const N: usize>(members: [(&str, Value); N]) -> PropertyBag {
    let additional_properties = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    PropertyBag { tags: None, additional_properties }
}

/// A message. `[text](1)` in it would be a link, and messages quote untrusted text.
fn text(text: &str) -> Message {
    Message { text: Some(escape::line(text).replace("](", "] (")), ..Message::default() }
}

/// A message of ours as a sentence with its full stop.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}
