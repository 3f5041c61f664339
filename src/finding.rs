//! What a rule says: a finding, where it points, and what a report needs of it once the text is gone.

mod change;

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use change::{Change, Edit, Fix, Mode, Safety, SettledFix};

use crate::rule::Rule;
use crate::source::{Point, Span};

/// How bad it is, in upstream's words. The order is from harmless to harmful.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing to do.
    Info,
    /// Should be changed.
    Warn,
    /// Must be changed before this runs.
    Critical,
}

impl Severity {
    /// The word in reports and settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Critical => "critical",
        }
    }
}

/// How likely the finding is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint: a reader must look.
    Low,
    /// Right unless the context is unusual.
    Medium,
    /// Decided by the text alone.
    High,
}

impl Confidence {
    /// The word in reports and settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Where a finding points. It cannot be built without a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The narrowest token that decides the finding.
    pub span: Span,
    /// Dotted key path, or empty for the file as a whole.
    pub key_path: String,
    /// True when `key_path` is not written and `span` is its nearest written ancestor.
    pub missing: bool,
}

impl Place {
    /// A place in a file that has no key path.
    #[must_use]
    pub const fn span(span: Span) -> Self {
        Self { span, key_path: String::new(), missing: false }
    }
}

/// A second place that explains a finding: provenance, or the other end of a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What it contributes.
    pub message: String,
}

/// One occurrence of one rule, still tied to the text of its unit.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The id to show: the rule's id with its `*` filled in.
    pub id: Cow<'static, str>,
    /// How bad this occurrence is.
    pub severity: Severity,
    /// How sure we are.
    pub confidence: Confidence,
    /// Where it points.
    pub place: Place,
    /// This occurrence: names the key and the shape of its value, never a secret.
    pub message: String,
    /// Other places, nearest first.
    pub related: Vec<Related>,
    /// The way that something takes through the text, from where it comes from to where it goes.
    pub steps: Vec<Related>,
    /// How many other places there are beyond these.
    pub unlisted: usize,
    /// The edit that makes it go away.
    pub fix: Option<Fix>,
}

/// A resolved place: everything a report says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Repository-relative path with `/`.
    pub path: Arc<str>,
    /// First character.
    pub start: Point,
    /// One past the last character.
    pub end: Point,
    /// Byte offset in the file, which may be a log of more than 4 GiB.
    pub offset: u64,
    /// Length in bytes.
    pub length: u32,
}

/// A few lines around a location with every secret masked, column for column.
///
/// It is never large: of a long line only the surroundings of the token are kept.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// Line number of the first line.
    pub first_line: u32,
    /// Column of the first character in UTF-16 code units; 1 unless that line was cut.
    pub first_column: u32,
    /// The lines with their line endings, without a final one.
    pub text: String,
    /// Byte range of the location's token inside `text`.
    pub token: (usize, usize),
    /// The first line begins further left.
    pub cut_before: bool,
    /// The last line goes on further right.
    pub cut_after: bool,
    /// The token itself goes on after `text`.
    pub token_cut: bool,
}

/// A file that findings point into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileFacts {
    /// Repository-relative path.
    pub path: Arc<str>,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the bytes, hex.
    pub sha256: String,
}

/// A second place, resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledRelated {
    /// Where.
    pub location: Location,
    /// What it contributes.
    pub message: String,
    /// Lines around it.
    pub excerpt: Excerpt,
}

/// What makes a finding the same from run to run. Nothing in it tells a secret: of the text of one no more
/// than 16 bits of its digest are in any of these.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Identity {
    /// The file that it is about, repository-relative: of a configuration its root, whichever of its
    /// includes holds the value.
    pub path: Arc<str>,
    /// Where in it: a JSON pointer (RFC 6901) whose array items are named by what they are; empty for a text.
    pub anchor: String,
    /// 64 hex digits of all of it: rule, path, anchor, the text that decides, and a number among equals.
    pub fingerprint: String,
    /// The same without the path: equal where only the file has another name.
    pub content: String,
    /// The same without the text that decides: equal where only the value is another one.
    pub place: String,
    /// The text that decides holds a secret.
    pub secret: bool,
}

/// What a baseline says of a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BaselineState {
    /// The baseline does not know it, or there is none.
    #[default]
    New,
    /// The baseline lists it.
    Unchanged,
    /// The baseline lists it in a file that has another name now.
    Updated,
}

impl BaselineState {
    /// SARIF's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unchanged => "unchanged",
            Self::Updated => "updated",
        }
    }
}

/// A finding that no longer needs its text: what judge and report work on.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The rule.
    pub rule: &'static Rule,
    /// The id to show.
    pub id: Cow<'static, str>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Where.
    pub location: Location,
    /// Dotted key path, or empty.
    pub key_path: String,
    /// True when the key is absent and the location is its nearest written ancestor.
    pub missing: bool,
    /// This occurrence in one sentence.
    pub message: String,
    /// Other places.
    pub related: Vec<SettledRelated>,
    /// The way that something takes, in order.
    pub steps: Vec<SettledRelated>,
    /// The root of the skill it belongs to.
    pub skill: Option<Arc<str>>,
    /// Lines around the location.
    pub excerpt: Excerpt,
    /// What survives moved lines, reordered keys and new versions of this tool.
    pub identity: Identity,
    /// What the baseline says of it.
    pub baseline: BaselineState,
    /// Why it is shown although the baseline knows something like it.
    pub baseline_note: Option<String>,
    /// GitHub's `primaryLocationLineHash`, when a report asked for it.
    pub line_hash: Option<String>,
    /// The edit that makes it go away.
    pub fix: Option<SettledFix>,
}

impl Settled {
    /// The order of every report: path, position, id, message.
    #[must_use]
    pub fn order(&self) -> (&str, u64, u32, &str, &str) {
        let at = &self.location;
        (&at.path, at.offset, at.length, &self.id, &self.message)
    }
}
