//! Side files: everything with security meaning beside the configuration itself.

use std::sync::{LazyLock, OnceLock};

use aho_corasick::AhoCorasick;

use super::value::{Found, Value};
use crate::diagnostic::{Diagnostic, Level};
use crate::kind::DocumentKind;
use crate::source::{FileId, Source, Span};
use crate::syntax::SyntaxError;
use crate::syntax::dotenv::EnvLine;

/// How a side file was read.
#[derive(Debug)]
pub enum Content {
    /// JSON, JSON5 or YAML: one value.
    Tree(Value),
    /// `NAME=value` lines.
    Env(Vec<EnvLine>),
    /// Plain text: look at [`Document::lines`].
    Text,
    /// It could not be parsed.
    Broken(SyntaxError),
    /// Not UTF-8, too large or unreadable; the reason is a diagnostic.
    Opaque,
    /// Not a file at all, for the reason in these words: a rule tells it.
    NoFile(String),
}

/// A side file that was read.
#[derive(Debug)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// Repository-relative path.
    pub path: String,
    /// The text.
    pub source: Source,
    /// The file of its spans.
    pub file: FileId,
    /// What was read.
    pub content: Content,
    /// An example, template or fixture: only sure findings count there.
    pub sample: bool,
    /// It is JSON without the liberties of JSON5, found when somebody first asks.
    pub plain_json: OnceLock<bool>,
}

impl Document {
    /// The root value of a tree document; absent for the others.
    #[must_use]
    pub fn root(&self) -> Option<Found<'_>> {
        if let Content::Tree(value) = &self.content { Some(value.found()) } else { None }
    }

    /// Is the text JSON as `JSON.parse` takes it? Comments, trailing commas and a byte order mark are not.
    #[must_use]
    pub fn is_plain_json(&self) -> bool {
        let parsed = || serde_json::from_str::<serde::de::IgnoredAny>(self.text()).is_ok();
        *self.plain_json.get_or_init(parsed)
    }

    /// Is it what ClosedClaw takes for an encrypted store: marked as one, and with a ciphertext?
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.root().is_some_and(|root| root.get("$encrypted").is_true() && root.get("ciphertext").str().is_some())
    }

    /// The lines of a `.env` file.
    #[must_use]
    pub fn env(&self) -> &[EnvLine] {
        if let Content::Env(lines) = &self.content { lines } else { &[] }
    }

    /// Is it about OpenClaw or one of its older names or forks?
    #[must_use]
    pub fn is_relevant(&self) -> bool {
        self.kind.is_ours() || mentions_openclaw(self.text())
    }

    /// Why it could not be checked, when it could not: an error when the file is ours.
    #[must_use]
    pub fn trouble(&self) -> Option<Diagnostic> {
        let level = if self.is_relevant() && !self.sample { Level::Error } else { Level::Note };
        let message = match &self.content {
            Content::Broken(error) => {
                let at = self.source.point(error.span.start);
                format!("not checked: line {}, column {}: {}", at.line, at.column, error.message)
            }
            Content::Opaque if self.kind != DocumentKind::KeyFile => "not checked: the text is not UTF-8".to_owned(),
            _ => return None,
        };
        Some(Diagnostic { path: self.path.clone(), level, message })
    }

    /// The text, when it is UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.text().unwrap_or_default()
    }

    /// A span of this file.
    #[must_use]
    pub fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span { file: self.file, start: crate::source::offset(range.start), end: crate::source::offset(range.end) }
    }

    /// The lines with their byte ranges, line endings excluded.
    pub fn lines(&self) -> impl Iterator<Item = (std::ops::Range<usize>, &str)> {
        let mut start = 0;
        self.text().split_inclusive('\n').map(move |line| {
            let from = start;
            start += line.len();
            let text = line.trim_end_matches(['\n', '\r']);
            (from..from + text.len(), text)
        })
    }
}

/// Names of the product, lower case.
const MARKERS: [&str; 4] = ["openclaw", "clawdbot", "moltbot", "closedclaw"];

/// Does a text name OpenClaw, one of its older names or its fork?
#[must_use]
pub fn mentions_openclaw(text: &str) -> bool {
    static NAMES: LazyLock<Option<AhoCorasick>> =
        LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(MARKERS).ok());
    NAMES.as_ref().is_some_and(|names| names.is_match(text))
}
