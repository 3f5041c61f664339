//! The first stage: walk the roots once, in order, and name what is there.

mod packed;
mod tree;
mod units;

pub use tree::{Entry, EntryKind, MemoryFile, Role, Target, Tree};

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::finding::{Diagnostic, Level};
use crate::model::document::DocumentKind;
use crate::model::skill::UnitKind;
use crate::options::Options;
use crate::syntax::archive::Listing;

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
    let base = options.base(&roots);
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
        memory: BTreeMap::new(),
        archives: BTreeMap::new(),
        unpacked: 0,
        matcher: options.gitignore.then(|| crate::gitignore::Matcher::new(&base)),
    };
    // An archive that is named stands for its files, also where the walk of a directory meets it.
    let (files, dirs): (Vec<&PathBuf>, Vec<&PathBuf>) = roots.iter().partition(|root| !root.is_dir());
    for root in files.into_iter().chain(dirs) {
        walk.root(root);
    }
    if let Some(stdin) = &options.stdin {
        walk.stdin(stdin);
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
    memory: BTreeMap<Box<str>, MemoryFile>,
    archives: BTreeMap<Box<str>, Listing>,
    /// Bytes that archives were unpacked to.
    unpacked: u64,
}

/// An entry that the walk meets, on disk or in an archive.
struct Step<'a> {
    path: String,
    kind: EntryKind,
    depth: usize,
    named: bool,
    disk: Option<&'a Path>,
}

impl Step<'_> {
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// How the walk goes on.
enum Next {
    Go,
    /// Not into this directory.
    Skip,
    Stop,
}

impl Walk<'_> {
    fn root(&mut self, root: &Path) {
        let below_root = relative(self.base, root).len();
        let named_file = !root.is_dir();
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
            let at = step.path();
            let (kind, depth) = (self.kind_of(&step), step.depth());
            let named = named_file && depth == 0;
            if kind == EntryKind::File && self.opens(&path, at, named) {
                self.archive(&path, at, below_root);
                continue;
            }
            match self.step(Step { path, kind, depth, named, disk: Some(at) }, below_root) {
                Next::Go => {}
                Next::Skip => walker.skip_current_dir(),
                Next::Stop => return,
            }
        }
    }

    /// Takes in one entry, or passes over it.
    fn step(&mut self, step: Step<'_>, below_root: usize) -> Next {
        let is_dir = step.kind == EntryKind::Dir;
        let at = step.disk.map_or_else(|| self.base.join(&step.path), Path::to_path_buf);
        if step.depth > 0 && is_dir && skipped_dir(step.name()) {
            // What a skill ships is read, whatever it is called; of a `.git` in it only that it is there.
            let is_git = step.name() == ".git";
            let shipped = self.units.hold(&step.path) || self.manifest_beside(&step);
            if shipped && is_git && step.depth > 1 {
                let path = step.path.into();
                self.entries.push(Entry { path, kind: EntryKind::Dir, mode: None, executable: false });
                return Next::Skip;
            }
            if !shipped || is_git {
                self.foreign += usize::from(!is_git);
                return Next::Skip;
            }
        }
        if self.excluded(&step.path, &at, step.depth, is_dir) {
            return if is_dir { Next::Skip } else { Next::Go };
        }
        if is_dir && step.depth == MAX_DEPTH {
            self.say(step.path.clone(), Level::Error, format!("nested deeper than {MAX_DEPTH} directories: not read"));
        }
        if self.entries.len() >= MAX_FILES {
            self.say(String::new(), Level::Error, format!("more than {MAX_FILES} files: the rest was not read"));
            return Next::Stop;
        }
        self.entry(step, below_root);
        Next::Go
    }

    fn excluded(&mut self, path: &str, at: &Path, depth: usize, is_dir: bool) -> bool {
        let ignored = self.matcher.as_mut().is_some_and(|matcher| matcher.is_ignored(at, is_dir));
        (self.options.excludes.is_match(path) || ignored) && (depth > 0 || self.options.force_exclude)
    }

    fn entry(&mut self, step: Step<'_>, below_root: usize) {
        let Step { path, kind, named, disk, .. } = step;
        let live = self.options.state_dir;
        let bits = || disk.map_or_else(|| self.memory.get(&*path).and_then(|file| file.mode), mode_of);
        let mode = if live { bits() } else { None };
        let executable = kind == EntryKind::File && is_data(&path) && bits().is_some_and(is_deliberate);
        match &kind {
            EntryKind::File => self.classify(&path, below_root, named),
            EntryKind::Special if named || crate::classify::by_name(&path).is_some() => {
                self.say(path.clone(), Level::Error, "is neither a file nor a directory: not opened".to_owned());
            }
            // A rule says what is wrong with it.
            EntryKind::Dir if crate::classify::is_keyring_name(&path) => self.classify(&path, below_root, named),
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
                    let there = disk.is_none_or(Path::exists);
                    let leads = if there { "out of the scanned tree" } else { "nowhere" };
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

    /// Does a manifest stand beside a directory? Names that sort before `SKILL.md` come before it in the walk.
    fn manifest_beside(&self, step: &Step<'_>) -> bool {
        let Some(at) = step.disk else {
            let dir = step.path.rsplit_once('/').map_or("", |(dir, _)| dir);
            return self.memory.contains_key(&*format!("{dir}/SKILL.md"));
        };
        at.parent().is_some_and(|dir| dir.join("SKILL.md").symlink_metadata().is_ok())
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
        } else if named && crate::classify::is_readable_alone(path) {
            self.units.add(path, UnitKind::Skill, false, below_root);
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
            None if named && !crate::classify::is_readable_alone(path) => {
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
        let tree = Tree { base, entries: self.entries, memory: self.memory, archives: self.archives };
        Discovery { tree, targets, diagnostics: self.diagnostics }
    }
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
pub(crate) fn skipped_dir(name: &str) -> bool {
    matches!(name, ".git" | "node_modules" | "target" | ".venv" | "__pycache__")
}

/// The permission bits of what a path leads to, where the platform has such bits.
#[cfg(unix)]
pub(crate) fn mode_of(path: &Path) -> Option<u32> {
    bits_of(&std::fs::metadata(path).ok()?)
}

/// The permission bits of a file that was looked at, where the platform has such bits.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "the other systems need it")]
pub(crate) fn bits_of(meta: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(meta.permissions().mode() & 0o7777)
}

/// The permission bits of a file that was looked at, where the platform has such bits.
#[cfg(not(unix))]
pub(crate) fn bits_of(_: &std::fs::Metadata) -> Option<u32> {
    None
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
