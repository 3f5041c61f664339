//! What a walk finds: entries, the tree of them, and the files that later stages read.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::kind::{DocumentKind, Role, UnitKind};
use crate::syntax::archive::Listing;

/// What a directory entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link, never followed; `outside` when it leads out of the root.
    Link {
        /// The text of the link.
        target: String,
        /// True when its target does not exist or lies outside the root.
        outside: bool,
    },
    /// A FIFO, socket or device: never opened.
    Special,
}

/// One entry of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Path relative to the root, with `/`. The root itself is the empty path.
    pub path: Box<str>,
    /// What it is.
    pub kind: EntryKind,
    /// Permission bits of the target, read only for a live state directory.
    pub mode: Option<u32>,
    /// A file that no program should be, yet bears an executable bit that means something.
    pub executable: bool,
}

/// Everything below the roots, sorted by path.
#[derive(Debug, Default)]
pub struct Tree {
    /// The directory that all paths are relative to.
    pub base: PathBuf,
    /// The entries.
    pub entries: Vec<Entry>,
    /// The files that do not come from disk, by path.
    pub memory: BTreeMap<Box<str>, MemoryFile>,
    /// What the archives among the entries say that they hold, by path. Each stands in the tree as a
    /// directory of its files.
    pub archives: BTreeMap<Box<str>, Listing>,
}

/// A file out of an archive, or from standard input.
#[derive(Clone, Debug)]
pub struct MemoryFile {
    /// Its content.
    pub bytes: Arc<[u8]>,
    /// Permission bits, where somebody kept them.
    pub mode: Option<u32>,
    /// It stands in for a file on disk, whose neighbours are there too.
    pub stands_in: bool,
}

impl Tree {
    /// The entry at exactly `path`.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Entry> {
        let at = self.entries.binary_search_by(|entry| (*entry.path).cmp(path)).ok()?;
        self.entries.get(at)
    }

    /// Every entry strictly below a directory (the empty path is the base itself).
    pub fn under<'a>(&'a self, dir: &'a str) -> impl Iterator<Item = &'a Entry> {
        let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
        let from = self.entries.partition_point(|entry| *entry.path < *prefix);
        self.entries[from..]
            .iter()
            .take_while({
                let prefix = prefix.clone();
                move |entry| entry.path.starts_with(&prefix)
            })
            .filter(|entry| !entry.path.is_empty())
    }

    /// The direct children of a directory, with their names.
    pub fn children<'a>(&'a self, dir: &'a str) -> impl Iterator<Item = (&'a str, &'a Entry)> {
        let skip = if dir.is_empty() { 0 } else { dir.len() + 1 };
        self.under(dir).filter_map(move |entry| {
            let name = entry.path.get(skip..)?;
            (!name.contains('/')).then_some((name, entry))
        })
    }

    /// The archive that a path is or lies in, with its path.
    #[must_use]
    pub fn archive_of<'a>(&'a self, path: &str) -> Option<(&'a str, &'a Listing)> {
        let above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        let known = |dir| self.archives.get_key_value(dir).map(|(dir, listing)| (&**dir, listing));
        above.chain([path]).find_map(known)
    }

    /// Is something there, be it only that the walk passed over it?
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        self.get(path).is_some() || self.archive_of(path).is_none() && self.on_disk(path).symlink_metadata().is_ok()
    }

    /// The name of a directory; of an archive, which stands in the tree as one, without its ending.
    #[must_use]
    pub fn dir_name<'a>(&self, path: &'a str) -> &'a str {
        let name = path.rsplit('/').next().unwrap_or_default();
        let packed = self.archives.contains_key(path);
        let stem = [".skill", ".zip", ".tar.gz", ".tgz", ".tar"].iter().find_map(|end| name.strip_suffix(end));
        stem.filter(|_| packed).unwrap_or(name)
    }

    /// The path on disk of a relative path.
    #[must_use]
    pub fn on_disk(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.base.clone() } else { self.base.join(path) }
    }
}

/// A file that some later stage reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// May be a configuration root; its content decides.
    Config {
        /// Relative path.
        path: String,
        /// By its name.
        role: Role,
        /// The user named this very file: no doubt about what it is.
        named: bool,
    },
    /// A side file.
    Document {
        /// Relative path.
        path: String,
        /// By its name.
        kind: DocumentKind,
        /// An example or fixture.
        sample: bool,
    },
    /// A skill, or another text that an agent obeys.
    Unit {
        /// Relative path of its directory, or of its only file.
        root: String,
        /// Relative path of its manifest, or of its only file.
        main: String,
        /// What it is.
        kind: UnitKind,
    },
    /// An audit log whose entries are chained.
    Log {
        /// Relative path.
        path: String,
    },
}
