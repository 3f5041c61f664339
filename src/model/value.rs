//! Values that know where they were written, and the one way rules look at them: [`Found`].

use super::env::push;
pub use super::map::{Entry, Map};
use crate::finding::Place;
use crate::source::Span;
use crate::work;

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

    /// A view of this value as the root of a tree.
    #[must_use]
    pub fn found(&self) -> Found<'_> {
        Found { value: Some(self), key: None, anchor: self.token(), trail: Trail::root("") }
    }
}

/// What stands at a key path: a value, or the nearest place where it would stand.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    value: Option<&'a Value>,
    key: Option<Span>,
    anchor: Span,
    trail: Trail<'a>,
}

/// A key path that is spelled out only when somebody asks: most lookups end in silence.
#[derive(Clone, Debug)]
struct Trail<'a> {
    /// A dotted path to begin with.
    base: &'a str,
    /// The first steps below it, in place: no look-up of an ordinary depth allocates.
    near: [Option<Step<'a>>; 6],
    /// The steps after those.
    far: Vec<Step<'a>>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Trail<'a> {
    const fn root(base: &'a str) -> Self {
        Self { base, near: [None; 6], far: Vec::new() }
    }

    const fn is_root(&self) -> bool {
        self.base.is_empty() && self.near[0].is_none()
    }

    fn then(&self, step: Step<'a>) -> Self {
        let mut trail = self.clone();
        match trail.near.iter_mut().find(|slot| slot.is_none()) {
            Some(slot) => *slot = Some(step),
            None => trail.far.push(step),
        }
        trail
    }

    fn text(&self) -> String {
        let mut text = self.base.to_owned();
        for step in self.near.iter().flatten().chain(&self.far) {
            match step {
                Step::Key(key) => push(&mut text, key),
                Step::Index(index) => push(&mut text, &index.to_string()),
            }
        }
        text
    }
}

impl<'a> Found<'a> {
    /// The member `key`, or its absence.
    #[must_use]
    pub fn get(&self, key: &'a str) -> Self {
        self.step(key, || self.trail.then(Step::Key(key)))
    }

    /// The value under a dotted path whose segments hold no dot themselves. A numeric segment
    /// indexes an array.
    #[must_use]
    pub fn at(&self, path: &'a str) -> Self {
        let mut here = Found { value: self.value, key: self.key, anchor: self.anchor, trail: Trail::root("") };
        for segment in path.split('.') {
            here = here.step(segment, || Trail::root(""));
        }
        here.trail = if self.trail.is_root() { Trail::root(path) } else { self.trail.then(Step::Key(path)) };
        here
    }

    fn step(&self, key: &str, trail: impl FnOnce() -> Trail<'a>) -> Self {
        match self.value.map(|value| &value.kind) {
            Some(Kind::Map(map)) => {
                if let Some(entry) = map.get(key) {
                    return Found::member(entry, trail());
                }
            }
            Some(Kind::List(items)) => {
                if let Some(item) = key.parse::<usize>().ok().and_then(|index| items.get(index)) {
                    return Found { value: Some(item), key: None, anchor: item.token(), trail: trail() };
                }
            }
            _ => {}
        }
        Found { value: None, key: None, anchor: self.anchor, trail: trail() }
    }

    const fn member(entry: &'a Entry, trail: Trail<'a>) -> Self {
        Found { value: Some(&entry.value), key: Some(entry.key_span), anchor: entry.key_span, trail }
    }

    /// The dotted key path.
    #[must_use]
    pub fn path(&self) -> String {
        self.trail.text()
    }

    /// Is anything written here?
    #[must_use]
    pub const fn exists(&self) -> bool {
        self.value.is_some()
    }

    /// The value.
    #[must_use]
    pub const fn value(&self) -> Option<&'a Value> {
        self.value
    }

    /// The narrowest token that stands for what is (or is not) here: a scalar itself, else the key,
    /// else for an absent value the key of its nearest written ancestor.
    #[must_use]
    pub const fn span(&self) -> Span {
        match (self.value, self.key) {
            (Some(Value { kind: Kind::List(_) | Kind::Map(_), .. }), Some(key)) => key,
            (Some(value), _) => value.token(),
            (None, _) => self.anchor,
        }
    }

    /// [`Found::span`] with the key path.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { span: self.span(), key_path: self.path(), missing: self.value.is_none() }
    }

    /// The key token, or for an array item the item.
    #[must_use]
    pub fn key_place(&self) -> Place {
        Place { span: self.key.unwrap_or(self.anchor), ..self.place() }
    }

    /// The string, unless it is unknown because of an unread environment.
    #[must_use]
    pub fn str(&self) -> Option<&'a str> {
        self.text().filter(|text| text.env != EnvUse::Unknown).map(|text| &*text.text)
    }

    /// The string and what it owes to the environment, also when it is unknown.
    #[must_use]
    pub const fn text(&self) -> Option<&'a Text> {
        match self.value {
            Some(Value { kind: Kind::String(text), .. }) => Some(text),
            _ => None,
        }
    }

    /// Is it a string that only the runtime environment knows?
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.text().is_some_and(|text| text.env == EnvUse::Unknown)
    }

    /// Is it exactly this string?
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.str() == Some(text)
    }

    /// The boolean.
    #[must_use]
    pub const fn bool(&self) -> Option<bool> {
        match self.value {
            Some(Value { kind: Kind::Bool(value), .. }) => Some(*value),
            _ => None,
        }
    }

    /// Is it `true`?
    #[must_use]
    pub fn is_true(&self) -> bool {
        self.bool() == Some(true)
    }

    /// Is it `false`?
    #[must_use]
    pub fn is_false(&self) -> bool {
        self.bool() == Some(false)
    }

    /// The number.
    #[must_use]
    pub const fn number(&self) -> Option<f64> {
        match self.value {
            Some(Value { kind: Kind::Number(value), .. }) => Some(*value),
            _ => None,
        }
    }

    /// Is it an array?
    #[must_use]
    pub const fn is_list(&self) -> bool {
        matches!(self.value, Some(Value { kind: Kind::List(_), .. }))
    }

    /// Is it an object?
    #[must_use]
    pub const fn is_map(&self) -> bool {
        matches!(self.value, Some(Value { kind: Kind::Map(_), .. }))
    }

    /// Would JavaScript's `if` take it? An unknown string counts as true.
    #[must_use]
    pub fn truthy(&self) -> bool {
        match self.value.map(|value| &value.kind) {
            None | Some(Kind::Null) => false,
            Some(Kind::Bool(value)) => *value,
            Some(Kind::Number(value)) => *value != 0.0 && !value.is_nan(),
            Some(Kind::String(text)) => !text.text.is_empty(),
            Some(Kind::List(_) | Kind::Map(_)) => true,
        }
    }

    /// The items of an array; nothing when it is none.
    pub fn items(&self) -> impl DoubleEndedIterator<Item = Found<'a>> + use<'a> {
        let items: &'a [Value] = match self.value {
            Some(Value { kind: Kind::List(items), .. }) => items,
            _ => &[],
        };
        let trail = self.trail.clone();
        items.iter().enumerate().map(move |(index, item)| {
            work::step();
            Found { value: Some(item), key: None, anchor: item.token(), trail: trail.then(Step::Index(index)) }
        })
    }

    /// The members of an object; nothing when it is none.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (&'a str, Found<'a>)> + use<'a> {
        let entries: &'a [Entry] = match self.value {
            Some(Value { kind: Kind::Map(map), .. }) => &map.entries,
            _ => &[],
        };
        let trail = self.trail.clone();
        entries.iter().map(move |entry| {
            work::step();
            (&*entry.key, Found::member(entry, trail.then(Step::Key(&entry.key))))
        })
    }

    /// The items of an array that are known strings.
    pub fn strings(&self) -> impl DoubleEndedIterator<Item = (&'a str, Found<'a>)> + use<'a> {
        self.items().filter_map(|item| Some((item.str()?, item)))
    }

    /// A string that is written out: not blank, no reference of any kind.
    #[must_use]
    pub fn literal(&self) -> Option<&'a str> {
        let text = self.text()?;
        let written = text.env == EnvUse::None && !text.text.trim().is_empty() && !is_env_shorthand(&text.text);
        written.then_some(&*text.text)
    }

    /// Does it refer to a secret kept elsewhere: a `SecretRef` object, `${NAME}` or `$NAME`?
    #[must_use]
    pub fn is_reference(&self) -> bool {
        match self.value.map(|value| &value.kind) {
            Some(Kind::String(text)) => {
                matches!(text.env, EnvUse::Unknown | EnvUse::Missing) || is_env_shorthand(&text.text)
            }
            Some(Kind::Map(map)) => map.get("source").is_some() && map.get("id").is_some(),
            _ => false,
        }
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
