//! What `--changed-since` and `--affected` leave: changed files, and the roots that they belong to.

use std::collections::BTreeSet;

use crate::classify::{self, Class};
use crate::diagnostic::{Diagnostic, Level};
use crate::discover::Discovery;
use crate::git;
use crate::kind::DocumentKind;
use crate::load::Loaded;
use crate::path::dir_of;

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

    /// Did a configuration change, a file that it includes, or one on its way from or to the root that says how it is
    /// run?
    pub(super) fn config(&self, loaded: &Loaded) -> bool {
        let dir = dir_of(&loaded.path);
        let concerns = |path: &String| says_how_it_runs(path) && (holds(dir, path) || holds(dir_of(path), dir));
        let mut parts = loaded.sources.iter().map(|source| &*source.path);
        // What is gone breaks the configuration that still includes it.
        let mut missing = loaded.missing_paths.iter();
        parts.any(|path| self.file(path)) || missing.any(|path| self.file(path)) || self.files.iter().any(concerns)
    }

    /// How much there is to check.
    pub(super) fn note(&self) -> Option<Diagnostic> {
        let message = format!("nothing changed since {}", self.reference.as_ref()?);
        let none = self.files.is_empty();
        none.then(|| Diagnostic { path: String::new(), level: Level::Note, message })
    }
}

/// Does a path lie in a directory, or is it that directory?
fn holds(dir: &str, path: &str) -> bool {
    dir.is_empty() || path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Is a file, by its name, one that a configuration is judged together with?
fn says_how_it_runs(path: &str) -> bool {
    use DocumentKind as Kind;
    let Some(Class::Document(kind)) = classify::by_name(path) else { return false };
    matches!(
        kind,
        Kind::DotEnv
            | Kind::ExecApprovals
            | Kind::CronJobs
            | Kind::Compose
            | Kind::Dockerfile
            | Kind::PackageJson
            | Kind::AuthProfiles
            | Kind::ModelsJson
            | Kind::ServiceUnit
            | Kind::ReverseProxy
            | Kind::Credentials
            | Kind::Policy
    )
}
