//! The reader: one pass over the text, with its own stack.

use super::{Json, MOST_ODDITIES, Member, Piece, Spelling, number};
use crate::source::offset;

/// Why a text is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The byte of the text where it was seen.
    pub at: usize,
    /// What is wrong there, in words.
    pub message: &'static str,
}

/// What may come next.
#[derive(Clone, Copy)]
enum Next {
    Value,
    /// The first value of an array, or its end.
    Item,
    /// A key.
    Key,
    /// The first key of an object, or its end.
    FirstKey,
    /// What follows a value.
    After,
}

/// An object that is open: where it begins in `raw`, and its first member.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) start: u32,
    pub(super) first: u32,
}

pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    pub(super) json: Json,
    /// What is open: true for an object.
    pub(super) open: Vec<bool>,
    objects: Vec<Object>,
    /// The members of the open objects.
    pub(super) members: Vec<Member>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let json = Json { raw: Vec::with_capacity(text.len()), ..Json::default() };
        Self { text, at: 0, json, open: Vec::new(), objects: Vec::new(), members: Vec::new() }
    }

    pub(super) fn read(mut self) -> Result<(Json, usize), Refusal> {
        let mut next = Next::Value;
        loop {
            self.blanks();
            next = match next {
                Next::Item if self.take(b']') => self.close(b']'),
                Next::Item | Next::Value => self.value()?,
                Next::FirstKey if self.take(b'}') => self.close(b'}'),
                Next::Key | Next::FirstKey => self.key()?,
                Next::After => match self.open.last() {
                    None => break,
                    Some(in_object) => {
                        let in_object = *in_object;
                        self.after(in_object)?
                    }
                },
            };
        }
        let mut json = self.json;
        json.moved.sort_unstable_by_key(|moved| moved.object.start);
        Ok((json, self.at))
    }

    fn refuse<T>(&self, message: &'static str) -> Result<T, Refusal> {
        Err(Refusal { at: self.at, message })
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let here = self.byte() == Some(byte);
        self.at += usize::from(here);
        here
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.at += 1;
        }
    }

    pub(super) fn raw_end(&self) -> u32 {
        offset(self.json.raw.len())
    }

    fn value(&mut self) -> Result<Next, Refusal> {
        let start = self.raw_end();
        match self.byte() {
            Some(b'{') => {
                self.at += 1;
                self.json.raw.push(b'{');
                self.open.push(true);
                self.objects.push(Object { start, first: offset(self.members.len()) });
                self.deeper();
                return Ok(Next::FirstKey);
            }
            Some(b'[') => {
                self.at += 1;
                self.json.raw.push(b'[');
                self.open.push(false);
                self.deeper();
                return Ok(Next::Item);
            }
            Some(b'"') => self.string()?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        }
        self.end_member();
        Ok(Next::After)
    }

    fn deeper(&mut self) {
        let depth = &mut self.json.oddities.depth;
        *depth = (*depth).max(self.open.len());
    }

    /// A value has ended: so has the member that it belongs to.
    fn end_member(&mut self) {
        if self.open.last() != Some(&true) {
            return;
        }
        let end = self.raw_end();
        let at = offset(self.at);
        if let Some(member) = self.members.last_mut() {
            member.whole.end = end;
            member.value_at.end = at;
        }
    }

    fn after(&mut self, in_object: bool) -> Result<Next, Refusal> {
        match self.byte() {
            Some(b',') => {
                self.at += 1;
                self.json.raw.push(b',');
                Ok(if in_object { Next::Key } else { Next::Value })
            }
            Some(b'}') if in_object => {
                self.at += 1;
                Ok(self.close(b'}'))
            }
            Some(b']') if !in_object => {
                self.at += 1;
                Ok(self.close(b']'))
            }
            None => self.refuse("the text ends inside a value"),
            Some(_) if in_object => self.refuse("expected `,` or `}` after a member"),
            Some(_) => self.refuse("expected `,` or `]` after a value"),
        }
    }

    fn key(&mut self) -> Result<Next, Refusal> {
        let (start, from) = (self.raw_end(), offset(self.at));
        if self.byte() != Some(b'"') {
            return self.refuse("expected a key in double quotes");
        }
        self.string()?;
        let (key_end, to) = (self.raw_end(), offset(self.at));
        self.blanks();
        if !self.take(b':') {
            return self.refuse("expected `:` after a key");
        }
        self.blanks();
        self.json.raw.push(b':');
        let value_at = Piece { start: offset(self.at), end: 0 };
        let whole = Piece { start, end: 0 };
        self.members.push(Member { whole, key_end, key_at: Piece { start: from, end: to }, value_at });
        Ok(Next::Value)
    }

    fn word(&mut self) -> Result<(), Refusal> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(word) = ["true", "false", "null"].into_iter().find(|word| rest.starts_with(word)) else {
            return self.refuse(if rest.is_empty() {
                "the text ends where a value is expected"
            } else {
                "expected a value"
            });
        };
        self.json.raw.extend_from_slice(word.as_bytes());
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        self.take(b'-');
        if self.take(b'0') {
            if self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
                return self.refuse("a number does not begin with a zero");
            }
        } else {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _signed = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        if number(text, &mut self.json.raw) == Spelling::Lossy && self.json.oddities.lossy.len() < MOST_ODDITIES {
            self.json.oddities.lossy.push(start..self.at);
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { self.refuse("expected a digit") } else { Ok(()) }
    }

    /// A string, from quote to quote, in its canonical spelling.
    fn string(&mut self) -> Result<(), Refusal> {
        self.at += 1;
        self.json.raw.push(b'"');
        loop {
            let bytes = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let plain = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(bytes.len());
            self.json.raw.extend_from_slice(&bytes[..plain]);
            self.at += plain;
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(_) => return self.refuse("a control character stands in a text without an escape"),
                None => return self.refuse("the text ends inside a string"),
            }
        }
        self.at += 1;
        self.json.raw.push(b'"');
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Refusal> {
        let code = match self.text.as_bytes().get(self.at + 1) {
            Some(b'u') => return self.unicode(),
            Some(byte @ (b'"' | b'\\' | b'/')) => *byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            _ => return self.refuse("an escape that JSON does not have"),
        };
        self.at += 2;
        self.put(u32::from(code));
        Ok(())
    }

    /// An escape by number, two of them where they are the halves of one character.
    fn unicode(&mut self) -> Result<(), Refusal> {
        let Some(first) = self.unit(self.at) else { return self.refuse("`\\u` needs four hexadecimal digits") };
        self.at += 6;
        if (0xd800..0xdc00).contains(&first)
            && let Some(second) = self.unit(self.at).filter(|unit| (0xdc00..0xe000).contains(unit))
        {
            self.at += 6;
            self.put(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
        } else {
            self.put(first);
        }
        Ok(())
    }

    fn unit(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
        // The parser of integers would take a sign, too.
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u32::from_str_radix(digits, 16).ok()
    }

    /// Writes a code point as a string holds it.
    fn put(&mut self, code: u32) {
        let raw = &mut self.json.raw;
        match code {
            8 => raw.extend_from_slice(b"\\b"),
            9 => raw.extend_from_slice(b"\\t"),
            10 => raw.extend_from_slice(b"\\n"),
            12 => raw.extend_from_slice(b"\\f"),
            13 => raw.extend_from_slice(b"\\r"),
            0x22 => raw.extend_from_slice(b"\\\""),
            0x5c => raw.extend_from_slice(b"\\\\"),
            0..0x20 | 0xd800..=0xdfff => raw.extend_from_slice(format!("\\u{code:04x}").as_bytes()),
            code => {
                let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                raw.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }

    /// Closes the innermost array or object.
    fn close(&mut self, bracket: u8) -> Next {
        self.json.raw.push(bracket);
        if self.open.pop() == Some(true)
            && let Some(object) = self.objects.pop()
        {
            self.close_object(&object);
        }
        self.end_member();
        Next::After
    }
}
