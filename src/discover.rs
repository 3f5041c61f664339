//! The first stage: walk the roots once, in order, and name what is there.

mod tree;
mod units;

pub use tree::{Entry, EntryKind, Role, Target, Tree};

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use globset::GlobSet;

use crate::finding::{Diagnostic, Level};
use crate::model::document::DocumentKind;
use crate::model::skill::UnitKind;
use crate::options::Options;

/// Most files that one run looks at (`docs/architecture.md`, "Limits").
pub const MAX_FILES: usize = 1_000_000;
/// Deepest directory below a root.
pub const MAX_DEPTH: usize = 64;

/// What the walk found.
#[derive(Debug, Default)]
pub struct Discovery {
    /// All entries.
    pub tree: Tree,
    /// What to read, sorted.
    pub targets: Vec<Target>,
    /// Troubles on the way.
    pub diagnostics: Vec<Diagnostic>,
}

/// Walks every root of `options`.
///
/// # Errors
/// When a named path does not exist: a usage error with its text.
pub fn discover(options: &Options) -> Result<Discovery, String> {
    let roots = options.roots()?;
    let base = base_of(&roots);
    let mut walk = Walk {
        base: &base,
        options,
        entries: Vec::new(),
        targets: BTreeSet::new(),
        diagnostics: Vec::new(),
        samples: 0,
        foreign: 0,
        state_dirs: roots.iter().filter(|root| root.is_dir()).map(|root| relative(&base, root)).collect(),
        units: units::Units::default(),
        matcher: options.gitignore.then(|| crate::gitignore::Matcher::new(&base)),
    };
    for root in &roots {
        walk.root(root);
    }
    Ok(walk.finish(base.clone()))
}

/// The directory that paths are shown relative to: the repository of the first root, or else the
/// deepest directory that holds all roots. It does not depend on the working directory.
#[must_use]
pub fn base_of(roots: &[PathBuf]) -> PathBuf {
    let dir_of = |root: &PathBuf| if root.is_dir() { root.clone() } else { parent(root) };
    let Some(mut base) = roots.first().map(dir_of) else { return PathBuf::from(".") };
    for root in roots.iter().map(dir_of) {
        while !root.starts_with(&base) {
            base = parent(&base);
        }
    }
    base.ancestors().find(|dir| dir.join(".git").exists()).map_or(base.clone(), Path::to_path_buf)
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map_or_else(|| PathBuf::from("/"), Path::to_path_buf)
}

struct Walk<'a> {
    base: &'a Path,
    options: &'a Options,
    entries: Vec<Entry>,
    targets: BTreeSet<Target>,
    diagnostics: Vec<Diagnostic>,
    samples: usize,
    foreign: usize,
    matcher: Option<crate::gitignore::Matcher>,
    state_dirs: Vec<String>,
    units: units::Units,
}

impl Walk<'_> {
    fn root(&mut self, root: &Path) {
        let below_root = relative(self.base, root).len();
        let named_file = !root.is_dir();
        let excludes: &GlobSet = &self.options.excludes;
        let mut walker = walkdir::WalkDir::new(root)
            .follow_links(false)
            // A gateway follows a state directory that is a link; the link itself is a finding.
            .follow_root_links(self.options.state_dir)
            .max_depth(MAX_DEPTH)
            .sort_by_file_name()
            .into_iter();
        while let Some(step) = walker.next() {
            let step = match step {
                Ok(step) => step,
                Err(error) => {
                    let path = error.path().map(|path| relative(self.base, path)).unwrap_or_default();
                    let reason = error.io_error().map_or_else(|| error.to_string(), crate::load::io_reason);
                    self.say(path, Level::Error, format!("cannot be read: {reason}"));
                    continue;
                }
            };
            let path = relative(self.base, step.path());
            let is_dir = step.file_type().is_dir();
            let named = named_file && step.depth() == 0;
            if step.depth() > 0 && is_dir && skipped_dir(step.file_name()) {
                // What a skill ships is read, whatever it is called; of a `.git` in it only that it is there.
                let is_git = step.file_name() == ".git";
                let shipped = self.units.hold(&path) || manifest_beside(step.path());
                if shipped && is_git && step.depth() > 1 {
                    self.entries.push(Entry { path: path.into(), kind: EntryKind::Dir, mode: None, executable: false });
                    walker.skip_current_dir();
                    continue;
                }
                if !shipped || is_git {
                    self.foreign += usize::from(!is_git);
                    walker.skip_current_dir();
                    continue;
                }
            }
            let ignored = self.matcher.as_mut().is_some_and(|matcher| matcher.is_ignored(step.path(), is_dir));
            if (excludes.is_match(&path) || ignored) && (step.depth() > 0 || self.options.force_exclude) {
                if is_dir {
                    walker.skip_current_dir();
                }
                continue;
            }
            if is_dir && step.depth() == MAX_DEPTH {
                self.say(path.clone(), Level::Error, format!("nested deeper than {MAX_DEPTH} directories: not read"));
            }
            if self.entries.len() >= MAX_FILES {
                self.say(String::new(), Level::Error, format!("more than {MAX_FILES} files: the rest was not read"));
                return;
            }
            self.entry(&step, path, below_root, named);
        }
    }

    fn entry(&mut self, step: &walkdir::DirEntry, path: String, below_root: usize, named: bool) {
        let kind = self.kind_of(step);
        let live = self.options.state_dir;
        let mode = live.then(|| mode_of(step.path())).flatten();
        let executable = kind == EntryKind::File && is_data(&path) && mode_of(step.path()).is_some_and(is_deliberate);
        match &kind {
            EntryKind::File => self.classify(&path, below_root, named),
            EntryKind::Special if named || crate::classify::by_name(&path).is_some() => {
                self.say(path.clone(), Level::Error, "is neither a file nor a directory: not opened".to_owned());
            }
            EntryKind::Dir if named || crate::classify::is_config_name(&path) => {
                self.say(
                    path.clone(),
                    Level::Error,
                    "is a directory where a configuration file is expected".to_owned(),
                );
            }
            EntryKind::Link { outside, .. } if named || crate::classify::by_name(&path).is_some() => {
                // The configuration of a live gateway is whatever the link leads to.
                let followed = live && crate::classify::is_config_name(&path);
                if *outside && !followed {
                    let leads = if step.path().exists() { "out of the scanned tree" } else { "nowhere" };
                    let message = format!("is a symbolic link that leads {leads}: not followed");
                    self.say(path.clone(), Level::Error, message);
                } else {
                    self.classify(&path, below_root, named);
                }
            }
            // Whatever it leads to, an agent takes the directory for a skill.
            EntryKind::Link { .. } if crate::classify::unit_kind(&path) == Some(UnitKind::Skill) => {
                self.classify(&path, below_root, named);
            }
            _ => {}
        }
        self.entries.push(Entry { path: path.into(), kind, mode, executable });
    }

    fn kind_of(&self, step: &walkdir::DirEntry) -> EntryKind {
        let kind = step.file_type();
        if step.path_is_symlink() {
            let target = std::fs::read_link(step.path()).unwrap_or_default();
            let real = step.path().canonicalize();
            let root = self.base.canonicalize();
            let outside = !matches!((real, root), (Ok(real), Ok(root)) if real.starts_with(&root));
            EntryKind::Link { target: target.to_string_lossy().into_owned(), outside }
        } else if kind.is_dir() {
            EntryKind::Dir
        } else if kind.is_file() {
            EntryKind::File
        } else {
            EntryKind::Special
        }
    }

    fn classify(&mut self, path: &str, below_root: usize, named: bool) {
        let class = crate::classify::by_name(path);
        let sample = crate::classify::is_sample(path.get(below_root..).unwrap_or(path));
        if let Some(kind) = crate::classify::unit_kind(path) {
            self.units.add(path, kind, sample && !named && !self.options.state_dir, below_root);
        }
        match class {
            Some(crate::classify::Class::Config(role)) => {
                if sample && !named && !self.options.state_dir {
                    self.samples += 1;
                    return;
                }
                self.targets.insert(Target::Config { path: path.to_owned(), role, named });
            }
            Some(crate::classify::Class::Document(kind)) => {
                let sample = sample || crate::classify::is_example_name(path);
                self.targets.insert(Target::Document { path: path.to_owned(), kind, sample });
            }
            None if named && crate::classify::is_readable_alone(path) => {
                self.units.add(path, UnitKind::Skill, false, below_root);
            }
            None if named => {
                self.targets.insert(Target::Config { path: path.to_owned(), role: Role::Live, named });
            }
            None => {}
        }
    }

    fn say(&mut self, path: String, level: Level, message: String) {
        self.diagnostics.push(Diagnostic { path, level, message });
    }

    fn finish(mut self, base: PathBuf) -> Discovery {
        if self.samples > 0 {
            let what = if self.samples == 1 { "configuration" } else { "configurations" };
            let message = format!(
                "{} {what} in test, fixture, example or documentation folders not checked; name them to check them",
                self.samples
            );
            self.say(String::new(), Level::Note, message);
        }
        if self.foreign > 0 {
            let what = if self.foreign == 1 { "folder" } else { "folders" };
            let message = format!(
                "{} {what} of dependencies and build results (node_modules, target, …) not read; name them to check them",
                self.foreign
            );
            self.say(String::new(), Level::Note, message);
        }
        self.entries.sort_by(|a, b| a.path.cmp(&b.path));
        self.entries.dedup_by(|a, b| a.path == b.path);
        let (units, hidden) = std::mem::take(&mut self.units).into_targets();
        self.targets.extend(units);
        if hidden > 0 {
            let what = if hidden == 1 { "skill" } else { "skills" };
            let message = format!("{hidden} {what} in test and fixture folders not checked; name them to check them");
            self.say(String::new(), Level::Note, message);
        }
        let mut targets: Vec<Target> = self.targets.into_iter().collect();
        if self.options.state_dir {
            keep_active(&mut targets, &self.state_dirs);
        }
        Discovery { tree: Tree { base, entries: self.entries }, targets, diagnostics: self.diagnostics }
    }
}

/// Does a manifest stand beside a directory? Names that sort before `SKILL.md` come before it in the walk.
fn manifest_beside(dir: &Path) -> bool {
    dir.parent().is_some_and(|dir| dir.join("SKILL.md").symlink_metadata().is_ok())
}

/// Leaves of the configurations in live state directories only the one that a gateway would read.
fn keep_active(targets: &mut Vec<Target>, state_dirs: &[String]) {
    let candidates: BTreeSet<String> = targets.iter().filter_map(config_path).map(str::to_owned).collect();
    let beside = |dir: &String, name: &str| if dir.is_empty() { String::from(name) } else { format!("{dir}/{name}") };
    let active =
        |dir: &String| ACTIVE_NAMES.into_iter().map(|name| beside(dir, name)).find(|path| candidates.contains(path));
    let active: BTreeSet<String> = state_dirs.iter().filter_map(active).collect();
    targets.retain_mut(|target| match target {
        Target::Config { path, named, .. } => {
            *named |= active.contains(path);
            *named
        }
        Target::Document { .. } | Target::Unit { .. } => true,
    });
}

fn config_path(target: &Target) -> Option<&str> {
    match target {
        Target::Config { path, .. } => Some(path),
        Target::Document { .. } | Target::Unit { .. } => None,
    }
}

/// The names of a configuration in a state directory, as the loaders look for them: the present one
/// first, then those of former names of the product and of its fork.
const ACTIVE_NAMES: [&str; 6] =
    ["openclaw.json", "clawdbot.json", "moltbot.json", "moldbot.json", "closedclaw.json", "ClosedClaw.json"];

/// Is it a configuration, an environment file, a skill's text or other JSON: something that nobody runs?
fn is_data(path: &str) -> bool {
    use crate::classify::Class;
    path.ends_with(".json")
        || path.rsplit('/').next() == Some("SKILL.md")
        || matches!(crate::classify::by_name(path), Some(Class::Config(_) | Class::Document(DocumentKind::DotEnv)))
}

/// Was an executable bit set by somebody? A file system without such bits shows every file with all.
pub(crate) const fn is_deliberate(mode: u32) -> bool {
    mode & 0o111 != 0 && mode & 0o777 != 0o777
}

/// Directories that hold other people's code or git's own files.
fn skipped_dir(name: &std::ffi::OsStr) -> bool {
    matches!(name.to_str(), Some(".git" | "node_modules" | "target" | ".venv" | "__pycache__"))
}

/// The permission bits of what a path leads to, where the platform has such bits.
#[cfg(unix)]
pub(crate) fn mode_of(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(std::fs::metadata(path).ok()?.permissions().mode() & 0o7777)
}

/// The permission bits of what a path leads to, where the platform has such bits.
#[cfg(not(unix))]
pub(crate) fn mode_of(_: &Path) -> Option<u32> {
    None
}

/// `path` relative to `base`, with `/` and without `.` segments.
#[must_use]
pub fn relative(base: &Path, path: &Path) -> String {
    let rest = path.strip_prefix(base).unwrap_or(path);
    let parts = rest.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}
