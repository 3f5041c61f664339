//! JSON5 as npm `json5` 2.2.3 reads it, with the place of every value, key and comment.
//!
//! Three things differ from the reference on purpose: a lone surrogate becomes U+FFFD because Rust text cannot hold
//! it, nesting is limited, and a key without quotes may hold letters that Unicode added after its version 10.

mod lexer;

use self::lexer::{Fault, Lexer};
use crate::secret;
use crate::source::{FileId, Span};
use crate::syntax::{Document, Member, Node, NodeKind, SyntaxError};

/// How many brackets may be open at once; one more is a syntax error.
pub const MAX_DEPTH: usize = 256;

/// How many values a file may hold: many times what any configuration does, and little enough to keep.
pub const MAX_VALUES: usize = 1_000_000;

/// How long the keys on the way to a value may be together, in bytes. Every finding names that path.
pub const MAX_PATH: usize = 4096;

/// The longest text of the file that a message repeats, in characters.
const SHOWN: usize = 20;

/// The longest word that a message repeats, in characters.
const LONGEST_WORD: usize = 12;

/// Reads a whole document.
///
/// # Errors
/// At the first token that the reference would refuse, and at the bracket that opens level [`MAX_DEPTH`] + 1.
pub fn parse(file: FileId, text: &str) -> Result<Document, SyntaxError> {
    let mut parser = Parser { lexer: Lexer::new(file, text), open: Vec::new(), values: 0, path: 0 };
    let root = parser.document().map_err(|Fault(error)| *error)?;
    Ok(Document { root, comments: parser.lexer.comments, values: parser.values })
}

/// Where a value stands. Only messages need it.
#[derive(Clone, Copy)]
enum Slot<'k> {
    Root,
    Item,
    Member(&'k str),
}

impl Slot<'_> {
    fn before(self) -> String {
        match self {
            Self::Root => "a value".to_owned(),
            Self::Item => "a value or `]`".to_owned(),
            Self::Member(key) => format!("a value for \"{}\"", shown(key)),
        }
    }

    fn after(self) -> String {
        match self {
            Self::Root => "the end of the file after the value".to_owned(),
            Self::Item => "`,` or `]` after the value".to_owned(),
            Self::Member(key) => format!("`,` or `}}` after the value of \"{}\"", shown(key)),
        }
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The brackets that are open here, outermost first.
    open: Vec<usize>,
    /// The values that were started so far.
    values: usize,
    /// Bytes of the keys on the way to here.
    path: usize,
}

/// The grammar. Every function starts on its token and stops behind it.
impl Parser<'_> {
    fn document(&mut self) -> Result<Node, Fault> {
        self.lexer.skip_blank()?;
        let root = self.value(Slot::Root)?;
        self.lexer.skip_blank()?;
        if self.lexer.peek().is_some() {
            return Err(self.unexpected(Slot::Root, &Slot::Root.after()));
        }
        Ok(root)
    }

    fn value(&mut self, slot: Slot<'_>) -> Result<Node, Fault> {
        let start = self.lexer.at;
        self.values += 1;
        if self.values > MAX_VALUES {
            let message = format!("expected at most {MAX_VALUES} values in a file, found one more");
            return Err(self.lexer.error(start, start, message));
        }
        let kind = match self.lexer.peek() {
            Some(b'{') => NodeKind::Map(self.map()?),
            Some(b'[') => NodeKind::List(self.list()?),
            Some(quote @ (b'"' | b'\'')) => NodeKind::String(self.lexer.string(quote)?),
            _ => self.lexer.scalar().ok_or_else(|| self.no_value(slot))?,
        };
        Ok(Node { span: self.lexer.span(start, self.lexer.at), kind })
    }

    fn list(&mut self) -> Result<Vec<Node>, Fault> {
        self.enter()?;
        let mut items = Vec::new();
        loop {
            self.lexer.skip_blank()?;
            if self.leave(b']') {
                return Ok(items);
            }
            items.push(self.value(Slot::Item)?);
            self.comma(b']', Slot::Item)?;
        }
    }

    fn map(&mut self) -> Result<Vec<Member>, Fault> {
        self.enter()?;
        let mut members = Vec::new();
        loop {
            self.lexer.skip_blank()?;
            if self.leave(b'}') {
                return Ok(members);
            }
            let start = self.lexer.at;
            let key = self.lexer.key()?.ok_or_else(|| self.unexpected(Slot::Root, "a key or `}`"))?;
            let key_span = self.lexer.span(start, self.lexer.at);
            self.lexer.skip_blank()?;
            if !self.lexer.eat(b':') {
                let expected = format!("`:` after the key \"{}\"", shown(&key));
                return Err(self.unexpected(Slot::Member(&key), &expected));
            }
            self.lexer.skip_blank()?;
            self.path += key.len();
            if self.path > MAX_PATH {
                let message = format!("expected keys of at most {MAX_PATH} bytes on the way to a value, found more");
                return Err(self.lexer.error(start, self.lexer.at, message));
            }
            let value = self.value(Slot::Member(&key))?;
            self.path -= key.len();
            self.comma(b'}', Slot::Member(&key))?;
            members.push(Member { key, key_span, value });
        }
    }

    /// What must follow a value: a comma, or the closing bracket, which is left for the caller.
    fn comma(&mut self, close: u8, slot: Slot<'_>) -> Result<(), Fault> {
        self.lexer.skip_blank()?;
        if self.lexer.eat(b',') || self.lexer.peek() == Some(close) {
            return Ok(());
        }
        Err(self.unexpected(slot, &slot.after()))
    }

    /// Steps over an opening bracket. The limit is checked here, before anything recurses into it.
    fn enter(&mut self) -> Result<(), Fault> {
        let at = self.lexer.at;
        if self.open.len() >= MAX_DEPTH {
            let message = format!("expected at most {MAX_DEPTH} nested brackets, found one more");
            return Err(self.lexer.error(at, at + 1, message));
        }
        self.open.push(at);
        self.lexer.at += 1;
        Ok(())
    }

    fn leave(&mut self, bracket: u8) -> bool {
        let closed = self.lexer.eat(bracket);
        if closed {
            self.open.pop();
        }
        closed
    }
}

/// Messages. The parser stops here, so none of this has to be fast.
impl Parser<'_> {
    /// The token at hand, which belongs to `slot`, is not what the grammar wants.
    fn unexpected(&mut self, slot: Slot<'_>, expected: &str) -> Fault {
        let start = self.lexer.at;
        let unclosed = self.unclosed_bracket();
        self.lexer.skip_token();
        let found = found(self.lexer.slice(start, self.lexer.at), slot);
        let message = format!("expected {expected}, found {found}");
        let fault = self.lexer.error(start, self.lexer.at, message);
        match unclosed {
            Some((span, reason)) => fault.because(span, reason),
            None => fault,
        }
    }

    fn no_value(&mut self, slot: Slot<'_>) -> Fault {
        let rest = self.lexer.rest();
        match rest.strip_prefix(['+', '-']).unwrap_or(rest).as_bytes() {
            [b'0', b'0'..=b'9', ..] => self.unexpected(slot, "a number without leading zero"),
            [b'0'..=b'9' | b'.', ..] => self.unexpected(slot, "a number"),
            _ if rest.starts_with(['+', '-']) => self.unexpected(slot, "a number"),
            _ => self.unexpected(slot, &slot.before()),
        }
    }

    /// The innermost open bracket, when the file ends or another kind of bracket closes before it does.
    fn unclosed_bracket(&self) -> Option<(Span, String)> {
        let open = *self.open.last()?;
        let bracket = self.lexer.slice(open, open + 1);
        let explains = matches!((bracket, self.lexer.peek()), (_, None) | ("{", Some(b']')) | ("[", Some(b'}')));
        explains.then(|| (self.lexer.span(open, open + 1), format!("this `{bracket}` is not closed")))
    }
}

/// Names a token. What may be a secret stays out of messages: strings, words longer than keywords, and
/// whatever stands where a key promises one.
fn found(token: &str, slot: Slot<'_>) -> String {
    let secret =
        matches!(slot, Slot::Member(key) if secret::is_secret_name(key) || secret::looks_like_secret_env_name(key));
    let word = token.chars().next().is_some_and(char::is_alphanumeric) || token.len() > 2;
    match token {
        "" => "the end of the file".to_owned(),
        "#" => "`#`, which starts no comment in JSON5".to_owned(),
        _ if token.len() > 1 && token.starts_with(['"', '\'']) => "a string".to_owned(),
        "undefined" | "True" | "False" | "None" => format!("`{token}`"),
        _ if word && (secret || token.chars().count() > LONGEST_WORD) => {
            format!("a word of {} characters", token.chars().count())
        }
        _ => format!("`{}`", shown(token)),
    }
}

/// Text from the file as a message may show it: without characters that could disturb a terminal, and
/// only when it is short. The beginning of a long one could be that of a secret.
fn shown(text: &str) -> String {
    if text.chars().nth(SHOWN).is_some() {
        return "…".to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    out
}
