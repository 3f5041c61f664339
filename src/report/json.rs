//! `--format json`: one object, the contract with other programs.

use serde_json::{Value, json};

use crate::finding::{Level, Location, Settled, Severity};
use crate::judge::Verdict;
use crate::judge::suppress::Suppressed;

/// The whole report.
#[must_use]
pub fn report(verdict: &Verdict) -> Value {
    let inputs: Vec<Value> = verdict
        .inputs
        .iter()
        .map(|input| {
            let mut object = json!({"path": input.path, "kind": input.kind, "valid": input.valid});
            if let (Some(map), Some((dialect, version))) = (object.as_object_mut(), input.dialect) {
                map.insert("dialect".to_owned(), dialect.into());
                map.insert("targetVersion".to_owned(), version.into());
                map.insert("targetReason".to_owned(), input.reason.clone().into());
            }
            object
        })
        .collect();
    json!({
        "schemaVersion": 1,
        "tool": {"name": "clawsift", "version": env!("CARGO_PKG_VERSION")},
        "summary": {
            "critical": verdict.count(Severity::Critical),
            "warn": verdict.count(Severity::Warn),
            "info": verdict.count(Severity::Info),
            "suppressed": verdict.suppressed.len(),
            "baselined": 0,
            "incomplete": verdict.incomplete(),
        },
        "inputs": inputs,
        "findings": verdict.shown.iter().map(finding).collect::<Vec<_>>(),
        "skills": [],
        "suppressedFindings": verdict.suppressed.iter().map(suppressed).collect::<Vec<_>>(),
        "diagnostics": verdict.diagnostics.iter().map(|diagnostic| {
            let level = match diagnostic.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Note => "note",
            };
            json!({"level": level, "path": diagnostic.path, "message": diagnostic.message})
        }).collect::<Vec<_>>(),
        "passed": verdict.passed,
    })
}

/// One finding.
#[must_use]
pub fn finding(finding: &Settled) -> Value {
    json!({
        "checkId": finding.id,
        "severity": finding.severity.as_str(),
        "confidence": finding.confidence.as_str(),
        "title": finding.rule.summary,
        "detail": finding.message,
        "remediation": finding.rule.remedy,
        "location": location(&finding.location),
        "configPath": finding.key_path,
        "related": finding.related.iter().map(|related| {
            json!({"location": location(&related.location), "message": related.message})
        }).collect::<Vec<_>>(),
        "fingerprint": finding.fingerprint,
        "fix": "none",
        "baselineState": "new",
    })
}

/// A finding that is not counted, with the reason somebody gave.
#[must_use]
pub fn suppressed(suppressed: &Suppressed) -> Value {
    let mut object = finding(&suppressed.finding);
    if let Some(map) = object.as_object_mut() {
        map.insert("suppression".to_owned(), json!({"reason": suppressed.reason}));
    }
    object
}

/// One place.
#[must_use]
pub fn location(location: &Location) -> Value {
    json!({
        "path": &*location.path,
        "startLine": location.start.line,
        "startColumn": location.start.column,
        "endLine": location.end.line,
        "endColumn": location.end.column,
        "byteOffset": location.offset,
        "byteLength": location.length,
    })
}
