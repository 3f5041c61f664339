//! A script without its comments, as upstream takes them out: it knows strings, but no regular
//! expressions and no `${}` in templates.

use std::borrow::Cow;
use std::ops::Range;

use crate::model::dialect::Release;

/// What is left of a text, and where it came from.
pub(super) struct Kept<'a> {
    /// The text without comments; its lines are those of the original.
    pub(super) text: Cow<'a, str>,
    /// Where a kept stretch starts: in the kept text, in the original.
    marks: Vec<(usize, usize)>,
}

impl<'a> Kept<'a> {
    /// What a release judges a file as a whole by: 2026.2 did not take comments out.
    pub(super) fn of(text: &'a str, release: Release) -> Self {
        if release < Release::V2026_5 {
            return Self { text: Cow::Borrowed(text), marks: Vec::new() };
        }
        Self::without_comments(text)
    }

    fn without_comments(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut kept = String::with_capacity(text.len());
        let mut marks = Vec::new();
        // Every cut is at an ASCII character, so the slices are text.
        let mut keep = |from: usize, to: usize| {
            if let Some(part) = text.get(from..to).filter(|part| !part.is_empty()) {
                marks.push((kept.len(), from));
                kept.push_str(part);
            }
        };
        let mut from = 0;
        let mut at = 0;
        let mut quote = None;
        while let Some(&byte) = bytes.get(at) {
            match (quote, byte, bytes.get(at + 1)) {
                (Some(_), b'\\', _) => at += 1,
                (Some(open), _, _) if byte == open => quote = None,
                (None, b'\'' | b'"' | b'`', _) => quote = Some(byte),
                (None, b'/', Some(b'/')) => {
                    keep(from, at);
                    at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
                    from = at;
                    continue;
                }
                (None, b'/', Some(b'*')) => {
                    keep(from, at);
                    let end =
                        memchr::memmem::find(&bytes[at + 2..], b"*/").map_or(bytes.len(), |length| at + 2 + length);
                    for newline in memchr::memchr_iter(b'\n', &bytes[at..end]) {
                        keep(at + newline, at + newline + 1);
                    }
                    at = bytes.len().min(end + 2);
                    from = at;
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        keep(from, bytes.len());
        Self { text: Cow::Owned(kept), marks }
    }

    /// The bytes of the original that a range of the kept text stands for.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        let place = |at: usize| {
            let index = self.marks.partition_point(|(kept, _)| *kept <= at);
            let mark = index.checked_sub(1).and_then(|index| self.marks.get(index));
            mark.map_or(at, |(kept, original)| original + (at - kept))
        };
        let start = place(range.start);
        // The end is found from the last byte, or a comment right behind it would be taken in.
        start..range.end.checked_sub(1).map_or(start, |last| place(last) + 1).max(start)
    }
}
