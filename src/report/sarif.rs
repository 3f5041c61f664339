//! `--format sarif`: SARIF 2.1.0 for code scanning.
//!
//! The document is what GitHub reads without surprises: one run, one category, the whole rule table
//! in the same order every time, repository-relative URIs, columns in UTF-16 code units. Nothing in
//! it depends on the machine or the clock.

mod catalogue;
mod invocation;
mod limit;
mod place;
mod state;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};
use serde_sarif::sarif::{
    CodeFlow, Message, PropertyBag, Result as SarifResult, ResultLevel, Run, RunAutomationDetails, ThreadFlow,
    ThreadFlowLocation, Tool,
};

use super::fix::is_free_of_secrets;
use super::{escape, sentence};
use crate::baseline::content_of;
use crate::cli::reports::{Fingerprints, SarifProfile};
use crate::finding::{Settled, Severity};
use crate::judge::Verdict;
use crate::judge::settle::masked;
use limit::Kept;
pub(super) use limit::MOST_RESULTS;
use place::Artifacts;
pub(crate) use place::uri;
use state::Entry;

/// The category that alerts of this program have unless another is asked for.
const CATEGORY: &str = "clawsift/config";
/// Where the format is defined.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// What is asked of the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Whom it is for.
    pub profile: SarifProfile,
    /// What code scanning knows a result by.
    pub fingerprints: Fingerprints,
    /// Uploads of different categories stand side by side; none for ours.
    pub category: Option<&'a str>,
    /// List files without results, too.
    pub all_artifacts: bool,
    /// Leave out what the baseline knows.
    pub new_only: bool,
}

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
pub fn write(verdict: &Verdict, wanted: &Wanted<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (text, _) = limit::fitting(verdict, wanted)?;
    writeln!(out, "{text}")
}

/// What is not in the document, in words.
#[must_use]
pub fn left_out(verdict: &Verdict, wanted: &Wanted<'_>) -> Option<String> {
    if !limit::may_bite(verdict, wanted) {
        return None;
    }
    limit::fitting(verdict, wanted).ok().and_then(|(_, kept)| kept.left_out())
}

/// The document with some of the results.
fn text(verdict: &Verdict, wanted: &Wanted<'_>, kept: &Kept<'_>) -> io::Result<String> {
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run(verdict, wanted, kept)] };
    Ok(escape::json(serde_json::to_string(&log)?))
}

fn run(verdict: &Verdict, wanted: &Wanted<'_>, kept: &Kept<'_>) -> Run {
    let artifacts = Artifacts::of(kept, verdict, wanted.all_artifacts);
    let results: Vec<SarifResult> = kept.entries.iter().map(|one| result(one, &artifacts, wanted, kept)).collect();
    let category = format!("{}/", wanted.category.unwrap_or(CATEGORY));
    Run::builder()
        .tool(Tool::builder().driver(catalogue::driver()).build())
        .taxonomies(vec![catalogue::taxonomy()])
        .automation_details(RunAutomationDetails { id: Some(category), ..Default::default() })
        .column_kind("utf16CodeUnits")
        .default_encoding("utf-8")
        .language("en-US")
        .original_uri_base_ids(place::base())
        .artifacts(artifacts.into_sarif())
        .invocations(vec![invocation::invocation(verdict, kept.left_out())])
        .properties(properties(verdict, kept))
        .results(results)
        .build()
}

fn result(entry: &Entry<'_>, artifacts: &Artifacts<'_>, wanted: &Wanted<'_>, kept: &Kept<'_>) -> SarifResult {
    let (finding, lean) = (entry.finding, kept.lean);
    let related = finding.related.iter().take(kept.locations).zip(1..);
    let related = related.map(|(related, id)| place::related(related, id, artifacts, lean)).collect::<Vec<_>>();
    let own = BTreeMap::from([("clawsift/v1".to_owned(), finding.identity.fingerprint.clone())]);
    let mut partial = own.clone();
    let content = content_of(&finding.identity.content).to_owned();
    partial.extend((!content.is_empty()).then(|| ("clawsift/content".to_owned(), content)));
    let hash = match wanted.fingerprints {
        Fingerprints::Github => finding.line_hash.clone(),
        Fingerprints::Stable => Some(format!("{}:1", finding.identity.fingerprint.get(..16).unwrap_or_default())),
    };
    partial.extend(hash.map(|hash| ("primaryLocationLineHash".to_owned(), hash)));
    let fix = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty() && !lean && is_free_of_secrets(fix));
    let full = wanted.profile == SarifProfile::Full;
    SarifResult {
        rule_id: Some(finding.rule.id.to_owned()),
        rule_index: catalogue::index(finding.rule),
        level: Some(match finding.severity {
            Severity::Critical => ResultLevel::Error,
            Severity::Warn => ResultLevel::Warning,
            Severity::Info => ResultLevel::Note,
        }),
        message: message(&format!("{}. {}", finding.rule.summary, sentence(&finding.message))),
        locations: Some(vec![place::primary(finding, artifacts, lean)]),
        related_locations: (!related.is_empty()).then_some(related),
        code_flows: if lean { None } else { code_flow(finding, artifacts, kept.locations) },
        partial_fingerprints: Some(partial),
        fingerprints: Some(own),
        fixes: fix.map(|fix| vec![place::fix(fix)]),
        taxa: full.then(|| catalogue::taxa(finding.rule)).filter(|taxa| !taxa.is_empty()),
        suppressions: full.then(|| state::suppressions(entry, artifacts)),
        baseline_state: entry.state.map(|state| json!(state)),
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
fn code_flow(finding: &Settled, artifacts: &Artifacts<'_>, most: usize) -> Option<Vec<CodeFlow>> {
    let steps = finding
        .steps
        .iter()
        .take(most)
        .map(|step| ThreadFlowLocation { location: Some(place::step(step, artifacts)), ..Default::default() });
    let steps: Vec<_> = steps.collect();
    let flow = |steps| CodeFlow::builder().thread_flows(vec![ThreadFlow::builder().locations(steps).build()]).build();
    (!steps.is_empty()).then(|| vec![flow(steps)])
}

/// What was checked, for which target and why; and what had to be dropped.
fn properties(verdict: &Verdict, kept: &Kept<'_>) -> PropertyBag {
    let inputs = verdict.inputs.iter().map(|input| {
        let (dialect, version) = input.dialect.unzip();
        json!({
            "path": input.path, "kind": input.kind, "valid": input.valid, "dialect": dialect,
            "targetVersion": version, "targetReason": dialect.map(|_| &input.reason),
        })
    });
    let mut properties = bag([("clawsift/inputs", inputs.map(without_nulls).collect())]);
    if let Some(truncated) = kept.truncated() {
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
fn message(text: &str) -> Message {
    Message { text: Some(escape::line(text).replace("](", "] (")), ..Message::default() }
}
