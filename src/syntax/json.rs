//! Is a text JSON as `JSON.parse` takes it? The tree comes from the JSON5 parser, which takes more.

/// Where `JSON.parse` would stop, and what it expected there; none for a text that it takes. Any depth, without
/// recursion.
#[must_use]
pub fn trouble(text: &str) -> Option<(usize, &'static str)> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
    reader.document().err().map(|expected| (reader.at, expected))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// What was expected where it stopped.
type Step = Result<(), &'static str>;

impl Reader<'_> {
    fn document(&mut self) -> Step {
        let mut open = Vec::new();
        self.value(&mut open)?;
        while let Some(close) = open.last().copied() {
            self.blank();
            match self.peek() {
                Some(byte) if byte == close => {
                    self.at += 1;
                    open.pop();
                }
                Some(b',') => {
                    self.at += 1;
                    if close == b'}' {
                        self.key()?;
                    }
                    self.value(&mut open)?;
                }
                _ => return Err(if close == b'}' { "`,` or `}`" } else { "`,` or `]`" }),
            }
        }
        self.blank();
        if self.at < self.bytes.len() { Err("the end of the file") } else { Ok(()) }
    }

    /// A scalar, or the beginnings of as many containers as open here.
    fn value(&mut self, open: &mut Vec<u8>) -> Step {
        loop {
            self.blank();
            match self.peek() {
                Some(b'{') => {
                    self.at += 1;
                    self.blank();
                    if self.eat(b'}') {
                        return Ok(());
                    }
                    open.push(b'}');
                    self.key()?;
                }
                Some(b'[') => {
                    self.at += 1;
                    self.blank();
                    if self.eat(b']') {
                        return Ok(());
                    }
                    open.push(b']');
                }
                Some(b'"') => return self.string(),
                Some(b'-' | b'0'..=b'9') => return self.number(),
                _ => return self.word(),
            }
        }
    }

    fn word(&mut self) -> Step {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let word = [&b"true"[..], b"false", b"null"].into_iter().find(|word| rest.starts_with(word));
        self.at += word.ok_or("a value")?.len();
        Ok(())
    }

    fn key(&mut self) -> Step {
        self.blank();
        if self.peek() != Some(b'"') {
            return Err("a key in double quotes");
        }
        self.string()?;
        self.blank();
        if self.eat(b':') { Ok(()) } else { Err("`:` after the key") }
    }

    fn string(&mut self) -> Step {
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    match self.peek() {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
                        Some(b'u') => {
                            let digits = self.bytes.get(self.at + 1..self.at + 5);
                            if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                                return Err("four hexadecimal digits");
                            }
                            self.at += 5;
                        }
                        _ => return Err("an escape of JSON"),
                    }
                }
                Some(0..=0x1f) => return Err("an escape in place of a control character"),
                Some(_) => self.at += 1,
                None => return Err("the end of the string"),
            }
        }
    }

    fn number(&mut self) -> Step {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Step {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err("a digit") }
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_parse_takes_is_taken() {
        for text in [
            "1",
            " {} ",
            "[[],[{}]]",
            r#"{"a":1,"a":[1,2.5e-3,-0,true,false,null,"\ud800é\/"]}"#,
            "\"\u{7f}\u{2028}\"",
            "1e400",
        ] {
            assert_eq!(trouble(text), None, "{text}");
        }
        assert_eq!(trouble(&("[".repeat(100_000) + &"]".repeat(100_000))), None);
    }

    #[test]
    fn what_json_parse_refuses_is_refused_there() {
        for (text, at) in [
            ("", 0),
            ("\u{feff}{}", 0),
            ("{a:1}", 1),
            ("{'a':1}", 1),
            ("[1,]", 3),
            ("{\"a\":1,}", 7),
            ("// no\n1", 0),
            ("01", 1),
            ("+1", 0),
            ("1.", 2),
            (".5", 0),
            ("NaN", 0),
            ("\"a\tb\"", 2),
            ("\"\\x41\"", 2),
            ("\"\\u12\"", 2),
            ("[1 2]", 3),
            ("{\"a\" 1}", 5),
            ("[", 1),
            ("1 2", 2),
            ("\u{a0}1", 0),
        ] {
            assert_eq!(trouble(text).map(|(at, _)| at), Some(at), "{text}");
        }
    }
}
