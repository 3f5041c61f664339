//! The words, numbers and signs of a date.

use super::super::is_space;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    End,
    /// Value of the first nine significant digits, and how many digits there are.
    Number(i64, usize),
    Symbol(char),
    Month(i64),
    /// Hours that are added after noon.
    Half(i64),
    /// Hours east of Greenwich, and the length of the word.
    Zone(i64, usize),
    /// `T`
    Separator,
    Word,
    Blank,
    Other,
}

impl Token {
    pub(super) const fn is_sign(self) -> bool {
        matches!(self, Self::Symbol('+' | '-'))
    }
}

/// The tokens of a text, one ahead.
#[derive(Default)]
pub(super) struct Tokens {
    /// UTF-16 code units; the engine counts those.
    units: Vec<u16>,
    at: usize,
    next: Option<Token>,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const ZONES: [(&str, i64); 12] = [
    ("ut", 0),
    ("utc", 0),
    ("z", 0),
    ("gmt", 0),
    ("cdt", -5),
    ("cst", -6),
    ("edt", -4),
    ("est", -5),
    ("mdt", -6),
    ("mst", -7),
    ("pdt", -7),
    ("pst", -8),
];

impl Tokens {
    pub(super) fn new(text: &str) -> Self {
        Self { units: text.encode_utf16().collect(), at: 0, next: None }
    }

    pub(super) fn peek(&mut self) -> Token {
        let token = self.next.unwrap_or_else(|| self.scan());
        self.next = Some(token);
        token
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        self.next = None;
        token
    }

    pub(super) fn skip(&mut self, symbol: char) -> bool {
        let here = self.peek() == Token::Symbol(symbol);
        if here {
            self.next = None;
        }
        here
    }

    /// The unit at hand; zero ends the text, also in the middle of it.
    fn unit(&self) -> u16 {
        self.units.get(self.at).copied().unwrap_or(0)
    }

    fn scan(&mut self) -> Token {
        let unit = self.unit();
        match char::from_u32(unit.into()).unwrap_or('x') {
            '\0' => Token::End,
            '0'..='9' => self.number(),
            _ if is_letter(unit) => self.word(),
            '(' => {
                self.parentheses();
                Token::Other
            }
            c @ (':' | '-' | '+' | '.' | ')') => {
                self.at += 1;
                Token::Symbol(c)
            }
            c => {
                self.at += 1;
                if is_space(c) { Token::Blank } else { Token::Other }
            }
        }
    }

    fn number(&mut self) -> Token {
        let start = self.at;
        let mut value = 0;
        let mut significant = 0;
        while let digit @ 0x30..=0x39 = self.unit() {
            if significant > 0 || digit != 0x30 {
                significant += 1;
                if significant <= 9 {
                    value = value * 10 + i64::from(digit - 0x30);
                }
            }
            self.at += 1;
        }
        Token::Number(value, self.at - start)
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        while is_letter(self.unit()) {
            self.at += 1;
        }
        let length = self.at - start;
        // The engine sets one bit of whatever it is.
        let prefix = self.units.get(start..start + length.min(3)).unwrap_or_default();
        let prefix: String = prefix.iter().filter_map(|unit| char::from_u32(u32::from(*unit | 0x20))).collect();
        if let Some(month) = MONTHS.iter().position(|name| *name == prefix) {
            return i64::try_from(month + 1).map_or(Token::Word, Token::Month);
        }
        if length > 3 {
            return Token::Word;
        }
        let zone = ZONES.iter().find(|(name, _)| *name == prefix);
        match (&*prefix, zone) {
            ("am", _) => Token::Half(0),
            ("pm", _) => Token::Half(12),
            ("t", _) => Token::Separator,
            (_, Some((_, hours))) => Token::Zone(*hours, length),
            _ => Token::Word,
        }
    }

    fn parentheses(&mut self) {
        let mut open = 0_usize;
        loop {
            match self.unit() {
                0 => return,
                0x28 => open += 1,
                0x29 => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return;
            }
        }
    }
}

/// From `A` on everything is a letter but white space.
fn is_letter(unit: u16) -> bool {
    unit >= 0x41 && !char::from_u32(unit.into()).is_some_and(is_space)
}
