//! Where groups, quotes, blocks and here-documents of a shell end.

use std::ops::Range;

use memchr::memchr;

use super::Shell;
use crate::syntax::script::{matching_parenthesis, quoted_end};
use crate::work::looks;

impl Shell<'_, '_> {
    /// The inside of the group that a parenthesis at a byte opens, and one past it. A group that never
    /// closes goes on to the end.
    pub(super) fn group(&mut self, at: usize, end: usize) -> (Range<usize>, usize) {
        // The search is bounded by what may still be run.
        let close = if self.rec.fuel.is_empty() { end } else { matching_parenthesis(&self.bytes()[..end], at) };
        self.rec.fuel.take(close - at);
        (inside(self.bytes(), at + 1, close, b')'), close)
    }

    /// The inside of the quotes that begin at a byte, `skip` bytes long, and one past them.
    pub(super) fn quotes(&mut self, at: usize, end: usize, skip: usize) -> (Range<usize>, usize) {
        let bytes = self.bytes();
        let close = if self.rec.fuel.is_empty() { end } else { quoted_end(&bytes[..end], at).min(end) };
        self.rec.fuel.take(close - at);
        (inside(bytes, at + skip, close, bytes[at + skip - 1]), close)
    }

    /// The inside of a substitution between backquotes, and one past it.
    pub(super) fn backquotes(&mut self, at: usize, end: usize) -> (Range<usize>, usize) {
        let close = memchr(b'`', &self.bytes()[at + 1..end]).map_or(end, |found| at + found + 2);
        self.rec.fuel.take(close - at);
        (inside(self.bytes(), at + 1, close, b'`'), close)
    }

    /// The inside of a block of commands that a brace at a byte opens, and one past it.
    pub(super) fn block(&mut self, at: usize, end: usize) -> (Range<usize>, usize) {
        let bytes = self.bytes();
        let mut open = 0;
        let mut place = at;
        while place < end {
            match bytes[place] {
                b'\\' => place += 1,
                b'\'' | b'"' => {
                    place = quoted_end(&bytes[..end], place);
                    continue;
                }
                b'#' if matches!(bytes[place - 1], b' ' | b'\t' | b'\n') => {
                    place = memchr(b'\n', &bytes[place..end]).map_or(end, |found| place + found);
                    continue;
                }
                b'{' => open += 1,
                b'}' => open -= 1,
                _ => {}
            }
            place += 1;
            if open == 0 {
                break;
            }
        }
        let close = place.min(end);
        self.rec.fuel.take(close - at);
        (inside(bytes, at + 1, close, b'}'), close)
    }

    /// One past the brace that closes `${`.
    pub(super) fn brace(&mut self, at: usize, end: usize) -> usize {
        let bytes = self.bytes();
        let mut open = 0;
        let most = end.min(at + 4000);
        for (place, byte) in bytes.iter().enumerate().take(most).skip(at) {
            match byte {
                b'{' => open += 1,
                b'}' => {
                    open -= 1;
                    if open == 0 {
                        self.rec.fuel.take(place - at);
                        return place + 1;
                    }
                }
                _ => {}
            }
        }
        looks::add(most - at);
        self.rec.fuel.take(most - at);
        // There is none: the dollar sign stands for itself.
        (at + 1).min(end)
    }

    /// The body of a here-document that is announced at a byte.
    pub(super) fn heredoc(&mut self, at: usize, word: &str) -> Option<Range<usize>> {
        let line = memchr(b'\n', &self.bytes()[at..]).map(|found| at + found + 1)?;
        let start = self.heredocs_end.max(line);
        let mut place = start;
        if self.rec.fuel.is_empty() {
            return None;
        }
        for line in self.text.get(start..)?.split_inclusive('\n') {
            if line.trim() == word {
                self.heredocs_end = place + line.len();
                self.rec.fuel.take(place - start);
                return Some(start..place);
            }
            place += line.len();
        }
        self.rec.fuel.take(place - start);
        None
    }
}

/// What lies between an opening sign and the closing one before `close`, if that is there.
fn inside(bytes: &[u8], start: usize, close: usize, sign: u8) -> Range<usize> {
    let closed = close > start && bytes[close - 1] == sign;
    start.min(close)..close - usize::from(closed)
}
