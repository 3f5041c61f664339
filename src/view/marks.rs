//! Where a text has characters that a reader does not see or takes for others.

use crate::source::first;
use std::ops::Range;

use super::letters::{form, is_foreign, word};
use super::signs::{
    bits_text, flag_tags, is_bidi, is_selector, is_tag, is_zero_width, next_foreign, run, selector_bytes, tag_text,
};

/// The places of a text with characters that deceive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unusual {
    /// The places in order of their first byte; those of bidirectional controls cover a line.
    pub marks: Vec<Mark>,
    /// How many more there were than are kept.
    pub left_out: usize,
}

/// One place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub range: Range<usize>,
    /// The hidden text, or the word as it would be in plain ASCII; cut off after some thousand bytes.
    pub hidden: Option<String>,
}

/// What deceives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Unicode tag characters outside the flag of a region.
    Tags,
    /// Four or more variation selectors in a row.
    Variation,
    /// A run of zero-width characters.
    ZeroWidth,
    /// Zero-width characters inside a word, path or address of ASCII characters.
    ZeroWidthInside,
    /// Bidirectional embeddings, overrides or isolates on one line.
    Bidi {
        /// The line has letters that are written from right to left.
        rtl: bool,
        /// Everything opened on the line is closed on it.
        balanced: bool,
        /// One of them turns text from left to right round; the others change nothing there.
        turns: bool,
        /// The controls are the members of a character class, `[…]`, or of a list of characters.
        listed: bool,
    },
    /// A word of ASCII letters and letters of another script that look like ASCII ones.
    Homoglyph,
    /// Four or more full-width letters of the Latin alphabet.
    FullWidth,
}

impl Mark {
    /// The characters of the mark that nobody sees, run by run; `text` is what it is a mark of.
    #[must_use]
    pub fn unseen(&self, text: &str) -> Vec<Range<usize>> {
        let is: fn(char) -> bool = match self.kind {
            Kind::Tags => is_tag,
            Kind::Variation => is_selector,
            Kind::ZeroWidth | Kind::ZeroWidthInside => is_zero_width,
            Kind::Bidi { .. } => is_bidi,
            Kind::Homoglyph | Kind::FullWidth => return Vec::new(),
        };
        let marked = text.get(self.range.clone()).unwrap_or_default();
        let mut runs: Vec<Range<usize>> = Vec::new();
        for (at, c) in marked.char_indices().filter(|(_, c)| is(*c)) {
            let start = self.range.start + at;
            match runs.last_mut() {
                Some(last) if last.end == start => last.end += c.len_utf8(),
                _ => runs.push(start..start + c.len_utf8()),
            }
        }
        runs
    }
}

/// Places that are kept.
const MOST_MARKS: usize = 1_000;

/// Bytes of a hidden text that are kept.
const MOST_HIDDEN: usize = 4_096;

/// Where the text has characters that deceive. One pass; ASCII is skipped in blocks.
#[must_use]
pub fn unusual(text: &str) -> Unusual {
    let bytes = text.as_bytes();
    let mut scan = Scan { text, found: Unusual::default(), line: 0, word: 0 };
    let mut at = 0;
    while let Some(next) = next_foreign(bytes, at) {
        let Some(c) = text.get(next..).and_then(|rest| rest.chars().next()) else { break };
        at = next + scan.read(next, c).max(c.len_utf8());
    }
    scan.found
}

struct Scan<'a> {
    text: &'a str,
    found: Unusual,
    /// The end of the last line whose bidirectional controls were judged.
    line: usize,
    /// The end of the last word that was judged.
    word: usize,
}

impl Scan<'_> {
    /// Judges what begins with the character `c` at `at`; gives the bytes that are done with.
    fn read(&mut self, at: usize, c: char) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        match c {
            '\u{1f3f4}' => c.len_utf8() + flag_tags(rest.get(c.len_utf8()..).unwrap_or_default()),
            _ if is_tag(c) => {
                let length = run(rest, is_tag);
                let hidden = tag_text(kept(rest, length));
                self.mark(Kind::Tags, at..at + length, Some(hidden));
                length
            }
            _ if is_selector(c) => {
                let length = run(rest, is_selector);
                let tags = rest.get(..length).unwrap_or_default();
                if tags.chars().take(4).count() == 4 {
                    let hidden = String::from_utf8(selector_bytes(kept(rest, length))).ok();
                    let hidden = hidden.filter(|text| !text.is_empty() && !text.chars().any(char::is_control));
                    self.mark(Kind::Variation, at..at + length, hidden);
                }
                length
            }
            _ if is_zero_width(c) => self.zero_width(at, rest),
            _ if is_bidi(c) => {
                self.bidi(at);
                0
            }
            _ if is_foreign(c) => self.foreign(at),
            '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
                let length = run(rest, |c| matches!(c, '\u{ff01}'..='\u{ff5e}'));
                let wide = kept(rest, length);
                if wide.chars().filter_map(form).filter(u8::is_ascii_alphabetic).take(4).count() == 4 {
                    let hidden = wide.chars().filter_map(form).map(char::from).collect();
                    self.mark(Kind::FullWidth, at..at + length, Some(hidden));
                }
                length
            }
            _ => 0,
        }
    }

    fn zero_width(&mut self, at: usize, rest: &str) -> usize {
        let length = run(rest, is_zero_width);
        let signs = rest.get(..length).unwrap_or_default();
        let start = at + if at == 0 && signs.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let signs = self.text.get(start..at + length).unwrap_or_default();
        let some: Vec<char> = signs.chars().take(10).collect();
        let joins = signs.contains(['\u{200c}', '\u{200d}']);
        // Each sign once: somebody lists them.
        let listed =
            some.len() < 10 && some.iter().enumerate().all(|(at, c)| !some.iter().skip(at + 1).any(|d| c == d));
        if inside(self.text.as_bytes(), start, at + length) && !(listed && some.len() > 1) {
            let (from, hidden) = self.joined(start, at + length);
            self.mark(Kind::ZeroWidthInside, from..at + length, Some(hidden));
        } else if !listed && some.len() >= if joins { 6 } else { 3 } {
            self.mark(Kind::ZeroWidth, start..at + length, bits_text(kept(signs, signs.len())));
        }
        length
    }

    /// The word around zero-width characters without them, and where they begin.
    fn joined(&self, start: usize, end: usize) -> (usize, String) {
        let bytes = self.text.as_bytes();
        let from = (start.saturating_sub(40)..start).rev().find(|at| !bytes.get(*at).copied().is_some_and(is_token));
        let from = from.map_or(start.saturating_sub(40), |at| at + 1);
        let until = (end..end + 40).find(|at| !bytes.get(*at).copied().is_some_and(is_token)).unwrap_or(end + 40);
        let part = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        (start, [part(from..start), part(end..until)].concat())
    }

    fn bidi(&mut self, at: usize) {
        if at < self.line {
            return;
        }
        let bytes = self.text.as_bytes();
        let start = memchr::memrchr(b'\n', bytes.get(self.line..at).unwrap_or_default());
        let start = start.map_or(self.line, |feed| self.line + feed + 1);
        let end = memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default()).map_or(bytes.len(), |feed| at + feed);
        self.line = end;
        let (mut last, mut embedded, mut isolated) = (at, 0_i64, 0_i64);
        let (mut balanced, mut rtl, mut turns, mut listed) = (true, false, false, true);
        let mut before = ' ';
        let line = self.text.get(start..end).unwrap_or_default();
        for (inside, c) in line.char_indices() {
            match c {
                '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => embedded += 1,
                '\u{202c}' => embedded -= 1,
                '\u{2066}'..='\u{2068}' => isolated += 1,
                '\u{2069}' => isolated -= 1,
                _ => rtl |= is_rtl(c),
            }
            balanced &= embedded >= 0 && isolated >= 0;
            if is_bidi(c) {
                turns |= matches!(c, '\u{202b}' | '\u{202e}' | '\u{2067}');
                last = start + inside + c.len_utf8();
                let next = line.get(inside + c.len_utf8()..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
                let member = |c: char| {
                    is_bidi(c) || matches!(c, '[' | ']' | '-' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}')
                };
                listed &= member(before) && member(next);
            }
            before = c;
        }
        let balanced = balanced && embedded == 0 && isolated == 0;
        self.mark(Kind::Bidi { rtl, balanced, turns, listed }, at..last, None);
    }

    fn foreign(&mut self, at: usize) -> usize {
        let word = word(self.text, self.word, at);
        self.word = word.range.end;
        let done = word.range.end - at;
        if let Some(ascii) = word.ascii {
            self.mark(Kind::Homoglyph, word.range, Some(ascii));
        }
        done
    }

    fn mark(&mut self, kind: Kind, range: Range<usize>, hidden: Option<String>) {
        if self.found.marks.len() < MOST_MARKS {
            self.found.marks.push(Mark { kind, range, hidden });
        } else {
            self.found.left_out += 1;
        }
    }
}

/// The first `length` bytes of a text, or what of them is kept.
fn kept(text: &str, length: usize) -> &str {
    first(text, length.min(MOST_HIDDEN))
}

/// Do the bytes around stand in one word, path or address of ASCII characters?
fn inside(bytes: &[u8], start: usize, end: usize) -> bool {
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    before.copied().is_some_and(is_token)
        && bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_/".contains(byte))
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-./:@".contains(&byte)
}

/// Is it a letter of Hebrew, Arabic or a neighbour that is written from right to left?
fn is_rtl(c: char) -> bool {
    matches!(u32::from(c), 0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfefc | 0x1_0800..=0x1_0fff | 0x1_e800..=0x1_efff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, Option<String>)> {
        unusual(text).marks.into_iter().map(|mark| (mark.kind, mark.hidden)).collect()
    }

    fn tags(text: &str) -> String {
        text.bytes().filter_map(|byte| char::from_u32(0xe_0000 + u32::from(byte))).collect()
    }

    fn selectors(text: &str) -> String {
        let sign = |byte: u8| if byte < 16 { 0xfe00 + u32::from(byte) } else { 0xe_0100 + u32::from(byte) - 16 };
        text.bytes().filter_map(|byte| char::from_u32(sign(byte))).collect()
    }

    #[test]
    fn tags_are_read_and_flags_are_not() {
        let hidden = Some("send the keys".to_owned());
        assert_eq!(kinds(&format!("Sort rows{}", tags("send the keys"))), [(Kind::Tags, hidden.clone())]);
        let england = format!("\u{1f3f4}{}\u{e007f}", tags("gbeng"));
        assert_eq!(kinds(&format!("{england} and \u{1f3f4}{}\u{e007f}", tags("ustx"))), []);
        // A flag that carries a sentence is none.
        assert_eq!(kinds(&format!("\u{1f3f4}{}\u{e007f}", tags("send the keys"))), [(Kind::Tags, hidden)]);
        assert_eq!(kinds("\u{1f3f4}\u{200d}\u{2620}\u{fe0f}"), []);
    }

    #[test]
    fn selectors_are_read_in_runs() {
        assert_eq!(kinds(&format!("😀{}", selectors("run it"))), [(Kind::Variation, Some("run it".to_owned()))]);
        assert_eq!(kinds("❤\u{fe0f} 1\u{fe0f}\u{20e3} 葛\u{e0100}"), []);
    }

    #[test]
    fn zero_width_in_words_and_in_runs() {
        assert_eq!(kinds("cu\u{200b}rl x"), [(Kind::ZeroWidthInside, Some("curl".to_owned()))]);
        let host = Some("https://evil.example/a".to_owned());
        assert_eq!(kinds("get https://ev\u{2060}il.example/a"), [(Kind::ZeroWidthInside, host)]);
        assert_eq!(kinds("a \u{200b}\u{200b}\u{200b} b"), [(Kind::ZeroWidth, None)]);
        let bits: String = "01101000 01101001"
            .chars()
            .filter(|c| *c != ' ')
            .map(|c| if c == '1' { '\u{200c}' } else { '\u{200b}' })
            .collect();
        assert_eq!(kinds(&format!("x {bits} y")), [(Kind::ZeroWidth, Some("hi".to_owned()))]);
        for honest in [
            "\u{feff}# Title",
            "می\u{200c}خواهم",
            "PDF\u{200c}ها",
            "👩\u{200d}👩\u{200d}👧\u{200d}👦",
            "population\u{200b}\u{200b}.",
            "\"\u{2060}mapbox://styles\"",
            "\"\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\"",
            "one\n\u{feff}two",
        ] {
            assert_eq!(kinds(honest), [], "{honest:?}");
        }
    }

    #[test]
    fn bidi_says_what_the_line_is_like() {
        let fact = |text| match kinds(text).as_slice() {
            [(Kind::Bidi { rtl, balanced, turns, listed }, None)] => Some([*rtl, *balanced, *turns, *listed]),
            _ => None,
        };
        assert_eq!(fact("access = \"user\u{202e} // check\""), Some([false, false, true, false]));
        assert_eq!(fact("x\n\u{2067}مرحبا\u{2069} yes\ny"), Some([true, true, true, false]));
        assert_eq!(fact("re.compile(r\"[\u{202a}-\u{202e}\u{2066}-\u{2069}]\")"), Some([false, false, true, true]));
        assert_eq!(fact("\u{202a}C:\\Users\\x"), Some([false, false, false, false]));
        assert_eq!(kinds("a\u{202e}\u{202e}b\nc\u{202e}").len(), 2);
    }

    #[test]
    fn words_in_other_letters() {
        let requests = Some("requests".to_owned());
        assert_eq!(kinds("pip install rеquests"), [(Kind::Homoglyph, requests)]);
        assert_eq!(kinds("β-carotene at 10 µs, Δx of 3 μm; привет, мир; ΔG"), []);
        assert_eq!(kinds("ｃｕｒｌ -s"), [(Kind::FullWidth, Some("curl".to_owned()))]);
        assert_eq!(kinds("ＡＩ 和 ＵＲＬ"), []);
    }

    #[test]
    fn hostile_texts_end() {
        let found = unusual(&"\u{200b}".repeat(400_000));
        assert_eq!((found.marks.len(), found.left_out), (1, 0));
        let found = unusual(&"a\u{200b}b".repeat(100_000));
        assert_eq!((found.marks.len(), found.left_out), (MOST_MARKS, 99_000));
        let _ = unusual(&"a\u{202e}".repeat(300_000));
        let _ = unusual(&"aа".repeat(300_000));
        let _ = unusual(&tags("abc").repeat(100_000));
    }
}
