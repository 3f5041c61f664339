//! The differences as SARIF 2.1.0: what is new or looser at its place, what is gone as `absent`.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::sentence;
use crate::digest::hex;
use crate::finding::{Location, Severity};
use crate::posture::{At, Change, Drift, What};
use crate::report::escape;
use crate::report::sarif::MOST_RESULTS;

/// The sorts of changes, with what each means.
const IDS: &[(&str, &str)] = &[
    ("posture.component", "An agent, a plugin or an MCP server came, went or changed"),
    ("posture.configuration", "The configuration changed"),
    ("posture.files", "Other files can be read or written"),
    ("posture.finding", "A rule finds something that it did not find before"),
    ("posture.inventory", "A capability, a program or a variable came or went"),
    ("posture.looser", "The configuration allows more than before"),
    ("posture.network", "Another host is reached, or more can reach the gateway"),
    ("posture.prompt", "A text that an agent obeys changed"),
    ("posture.schedule", "Something else runs unasked"),
    ("posture.signature", "The signature of a skill is worth less than before"),
    ("posture.skill", "A skill came, or its files changed"),
];

pub(super) fn log(drift: &Drift) -> String {
    let shown = || drift.changes.iter().filter(|change| !change.part && change.severity.is_some());
    let mut kept: Vec<&Change> = shown().collect();
    kept.sort_by_key(|change| std::cmp::Reverse(change.severity));
    let left_out = kept.len().saturating_sub(MOST_RESULTS);
    kept.truncate(MOST_RESULTS);
    let results: Vec<Json> = kept.iter().map(|change| result(drift, change)).collect();
    let rules: Vec<Json> = IDS.iter().map(|(id, text)| json!({"id": id, "shortDescription": {"text": text}})).collect();
    let mut notes = drift.notes.clone();
    if left_out > 0 {
        notes.push(format!("GitHub keeps {MOST_RESULTS} results of a run: the {left_out} least severe are left out"));
    }
    let notes = notes.iter().map(|note| json!({"level": "note", "message": {"text": escape::line(note)}}));
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "clawsift",
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "automationDetails": {"id": "clawsift/posture/"},
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of what was compared."}}},
            "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notes.collect::<Vec<_>>()}],
            "results": results,
        }],
    });
    format!("{log}\n")
}

fn result(drift: &Drift, change: &Change) -> Json {
    let index = IDS.iter().position(|(id, _)| *id == change.id);
    let state = match change.what {
        What::Added => "new",
        What::Changed => "updated",
        What::Removed => "absent",
    };
    let text = escape::line(&sentence(drift, change)).replace("](", "] (");
    let mut result = json!({
        "ruleId": change.id,
        "ruleIndex": index,
        "level": match change.severity {
            Some(Severity::Critical) => "error",
            Some(Severity::Warn) => "warning",
            _ => "note",
        },
        "message": {"text": format!("{text}.")},
        "baselineState": state,
        "locations": [location(&change.at, change.location.as_ref(), change)],
        "partialFingerprints": {"clawsift/posture/v1": fingerprint(change)},
        "properties": {
            "kind": change.kind,
            "key": change.key,
            "direction": change.direction.as_str(),
            "whose": change.whose,
        },
    });
    let members = result.as_object_mut();
    if let (Some(members), Some(was)) = (members, &change.was_at) {
        let mut was = location(was, None, change);
        if let Some(was) = was.as_object_mut() {
            was.insert("message".to_owned(), json!({"text": "before"}));
            was.insert("id".to_owned(), json!(1));
        }
        members.insert("relatedLocations".to_owned(), json!([was]));
    }
    if let (Some(reason), Some(members)) = (&change.approved, result.as_object_mut()) {
        let suppression = json!({"kind": "external", "status": "accepted", "justification": escape::line(reason)});
        members.insert("suppressions".to_owned(), json!([suppression]));
    }
    result
}

/// A change is the same one as long as the same thing is said by the same file.
fn fingerprint(change: &Change) -> String {
    let parts = [&change.kind, &change.key, &change.origin.kind, &change.origin.path].map(String::as_str);
    hex(&Sha256::digest(parts.join("\0").as_bytes()))
}

fn location(at: &At, known: Option<&Location>, change: &Change) -> Json {
    let uri = if at.path.is_empty() { ".".to_owned() } else { crate::report::sarif::uri(&at.path) };
    let mut physical = BTreeMap::from([("artifactLocation", json!({"uri": uri, "uriBaseId": "%SRCROOT%"}))]);
    if let Some(known) = known {
        let region = json!({
            "startLine": known.start.line, "startColumn": known.start.column,
            "endLine": known.end.line, "endColumn": known.end.column,
        });
        physical.insert("region", region);
    }
    let pointer = if at.pointer.is_empty() { &change.key } else { &at.pointer };
    json!({"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": escape::line(pointer)}]})
}
