//! What was typed and what the settings file says, put together: what a run means.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use clap::ValueEnum;
use globset::GlobSet;

mod standing;

use crate::baseline::Baseline;
use crate::cli::{self, DialectChoice, FailOn, Format, VersionChoice};
use crate::discover::{self, Request, Stdin};
use crate::finding::{Confidence, Diagnostic, Severity};
use crate::git::Commit;
use crate::model::config::Wanted;
use crate::model::dialect::Product;
use crate::model::env::Env;
use crate::model::gate::PolicyFlags;
use crate::rule::{Profile, Scope};
use crate::settings::{self, Settings};
use crate::syntax::magic::sniff;

/// How far a run is.
#[derive(Debug, Default)]
pub struct Meter {
    /// Files that there are to read; zero while they are still being found.
    pub total: AtomicUsize,
    /// Files that were read and checked.
    pub done: AtomicUsize,
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
    /// Check only what differs from this commit.
    pub changed_since: Option<String>,
    /// Apply `excludes` to named files too.
    pub force_exclude: bool,
    /// Honour ignore files.
    pub gitignore: bool,
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
    /// The commit that settings, baseline, suppressions and ignores come from instead of the working tree.
    pub trusted: Option<Arc<Commit>>,
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
            changed_since: None,
            force_exclude: false,
            gitignore: false,
            state_dir: false,
            deep: false,
            include_roots: Vec::new(),
            stdin: None,
            threads: None,
            line_hashes: false,
            settings: Settings::default(),
            overlay: Arc::default(),
            meter: Arc::default(),
            keyring: None,
            last_keyring: None,
            keyrings_too: false,
            policy: PolicyFlags::default(),
            now: None,
            trusted: None,
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
                Ok(_) => Ok(crate::load::lexical(&full)),
                Err(error) => Err(format!("{shown}: {}", crate::load::io_reason(&error))),
            }
        };
        self.paths.iter().map(absolute).collect()
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
        Ok(Request {
            base: self.base(&roots),
            roots,
            excludes: &self.excludes,
            force_exclude: self.force_exclude,
            gitignore: self.gitignore,
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
        let mut options = Self::new(paths(cli)?);
        options.stdin = stdin(cli)?;
        options.state_dir = cli.state_dir;
        options.deep = cli.deep;
        options.now = Some(cli.now.map_or_else(clock, Ok)?);
        let base = options.base(&options.roots()?);
        // A skill that is scanned by itself brings no settings of its own.
        let is_skill = base
            .read_dir()
            .is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().eq_ignore_ascii_case("SKILL.md")));
        options.trust(cli, &base)?;
        if !cli.no_settings && (!is_skill || cli.settings.is_some()) {
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
        self.force_exclude = cli.force_exclude;
        self.changed_since.clone_from(&cli.changed_since);
        self.gitignore = cli.gitignore;
        self.threads = cli.jobs;
        let formats = cli.output.iter().map(|(format, _)| *format).chain(cli.format);
        self.line_hashes = formats.into_iter().any(|format| format == Format::Sarif);
        Ok(())
    }
}

/// The time: `SOURCE_DATE_EPOCH`, so that the same inputs give the same bytes, else the clock.
pub(crate) fn clock() -> Result<jiff::Timestamp, String> {
    let text = std::env::var_os("SOURCE_DATE_EPOCH").filter(|text| !text.is_empty());
    let Some(text) = text else { return Ok(jiff::Timestamp::now()) };
    let seconds = text.to_str().and_then(|text| text.trim().parse().ok());
    let time = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    time.ok_or_else(|| "SOURCE_DATE_EPOCH: expected seconds since 1970".to_owned())
}

/// The named paths, those of `--files-from`, or the working directory when nothing is named.
fn paths(cli: &cli::Check) -> Result<Vec<PathBuf>, String> {
    let mut paths: Vec<PathBuf> = cli.paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
    if let Some(list) = &cli.files_from {
        let shown = list.display();
        let text = listed(list).map_err(|reason| format!("--files-from {shown}: {reason}"))?;
        let by = if text.contains(&0) { 0 } else { b'\n' };
        let lines = text.split(|byte| *byte == by).map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        for line in lines.filter(|line| !line.is_empty()) {
            paths.push(path_of(line).ok_or_else(|| format!("--files-from {shown}: a name in it is not text"))?);
        }
    } else if cli.paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    Ok(paths)
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Largest file that is read from standard input, in bytes.
const MAX_STDIN: u64 = 64 << 20;

/// The file that standard input holds, when `-` is named.
fn stdin(cli: &cli::Check) -> Result<Option<Stdin>, String> {
    if !cli.paths.iter().any(|path| is_stdin(path)) {
        return match &cli.stdin_filename {
            Some(_) => Err("--stdin-filename: nothing is read from standard input unless `-` is a path".to_owned()),
            None => Ok(None),
        };
    }
    if cli.files_from.as_deref().is_some_and(is_stdin) {
        return Err("-: standard input is either a file or the list of --files-from".to_owned());
    }
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(MAX_STDIN + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("-: {}", crate::load::io_reason(&error)))?;
    if bytes.len() as u64 > MAX_STDIN {
        return Err(format!("-: larger than {} MiB", MAX_STDIN >> 20));
    }
    // Nameless text is most likely a skill's own.
    let nameless = || if sniff(&bytes, "").is_archive() { "stdin.zip" } else { "SKILL.md" };
    let name = cli.stdin_filename.clone().unwrap_or_else(|| PathBuf::from(nameless()));
    let path = std::path::absolute(&name).map_err(|error| format!("--stdin-filename {}: {error}", name.display()))?;
    Ok(Some(Stdin { path: crate::load::lexical(&path), bytes: bytes.into() }))
}

/// Largest list of names, in bytes.
const MAX_LIST: u64 = 64 << 20;

/// The bytes of a list of names, which may come through a pipe.
fn listed(list: &Path) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let read = if list.as_os_str() == "-" {
        std::io::stdin().take(MAX_LIST + 1).read_to_end(&mut text)
    } else {
        std::fs::File::open(list).and_then(|file| file.take(MAX_LIST + 1).read_to_end(&mut text))
    };
    match read {
        Ok(size) if size as u64 > MAX_LIST => Err(format!("larger than {} MiB", MAX_LIST >> 20)),
        Ok(_) => Ok(text),
        Err(error) => Err(crate::load::io_reason(&error)),
    }
}

/// A name as the system writes it; on other systems than this one it may be none.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "the other systems need it")]
fn path_of(name: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(name)))
}

#[cfg(not(unix))]
fn path_of(name: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(name).ok().map(PathBuf::from)
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
