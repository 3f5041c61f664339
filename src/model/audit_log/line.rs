//! One line of a log, on its own: what can be said without knowing its neighbours.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::canonical::{self, Canonical};
use super::entry::{Entry, Parsed};
use super::{Digest, Remark, What};
use crate::syntax::ecma::{Json, Refusal, is_space};

/// A line and where its bytes are in the block.
#[derive(Debug)]
pub struct Line {
    /// The bytes, without the newline.
    pub at: Range<usize>,
    /// What it is.
    pub record: Record,
}

/// What a line is.
#[derive(Debug)]
pub enum Record {
    /// An entry as the logger writes it, whose hash fits.
    Plain(Plain),
    /// Another entry.
    Entry(Box<Entry>),
    /// White space that counts in the middle of a file but not at its end.
    Blank,
    /// An entry with white space around it that counts in the middle of a file but not at its end.
    Padded(Box<Entry>, Refusal),
    /// No JSON; perhaps entries that stand on one line.
    Broken(Refusal, Vec<Entry>),
    /// Nothing at all: the verifier passes over it.
    Empty,
}

/// An entry whose hash fits and of which nothing is to be said.
#[derive(Clone, Copy, Debug)]
pub struct Plain {
    /// Its hash.
    pub hash: Digest,
    /// The hash before; none when that is the one of the line before in the same block.
    pub prev: Option<Digest>,
    /// The sequence number.
    pub seq: u64,
    /// The time in packed form.
    pub time: u64,
    /// The type.
    pub kind: u8,
    /// The severity.
    pub severity: u8,
}

/// Reads the lines of a block. Every byte is looked at here, and blocks do not depend on each other.
#[must_use]
pub fn lines(block: &[u8]) -> Vec<Line> {
    let mut out = Vec::with_capacity(block.len() / 256);
    let mut start = 0;
    // The digits of the hash of the line before.
    let mut before: Option<[u8; 64]> = None;
    let is_plain = canonical::is_plain(block);
    let ends = memchr::memchr_iter(b'\n', block).chain((!block.ends_with(b"\n")).then_some(block.len()));
    for end in ends {
        let line = block.get(start..end).unwrap_or_default();
        // One bad byte in a block must not send all its lines the long way.
        let cut = (is_plain || canonical::is_plain(line)).then(|| canonical::cut(line)).flatten();
        let record = if let Some(plain) = cut.and_then(|cut| plain(&cut, &mut before)) {
            Record::Plain(plain)
        } else {
            before = None;
            long(line)
        };
        out.push(Line { at: start..end, record });
        start = end + 1;
    }
    out
}

/// The short way: compares the digits rather than the digests.
fn plain(cut: &Canonical<'_>, before: &mut Option<[u8; 64]>) -> Option<Plain> {
    let mut hasher = Sha256::new();
    hasher.update(cut.hashed);
    hasher.update(b"}");
    let hash = Digest(hasher.finalize().into());
    let digits = hash.hex();
    if digits != cut.stored {
        return None;
    }
    let linked = before.is_some_and(|before| before == cut.prev);
    let prev = if linked { None } else { Some(Digest::parse(cut.prev)?) };
    *before = Some(digits);
    Some(Plain { hash, prev, seq: cut.seq, time: cut.time, kind: cut.kind, severity: cut.severity })
}

fn long(line: &[u8]) -> Record {
    if line.is_empty() {
        return Record::Empty;
    }
    let refusal = match Parsed::read(line) {
        Ok(parsed) => return Record::Entry(Box::new(parsed.entry(line))),
        Err(refusal) => refusal,
    };
    let text = String::from_utf8_lossy(line);
    let trimmed = text.trim_end_matches(is_space);
    if trimmed.is_empty() {
        return Record::Blank;
    }
    if trimmed.len() < text.len()
        && let Ok(parsed) = Parsed::read(trimmed.as_bytes())
    {
        let mut entry = parsed.entry(trimmed.as_bytes());
        entry.remarks.push(Remark { what: What::Padding, at: trimmed.len()..trimmed.len() + 1 });
        return Record::Padded(Box::new(entry), refusal);
    }
    Record::Broken(refusal, glued(&text))
}

/// Entries on one line that are told apart.
const MOST_GLUED: usize = 8;

/// The entries of a line on which several stand without a newline between them.
fn glued(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        // Nobody writes so many at once; a hostile line may hold millions.
        if entries.len() == MOST_GLUED {
            return Vec::new();
        }
        let Ok((json, end)) = Json::prefix(rest) else { return Vec::new() };
        let (own, after) = rest.split_at(end);
        if !json.is_object() {
            return Vec::new();
        }
        let parsed = Parsed { text: own.into(), json };
        entries.push(parsed.entry(own.as_bytes()));
        rest = after;
    }
    // Remarks would point into the wrong line.
    for entry in &mut entries {
        entry.remarks.clear();
    }
    entries
}
