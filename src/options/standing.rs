//! What stands beside the scanned files and decides about them: settings and baseline, and the commit that
//! both are taken from when the working tree is not to be trusted with them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Options;
use crate::baseline;
use crate::cli;
use crate::diagnostic::{Diagnostic, Level};
use crate::discover;
use crate::disk;
use crate::git::Commit;
use crate::gitignore;
use crate::path;
use crate::rule::Profile;
use crate::settings::{self, Settings};
use crate::source::Source;

impl Options {
    /// Opens the commit of `--trust-from-git`.
    pub(super) fn trust(&mut self, cli: &cli::Check, base: &Path) -> Result<(), String> {
        if let Some(reference) = &cli.baselines.trust_from_git {
            let commit = Commit::open(base, reference).map_err(|why| format!("--trust-from-git: {why}"))?;
            if cli.gitignore {
                self.ignore_files = Some(Arc::new(ignore_files(&commit)?));
            }
            self.trusted = Some(Arc::new(commit));
        }
        Ok(())
    }

    /// The settings: the named file, or the repository's own; as they are in the trusted commit, if there is one.
    pub(super) fn settings_of(&mut self, cli: &cli::Check, base: &Path) -> Result<Settings, String> {
        let named = cli.settings.as_deref();
        let within = named.map(|path| inside(base, path));
        let commit = match (&self.trusted, &within) {
            // What lies elsewhere is the operator's own.
            (None, _) | (_, Some(None)) => {
                return Settings::find(base, named).map(|(found, _)| found).map_err(|error| error.0);
            }
            (Some(commit), _) => Arc::clone(commit),
        };
        let named = within.flatten();
        let candidates = named.clone().map_or_else(|| settings::NAMES.map(str::to_owned).to_vec(), |name| vec![name]);
        let mut found = None;
        for name in candidates {
            let bytes = commit.read(&name, settings::MAX_SIZE)?;
            self.tell_difference(base, &name, bytes.as_deref(), settings::MAX_SIZE);
            if let (Some(bytes), None) = (bytes, &found) {
                found = Some(Settings::read(&Source::new(name, bytes)).map_err(|error| error.0)?);
            }
        }
        match (found, named) {
            (Some(found), _) => Ok(found),
            (None, Some(name)) => Err(absent(&name, &commit)),
            (None, None) => Ok(Settings::default()),
        }
    }

    /// Reads the baseline.
    pub(super) fn known(&mut self, cli: &cli::Check, base: &Path, is_skill: bool) -> Result<(), String> {
        let flags = &cli.baselines;
        self.new_only = flags.new_only;
        self.fail_on_stale = flags.fail_on_stale;
        self.fail_on_new_rules = flags.fail_on_new_rules;
        let named = flags.baseline.as_deref();
        let own = base.join(baseline::NAME);
        if flags.no_baseline {
            return Ok(());
        }
        if named.is_none() && (is_skill || self.wanted.profile == Profile::Upstream) {
            // What somebody else ships does not silence us; and upstream knows of no baseline.
            if is_skill && own.symlink_metadata().is_ok() {
                let message = "is not used: a skill brings no baseline of its own (--baseline names one)";
                self.notice(baseline::NAME, message.to_owned());
            }
            return Ok(());
        }
        let path = named.unwrap_or(&own);
        let within = inside(base, path);
        self.baseline_name = within.clone().unwrap_or_else(|| path.display().to_string());
        let bytes = self.baseline_bytes(base, path, within.as_deref(), named.is_some())?;
        let shown = self.baseline_name.escape_debug().to_string();
        let found = bytes.map(|bytes| baseline::read(&shown, &bytes)).transpose()?;
        self.baseline = found.map(Arc::new);
        Ok(())
    }

    /// The bytes of the baseline; none when there is none and nobody named one.
    fn baseline_bytes(
        &mut self,
        base: &Path,
        path: &Path,
        within: Option<&str>,
        named: bool,
    ) -> Result<Option<Arc<[u8]>>, String> {
        let shown = self.baseline_name.escape_debug().to_string();
        if let (Some(commit), Some(within)) = (self.trusted.clone(), within) {
            let bytes = commit.read(within, baseline::MAX_SIZE)?;
            self.tell_difference(base, within, bytes.as_deref(), baseline::MAX_SIZE);
            if bytes.is_none() && named {
                return Err(absent(within, &commit));
            }
            return Ok(bytes.map(Arc::from));
        }
        if !named && path.symlink_metadata().is_err() {
            return Ok(None);
        }
        if !named && path.is_symlink() {
            return Err(format!("{shown}: is a symbolic link: not read"));
        }
        disk::read(path, baseline::MAX_SIZE).map(Some).map_err(|why| format!("{shown}: {why}"))
    }

    /// Says that a file of the working tree is not what counts.
    fn tell_difference(&mut self, base: &Path, name: &str, trusted: Option<&[u8]>, most: u64) {
        let Some(commit) = &self.trusted else { return };
        let path = base.join(name);
        if path.symlink_metadata().is_err() && trusted.is_none() {
            return;
        }
        if disk::read(&path, most).ok().as_deref() != trusted {
            let message = differs(commit);
            self.notice(name, message);
        }
    }

    fn notice(&mut self, path: &str, message: String) {
        self.notices.push(Diagnostic { path: path.to_owned(), level: Level::Warning, message });
    }
}

/// The ignore files of a commit.
fn ignore_files(commit: &Commit) -> Result<gitignore::Trusted, String> {
    let mut texts = BTreeMap::new();
    for path in commit.paths().filter(|path| path.rsplit('/').next() == Some(gitignore::NAME)) {
        if let Some(bytes) = commit.read(path, disk::MAX_TEXT)? {
            texts.insert(path.to_owned(), String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(gitignore::Trusted { texts, message: differs(commit) })
}

/// What is said of a file of the working tree that is not what counts.
fn differs(commit: &Commit) -> String {
    format!("is not used as it is here: what counts is what it says in {}", commit.reference)
}

fn absent(name: &str, commit: &Commit) -> String {
    format!("{}: is not in {}", name.escape_debug(), commit.reference.escape_debug())
}

/// The path of a file below the base, as reports show it.
fn inside(base: &Path, path: &Path) -> Option<String> {
    let full = path::lexical(&std::path::absolute(path).ok()?);
    full.starts_with(base).then(|| discover::relative(base, &full))
}
