//! Upstream's own scan of code, `openclaw security audit --deep`: what it looks for in scripts and in
//! the text of a skill, release by release.
//!
//! It answers what upstream answers, its noise and its blind spots included; our own rules about skills
//! share nothing with it. The three releases differ in what counts as a network call, in whether
//! comments count, in who may be the receiver of `.exec(`, and in how many hits they list.

mod comments;
mod credential;
mod exec;
mod files;
mod lines;
mod sources;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use crate::finding::Severity;
use crate::model::dialect::Release;

pub use files::{is_scanned, scanned_files};

/// Files of one skill or plugin that the scan reads.
pub const MOST_FILES: usize = 500;
/// The largest script that it reads, in bytes.
pub const LARGEST_FILE: usize = 1 << 20;
/// The largest `SKILL.md` that it reads, in bytes; a larger one makes the scan of that skill fail.
pub const LARGEST_SKILL: usize = 256_000;
/// Characters of a line that are shown.
const LONGEST_EVIDENCE: usize = 120;

/// One thing that the scan found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The scanner's own name of it, such as `dangerous-exec`.
    pub rule: Cow<'static, str>,
    /// How bad the scanner calls it.
    pub severity: Severity,
    /// What it means, without a full stop.
    pub message: Cow<'static, str>,
    /// The line that the scanner names, from 1.
    pub line: usize,
    /// The bytes of the text that decided it.
    pub range: Range<usize>,
}

impl Hit {
    fn new(what: What, line: usize, range: Range<usize>) -> Self {
        Self {
            rule: Cow::Borrowed(what.rule),
            severity: what.severity,
            message: Cow::Borrowed(what.message),
            line,
            range,
        }
    }

    /// The line it names, at most 120 characters of it; a credential in it is never shown.
    #[must_use]
    pub fn evidence<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let line = text.split('\n').nth(self.line.saturating_sub(1)).unwrap_or_default().trim();
        if self.rule == "literal-secret" || credential::find(line).is_some() {
            return Cow::Borrowed("[REDACTED CREDENTIAL]");
        }
        match line.char_indices().nth(LONGEST_EVIDENCE) {
            Some((end, _)) => Cow::Owned(format!("{}…", &line[..end])),
            None => Cow::Borrowed(line),
        }
    }
}

/// What a hit of a table's row says.
#[derive(Clone, Copy, Debug)]
struct What {
    rule: &'static str,
    severity: Severity,
    message: &'static str,
}

impl What {
    const fn critical(rule: &'static str, message: &'static str) -> Self {
        Self { rule, severity: Severity::Critical, message }
    }

    const fn warn(rule: &'static str, message: &'static str) -> Self {
        Self { rule, severity: Severity::Warn, message }
    }
}

/// What a release finds in the text of a script, in the scanner's order.
#[must_use]
pub fn scan_source(text: &str, release: Release) -> Vec<Hit> {
    let kept = comments::Kept::of(text, release);
    let mut hits = lines::hits(text, &kept.text, release);
    hits.extend(sources::hits(&kept, release));
    hits
}

/// What a release finds in the text of a `SKILL.md`: nothing before 2026.9, which reads it both as
/// words and as a script.
#[must_use]
pub fn scan_skill(text: &str, release: Release) -> Vec<Hit> {
    if release < Release::V2026_9 {
        return Vec::new();
    }
    let mut hits = sources::skill_hits(text);
    hits.extend(scan_source(text, release));
    hits
}

/// The hits that a finding is made of: those of the worst level that occurs.
#[must_use]
pub fn worst(hits: Vec<Hit>) -> Vec<Hit> {
    let level = hits.iter().map(|hit| hit.severity).max();
    hits.into_iter().filter(|hit| Some(hit.severity) == level).collect()
}

/// The lines of a text with the offset at which each starts; only `\n` ends one.
fn lines_of(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut start = 0;
    text.split('\n').enumerate().map(move |(index, line)| {
        let at = start;
        start += line.len() + 1;
        (index + 1, at, line)
    })
}
