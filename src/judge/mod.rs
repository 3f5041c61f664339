//! The fifth stage: which findings are shown, how bad they are here, and what the exit code is.

pub mod baseline;
mod excerpt;
mod fingerprint;
pub mod ignores;
pub mod line_hash;
mod repair;
pub mod settle;
pub mod skills;
pub mod suppress;
pub mod verified;

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Level};
use crate::finding::{BaselineState, FileFacts, Settled, Severity};
use crate::model::dialect::Dialect;
use crate::options::Options;
use crate::posture::{Drift, Fact};
use crate::rule::Profile;
use ignores::Ignores;
use skills::SkillFacts;
use suppress::Suppressed;

/// A file that was checked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// Relative path.
    pub path: String,
    /// `config`, or what kind of side file it is.
    pub kind: &'static str,
    /// Product and version, for a configuration.
    pub dialect: Option<(&'static str, &'static str)>,
    /// Why that version.
    pub reason: String,
    /// Would the target version take it?
    pub valid: bool,
    /// Was all of it read and parsed?
    pub complete: bool,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the bytes, hex.
    pub sha256: String,
}

impl Input {
    /// The `dialect` pair of a dialect.
    #[must_use]
    pub const fn dialect_of(dialect: Dialect) -> (&'static str, &'static str) {
        (dialect.product.as_str(), dialect.version())
    }
}

/// The result of a run: everything a report needs.
#[derive(Debug, Default)]
pub struct Verdict {
    /// What is shown, in report order.
    pub shown: Vec<Settled>,
    /// What somebody has decided to live with, in report order.
    pub suppressed: Vec<Suppressed>,
    /// What was checked, by path.
    pub inputs: Vec<Input>,
    /// Files that findings point into, by path; only when SARIF is asked for.
    pub files: Vec<FileFacts>,
    /// The skills that were checked, by path.
    pub skills: Vec<SkillFacts>,
    /// Troubles, by path.
    pub diagnostics: Vec<Diagnostic>,
    /// Ids of rules that ran and said nothing.
    pub passed: Vec<&'static str>,
    /// The exit code.
    pub exit_code: u8,
    /// Only changes were asked for: nothing to check is no mistake.
    pub unchanged: bool,
    /// What there is to say of the baseline; none when none was asked.
    pub baseline: Option<baseline::Outcome>,
    /// Facts for a snapshot of the posture, when they were asked for.
    pub facts: Vec<Fact>,
    /// What changed since an earlier snapshot, when that was asked for.
    pub drift: Option<Drift>,
}

impl Verdict {
    /// How many findings were left out for the baseline.
    #[must_use]
    pub fn baselined(&self) -> usize {
        self.baseline.as_ref().map_or(0, |outcome| outcome.hidden)
    }

    /// How many findings do not count for another reason.
    #[must_use]
    pub fn count_suppressed(&self) -> usize {
        self.suppressed.iter().filter(|one| one.by != suppress::By::Baseline).count()
    }

    /// How many shown findings have this severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.shown.iter().filter(|finding| finding.severity == severity).count()
    }

    /// How many inputs were not fully checked.
    #[must_use]
    pub fn incomplete(&self) -> usize {
        let errors = self.diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error);
        errors.count() + self.inputs.iter().filter(|input| !input.complete).count()
    }
}

/// Everything the earlier stages said.
#[derive(Debug, Default)]
pub struct Evidence {
    /// The findings.
    pub findings: Vec<Settled>,
    /// The findings that their configuration suppresses.
    pub suppressed: Vec<Suppressed>,
    /// The ignores that count.
    pub ignores: Ignores,
    /// The files that were checked.
    pub inputs: Vec<Input>,
    /// The files that findings point into.
    pub files: Vec<FileFacts>,
    /// The skills that were checked.
    pub skills: Vec<SkillFacts>,
    /// The troubles.
    pub diagnostics: Vec<Diagnostic>,
    /// The ids of the rules that ran.
    pub ran: BTreeSet<&'static str>,
    /// A file could not be checked for a bug of ours.
    pub internal: bool,
    /// Only changes were asked for: nothing to check is no mistake.
    pub unchanged: bool,
    /// What became of the files of the baseline's entries, in their order.
    pub seen: Vec<baseline::Seen>,
    /// Facts for a snapshot of the posture.
    pub facts: Vec<Fact>,
}

impl Evidence {
    /// This and what was said about something else.
    #[must_use]
    pub fn with(mut self, part: Self) -> Self {
        self.findings.extend(part.findings);
        self.suppressed.extend(part.suppressed);
        self.ignores.extend(part.ignores);
        self.inputs.extend(part.inputs);
        self.files.extend(part.files);
        self.skills.extend(part.skills);
        self.diagnostics.extend(part.diagnostics);
        self.ran.extend(part.ran);
        self.internal |= part.internal;
        self.unchanged |= part.unchanged;
        self.seen.extend(part.seen);
        self.facts.extend(part.facts);
        self
    }
}

/// The severity of a finding by the settings; none when they hide it. `upstream` is upstream's answer,
/// whatever the settings say.
fn chosen(finding: &Settled, options: &Options) -> Option<Severity> {
    let choice = || options.settings.severity_for(finding.rule, &finding.id, &finding.location.path);
    match Some(options.wanted.profile).filter(|profile| *profile != Profile::Upstream).and_then(|_| choice()) {
        Some(choice) => choice.severity(),
        None => Some(finding.severity),
    }
}

/// Applies the settings' severities.
fn choose(mut finding: Settled, options: &Options) -> Option<Settled> {
    finding.severity = chosen(&finding, options)?;
    Some(finding)
}

/// The order of every report, without what was said twice.
fn in_order(findings: &mut Vec<Settled>) {
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    findings.dedup_by(|a, b| a.order() == b.order() && a.key_path == b.key_path);
}

/// Exit codes, the same for every format (`docs/architecture.md`, "Exit codes").
pub mod exit {
    /// Nothing at or above `--fail-on`.
    pub const CLEAN: u8 = 0;
    /// Findings at or above `--fail-on`.
    pub const FINDINGS: u8 = 1;
    /// Wrong usage or settings.
    pub const USAGE: u8 = 2;
    /// Nothing to check was found.
    pub const NOTHING: u8 = 3;
    /// An input could not be read or parsed, or a limit was hit.
    pub const INCOMPLETE: u8 = 4;
    /// A rule panicked.
    pub const INTERNAL: u8 = 5;
}

/// The findings that are left of a run, and what became of the others.
#[derive(Debug, Default)]
struct Counted {
    shown: Vec<Settled>,
    suppressed: Vec<Suppressed>,
    baseline: Option<baseline::Outcome>,
    /// What is left is bad enough to fail the run.
    failing: bool,
}

/// Asks the baseline about every finding. `elsewhere` are the fingerprints of those that are hidden already.
fn count(
    findings: Vec<Settled>,
    mut suppressed: Vec<Suppressed>,
    elsewhere: &[String],
    seen: &[baseline::Seen],
    options: &Options,
) -> Counted {
    let fails = |severity: Severity| options.fail_on.is_some_and(|least| severity >= least);
    let Some(known) = &options.baseline else {
        let failing = findings.iter().any(|finding| fails(finding.severity));
        return Counted { shown: findings, suppressed, baseline: None, failing };
    };
    let ids: BTreeSet<&str> = known.entries.iter().map(|entry| entry.id.as_str()).collect();
    for one in suppressed.iter_mut().filter(|one| ids.contains(one.finding.identity.fingerprint.as_str())) {
        one.finding.baseline = BaselineState::Unchanged;
    }
    let split = baseline::split(findings, elsewhere, known, seen, options);
    suppressed.extend(split.accepted);
    let stale = options.fail_on_stale && !split.outcome.stale.is_empty();
    let failing = stale || split.shown.iter().any(|(finding, counts)| *counts && fails(finding.severity));
    let shown = split.shown.into_iter().map(|(finding, _)| finding).collect();
    Counted { shown, suppressed, baseline: Some(split.outcome), failing }
}

/// Judges a run.
#[must_use]
pub fn judge(evidence: Evidence, options: &Options) -> Verdict {
    let Evidence {
        internal,
        mut findings,
        mut suppressed,
        ignores,
        mut inputs,
        mut files,
        mut skills,
        mut diagnostics,
        ran,
        unchanged,
        facts,
        seen,
    } = evidence;
    let unread = inputs.iter().any(|input: &Input| !input.complete);
    let incomplete = unread || diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    in_order(&mut findings);
    let mut index = ignores.indexed();
    // What the settings hide is covered all the same.
    let (findings, covered) = index.split(findings);
    // An entry of the baseline whose finding is hidden in another way is not stale.
    let hidden = findings.iter().filter(|one| chosen(one, options).is_none());
    let hidden = hidden.chain(covered.iter().chain(&suppressed).map(|one| &one.finding));
    let elsewhere: Vec<String> = hidden.map(|one| one.identity.fingerprint.clone()).collect();
    let kept = |one: Suppressed| Some(Suppressed { finding: choose(one.finding, options)?, ..one });
    suppressed.extend(covered.into_iter().filter_map(kept));
    let mut findings: Vec<Settled> = findings.into_iter().filter_map(|finding| choose(finding, options)).collect();
    if !incomplete {
        let (unused, theirs) = index.unused(&ran);
        findings.extend(unused.into_iter().filter_map(|finding| choose(finding, options)));
        files.extend(theirs);
        in_order(&mut findings);
    }
    let seen = if incomplete { baseline::Seen::nothing(&seen) } else { seen };
    let Counted { shown: mut findings, mut suppressed, baseline, failing } =
        count(findings, suppressed, &elsewhere, &seen, options);
    skills::judge(&mut skills, &findings);
    suppressed.sort_by(|a, b| a.finding.order().cmp(&b.finding.order()));
    inputs.sort();
    // A definition is a side file, too, and listed once: as that.
    inputs.dedup_by(|later, first| {
        let twice = later.path == first.path && first.kind == "definition";
        if twice {
            std::mem::swap(later, first);
        }
        twice
    });
    files.sort();
    files.dedup();
    diagnostics.extend(baseline.as_ref().into_iter().flat_map(|outcome| baseline::notices(outcome, options)));
    for diagnostic in &mut diagnostics {
        diagnostic.message = settle::masked(std::mem::take(&mut diagnostic.message));
    }
    diagnostics.sort();
    diagnostics.dedup();
    let internal = internal || findings.iter().any(|finding| finding.rule.id == crate::rules::INTERNAL_ERROR.id);
    let exit_code = if internal {
        exit::INTERNAL
    } else if incomplete {
        exit::INCOMPLETE
    } else if inputs.is_empty() && !unchanged {
        exit::NOTHING
    } else if failing {
        exit::FINDINGS
    } else {
        exit::CLEAN
    };
    let hidden = suppressed.iter().map(|suppressed| &suppressed.finding);
    let said: BTreeSet<&str> = findings.iter().chain(hidden).map(|finding| finding.rule.id).collect();
    let passed: BTreeSet<&str> = ran.into_iter().filter(|id| !said.contains(id)).collect();
    if options.new_only {
        suppressed.retain(|one| one.by != suppress::By::Baseline);
    }
    findings.retain(|finding| finding.severity >= options.min_severity && finding.confidence >= options.min_confidence);
    let passed = passed.into_iter().collect();
    Verdict {
        shown: findings,
        suppressed,
        inputs,
        files,
        skills,
        diagnostics,
        passed,
        exit_code,
        unchanged,
        baseline,
        facts,
        drift: None,
    }
}
