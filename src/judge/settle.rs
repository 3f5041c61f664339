//! Turns a finding that points into text into one that carries what reports need of that text.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256};

pub use super::excerpt::masked;
use super::excerpt::{Masks, excerpt};
use super::fingerprint::{self, Parts, Told};
use super::line_hash;
use super::repair::Repairs;
use crate::digest::hex;
use crate::finding::{
    BaselineState, Excerpt, FileFacts, Finding, Identity, Location, Related, Settled, SettledRelated, Severity,
};
use crate::model::project::Project;
use crate::model::skill::SkillFile;
use crate::model::value::Value;
use crate::rule::Profile;
use crate::secret;
use crate::source::{FileId, Owner, Source, Sources, Span};

/// What settling needs to know of the unit.
#[derive(Debug)]
pub struct Unit<'a> {
    /// Its texts.
    pub sources: &'a Sources,
    /// The repository.
    pub project: &'a Project,
    /// The root of the skill, when it is one.
    pub skill: Option<Arc<str>>,
    /// The files behind the texts of a skill, by their ids: sizes and digests as they are on disk.
    pub files: &'a [SkillFile],
    /// The tree that key paths lead into, when the unit has one.
    pub root: Option<&'a Value>,
    /// The root file of the configuration that the unit is: its values are its own, whichever file holds them.
    pub home: Option<Arc<str>>,
    /// Tokens whose text must never be shown.
    pub secrets: &'a [Span],
    /// May its files be edited? What is somebody else's or was read as an example may not.
    pub fixable: bool,
    /// Whose judgement is asked.
    pub profile: Profile,
    /// Compute what SARIF alone needs: GitHub's line hashes, sizes and digests of files.
    pub for_sarif: bool,
}

/// The findings of one unit, free of its text.
#[derive(Debug, Default)]
pub struct Settlement {
    /// The findings, in the order they came.
    pub findings: Vec<Settled>,
    /// The files that they point into, when SARIF asks for them.
    pub files: Vec<FileFacts>,
}

/// Settles the findings of one unit.
#[must_use]
pub fn settle(findings: Vec<Finding>, unit: &Unit<'_>) -> Settlement {
    let desk = Desk { unit, masks: Masks::new(unit.secrets), repairs: Repairs::default() };
    let mut identities = Vec::with_capacity(findings.len());
    let mut spans = Vec::with_capacity(findings.len());
    let mut settled = Vec::with_capacity(findings.len());
    for finding in findings {
        spans.push(finding.place.span);
        spans.extend(finding.related.iter().chain(&finding.steps).map(|related| related.span));
        let (one, identity) = desk.one(finding);
        identities.push((identity, (one.location.offset, one.location.length)));
        settled.push(one);
    }
    for (one, identity) in settled.iter_mut().zip(fingerprint::identities(&identities)) {
        one.identity = identity;
    }
    let mut files = Vec::new();
    if unit.for_sarif {
        let mut by_path: BTreeMap<Arc<str>, Vec<&mut Settled>> = BTreeMap::new();
        for one in &mut settled {
            by_path.entry(Arc::clone(&one.location.path)).or_default().push(one);
        }
        let ids: BTreeSet<FileId> = spans.iter().map(|span| span.file).collect();
        for id in ids {
            let source = unit.project.source(unit.sources, id);
            // A piece says nothing of the lines, the size and the digest of its file.
            if source.origin.is_some() {
                continue;
            }
            if !source.bytes.is_empty()
                && let Some(here) = by_path.get_mut(&source.path)
            {
                add_line_hashes(here, &source);
            }
            files.extend(facts(unit, id, &source));
        }
    }
    Settlement { findings: settled, files }
}

struct Desk<'a> {
    unit: &'a Unit<'a>,
    masks: Masks,
    repairs: Repairs,
}

impl<'a> Desk<'a> {
    fn one(&self, finding: Finding) -> (Settled, Parts) {
        let span = finding.place.span;
        let source = self.source(span);
        let (location, excerpt) = self.place(&source, span);
        let evidence = source.slice(span.start, span.end);
        let told = Told {
            path: self.subject(&finding).unwrap_or_else(|| Arc::clone(&location.path)),
            root: self.unit.root,
            evidence,
            is_secret: self.is_secret(&source, span),
        };
        let parts = Parts::of(&finding, &told);
        let second = |related: &Related| {
            let source = self.source(related.span);
            let (location, excerpt) = self.place(&source, related.span);
            SettledRelated { location, message: said(related.message.clone()), excerpt }
        };
        let fix = self.unit.fixable.then(|| self.repairs.fix(self.unit, &finding)).flatten();
        let settled = Settled {
            related: finding.related.iter().map(second).collect(),
            steps: finding.steps.iter().map(second).collect(),
            skill: self.unit.skill.clone(),
            excerpt,
            severity: regular_severity(&finding, self.unit.profile),
            rule: finding.rule,
            id: match finding.id {
                Cow::Owned(id) => Cow::Owned(masked(id)),
                id @ Cow::Borrowed(_) => id,
            },
            confidence: finding.confidence,
            location,
            key_path: masked(finding.place.key_path),
            missing: finding.place.missing,
            message: with_unlisted(self.without_own(&said(finding.message), &source, span), finding.unlisted),
            identity: Identity::default(),
            baseline: BaselineState::New,
            baseline_note: None,
            line_hash: None,
            fix,
        };
        (settled, parts)
    }

    /// The file that a finding is about where that is another one than holds it.
    fn subject(&self, finding: &Finding) -> Option<Arc<str>> {
        let is_value = !finding.place.key_path.is_empty() && matches!(finding.place.span.file.owner(), Owner::Unit(_));
        self.unit.home.clone().filter(|_| is_value)
    }

    /// Does a token hold a secret? Nobody finds one by its digest in a longer text.
    fn is_secret(&self, source: &Source, span: Span) -> bool {
        const LONGEST: usize = 4096;
        let text = source.slice(span.start, span.end);
        !self.masks.within(source, span.file, span.start..span.end).is_empty()
            || text.len() <= LONGEST && !secret::find_in_text(text).is_empty()
    }

    /// Where a span is in its file, and the lines around it.
    fn place(&self, source: &Source, span: Span) -> (Location, Excerpt) {
        let mut location = location_of(source, span);
        let mut excerpt = excerpt(source, span, location.start, location.end, &self.masks);
        if let Some(origin) = source.origin {
            location.offset += origin.offset;
            let whole_line = excerpt.first_line > 1;
            for point in [&mut location.start, &mut location.end] {
                let continues = point.line == 1 && origin.column > 0;
                point.column += if continues { origin.column } else { 0 };
                point.byte = if continues { 0 } else { point.byte };
                point.line = point.line.saturating_add(origin.line - 1);
            }
            excerpt.first_line = excerpt.first_line.saturating_add(origin.line - 1);
            if !whole_line {
                excerpt.first_column += origin.column;
                excerpt.cut_before |= origin.column > 0;
            }
        }
        (location, excerpt)
    }

    /// A message that quotes its token although that is to be hidden.
    fn without_own(&self, message: &str, source: &Source, span: Span) -> String {
        let hidden = self.masks.within(source, span.file, span.start..span.end);
        let texts = hidden.iter().filter_map(|range| source.text()?.get(range.clone()));
        let quoted = texts.filter(|text| text.len() >= 4 && message.contains(text)).collect::<Vec<_>>();
        quoted.iter().fold(message.to_owned(), |message, text| message.replace(text, &"*".repeat(text.chars().count())))
    }

    fn source(&self, span: Span) -> Cow<'a, Source> {
        self.unit.project.source(self.unit.sources, span.file)
    }
}

/// Where a span is in its file.
pub(crate) fn location_of(source: &Source, span: Span) -> Location {
    Location {
        path: Arc::clone(&source.path),
        start: source.point(span.start),
        end: source.point(span.end),
        offset: span.start.into(),
        length: span.end.saturating_sub(span.start),
    }
}

/// A message as a report may hold it: no secret in it, and no more than anybody reads.
fn said(message: String) -> String {
    const LONGEST: usize = 1_000;
    let mut message = masked(message);
    if let Some((cut, _)) = message.char_indices().nth(LONGEST) {
        message.truncate(cut);
        message.push('…');
    }
    message
}

fn with_unlisted(mut message: String, unlisted: usize) -> String {
    if unlisted > 0 {
        let _ = write!(message, "; and {unlisted} more places");
    }
    message
}

/// Outside the upstream profile a rule may be lowered to what we think of it.
pub(super) fn regular_severity(finding: &Finding, profile: Profile) -> Severity {
    match finding.rule.regular {
        Some(lowered) if profile != Profile::Upstream => finding.severity.min(lowered),
        _ => finding.severity,
    }
}

fn add_line_hashes(here: &mut [&mut Settled], source: &Source) {
    let lines: Vec<u32> = here.iter().map(|one| one.location.start.line).collect();
    let hashes = line_hash::hashes(&String::from_utf8_lossy(&source.bytes), &lines);
    for one in here {
        one.line_hash = hashes.get(&one.location.start.line).cloned();
    }
}

/// Size and digest of a file on disk. What was not read has no bytes to speak about.
fn facts(unit: &Unit<'_>, id: FileId, source: &Source) -> Option<FileFacts> {
    let path = Arc::clone(&source.path);
    if let Owner::Unit(index) = id.owner()
        && let Some(file) = unit.files.get(index)
    {
        let sha256 = file.sha256.clone();
        return (!sha256.is_empty()).then_some(FileFacts { path, size: file.size, sha256 });
    }
    let size = source.bytes.len() as u64;
    (size > 0).then(|| FileFacts { path, size, sha256: hex(&Sha256::digest(&source.bytes)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Place};
    use crate::source::Origin;

    #[test]
    fn a_piece_of_a_large_file_keeps_its_place_in_it() {
        let mut sources = Sources::default();
        let origin = Origin { offset: 5_000_000_000, line: 12_345_678, column: 20 };
        let file = sources.add(Source::piece("audit.log", "é😀 \"x\"\n y".as_bytes(), origin));
        let finding = |start: u32, end: u32| Finding {
            rule: &crate::rules::INTERNAL_ERROR,
            id: Cow::Borrowed("internal-error"),
            severity: Severity::Warn,
            confidence: Confidence::High,
            place: Place::span(Span { file, start, end }),
            message: "m".to_owned(),
            related: Vec::new(),
            steps: Vec::new(),
            unlisted: 0,
            fix: None,
        };
        let project = Project::default();
        let unit = Unit {
            files: &[],
            sources: &sources,
            project: &project,
            skill: None,
            root: None,
            home: None,
            secrets: &[],
            profile: Profile::Regular,
            for_sarif: true,
            fixable: false,
        };
        let settled = settle(vec![finding(7, 10), finding(12, 13)], &unit);
        assert!(settled.files.is_empty(), "its bytes are not those of the file");
        let [first, second] = settled.findings.as_slice() else { panic!("two findings") };
        let at = &first.location;
        assert_eq!((at.offset, at.length), (5_000_000_007, 3));
        assert_eq!((at.start.line, at.start.column, at.end.column), (12_345_678, 25, 28));
        assert_eq!((first.excerpt.first_line, first.excerpt.first_column), (12_345_678, 21));
        assert!(first.excerpt.cut_before);
        let at = &second.location;
        assert_eq!((at.offset, at.start.line, at.start.column), (5_000_000_012, 12_345_679, 2));
    }
}
