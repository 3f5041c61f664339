//! What does not lie on disk as it is read: the files of an archive, and standard input.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::{Entry, EntryKind, MemoryFile, Next, Stdin, Step, Walk, relative};
use crate::diagnostic::Level;
use crate::disk;
use crate::path::{self, dir_of};
use crate::syntax::archive::{self, Limits, Listing, Unpacked};
use crate::syntax::magic::sniff;

/// Largest archive that is opened, in bytes.
const MAX_ARCHIVE: u64 = 64 << 20;
/// Bytes that all archives of one run together may unpack to.
const MAX_UNPACKED: u64 = 512 << 20;

impl Walk<'_> {
    /// Is a file read as the directory that it packs? An archive that somebody names is; one that the walk
    /// meets only when it is a packed skill that does not lie in another one.
    pub(super) fn opens(&mut self, path: &str, at: &Path, named: bool, below_root: usize) -> bool {
        if self.archives.contains_key(path) {
            return true;
        }
        let lower = path.to_ascii_lowercase();
        if !named {
            let kind = || sniff(&disk::head(at).unwrap_or_default(), path);
            return lower.ends_with(".skill") && archive::opens(kind()) && !self.inside_a_skill(path, below_root, true);
        }
        let by_name = [".zip", ".skill", ".tar", ".tgz", ".tar.gz"].iter().any(|end| lower.ends_with(end));
        by_name || crate::classify::by_name(path).is_none() && is_archive(path, &disk::head(at).unwrap_or_default())
    }

    /// Takes in the files of an archive on disk, as if they lay in a directory of its name.
    pub(super) fn archive(&mut self, path: &str, at: &Path, below_root: usize) {
        if self.archives.contains_key(path) || self.excluded(path, at, usize::from(below_root < path.len()), false) {
            return;
        }
        match disk::read(at, MAX_ARCHIVE) {
            Ok(bytes) => self.unpack(path, &bytes),
            Err(reason) => self.say(path.to_owned(), Level::Error, reason),
        }
    }

    /// Takes in what came through standard input.
    pub(super) fn stdin(&mut self, stdin: &Stdin) {
        let path = relative(self.base, &stdin.path);
        if is_archive(&path, &stdin.bytes) {
            return self.unpack(&path, &stdin.bytes);
        }
        self.memory
            .insert(path.as_str().into(), MemoryFile { bytes: Arc::clone(&stdin.bytes), mode: None, stands_in: false });
        let below = path.rsplit_once('/').map_or(0, |(dir, _)| dir.len());
        self.step(Step { path, kind: EntryKind::File, depth: 0, named: true, disk: None }, below);
    }

    fn unpack(&mut self, path: &str, bytes: &[u8]) {
        let left = MAX_UNPACKED.saturating_sub(self.unpacked);
        let limits = Limits::default();
        let limits = Limits { total: limits.total.min(left), ..limits };
        let mut unpacked = match archive::unpack(bytes, path, limits) {
            Ok(unpacked) => unpacked,
            Err(reason) => return self.say(path.to_owned(), Level::Error, reason),
        };
        self.unpacked += unpacked.weight();
        let level = if unpacked.complete { Level::Note } else { Level::Error };
        for note in &unpacked.notes {
            self.say(path.to_owned(), level, note.clone());
        }
        self.entries.push(Entry { path: path.into(), kind: EntryKind::Dir, mode: None, executable: false });
        // Of the entries nobody asks any more: their files are in the tree.
        let listing = Listing { entries: Vec::new(), ..std::mem::take(&mut unpacked.listing) };
        self.archives.insert(path.into(), listing);
        let steps = self.hold(path, unpacked);
        let mut skipped: Option<String> = None;
        for (below, kind) in steps {
            if skipped.as_ref().is_some_and(|dir| below.starts_with(dir.as_str())) {
                continue;
            }
            let depth = below.split('/').count();
            let full = format!("{path}/{below}");
            match self.step(Step { path: full, kind, depth, named: false, disk: None }, path.len()) {
                Next::Go => {}
                Next::Skip => skipped = Some(format!("{below}/")),
                Next::Stop => return,
            }
        }
    }

    /// Keeps the files of an archive, and puts all its entries into the order of a walk: every directory
    /// before what it holds, names sorted.
    fn hold(&mut self, archive: &str, unpacked: Unpacked) -> Vec<(String, EntryKind)> {
        let mut entries: BTreeMap<String, EntryKind> = BTreeMap::new();
        let files = unpacked.files.iter().map(|file| (&file.path, EntryKind::File));
        let dirs = unpacked.dirs.iter().map(|dir| (dir, EntryKind::Dir));
        let links = unpacked.links.iter().map(|(path, target)| {
            let real = self.base.join(archive).join(path);
            let real = path::lexical(&real.parent().unwrap_or(&real).join(target));
            let outside = !real.starts_with(self.base.join(archive));
            (path, EntryKind::Link { target: target.clone(), outside })
        });
        entries.extend(files.chain(links).chain(dirs).map(|(path, kind)| (path.clone(), kind)));
        let mut above: BTreeSet<String> = BTreeSet::new();
        for path in entries.keys() {
            // From the deepest up: where one is known, those above it are.
            let mut dir = dir_of(path);
            while !dir.is_empty() && above.insert(dir.to_owned()) {
                dir = dir_of(dir);
            }
        }
        for dir in above {
            entries.entry(dir).or_insert(EntryKind::Dir);
        }
        for file in unpacked.files {
            let held = MemoryFile { bytes: file.bytes.into(), mode: file.mode, stands_in: false };
            self.memory.insert(format!("{archive}/{}", file.path).into(), held);
        }
        // What reads through a link finds what it leads to.
        for (path, target) in unpacked.links {
            let full = self.base.join(archive).join(&path);
            let real = relative(self.base, &path::lexical(&full.parent().unwrap_or(&full).join(target)));
            if let Some(file) = self.memory.get(&*real).cloned() {
                self.memory.insert(format!("{archive}/{path}").into(), file);
            }
        }
        let mut steps: Vec<(String, EntryKind)> = entries.into_iter().collect();
        steps.sort_by(|(one, _), (other, _)| one.split('/').cmp(other.split('/')));
        steps
    }
}

/// Is it an archive by its bytes? Documents in zip form are not.
fn is_archive(path: &str, bytes: &[u8]) -> bool {
    let name = path.to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    sniff(bytes, path).is_archive() && !archive::is_document(extension)
}
