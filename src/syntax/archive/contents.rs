//! The files of an archive, unpacked into memory under limits.

use std::collections::BTreeMap;
use std::io::Read;

use super::{ArchiveEntry, Content, EntryKind, Listing, MOST_ENTRIES, walk};

/// How many times its own size an archive may unpack to, once it is past a mebibyte.
pub(super) const RATIO: u64 = 100;

/// How much of an archive is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of all files together.
    pub total: u64,
    /// Bytes of one file; a larger one is left out.
    pub file: u64,
    /// Entries.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total: 64 << 20, file: 16 << 20, entries: MOST_ENTRIES }
    }
}

/// A file out of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnpackedFile {
    /// Relative path with `/`; never leads out of the archive.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Permission bits, where the archive keeps them.
    pub mode: Option<u32>,
}

/// What an archive held.
#[derive(Clone, Debug, Default)]
pub struct Unpacked {
    /// The files, sorted by path. Of several with one path the last, as other programs keep it.
    pub files: Vec<UnpackedFile>,
    /// Symbolic links by their path and where they lead, sorted.
    pub links: Vec<(String, String)>,
    /// Directories that have an entry of their own, sorted.
    pub dirs: Vec<String>,
    /// What was not read, and why: one sentence without full stop each.
    pub notes: Vec<String>,
    /// Was everything read that could be?
    pub complete: bool,
    /// What the archive says that it holds.
    pub listing: Listing,
}

impl Unpacked {
    /// Bytes that its files, links and their names take to keep.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let files = self.files.iter().map(|file| weight(&file.path, file.bytes.len()));
        let links = self.links.iter().map(|(path, target)| weight(path, target.len()));
        let dirs = self.dirs.iter().map(|path| weight(path, 0));
        files.chain(links).chain(dirs).sum()
    }
}

/// Bytes that an entry takes to keep: it stands in a list or two, under its name.
fn weight(name: &str, size: usize) -> u64 {
    64 + 2 * name.len() as u64 + size as u64
}

/// Reads an archive into memory. A zip inside is a file like any other.
///
/// # Errors
/// In words: it is no archive that can be opened, or nothing of it can be read.
pub fn unpack(bytes: &[u8], name: &str, limits: Limits) -> Result<Unpacked, String> {
    let mut reading = Reading {
        limits,
        most: (bytes.len() as u64).saturating_mul(RATIO).max(1 << 20).min(limits.total),
        held: BTreeMap::new(),
        notes: Vec::new(),
        used: 0,
        partial: false,
    };
    let mut listing = Listing::default();
    walk(bytes, name, &mut listing, &mut |listing, entry, content| reading.entry(listing, entry, content))?;
    if listing.entries.is_empty()
        && let Some(trouble) = listing.trouble
    {
        return Err(trouble);
    }
    Ok(reading.finish(listing.finish()))
}

/// What stands at a path.
enum Held {
    File(Vec<u8>, Option<u32>),
    Link(String),
    Dir,
}

struct Reading {
    limits: Limits,
    /// Bytes that may be unpacked, by the limits and by the size of the archive.
    most: u64,
    held: BTreeMap<String, Held>,
    notes: Vec<String>,
    used: u64,
    partial: bool,
}

impl Reading {
    /// Takes one entry. False ends the walk.
    fn entry(&mut self, listing: &mut Listing, entry: ArchiveEntry, content: Content<'_>) -> bool {
        let (path, kind, mode, name) = (entry.path.clone(), entry.kind.clone(), entry.mode, entry.name.clone());
        if listing.entries.len() >= self.limits.entries || !listing.add(entry) {
            self.left_out(format!("holds more than {} entries: the rest is not read", self.limits.entries));
            return false;
        }
        let Some(path) = path else {
            self.say(format!("{name}: leads out of the archive: not read"));
            return true;
        };
        if path.is_empty() {
            return true;
        }
        // Names and links count as well: an archive may hold nothing else.
        let target = if let EntryKind::Link(target) | EntryKind::HardLink(target) = &kind { target.len() } else { 0 };
        let fits = self.room(weight(&path, target));
        if let Some(above) = self.above(&path) {
            self.say(format!("{path}: lies below {above}, which is no directory: not read"));
            return true;
        }
        let held = match kind {
            _ if fits.is_err() => Err("does not fit any more".to_owned()),
            EntryKind::Dir => Ok(Held::Dir),
            EntryKind::Link(target) => Ok(Held::Link(target)),
            EntryKind::Special => Err("is neither a file nor a directory".to_owned()),
            EntryKind::HardLink(target) => match super::safe_path(&target).and_then(|target| self.held.get(&target)) {
                Some(Held::File(bytes, mode)) => {
                    let (bytes, mode) = (bytes.clone(), *mode);
                    self.room(bytes.len() as u64).map(|()| Held::File(bytes, mode))
                }
                _ => Err("is a hard link to something that is not in the archive".to_owned()),
            },
            EntryKind::File => content.and_then(|content| self.read(content)).map(|bytes| Held::File(bytes, mode)),
        };
        match held {
            Ok(Held::Dir) if self.held.contains_key(&path) => {}
            Ok(held) => {
                self.held.insert(path, held);
            }
            Err(reason) => self.left_out(format!("{path}: {reason}: not read")),
        }
        if self.used >= self.most {
            let message = if self.most == self.limits.total {
                format!("unpacks to more than {} MiB: the rest is not read", self.most >> 20)
            } else {
                format!("unpacks to more than {RATIO} times its size: the rest is not read")
            };
            self.left_out(message);
            return false;
        }
        true
    }

    /// The file or link that a path lies below.
    fn above(&self, path: &str) -> Option<String> {
        let dirs = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        let no_dir = |dir: &&str| matches!(self.held.get(*dir), Some(Held::File(..) | Held::Link(_)));
        dirs.into_iter().find(no_dir).map(str::to_owned)
    }

    fn read(&mut self, content: &mut dyn Read) -> Result<Vec<u8>, String> {
        let most = self.limits.file.min(self.most.saturating_sub(self.used));
        let mut bytes = Vec::new();
        // One byte more than allowed tells that there is more.
        let read = content.take(most + 1).read_to_end(&mut bytes);
        let size = bytes.len() as u64;
        if size > self.limits.file {
            // The work is counted although the bytes are dropped: many such files are a bomb, too.
            self.used = self.used.saturating_add(size / 4);
            return Err(format!("larger than {} MiB", self.limits.file >> 20));
        }
        self.room(size)?;
        read.map_err(|error| format!("truncated or damaged: {error}"))?;
        Ok(bytes)
    }

    /// Counts bytes that were unpacked.
    fn room(&mut self, size: u64) -> Result<(), String> {
        self.used = self.used.saturating_add(size);
        if self.used > self.most { Err("does not fit any more".to_owned()) } else { Ok(()) }
    }

    fn left_out(&mut self, note: String) {
        self.partial = true;
        self.say(note);
    }

    fn say(&mut self, note: String) {
        if self.notes.len() < super::MOST_NAMES {
            self.notes.push(note);
        }
    }

    fn finish(self, listing: Listing) -> Unpacked {
        let mut unpacked =
            Unpacked { notes: self.notes, complete: !self.partial && listing.trouble.is_none(), ..Unpacked::default() };
        for (path, held) in self.held {
            match held {
                Held::File(bytes, mode) => unpacked.files.push(UnpackedFile { path, bytes, mode }),
                Held::Link(target) => unpacked.links.push((path, target)),
                Held::Dir => unpacked.dirs.push(path),
            }
        }
        unpacked.notes.extend(listing.trouble.clone());
        unpacked.notes.extend(listing.twice.iter().map(|name| format!("{name}: stands twice: the last one counts")));
        unpacked.listing = listing;
        unpacked
    }
}
