//! Tokens of Python and JavaScript with their brackets matched.

use crate::source::offset;
use crate::syntax::script::{Piece, PieceKind, pieces};
use crate::syntax::zone::Language;
use crate::work::looks;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier or a keyword.
    Name,
    /// A number.
    Number,
    /// A string without interpolation; `mate` and `body_end` bound its text.
    Text,
    /// `(`, `[` or `{`; `mate` is the token that closes it.
    Open,
    /// `)`, `]` or `}`; `mate` is the token that opens it.
    Close,
    /// The start of an f-string or template literal; `mate` is its end.
    Template,
    /// The end of one.
    TemplateEnd,
    /// An operator or other punctuation.
    Op,
    /// The end of a line; `mate` is the indentation of the next one.
    Newline,
}

/// A token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
    pub mate: u32,
    pub body_end: u32,
}

/// The tokens of a text.
pub(super) struct Tokens<'a> {
    pub text: &'a str,
    pub all: Vec<Token>,
}

impl<'a> Tokens<'a> {
    /// Nothing after this many tokens is read.
    pub(super) const MOST: usize = 400_000;

    pub(super) fn new(language: Language, text: &'a str) -> Self {
        let pieces = pieces(language, text);
        let mut lexer = Lexer {
            text,
            python: language == Language::Python,
            out: Vec::with_capacity(text.len() / 5),
            open: Vec::new(),
        };
        lexer.lex(0, text.len(), &pieces, 0);
        lexer.newline(text.len());
        let end = offset(lexer.out.len());
        while let Some(open) = lexer.open.pop() {
            lexer.out[open].mate = end;
        }
        Self { text, all: lexer.out }
    }

    pub(super) fn get(&self, at: usize) -> Option<&Token> {
        looks::add(1);
        self.all.get(at)
    }

    /// The characters of a token.
    pub(super) fn str(&self, at: usize) -> &'a str {
        self.get(at).and_then(|token| self.text.get(token.start as usize..token.end as usize)).unwrap_or_default()
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.get(at).map(|token| token.kind)
    }

    /// Is it this name, bracket or operator?
    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        self.get(at).is_some_and(|token| matches!(token.kind, Kind::Name | Kind::Op | Kind::Open | Kind::Close))
            && self.str(at) == word
    }

    pub(super) fn is_name(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Name)
    }

    /// The text of a string token, escapes left as they are.
    pub(super) fn body(&self, at: usize) -> &'a str {
        self.get(at)
            .filter(|token| token.kind == Kind::Text)
            .and_then(|token| self.text.get(token.mate as usize..token.body_end as usize))
            .unwrap_or_default()
    }

    /// The token after this one, or after the bracket that it opens.
    pub(super) fn next(&self, at: usize) -> usize {
        match self.get(at) {
            Some(token) if matches!(token.kind, Kind::Open | Kind::Template) => (token.mate as usize).max(at) + 1,
            _ => at + 1,
        }
    }

    /// The first token from `at` on that is no line end.
    pub(super) fn skip_lines(&self, mut at: usize) -> usize {
        while self.kind(at) == Some(Kind::Newline) {
            at += 1;
        }
        at
    }

    /// The bytes of some tokens.
    pub(super) fn bytes(&self, start: usize, end: usize) -> std::ops::Range<usize> {
        let from = self.get(start).map_or(self.text.len(), |token| token.start as usize);
        let to = end.checked_sub(1).and_then(|at| self.get(at)).map_or(from, |token| token.end as usize);
        from..to.max(from)
    }
}

struct Lexer<'a> {
    text: &'a str,
    python: bool,
    out: Vec<Token>,
    open: Vec<usize>,
}

impl Lexer<'_> {
    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.push_with(kind, start, end, (0, 0));
    }

    /// A token with what `mate` and `body_end` are. Past the limit the last one stays as it is.
    fn push_with(&mut self, kind: Kind, start: usize, end: usize, (mate, body_end): (usize, usize)) {
        if self.out.len() < Tokens::MOST {
            let (mate, body_end) = (offset(mate), offset(body_end));
            self.out.push(Token { kind, start: offset(start), end: offset(end), mate, body_end });
        }
    }

    fn lex(&mut self, start: usize, end: usize, pieces: &[Piece], depth: usize) {
        let mut at = start;
        for piece in pieces.iter().filter(|piece| piece.start >= start && piece.end <= end) {
            self.code(at, piece.start);
            at = piece.end;
            match piece.kind {
                PieceKind::Comment => {}
                PieceKind::Str if piece.interpolated && depth < 4 => self.template(piece, depth),
                PieceKind::Str => self.string(piece.start, piece.end, piece.body_start, piece.body_end),
            }
        }
        self.code(at, end);
    }

    fn string(&mut self, start: usize, end: usize, body: usize, body_end: usize) {
        self.push_with(Kind::Text, start, end, (body, body_end));
    }

    /// A string with code in it: `{…}` of Python, `${…}` of JavaScript.
    fn template(&mut self, piece: &Piece, depth: usize) {
        let bytes = self.text.as_bytes();
        let opener = self.out.len();
        self.push(Kind::Template, piece.start, piece.body_start);
        let mut literal = piece.body_start;
        let mut at = piece.body_start;
        while at < piece.body_end {
            let code = match (bytes[at], bytes.get(at + 1)) {
                (b'{', Some(b'{')) if self.python => {
                    at += 2;
                    continue;
                }
                (b'{', _) if self.python => at + 1,
                (b'$', Some(b'{')) if !self.python => at + 2,
                (b'\\', _) => {
                    at += 2;
                    continue;
                }
                _ => {
                    at += 1;
                    continue;
                }
            };
            if literal < at {
                self.string(literal, at, literal, at);
            }
            let close = closing_brace(&bytes[..piece.body_end], code);
            let stop = if self.python { format_start(&bytes[..close], code) } else { close };
            let inner = self.text.get(code..stop).unwrap_or_default();
            let bracket = self.out.len();
            self.push(Kind::Open, code - 1, code);
            self.nested(inner, code, depth);
            let closer = offset(self.out.len());
            self.push(Kind::Close, close, (close + 1).min(piece.body_end));
            if let Some(token) = self.out.get_mut(bracket) {
                token.mate = closer;
            }
            at = (close + 1).min(piece.body_end);
            literal = at;
        }
        if literal < piece.body_end {
            self.string(literal, piece.body_end, literal, piece.body_end);
        }
        let closer = offset(self.out.len());
        self.push(Kind::TemplateEnd, piece.body_end, piece.end);
        if let Some(token) = self.out.get_mut(opener) {
            token.mate = closer;
        }
    }

    /// The code of an interpolation: lexed on its own, so that its brackets match among themselves.
    fn nested(&mut self, inner: &str, base: usize, depth: usize) {
        let language = if self.python { Language::Python } else { Language::JavaScript };
        let found: Vec<Piece> = if inner.contains(['"', '\'', '`']) {
            let shift = |piece: Piece| Piece {
                start: piece.start + base,
                end: piece.end + base,
                body_start: piece.body_start + base,
                body_end: piece.body_end + base,
                ..piece
            };
            pieces(language, inner).into_iter().map(shift).collect()
        } else {
            Vec::new()
        };
        let outer = std::mem::take(&mut self.open);
        self.lex(base, base + inner.len(), &found, depth + 1);
        let end = offset(self.out.len());
        while let Some(open) = self.open.pop() {
            if let Some(token) = self.out.get_mut(open) {
                token.mate = end;
            }
        }
        self.open = outer;
    }

    fn newline(&mut self, at: usize) {
        let rest = self.text.get(at + 1..).unwrap_or_default();
        let indent =
            rest.bytes().take_while(|b| matches!(b, b' ' | b'\t')).map(|b| if b == b'\t' { 8 } else { 1 }).sum();
        // An unclosed bracket must not swallow the rest of the file.
        if self.python && indent == 0 && !self.open.is_empty() {
            let line = ["def ", "class ", "import ", "from ", "if __name__", "async def "];
            if line.iter().any(|word| rest.starts_with(word)) {
                let end = offset(self.out.len());
                while let Some(open) = self.open.pop() {
                    self.out[open].mate = end;
                }
            }
        }
        if self.python && !self.open.is_empty() {
            return;
        }
        let size = self.text.len();
        let full = self.out.len() >= Tokens::MOST;
        // Blank lines are one line end, or whoever looks for the next line would pass them again and again.
        match self.out.last_mut().filter(|last| last.kind == Kind::Newline && !full) {
            Some(last) => last.mate = offset(indent),
            None => self.push_with(Kind::Newline, at.min(size), (at + 1).min(size), (indent, 0)),
        }
    }

    fn code(&mut self, start: usize, end: usize) {
        let bytes = self.text.as_bytes();
        let mut at = start;
        while at < end {
            let byte = bytes[at];
            let mut next = at + 1;
            match byte {
                b'\n' => self.newline(at),
                b' ' | b'\t' | b'\r' => {}
                b'\\' if self.python => {
                    // A continued line is no line end.
                    while next < end && matches!(bytes[next], b'\r' | b'\n') {
                        next += 1;
                    }
                }
                b'0'..=b'9' => {
                    while next < end && (bytes[next].is_ascii_alphanumeric() || matches!(bytes[next], b'_' | b'.')) {
                        next += 1;
                    }
                    self.push(Kind::Number, at, next);
                }
                b'(' | b'[' | b'{' => {
                    if self.out.len() < Tokens::MOST {
                        self.open.push(self.out.len());
                        self.push(Kind::Open, at, next);
                    }
                }
                b')' | b']' | b'}' => self.close(at),
                _ if byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$') || byte >= 0x80 => {
                    while next < end
                        && (bytes[next].is_ascii_alphanumeric()
                            || matches!(bytes[next], b'_' | b'$')
                            || bytes[next] >= 0x80)
                    {
                        next += 1;
                    }
                    self.push(Kind::Name, at, next);
                }
                _ => {
                    next = at + operator(&bytes[at..end]);
                    self.push(Kind::Op, at, next);
                }
            }
            at = next;
        }
    }

    fn close(&mut self, at: usize) {
        let wanted = match self.text.as_bytes()[at] {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        let index = self.out.len();
        let opens = |open: &usize| {
            self.out.get(*open).is_some_and(|token| self.text.as_bytes()[token.start as usize] == wanted)
        };
        // What was opened in between and never closed ends here too.
        let Some(found) = self.open.iter().rev().take(64).position(opens) else { return };
        self.push(Kind::Close, at, at + 1);
        for open in self.open.split_off(self.open.len() - 1 - found) {
            self.out[open].mate = offset(index);
            if let Some(token) = self.out.get_mut(index) {
                token.mate = offset(open);
            }
        }
    }
}

fn operator(bytes: &[u8]) -> usize {
    #[rustfmt::skip]
    const LONG: [&[u8]; 31] = [
        b">>>=", b"===", b"!==", b"**=", b"//=", b"...", b"||=", b"&&=", b"??=", b"=>", b"==", b"!=", b"<=", b">=", b"&&", b"||",
        b"??", b"?.", b"+=", b"-=", b"*=", b"/=", b"%=", b"|=", b"&=", b":=", b"**", b"//", b"->", b"++", b"--",
    ];
    LONG.iter().find(|operator| bytes.starts_with(operator)).map_or(1, |operator| operator.len())
}

/// The brace that closes the code that begins at `at`; the end when there is none.
fn closing_brace(bytes: &[u8], mut at: usize) -> usize {
    let mut open = 0;
    let mut quote = None;
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(mark), _) if byte == mark => quote = None,
            (Some(_), b'\\') => at += 1,
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'{') => open += 1,
            (None, b'}') if open == 0 => return at,
            (None, b'}') => open -= 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Where the conversion or the format of an f-string field begins: `!r`, `:>10`.
fn format_start(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0;
    let mut quote = None;
    for (at, &byte) in bytes.iter().enumerate().skip(start) {
        match (quote, byte) {
            (Some(mark), _) if byte == mark => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth -= 1,
            (None, b':') if depth == 0 => return at,
            (None, b'!') if depth == 0 && bytes.get(at + 1) != Some(&b'=') => return at,
            _ => {}
        }
    }
    bytes.len()
}
