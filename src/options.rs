//! What was typed and what the settings file says, put together: what a run means.

mod input;
mod standing;
mod wholes;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use clap::ValueEnum;
use globset::GlobSet;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::baseline::Baseline;
use crate::cli::{self, DialectChoice, FailOn, Format, VersionChoice};
use crate::diagnostic::Diagnostic;
use crate::discover::{self, Request, Stdin};
use crate::finding::{Confidence, Severity};
use crate::git::Commit;
use crate::gitignore;
use crate::model::config::Wanted;
use crate::model::dialect::Product;
use crate::model::env::Env;
use crate::model::gate::PolicyFlags;
use crate::rule::{Profile, Scope};
use crate::settings::{self, Settings};

/// How far a run is.
#[derive(Debug, Default)]
pub struct Meter {
    /// Files that there are to read; zero while they are still being found.
    pub total: AtomicUsize,
    /// Files that were read and checked.
    pub done: AtomicUsize,
}

/// Whether facts about the posture are collected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Survey {
    /// No.
    #[default]
    No,
    /// Beside the rules.
    Beside,
    /// Instead of the rules.
    Only,
}

/// A run of `check`.
#[derive(Clone, Debug)]
pub struct Options {
    /// The files and directories to look at.
    pub paths: Vec<PathBuf>,
    /// The directory that paths are shown relative to, whatever repository it lies in; none for the usual one.
    pub root: Option<PathBuf>,
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
    /// The same as they were written.
    pub left_out: Vec<String>,
    /// Check only what differs from this commit.
    pub changed_since: Option<String>,
    /// Check only what these files belong to, by their paths below the base.
    pub changed_files: Option<BTreeSet<String>>,
    /// Apply `excludes` to named files too.
    pub force_exclude: bool,
    /// Honour ignore files.
    pub gitignore: bool,
    /// Those of the trusted commit instead of the tree's.
    pub ignore_files: Option<Arc<gitignore::Trusted>>,
    /// The paths are a live state directory.
    pub state_dir: bool,
    /// Read code too in the `upstream` profile; the others always do.
    pub deep: bool,
    /// Directories outside the configuration's own that includes may come from.
    pub include_roots: Vec<PathBuf>,
    /// What came through standard input, when `-` was named.
    pub stdin: Option<Stdin>,
    /// Worker threads; none for one per core.
    pub threads: Option<usize>,
    /// Compute GitHub's line hashes (SARIF asks for them).
    pub line_hashes: bool,
    /// Tell size and digest of every file of a skill, not only of those with findings.
    pub all_files: bool,
    /// The settings file.
    pub settings: Settings,
    /// Files that are read from here instead of from disk, by the path that reports show.
    pub overlay: Arc<BTreeMap<String, Arc<[u8]>>>,
    /// How far the run is, for a progress bar; counted whether shown or not.
    pub meter: Arc<Meter>,
    /// The keyring to use instead of the repository's; it need not exist.
    pub keyring: Option<PathBuf>,
    /// The keyring to use when neither that nor one of the repository is there.
    pub last_keyring: Option<PathBuf>,
    /// Check the keyrings that decide also where they lie outside of what is scanned.
    pub keyrings_too: bool,
    /// What is asked of signatures, whatever the configurations say.
    pub policy: PolicyFlags,
    /// The time that lapsed signatures are measured by; none when no clock is to be read.
    pub now: Option<jiff::Timestamp>,
    /// Nothing is ignored: neither by comments nor by a configuration's own suppressions.
    pub no_ignores: bool,
    /// Comments and settings inside of skills count as those outside of them.
    pub trust_in_tree: bool,
    /// The commit that settings, baseline, suppressions and ignores come from instead of the working tree.
    pub trusted: Option<Arc<Commit>>,
    /// Collect facts for a snapshot of the posture.
    pub survey: Survey,
    /// The findings that somebody lives with for now.
    pub baseline: Option<Arc<Baseline>>,
    /// The path of that file, as reports show it.
    pub baseline_name: String,
    /// Findings of the baseline are in no report.
    pub new_only: bool,
    /// What the baseline lists and is not found any more makes the exit code 1.
    pub fail_on_stale: bool,
    /// Findings of rules that are newer than the baseline count as others do.
    pub fail_on_new_rules: bool,
    /// What is to be said about the files that the options came from.
    pub notices: Vec<Diagnostic>,
}

impl Options {
    /// The defaults for some paths: `regular` profile, unknown environment, newest release.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            root: None,
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
            left_out: Vec::new(),
            changed_since: None,
            changed_files: None,
            force_exclude: false,
            gitignore: false,
            ignore_files: None,
            state_dir: false,
            deep: false,
            include_roots: Vec::new(),
            stdin: None,
            threads: None,
            line_hashes: false,
            all_files: false,
            settings: Settings::default(),
            overlay: Arc::default(),
            meter: Arc::default(),
            keyring: None,
            last_keyring: None,
            keyrings_too: false,
            policy: PolicyFlags::default(),
            now: None,
            no_ignores: false,
            trust_in_tree: false,
            trusted: None,
            survey: Survey::No,
            baseline: None,
            baseline_name: String::new(),
            new_only: false,
            fail_on_stale: false,
            fail_on_new_rules: false,
            notices: Vec::new(),
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
                Ok(_) => Ok(crate::path::lexical(&full)),
                Err(error) => Err(format!("{shown}: {}", crate::disk::io_reason(&error))),
            }
        };
        self.paths.iter().map(absolute).collect()
    }

    /// The day (UTC) of the run; none when no clock is to be read, and then everything holds.
    #[must_use]
    pub fn today(&self) -> Option<Date> {
        self.now.map(day_of)
    }

    /// The directory that paths are shown relative to.
    #[must_use]
    pub fn base(&self, roots: &[PathBuf]) -> PathBuf {
        if let Some(root) = &self.root {
            return root.clone();
        }
        let stdin = self.stdin.iter().map(|stdin| stdin.path.clone());
        discover::base_of(&roots.iter().cloned().chain(stdin).collect::<Vec<_>>())
    }

    /// What is to be walked.
    ///
    /// # Errors
    /// When a named path does not exist: a usage error with its text.
    pub fn request(&self) -> Result<Request<'_>, String> {
        let roots = self.roots()?;
        let base = self.base(&roots);
        Ok(Request {
            roots: wholes::of(roots, &base, self),
            base,
            excludes: &self.excludes,
            force_exclude: self.force_exclude,
            gitignore: self.gitignore,
            ignore_files: self.ignore_files.as_deref(),
            state_dir: self.state_dir,
            stdin: self.stdin.as_ref(),
            overlay: &self.overlay,
        })
    }

    /// What a command line means, with the settings file of the repository it is about.
    ///
    /// # Errors
    /// A usage or settings error in words.
    pub fn from_cli(cli: &cli::Check) -> Result<Self, String> {
        let mut options = Self::new(input::paths(cli)?);
        if cli.affected {
            (options.paths, options.changed_files) = input::affected(&options.paths)?;
        }
        options.stdin = input::stdin(cli)?;
        options.state_dir = cli.state_dir;
        options.deep = cli.deep;
        options.now = Some(cli.now.map_or_else(clock, Ok)?);
        let base = options.base(&options.roots()?);
        // A skill that is scanned by itself brings no settings of its own.
        let is_skill = base
            .read_dir()
            .is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().eq_ignore_ascii_case("SKILL.md")));
        options.no_ignores = cli.no_ignores;
        options.trust_in_tree = cli.trust_in_tree;
        options.trust(cli, &base)?;
        if !cli.no_settings && (!is_skill || cli.settings.is_some() || cli.trust_in_tree) {
            options.settings = options.settings_of(cli, &base)?;
        }
        options.judgement(cli)?;
        options.files(cli)?;
        options.known(cli, &base, is_skill)?;
        Ok(options)
    }

    fn judgement(&mut self, cli: &cli::Check) -> Result<(), String> {
        let settings = &self.settings;
        self.wanted = wanted(cli, settings)?;
        self.select = [cli.select.as_slice(), &settings.select].concat();
        if !cli.select.is_empty() {
            self.select.clone_from(&cli.select);
        }
        self.ignore = [cli.ignore.as_slice(), &settings.ignore].concat();
        self.scopes.clone_from(&cli.scope);
        self.min_severity = cli.min_severity.unwrap_or(Severity::Info);
        self.min_confidence = cli.min_confidence.unwrap_or(Confidence::Low);
        let written = settings.fail_on.as_deref().and_then(|word| FailOn::from_str(word, false).ok());
        self.fail_on = match cli.fail_on.or(written) {
            _ if cli.exit_zero => None,
            None | Some(FailOn::Critical) => Some(Severity::Critical),
            Some(FailOn::Warn) => Some(Severity::Warn),
            Some(FailOn::Info) => Some(Severity::Info),
            Some(FailOn::Never) => None,
        };
        Ok(())
    }

    fn files(&mut self, cli: &cli::Check) -> Result<(), String> {
        let patterns = [cli.exclude.as_slice(), &self.settings.exclude].concat();
        self.excludes = settings::globs(&patterns).map_err(|reason| format!("--exclude: {reason}"))?;
        self.left_out = patterns;
        self.force_exclude = cli.force_exclude;
        self.changed_since.clone_from(&cli.changed_since);
        self.gitignore = cli.gitignore;
        self.threads = cli.jobs;
        let asked = cli.export_baseline.is_some() || cli.compare_baseline.is_some();
        self.survey = if asked { Survey::Beside } else { Survey::No };
        let formats = cli.output.iter().map(|(format, _)| *format).chain(cli.format);
        self.line_hashes = formats.into_iter().any(|format| format == Format::Sarif);
        self.all_files = self.line_hashes && cli.reports.sarif_all_artifacts;
        Ok(())
    }
}

/// The day (UTC) of a time. What holds until a day holds to its end.
#[must_use]
pub fn day_of(time: jiff::Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// The time: `SOURCE_DATE_EPOCH`, so that the same inputs give the same bytes, else the clock.
pub(crate) fn clock() -> Result<jiff::Timestamp, String> {
    let text = std::env::var_os("SOURCE_DATE_EPOCH").filter(|text| !text.is_empty());
    let Some(text) = text else { return Ok(jiff::Timestamp::now()) };
    let seconds = text.to_str().and_then(|text| text.trim().parse().ok());
    let time = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    time.ok_or_else(|| "SOURCE_DATE_EPOCH: expected seconds since 1970".to_owned())
}

/// Profile, release, product and environment: the command line over the settings.
fn wanted(cli: &cli::Check, settings: &Settings) -> Result<Wanted, String> {
    let flag = |given: bool, name: &str| if given { format!("asked for by {name}") } else { String::new() };
    let mut reason = flag(cli.target_version.is_some(), "--target-version");
    let version = match (&cli.target_version, &settings.target_version) {
        (Some(version), _) => *version,
        (None, Some(text)) => {
            reason = flag(true, "the settings file");
            cli::parse_version(text)?
        }
        (None, None) => VersionChoice::Auto,
    };
    let written = settings.dialect.as_deref().map(|word| DialectChoice::from_str(word, false)).transpose()?;
    let mut env = if cli.use_env { Env::known(process_env()) } else { Env::UNKNOWN };
    for name in &settings.assume_env {
        env.assume(name);
    }
    Ok(Wanted {
        profile: cli.profile.or(settings.profile).unwrap_or(Profile::Regular),
        release: match version {
            VersionChoice::Auto => None,
            VersionChoice::Release(release) => Some(release),
        },
        product: product(cli.dialect.or(written)),
        reason,
        env,
    })
}

/// What `config show` was asked for.
#[must_use]
pub fn wanted_to_show(show: &cli::Show) -> Wanted {
    let release = match show.target_version {
        Some(VersionChoice::Release(release)) => Some(release),
        Some(VersionChoice::Auto) | None => None,
    };
    Wanted {
        // It answers as the loader does, and the loader does not guess what may be installed.
        profile: Profile::Upstream,
        release,
        product: product(show.dialect),
        reason: release.map_or_else(String::new, |_| "asked for by --target-version".to_owned()),
        env: if show.use_env { Env::known(process_env()) } else { Env::UNKNOWN },
    }
}

/// The product that a choice stands for; none for `auto`.
#[must_use]
pub const fn product(choice: Option<DialectChoice>) -> Option<Product> {
    match choice {
        None | Some(DialectChoice::Auto) => None,
        Some(DialectChoice::Openclaw) => Some(Product::OpenClaw),
        Some(DialectChoice::Closedclaw) => Some(Product::ClosedClaw),
        Some(DialectChoice::Handbook) => Some(Product::Handbook),
    }
}

/// The variables of this process whose names and values are text.
#[must_use]
pub fn process_env() -> BTreeMap<String, String> {
    let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    std::env::vars_os().filter_map(text).collect()
}
