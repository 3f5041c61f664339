//! Quotes, comments and here-documents of shell scripts.

use std::collections::HashMap;

use memchr::memchr;

use super::piece::{Piece, is_word, line_end};
use crate::work::looks;

/// Nested quotes and substitutions deeper than this are read flat.
const DEEPEST: usize = 24;

/// The end of the quoted text that begins at `at` with `'`, `"`, a backquote or `$'`: one past the
/// closing quote. Substitutions inside double quotes have their own quotes.
#[must_use]
pub fn quoted_end(bytes: &[u8], at: usize) -> usize {
    quoted(bytes, at, 0)
}

fn quoted(bytes: &[u8], at: usize, depth: usize) -> usize {
    match bytes.get(at) {
        Some(b'\'') => memchr(b'\'', &bytes[at + 1..]).map_or(bytes.len(), |found| at + found + 2),
        Some(b'$') => ansi_end(bytes, at + 2),
        Some(quote @ (b'"' | b'`')) => {
            let mut place = at + 1;
            while let Some(byte) = bytes.get(place) {
                looks::add(1);
                match byte {
                    b'\\' => place += 1,
                    byte if byte == quote => return place + 1,
                    b'$' if bytes.get(place + 1) == Some(&b'(') && depth < DEEPEST => {
                        place = parenthesis(bytes, place + 1, depth + 1);
                        continue;
                    }
                    _ => {}
                }
                place += 1;
            }
            bytes.len()
        }
        _ => (at + 1).min(bytes.len()),
    }
}

/// `$'…'`: backslashes escape.
fn ansi_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\'' => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// One past the parenthesis that closes the one at `at`, with quotes in between skipped.
#[must_use]
pub fn matching_parenthesis(bytes: &[u8], at: usize) -> usize {
    parenthesis(bytes, at, 0)
}

fn parenthesis(bytes: &[u8], at: usize, depth: usize) -> usize {
    let mut open = 0;
    let mut place = at;
    while let Some(byte) = bytes.get(place) {
        looks::add(1);
        match byte {
            b'\\' => place += 1,
            b'(' => open += 1,
            b')' => {
                open -= 1;
                if open == 0 {
                    return place + 1;
                }
            }
            b'"' | b'\'' | b'`' if depth < DEEPEST => {
                place = quoted(bytes, place, depth + 1);
                continue;
            }
            b'#' if place > 0 && matches!(bytes[place - 1], b' ' | b'\t' | b'\n') => {
                place = line_end(bytes, place);
                continue;
            }
            _ => {}
        }
        place += 1;
    }
    bytes.len()
}

/// The delimiter of a here-document whose `<<` stands at `at`: the word, whether it is quoted, whether
/// tabs are stripped, and one past it.
#[must_use]
pub fn heredoc_word(text: &str, at: usize) -> Option<(&str, bool, bool, usize)> {
    let bytes = text.as_bytes();
    if bytes.get(at..at + 2) != Some(b"<<") || bytes.get(at + 2) == Some(&b'<') || at > 0 && bytes[at - 1] == b'<' {
        return None;
    }
    let stripped = bytes.get(at + 2) == Some(&b'-');
    let mut start = at + 2 + usize::from(stripped);
    while bytes.get(start) == Some(&b' ') {
        start += 1;
    }
    let quote = bytes.get(start).copied().filter(|b| matches!(b, b'"' | b'\'' | b'\\'));
    start += usize::from(quote.is_some());
    let mut end = start;
    while bytes.get(end).is_some_and(|b| is_word(*b) || matches!(b, b'-' | b'.') && end > start) {
        end += 1;
    }
    let first = *bytes.get(start)?;
    if end == start || first.is_ascii_digit() {
        return None;
    }
    let closed = quote.is_some_and(|quote| bytes.get(end) == Some(&quote));
    Some((text.get(start..end)?, quote.is_some(), stripped, end + usize::from(closed)))
}

/// For every line the start of its last appearance: a here-document without an end is none.
fn last_lines(text: &str) -> HashMap<&str, usize> {
    let mut at = 0;
    let mut lines = HashMap::new();
    for line in text.split_inclusive('\n') {
        let kept = line.trim();
        if !kept.is_empty() && kept.len() <= 40 {
            lines.insert(kept, at);
        }
        at += line.len();
    }
    lines
}

pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut waiting: Vec<(&str, bool)> = Vec::new();
    let mut lines: Option<HashMap<&str, usize>> = None;
    let mut unclosed = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let before = at.checked_sub(1).map(|at| bytes[at]);
        match byte {
            b'\\' => at += 2,
            b'#' if before.is_none_or(|b| matches!(b, b' ' | b'\t' | b'\n' | b';' | b'(' | b'&' | b'|')) => {
                let end = line_end(bytes, at);
                out.push(Piece::comment(at, end));
                at = end;
            }
            b'\'' | b'"' => {
                let start = if byte == b'\'' && before == Some(b'$') { at - 1 } else { at };
                let end = quoted_end(bytes, start);
                // A quote that opens and never closes is an apostrophe. After a few of them the text is
                // no script that could be read, and reading on costs its length each time.
                if end == bytes.len() && bytes[end - 1] != byte {
                    unclosed += 1;
                    if unclosed > 8 {
                        break;
                    }
                    at += 1;
                    continue;
                }
                let mut piece = Piece::string(start, end, at + 1, (end - 1).max(at + 1));
                piece.interpolated = byte == b'"';
                out.push(piece);
                at = end;
            }
            b'<' => match heredoc_word(text, at) {
                Some((word, quoted, _, end)) => {
                    let last = lines.get_or_insert_with(|| last_lines(text));
                    if last.get(word).is_some_and(|place| *place > at) {
                        waiting.push((word, !quoted));
                        at = end;
                    } else {
                        at += 2;
                    }
                }
                None => at += 1,
            },
            b'\n' => {
                at += 1;
                for (word, interpolated) in waiting.drain(..) {
                    let (body, end) = heredoc_body(text, at, word);
                    if body > at {
                        let mut piece = Piece::string(at, body, at, body);
                        piece.interpolated = interpolated;
                        out.push(piece);
                    }
                    at = end;
                }
            }
            _ => at += 1,
        }
    }
    out
}

/// The end of the body that begins at `at`, and the start of its closing line.
fn heredoc_body(text: &str, at: usize, word: &str) -> (usize, usize) {
    let mut place = at;
    for line in text.get(at..).unwrap_or_default().split_inclusive('\n') {
        if line.trim() == word {
            return (place, place);
        }
        place += line.len();
    }
    (text.len(), text.len())
}
