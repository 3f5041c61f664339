//! Words of a shell: quotes, variables, substitutions.

use std::ops::Range;

use super::super::value::{HOLE, Value};
use super::super::words::is_secret_variable;
use super::super::{Cut, SourceKind, record::Recorder};
use super::{DEEPEST, Shell, Word};

/// What ends the plain part of a word.
const SIGNS: &[u8] = b" \t\r\n;|&()<>'\"`$\\\x01";

/// A part of a word.
struct Part {
    value: Value,
    next: usize,
    /// What it says, when that stands in the text in one piece.
    literal: Option<Range<usize>>,
}

impl Shell<'_, '_> {
    /// The word that begins at a byte, and the byte after it.
    pub(super) fn word(&mut self, at: usize, end: usize) -> (Word, usize) {
        let mut value: Option<Value> = None;
        let mut place = at;
        let mut literal: Option<Range<usize>> = None;
        let mut pieces = 0;
        while place < end && self.rec.fuel.take(1) {
            let Some(part) = self.part(at, place, end) else { break };
            place = part.next;
            literal = part.literal;
            pieces += 1;
            value = Some(match value {
                Some(known) if !self.rec.fuel.take(known.size()) => known,
                Some(known) => known.concat(&part.value),
                None => part.value,
            });
        }
        if place == at {
            place = (at + 1).min(end);
        }
        place = self.ceil(place);
        let literal = literal.filter(|_| pieces == 1);
        (Word { value: value.unwrap_or_default(), range: at..place, literal }, place)
    }

    /// The first place from here on between two characters.
    fn ceil(&self, mut place: usize) -> usize {
        while !self.text.is_char_boundary(place) {
            place += 1;
        }
        place
    }

    /// One part of a word that begins at `at`; nothing where the word ends.
    fn part(&mut self, at: usize, place: usize, end: usize) -> Option<Part> {
        let bytes = self.bytes();
        let (value, next) = match bytes[place] {
            // An array: `NAME=(a b)`.
            b'(' if place > at && bytes[place - 1] == b'=' => {
                let (inner, close) = self.group(place, end);
                (self.words_of(inner), close)
            }
            b'<' | b'>' if bytes.get(place + 1) == Some(&b'(') && place == at => {
                let (inner, close) = self.group(place + 1, end);
                let output = self.script(inner, &Value::default());
                (Value { texts: Vec::new(), ..output.content() }.with_path("Pipe()"), close)
            }
            b' ' | b'\t' | b'\r' | b'\n' | b';' | b'|' | b'&' | b'(' | b')' | b'<' | b'>' => return None,
            quote @ (b'\'' | b'"') => {
                let (body, next) = self.quotes(place, end, 1);
                let literal = Some(body.clone());
                let value = match quote {
                    b'"' => self.quoted(body),
                    _ => Value::text(self.text.get(body).unwrap_or_default()),
                };
                return Some(Part { value, next, literal });
            }
            b'`' => {
                let (inner, close) = self.backquotes(place, end);
                (self.script(inner, &Value::default()), close)
            }
            b'$' => self.dollar(place, end),
            b'\\' => {
                let next = self.ceil((place + 2).min(end));
                (Value::text(self.text.get(place + 1..next).unwrap_or_default()), next)
            }
            1 => (self.next_hole(), place + 1),
            _ => {
                let rest = &bytes[place + 1..end];
                let next = rest.iter().position(|b| SIGNS.contains(b)).map_or(end, |found| place + 1 + found);
                (Value::text(self.text.get(place..next).unwrap_or_default()), next)
            }
        };
        Some(Part { value, next, literal: None })
    }

    /// An unknown part of a line that another script has put together.
    fn next_hole(&mut self) -> Value {
        let value = self.holes.get(self.hole).cloned().unwrap_or_default();
        self.hole += 1;
        Value { texts: vec![HOLE.to_string().into()], ..value }
    }

    /// Several words as one value.
    fn words_of(&mut self, span: Range<usize>) -> Value {
        let mut out = Value::named("Array()");
        if !self.enter() {
            return out;
        }
        let mut at = span.start;
        let mut count = 0;
        while at < span.end && self.rec.fuel.take(1) {
            if self.bytes()[at].is_ascii_whitespace() {
                at += 1;
                continue;
            }
            let (word, next) = self.word(at, span.end);
            out.set_field(&count.to_string(), word.value, false);
            count += 1;
            at = next.max(at + 1);
        }
        self.nested -= 1;
        out
    }

    /// One more array or parameter inside of another; whether it is followed.
    fn enter(&mut self) -> bool {
        if self.nested >= DEEPEST {
            self.rec.fuel.stop(Cut::Depth);
            return false;
        }
        self.nested += 1;
        true
    }

    /// The value of an assignment: the word without its name.
    pub(super) fn assigned(&mut self, at: usize, end: usize, whole: &Value) -> Value {
        let mut value = whole.clone();
        if self.bytes().get(at) == Some(&b'(') {
            return self.words_of(at + 1..end.saturating_sub(1).max(at + 1));
        }
        value.texts = whole
            .texts
            .iter()
            .map(|text| text.split_once('=').map_or_else(|| text.clone(), |(_, value)| value.into()))
            .collect();
        if at >= end {
            value.texts = vec!["".into()];
        }
        value
    }

    /// The text between double quotes, or of a here-document.
    pub(super) fn quoted(&mut self, span: Range<usize>) -> Value {
        let bytes = self.bytes();
        let inner = self.text.get(span.clone()).unwrap_or_default();
        // All elements of an array, each a word of its own.
        if inner.starts_with("${")
            && (inner.ends_with("[@]}") || inner.ends_with("[*]}"))
            && inner.matches('$').count() == 1
        {
            return self.dollar(span.start, span.end).0;
        }
        let mut value = Value::text("");
        let mut at = span.start;
        while at < span.end && self.rec.fuel.take(value.size()) {
            let stop = bytes[at..span.end]
                .iter()
                .position(|b| matches!(b, b'$' | b'`' | b'\\' | 1))
                .map_or(span.end, |found| at + found);
            if stop > at {
                value = value.concat(&Value::text(self.text.get(at..stop).unwrap_or_default()));
                at = stop;
                continue;
            }
            let part;
            (part, at) = match bytes[at] {
                b'$' => self.dollar(at, span.end),
                1 => (self.next_hole(), at + 1),
                b'`' => {
                    let (inner, close) = self.backquotes(at, span.end);
                    (self.script(inner, &Value::default()), close)
                }
                _ => {
                    let next = self.ceil((at + 2).min(span.end));
                    (Value::text(self.text.get(at + 1..next).unwrap_or_default()), next)
                }
            };
            value = value.concat(&part);
        }
        value
    }

    /// What begins with a dollar sign.
    fn dollar(&mut self, at: usize, end: usize) -> (Value, usize) {
        let bytes = self.bytes();
        match bytes.get(at + 1).copied().filter(|_| at + 1 < end) {
            Some(b'(') if bytes.get(at + 2) == Some(&b'(') => (Value::text("\u{1}"), self.group(at + 1, end).1),
            Some(b'(') => {
                let (inner, close) = self.group(at + 1, end);
                let name = self.text.get(inner.clone()).unwrap_or_default().trim();
                // `$(MY_TOKEN)` is meant to be the variable.
                if is_secret_variable(name)
                    && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
                {
                    return (self.variable(name, at..close), close);
                }
                let output = self.script(inner, &Value::default());
                let texts = if output.texts.is_empty() { vec!["\u{1}".into()] } else { output.texts.clone() };
                (Value { texts, path: None, ..output }, close)
            }
            Some(b'{') => {
                let close = self.brace(at + 1, end);
                let inner = at + 2..close.saturating_sub(1).max(at + 2);
                (self.parameter(inner, at..close), close)
            }
            Some(b'\'') => {
                let (inner, close) = self.quotes(at, end, 2);
                (Value::text(self.text.get(inner).unwrap_or_default()), close)
            }
            Some(b'"') => (Value::text(""), at + 1),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                let stop = bytes[at + 1..end]
                    .iter()
                    .position(|b| !(b.is_ascii_alphanumeric() || *b == b'_'))
                    .map_or(end, |found| at + 1 + found);
                // A variable of PowerShell: `$env:NAME`.
                let name = self.text.get(at + 1..stop).unwrap_or_default();
                (self.variable(name, at..stop), stop)
            }
            Some(b'0'..=b'9' | b'@' | b'*') => {
                let name = self.text.get(at + 1..at + 2).unwrap_or_default();
                (self.variable(name, at..at + 2), at + 2)
            }
            Some(b'#' | b'?' | b'!' | b'$' | b'-') => (Value::text("\u{1}"), at + 2),
            _ => (Value::text("$"), at + 1),
        }
    }

    /// `NAME:-default`, `NAME%suffix`, `#NAME`, `!NAME` between braces.
    fn parameter(&mut self, inner: Range<usize>, whole: Range<usize>) -> Value {
        let text = self.text.get(inner.clone()).unwrap_or_default();
        if text.starts_with('#') {
            return Value::text("\u{1}");
        }
        let bare = text.trim_start_matches('!');
        let stop = bare.bytes().position(|b| !(b.is_ascii_alphanumeric() || b == b'_')).unwrap_or(bare.len());
        let (name, rest) = bare.split_at(stop);
        let name = if name.is_empty() { bare.get(..1).unwrap_or_default() } else { name };
        let mut value = self.variable(name, whole);
        let start = inner.end - rest.len();
        if let Some(mark) = [":-", ":=", "-", "="].iter().find(|mark| rest.starts_with(**mark)) {
            if !self.enter() {
                return value;
            }
            let default = self.quoted(start + mark.len()..inner.end);
            self.nested -= 1;
            let default =
                Value { texts: default.texts.iter().map(|text| text.trim_matches('"').into()).collect(), ..default };
            if value.texts.iter().all(|text| text.as_ref() == "\u{1}") {
                value.texts.clear();
            }
            value.join(default);
        } else if rest.starts_with([':', '%', '#', '/', '^', ',']) && !rest.starts_with(":?") {
            value.texts = vec!["\u{1}".into()];
        }
        value
    }

    /// A variable of the script, or of the environment.
    pub(super) fn variable(&mut self, name: &str, range: Range<usize>) -> Value {
        if let Some(known) = self.variables.get(name) {
            return if known.texts.is_empty() {
                Value { texts: vec!["\u{1}".into()], ..known.clone() }
            } else {
                known.clone()
            };
        }
        let range = self.place(range);
        let upper = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        let mut value = if matches!(name, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "@" | "*") {
            self.rec.origin(SourceKind::Input, &range, name)
        } else if upper && name.len() > 1 {
            variable(self.rec, name, &range)
        } else {
            Value::default()
        };
        if value.texts.is_empty() {
            value.texts = vec!["\u{1}".into()];
        }
        value
    }
}

fn variable(rec: &mut Recorder, name: &str, range: &Range<usize>) -> Value {
    const OWN: [&str; 18] = [
        "PATH",
        "PWD",
        "OLDPWD",
        "RANDOM",
        "SECONDS",
        "LINENO",
        "IFS",
        "EUID",
        "UID",
        "SHELL",
        "BASH_SOURCE",
        "FUNCNAME",
        "PPID",
        "OPTARG",
        "OPTIND",
        "REPLY",
        "BASH_VERSION",
        "TMPDIR",
    ];
    if OWN.contains(&name) { Value::default() } else { rec.variable(name, range) }
}
