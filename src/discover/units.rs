//! Which directories are skills, and which files stand alone.

use std::collections::BTreeSet;

use super::Target;
use crate::classify::is_test_dir;
use crate::kind::UnitKind;
use crate::path::dir_of;

/// Texts for an agent, as the walk meets them.
#[derive(Debug, Default)]
pub(super) struct Units {
    seen: Vec<Seen>,
    /// Directories with a manifest.
    roots: BTreeSet<String>,
}

#[derive(Debug)]
struct Seen {
    path: String,
    kind: UnitKind,
    /// It lies in a folder of tests, fixtures or documentation below the root of the walk.
    sample: bool,
    /// Bytes of its path that lead to that root.
    below: usize,
}

impl Units {
    pub(super) fn add(&mut self, path: &str, kind: UnitKind, sample: bool, below: usize) {
        if kind == UnitKind::Skill && is_manifest(path) {
            self.roots.insert(dir_of(path).to_owned());
        }
        self.seen.push(Seen { path: path.to_owned(), kind, sample, below });
    }

    /// Does a path lie in the directory of a skill?
    pub(super) fn hold(&self, path: &str) -> bool {
        self.holder(path).is_some()
    }

    /// The nearest directory above a path that is a skill's.
    fn holder(&self, path: &str) -> Option<&str> {
        let mut dir = path;
        while !dir.is_empty() {
            dir = dir_of(dir);
            if let Some(root) = self.roots.get(dir) {
                return Some(root);
            }
        }
        None
    }

    /// What to read, and how many skills were left out because they are samples.
    pub(super) fn into_targets(mut self) -> (Vec<Target>, usize) {
        // A manifest in the tests of a skill is a part of that skill, not a skill.
        let inner: Vec<String> = self
            .roots
            .iter()
            .filter(|root| {
                let outer = self.holder(root);
                outer.is_some_and(|outer| in_tests(root.get(outer.len()..).unwrap_or_default()))
            })
            .cloned()
            .collect();
        for root in &inner {
            self.roots.remove(root);
        }
        // Of roots that overlap the one that takes it for no sample decides, else the innermost.
        self.seen.sort_by(|a, b| (&a.path, a.sample, b.below).cmp(&(&b.path, b.sample, a.below)));
        self.seen.dedup_by(|later, first| later.path == first.path);
        let mut hidden = 0;
        let mut targets = Vec::new();
        for seen in &self.seen {
            let own = is_manifest(&seen.path) && seen.kind == UnitKind::Skill;
            let dir = dir_of(&seen.path);
            if own && self.roots.contains(dir) {
                // Skills below a folder called `skills` are what an agent loads, whatever else they are called.
                let loaded = seen.path.get(seen.below..).is_some_and(|rest| {
                    rest.split('/').position(|part| part == "skills") < rest.split('/').position(is_test_dir)
                });
                if seen.sample && !loaded {
                    hidden += 1;
                } else {
                    targets.push(Target::Unit { root: dir.to_owned(), main: seen.path.clone(), kind: seen.kind });
                }
            } else if !own && !seen.sample && !self.hold(&seen.path) {
                let path = seen.path.clone();
                targets.push(Target::Unit { root: path.clone(), main: path, kind: seen.kind });
            }
        }
        // Of two spellings of the name in one directory the exact one is the manifest.
        targets.sort();
        targets.dedup_by(|later, first| match (first, later) {
            (Target::Unit { root: first, .. }, Target::Unit { root: later, .. }) => first == later,
            _ => false,
        });
        (targets, hidden)
    }
}

fn is_manifest(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("SKILL.md"))
}

fn in_tests(path: &str) -> bool {
    path.split('/').any(is_test_dir)
}
