//! The last stage: the verdict in the format that somebody reads.

pub mod concise;
pub mod digest;
pub mod escape;
pub mod fix;
pub mod github;
pub mod json;
pub mod ndjson;
pub mod sarif;
pub mod show;
pub mod text;
pub mod verify;

use std::io::{self, Write};

pub use crate::cli::Format;
use crate::finding::Level;
use crate::judge::Verdict;
use crate::rule::Rule;

/// Where the documentation of a rule is.
#[must_use]
pub fn help_uri(rule: &Rule) -> String {
    // GitHub's anchor of the heading: letters, digits, `_` and `-` stay, everything else goes.
    let anchor = rule.id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect::<String>();
    format!("{}/blob/main/docs/rules.md#{}", env!("CARGO_PKG_REPOSITORY"), anchor.to_lowercase())
}

/// How a report may look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Use colour.
    pub color: bool,
    /// It goes to a terminal.
    pub terminal: bool,
    /// Findings only.
    pub quiet: bool,
    /// Say more.
    pub verbose: bool,
    /// List what the baseline hides.
    pub baselined: bool,
}

impl Style {
    /// Is a trouble of this level worth a line?
    const fn says(self, level: Level) -> bool {
        match level {
            Level::Error => true,
            Level::Warning => !self.quiet,
            Level::Note => self.verbose,
        }
    }
}

/// Writes the verdict in a format.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(format: Format, verdict: &Verdict, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(verdict, style, out),
        Format::Concise => concise::write(verdict, style, out),
        Format::Json => json::write(verdict, out),
        Format::Ndjson => ndjson::write(verdict, out),
        Format::Sarif => sarif::write(verdict, out),
        Format::Github => github::write(verdict, out),
    }
}

/// What a format had to leave out, in words for standard error; none when it is complete.
#[must_use]
pub fn left_out(format: Format, verdict: &Verdict) -> Option<String> {
    (format == Format::Sarif).then(|| sarif::left_out(verdict)).flatten()
}
