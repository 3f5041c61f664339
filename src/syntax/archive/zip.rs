//! Zip archives: the central directory, and the entries it leads to.
//!
//! The directory is read by hand because its facts are what a scan is after: two entries of one name,
//! two headers that disagree, entries that share bytes. A declared count allocates nothing.

use std::io::Read;

use flate2::read::DeflateDecoder;

use super::{ArchiveEntry, Content, EntryKind, Listing, Visit, remember};

const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

/// Longest target of a symbolic link that is read.
const LONGEST_TARGET: u64 = 4096;

/// Fixed-width numbers of some bytes; what lies behind the end is none.
#[derive(Clone, Copy)]
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn at(self, from: usize) -> Option<Self> {
        self.0.get(from..).map(Self)
    }
    fn bytes(self, from: usize, count: usize) -> Option<&'a [u8]> {
        self.0.get(from..from.checked_add(count)?)
    }
    fn u16(self, from: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.bytes(from, 2)?.try_into().ok()?))
    }
    fn u32(self, from: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(from, 4)?.try_into().ok()?))
    }
    fn u64(self, from: usize) -> Option<u64> {
        Some(u64::from_le_bytes(self.bytes(from, 8)?.try_into().ok()?))
    }
}

/// Where the central directory is.
struct Directory {
    start: usize,
    end: usize,
    entries: u64,
    /// Bytes before the archive proper, which its offsets do not count.
    before: u64,
}

/// A header of the central directory.
struct Header<'a> {
    name: &'a [u8],
    flags: u16,
    method: u16,
    packed: u64,
    size: u64,
    offset: u64,
    mode: Option<u32>,
}

/// Do the last bytes hold the end record of a zip archive?
pub(super) fn has_directory(bytes: &[u8]) -> bool {
    directory(bytes).is_some()
}

pub(super) fn walk(bytes: &[u8], listing: &mut Listing, visit: &mut Visit<'_>) {
    let Some(directory) = directory(bytes) else {
        listing.trouble = Some("has no central directory: truncated or damaged".to_owned());
        return;
    };
    let mut at = directory.start;
    let mut taken = Vec::new();
    let (mut count, mut wanted) = (0, true);
    // Some programs go by the number of entries, others by the size of the directory: all there are count.
    while wanted && at < directory.end {
        let Some((header, next)) = Fields(bytes).at(at).and_then(header) else { break };
        (at, count) = (at.saturating_add(next), count + 1);
        let local = usize::try_from(header.offset.saturating_add(directory.before)).unwrap_or(usize::MAX);
        let packed = packed(bytes, local, &header, listing);
        if let Some(data) = packed {
            taken.push((local, local.saturating_add(LOCAL.len() + data.len())));
        }
        wanted = entry(&header, packed, listing, visit);
    }
    taken.sort_unstable();
    listing.overlapping = taken.windows(2).any(|pair| matches!(pair, [one, next] if one.1 > next.0));
    if wanted && count != directory.entries {
        let message = format!("says that it holds {} entries, and holds {count}", directory.entries);
        listing.trouble.get_or_insert(message);
    }
}

/// Finds the end record from the end of the file, and with it the directory.
fn directory(bytes: &[u8]) -> Option<Directory> {
    let from = bytes.len().saturating_sub(22 + usize::from(u16::MAX));
    let tail = bytes.get(from..)?;
    let end = memchr::memmem::rfind_iter(tail, END).map(|at| from + at).find(|at| {
        let comment = Fields(bytes).at(*at).and_then(|record| record.u16(20));
        comment.is_some_and(|comment| at + 22 + usize::from(comment) <= bytes.len())
    })?;
    let record = Fields(bytes).at(end)?;
    let (mut entries, mut size, mut offset) =
        (u64::from(record.u16(10)?), u64::from(record.u32(12)?), u64::from(record.u32(16)?));
    let mut stop = end;
    let large = entries == u64::from(u16::MAX) || size == u64::from(u32::MAX) || offset == u64::from(u32::MAX);
    if large && let Some((at, record)) = end_64(bytes, end) {
        (entries, size, offset) = (record.u64(32)?, record.u64(40)?, record.u64(48)?);
        stop = at;
    }
    let is_header = |start: usize| bytes.get(start..).is_some_and(|rest| rest.starts_with(CENTRAL));
    // Right before its end record, whatever stands before the archive; or else where it says to be.
    let start = usize::try_from(size).ok().and_then(|size| stop.checked_sub(size));
    let before = start.and_then(|start| (start as u64).checked_sub(offset));
    match (start, before) {
        (Some(start), Some(before)) if entries == 0 || is_header(start) => {
            Some(Directory { start, end: stop, entries, before })
        }
        _ => {
            let start = usize::try_from(offset).ok().filter(|start| is_header(*start))?;
            Some(Directory { start, end: stop, entries, before: 0 })
        }
    }
}

/// The end record of large archives, which must end where the locator of the other one begins: so bytes
/// before the archive do not matter.
fn end_64(bytes: &[u8], end: usize) -> Option<(usize, Fields<'_>)> {
    let locator = end.checked_sub(20)?;
    let found = bytes.get(locator..)?.starts_with(LOCATOR_64);
    let at = found.then(|| memchr::memmem::rfind(bytes.get(..locator)?, END_64)).flatten()?;
    let record = Fields(bytes).at(at)?;
    (record.u64(4)?.checked_add(12 + at as u64)? == locator as u64).then_some((at, record))
}

/// A header of the directory and its length.
fn header(fields: Fields<'_>) -> Option<(Header<'_>, usize)> {
    if !fields.0.starts_with(CENTRAL) {
        return None;
    }
    let (name, extra, comment) = (fields.u16(28)?, fields.u16(30)?, fields.u16(32)?);
    let (name, extra, comment) = (usize::from(name), usize::from(extra), usize::from(comment));
    let mut header = Header {
        name: fields.bytes(46, name)?,
        flags: fields.u16(8)?,
        method: fields.u16(10)?,
        packed: u64::from(fields.u32(20)?),
        size: u64::from(fields.u32(24)?),
        offset: u64::from(fields.u32(42)?),
        // Only Unix and macOS keep permission bits in the upper half.
        mode: matches!(fields.bytes(5, 1)?, [3 | 19]).then_some(fields.u32(38)? >> 16),
    };
    large(&mut header, Fields(fields.bytes(46 + name, extra)?));
    Some((header, 46 + name + extra + comment))
}

/// Fills in the numbers that did not fit into 32 bits.
fn large(header: &mut Header<'_>, extra: Fields<'_>) {
    let mut at = 0;
    while let (Some(id), Some(length)) = (extra.u16(at), extra.u16(at + 2)) {
        if id == 1 {
            let mut from = at + 4;
            for number in [&mut header.size, &mut header.packed, &mut header.offset] {
                if *number == u64::from(u32::MAX)
                    && let Some(value) = extra.u64(from)
                {
                    *number = value;
                    from += 8;
                }
            }
            return;
        }
        at += 4 + usize::from(length);
    }
}

/// The packed bytes of an entry, behind its local header.
fn packed<'a>(bytes: &'a [u8], local: usize, header: &Header<'_>, listing: &mut Listing) -> Option<&'a [u8]> {
    let fields = Fields(bytes).at(local).filter(|fields| fields.0.starts_with(LOCAL))?;
    let (name, extra) = (usize::from(fields.u16(26)?), usize::from(fields.u16(28)?));
    let local_name = fields.bytes(30, name)?;
    if local_name != header.name {
        remember(&mut listing.disguised, &String::from_utf8_lossy(header.name));
    }
    fields.bytes(30 + name + extra, usize::try_from(header.packed).ok()?)
}

fn entry(header: &Header<'_>, packed: Option<&[u8]>, listing: &mut Listing, visit: &mut Visit<'_>) -> bool {
    const KIND: u32 = 0o170_000;
    // Bit 13 hides the names' details behind the password, method 99 is AES.
    let encrypted = header.flags & 1 != 0 || header.flags & 1 << 13 != 0 || header.method == 99;
    let mut stored = std::io::empty();
    let mut deflated;
    let mut plain;
    let content: Content<'_> = match (packed, header.method) {
        _ if encrypted => Err("is encrypted".to_owned()),
        (None, _) => Err("is truncated or damaged".to_owned()),
        (Some([]), 0) => Ok(&mut stored),
        (Some(data), 0) => {
            plain = data;
            Ok(&mut plain)
        }
        (Some(data), 8) => {
            deflated = DeflateDecoder::new(data);
            Ok(&mut deflated)
        }
        (_, method) => Err(format!("is packed by method {method}, which is not opened")),
    };
    let kind = header.mode.map_or(0, |mode| mode & KIND);
    let (kind, content) = if header.name.ends_with(b"/") || header.name.ends_with(b"\\") || kind == 0o040_000 {
        (EntryKind::Dir, content)
    } else if kind == 0o120_000 {
        (EntryKind::Link(content.map(target).unwrap_or_default()), Err("is a link".to_owned()))
    } else if matches!(kind, 0 | 0o100_000) {
        (EntryKind::File, content)
    } else {
        (EntryKind::Special, content)
    };
    let mode = header.mode.filter(|mode| *mode != 0).map(|mode| mode & 0o7777);
    let size = if kind == EntryKind::File { header.size } else { 0 };
    visit(listing, ArchiveEntry { mode, encrypted, ..ArchiveEntry::new(header.name, kind, size) }, content)
}

/// The target of a link is its content.
fn target(content: &mut dyn Read) -> String {
    let mut target = Vec::new();
    let _ = content.take(LONGEST_TARGET).read_to_end(&mut target);
    String::from_utf8_lossy(&target).into_owned()
}
