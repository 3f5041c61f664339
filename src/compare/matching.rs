//! Which finding of the old side is which of the new one, in the same steps as with a baseline.

use std::collections::BTreeMap;

use super::side::{Record, Side};
use crate::finding::Severity;
use crate::judge::baseline::role;
use crate::rule::Scope;
use crate::rules;

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// Only the new side has it.
    New,
    /// Only the new side has it, and only it was asked for it.
    NewlyChecked,
    /// Only the old side has it.
    Absent,
    /// Both have it, in files of different names.
    Updated,
    /// Both have it.
    Unchanged,
}

impl State {
    pub(super) const ALL: [Self; 5] = [Self::New, Self::NewlyChecked, Self::Absent, Self::Updated, Self::Unchanged];

    /// The word for people.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::NewlyChecked => "newly checked",
            Self::Absent => "absent",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
        }
    }

    /// SARIF's word.
    pub(super) const fn sarif(self) -> &'static str {
        match self {
            Self::NewlyChecked => "new",
            state => state.as_str(),
        }
    }
}

/// A finding of one of the sides.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    pub(super) state: State,
    pub(super) record: &'a Record,
    pub(super) note: Option<&'static str>,
}

/// Every finding of both sides once, by state and place.
pub(super) fn compare<'a>(old: &'a Side, new: &'a Side) -> Vec<Row<'a>> {
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut by_content: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    let mut by_place: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
    for (index, record) in old.records.iter().enumerate() {
        by_id.entry(&record.fingerprint).or_default().push(index);
        by_content.entry((&record.content, &record.rule)).or_default().push(index);
        if !record.anchor.is_empty() {
            by_place.entry((&record.rule, &record.path, &record.anchor)).or_default().push(index);
        }
    }
    let mut used = vec![false; old.records.len()];
    for record in &new.records {
        for index in by_id.get(record.fingerprint.as_str()).into_iter().flatten() {
            if let Some(used) = used.get_mut(*index) {
                *used = true;
            }
        }
    }
    let mut rows = Vec::new();
    for record in &new.records {
        let row = |state, note| Row { state, record, note };
        if by_id.contains_key(record.fingerprint.as_str()) {
            rows.push(row(State::Unchanged, None));
            continue;
        }
        let candidates = by_content.get(&(record.content.as_str(), record.rule.as_str()));
        let is_free = |index: &&usize| used.get(**index) == Some(&false);
        let fits = |index: &&usize| old.records.get(**index).is_some_and(|before| is_renamed(before, record, new));
        let moved = candidates.and_then(|all| all.iter().filter(is_free).find(fits)).copied();
        if let Some(used) = moved.and_then(|index| used.get_mut(index)) {
            *used = true;
            rows.push(row(State::Updated, Some("the file has another name")));
            continue;
        }
        let place = (record.rule.as_str(), record.path.as_str(), record.anchor.as_str());
        let changed = by_place.get(&place).is_some_and(|all| all.iter().any(|index| used.get(*index) == Some(&false)));
        rows.push(match (changed, old.knows(&record.rule)) {
            (true, _) => row(State::New, Some("the value changed")),
            (false, true) => row(State::New, None),
            (false, false) => row(State::NewlyChecked, Some("the rule is newer than the old side")),
        });
    }
    let gone = old.records.iter().zip(&used).filter(|(_, used)| !**used);
    rows.extend(gone.map(|(record, _)| Row { state: State::Absent, record, note: None }));
    let key = |row: &Row<'a>| (row.state, row.record.path.as_str(), row.record.line, row.record.column);
    rows.sort_by(|one, other| {
        key(one)
            .cmp(&key(other))
            .then_with(|| one.record.rule.cmp(&other.record.rule))
            .then_with(|| one.record.message.cmp(&other.record.message))
    });
    rows
}

/// Is it the same finding in a file whose old name is gone?
fn is_renamed(before: &Record, record: &Record, new: &Side) -> bool {
    !record.content.is_empty()
        && before.anchor == record.anchor
        && before.skill == record.skill
        && before.path != record.path
        && !new.holds(&before.path)
        && role(&before.path) == role(&record.path)
        && !decides_trust(record)
}

/// What is looked at again wherever it turns up.
fn decides_trust(record: &Record) -> bool {
    let scope = rules::find(&record.rule).map(|rule| rule.scope);
    record.severity == Severity::Critical
        && (record.skill.is_some() || matches!(scope, Some(Scope::Signatures | Scope::Logs | Scope::Secrets)))
}
