//! Characters written as numbers: arrays, `fromCharCode(…)`, `chr(99) + chr(117)`.

use crate::source::last;
use std::ops::Range;

/// Numbers of the shortest array that is taken for text by itself.
const SHORTEST: usize = 10;

/// Numbers of the shortest array that a function makes text of.
const SHORTEST_CALLED: usize = 3;

/// Functions that take the numbers of characters.
const CALLS: &[&str] =
    &["fromcharcode", "fromcodepoint", "bytes", "bytearray", "buffer.from", "uint8array", "char[]", "byte[]"];

/// Every array or chain of numbers that spells printable ASCII, with the text.
pub(super) fn char_codes(text: &str, most: usize, mut each: impl FnMut(Range<usize>, String)) {
    arrays(text, most, &mut each);
    chains(text, most, &mut each);
}

fn arrays(text: &str, most: usize, each: &mut impl FnMut(Range<usize>, String)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(next) = memchr::memchr3(b'[', b'(', b'{', bytes.get(at..).unwrap_or_default()) {
        let start = at + next;
        at = start + 1;
        let (mut here, mut count, mut spelled) = (blank(bytes, at), 0, String::new());
        while let Some((c, end)) = code(bytes, here) {
            count += 1;
            if spelled.len() < most {
                spelled.push(char::from(c));
            }
            here = blank(bytes, end);
            at = here;
            match bytes.get(here) {
                Some(b',') => here = blank(bytes, here + 1),
                _ => break,
            }
        }
        let closed = matches!(bytes.get(at), Some(b']' | b')' | b'}'));
        if closed && count >= SHORTEST_CALLED && (count >= SHORTEST || is_called(text, start)) && is_wordy(&spelled) {
            each(start..at + 1, spelled);
        }
    }
}

/// Does a function stand before the bracket that makes characters of numbers?
fn is_called(text: &str, bracket: usize) -> bool {
    let before = last(text.get(..bracket).unwrap_or_default(), 16).to_ascii_lowercase();
    let before = before.trim_end_matches(['(', '[', ' ', '\t', '.']);
    CALLS.iter().any(|call| before.ends_with(call))
}

fn chains(text: &str, most: usize, each: &mut impl FnMut(Range<usize>, String)) {
    // The ends of `chr(`, `CHR(` and `char]`: few bytes of a text need a closer look.
    for tail in ["hr(", "HR(", "har]"] {
        chains_of(text, tail, most, each);
    }
}

fn chains_of(text: &str, tail: &str, most: usize, each: &mut impl FnMut(Range<usize>, String)) {
    let bytes = text.as_bytes();
    let finder = memchr::memmem::Finder::new(tail);
    let mut at = 0;
    while let Some(next) = finder.find(bytes.get(at..).unwrap_or_default()) {
        let start = (at + next).saturating_sub(1);
        at += next + 1;
        let (mut here, mut count, mut spelled, mut end) = (start, 0, String::new(), start);
        while let Some((c, after)) = call(bytes, here) {
            count += 1;
            end = after;
            if spelled.len() < most {
                spelled.push(char::from(c));
            }
            here = blank(bytes, after);
            match bytes.get(here) {
                Some(b'+' | b'.' | b'&' | b',') => here = blank(bytes, here + 1),
                _ => break,
            }
            // PowerShell: `[char]99+[char]117`.
            here += usize::from(bytes.get(here) == Some(&b'['));
        }
        at = at.max(end);
        if count >= SHORTEST_CALLED && is_wordy(&spelled) {
            each(start..end, spelled);
        }
    }
}

/// `chr(99)`, `char]99` or `CHR(0x63)` at `at`: the character and the end.
fn call(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let name = bytes.get(at..at + 5)?;
    if name.eq_ignore_ascii_case(b"char]") {
        return code(bytes, at + 5);
    }
    let (c, end) =
        code(bytes, at + 4).filter(|_| name.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"chr(")))?;
    (bytes.get(end) == Some(&b')')).then_some((c, end + 1))
}

/// The number of a printable ASCII character, or of white space, at `at`.
fn code(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let rest = bytes.get(at..)?;
    let (digits, radix, head) = match rest {
        [b'0', b'x' | b'X', digits @ ..] => (digits, 16, 2),
        _ => (rest, 10, 0),
    };
    let length = digits.iter().take(4).take_while(|byte| char::from(**byte).is_digit(radix)).count();
    if length == 0 || length > 3 {
        return None;
    }
    let digits = std::str::from_utf8(digits.get(..length)?).ok()?;
    let c = u8::from_str_radix(digits, radix).ok().filter(|c| matches!(c, 9 | 10 | 13 | 32..=126))?;
    Some((c, at + head + length))
}

fn blank(bytes: &[u8], at: usize) -> usize {
    at + bytes.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Mostly letters, as data seldom is.
fn is_wordy(spelled: &str) -> bool {
    let letters = spelled.bytes().filter(u8::is_ascii_alphabetic).count();
    letters * 2 >= spelled.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        char_codes(text, 999, |_, spelled| found.push(spelled));
        found
    }

    #[test]
    fn numbers_are_read() {
        assert_eq!(read("String.fromCharCode(99,117,114,108)"), ["curl"]);
        assert_eq!(read("x = bytes([99, 117, 0x72, 108])"), ["curl"]);
        assert_eq!(read("chr(99)+chr(117) + chr(114) . Chr(108)"), ["curl"]);
        assert_eq!(read("[char]99+[char]117+[char]114+[char]108"), ["curl"]);
        assert_eq!(read("[99,117,114,108,32,104,116,116,112,115]"), ["curl https"]);
    }

    #[test]
    fn data_is_not() {
        assert_eq!(read("[99, 117, 114, 108] and chr(65) or f(1, 2, 3)"), [""; 0]);
        assert_eq!(read("[10, 20, 30, 40, 50, 60, 9, 32, 33, 34, 35]"), [""; 0]);
        assert_eq!(read("[100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]"), [""; 0]);
    }
}
