//! `--format json`: one object, the contract with other programs (`schemas/report.schema.json`).

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{escape, help_uri};
use crate::baseline::content_of;
use crate::diagnostic::Diagnostic;
use crate::finding::{Location, Settled, SettledRelated, Severity};
use crate::judge::settle::masked;
use crate::judge::skills::{SignatureFacts, SkillFacts};
use crate::judge::suppress::Suppressed;
use crate::judge::{Input, Verdict};

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let frame = format!("{:#}", frame(verdict));
    // The findings are most of it: one at a time, so that they need no memory together.
    let Some((before, after)) = frame.split_once(FINDINGS).filter(|_| !verdict.shown.is_empty()) else {
        return writeln!(out, "{}", escape::json(frame));
    };
    write!(out, "{}\n  \"findings\": [", escape::json(before.to_owned()))?;
    items(verdict.shown.iter().map(finding), "    ", out)?;
    writeln!(out, "\n  ]{}", escape::json(after.to_owned()))
}

/// Writes the items of an array one at a time, each on lines of its own behind `indent`.
pub(super) fn items(all: impl Iterator<Item = Value>, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    for (index, one) in all.enumerate() {
        let text = format!("{one:#}").replace('\n', &format!("\n{indent}"));
        write!(out, "{}\n{indent}{}", if index > 0 { "," } else { "" }, escape::json(text))?;
    }
    Ok(())
}

/// Where the findings of the pretty frame go: nothing deeper is indented so little.
const FINDINGS: &str = "\n  \"findings\": []";

/// The whole report.
#[must_use]
pub fn report(verdict: &Verdict) -> Value {
    let mut report = frame(verdict);
    if let Some(findings) = report.get_mut("findings") {
        *findings = verdict.shown.iter().map(finding).collect();
    }
    report
}

/// The report without its findings.
pub(super) fn frame(verdict: &Verdict) -> Value {
    let mut frame = json!({
        "schemaVersion": 1,
        "tool": {"name": "clawsift", "version": env!("CARGO_PKG_VERSION")},
        "summary": {
            "critical": verdict.count(Severity::Critical),
            "warn": verdict.count(Severity::Warn),
            "info": verdict.count(Severity::Info),
            "suppressed": verdict.count_suppressed(),
            "baselined": verdict.baselined(),
            "incomplete": verdict.incomplete(),
        },
        "inputs": verdict.inputs.iter().map(input).collect::<Vec<_>>(),
        "findings": [],
        "skills": verdict.skills.iter().map(skill).collect::<Vec<_>>(),
        "suppressedFindings": verdict.suppressed.iter().map(suppressed).collect::<Vec<_>>(),
        "diagnostics": verdict.diagnostics.iter().map(diagnostic).collect::<Vec<_>>(),
        "passed": verdict.passed,
        "exitCode": verdict.exit_code,
    });
    if let (Some(drift), Some(members)) = (&verdict.drift, frame.as_object_mut()) {
        members.insert("posture".to_owned(), super::posture::json(drift));
    }
    frame
}

/// One skill.
fn skill(skill: &SkillFacts) -> Value {
    let mut object = json!({
        "path": &*skill.path,
        "name": skill.name,
        "verdict": skill.verdict(),
        "capabilities": {"declared": skill.declared, "observed": skill.observed},
        "hosts": skill.hosts,
        "commands": skill.commands,
        "files": skill.files,
        "treeDigest": skill.tree_digest,
    });
    if let (Some(map), Some(facts)) = (object.as_object_mut(), &skill.signature) {
        map.insert("signature".to_owned(), signature(facts));
        map.insert("cryptoValid".to_owned(), facts.fits.into());
        map.insert("trust".to_owned(), facts.trust.into());
    }
    object
}

/// The signature of a skill, as far as it can be read.
#[must_use]
pub fn signature(facts: &SignatureFacts) -> Value {
    let mut object = json!({"present": facts.present, "parsed": facts.written.is_some()});
    if let (Some(map), Some(written)) = (object.as_object_mut(), &facts.written) {
        map.insert("signer".to_owned(), written.signer.clone().into());
        map.insert("keyId".to_owned(), written.key_id.clone().into());
        map.insert("timestamp".to_owned(), written.timestamp.clone().into());
    }
    object
}

/// One input.
fn input(input: &Input) -> Value {
    let mut object = json!({"path": input.path, "kind": input.kind, "valid": input.valid});
    if let (Some(map), Some((dialect, version))) = (object.as_object_mut(), input.dialect) {
        map.insert("dialect".to_owned(), dialect.into());
        map.insert("targetVersion".to_owned(), version.into());
        map.insert("targetReason".to_owned(), input.reason.clone().into());
    }
    object
}

/// One finding.
#[must_use]
pub fn finding(finding: &Settled) -> Value {
    let mut object = json!({
        "checkId": finding.id,
        "severity": finding.severity.as_str(),
        "confidence": finding.confidence.as_str(),
        "title": finding.rule.summary,
        "detail": finding.message,
        "remediation": finding.rule.remedy,
        "location": location(&finding.location),
        "configPath": finding.key_path,
        "related": finding.related.iter().map(second).collect::<Vec<_>>(),
        "fingerprint": finding.identity.fingerprint,
        "contentFingerprint": content_of(&finding.identity.content),
        "anchor": masked(finding.identity.anchor.clone()),
        "fix": finding.fix.as_ref().map_or("none", |fix| fix.safety.as_str()),
        "baselineState": finding.baseline.as_str(),
        "helpUri": help_uri(finding.rule),
    });
    let Some(map) = object.as_object_mut() else { return object };
    if let Some(fix) = &finding.fix {
        map.insert("fixTitle".to_owned(), fix.title.clone().into());
    }
    if !finding.steps.is_empty() {
        map.insert("steps".to_owned(), finding.steps.iter().map(second).collect());
    }
    if let Some(note) = &finding.baseline_note {
        map.insert("baselineNote".to_owned(), note.as_str().into());
    }
    object
}

fn second(related: &SettledRelated) -> Value {
    json!({"location": location(&related.location), "message": related.message})
}

/// A finding that is not counted, with the reason somebody gave.
#[must_use]
pub fn suppressed(suppressed: &Suppressed) -> Value {
    let mut object = finding(&suppressed.finding);
    if let Some(map) = object.as_object_mut() {
        let until = suppressed.until.map(|until| until.to_string());
        let by = suppressed.by.as_str();
        map.insert("suppression".to_owned(), json!({"by": by, "reason": suppressed.reason, "until": until}));
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

/// One trouble.
#[must_use]
pub fn diagnostic(diagnostic: &Diagnostic) -> Value {
    json!({"level": diagnostic.level.as_str(), "path": diagnostic.path, "message": diagnostic.message})
}
