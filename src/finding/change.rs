//! What a rule offers to do about a finding, in its own terms and as bytes of files.

use std::sync::Arc;

use serde::Serialize;

use super::Location;
use crate::source::Span;

/// How far an edit can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// Only makes things stricter or says the same in another way: nothing that works as intended stops.
    Safe,
    /// What was asked for, but something that works today may not work tomorrow: a person should look.
    Unsafe,
    /// Needs something that nobody but the reader knows: shown, never applied.
    Manual,
}

impl Safety {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Manual => "manual",
        }
    }
}

/// One change of a configuration or a side file, said in its own terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The member or item whose token, or whose key's token, is `at` goes.
    Remove {
        /// The token.
        at: Span,
    },
    /// The value whose token, or whose key's token, is `at` becomes another one.
    Replace {
        /// The token.
        at: Span,
        /// The new value.
        value: serde_json::Value,
    },
    /// The member at a dotted key path gets a value; what is missing on the way is made.
    Set {
        /// From the root of the configuration.
        path: String,
        /// The value.
        value: serde_json::Value,
    },
    /// An item is added to the array at a dotted key path, which is made when it is missing.
    Push {
        /// From the root of the configuration.
        path: String,
        /// The item.
        value: serde_json::Value,
    },
    /// A member gets another name.
    Rename {
        /// The token of its key.
        at: Span,
        /// The new name.
        name: String,
    },
    /// A member goes to another key path as it is written, comments included.
    Move {
        /// The token of its key.
        at: Span,
        /// From the root of the configuration; nothing stands there yet.
        path: String,
    },
    /// A piece of text becomes another one, whatever it is written in.
    Text {
        /// The piece.
        at: Span,
        /// The new text.
        text: String,
    },
    /// Lines are added to the end of a file, unless they stand in it; the file is made when it is missing.
    Lines {
        /// Relative to the repository.
        path: String,
        /// Without line ends.
        lines: Vec<String>,
    },
    /// A file or directory loses permission bits.
    Mode {
        /// Relative to the scanned tree; empty for the scanned directory itself.
        path: String,
        /// The bits that may stay.
        keep: u32,
    },
}

/// The edit that makes a finding go away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, beginning with a verb.
    pub title: String,
    /// How far it can be trusted.
    pub safety: Safety,
    /// All of them together.
    pub changes: Vec<Change>,
}

impl Fix {
    /// A fix of its parts.
    pub fn new(safety: Safety, title: impl Into<String>, changes: impl IntoIterator<Item = Change>) -> Self {
        Self { title: title.into(), safety, changes: changes.into_iter().collect() }
    }

    /// Those of several places of one finding together: as far as there are any, and none when the first
    /// place, which stands for the finding, has none.
    #[must_use]
    pub fn all(fixes: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        let mut fixes = fixes.into_iter();
        let mut first = fixes.next()??;
        let mut more = 0;
        for fix in fixes.flatten() {
            first.safety = first.safety.max(fix.safety);
            first.changes.extend(fix.changes);
            more += 1;
        }
        match more {
            0 => {}
            1 => first.title.push_str(", and 1 more like it"),
            more => first.title = format!("{}, and {more} more like it", first.title),
        }
        Some(first)
    }
}

/// A replacement in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What goes; an empty place for an insertion.
    pub at: Location,
    /// What stands there afterwards.
    pub text: String,
    /// The file is not there yet.
    pub makes_file: bool,
    /// Secrets in what goes, which no diff may show.
    pub secrets: Vec<Box<str>>,
}

impl Edit {
    /// The bytes that go. Nobody edits a file that is too large for the machine's memory.
    #[must_use]
    pub fn range(&self) -> std::ops::Range<usize> {
        let start = usize::try_from(self.at.offset).unwrap_or(usize::MAX / 2);
        start..start + self.at.length as usize
    }
}

/// Permission bits that a file or directory loses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mode {
    /// Relative to the scanned tree; empty for the scanned directory itself.
    pub path: Arc<str>,
    /// The bits that may stay.
    pub keep: u32,
}

/// A fix as bytes of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledFix {
    /// What it does, beginning with a verb.
    pub title: String,
    /// How far it can be trusted.
    pub safety: Safety,
    /// All of them together; none for a fix that only a person can make.
    pub edits: Vec<Edit>,
    /// Permission bits that change with it.
    pub modes: Vec<Mode>,
}
