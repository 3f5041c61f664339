//! Tar archives, plain and gzipped, and single gzipped files.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry, EntryType};

use super::contents::RATIO;
use super::{ArchiveEntry, EntryKind, LONGEST_PATH, Listing, Visit};
use crate::syntax::magic::{FileKind, sniff};

/// Most bytes that gzip data may unpack to, those of files that are passed over included.
const MOST_BYTES: u64 = 128 << 20;
/// Bytes that may come out of any file, however small; past it the ratio counts.
const ALWAYS: u64 = 1 << 20;

pub(super) fn walk(bytes: &[u8], listing: &mut Listing, visit: &mut Visit<'_>) {
    stream(bytes, listing, visit);
}

pub(super) fn walk_gzip(bytes: &[u8], name: &str, listing: &mut Listing, visit: &mut Visit<'_>) {
    let most = (bytes.len() as u64).saturating_mul(RATIO).clamp(ALWAYS, MOST_BYTES);
    let mut unpacked = Bounded { inner: MultiGzDecoder::new(bytes), left: most };
    let mut head = Vec::new();
    let whole = Read::by_ref(&mut unpacked).take(512).read_to_end(&mut head);
    if let Err(error) = &whole
        && head.is_empty()
    {
        listing.trouble = Some(format!("cannot be unpacked: {error}"));
        return;
    }
    let is_tar = sniff(&head, "") == FileKind::Tar || head.len() == 512 && head.iter().all(|byte| *byte == 0);
    let mut unpacked = Cursor::new(head).chain(unpacked);
    if is_tar {
        return stream(unpacked, listing, visit);
    }
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = file.strip_suffix(".gz").filter(|rest| !rest.is_empty()).unwrap_or(file);
    visit(listing, ArchiveEntry::new(name.as_bytes(), EntryKind::File, 0), Ok(&mut unpacked));
}

/// Reads at most so many bytes and then fails, so that the reader above knows that there was more.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Err(std::io::Error::other(format!(
                "unpacks to more than {RATIO} times its size or {} MiB",
                MOST_BYTES >> 20
            )));
        }
        let most = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.inner.read(into.get_mut(..most).unwrap_or_default())?;
        self.left -= read as u64;
        Ok(read)
    }
}

fn stream(bytes: impl Read, listing: &mut Listing, visit: &mut Visit<'_>) {
    let mut archive = Archive::new(bytes);
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(error) => {
            listing.trouble = Some(format!("cannot be read: {error}"));
            return;
        }
    };
    for entry in entries {
        match entry {
            Ok(mut entry) => {
                // What describes the whole archive is no entry of it.
                if entry.header().entry_type() == EntryType::XGlobalHeader {
                    continue;
                }
                let described = described(&entry);
                if !visit(listing, described, Ok(&mut entry)) {
                    return;
                }
            }
            Err(error) => {
                listing.trouble.get_or_insert_with(|| format!("truncated or damaged: {error}"));
                return;
            }
        }
    }
}

fn described<R: Read>(entry: &Entry<'_, R>) -> ArchiveEntry {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let name = entry.path_bytes();
    // Nothing is found by a longer one.
    let short = |bytes: &[u8]| lossy(bytes.get(..LONGEST_PATH).unwrap_or(bytes));
    let target = || entry.link_name_bytes().map(|bytes| short(&bytes)).unwrap_or_default();
    let kind = match entry.header().entry_type() {
        EntryType::Directory => EntryKind::Dir,
        EntryType::Symlink => EntryKind::Link(target()),
        EntryType::Link => EntryKind::HardLink(target()),
        EntryType::Char | EntryType::Block | EntryType::Fifo => EntryKind::Special,
        // Very old archives know a directory by its name alone.
        _ if name.ends_with(b"/") => EntryKind::Dir,
        _ => EntryKind::File,
    };
    let mode = entry.header().mode().ok().map(|mode| mode & 0o7777);
    let size = if kind == EntryKind::File { entry.size() } else { 0 };
    ArchiveEntry { mode, ..ArchiveEntry::new(&name, kind, size) }
}
