//! What is found in a text as a whole: at most one hit a rule, often only beside something else.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::comments::Kept;
use super::{Hit, What, credential, lines_of};
use crate::model::dialect::Release;

const EXFILTRATION: What = What::warn("potential-exfiltration", "a file is read where something is sent");
const HEX: What = What::warn("obfuscated-code", "a run of hexadecimal escapes");
const BASE64: What = What::warn("obfuscated-code", "a long Base64 literal is decoded");
const HARVESTING: What = What::critical("env-harvesting", "environment variables are read where something is sent");

const SECRET: What = What::critical("literal-secret", "a credential is written out");
const PIPE: What = What::critical("shell-pipe-to-shell", "a download is piped into a shell");
const ENV: What = What::critical("secret-exfiltration", "environment variables stand beside a network call");
const DELETE: What = What::warn("destructive-delete", "a broad rm -rf");
const PERMISSIONS: What = What::warn("unsafe-permissions", "chmod 777");

/// Lines above and below `process.env` in which 2026.5 and later look for something that sends.
const WINDOW: usize = 8;

struct Patterns {
    read: Regex,
    hex: Regex,
    base64: Regex,
    environment: Regex,
    /// What sends, in the words of 2026.2.
    words: Regex,
    /// What sends, as calls. Upstream also lists `.post(`, which `post(` covers.
    calls: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        read: Regex::new("readFile").ok()?,
        hex: Regex::new(r"(?:\\x[0-9a-fA-F]{2}){6,}").ok()?,
        base64: Regex::new(r#"(?:atob|Buffer\.from)\s*\(\s*["'][A-Za-z0-9+/=]{200,}["']"#).ok()?,
        environment: Regex::new(r"process\.env").ok()?,
        words: Regex::new(r"(?i-u:\bfetch\b|\bpost\b|http\.request)").ok()?,
        calls: Regex::new(r"(?i-u:\bfetch|\bpost)\s*\(|(?i-u:http\.request)\s*\(").ok()?,
    })
});

/// The patterns of the words of a skill, in the scanner's order; the credential comes before them.
static WORDS: LazyLock<Vec<(What, Regex)>> = LazyLock::new(|| {
    let rows = [
        (PIPE, r"(?i-u:\b(?:curl|wget)\b)[^|\n]{0,120}\|\s*(?i-u:sh|bash|zsh)(?-u:\b)"),
        (ENV, r"(?i-u:\b(?:process\.env|env)\b)[^\n\r\u{2028}\u{2029}]{0,80}(?i-u:\b(?:fetch|curl|wget|http|https)\b)"),
        (DELETE, r"(?i-u:\brm)\s+(?i-u:-rf)\s+(?:/|(?i-u:\$HOME)|~|\.)"),
        (PERMISSIONS, r"(?i-u:\bchmod)\s+(?:(?i-u:-R)\s+)?777(?-u:\b)"),
    ];
    rows.into_iter().filter_map(|(what, pattern)| Some((what, Regex::new(pattern).ok()?))).collect()
});

/// What a release finds in a script as a whole.
pub(super) fn hits(kept: &Kept<'_>, release: Release) -> Vec<Hit> {
    let Some(patterns) = PATTERNS.as_ref() else { return Vec::new() };
    let text = &*kept.text;
    let sends = if release < Release::V2026_5 { &patterns.words } else { &patterns.calls };
    let sending = sends.is_match(text);
    let exfiltration = if sending { first(text, &patterns.read) } else { None };
    let harvesting = match release {
        _ if !sending => None,
        Release::V2026_2 => first(text, &patterns.environment),
        _ => beside(text, &patterns.environment, sends),
    };
    let found = [
        (EXFILTRATION, exfiltration),
        (HEX, first(text, &patterns.hex)),
        (BASE64, first(text, &patterns.base64)),
        (HARVESTING, harvesting),
    ];
    let hits = found.into_iter().filter_map(|(what, found)| Some((what, found?)));
    let hit = |(what, (line, range)): (What, Found)| {
        // Up to 2026.5 what no single line shows is said of the first line.
        let line = line.unwrap_or(if release < Release::V2026_9 { 1 } else { line_of(text, range.start) });
        Hit::new(what, line, kept.original(range))
    };
    hits.map(hit).collect()
}

/// What 2026.9 finds in the words of a `SKILL.md`.
pub(super) fn skill_hits(text: &str) -> Vec<Hit> {
    let secret = credential::find(text).map(|range| Hit::new(SECRET, line_of(text, range.start), range));
    let words = WORDS.iter().filter_map(|(what, pattern)| {
        let (line, range) = first(text, pattern)?;
        Some(Hit::new(*what, line.unwrap_or_else(|| line_of(text, range.start)), range))
    });
    secret.into_iter().chain(words).collect()
}

/// The line that shows it, if a single one does, and the bytes.
type Found = (Option<usize>, Range<usize>);

/// The first match within a line, else the first one at all.
fn first(text: &str, pattern: &Regex) -> Option<Found> {
    let anywhere = pattern.find(text)?.range();
    let within = lines_of(text).find_map(|(number, start, line)| {
        let found = pattern.find(line)?;
        Some((Some(number), start + found.start()..start + found.end()))
    });
    within.or(Some((None, anywhere)))
}

/// The first line with `pattern` that has `other` within [`WINDOW`] lines.
fn beside(text: &str, pattern: &Regex, other: &Regex) -> Option<Found> {
    let mut number = 1;
    let mut counted = 0;
    // Each as its first and last line, in order and without overlap: the first that starts inside the
    // window also ends first.
    let mut lines = |at: usize| {
        number += memchr::memchr_iter(b'\n', &text.as_bytes()[counted..at]).count();
        counted = at;
        number
    };
    let others: Vec<(usize, usize)> =
        other.find_iter(text).map(|found| (lines(found.start()), lines(found.end()))).collect();
    lines_of(text).find_map(|(number, start, line)| {
        let found = pattern.find(line)?;
        let index = others.partition_point(|(first, _)| *first + WINDOW < number);
        let near = others.get(index).is_some_and(|(_, last)| *last <= number + WINDOW);
        near.then(|| (Some(number), start + found.start()..start + found.end()))
    })
}

fn line_of(text: &str, at: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count()
}
