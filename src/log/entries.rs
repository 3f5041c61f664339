//! Finding the entries that a filter means, and reading them again one by one: only their places are kept.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::filter::Filter;
use crate::disk::io_reason;
use crate::load::audit_log::Place;
use crate::load::blocks::{self, Block, Chunk};
use crate::model::audit_log::entry::Parsed;
use crate::syntax::ecma::is_space;

/// Where an entry stands in its file.
#[derive(Clone, Copy, Debug)]
struct At {
    offset: u64,
    length: u32,
}

/// The entries that a filter means.
#[derive(Debug)]
pub(super) struct Selected {
    file: File,
    entries: Vec<At>,
    /// Why ClosedClaw would print nothing: the lines that are no JSON; the first few.
    pub(super) unreadable: Vec<u64>,
}

/// Unreadable lines that are named.
const MOST_NAMED: usize = 5;

/// What a line is for a query.
enum Kind {
    Entry(bool),
    Padded(bool),
    Blank,
    Unreadable,
}

struct Found {
    kind: Kind,
    /// From the start of the block.
    start: usize,
    length: usize,
    /// Lines before it in the block.
    line: usize,
}

/// Reads a log through.
///
/// # Errors
/// Why it cannot be read, in words.
pub(super) fn select(path: &Path, filter: &Filter) -> Result<Selected, String> {
    let mut blocks = Place::Disk(path.to_path_buf()).open()?;
    let mut entries = Vec::new();
    let mut unreadable = Vec::new();
    // What counts only if something follows, and what only if nothing does.
    let mut pending: Option<(u64, Option<At>)> = None;
    blocks::each(
        &mut blocks,
        |block| look(block, filter),
        |chunk, found| {
            let block = match chunk {
                Chunk::TooLong(line) => return unreadable.push(*line),
                Chunk::Lines(block) => block,
            };
            for one in found.unwrap_or_default() {
                let line = block.line + one.line as u64;
                let at = At {
                    offset: block.origin.offset + one.start as u64,
                    length: u32::try_from(one.length).unwrap_or(0),
                };
                unreadable.extend(pending.take().map(|(line, _)| line));
                match one.kind {
                    Kind::Entry(true) => entries.push(at),
                    Kind::Entry(false) => {}
                    Kind::Padded(matches) => pending = Some((line, matches.then_some(at))),
                    Kind::Blank => pending = Some((line, None)),
                    Kind::Unreadable => unreadable.push(line),
                }
            }
        },
    )
    .map_err(|error| io_reason(&error))?;
    entries.extend(pending.and_then(|(_, at)| at));
    if filter.reverse {
        entries.reverse();
    }
    entries.truncate(filter.limit.unwrap_or(usize::MAX));
    unreadable.truncate(MOST_NAMED);
    let file = File::open(path).map_err(|error| io_reason(&error))?;
    Ok(Selected { file, entries, unreadable })
}

fn look(block: &Block, filter: &Filter) -> Vec<Found> {
    let mut found = Vec::new();
    let mut start = 0;
    for (line, bytes) in block.bytes().split(|byte| *byte == b'\n').enumerate() {
        let (at, length) = (start, bytes.len());
        start += length + 1;
        if bytes.is_empty() {
            continue;
        }
        let one = |kind, length| Found { kind, start: at, length, line };
        if let Ok(entry) = Parsed::read(bytes) {
            found.push(one(Kind::Entry(filter.matches(&entry)), length));
            continue;
        }
        let text = String::from_utf8_lossy(bytes);
        let trimmed = text.trim_end_matches(is_space);
        found.push(match Parsed::read(trimmed.as_bytes()) {
            _ if trimmed.is_empty() => one(Kind::Blank, length),
            Ok(entry) if trimmed.len() < text.len() => one(Kind::Padded(filter.matches(&entry)), length),
            _ => one(Kind::Unreadable, length),
        });
    }
    found
}

impl Selected {
    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Reads them again, in order.
    ///
    /// # Errors
    /// When the file cannot be read, or somebody changed it meanwhile.
    pub(super) fn each(&mut self, mut take: impl FnMut(&Parsed<'_>) -> io::Result<()>) -> io::Result<()> {
        let mut bytes = Vec::new();
        for at in &self.entries {
            bytes.resize(at.length as usize, 0);
            self.file.seek(SeekFrom::Start(at.offset))?;
            self.file.read_exact(&mut bytes)?;
            let text = String::from_utf8_lossy(&bytes);
            let changed = || io::Error::other("the log was changed while it was read");
            take(&Parsed::read(text.trim_end_matches(is_space).as_bytes()).map_err(|_| changed())?)?;
        }
        Ok(())
    }

    /// What is said of the lines that could not be read.
    pub(super) fn complaint(&self) -> Option<String> {
        let [first, rest @ ..] = self.unreadable.as_slice() else { return None };
        let more = rest.iter().fold(String::new(), |more, line| format!("{more}, {line}"));
        let what = if rest.is_empty() { "line" } else { "lines" };
        Some(format!("{what} {first}{more} cannot be read as JSON; ClosedClaw reads nothing of such a log"))
    }
}
