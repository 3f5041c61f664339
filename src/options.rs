//! What was typed and what the settings file says, put together: what a run means.

use std::path::PathBuf;

use globset::GlobSet;

use crate::finding::{Confidence, Severity};
use crate::model::config::Wanted;
use crate::model::dialect::Release;
use crate::model::env::Env;
use crate::rule::{Profile, Scope};
use crate::settings::Settings;

/// A run of `check`.
#[derive(Debug)]
pub struct Options {
    /// The files and directories to look at.
    pub paths: Vec<PathBuf>,
    /// Whose judgement, which release, which environment.
    pub wanted: Wanted,
    /// Ids or id prefixes to run; empty for all.
    pub select: Vec<String>,
    /// Ids or id prefixes to leave out.
    pub ignore: Vec<String>,
    /// Scopes to run; empty for all.
    pub scopes: Vec<Scope>,
    /// Findings below are not shown.
    pub min_severity: Severity,
    /// Findings less sure are not shown.
    pub min_confidence: Confidence,
    /// What makes the exit code 1; none for never.
    pub fail_on: Option<Severity>,
    /// Paths that the walk leaves out.
    pub excludes: GlobSet,
    /// Apply `excludes` to named files too.
    pub force_exclude: bool,
    /// Honour ignore files.
    pub gitignore: bool,
    /// The paths are a live state directory.
    pub state_dir: bool,
    /// Directories outside the configuration's own that includes may come from.
    pub include_roots: Vec<PathBuf>,
    /// Worker threads; none for one per core.
    pub threads: Option<usize>,
    /// Compute GitHub's line hashes (SARIF asks for them).
    pub line_hashes: bool,
    /// The settings file.
    pub settings: Settings,
    /// Show a progress bar on a terminal.
    pub progress: bool,
}

impl Options {
    /// The defaults for some paths: `regular` profile, unknown environment, newest release.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            wanted: Wanted {
                profile: Profile::Regular,
                release: None,
                product: None,
                reason: String::new(),
                env: Env::UNKNOWN,
            },
            select: Vec::new(),
            ignore: Vec::new(),
            scopes: Vec::new(),
            min_severity: Severity::Info,
            min_confidence: Confidence::Low,
            fail_on: Some(Severity::Critical),
            excludes: GlobSet::empty(),
            force_exclude: false,
            gitignore: false,
            state_dir: false,
            include_roots: Vec::new(),
            threads: None,
            line_hashes: false,
            settings: Settings::default(),
            progress: false,
        }
    }

    /// The absolute, existing paths to walk.
    ///
    /// # Errors
    /// A usage error that names the path.
    pub fn roots(&self) -> Result<Vec<PathBuf>, String> {
        let absolute = |path: &PathBuf| {
            let shown = path.display().to_string();
            let shown = shown.escape_debug();
            if path.as_os_str().as_encoded_bytes().contains(&0) {
                return Err(format!("{shown}: the path holds a NUL character"));
            }
            let full = std::path::absolute(path).map_err(|error| format!("{shown}: {error}"))?;
            match full.symlink_metadata() {
                Ok(_) => Ok(crate::load::lexical(&full)),
                Err(error) => Err(format!("{shown}: {}", crate::load::io_reason(&error))),
            }
        };
        self.paths.iter().map(absolute).collect()
    }

    /// The release that was asked for.
    #[must_use]
    pub const fn release(&self) -> Option<Release> {
        self.wanted.release
    }
}
