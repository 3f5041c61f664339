//! Where the comments and the string literals of a script are.

use memchr::{memchr, memmem};

use super::super::zone::Language;
use super::shell;
use crate::work::looks;

/// What a [`Piece`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// A comment, or a Python docstring.
    Comment,
    /// A string literal, a here-document, a regular expression.
    Str,
}

/// A comment or a string literal of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// First byte, prefix and quotes included.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// First byte after the opening quotes.
    pub body_start: usize,
    /// The first byte of the closing quotes.
    pub body_end: usize,
    /// Whether the language puts values into it: an f-string, a template literal.
    pub interpolated: bool,
}

impl Piece {
    pub(super) const fn comment(start: usize, end: usize) -> Self {
        Self { kind: PieceKind::Comment, start, end, body_start: start, body_end: end, interpolated: false }
    }

    pub(super) const fn string(start: usize, end: usize, body_start: usize, body_end: usize) -> Self {
        Self { kind: PieceKind::Str, start, end, body_start, body_end, interpolated: false }
    }
}

/// Comments and strings of a script in order; nothing for what is not a script.
#[must_use]
pub fn pieces(language: Language, text: &str) -> Vec<Piece> {
    match language {
        Language::Python => python(text.as_bytes()),
        Language::JavaScript => javascript(text.as_bytes()),
        Language::Shell => shell::pieces(text),
        Language::PowerShell => powershell(text.as_bytes()),
        Language::Batch => batch(text),
        Language::Other => other(text.as_bytes()),
        Language::Data | Language::Text | Language::Markdown => Vec::new(),
    }
}

/// The end of the line that holds `at`: its line feed or the end of the text.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr(b'\n', bytes.get(at..).unwrap_or_default()).map_or(bytes.len(), |found| at + found)
}

pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The closing quote of a string that begins before `at`; with it whether it was found. A string of
/// one line ends with the line at the latest.
fn closing(bytes: &[u8], mut at: usize, quote: u8, escape: Option<u8>, one_line: bool) -> (usize, bool) {
    while let Some(byte) = bytes.get(at) {
        looks::add(1);
        if Some(*byte) == escape {
            at += 1;
        } else if *byte == quote {
            return (at, true);
        } else if one_line && *byte == b'\n' {
            return (at, false);
        }
        at += 1;
    }
    (bytes.len(), false)
}

/// The escape of most languages.
const BACKSLASH: Option<u8> = Some(b'\\');

fn python(bytes: &[u8]) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut at = 0;
    // Whether only blanks stood before on this line, outside of brackets: the place of a docstring.
    let mut fresh = true;
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'#' => {
                let end = line_end(bytes, at);
                out.push(Piece::comment(at, end));
                at = end;
                continue;
            }
            b'"' | b'\'' => {
                let mut piece = python_string(bytes, at);
                if fresh && depth == 0 && piece.start == at && followed_by_nothing(bytes, piece.end) {
                    piece.kind = PieceKind::Comment;
                }
                at = piece.end;
                out.push(piece);
                fresh = false;
                continue;
            }
            b'\n' => fresh = true,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b' ' | b'\t' | b'\r' => {}
            // The prefix of a string is no statement before it.
            b'r' | b'R' if matches!(bytes.get(at + 1), Some(b'"' | b'\'')) => {}
            _ => fresh = false,
        }
        at += 1;
    }
    out
}

fn followed_by_nothing(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..).unwrap_or_default();
    let stop = rest.iter().position(|b| *b == b'\n' || !b.is_ascii_whitespace()).unwrap_or(rest.len());
    looks::add(stop);
    rest.get(stop).is_none_or(|b| *b == b'\n')
}

fn python_string(bytes: &[u8], at: usize) -> Piece {
    let quote = bytes[at];
    let mut start = at;
    while start > 0 && at - start < 2 && matches!(bytes[start - 1] | 0x20, b'r' | b'b' | b'f' | b'u' | b't') {
        start -= 1;
    }
    if start > 0 && is_word(bytes[start - 1]) {
        start = at;
    }
    let prefix = &bytes[start..at];
    let triple = bytes.get(at + 1) == Some(&quote) && bytes.get(at + 2) == Some(&quote);
    let (body_start, body_end, end) = if triple {
        let mut from = at + 3;
        loop {
            let (found, closed) = closing(bytes, from, quote, BACKSLASH, false);
            if !closed {
                break (at + 3, bytes.len(), bytes.len());
            }
            if bytes.get(found + 1) == Some(&quote) && bytes.get(found + 2) == Some(&quote) {
                break (at + 3, found, found + 3);
            }
            from = found + 1;
        }
    } else {
        let (found, closed) = closing(bytes, at + 1, quote, BACKSLASH, true);
        (at + 1, found, found + usize::from(closed))
    };
    let mut piece = Piece::string(start, end, body_start.min(body_end), body_end);
    piece.interpolated = prefix.iter().any(|b| matches!(b | 0x20, b'f' | b't'));
    piece
}

fn javascript(bytes: &[u8]) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut at = 0;
    // The last byte of code that is not blank, and where it stood.
    let mut last = (0_u8, 0_usize);
    // What slashes that begin nothing may still cost.
    let mut fuel = 8 * bytes.len() + 50 * LONGEST_REGEX;
    if bytes.starts_with(b"#!") {
        at = line_end(bytes, 0);
        out.push(Piece::comment(0, at));
    }
    while let Some(&byte) = bytes.get(at) {
        let end = match (byte, bytes.get(at + 1)) {
            (b'/', Some(b'/')) => {
                let end = line_end(bytes, at);
                out.push(Piece::comment(at, end));
                at = end;
                continue;
            }
            (b'/', Some(b'*')) => {
                let end = memmem::find(&bytes[at + 2..], b"*/").map_or(bytes.len(), |found| at + found + 4);
                out.push(Piece::comment(at, end));
                at = end;
                continue;
            }
            (b'"' | b'\'', _) => {
                let (found, closed) = closing(bytes, at + 1, byte, BACKSLASH, true);
                let end = found + usize::from(closed);
                out.push(Piece::string(at, end, (at + 1).min(found), found));
                end
            }
            (b'`', _) => {
                let (found, closed) = template_end(bytes, at + 1, 0);
                let end = found + usize::from(closed);
                out.push(Piece { interpolated: true, ..Piece::string(at, end, (at + 1).min(found), found) });
                end
            }
            (b'/', _) if regex_may_start(bytes, last) => match regex_end(bytes, at, &mut fuel) {
                Some(end) => {
                    out.push(Piece::string(at, end, at, end));
                    end
                }
                None => at + 1,
            },
            _ => {
                if !byte.is_ascii_whitespace() {
                    last = (byte, at);
                }
                at += 1;
                continue;
            }
        };
        last = (b'"', end.saturating_sub(1));
        at = end;
    }
    out
}

/// The end of a template literal, with the code in `${…}` and its strings skipped.
fn template_end(bytes: &[u8], mut at: usize, depth: usize) -> (usize, bool) {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'`' => return (at, true),
            b'$' if depth < 16 && bytes.get(at + 1) == Some(&b'{') => {
                at = interpolation_end(bytes, at + 2, depth + 1);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    (bytes.len(), false)
}

fn interpolation_end(bytes: &[u8], mut at: usize, depth: usize) -> usize {
    let mut open = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' => open += 1,
            b'}' => {
                open -= 1;
                if open == 0 {
                    return at + 1;
                }
            }
            b'"' | b'\'' => at = closing(bytes, at + 1, byte, BACKSLASH, true).0,
            b'`' => at = template_end(bytes, at + 1, depth).0,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Whether a slash after this byte begins a regular expression and no division.
fn regex_may_start(bytes: &[u8], (last, place): (u8, usize)) -> bool {
    if is_word(last) || last == b'$' {
        let start = (0..=place).rev().take(12).find(|at| !is_word(bytes[*at])).map_or(0, |at| at + 1);
        let word = bytes.get(start..=place).unwrap_or_default();
        let words: [&[u8]; 10] =
            [b"return", b"typeof", b"case", b"in", b"of", b"delete", b"void", b"throw", b"else", b"await"];
        return words.contains(&word);
    }
    !matches!(last, b')' | b']' | b'}' | b'"' | b'<')
}

/// A regular expression that is longer, in bytes, was a division.
const LONGEST_REGEX: usize = 2000;

fn regex_end(bytes: &[u8], at: usize, fuel: &mut usize) -> Option<usize> {
    let bytes = bytes.get(..bytes.len().min(at + LONGEST_REGEX))?;
    let mut class = false;
    let mut end = at + 1;
    loop {
        *fuel = fuel.checked_sub(1)?;
        looks::add(1);
        match *bytes.get(end)? {
            b'\n' => return None,
            b'\\' => end += 1,
            b'[' => class = true,
            b']' => class = false,
            b'/' if !class => break,
            _ => {}
        }
        end += 1;
    }
    end += 1;
    while bytes.get(end).is_some_and(u8::is_ascii_alphabetic) {
        end += 1;
    }
    Some(end)
}

fn powershell(bytes: &[u8]) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        at = match (byte, next) {
            (b'<', Some(b'#')) => {
                let end = memmem::find(&bytes[at + 2..], b"#>").map_or(bytes.len(), |found| at + found + 4);
                out.push(Piece::comment(at, end));
                end
            }
            (b'#', _) if at == 0 || !is_word(bytes[at - 1]) && !matches!(bytes[at - 1], b'`' | b'$' | b'-') => {
                let end = line_end(bytes, at);
                out.push(Piece::comment(at, end));
                end
            }
            (b'@', Some(quote @ (b'"' | b'\''))) if followed_by_nothing(bytes, at + 2) => {
                let stop = [b'\n', quote, b'@'];
                let body = at + 2;
                let found = memmem::find(&bytes[body..], &stop).map(|found| body + found);
                let end = found.map_or(bytes.len(), |found| found + 3);
                let mut piece = Piece::string(at, end, body, found.unwrap_or(bytes.len()));
                piece.interpolated = quote == b'"';
                out.push(piece);
                end
            }
            (b'"', _) => {
                let (found, closed) = closing(bytes, at + 1, b'"', Some(b'`'), false);
                let end = found + usize::from(closed);
                out.push(Piece { interpolated: true, ..Piece::string(at, end, (at + 1).min(found), found) });
                end
            }
            (b'\'', _) => {
                let (found, closed) = closing(bytes, at + 1, b'\'', None, false);
                let end = found + usize::from(closed);
                out.push(Piece::string(at, end, (at + 1).min(found), found));
                end
            }
            (b'`', _) => at + 2,
            _ => at + 1,
        };
    }
    out
}

fn batch(text: &str) -> Vec<Piece> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let kept = line.trim();
        let bare = kept.trim_start_matches('@');
        let start = at + (line.len() - line.trim_start().len());
        let word = bare.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("rem"));
        if bare.starts_with("::") || word && !bare.as_bytes().get(3).is_some_and(|b| is_word(*b)) {
            out.push(Piece::comment(start, start + kept.len()));
        } else {
            let mut from = start;
            while let Some(open) = memchr(b'"', &bytes[from..at + line.len()]).map(|found| from + found) {
                let (found, closed) = closing(bytes, open + 1, b'"', None, true);
                out.push(Piece::string(open, found + usize::from(closed), open + 1, found));
                from = (found + 1).min(at + line.len());
            }
        }
        at += line.len();
    }
    out
}

/// A language that is not known more closely: what most of them agree on.
fn other(bytes: &[u8]) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut fresh = true;
    // Up to here nothing closes a string with `"` and with `'`: one look at each line is enough.
    let mut open_until = [0_usize; 2];
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
        let piece = match (byte, next) {
            (b'/', Some(b'/')) if before != Some(b':') => Some(Piece::comment(at, line_end(bytes, at))),
            (b'/', Some(b'*')) if before.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b';' | b'{' | b',')) => {
                let end = memmem::find(&bytes[at + 2..], b"*/").map_or(bytes.len(), |found| at + found + 4);
                Some(Piece::comment(at, end))
            }
            (b'#', Some(b' ' | b'!' | b'#' | b'\n')) if fresh || before.is_some_and(|b| b.is_ascii_whitespace()) => {
                Some(Piece::comment(at, line_end(bytes, at)))
            }
            (b'-', Some(b'-')) if fresh && bytes.get(at + 2) == Some(&b' ') => {
                Some(Piece::comment(at, line_end(bytes, at)))
            }
            (b'"' | b'\'', _)
                if !before.is_some_and(|b| byte == b'\'' && is_word(b))
                    && at >= open_until[usize::from(byte == b'"')] =>
            {
                let (found, closed) = closing(bytes, at + 1, byte, BACKSLASH, true);
                if !closed {
                    open_until[usize::from(byte == b'"')] = found;
                }
                closed.then(|| Piece::string(at, found + 1, at + 1, found))
            }
            _ => None,
        };
        fresh = byte == b'\n' || fresh && byte.is_ascii_whitespace();
        at = match piece {
            Some(piece) => {
                out.push(piece);
                fresh = false;
                piece.end
            }
            None => at + 1,
        };
    }
    out
}
