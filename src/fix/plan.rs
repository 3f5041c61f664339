//! Which fixes go together, and what files they make.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use crate::finding::{Edit, Safety, Settled, SettledFix, Severity};
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
    /// It is not there yet; `before` is empty.
    pub is_new: bool,
    /// Texts that go and that no diff may show.
    pub secrets: Vec<Box<str>>,
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
        let tried = refused.contains(&finding.identity.fingerprint);
        if !wanted || fix.edits.is_empty() || tried || chosen.fixes.len() >= most {
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
        let mut by_file: BTreeMap<&Arc<str>, Vec<&Edit>> = BTreeMap::new();
        for edit in self.fixes.iter().flat_map(|(_, fix)| &fix.edits) {
            by_file.entry(&edit.at.path).or_default().push(edit);
        }
        // A secret may move from one file to another.
        let secrets: BTreeSet<&Box<str>> = by_file.values().flatten().flat_map(|edit| &edit.secrets).collect();
        let secrets: Vec<Box<str>> = secrets.into_iter().cloned().collect();
        let rewrite = |(path, edits): (&Arc<str>, Vec<&Edit>)| {
            rewrite(path, &edits, &secrets, read).ok_or_else(|| path.to_string())
        };
        by_file.into_iter().map(rewrite).collect()
    }

    /// Did something go wrong: is one of the findings still there, is there a new one at least as bad, is
    /// a file refused that was not?
    #[must_use]
    pub fn made_worse(&self, before: &Verdict, after: &Verdict) -> bool {
        let left: BTreeMap<&str, Severity> =
            after.shown.iter().map(|finding| (&*finding.identity.fingerprint, finding.severity)).collect();
        // What is less bad now was helped.
        let now = |finding: &Settled| left.get(&*finding.identity.fingerprint).copied();
        let same = |finding: &Settled| now(finding).is_some_and(|now| now >= finding.severity);
        let still = self.fixes.iter().any(|(finding, _)| same(finding));
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

/// A file with its edits made.
fn rewrite(
    path: &Arc<str>,
    edits: &[&Edit],
    secrets: &[Box<str>],
    read: &dyn Fn(&str) -> Option<Arc<[u8]>>,
) -> Option<Rewrite> {
    let is_new = edits.iter().any(|edit| edit.makes_file);
    let before = if is_new { Arc::from([]) } else { read(path)? };
    let text = std::str::from_utf8(&before).ok()?;
    let pieces: Vec<TextEdit> =
        edits.iter().map(|edit| TextEdit { range: edit.range(), text: edit.text.clone() }).collect();
    let after = Arc::from(apply(text, &pieces)?.into_bytes());
    Some(Rewrite { path: Arc::clone(path), before, after, is_new, secrets: secrets.to_vec() })
}

/// The files that their release reads.
fn valid(verdict: &Verdict) -> BTreeSet<&str> {
    verdict.inputs.iter().filter(|input| input.valid).map(|input| &*input.path).collect()
}

/// What makes a finding the same although its value changed, or another value decides it now.
fn kind(finding: &Settled) -> (&str, &str) {
    (&finding.id, &finding.location.path)
}
