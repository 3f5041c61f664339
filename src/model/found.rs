//! How rules look at values: what stands at a key path, or where it would stand.

use super::env::push;
use super::value::{Entry, EnvUse, Kind, Text, Value, is_env_shorthand};
use crate::finding::{Change, Place};
use crate::source::Span;
use crate::work;

/// What stands at a key path: a value, or the nearest place where it would stand.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    spot: Spot<'a>,
    trail: Trail<'a>,
}

/// Where a look-up arrived.
#[derive(Clone, Copy, Debug)]
struct Spot<'a> {
    value: Option<&'a Value>,
    key: Option<Span>,
    /// The key, or of an absent value the key of its nearest written ancestor.
    anchor: Span,
}

impl<'a> Spot<'a> {
    const fn member(entry: &'a Entry) -> Self {
        Self { value: Some(&entry.value), key: Some(entry.key_span), anchor: entry.key_span }
    }

    const fn item(item: &'a Value) -> Self {
        Self { value: Some(item), key: None, anchor: item.token() }
    }

    fn step(self, key: &str) -> Self {
        let next = match self.value.map(|value| &value.kind) {
            Some(Kind::Map(map)) => map.get(key).map(Self::member),
            Some(Kind::List(items)) => key.parse().ok().and_then(|index: usize| items.get(index)).map(Self::item),
            _ => None,
        };
        next.unwrap_or(Self { value: None, key: None, ..self })
    }
}

/// A key path that is spelled out only when somebody asks: most lookups end in silence.
#[derive(Clone, Debug)]
struct Trail<'a> {
    /// A dotted path to begin with.
    base: &'a str,
    /// The first steps below it, in place: no look-up of an ordinary depth allocates.
    near: [Option<Step<'a>>; 4],
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
        Self { base, near: [None; 4], far: Vec::new() }
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
    /// A value as the root of a tree.
    #[must_use]
    pub(super) const fn root(value: &'a Value) -> Self {
        Self { spot: Spot::item(value), trail: Trail::root("") }
    }

    /// The member `key`, or its absence.
    #[must_use]
    pub fn get(&self, key: &'a str) -> Self {
        Found { spot: self.spot.step(key), trail: self.trail.then(Step::Key(key)) }
    }

    /// The value under a dotted path whose segments hold no dot themselves. A numeric segment
    /// indexes an array.
    #[must_use]
    pub fn at(&self, path: &'a str) -> Self {
        let spot = path.split('.').fold(self.spot, Spot::step);
        let trail = if self.trail.is_root() { Trail::root(path) } else { self.trail.then(Step::Key(path)) };
        Found { spot, trail }
    }

    /// The dotted key path.
    #[must_use]
    pub fn path(&self) -> String {
        self.trail.text()
    }

    /// Is anything written here?
    #[must_use]
    pub const fn exists(&self) -> bool {
        self.spot.value.is_some()
    }

    /// The value.
    #[must_use]
    pub const fn value(&self) -> Option<&'a Value> {
        self.spot.value
    }

    /// The narrowest token that stands for what is (or is not) here: a scalar itself, else the key,
    /// else for an absent value the key of its nearest written ancestor.
    #[must_use]
    pub const fn span(&self) -> Span {
        match (self.spot.value, self.spot.key) {
            (Some(Value { kind: Kind::List(_) | Kind::Map(_), .. }), Some(key)) => key,
            (Some(value), _) => value.token(),
            (None, _) => self.spot.anchor,
        }
    }

    /// [`Found::span`] with the key path.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { span: self.span(), key_path: self.path(), missing: self.spot.value.is_none() }
    }

    /// The key token, or for an array item the item.
    #[must_use]
    pub fn key_place(&self) -> Place {
        Place { span: self.spot.key.unwrap_or(self.spot.anchor), ..self.place() }
    }

    /// The change that writes a value here, whether there is one or not.
    #[must_use]
    pub fn set(&self, value: impl Into<serde_json::Value>) -> Change {
        let value = value.into();
        match self.spot.value {
            Some(_) => Change::Replace { at: self.span(), value },
            None => Change::Set { path: self.path(), value },
        }
    }

    /// The change that removes what is here.
    #[must_use]
    pub const fn remove(&self) -> Change {
        Change::Remove { at: self.span() }
    }

    /// The string, unless it is unknown because of an unread environment.
    #[must_use]
    pub fn str(&self) -> Option<&'a str> {
        self.text().filter(|text| text.env != EnvUse::Unknown).map(|text| &*text.text)
    }

    /// The string and what it owes to the environment, also when it is unknown.
    #[must_use]
    pub const fn text(&self) -> Option<&'a Text> {
        match self.spot.value {
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
        match self.spot.value {
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
        match self.spot.value {
            Some(Value { kind: Kind::Number(value), .. }) => Some(*value),
            _ => None,
        }
    }

    /// Is it an array?
    #[must_use]
    pub const fn is_list(&self) -> bool {
        matches!(self.spot.value, Some(Value { kind: Kind::List(_), .. }))
    }

    /// Is it an object?
    #[must_use]
    pub const fn is_map(&self) -> bool {
        matches!(self.spot.value, Some(Value { kind: Kind::Map(_), .. }))
    }

    /// Would JavaScript's `if` take it? An unknown string counts as true.
    #[must_use]
    pub fn truthy(&self) -> bool {
        match self.spot.value.map(|value| &value.kind) {
            None | Some(Kind::Null) => false,
            Some(Kind::Bool(value)) => *value,
            Some(Kind::Number(value)) => *value != 0.0 && !value.is_nan(),
            Some(Kind::String(text)) => !text.text.is_empty(),
            Some(Kind::List(_) | Kind::Map(_)) => true,
        }
    }

    /// The items of an array; nothing when it is none.
    pub fn items(&self) -> impl DoubleEndedIterator<Item = Found<'a>> + use<'a> {
        let items: &'a [Value] = match self.spot.value {
            Some(Value { kind: Kind::List(items), .. }) => items,
            _ => &[],
        };
        let trail = self.trail.clone();
        items.iter().enumerate().map(move |(index, item)| {
            work::step();
            Found { spot: Spot::item(item), trail: trail.then(Step::Index(index)) }
        })
    }

    /// The members of an object; nothing when it is none.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (&'a str, Found<'a>)> + use<'a> {
        let entries: &'a [Entry] = match self.spot.value {
            Some(Value { kind: Kind::Map(map), .. }) => &map.entries,
            _ => &[],
        };
        let trail = self.trail.clone();
        entries.iter().map(move |entry| {
            work::step();
            (&*entry.key, Found { spot: Spot::member(entry), trail: trail.then(Step::Key(&entry.key)) })
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
        match self.spot.value.map(|value| &value.kind) {
            Some(Kind::String(text)) => {
                matches!(text.env, EnvUse::Unknown | EnvUse::Missing) || is_env_shorthand(&text.text)
            }
            Some(Kind::Map(map)) => map.get("source").is_some() && map.get("id").is_some(),
            _ => false,
        }
    }
}
