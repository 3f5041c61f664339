//! The first stage: walk the roots once, in order, and name what is there.

mod active;
mod notes;
mod overlay;
mod packed;
mod tree;
mod units;

pub use crate::path::relative;
pub use tree::{Entry, EntryKind, MemoryFile, Target, Tree};

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Included, Unbounded};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::GlobSet;

use active::keep_active;

use crate::diagnostic::{Diagnostic, Level};
use crate::disk::{bits_of, is_deliberate, mode_of};
use crate::kind::{DocumentKind, Role, UnitKind};
use crate::path::dir_of;
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

/// What is to be walked, and how.
#[derive(Debug)]
pub struct Request<'a> {
    /// Absolute, existing paths.
    pub roots: Vec<PathBuf>,
    /// The directory that paths are shown relative to.
    pub base: PathBuf,
    /// Paths that are left out.
    pub excludes: &'a GlobSet,
    /// Also when they are roots.
    pub force_exclude: bool,
    /// Honour ignore files.
    pub gitignore: bool,
    /// Those of a trusted commit instead of the tree's.
    pub ignore_files: Option<&'a crate::gitignore::Trusted>,
    /// The roots are live state directories.
    pub state_dir: bool,
    /// What came through standard input.
    pub stdin: Option<&'a Stdin>,
    /// Files that are read from here instead of from disk, by the path that reports show.
    pub overlay: &'a BTreeMap<String, Arc<[u8]>>,
}

/// A file that came through standard input.
#[derive(Clone, Debug)]
pub struct Stdin {
    /// Where it would lie: an absolute path.
    pub path: PathBuf,
    /// Its content.
    pub bytes: Arc<[u8]>,
}

/// Walks every root.
#[must_use]
pub fn discover(request: &Request<'_>) -> Discovery {
    let (roots, base) = (&request.roots, request.base.clone());
    let mut walk = Walk {
        base: &base,
        request,
        entries: Vec::new(),
        targets: BTreeSet::new(),
        diagnostics: Vec::new(),
        samples: BTreeSet::new(),
        sample_logs: BTreeSet::new(),
        foreign: BTreeSet::new(),
        manifests: BTreeMap::new(),
        state_dirs: roots.iter().filter(|root| root.is_dir()).map(|root| relative(&base, root)).collect(),
        units: units::Units::default(),
        memory: BTreeMap::new(),
        archives: BTreeMap::new(),
        unpacked: 0,
        matcher: request.gitignore.then(|| crate::gitignore::Matcher::new(&base, request.ignore_files)),
    };
    // An archive that is named stands for its files, also where the walk of a directory meets it.
    let (files, dirs): (Vec<&PathBuf>, Vec<&PathBuf>) = roots.iter().partition(|root| !root.is_dir());
    for root in files.into_iter().chain(dirs) {
        walk.root(root);
    }
    if let Some(stdin) = request.stdin {
        walk.stdin(stdin);
    }
    walk.made();
    walk.distrusted();
    walk.finish(base.clone())
}

/// The directory that paths are shown relative to: the repository of the first root, or else the
/// deepest directory that holds all roots. It does not depend on the working directory.
#[must_use]
pub fn base_of(roots: &[PathBuf]) -> PathBuf {
    let directory = |root: &PathBuf| if root.is_dir() { root.clone() } else { parent(root) };
    let Some(mut base) = roots.first().map(directory) else { return PathBuf::from(".") };
    for root in roots.iter().map(directory) {
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
    request: &'a Request<'a>,
    entries: Vec<Entry>,
    targets: BTreeSet<Target>,
    diagnostics: Vec<Diagnostic>,
    /// Configurations and folders that were passed over. Roots may overlap, so they are sets.
    samples: BTreeSet<String>,
    sample_logs: BTreeSet<String>,
    foreign: BTreeSet<String>,
    /// Directories that were asked for a manifest, and the answer.
    manifests: BTreeMap<String, bool>,
    matcher: Option<crate::gitignore::Matcher<'a>>,
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
            .follow_root_links(self.request.state_dir)
            .max_depth(MAX_DEPTH)
            .sort_by_file_name()
            .into_iter();
        while let Some(step) = walker.next() {
            let step = match step {
                Ok(step) => step,
                Err(error) => {
                    let path = error.path().map(|path| relative(self.base, path)).unwrap_or_default();
                    let reason = error.io_error().map_or_else(|| error.to_string(), crate::disk::io_reason);
                    self.say(path, Level::Error, format!("cannot be read: {reason}"));
                    continue;
                }
            };
            let path = relative(self.base, step.path());
            let at = step.path();
            let (kind, depth) = (self.kind_of(&step), step.depth());
            let named = named_file && depth == 0;
            if kind == EntryKind::File && self.opens(&path, at, named, below_root) {
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
            let shipped = self.inside_a_skill(&step.path, below_root, step.disk.is_some());
            if shipped && is_git && step.depth > 1 {
                let path = step.path.into();
                self.entries.push(Entry { path, kind: EntryKind::Dir, mode: None, executable: false });
                return Next::Skip;
            }
            if !shipped || is_git {
                if !is_git {
                    self.foreign.insert(step.path);
                }
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

    /// Tells of the ignore files that are not what counts.
    fn distrusted(&mut self) {
        let message = self.request.ignore_files.map(|trusted| trusted.message.clone()).unwrap_or_default();
        let differing = self.matcher.as_mut().map(|matcher| std::mem::take(&mut matcher.differing));
        for path in differing.unwrap_or_default() {
            self.say(path, Level::Warning, message.clone());
        }
    }

    fn excluded(&mut self, path: &str, at: &Path, depth: usize, is_dir: bool) -> bool {
        let ignored = self.matcher.as_mut().is_some_and(|matcher| matcher.is_ignored(at, is_dir));
        (self.request.excludes.is_match(path) || ignored) && (depth > 0 || self.request.force_exclude)
    }

    fn entry(&mut self, step: Step<'_>, below_root: usize) {
        let Step { path, kind, named, disk, .. } = step;
        let live = self.request.state_dir;
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

    /// Does a path below a root lie in the directory of a skill? Names that sort before `SKILL.md` come before
    /// it in the walk, so every directory on the way is asked, not only those whose manifest was met.
    fn inside_a_skill(&mut self, path: &str, below_root: usize, on_disk: bool) -> bool {
        let above = std::iter::successors(Some(dir_of(path)), |dir| (!dir.is_empty()).then(|| dir_of(dir)));
        self.units.hold(path)
            || above.take_while(|dir| dir.len() >= below_root).any(|dir| self.has_manifest(dir, on_disk))
    }

    /// Does a manifest lie in a directory, however it is spelled?
    fn has_manifest(&mut self, dir: &str, on_disk: bool) -> bool {
        if let Some(known) = self.manifests.get(dir) {
            return *known;
        }
        let found = if on_disk {
            let names = self.base.join(dir).read_dir().into_iter().flatten().flatten();
            names.into_iter().any(|entry| entry.file_name().eq_ignore_ascii_case("SKILL.md"))
        } else {
            // Names are sorted by their bytes.
            ["S", "s"].into_iter().any(|first| {
                let from = if dir.is_empty() { first.to_owned() } else { format!("{dir}/{first}") };
                let names = self.memory.range::<str, _>((Included(from.as_str()), Unbounded)).map(|(path, _)| &**path);
                let mut names = names.take_while(|path| path.starts_with(&from));
                names.any(|path| dir_of(path) == dir && crate::classify::unit_kind(path) == Some(UnitKind::Skill))
            })
        };
        self.manifests.insert(dir.to_owned(), found);
        found
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
            self.units.add(path, kind, sample && !named && !self.request.state_dir, below_root);
        } else if named && crate::classify::is_readable_alone(path) {
            self.units.add(path, UnitKind::Skill, false, below_root);
        }
        if crate::classify::is_log_name(path) && self.is_audit_log(path) {
            if sample && !named && !self.request.state_dir {
                self.sample_logs.insert(path.to_owned());
            } else {
                self.targets.insert(Target::Log { path: path.to_owned() });
            }
            return;
        }
        match class {
            Some(crate::classify::Class::Config(role)) => {
                if sample && !named && !self.request.state_dir {
                    self.samples.insert(path.to_owned());
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
        self.entries.sort_by(|a, b| a.path.cmp(&b.path));
        self.entries.dedup_by(|a, b| a.path == b.path);
        self.tell_left_out();
        let (units, hidden) = std::mem::take(&mut self.units).into_targets();
        self.targets.extend(units);
        self.tell(hidden, ["skill", "skills"], "in test and fixture folders not checked; name them to check them");
        let mut targets: Vec<Target> = std::mem::take(&mut self.targets).into_iter().collect();
        if self.request.state_dir {
            keep_active(&mut targets, &self.state_dirs);
        }
        self.lay_over();
        let tree = Tree { base, entries: self.entries, memory: self.memory, archives: self.archives };
        Discovery { tree, targets, diagnostics: self.diagnostics }
    }
}

/// Is it a configuration, an environment file, a skill's text or other JSON: something that nobody runs?
fn is_data(path: &str) -> bool {
    use crate::classify::Class;
    path.ends_with(".json")
        || path.rsplit('/').next() == Some("SKILL.md")
        || matches!(crate::classify::by_name(path), Some(Class::Config(_) | Class::Document(DocumentKind::DotEnv)))
}

/// Directories that hold other people's code or git's own files.
pub(crate) fn skipped_dir(name: &str) -> bool {
    matches!(name, ".git" | "node_modules" | "target" | ".venv" | "__pycache__")
}
