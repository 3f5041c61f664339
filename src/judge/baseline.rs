//! Which findings a baseline knows. First the same finding is looked for, then one that only has moved to a
//! file of another name; what merely stands at the same place is shown, with a word about it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::suppress::{By, Suppressed};
use crate::baseline::{Baseline, Entry, content_of};
use crate::classify;
use crate::diagnostic::{Diagnostic, Level};
use crate::finding::{BaselineState, Settled, Severity};
use crate::judge::settle::masked;
use crate::options::Options;
use crate::rule::Scope;

/// What became of the file of an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Nothing has its name any more.
    pub gone: bool,
    /// This run looked at it, or where it would be.
    pub looked: bool,
}

impl Seen {
    /// The same of a run that was not done to the end: what it did not find may be where it could not look.
    pub(super) fn nothing(seen: &[Self]) -> Vec<Self> {
        seen.iter().map(|one| Self { looked: false, ..*one }).collect()
    }
}

/// What a run says about the baseline itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Entries that this run looked for and did not find, by their number.
    pub stale: Vec<usize>,
    /// Entries, by their number, whose finding stands in a file of another name now, and what they are there.
    pub moved: Vec<(usize, Entry)>,
    /// How many findings do not count for it.
    pub hidden: usize,
    /// They are in no report.
    pub left_out: bool,
    /// Findings of rules that are newer than the baseline, which do not fail a run.
    pub newly_checked: usize,
}

/// The findings of a run after a baseline was asked.
#[derive(Debug, Default)]
pub(super) struct Split {
    /// What is shown; and whether it may fail the run.
    pub(super) shown: Vec<(Settled, bool)>,
    /// What the baseline lists.
    pub(super) accepted: Vec<Suppressed>,
    pub(super) outcome: Outcome,
}

/// Is it something that a baseline takes only from who says so in as many words: a signature that does not
/// fit, an audit log that was tampered with, a secret that is in use?
#[must_use]
pub fn is_guarded(finding: &Settled) -> bool {
    let critical = finding.severity == Severity::Critical;
    match finding.rule.scope {
        Scope::Signatures | Scope::Logs => critical,
        Scope::Secrets => critical || finding.identity.secret,
        _ => critical && finding.id.contains("private_key"),
    }
}

/// The line of a finding in a baseline.
#[must_use]
pub fn entry_of(finding: &Settled) -> Entry {
    let identity = &finding.identity;
    Entry {
        id: identity.fingerprint.clone(),
        rule: finding.id.to_string(),
        path: masked(identity.path.to_string()),
        anchor: masked(identity.anchor.clone()),
        content: content_of(&identity.content).to_owned(),
        skill: finding.skill.as_deref().map(|skill| masked(skill.to_owned())),
        accept_critical: false,
        reason: None,
        until: None,
    }
}

/// Splits findings by what a baseline says of them. `seen` tells of each entry what became of its file;
/// `elsewhere` are the fingerprints of findings that do not count anyway, whose entries are not stale.
pub(super) fn split(
    findings: Vec<Settled>,
    elsewhere: &[String],
    baseline: &Baseline,
    seen: &[Seen],
    options: &Options,
) -> Split {
    let mut desk = Desk::new(baseline, seen, options.today());
    for fingerprint in elsewhere {
        desk.claim(fingerprint);
    }
    let known: Vec<Option<usize>> = findings.iter().map(|one| desk.claim(&one.identity.fingerprint)).collect();
    let mut split = Split::default();
    for (mut finding, known) in findings.into_iter().zip(known) {
        match desk.answer(&finding, known) {
            Answer::Known(entry, state) => {
                if let (BaselineState::Updated, Some(index)) = (state, desk.index_of(entry)) {
                    split.outcome.moved.push((index, renamed(entry, &finding)));
                }
                finding.baseline = state;
                let (reason, until) = (entry.reason.clone().unwrap_or_default(), entry.until);
                split.accepted.push(Suppressed { finding, by: By::Baseline, reason: masked(reason), until });
                continue;
            }
            Answer::Lapsed(until) => finding.baseline_note = Some(format!("it was accepted until {until}")),
            Answer::Guarded => {
                finding.baseline_note = Some("the baseline lists it without `acceptCritical`".to_owned());
            }
            Answer::Changed => {
                finding.baseline_note = Some("the value changed since the baseline".to_owned());
            }
            Answer::Newer if !options.fail_on_new_rules && !fails_anyway(&finding) => {
                finding.baseline_note = Some("the rule is newer than the baseline".to_owned());
                split.outcome.newly_checked += 1;
                split.shown.push((finding, false));
                continue;
            }
            Answer::Newer | Answer::Unknown => {}
        }
        split.shown.push((finding, true));
    }
    let numbers = 0..baseline.entries.len();
    let stale = numbers.filter(|index| !desk.is_used(*index) && desk.seen(*index).looked);
    split.outcome.stale = stale.collect();
    split.outcome.hidden = split.accepted.len();
    split.outcome.left_out = options.new_only;
    split
}

/// The worst of what is not our own fails a run also when the rule is new: nobody has looked at it yet.
fn fails_anyway(finding: &Settled) -> bool {
    is_guarded(finding) || finding.severity == Severity::Critical && finding.skill.is_some()
}

/// The entry of a finding whose file has another name now.
fn renamed(entry: &Entry, finding: &Settled) -> Entry {
    Entry {
        accept_critical: entry.accept_critical,
        reason: entry.reason.clone(),
        until: entry.until,
        ..entry_of(finding)
    }
}

/// What a baseline says of a finding.
enum Answer<'a> {
    Known(&'a Entry, BaselineState),
    Lapsed(Date),
    Guarded,
    Changed,
    Newer,
    Unknown,
}

/// What a finding that is not known has to share with an entry to be the same in a renamed file.
type Content<'a> = (&'a str, &'a str, &'a str, Option<&'a str>);

struct Desk<'a> {
    baseline: &'a Baseline,
    seen: &'a [Seen],
    today: Option<Date>,
    by_id: BTreeMap<&'a str, usize>,
    /// Entries whose file is gone.
    by_content: BTreeMap<Content<'a>, Vec<usize>>,
    by_place: BTreeMap<(&'a str, &'a str, &'a str), Vec<usize>>,
    /// The fingerprint of the finding that each entry stands for.
    used: Vec<Option<String>>,
}

impl<'a> Desk<'a> {
    fn new(baseline: &'a Baseline, seen: &'a [Seen], today: Option<Date>) -> Self {
        let mut desk = Self {
            baseline,
            seen,
            today,
            by_id: BTreeMap::new(),
            by_content: BTreeMap::new(),
            by_place: BTreeMap::new(),
            used: vec![None; baseline.entries.len()],
        };
        for (index, entry) in baseline.entries.iter().enumerate() {
            desk.by_id.insert(&entry.id, index);
            if desk.seen(index).gone {
                let content = (entry.content.as_str(), &*entry.rule, &*entry.anchor, entry.skill.as_deref());
                desk.by_content.entry(content).or_default().push(index);
            }
            if !entry.anchor.is_empty() {
                let place = (entry.rule.as_str(), &*entry.path, &*entry.anchor);
                desk.by_place.entry(place).or_default().push(index);
            }
        }
        desk
    }

    fn seen(&self, index: usize) -> Seen {
        self.seen.get(index).copied().unwrap_or_default()
    }

    fn is_used(&self, index: usize) -> bool {
        self.used.get(index).is_some_and(Option::is_some)
    }

    fn index_of(&self, entry: &Entry) -> Option<usize> {
        self.by_id.get(entry.id.as_str()).copied()
    }

    /// The entry of exactly this finding, which is not stale from now on.
    fn claim(&mut self, fingerprint: &str) -> Option<usize> {
        let index = self.by_id.get(fingerprint).copied()?;
        self.mark(index, fingerprint);
        Some(index)
    }

    fn mark(&mut self, index: usize, fingerprint: &str) {
        if let Some(used) = self.used.get_mut(index) {
            *used = Some(fingerprint.to_owned());
        }
    }

    fn answer(&mut self, finding: &Settled, known: Option<usize>) -> Answer<'a> {
        let entries: &'a [Entry] = &self.baseline.entries;
        if let Some(entry) = known.and_then(|index| entries.get(index)) {
            return self.judged(entry, finding, BaselineState::Unchanged);
        }
        let own = entry_of(finding);
        if let Some(index) = self.moved(finding, &own)
            && let Some(entry) = entries.get(index)
        {
            self.mark(index, &finding.identity.fingerprint);
            return self.judged(entry, finding, BaselineState::Updated);
        }
        let here = self.by_place.get(&(own.rule.as_str(), &*own.path, &*own.anchor));
        if here.is_some_and(|here| here.iter().any(|index| !self.is_used(*index))) {
            return Answer::Changed;
        }
        match &self.baseline.rules {
            Some(rules) if !rules.has(finding.rule) => Answer::Newer,
            _ => Answer::Unknown,
        }
    }

    fn judged(&self, entry: &'a Entry, finding: &Settled, state: BaselineState) -> Answer<'a> {
        match entry.until {
            Some(until) if !entry.holds(self.today) => Answer::Lapsed(until),
            _ if is_guarded(finding) && !entry.accept_critical => Answer::Guarded,
            _ => Answer::Known(entry, state),
        }
    }

    /// The entry of the same finding in a file whose name is gone.
    fn moved(&self, finding: &Settled, own: &Entry) -> Option<usize> {
        // What decides about trust is looked at again wherever it turns up.
        if fails_anyway(finding) {
            return None;
        }
        let content = (own.content.as_str(), &*own.rule, &*own.anchor, own.skill.as_deref());
        let role = role(&own.path);
        let fits = |index: &&usize| {
            let same = self.baseline.entries.get(**index).is_some_and(|entry| self::role(&entry.path) == role);
            let used = self.used.get(**index).and_then(Option::as_deref);
            same && used.is_none_or(|used| used == finding.identity.fingerprint)
        };
        self.by_content.get(&content)?.iter().find(fits).copied()
    }
}

/// What part a file plays by its name: a finding does not move from an example into a live file.
#[must_use]
pub fn role(path: &str) -> (String, bool) {
    let name = path.rsplit('/').next().unwrap_or(path);
    let role = match (classify::unit_kind(path), classify::by_name(path)) {
        (Some(kind), _) => format!("{kind:?}"),
        (None, Some(class)) => format!("{class:?}"),
        (None, None) => name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase()),
    };
    (role, classify::is_sample(path))
}

/// What is worth a line about the baseline as a whole.
pub(super) fn notices(outcome: &Outcome, options: &Options) -> Vec<Diagnostic> {
    let Some(baseline) = &options.baseline else { return Vec::new() };
    let mut notices = Vec::new();
    let mut say = |level, message| notices.push(Diagnostic { path: options.baseline_name.clone(), level, message });
    let stale: Vec<&Entry> = outcome.stale.iter().filter_map(|index| baseline.entries.get(*index)).collect();
    let level = if options.fail_on_stale { Level::Warning } else { Level::Note };
    for entry in stale.iter().take(STALE) {
        say(level, format!("{} in {} is not found any more", entry.rule, entry.path));
    }
    if let Some(more) = stale.len().checked_sub(STALE).filter(|more| *more > 0) {
        say(level, format!("{more} more entries are not found any more"));
    }
    if outcome.newly_checked > 0 {
        let message = format!(
            "{} of the findings are of rules newer than the baseline and do not fail the run",
            outcome.newly_checked
        );
        say(Level::Note, message);
    }
    notices
}

/// Stale entries that are named one by one.
const STALE: usize = 20;
