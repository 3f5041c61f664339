//! Ignores in comments: which of them count, what they cover, and what is wrong with them.
//!
//! They are read where the text is at hand, together with what is to be said if they turn out to cover
//! nothing; whether they do is known only when every rule has looked at every file.

mod reading;

pub use reading::{Known, Reader, Reading, Standing, Text};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::suppress::{By, Suppressed, is_coverable};
use crate::finding::{FileFacts, Location, Settled};
use crate::rule::{Scope, selects};
use crate::rules;

/// An ignore that counts.
#[derive(Clone, Debug)]
pub struct Ignore {
    /// Where it stands.
    pub location: Location,
    /// The lines on which a finding may begin that it covers.
    pub lines: Vec<u32>,
    /// What it names.
    pub ids: Vec<Named>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// It stands in a skill: what shows that the skill was changed is not its to ignore.
    pub in_skill: bool,
}

/// An id or id prefix of an ignore.
#[derive(Clone, Debug)]
pub struct Named {
    /// As `--select` takes it, without a final `.*`.
    pub id: String,
    /// What is said when it covers nothing; none when this run could not tell.
    pub unused: Option<Settled>,
}

/// The ignores of some files.
#[derive(Debug, Default)]
pub struct Ignores {
    /// In any order; those of a file that was read twice stand twice.
    pub list: Vec<Ignore>,
    /// The files that they are in, when SARIF asks for them.
    pub files: Vec<FileFacts>,
}

impl Ignores {
    /// Adds those of other files.
    pub fn extend(&mut self, other: Self) {
        self.list.extend(other.list);
        self.files.extend(other.files);
    }

    /// Makes ready to be asked.
    #[must_use]
    pub fn indexed(mut self) -> Index {
        let order = |ignore: &Ignore| (Arc::clone(&ignore.location.path), ignore.location.offset);
        self.list.sort_by_key(order);
        self.list.dedup_by_key(|ignore| order(ignore));
        let mut slots: Slots = BTreeMap::new();
        for (index, ignore) in self.list.iter().enumerate() {
            let lines: BTreeSet<u32> = ignore.lines.iter().copied().collect();
            for line in lines {
                let here = slots.entry((Arc::clone(&ignore.location.path), line)).or_default();
                for named in &ignore.ids {
                    here.entry(named.id.clone()).or_default().push(index);
                }
            }
        }
        Index { ignores: self.list, files: self.files, slots, used: BTreeSet::new() }
    }
}

/// The ignores by where findings begin that they may cover, and by what they name.
type Slots = BTreeMap<(Arc<str>, u32), BTreeMap<String, Vec<usize>>>;

/// The ignores of a run.
#[derive(Debug)]
pub struct Index {
    ignores: Vec<Ignore>,
    files: Vec<FileFacts>,
    slots: Slots,
    /// The places and names that covered something.
    used: BTreeSet<(Arc<str>, u32, String)>,
}

impl Index {
    /// The suppression of a finding, when an ignore covers it.
    pub fn cover(&mut self, finding: &Settled) -> Option<(By, String, Option<Date>)> {
        if self.slots.is_empty() || !is_coverable(&finding.id) {
            return None;
        }
        let (path, line) = (&finding.location.path, finding.location.start.line);
        let here = self.slots.get(&(Arc::clone(path), line))?;
        let mut first: Option<usize> = None;
        for name in names(finding) {
            let Some(found) = here.get(name) else { continue };
            let Some(ignore) = found.first().and_then(|index| Some((*index, self.ignores.get(*index)?))) else {
                continue;
            };
            // All ignores of a file are in the same skill, or in none.
            if ignore.1.in_skill && matches!(finding.rule.scope, Scope::Signatures | Scope::Logs) {
                return None;
            }
            first = Some(first.map_or(ignore.0, |known| known.min(ignore.0)));
            self.used.insert((Arc::clone(path), line, name.to_owned()));
        }
        let ignore = self.ignores.get(first?)?;
        Some((By::Ignore(ignore.location.clone()), ignore.reason.clone(), ignore.until))
    }

    /// Moves what is covered.
    pub fn split(&mut self, findings: Vec<Settled>) -> (Vec<Settled>, Vec<Suppressed>) {
        let mut kept = Vec::with_capacity(findings.len());
        let mut suppressed = Vec::new();
        for finding in findings {
            match self.cover(&finding) {
                Some((by, reason, until)) => suppressed.push(Suppressed { finding, by, reason, until }),
                None => kept.push(finding),
            }
        }
        (kept, suppressed)
    }

    /// What is to be said of those that covered nothing although a rule that they name ran.
    #[must_use]
    pub fn unused(self, ran: &BTreeSet<&'static str>) -> (Vec<Settled>, Vec<FileFacts>) {
        let mut said = Vec::new();
        for ignore in self.ignores {
            for named in ignore.ids {
                let path = &ignore.location.path;
                let used =
                    ignore.lines.iter().any(|line| self.used.contains(&(Arc::clone(path), *line, named.id.clone())));
                let Some(finding) = named.unused.filter(|_| !used) else { continue };
                if rules::all().any(|rule| ran.contains(rule.id) && selects(&named.id, rule)) {
                    said.push(finding);
                }
            }
        }
        let paths: BTreeSet<&str> = said.iter().map(|finding| &*finding.location.path).collect();
        let files = self.files.into_iter().filter(|file| paths.contains(&*file.path)).collect();
        (said, files)
    }
}

/// What an ignore may call a finding: its id or its rule's, or what these begin with.
fn names(finding: &Settled) -> impl Iterator<Item = &str> {
    [&*finding.id, finding.rule.id].into_iter().flat_map(|id| {
        let shorter = id.match_indices(['.', '/']).filter_map(move |(at, _)| id.get(..at));
        std::iter::once(id).chain(shorter)
    })
}
