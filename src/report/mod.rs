//! The last stage: the verdict in the format that somebody reads.

pub mod checkstyle;
pub mod concise;
pub mod digest;
pub mod escape;
pub mod fix;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod ndjson;
pub mod posture;
mod rank;
pub mod rdjson;
pub mod sarif;
pub mod show;
pub mod text;
pub mod verify;

use std::io::{self, Write};

pub use crate::cli::Format;
use crate::diagnostic::{Diagnostic, Level};
use crate::judge::Verdict;
use crate::judge::suppress::{By, Suppressed};
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
pub struct Style<'a> {
    /// Use colour.
    pub color: bool,
    /// It goes to a terminal.
    pub terminal: bool,
    /// Findings only.
    pub quiet: bool,
    /// Say more.
    pub verbose: bool,
    /// Show what is suppressed, too.
    pub suppressed: bool,
    /// What is asked of SARIF.
    pub sarif: sarif::Wanted<'a>,
    /// List what the baseline hides.
    pub baselined: bool,
}

impl Style<'_> {
    /// Is a trouble of this level worth a line?
    const fn says(self, level: Level) -> bool {
        match level {
            Level::Error => true,
            Level::Warning => !self.quiet,
            Level::Note => self.verbose,
        }
    }

    /// Is a finding listed although it does not count?
    fn lists(self, one: &Suppressed) -> bool {
        if one.by == By::Baseline { self.baselined } else { self.suppressed }
    }
}

/// What is said of a finding that does not count.
fn word(suppressed: &Suppressed) -> &'static str {
    if suppressed.by == By::Baseline { "baselined" } else { "suppressed" }
}

/// Why a finding does not count, in one line that nothing in it can break.
fn why(suppressed: &Suppressed) -> String {
    let by = match &suppressed.by {
        By::Configuration => "security.audit.suppressions".to_owned(),
        By::Review => "reviewedSkills".to_owned(),
        By::Ignore(at) => format!("ignore in line {}", at.start.line),
        By::Baseline => "baseline".to_owned(),
    };
    let until = suppressed.until.map_or_else(String::new, |until| format!(", until {until}"));
    let reason = if suppressed.reason.is_empty() { "no reason given" } else { &suppressed.reason };
    format!("{} (by {by}{until})", escape::line(reason))
}

/// Writes the verdict in a format.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(format: Format, verdict: &Verdict, style: &Style<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(verdict, style, out),
        Format::Concise => concise::write(verdict, style, out),
        Format::Json => json::write(verdict, out),
        Format::Ndjson => ndjson::write(verdict, out),
        Format::Sarif => sarif::write(verdict, &style.sarif, out),
        Format::Github => github::write(verdict, out),
        Format::Markdown => markdown::write(verdict, out),
        Format::Html => html::write(verdict, out),
        Format::Gitlab => gitlab::write(verdict, out),
        Format::Junit => junit::write(verdict, out),
        Format::Checkstyle => checkstyle::write(verdict, out),
        Format::Rdjson => rdjson::write(verdict, out),
    }
}

/// What a format had to leave out, in words for standard error; none when it is complete.
#[must_use]
pub fn left_out(format: Format, verdict: &Verdict, style: &Style<'_>) -> Option<String> {
    match format {
        Format::Sarif => sarif::left_out(verdict, &style.sarif),
        Format::Markdown => markdown::left_out(verdict),
        Format::Html => html::left_out(verdict),
        _ => None,
    }
}

/// A message of ours as a sentence with its full stop.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// What happens to an input that could not be read or parsed to its end: the troubles that are errors, and
/// every input that is incomplete without one.
fn unread(verdict: &Verdict) -> Vec<Diagnostic> {
    let errors = verdict.diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error).cloned();
    let unparsed = verdict.inputs.iter().filter(|input| !input.complete).map(|input| {
        let message = "it or a file that it includes could not be parsed; the results say where".to_owned();
        Diagnostic { path: input.path.clone(), level: Level::Error, message }
    });
    errors.chain(unparsed).collect()
}

/// The name that formats without one of their own give to what could not be checked.
const UNREAD: &str = "incomplete-input";
