//! What `--changed-since` and `--affected` leave: changed files, and the roots that they belong to.

use std::collections::BTreeSet;

use crate::discover::Discovery;
use crate::finding::{Diagnostic, Level};
use crate::git;
use crate::load::Loaded;

/// The files that differ from a commit, or that somebody says have changed.
#[derive(Debug)]
pub(super) struct Changes {
    /// The commit, when there is one.
    reference: Option<String>,
    files: BTreeSet<String>,
}

impl Changes {
    pub(super) fn since(discovery: &Discovery, reference: &str) -> Result<Self, String> {
        let files = git::changed_since(&discovery.tree, reference).map_err(|why| format!("--changed-since: {why}"))?;
        Ok(Self { reference: Some(reference.to_owned()), files })
    }

    /// These files, and everything below those that are directories.
    pub(super) const fn named(files: BTreeSet<String>) -> Self {
        Self { reference: None, files }
    }

    /// Did this file change, or a directory or archive that it lies in?
    pub(super) fn file(&self, path: &str) -> bool {
        let mut above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        self.files.contains(path) || above.any(|dir| self.files.contains(dir))
    }

    /// Did anything in a skill's directory change, or the file that a unit is?
    pub(super) fn unit(&self, root: &str) -> bool {
        let below = if root.is_empty() { String::new() } else { format!("{root}/") };
        let next = self.files.range(below.clone()..).next();
        self.file(root) || next.is_some_and(|path| path.starts_with(&below))
    }

    /// Did a configuration, a file that it includes, or a file beside or below it change?
    pub(super) fn config(&self, loaded: &Loaded) -> bool {
        let dir = loaded.path.rsplit_once('/').map_or("", |(dir, _)| dir);
        loaded.sources.iter().any(|source| self.file(&source.path)) || self.unit(dir)
    }

    /// How much there is to check.
    pub(super) fn note(&self) -> Option<Diagnostic> {
        let message = format!("nothing changed since {}", self.reference.as_ref()?);
        let none = self.files.is_empty();
        none.then(|| Diagnostic { path: String::new(), level: Level::Note, message })
    }
}
