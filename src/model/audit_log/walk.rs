//! The walk over the lines of a log, in order: both verdicts.

mod chain;
mod kept;
mod real;

use std::collections::BTreeMap;
use std::ops::Range;

use super::entry::{Entry, Name, Parsed};
use super::line::{Line, Plain, Record};
use super::links::{Links, Seen};
use super::{Anchor, AuditLog, Digest, Ends, Event, Failure, Fault, canonical, keep, keep_nothing, time};
use crate::source::{Origin, Span};

/// What the walk is held to, beside the file itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expect {
    /// The hash that the first entry has to follow.
    pub prev: Option<Digest>,
    /// The time that it is, in packed form.
    pub now: Option<u64>,
    /// Keep the hashes that the entries have by their content.
    pub hashes: bool,
    /// The entry, counted from 1, whose hash an anchor knows.
    pub anchored: Option<u64>,
}

/// What is known at the end of a file.
#[derive(Clone, Debug, Default)]
pub struct End {
    /// The last line has a newline.
    pub ended: bool,
    /// Bytes that were read.
    pub size: u64,
    /// SHA-256 of the bytes that were asked for.
    pub prefix: Option<Digest>,
    /// The same with every CR LF as LF, when there is any.
    pub unix_prefix: Option<Digest>,
    /// It is longer than ClosedClaw's verifier can read.
    pub too_large: bool,
    /// What was not read, in words.
    pub incomplete: Option<String>,
}

/// A walk.
#[derive(Debug)]
pub struct Walk {
    log: AuditLog,
    expect: Expect,
    links: Links,
    /// Where the verifier is, until it fails.
    real: Digest,
    /// `prevHash`es that nothing before has, with the events about them and the hashes of their entries.
    wanted: BTreeMap<Digest, (usize, Digest)>,
    /// The event of a chain that began anew, which may turn out to be a second writer.
    restarted: Option<usize>,
    /// A line since the last entry that could not be read.
    gap: Option<u64>,
    /// White space that is an error unless nothing follows.
    pending: Vec<Pending>,
    /// Kept events by kind, and the last of each.
    kept: BTreeMap<kept::Shelf, (usize, usize)>,
    /// The anchored entry.
    at_anchor: Option<Anchored>,
    /// The last line and its end, when it has no newline.
    open_end: Option<(u64, Span)>,
}

#[derive(Debug)]
enum Pending {
    Blank { line: u64, origin: Origin },
    Padded { line: u64, bytes: Vec<u8>, origin: Origin, entry: Box<Entry>, at: usize, message: &'static str },
}

/// The entry that an anchor names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchored {
    /// The hash that it claims.
    pub(super) stored: Option<Digest>,
    /// The hash that its content gives.
    pub(super) computed: Digest,
    /// Its line.
    pub(super) line: u64,
    /// That hash in the line.
    pub(super) span: Span,
}

/// A line at hand.
#[derive(Clone, Copy)]
struct Here<'a> {
    number: u64,
    bytes: &'a [u8],
    origin: Origin,
}

impl Walk {
    /// A walk over a log that is called `path`.
    #[must_use]
    pub fn new(path: &str, expect: Expect) -> Self {
        let mut log = AuditLog { path: path.to_owned(), ..AuditLog::default() };
        log.real.ok = Some(true);
        Self {
            log,
            expect,
            links: Links::default(),
            real: Digest::GENESIS,
            wanted: BTreeMap::new(),
            restarted: None,
            gap: None,
            pending: Vec::new(),
            kept: BTreeMap::new(),
            at_anchor: None,
            open_end: None,
        }
    }

    /// Takes in the lines of a block: `start` is where it begins, `first_line` the number of its first line.
    pub fn block(&mut self, block: &[u8], lines: Vec<Line>, start: Origin, first_line: u64) {
        let mut last_entry = None;
        let mut last = None;
        for (line, number) in lines.into_iter().zip(first_line..) {
            let column = if line.at.start == 0 { start.column } else { 0 };
            let origin = Origin {
                offset: start.offset + line.at.start as u64,
                line: u32::try_from(number).unwrap_or(u32::MAX),
                column,
            };
            let bytes = block.get(line.at).unwrap_or_default();
            let here = Here { number, bytes, origin };
            match line.record {
                Record::Plain(plain) if self.pending.is_empty() => self.plain(&plain, here),
                Record::Empty => continue,
                record => self.odd(record, here),
            }
            last = Some(here);
            if self.links.current.is_some_and(|current| current.line == number) {
                last_entry = last;
                if self.log.ends.is_none() {
                    self.note_end(here);
                }
            }
        }
        if let Some(here) = last_entry {
            self.note_end(here);
        }
        // Only the last block of a file may end in the middle of a line.
        if let Some(here) = last.filter(|_| !block.ends_with(b"\n")) {
            let end = here.bytes.len();
            let span = keep(&mut self.log.pieces, &self.log.path, here.bytes, &(end..end), here.origin);
            self.open_end = Some((here.number, span));
        }
    }

    /// The entry at hand is the last one so far.
    fn note_end(&mut self, here: Here<'_>) {
        let last = ends(here);
        let first = self.log.ends.take().map_or_else(|| last.clone(), |(first, _)| first);
        self.log.ends = Some((first, last));
    }

    /// A line that is too long to be held.
    pub fn too_long(&mut self, number: u64) {
        self.settle_pending(false);
        self.gap = Some(number);
        self.log.incomplete.push(format!("line {number} is longer than {} MiB", super::MAX_LINE >> 20));
        self.log.real.ok = None;
        self.log.real.refusal = Some("a line is longer than this program holds");
    }

    fn plain(&mut self, plain: &Plain, here: Here<'_>) {
        let prev = plain.prev.or_else(|| self.links.current.map(|current| current.name));
        self.log.stats.add_known(plain.kind, plain.severity);
        #[expect(clippy::cast_precision_loss, reason = "at most 15 digits")]
        let seq = plain.seq as f64;
        let seen = Seen {
            name: plain.hash,
            other: None,
            line: here.number,
            seq: Some(seq),
            time: Some(plain.time),
            altered: None,
        };
        self.real_plain(plain.hash, prev, here);
        self.count(plain.hash, Some(plain.hash), here);
        self.link(seen, prev, here);
        if self.expect.now.is_some_and(|now| now < plain.time) {
            self.say(Fault::Future, here, &field(here, "ts"));
        }
    }

    fn count(&mut self, computed: Digest, stored: Option<Digest>, here: Here<'_>) {
        self.log.entries += 1;
        if self.expect.hashes {
            self.log.computed.push(computed);
        }
        if self.expect.anchored == Some(self.log.entries) {
            let at = field(here, "hash");
            let span = keep(&mut self.log.pieces, &self.log.path, here.bytes, &at, here.origin);
            self.at_anchor = Some(Anchored { stored, computed, line: here.number, span });
        }
    }

    fn odd(&mut self, record: Record, here: Here<'_>) {
        match record {
            Record::Blank => {
                self.settle_pending(false);
                self.pending.push(Pending::Blank { line: here.number, origin: here.origin });
            }
            Record::Padded(entry, refusal) => {
                self.settle_pending(false);
                let (bytes, at, message) = (here.bytes.to_vec(), refusal.at, refusal.message);
                self.pending.push(Pending::Padded {
                    line: here.number,
                    bytes,
                    origin: here.origin,
                    entry,
                    at,
                    message,
                });
            }
            Record::Plain(plain) => {
                self.settle_pending(false);
                self.plain(&plain, here);
            }
            Record::Entry(entry) => {
                self.settle_pending(false);
                self.entry(&entry, here);
            }
            Record::Broken(refusal, glued) => {
                self.settle_pending(false);
                self.broken(here, refusal.at, refusal.message, !glued.is_empty());
                // The chain goes on in what stands there, whatever the verifier says.
                for entry in glued {
                    self.gap = None;
                    self.place(&entry, here);
                }
            }
            Record::Empty => {}
        }
    }

    fn broken(&mut self, here: Here<'_>, at: usize, reason: &'static str, glued: bool) {
        self.log.unreadable += 1;
        self.gap = Some(here.number);
        self.log.real.ok = None;
        if self.log.real.failure.as_ref().is_none_or(|failure| failure.kind != "parse-error") {
            self.log.real.failure = Some(Failure { kind: "parse-error", line: here.number, seq: None });
        }
        let fault = Fault::Unreadable { reason, torn: false, glued };
        self.say(fault, here, &(at..at + 1));
    }

    /// White space turned out to be in the middle of the file, or at its end.
    fn settle_pending(&mut self, at_end: bool) {
        for pending in std::mem::take(&mut self.pending) {
            match pending {
                Pending::Blank { line, origin } if !at_end => {
                    let here = Here { number: line, bytes: b" ", origin };
                    self.broken(here, 0, "the line holds nothing but white space", false);
                }
                Pending::Blank { .. } => {}
                Pending::Padded { line, bytes, origin, entry, at, message } => {
                    let here = Here { number: line, bytes: &bytes, origin };
                    if at_end {
                        self.entry(&entry, here);
                        self.note_end(here);
                    } else {
                        self.broken(here, at, message, false);
                    }
                }
            }
        }
    }

    fn entry(&mut self, entry: &Entry, here: Here<'_>) {
        let parsed = Parsed::padded(here.bytes).ok();
        let word = |name: &str| parsed.as_ref().map(|parsed| parsed.word(name)).unwrap_or_default();
        self.log.stats.add(&word("type"), &word("severity"));
        self.real_entry(entry, here);
        self.count(entry.hash, entry.stored.digest(), here);
        for remark in &entry.remarks {
            self.say(Fault::Remark(remark.what), here, &remark.at);
        }
        if parsed.as_ref().is_some_and(|parsed| !parsed.json.is_object()) {
            self.gap = Some(here.number);
            self.say_break(Fault::NoLink, here, &(0..1));
            return;
        }
        self.place(entry, here);
    }

    /// Finds the place of an entry in the chain, whatever its line looks like.
    fn place(&mut self, entry: &Entry, here: Here<'_>) {
        let fits = entry.stored == Name::Digest(entry.hash);
        let altered = match &entry.stored {
            _ if fits => None,
            Name::None => self.say_break(Fault::NoHash, here, &field(here, "hash")),
            _ => self.say_break(Fault::Altered { hash_alone: false }, here, &field(here, "hash")),
        };
        let name = entry.stored.digest().unwrap_or(entry.hash);
        let other = (name != entry.hash).then_some(entry.hash);
        let seen = Seen { name, other, line: here.number, seq: entry.seq, time: entry.time, altered };
        match &entry.prev {
            Name::Digest(prev) => self.link(seen, Some(*prev), here),
            Name::Other => self.link(seen, None, here),
            Name::None => {
                self.say_break(Fault::NoLink, here, &field(here, "prevHash"));
                self.begin_segment("tampered", None, here.number);
                self.links.push(seen, None);
            }
        }
        if self.expect.now.is_some_and(|now| entry.time.is_some_and(|time| now < time)) {
            self.say(Fault::Future, here, &field(here, "ts"));
        }
    }

    /// The file begins with a byte order mark.
    pub fn byte_order_mark(&mut self) {
        let span = keep_nothing(&mut self.log.pieces, &self.log.path);
        self.log.events.push(Event { fault: Fault::ByteOrderMark, line: 1, span, more: 0 });
    }

    /// The hashes that were looked for in vain, when something that might have them was forgotten.
    #[must_use]
    pub fn missing(&self) -> Vec<Digest> {
        if !self.links.forgot {
            return Vec::new();
        }
        self.wanted.iter().flat_map(|(prev, (_, own))| [*prev, *own]).collect()
    }

    /// A second look has found the first lines of entries with hashes of [`Walk::missing`].
    pub fn found(&mut self, lines: &BTreeMap<Digest, u64>) {
        for (prev, (event, own)) in std::mem::take(&mut self.wanted) {
            let line = self.log.events.get(event).map_or(0, |event| event.line);
            let before = |name: &Digest| lines.get(name).copied().filter(|found| *found < line);
            if let Some(of) = before(&own) {
                self.change(event, Fault::Repeated { of });
            } else if let Some(from) = before(&prev) {
                self.change(event, Fault::Forked { from: Some(from) });
            }
        }
    }

    /// Holds the log to an anchor that was read from `path`.
    pub fn hold_to(&mut self, anchor: Anchor, path: &str) {
        self.expect.anchored = Some(anchor.entries);
        path.clone_into(&mut self.log.anchor_path);
        self.log.anchor = Some(anchor);
    }

    /// The end of the file.
    #[must_use]
    pub fn finish(mut self, end: End) -> AuditLog {
        let End { ended, size, prefix, unix_prefix, too_large, incomplete } = end;
        (self.log.size, self.log.prefix, self.log.unix_prefix) = (size, prefix, unix_prefix);
        self.log.incomplete.extend(incomplete);
        self.settle_pending(true);
        if too_large {
            self.log.real.refusal = Some("the file is longer than a string of JavaScript can be");
        }
        if self.log.real.refusal.is_some() {
            (self.log.real.ok, self.log.real.failure) = (None, None);
        }
        let last = self.log.events.iter_mut().rev().find(|event| matches!(event.fault, Fault::Unreadable { .. }));
        let after = self.links.current.map_or(0, |current| current.line);
        match last {
            Some(event) if !ended && event.line > after => {
                if let Fault::Unreadable { torn, .. } = &mut event.fault {
                    *torn = true;
                }
            }
            _ if self.log.entries > 0 => {
                let open = self.open_end.into_iter().filter(|_| !ended);
                let event = |(line, span)| Event { fault: Fault::NoFinalNewline, line, span, more: 0 };
                self.log.events.extend(open.map(event));
            }
            _ => {}
        }
        super::anchor::hold(&mut self.log, self.at_anchor);
        self.log
    }
}

/// The ends that an entry can be.
fn ends(here: Here<'_>) -> Ends {
    if let Some(cut) = canonical::is_plain(here.bytes).then(|| canonical::cut(here.bytes)).flatten() {
        #[expect(clippy::cast_precision_loss, reason = "at most 15 digits")]
        let seq = Some(cut.seq as f64);
        let (prev, hash) = (Digest::parse(cut.prev), Digest::parse(cut.stored));
        return Ends { line: here.number, seq, ts: Some(time::written(cut.time)), prev, hash };
    }
    let Ok(parsed) = Parsed::padded(here.bytes) else { return Ends { line: here.number, ..Ends::default() } };
    let (prev, hash) = (parsed.name("prevHash").digest(), parsed.name("hash").digest());
    Ends { line: here.number, seq: parsed.seq(), ts: parsed.field("ts"), prev, hash }
}

/// Where the value of a field stands in its line; the line's first byte when there is none.
fn field(here: Here<'_>, name: &str) -> Range<usize> {
    let Ok(parsed) = Parsed::padded(here.bytes) else { return 0..1 };
    parsed.json.get(name).map_or(0..1, |member| parsed.place(here.bytes, member))
}
