//! The short way: a line that is exactly what the logger writes needs no parser.
//!
//! The bytes of such a line, without its `hash`, are the text that was hashed. That holds only if the line is
//! its own `JSON.stringify(JSON.parse(line))`, so whatever is not plainly so is left to the long way: other
//! orders of fields, blanks, escapes by number, keys that may be array indices or may stand twice, numbers
//! that may be written in another way. The text must be UTF-8, too: the verifier hashes U+FFFD for what is not.

use super::{GENESIS, KINDS, SEVERITIES};

/// A line of the logger, cut into what a verifier asks for.
#[derive(Clone, Copy, Debug)]
pub struct Canonical<'a> {
    /// The sequence number.
    pub seq: u64,
    /// The time as 17 digits: year, month, day, hour, minute, second, millisecond.
    pub time: u64,
    /// The type, as an index of [`KINDS`].
    pub kind: u8,
    /// The severity, as an index of [`SEVERITIES`].
    pub severity: u8,
    /// The hash of the entry before.
    pub prev: &'a [u8],
    /// The hash that the entry claims.
    pub stored: &'a [u8],
    /// What is hashed is this and a closing brace.
    pub hashed: &'a [u8],
}

const PREV: &[u8] = b",\"prevHash\":\"";
const HASH: &[u8] = b"\",\"hash\":\"";
const DIGEST: usize = GENESIS.len();
/// Bytes from the comma before `prevHash` to the end.
const TAIL: usize = PREV.len() + DIGEST + HASH.len() + DIGEST + 2;
/// Bytes from the comma before `hash` to the end.
const LAST: usize = HASH.len() - 1 + DIGEST + 2;

/// Cuts a line; none when it has to go the long way. The line must be UTF-8 without control characters:
/// [`is_plain`] says so of a whole block.
#[must_use]
pub fn cut(line: &[u8]) -> Option<Canonical<'_>> {
    let front = line.len().checked_sub(TAIL)?;
    let tail: &[u8; TAIL] = line.get(front..)?.first_chunk()?;
    let (prev, tail) = tail.strip_prefix(PREV)?.split_at_checked(DIGEST)?;
    let (stored, tail) = tail.strip_prefix(HASH)?.split_at_checked(DIGEST)?;
    if tail != b"\"}" {
        return None;
    }
    let mut scan = Scan { line, at: 0 };
    let mut cut = scan.front()?;
    if scan.at != front {
        return None;
    }
    // Whether these are digests is told when they are compared with one.
    (cut.prev, cut.stored) = (prev, stored);
    cut.hashed = line.get(..line.len() - LAST)?;
    Some(cut)
}

/// Are the bytes UTF-8 without control characters but the newlines between lines?
#[must_use]
pub fn is_plain(block: &[u8]) -> bool {
    // Counted in pieces, in which a byte holds the number: that is what the machine does many of at once.
    let controls =
        |piece: &[u8]| piece.iter().fold(0_u8, |count, byte| count + u8::from(*byte < 0x20 && *byte != b'\n'));
    block.chunks(128).all(|piece| controls(piece) == 0) && std::str::from_utf8(block).is_ok()
}

/// Objects and arrays inside each other that the short way takes.
const DEEPEST: usize = 16;
/// Keys of the open objects that it takes.
const MOST_KEYS: usize = 32;

/// Bytes that are looked at together.
const WIDE: usize = 16;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The lowest high bit that is set marks the first byte equal to `byte`.
const fn equal(word: u64, byte: u8) -> u64 {
    let zero = word ^ (ONES * byte as u64);
    zero.wrapping_sub(ONES) & !zero & HIGH
}

/// The first quote or backslash among some bytes.
#[inline]
fn first_stop(bytes: &[u8; WIDE]) -> Option<usize> {
    let (low, high) = bytes.split_at(WIDE / 2);
    let half = |half: &[u8]| half.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let stops = |word: u64| equal(word, b'"') | equal(word, b'\\');
    let (low, high) = (stops(half(low)), stops(half(high)));
    if low != 0 {
        Some((low.trailing_zeros() / 8) as usize)
    } else if high != 0 {
        Some(8 + (high.trailing_zeros() / 8) as usize)
    } else {
        None
    }
}

struct Scan<'a> {
    line: &'a [u8],
    at: usize,
}

/// The keys of the open objects.
struct Keys {
    ranges: [(u32, u32); MOST_KEYS],
    count: usize,
}

impl<'a> Scan<'a> {
    fn front(&mut self) -> Option<Canonical<'a>> {
        self.expect(b"{\"seq\":")?;
        let seq = self.whole()?;
        self.expect(b",\"ts\":\"")?;
        let time = self.time()?;
        self.expect(b"\",\"type\":\"")?;
        let kind = self.one_of(&KINDS)?;
        self.expect(b",\"severity\":\"")?;
        let severity = self.one_of(&SEVERITIES)?;
        self.expect(b",\"summary\":\"")?;
        self.string()?;
        self.expect(b",\"details\":{")?;
        self.object()?;
        if self.take(b",\"actor\":\"") {
            self.string()?;
        }
        if self.take(b",\"session\":\"") {
            self.string()?;
        }
        if self.take(b",\"channel\":\"") {
            self.string()?;
        }
        Some(Canonical { seq, time, kind, severity, prev: &[], stored: &[], hashed: &[] })
    }

    #[inline]
    fn take<const N: usize>(&mut self, text: &[u8; N]) -> bool {
        let here = self.line.get(self.at..).and_then(<[u8]>::first_chunk) == Some(text);
        if here {
            self.at += N;
        }
        here
    }

    #[inline]
    fn expect<const N: usize>(&mut self, text: &[u8; N]) -> Option<()> {
        self.take(text).then_some(())
    }

    #[inline]
    fn byte(&self) -> u8 {
        self.line.get(self.at).copied().unwrap_or_default()
    }

    /// A whole number without sign that is its own canonical text.
    fn whole(&mut self) -> Option<u64> {
        let start = self.at;
        let mut value = 0_u64;
        while let digit @ b'0'..=b'9' = self.byte() {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        let length = self.at - start;
        let plain = (1..=15).contains(&length) && (length == 1 || self.line.get(start) != Some(&b'0'));
        plain.then_some(value)
    }

    /// `2026-02-10T15:00:00.000Z`
    fn time(&mut self) -> Option<u64> {
        let text: &[u8; 24] = self.line.get(self.at..)?.first_chunk()?;
        self.at += text.len();
        super::time::packed(text)
    }

    /// One of some words and the quote behind it.
    #[inline]
    fn one_of(&mut self, words: &[&str]) -> Option<u8> {
        let start = self.at;
        self.string()?;
        let own = self.line.get(start..self.at - 1)?;
        let index = words.iter().position(|word| word.as_bytes() == own)?;
        u8::try_from(index).ok()
    }

    /// Passes over a string and its closing quote.
    #[inline]
    fn string(&mut self) -> Option<()> {
        loop {
            // The tail of the line is longer than what is looked at together.
            let Some(stop) = first_stop(self.line.get(self.at..)?.first_chunk()?) else {
                self.at += WIDE;
                continue;
            };
            self.at += stop;
            if self.byte() == b'"' {
                self.at += 1;
                return Some(());
            }
            match self.line.get(self.at + 1)? {
                b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
                _ => return None,
            }
        }
    }

    /// Passes over an object after its opening brace.
    fn object(&mut self) -> Option<()> {
        let mut keys = Keys { ranges: [(0, 0); MOST_KEYS], count: 0 };
        // For each open object the number of keys outside of it; none for an array.
        let mut open: [Option<u8>; DEEPEST] = [None; DEEPEST];
        let mut depth = 1;
        open[0] = Some(0);
        let mut fresh = true;
        loop {
            let within = *open.get(depth - 1)?;
            let closes = self.byte() == if within.is_some() { b'}' } else { b']' };
            if closes {
                self.at += 1;
                depth -= 1;
                if let Some(outside) = within {
                    keys.count = usize::from(outside);
                }
                if depth == 0 {
                    return Some(());
                }
                fresh = false;
                continue;
            }
            if !fresh {
                self.expect(b",")?;
            }
            if let Some(outside) = within {
                self.key(&mut keys, usize::from(outside))?;
            }
            fresh = self.value()?;
            if fresh {
                let inner = (self.line.get(self.at - 1) == Some(&b'{')).then(|| u8::try_from(keys.count).ok());
                *open.get_mut(depth)? = inner.flatten();
                depth += 1;
            }
        }
    }

    /// A key and its colon.
    fn key(&mut self, keys: &mut Keys, outside: usize) -> Option<()> {
        self.expect(b"\"")?;
        let start = self.at;
        // It may be an array index, and those come first.
        if self.byte().is_ascii_digit() {
            return None;
        }
        self.string()?;
        let range = (u32::try_from(start).ok()?, u32::try_from(self.at - 1).ok()?);
        let text = |(start, end): (u32, u32)| self.line.get(start as usize..end as usize);
        let own = text(range);
        if keys.ranges.get(outside..keys.count)?.iter().any(|other| text(*other) == own) {
            return None;
        }
        *keys.ranges.get_mut(keys.count)? = range;
        keys.count += 1;
        self.expect(b":")
    }

    /// A value; true when it is an array or an object that has only begun.
    fn value(&mut self) -> Option<bool> {
        match self.byte() {
            b'"' => {
                self.at += 1;
                self.string()?;
            }
            b'{' | b'[' => {
                self.at += 1;
                return Some(true);
            }
            b't' => self.expect(b"true")?,
            b'f' => self.expect(b"false")?,
            b'n' => self.expect(b"null")?,
            _ => self.number()?,
        }
        Some(false)
    }

    /// A number of at most 15 digits that is its own canonical text.
    fn number(&mut self) -> Option<()> {
        let negative = self.take(b"-");
        let start = self.at;
        let whole = self.whole()?;
        let digits = self.at - start;
        if self.take(b".") {
            let from = self.at;
            while self.byte().is_ascii_digit() {
                self.at += 1;
            }
            let fraction = self.line.get(from..self.at)?;
            // Small ones are written with an exponent, and a zero at the end is not written.
            let plain = fraction.last().is_some_and(|last| *last != b'0')
                && (whole > 0 || fraction.first() != Some(&b'0'))
                && digits + fraction.len() <= 15;
            return (plain && !matches!(self.byte(), b'e' | b'E')).then_some(());
        }
        let other = matches!(self.byte(), b'e' | b'E') || negative && whole == 0;
        (!other).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::ecma::Json;

    fn line(details: &str) -> String {
        format!(
            "{{\"seq\":12,\"ts\":\"2026-02-10T15:00:00.123Z\",\"type\":\"tool_exec\",\"severity\":\"warn\",\"summary\":\"a \\\"b\\\" é\",\
             \"details\":{details},\"actor\":\"agent:main\",\"prevHash\":\"{GENESIS}\",\"hash\":\"{}\"}}",
            "ab".repeat(32)
        )
    }

    #[test]
    fn a_line_of_the_logger_is_cut() {
        let text = line(r#"{"a":[1,-2,0.5,12.25,{"b":{},"c":[]},[]],"b":{"a":null,"b":true},"z":"\n"}"#);
        let cut = cut(text.as_bytes()).unwrap();
        assert_eq!((cut.seq, cut.time, cut.kind, cut.severity), (12, 20_260_210_150_000_123, 0, 1));
        assert_eq!((cut.prev, cut.stored), (GENESIS.as_bytes(), "ab".repeat(32).as_bytes()));
        assert_eq!(cut.hashed, text.split(",\"hash\"").next().unwrap().as_bytes());
    }

    #[test]
    fn what_is_taken_is_canonical() {
        let doubtful = [
            r#"{"a":1,"a":2}"#,
            r#"{"1":0}"#,
            r#"{"b":{"2":0}}"#,
            "{\"a\": 1}",
            "{\"a\":1,}",
            "{,}",
            "{\"a\":01}",
            "{\"a\":-0}",
            "{\"a\":1.0}",
            "{\"a\":0.00001}",
            "{\"a\":1e3}",
            "{\"a\":1.5e3}",
            "{\"a\":1234567890123456}",
            "{\"a\":1.234567890123456}",
            r#"{"a":"\/"}"#,
            r#"{"a":"\u0041"}"#,
            r#"{"a":"\x"}"#,
            "{\"a\":}",
            "{\"a\"}",
            "{\"a\":[1 ]}",
            "{\"a\":[}",
            "{\"a\":[1,]}",
            "{\"a\":.5}",
            "{\"a\":5.}",
            "{\"a\":--1}",
            "{\"a\":tru}",
            "[]",
            "null",
            "{\"a\":1}}",
            "{\"a\":{}",
            "{\"a\":[[],]}",
            "{\"a\":{\"b\":1}\"c\":1}",
            "{\"a\":1\"b\":1}",
            "{\"a\":-}",
            "{[]}",
            "{1}",
        ];
        for details in doubtful {
            assert!(cut(line(details).as_bytes()).is_none(), "{details}");
        }
        let plain = [
            r#"{"a":{"a":{"a":1},"b":{"a":1}},"b":0}"#,
            "{}",
            r#"{"-1":0,"__proto__":{}}"#,
            r#"{"a":-1,"b":0,"c":123456789012345}"#,
        ];
        for details in plain {
            let text = line(details);
            assert!(cut(text.as_bytes()).is_some(), "{details}");
            assert_eq!(Json::parse(&text).unwrap().stringify(), text.as_bytes());
        }
    }

    #[test]
    fn plain_blocks_are_text_without_controls() {
        let mut bytes = (line("{}") + "\n").repeat(3).into_bytes();
        assert!(is_plain(&bytes) && is_plain(b"") && is_plain("é\n\u{7f}".as_bytes()));
        let places = [0, 1, 127, 128, bytes.len() - 1];
        for (at, byte) in places.into_iter().flat_map(|at| [0, 9, 13, 0x1f, 0xff].map(|byte| (at, byte))) {
            let old = std::mem::replace(&mut bytes[at], byte);
            assert!(!is_plain(&bytes), "{at} {byte}");
            bytes[at] = old;
        }
    }

    #[test]
    fn stops_are_found_wherever_they_are() {
        for at in 0..WIDE {
            for stop in [b'"', b'\\'] {
                let mut bytes = [b'\xa2'; WIDE];
                bytes[at..].fill(stop);
                assert_eq!(first_stop(&bytes), Some(at));
            }
        }
        assert_eq!(first_stop(&[b'!'; WIDE]), None);
    }
}
