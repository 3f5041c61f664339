//! Which fixes go together, and what files they make.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use crate::finding::{Safety, Settled, SettledFix, Severity};
use crate::judge::Verdict;
use crate::syntax::json5_edit::{TextEdit, apply};

/// Fixes that touch nothing in common.
#[derive(Debug, Default)]
pub struct Chosen<'a> {
    /// The findings and their fixes.
    pub fixes: Vec<(&'a Settled, &'a SettledFix)>,
}

/// A file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// Repository-relative path.
    pub path: Arc<str>,
    /// As it was read.
    pub before: Arc<[u8]>,
    /// As it is to be.
    pub after: Arc<[u8]>,
}

/// Takes fixes in the order of the report, at most `most`, leaving out those that overlap one that was
/// taken, and those of the `refused` findings. The ones that are left out come in the next round.
#[must_use]
pub fn choose<'a>(verdict: &'a Verdict, all: bool, refused: &BTreeSet<String>, most: usize) -> Chosen<'a> {
    let mut taken: BTreeMap<&str, Vec<Range<usize>>> = BTreeMap::new();
    let mut chosen = Chosen::default();
    for finding in &verdict.shown {
        let Some(fix) = &finding.fix else { continue };
        let wanted = fix.safety == Safety::Safe || all && fix.safety == Safety::Unsafe;
        if !wanted || refused.contains(&finding.identity.fingerprint) || chosen.fixes.len() >= most {
            continue;
        }
        let free = fix.edits.iter().all(|edit| {
            let others = taken.get(&*edit.at.path).map_or(&[][..], Vec::as_slice);
            others.iter().all(|other| is_apart(other, &edit.range()))
        });
        if free {
            for edit in &fix.edits {
                taken.entry(&*edit.at.path).or_default().push(edit.range());
            }
            chosen.fixes.push((finding, fix));
        }
    }
    chosen
}

/// Neither overlap nor touch: two insertions at one place have no order.
const fn is_apart(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.end < b.start || b.end < a.start
}

impl Chosen<'_> {
    /// The worst that one of them is about.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.fixes.iter().map(|(finding, _)| finding.severity).max()
    }

    /// The files that they make, by path. `read` gives a file as it is now.
    ///
    /// # Errors
    /// The path of a file that is not what was checked: it cannot be read, or is no UTF-8 text.
    pub fn rewrites(&self, read: &dyn Fn(&str) -> Option<Arc<[u8]>>) -> Result<Vec<Rewrite>, String> {
        let mut edits: BTreeMap<&Arc<str>, Vec<TextEdit>> = BTreeMap::new();
        for edit in self.fixes.iter().flat_map(|(_, fix)| &fix.edits) {
            let text = TextEdit { range: edit.range(), text: edit.text.clone() };
            edits.entry(&edit.at.path).or_default().push(text);
        }
        edits
            .into_iter()
            .map(|(path, edits)| {
                let rewrite = || {
                    let before = read(path)?;
                    let after = apply(std::str::from_utf8(&before).ok()?, &edits)?;
                    Some(Rewrite { path: Arc::clone(path), before, after: Arc::from(after.into_bytes()) })
                };
                rewrite().ok_or_else(|| path.to_string())
            })
            .collect()
    }

    /// Did something go wrong: is one of the findings still there, is there a new one at least as bad, is
    /// a file refused that was not?
    #[must_use]
    pub fn made_worse(&self, before: &Verdict, after: &Verdict) -> bool {
        let left: BTreeSet<&str> = after.shown.iter().map(|finding| &*finding.identity.fingerprint).collect();
        let still = self.fixes.iter().any(|(finding, _)| left.contains(&*finding.identity.fingerprint));
        let known: BTreeSet<_> = before.shown.iter().map(kind).collect();
        let worst = self.worst().unwrap_or(Severity::Critical);
        let (valid_before, valid_after) = (valid(before), valid(after));
        // Of a file that was refused not everything was asked: what comes to light now was there before.
        let asked = |path: &str| valid_before.contains(path) || !valid_after.contains(path);
        let new = after.shown.iter().any(|finding| {
            finding.severity >= worst && !known.contains(&kind(finding)) && asked(&finding.location.path)
        });
        let broken = after.inputs.iter().any(|input| !input.valid && valid_before.contains(&*input.path));
        still || new || broken || after.incomplete() > before.incomplete()
    }
}

/// The files that their release reads.
fn valid(verdict: &Verdict) -> BTreeSet<&str> {
    verdict.inputs.iter().filter(|input| input.valid).map(|input| &*input.path).collect()
}

/// What makes a finding the same although its value changed, or another value decides it now.
fn kind(finding: &Settled) -> (&str, &str) {
    (&finding.id, &finding.location.path)
}
