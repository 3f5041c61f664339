//! The tokens of JSON5. Knows nothing of the grammar.
//!
//! The text is walked as bytes, so the ASCII that configurations are made of never pays for Unicode; only a byte
//! above 0x7F decodes a character.

use ::json5::char::{is_json5_identifier, is_json5_identifier_start, is_json5_whitespace};
use memchr::{memchr3_iter, memmem};

use crate::source::{FileId, Span, offset};
use crate::syntax::{Comment, NodeKind, SyntaxError};

/// An error on its way up. The box keeps it from widening every frame of the recursion.
pub(super) struct Fault(pub(super) Box<SyntaxError>);

impl Fault {
    /// Adds the place that explains the error.
    pub(super) fn because(mut self, span: Span, message: impl Into<String>) -> Self {
        self.0.related = Some((span, message.into()));
        self
    }
}

/// A cursor over the text of one file.
pub(super) struct Lexer<'a> {
    file: FileId,
    text: &'a str,
    /// The next byte to read; always on a character boundary.
    pub(super) at: usize,
    /// The comments passed so far.
    pub(super) comments: Vec<Comment>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(file: FileId, text: &'a str) -> Self {
        Self { file, text, at: 0, comments: Vec::new() }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over an ASCII byte if it comes next.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let here = self.peek() == Some(byte);
        self.at += usize::from(here);
        here
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span { file: self.file, start: offset(start), end: offset(end) }
    }

    pub(super) fn error(&self, start: usize, end: usize, message: impl Into<String>) -> Fault {
        Fault(Box::new(SyntaxError { span: self.span(start, end), message: message.into(), related: None }))
    }

    /// Steps over white space and comments.
    pub(super) fn skip_blank(&mut self) -> Result<(), Fault> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t'..=b'\r') => self.at += 1,
                Some(b'/') => self.comment()?,
                Some(0x80..) => match self.char() {
                    Some(c) if is_json5_whitespace(c) => self.at += c.len_utf8(),
                    _ => return Ok(()),
                },
                _ => return Ok(()),
            }
        }
    }

    /// A number or a keyword. Whatever may follow one in a valid document is not [`is_bare`], so the whole run must
    /// be the token; this also makes `01`, `1.2.3` and `nullx` one token in messages. None leaves the cursor alone.
    pub(super) fn scalar(&mut self) -> Option<NodeKind> {
        let start = self.at;
        let kind = match self.take_while(is_bare) {
            "null" => Some(NodeKind::Null),
            "true" => Some(NodeKind::Bool(true)),
            "false" => Some(NodeKind::Bool(false)),
            token => number(token).map(NodeKind::Number),
        };
        if kind.is_none() {
            self.at = start;
        }
        kind
    }

    /// A key, with quotes or without. None when nothing here can start one.
    pub(super) fn key(&mut self) -> Result<Option<Box<str>>, Fault> {
        if let Some(quote @ (b'"' | b'\'')) = self.peek() {
            return self.string(quote).map(Some);
        }
        let start = self.at;
        let name = self.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$'));
        let starts = name.starts_with(|c: char| !c.is_ascii_digit());
        if starts && self.peek().is_some_and(|b| b.is_ascii() && b != b'\\') {
            return Ok(Some(name.into()));
        }
        self.at = start;
        self.unusual_key()
    }

    /// A string whose opening quote comes next.
    pub(super) fn string(&mut self, quote: u8) -> Result<Box<str>, Fault> {
        let open = self.at;
        self.at += 1;
        let plain = self.take_while(|b| is_plain(b, quote));
        if self.eat(quote) {
            return Ok(plain.into());
        }
        let mut decoded = Decoded { text: plain.to_owned(), surrogate: None };
        while !self.eat(quote) {
            if self.peek() != Some(b'\\') {
                return Err(self.unclosed_string(open));
            }
            self.escape(open, &mut decoded)?;
            decoded.push_str(self.take_while(|b| is_plain(b, quote)));
        }
        Ok(decoded.finish())
    }

    /// Steps over what a reader would call one token, valid or not. For messages.
    pub(super) fn skip_token(&mut self) {
        let start = self.at;
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) if self.string(quote).is_err() => self.at = start + 1,
            Some(b'"' | b'\'') | None => {}
            Some(_) => {
                let rest = self.rest();
                let word = rest.find(|c| !matches!(c, '+' | '-' | '.') && !is_json5_identifier(c));
                let one = self.char().map_or(0, char::len_utf8);
                self.at += word.unwrap_or(rest.len()).max(one);
            }
        }
    }

    fn comment(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let body = self.text.as_bytes().get(start + 2..).unwrap_or_default();
        let length = match self.text.as_bytes().get(start + 1) {
            Some(b'/') => line_length(body),
            Some(b'*') => memmem::find(body, b"*/").ok_or_else(|| self.unclosed_comment(start))? + 2,
            _ => return Err(self.error(start, start + 1, "expected `//` or `/*`, found `/`")),
        };
        self.at = start + 2 + length;
        self.comments.push(Comment { span: self.span(start, self.at) });
        Ok(())
    }

    fn unclosed_comment(&self, start: usize) -> Fault {
        let end = self.text.len();
        let message = "expected the closing `*/` of the comment, found the end of the file";
        self.error(end, end, message).because(self.span(start, start + 2), "the comment starts here")
    }

    /// A key without quotes that has escapes or letters beyond ASCII, or that is none.
    fn unusual_key(&mut self) -> Result<Option<Box<str>>, Fault> {
        let mut key = String::new();
        while let Some(next) = self.char() {
            let start = self.at;
            self.at += next.len_utf8();
            let escaped = next == '\\';
            let c = if escaped { self.key_escape(start)? } else { Some(next) };
            let fits = if key.is_empty() { is_json5_identifier_start } else { is_json5_identifier };
            if let Some(c) = c.filter(|&c| fits(c)) {
                key.push(c);
                continue;
            }
            if escaped {
                let escape = self.slice(start, self.at);
                let message = format!("expected a letter in the key without quotes, found `{escape}`");
                return Err(self.error(start, self.at, message));
            }
            self.at = start;
            break;
        }
        Ok((!key.is_empty()).then(|| key.into()))
    }

    /// The character of an escape whose backslash stands at `start`; none for half a surrogate pair.
    fn key_escape(&mut self, start: usize) -> Result<Option<char>, Fault> {
        if !self.eat(b'u') {
            let message = "expected `\\u` and 4 hexadecimal digits in the key, found `\\`";
            return Err(self.error(start, self.at, message));
        }
        Ok(char::from_u32(self.hex(start, 4)?.into()))
    }

    /// An escape in the string that starts at `open`.
    fn escape(&mut self, open: usize, decoded: &mut Decoded) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        let Some(c) = self.char() else { return Err(self.unclosed_string(open)) };
        self.at += c.len_utf8();
        match c {
            'x' => decoded.push_unit(self.hex(start, 2)?),
            'u' => decoded.push_unit(self.hex(start, 4)?),
            '0' if !self.peek().is_some_and(|b| b.is_ascii_digit()) => decoded.push('\0'),
            '0'..='9' => {
                self.at += usize::from(c == '0');
                let escape = self.slice(start, self.at);
                let message = format!("expected an escape such as `\\n` or `\\x41`, found `{escape}`");
                return Err(self.error(start, self.at, message));
            }
            // A line continuation adds nothing, so even a surrogate pair may be split by one.
            '\r' => _ = self.eat(b'\n'),
            '\n' | '\u{2028}' | '\u{2029}' => {}
            'b' => decoded.push('\u{8}'),
            'f' => decoded.push('\u{c}'),
            'n' => decoded.push('\n'),
            'r' => decoded.push('\r'),
            't' => decoded.push('\t'),
            'v' => decoded.push('\u{b}'),
            other => decoded.push(other),
        }
        Ok(())
    }

    /// The digits of an escape whose backslash stands at `start`.
    fn hex(&mut self, start: usize, count: usize) -> Result<u16, Fault> {
        let from = self.at;
        while self.at < from + count && self.peek().is_some_and(|b| b.is_ascii_hexdigit()) {
            self.at += 1;
        }
        let digits = self.slice(from, self.at);
        if let Some(unit) = u16::from_str_radix(digits, 16).ok().filter(|_| digits.len() == count) {
            return Ok(unit);
        }
        let escape = self.slice(start, from);
        let message = format!("expected {count} hexadecimal digits after `{escape}`, found {}", digits.len());
        Err(self.error(start, self.at, message))
    }

    fn unclosed_string(&self, open: usize) -> Fault {
        let quote = self.slice(open, open + 1);
        let (found, length) = match self.rest().as_bytes() {
            [] => ("file", 0),
            [b'\r', b'\n', ..] => ("line", 2),
            _ => ("line", 1),
        };
        let message = format!("expected the closing `{quote}` of the string, found the end of the {found}");
        let start = self.span(open, open + 1);
        self.error(self.at, self.at + length, message).because(start, "the string starts here")
    }

    fn char(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes bytes while `keep` holds. `keep` treats all bytes above 0x7F alike, so no character is cut.
    fn take_while(&mut self, keep: impl Fn(u8) -> bool) -> &'a str {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        self.at += rest.iter().position(|&b| !keep(b)).unwrap_or(rest.len());
        self.slice(start, self.at)
    }
}

/// A string with escapes while it is being read. JavaScript pairs surrogates by adjacency in the result, so one waits
/// for what follows.
struct Decoded {
    text: String,
    surrogate: Option<u16>,
}

impl Decoded {
    fn push(&mut self, c: char) {
        self.flush();
        self.text.push(c);
    }

    fn push_str(&mut self, plain: &str) {
        if !plain.is_empty() {
            self.flush();
            self.text.push_str(plain);
        }
    }

    fn push_unit(&mut self, unit: u16) {
        if let Some(Ok(pair)) = self.surrogate.and_then(|first| char::decode_utf16([first, unit]).next()) {
            self.surrogate = None;
            self.text.push(pair);
        } else if let Some(c) = char::from_u32(unit.into()) {
            self.push(c);
        } else {
            self.flush();
            self.surrogate = Some(unit);
        }
    }

    /// Nothing can pair with the waiting surrogate any more.
    fn flush(&mut self) {
        if self.surrogate.take().is_some() {
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
    }

    fn finish(mut self) -> Box<str> {
        self.flush();
        self.text.into()
    }
}

/// A byte of a number or a keyword.
fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_' | b'$')
}

/// A byte that stands for itself in a string.
fn is_plain(byte: u8, quote: u8) -> bool {
    byte != quote && !matches!(byte, b'\\' | b'\n' | b'\r')
}

/// The bytes before the next line terminator. U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
fn line_length(text: &[u8]) -> usize {
    let ends = |&at: &usize| matches!(text.get(at..), Some([b'\n' | b'\r', ..] | [0xE2, 0x80, 0xA8 | 0xA9, ..]));
    memchr3_iter(b'\n', b'\r', 0xE2, text).find(ends).unwrap_or(text.len())
}

fn number(token: &str) -> Option<f64> {
    let unsigned = token.strip_prefix(['+', '-']).unwrap_or(token);
    let size = match unsigned.as_bytes() {
        b"Infinity" => f64::INFINITY,
        b"NaN" => f64::NAN,
        [b'0', b'x' | b'X', ..] => hexadecimal(unsigned.get(2..)?)?,
        [b'0', b'0'..=b'9', ..] => return None,
        // From here on Rust and JSON5 agree: both take `5.` and `.5`, neither takes `.` or `1e`.
        [b'0'..=b'9' | b'.', ..] => unsigned.parse().ok()?,
        _ => return None,
    };
    Some(if token.starts_with('-') { -size } else { size })
}

/// Rounds once: the first 16 digits fill 61 bits or more, so all that follows can only break a tie.
#[allow(clippy::cast_precision_loss, reason = "rounding to the nearest double is what JavaScript does")]
fn hexadecimal(digits: &str) -> Option<f64> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    let (head, tail) = significant.split_at_checked(16).unwrap_or((significant, ""));
    let sticky = u64::from(tail.bytes().any(|b| b != b'0'));
    let head = if head.is_empty() { 0 } else { u64::from_str_radix(head, 16).ok()? };
    // 256 more digits overflow whatever the head is.
    Some((0..tail.len().min(256)).fold((head | sticky) as f64, |value, _| value * 16.0))
}
