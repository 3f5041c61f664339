//! Turns a finding that points into text into one that carries what reports need of that text.

use sha2::{Digest, Sha256};

use crate::finding::{Excerpt, Finding, Location, Settled, SettledRelated, Severity};
use crate::model::project::Project;
use crate::rule::Profile;
use crate::source::{Source, Sources, Span};

/// Lines shown before and after the line of a finding.
const CONTEXT: u32 = 1;

/// What settling needs to know of the unit.
#[derive(Debug)]
pub struct Unit<'a> {
    /// Its texts.
    pub sources: &'a Sources,
    /// The repository.
    pub project: &'a Project,
    /// Tokens whose text must never be shown.
    pub secrets: &'a [Span],
    /// Whose judgement is asked.
    pub profile: Profile,
}

/// Settles the findings of one unit.
#[must_use]
pub fn settle(findings: Vec<Finding>, unit: &Unit<'_>) -> Vec<Settled> {
    findings.into_iter().map(|finding| one(finding, unit)).collect()
}

fn one(finding: Finding, unit: &Unit<'_>) -> Settled {
    let source = unit.project.source(unit.sources, finding.place.span.file);
    let location = Location::of(&source, finding.place.span);
    let fingerprint = fingerprint(&finding, &location, source.slice(finding.place.span.start, finding.place.span.end));
    let severity = regular_severity(&finding, unit.profile);
    let related = finding.related.iter().map(|related| {
        let source = unit.project.source(unit.sources, related.span.file);
        SettledRelated {
            location: Location::of(&source, related.span),
            message: related.message.clone(),
            excerpt: excerpt(&source, related.span, unit.secrets),
        }
    });
    Settled {
        related: related.collect(),
        excerpt: excerpt(&source, finding.place.span, unit.secrets),
        rule: finding.rule,
        id: finding.id,
        severity,
        confidence: finding.confidence,
        location,
        key_path: finding.place.key_path,
        missing: finding.place.missing,
        message: finding.message,
        fingerprint,
        line_hash: None,
    }
}

/// Outside the upstream profile a rule may be lowered to what we think of it.
fn regular_severity(finding: &Finding, profile: Profile) -> Severity {
    match finding.rule.regular {
        Some(lowered) if profile != Profile::Upstream => finding.severity.min(lowered),
        _ => finding.severity,
    }
}

/// Our own stable fingerprint: no line, no message, no version.
fn fingerprint(finding: &Finding, location: &Location, evidence: &str) -> String {
    let mut hash = Sha256::new();
    let value = Sha256::digest(evidence.as_bytes());
    for part in [
        "clawsift/v1".as_bytes(),
        finding.id.as_bytes(),
        location.path.as_bytes(),
        finding.place.key_path.as_bytes(),
        &value,
    ] {
        hash.update(part);
        hash.update([0]);
    }
    hex(&hash.finalize())
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
        out
    })
}

/// The lines around a span with every secret masked.
fn excerpt(source: &Source, span: Span, _secrets: &[Span]) -> Excerpt {
    let first = source.point(span.start).line.saturating_sub(CONTEXT).max(1);
    let last = (source.point(span.end).line + CONTEXT).min(source.line_count());
    let (start, _) = source.line_range(first);
    let (_, end) = source.line_range(last.max(first));
    let text = source.slice(start, end).to_owned();
    let token = (span.start.saturating_sub(start) as usize, span.end.saturating_sub(start) as usize);
    Excerpt { first_line: first, text, token }
}
