//! ClosedClaw's audit log: a chain of entries, each hashed with the hash of the one before.
//!
//! Two verdicts are kept apart. [`Real`] is what ClosedClaw's own verifier answers: it stops at the first
//! failure and refuses the whole file for one line that is no JSON. [`AuditLog`] is ours: the walk goes on,
//! tells stretches that hang together, and says what most likely happened between them.

pub mod anchor;
pub mod attested;
pub mod canonical;
pub mod csv;
mod digest;
pub mod entry;
pub mod export;
pub mod line;
mod links;
mod remark;
pub mod time;
mod verdict;
pub mod walk;

pub use anchor::Anchor;
pub use digest::Digest;
pub use line::Line;
pub use remark::{Remark, What};
pub use verdict::{Ends, Failure, Real, Stats};
pub use walk::{End, Expect, Walk};

use crate::finding::Place;
use crate::source::{FileId, Origin, Source, Sources, Span, offset};

/// The `prevHash` of the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The types that the logger knows.
pub const KINDS: [&str; 13] = [
    "tool_exec",
    "config_change",
    "skill_install",
    "skill_uninstall",
    "credential_access",
    "channel_send",
    "egress_blocked",
    "egress_allowed",
    "auth_event",
    "session_event",
    "security_alert",
    "gateway_event",
    "upstream_sync",
];

/// The severities that the logger knows.
pub const SEVERITIES: [&str; 4] = ["info", "warn", "error", "critical"];

/// The fields that are hashed, in their order.
pub const FIELDS: [&str; 10] =
    ["seq", "ts", "type", "severity", "summary", "details", "actor", "session", "channel", "prevHash"];

/// Longest line that is read, in bytes.
pub const MAX_LINE: usize = 16 << 20;

/// What is wrong with a log at one place. Lines are counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The content of an entry does not give its hash. When the next entry follows what the content gives,
    /// only the hash was changed.
    Altered {
        /// Only the hash was changed.
        hash_alone: bool,
    },
    /// `hash` is missing or no text.
    NoHash,
    /// `prevHash` is missing or no text.
    NoLink,
    /// Entries between the one on line `after` and this are gone.
    Removed {
        /// The line of the entry before the hole.
        after: u64,
        /// How many, by the sequence numbers.
        count: Option<u64>,
    },
    /// The entry before is not the one that this was written after.
    Replaced {
        /// The line of the entry before.
        before: u64,
    },
    /// It stands before the entry that it follows.
    Misplaced {
        /// The line of the entry that it follows.
        follows: u64,
    },
    /// It is the same entry as another one.
    Repeated {
        /// The line of the first one.
        of: u64,
    },
    /// It cannot be linked because something before it cannot be read.
    AfterUnreadable {
        /// That line.
        line: u64,
    },
    /// Another entry follows the same one: two writers.
    Forked {
        /// The line of the entry that both follow; none for the start of a chain.
        from: Option<u64>,
    },
    /// A new chain begins.
    Restarted,
    /// The first entry follows one that is not in the file.
    MissingHead,
    /// The first entry does not follow the hash that was named.
    WrongStart,
    /// The sequence number is not one more than that of the entry before.
    Sequence {
        /// What would be right.
        expected: f64,
        /// What stands there.
        found: f64,
    },
    /// The time is before that of the entry before.
    Backwards,
    /// The time is yet to come.
    Future,
    /// The line is no JSON.
    Unreadable {
        /// Why, in words.
        reason: &'static str,
        /// It is the last line and has no end: a write that was interrupted.
        torn: bool,
        /// Two entries stand on it.
        glued: bool,
    },
    /// Something about one entry that its hash says nothing of.
    Remark(What),
    /// The last line has no end: the next entry would be glued to it.
    NoFinalNewline,
    /// The file begins with a byte order mark.
    ByteOrderMark,
    /// There is less than the anchor has seen.
    Truncated {
        /// Entries that the anchor has seen.
        anchored: u64,
        /// Entries that there are.
        left: u64,
    },
    /// The entry that the anchor names is another one now.
    Rewritten {
        /// The number of that entry in the file.
        entry: u64,
    },
    /// The anchored entries are the same, the bytes are not.
    Respelled {
        /// Nothing but the line ends was changed.
        line_ends: bool,
    },
    /// The file goes on where the anchored one ended.
    Rotated,
}

/// A fault and where it shows.
#[derive(Clone, Debug)]
pub struct Event {
    /// What is wrong.
    pub fault: Fault,
    /// The line.
    pub line: u64,
    /// The token that decides it.
    pub span: Span,
    /// How many more there are of the kind that are not listed.
    pub more: u64,
}

/// Lines that hang together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its first line.
    pub first_line: u64,
    /// Its last line.
    pub last_line: u64,
    /// How it begins.
    pub kind: &'static str,
    /// The fault that it begins with, as an index of the events.
    event: Option<usize>,
}

/// A log after the walk.
#[derive(Debug, Default)]
pub struct AuditLog {
    /// Repository-relative path, or the name it was given by.
    pub path: String,
    /// Bytes that were read.
    pub size: u64,
    /// Lines that are JSON.
    pub entries: u64,
    /// Lines that could not be read.
    pub unreadable: u64,
    /// What ClosedClaw's verifier answers.
    pub real: Real,
    /// The stretches, in order; the first few.
    pub segments: Vec<Segment>,
    /// Stretches beyond those.
    pub more_segments: u64,
    /// The faults, in the order they were seen.
    pub events: Vec<Event>,
    /// The pieces of text that the events point into.
    pub pieces: Sources,
    /// The first and the last entry.
    pub ends: Option<(Ends, Ends)>,
    /// Counts by type and severity.
    pub stats: Stats,
    /// The hashes that the entries have by their content, when they are asked for.
    pub computed: Vec<Digest>,
    /// SHA-256 of the anchored bytes, or of all of them.
    pub prefix: Option<Digest>,
    /// The same with every CR LF as LF, when there is any.
    pub unix_prefix: Option<Digest>,
    /// What was not read, in words.
    pub incomplete: Vec<String>,
    /// The anchor that the file is held to.
    pub anchor: Option<Anchor>,
    /// Where that anchor was read from.
    pub anchor_path: String,
}

impl AuditLog {
    /// Is the chain whole, from its start on, as far as the file itself and its anchor tell?
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.incomplete.is_empty() && self.unreadable == 0 && !self.events.iter().any(|event| event.fault.breaks())
    }

    /// The events that a rule is about.
    pub fn events<'a>(&'a self, about: impl Fn(&Fault) -> bool + 'a) -> impl Iterator<Item = &'a Event> {
        self.events.iter().filter(move |event| about(&event.fault))
    }

    /// The text under an event.
    #[must_use]
    pub fn slice(&self, event: &Event) -> &str {
        self.pieces.slice(event.span)
    }
}

impl Event {
    /// The place for a finding.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::span(self.span)
    }
}

impl Fault {
    /// Does it break the chain, so that the log is not intact?
    #[must_use]
    pub const fn breaks(&self) -> bool {
        !matches!(
            self,
            Self::Sequence { .. }
                | Self::Backwards
                | Self::Future
                | Self::Remark(_)
                | Self::NoFinalNewline
                | Self::ByteOrderMark
                | Self::Rotated
        )
    }

    /// Is it about where the chain begins, and nothing else?
    #[must_use]
    pub const fn is_missing_head(&self) -> bool {
        matches!(self, Self::MissingHead)
    }

    /// The word for a stretch that begins with it.
    #[must_use]
    pub const fn segment_kind(&self) -> &'static str {
        match self {
            Self::Removed { .. } => "after-removal",
            Self::Misplaced { .. } => "out-of-order",
            Self::Repeated { .. } => "repetition",
            Self::AfterUnreadable { .. } => "after-unreadable-line",
            Self::Forked { .. } => "fork",
            Self::Restarted => "restart",
            Self::MissingHead => "missing-head",
            _ => "tampered",
        }
    }
}

/// Bytes around a token that a piece keeps: what an excerpt shows and what tells a secret that is cut.
const REACH: usize = 4608;

/// Keeps the surroundings of a token of a line: `origin` is where the line begins in the file.
fn keep(pieces: &mut Sources, path: &str, line: &[u8], token: &std::ops::Range<usize>, origin: Origin) -> Span {
    let boundary = |mut at: usize| {
        while at > 0 && line.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
            at -= 1;
        }
        at.min(line.len())
    };
    let start = boundary(token.start.saturating_sub(REACH));
    // Of a token of megabytes nobody sees more than the beginning.
    let shown = token.end.min(token.start.saturating_add(REACH)).min(line.len());
    let end = boundary(shown.saturating_add(REACH).min(line.len()));
    let bytes = line.get(start..end).unwrap_or_default();
    let before = String::from_utf8_lossy(line.get(..start).unwrap_or_default());
    let column = before.chars().map(char::len_utf16).sum::<usize>();
    let origin =
        Origin { offset: origin.offset + start as u64, column: origin.column.saturating_add(offset(column)), ..origin };
    let file = pieces.add(Source::piece(path, bytes, origin));
    Span { file, start: offset(token.start - start), end: offset(shown - start) }
}

/// A piece without text, for a fault of the file as a whole.
fn keep_nothing(pieces: &mut Sources, path: &str) -> Span {
    let file: FileId = pieces.add(Source::piece(path, [], Origin::default()));
    Span::file_start(file)
}
