//! JSON as ECMAScript reads and writes it: `JSON.stringify(JSON.parse(text))`, byte for byte.
//!
//! An audit log is hashed over what that expression gives, so every detail of it counts: keys that look like
//! array indices come first and ascending, of equal keys the last value stands at the first one's place,
//! numbers go through a double, lone surrogates stay, and depth has no limit. Nothing here recurses, and
//! memory grows with the text and not with its depth times its length.

pub mod date;
mod number;
mod order;
mod read;
mod write;

pub use number::{Spelling, number};
pub use read::Refusal;
pub use write::pretty;

use std::ops::Range;

/// A value that was read: its canonical text, and what must be moved to get the members into order.
#[derive(Debug, Default)]
pub struct Json {
    /// Every token in its canonical spelling, members in the order of the source.
    raw: Vec<u8>,
    /// The objects whose members stand in another order than they are written in, by their start.
    moved: Vec<Moved>,
    /// The members of the moved objects in their order, as ranges of `raw`.
    order: Vec<Piece>,
    /// The members of the value itself in the order they are written in, when it is an object.
    members: Option<Vec<Member>>,
    /// What a reader of the source may want to know.
    pub oddities: Oddities,
}

/// Offsets in `raw`. A line is at most 16 MiB, and no token grows more than eightfold.
#[derive(Clone, Copy, Debug, Default)]
struct Piece {
    start: u32,
    end: u32,
}

#[derive(Debug)]
struct Moved {
    object: Piece,
    /// Its members, as a range of `order`.
    first: u32,
    last: u32,
}

/// A member of the outermost object.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// The key and the value in `raw`, with the colon between them.
    whole: Piece,
    /// One past the key in `raw`.
    key_end: u32,
    /// The key in the source, quotes included.
    key_at: Piece,
    /// The value in the source.
    value_at: Piece,
}

/// What the canonical text does not tell of its source. Places are byte ranges of the source.
#[derive(Debug, Default)]
pub struct Oddities {
    /// Keys that a later equal one replaces; the first few.
    pub duplicates: Vec<Range<usize>>,
    /// Numbers whose value a double cannot hold: another number gives the same text; the first few.
    pub lossy: Vec<Range<usize>>,
    /// The greatest number of arrays and objects around a value.
    pub depth: usize,
}

/// Oddities of one kind that are kept of a value.
const MOST_ODDITIES: usize = 4;

impl Json {
    /// Reads a text that is one value.
    ///
    /// # Errors
    /// Where and why `JSON.parse` refuses it.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let (value, end) = Self::prefix(text)?;
        if end < text.len() {
            return Err(Refusal { at: end, message: "something follows the value" });
        }
        Ok(value)
    }

    /// Reads the value that a text begins with; also where what follows it begins, blanks passed over.
    ///
    /// # Errors
    /// Where and why it is none.
    pub fn prefix(text: &str) -> Result<(Self, usize), Refusal> {
        read::Reader::new(text).read()
    }

    /// Is it an object?
    #[must_use]
    pub const fn is_object(&self) -> bool {
        self.members.is_some()
    }

    /// The members of the outermost object, in the order they are written in.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().flatten()
    }

    /// The member with this key, which needs no escapes.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Member> {
        self.members().find(|member| self.key(member) == key.as_bytes())
    }

    /// The canonical text of a key without its quotes.
    #[must_use]
    pub fn key(&self, member: &Member) -> &[u8] {
        let Piece { start, .. } = member.whole;
        self.raw.get(start as usize + 1..(member.key_end as usize).saturating_sub(1)).unwrap_or_default()
    }

    /// The canonical text of a member's value.
    #[must_use]
    pub fn value(&self, member: &Member) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_value(member, &mut |bytes| out.extend_from_slice(bytes));
        out
    }

    /// The same for a value that is no object and no array: without a copy.
    #[must_use]
    pub fn scalar(&self, member: &Member) -> Option<&[u8]> {
        let text = self.raw.get(member.key_end as usize + 1..member.whole.end as usize)?;
        (!text.starts_with(b"{") && !text.starts_with(b"[")).then_some(text)
    }

    /// The first byte of a member's value: what kind of value it is.
    #[must_use]
    pub fn first_byte(&self, member: &Member) -> u8 {
        self.raw.get(member.key_end as usize + 1).copied().unwrap_or_default()
    }

    /// The text of a member's value, when it is one. Lone surrogates become U+FFFD.
    #[must_use]
    pub fn text(&self, member: &Member) -> Option<String> {
        unquoted(self.scalar(member)?)
    }
}

impl Member {
    /// Where the key stands in the source.
    #[must_use]
    pub const fn key_at(&self) -> Range<usize> {
        self.key_at.start as usize..self.key_at.end as usize
    }

    /// Where the value stands in the source.
    #[must_use]
    pub const fn value_at(&self) -> Range<usize> {
        self.value_at.start as usize..self.value_at.end as usize
    }
}

/// The text behind a canonical JSON string. Lone surrogates become U+FFFD.
#[must_use]
pub fn unquoted(canonical: &[u8]) -> Option<String> {
    let inner = std::str::from_utf8(canonical).ok()?.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        let unescaped = match chars.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let code = u32::from_str_radix(after.get(1..5)?, 16).ok()?;
                chars = after.get(5..)?.chars();
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            c => c,
        };
        out.push(unescaped);
        rest = chars.as_str();
    }
    out.push_str(rest);
    Some(out)
}

/// White space of `String.prototype.trim`: not what Rust trims (U+FEFF counts, U+0085 does not).
#[must_use]
pub const fn is_space(c: char) -> bool {
    matches!(c, '\u{9}'..='\u{d}' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}'
        | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        String::from_utf8(Json::parse(text).unwrap().stringify()).unwrap()
    }

    #[test]
    fn keys_like_indices_come_first() {
        assert_eq!(canonical(r#"{"b":1,"2":2,"a":3,"1":4}"#), r#"{"1":4,"2":2,"b":1,"a":3}"#);
        let edge = r#"{"x":0,"4294967295":1,"4294967294":2,"01":3,"-1":4,"1.0":5,"":6,"0":7}"#;
        let want = r#"{"0":7,"4294967294":2,"x":0,"4294967295":1,"01":3,"-1":4,"1.0":5,"":6}"#;
        assert_eq!(canonical(edge), want);
        let nested = r#"[{"b":{"9":[{"y":1,"0":2}],"1":1},"0":{"z":0,"7":{"q":1,"3":2}}}]"#;
        assert_eq!(canonical(nested), r#"[{"0":{"7":{"3":2,"q":1},"z":0},"b":{"1":1,"9":[{"0":2,"y":1}]}}]"#);
    }

    #[test]
    fn the_last_of_equal_keys_stands_first() {
        assert_eq!(canonical(r#"{"a":1,"b":2,"a":{"c":3,"\u0063":4}}"#), r#"{"a":{"c":4},"b":2}"#);
        assert_eq!(
            canonical(r#"{"__proto__":1,"1":0,"1":{"k":[2,{"3":1,"3":2}]}}"#),
            r#"{"1":{"k":[2,{"3":2}]},"__proto__":1}"#
        );
        let odd = Json::parse(r#"{"a":1,"b":2,"a":3}"#).unwrap().oddities;
        assert_eq!(odd.duplicates.first(), Some(&(1..4)));
    }

    #[test]
    fn strings_escape_only_what_they_must() {
        assert_eq!(
            canonical(r#""\/\u0041\u001f\u0008\t\u007f\u2028é\"\\""#),
            "\"/A\\u001f\\b\\t\u{7f}\u{2028}é\\\"\\\\\""
        );
        assert_eq!(
            canonical(r#""\uD83D\uDE00|\uD83D|\ude00|\uD83D\u0041|\uD83D\uD83D\uDE00""#),
            "\"😀|\\ud83d|\\ude00|\\ud83dA|\\ud83d😀\""
        );
    }

    #[test]
    fn blanks_go_and_numbers_go_through_a_double() {
        assert_eq!(
            canonical(" [ 1.0 , -0 , 1e21,\r\n1e400\t, 9007199254740993 ,0.1e1] "),
            "[1,0,1e+21,null,9007199254740992,1]"
        );
    }

    #[test]
    fn what_json_parse_refuses_is_refused() {
        let wrong = [
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "01",
            "+1",
            "1.",
            ".5",
            "1e",
            "nul",
            "\"\t\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\u{feff}1",
            "[1 2]",
            "{\"a\" 1}",
            "1 2",
            "'a'",
            "NaN",
            "\"",
            "[",
            "]",
            "{\"a\":}",
            "-",
            "\u{a0}1",
        ];
        for text in wrong {
            assert!(Json::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        assert_eq!(canonical(&deep), deep);
        let deep = "{\"b\":0,\"1\":".repeat(50_000) + "0" + &"}".repeat(50_000);
        let want = "{\"1\":".repeat(50_000) + "0" + &",\"b\":0}".repeat(50_000);
        assert_eq!(canonical(&deep), want);
    }

    #[test]
    fn strings_come_back() {
        assert_eq!(unquoted(br#""a\"\\\n\u001f\ud800z""#).as_deref(), Some("a\"\\\n\u{1f}\u{fffd}z"));
        assert_eq!(unquoted(b"12"), None);
    }
}
