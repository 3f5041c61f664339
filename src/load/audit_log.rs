//! An audit log from disk through the walk.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::blocks::{self, Blocks, Chunk};
use crate::disk::{io_reason, open};
use crate::model::audit_log::line::{self, Record};
use crate::model::audit_log::{Anchor, AuditLog, Digest, End, Expect, MAX_LINE, Walk};

/// Longest text that ClosedClaw's verifier can read, in UTF-16 code units: the limit of V8.
const LONGEST_STRING: u64 = (1 << 29) - 24;

/// What a log is verified with.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// What the walk is held to.
    pub expect: Expect,
    /// An anchor and the path it was read from.
    pub anchor: Option<(Anchor, String)>,
    /// Hash the whole file, to make an anchor.
    pub whole: bool,
}

/// A log that was read, and a remark about the file.
#[derive(Debug)]
pub struct Walked {
    /// The log.
    pub log: AuditLog,
    /// It grew while it was read, in words.
    pub note: Option<String>,
}

/// Where the bytes of a log are.
#[derive(Clone, Debug)]
pub enum Place {
    /// On disk.
    Disk(PathBuf),
    /// In memory: out of an archive, or from standard input.
    Memory(Arc<[u8]>),
}

impl Place {
    /// Opens it.
    ///
    /// # Errors
    /// The reason in words.
    pub fn open(&self) -> Result<Blocks, String> {
        match self {
            Self::Disk(path) => Blocks::open(path, MAX_LINE),
            Self::Memory(bytes) => Ok(Blocks::of_bytes(Arc::clone(bytes), MAX_LINE)),
        }
    }
}

/// Bytes of a file that are looked at to tell whether it is a chained log.
const HEAD: u64 = 64 << 10;

/// Do some bytes look like the beginning of a log whose entries are chained? Other logs of the product, which
/// have events and no hashes, do not.
#[must_use]
pub fn is_chained(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(1 << 16)).unwrap_or_default();
    // A long first entry names the hash before it further on.
    let begins = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head).trim_ascii_start().starts_with(b"{\"seq\":");
    begins || memchr::memmem::find(head, b"\"prevHash\"").is_some()
}

/// The same for a file; one that cannot be read is none.
#[must_use]
pub fn is_chained_file(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = open(path)
        .and_then(|file| if file.metadata()?.is_file() { file.take(HEAD).read_to_end(&mut head) } else { Ok(0) });
    read.is_ok() && is_chained(&head)
}

/// Walks over a log that reports call `name`.
///
/// # Errors
/// Why it could not be opened or read, in words.
pub fn walk(place: &Place, name: &str, request: &Request) -> Result<Walked, String> {
    let mut blocks = place.open()?;
    let mut walk = Walk::new(name, request.expect);
    if let Some((anchor, from)) = &request.anchor {
        blocks.hash_first(anchor.bytes);
        walk.hold_to(anchor.clone(), from);
    } else if request.whole {
        blocks.hash_first(blocks.size());
    }
    if blocks.size() > LONGEST_STRING {
        blocks.count_units();
    }
    blocks::each(
        &mut blocks,
        |block| line::lines(block.bytes()),
        |chunk, lines| match chunk {
            Chunk::Lines(block) => walk.block(block.bytes(), lines.unwrap_or_default(), block.origin, block.line),
            Chunk::TooLong(line) => walk.too_long(*line),
        },
    )
    .map_err(|error| io_reason(&error))?;
    let missing = walk.missing();
    if !missing.is_empty() {
        walk.found(&look_for(place, missing, blocks.size())?);
    }
    if blocks.has_mark {
        walk.byte_order_mark();
    }
    let [prefix, unix_prefix] = blocks.digests().map(|digest| digest.map(Digest));
    let end = End {
        ended: blocks.ended,
        size: blocks.size(),
        prefix,
        unix_prefix,
        too_large: blocks.units().is_some_and(|units| units > LONGEST_STRING),
        incomplete: blocks.changed(),
    };
    let note = blocks.grew().then(|| format!("grew while it was read: its first {} bytes were checked", blocks.size()));
    Ok(Walked { log: walk.finish(end), note })
}

/// A second look, for entries that the walk had forgotten when somebody asked for them: their lines.
fn look_for(place: &Place, names: Vec<Digest>, size: u64) -> Result<BTreeMap<Digest, u64>, String> {
    let names: BTreeSet<Digest> = names.into_iter().collect();
    let mut found = BTreeMap::new();
    let mut blocks = place.open()?;
    let hashes = |record: &Record| match record {
        Record::Plain(plain) => [Some(plain.hash), None],
        Record::Entry(entry) => [Some(entry.hash), entry.stored.digest()],
        _ => [None, None],
    };
    let work = |block: &blocks::Block| {
        let all = line::lines(block.bytes());
        all.iter().map(|line| hashes(&line.record)).collect::<Vec<_>>()
    };
    blocks::each(&mut blocks, work, |chunk, hashes| {
        let Chunk::Lines(block) = chunk else { return };
        for (hashes, line) in hashes.unwrap_or_default().into_iter().zip(block.line..) {
            // What was written meanwhile is for the next look.
            let known = hashes.into_iter().flatten().filter(|hash| block.origin.offset < size && names.contains(hash));
            for hash in known {
                found.entry(hash).or_insert(line);
            }
        }
    })
    .map_err(|error| io_reason(&error))?;
    Ok(found)
}
