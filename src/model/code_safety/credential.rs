//! A credential written out in the text of a skill, as 2026.9 knows them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// The keys; what follows must not go on as a key would, which is why it is part of the pattern.
static KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let key = r"(?-u:\b)(sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|xox[baprs]-[A-Za-z0-9-]{20,}|AIza[0-9A-Za-z_-]{35})(?:[^A-Za-z0-9_-]|$)";
    Regex::new(key).ok()
});

const BEGIN: &str = "-----BEGIN ";
const KIND: &str = "PRIVATE KEY";
const DASHES: &str = "-----";
/// Fewer characters of Base64 are no key.
const SHORTEST: usize = 48;

/// The first credential in a text: a key before a block, which no single line shows.
pub(super) fn find(text: &str) -> Option<Range<usize>> {
    let key = KEY.as_ref().and_then(|key| key.captures(text)).and_then(|found| found.get(1));
    let block = || memchr::memmem::find_iter(text.as_bytes(), BEGIN).find_map(|at| block(text, at));
    key.map(|key| key.range()).or_else(block)
}

/// A private key in PEM form that starts here: its label twice and Base64 between.
fn block(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at + BEGIN.len()..)?;
    let (label, rest) = rest.split_at(rest.find(|c: char| !matches!(c, 'A'..='Z' | '0'..='9' | ' '))?);
    let rest = rest.strip_prefix(DASHES).filter(|_| label.ends_with(KIND))?;
    let body = after_newline(rest)?;
    let end = body.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '\r' | '\n')))?;
    let (body, rest) = body.split_at(end);
    let rest = rest.strip_prefix("-----END ")?.strip_prefix(label)?.strip_prefix(DASHES)?;
    let whole_lines = body.strip_suffix('\n')?.split('\n').all(is_whole);
    let long = body.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).count() >= SHORTEST;
    (whole_lines && long).then(|| at..text.len() - rest.len())
}

fn after_newline(text: &str) -> Option<&str> {
    text.strip_prefix('\r').unwrap_or(text).strip_prefix('\n')
}

/// Something stands in the line, and a carriage return at most behind it.
fn is_whole(line: &str) -> bool {
    let line = line.strip_suffix('\r').unwrap_or(line);
    !line.is_empty() && !line.contains('\r')
}
