//! Values that know where they were written, and the one way rules look at them: [`Found`].

pub use super::found::Found;
pub use super::map::{Entry, Map};
use crate::source::Span;

/// A resolved value: after includes, merges and environment substitution.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The token that was written, in the file that holds it. Its include chain follows from the file.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
    /// The values that lost a merge against this one, nearest first.
    pub shadowed: Vec<Span>,
}

/// The JSON data model with origins.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A double.
    Number(f64),
    /// A string and what environment substitution did to it.
    String(Text),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Map(Map),
}

/// A string value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text after substitution; an unresolved reference stays as written.
    pub text: Box<str>,
    /// What it owes to the environment.
    pub env: EnvUse,
}

/// What a string owes to `${NAME}` references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvUse {
    /// No reference: what is written is what is meant.
    None,
    /// Every reference was resolved.
    Resolved,
    /// The environment is known and a variable is not in it: the reference stays literal.
    Missing,
    /// The environment is not known (`--use-env` is off): the value is unknown.
    Unknown,
}

impl Value {
    /// A value that was written at `span`.
    #[must_use]
    pub const fn new(span: Span, kind: Kind) -> Self {
        Self { span, kind, shadowed: Vec::new() }
    }

    /// The object, when it is one.
    #[must_use]
    pub const fn as_map(&self) -> Option<&Map> {
        if let Kind::Map(map) = &self.kind { Some(map) } else { None }
    }

    /// The words for its type in messages.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::List(_) => "an array",
            Kind::Map(_) => "an object",
        }
    }

    /// The narrowest token that stands for it: a scalar itself, of a container its opening bracket.
    #[must_use]
    pub const fn token(&self) -> Span {
        match self.kind {
            Kind::List(_) | Kind::Map(_) => Span { end: self.span.start.saturating_add(1), ..self.span },
            _ => self.span,
        }
    }

    /// Moves every place by `base` bytes: the text that was parsed begins there in its file.
    pub fn shift(&mut self, base: u32) {
        self.places(&mut |span| {
            span.start = span.start.saturating_add(base);
            span.end = span.end.saturating_add(base);
        });
    }

    /// Gives everything one place: the text that was parsed is not the text of the file.
    pub fn place_at(&mut self, place: Span) {
        self.places(&mut |span| *span = place);
    }

    /// The depth is limited by the parser.
    fn places(&mut self, change: &mut dyn FnMut(&mut Span)) {
        change(&mut self.span);
        match &mut self.kind {
            Kind::List(items) => items.iter_mut().for_each(|item| item.places(change)),
            Kind::Map(map) => {
                for entry in &mut map.entries {
                    change(&mut entry.key_span);
                    entry.value.places(change);
                }
            }
            _ => {}
        }
    }

    /// A view of this value as the root of a tree.
    #[must_use]
    pub fn found(&self) -> Found<'_> {
        Found::root(self)
    }
}

/// Is the whole text `$NAME` or `${NAME}` with NAME of `[A-Z][A-Z0-9_]{0,127}`?
#[must_use]
pub fn is_env_shorthand(text: &str) -> bool {
    let Some(rest) = text.trim().strip_prefix('$') else { return false };
    let name = rest.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(rest);
    name.len() <= 128
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}
