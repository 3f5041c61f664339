//! Values that know where they were written, and the one way rules look at them: [`Found`].

use std::sync::OnceLock;

pub use super::found::Found;
use crate::source::{Span, offset};

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

/// An object. Names are unique: of duplicates the last one won, as in JavaScript.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// Members in file order, included ones first.
    pub entries: Vec<Entry>,
    /// Places in `entries`, sorted by name; made when a large object is first asked for a member.
    by_name: OnceLock<Box<[u32]>>,
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

/// Members up to which looking at each of them is as fast as any index.
const SMALL: usize = 32;

/// One member of a [`Map`].
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The name.
    pub key: Box<str>,
    /// Its token.
    pub key_span: Span,
    /// The value.
    pub value: Value,
}

impl Map {
    /// An object of these members.
    #[must_use]
    pub const fn new(entries: Vec<Entry>) -> Self {
        Self { entries, by_name: OnceLock::new() }
    }

    /// The member called `key`. Members are not added, removed or renamed once somebody has asked.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        if self.entries.len() <= SMALL {
            return self.entries.iter().find(|entry| &*entry.key == key);
        }
        let name = |at: &u32| self.entries.get(*at as usize).map(|entry| &*entry.key);
        let order = self.by_name.get_or_init(|| {
            let mut order: Vec<u32> = (0..offset(self.entries.len())).collect();
            order.sort_by(|a, b| name(a).cmp(&name(b)));
            order.into_boxed_slice()
        });
        let at = order.binary_search_by(|at| name(at).cmp(&Some(key))).ok()?;
        self.entries.get(*order.get(at)? as usize)
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn members_are_found_however_many_there_are() {
        let nowhere = Span::file_start(FileId(0));
        for size in [0, 1, SMALL, SMALL + 1, 1_000] {
            let entry = |index: usize| Entry {
                key: format!("k{index}").into(),
                key_span: nowhere,
                value: Value::new(nowhere, Kind::Bool(index.is_multiple_of(2))),
            };
            let map = Map::new((0..size).map(entry).collect());
            for index in 0..size {
                let found = map.get(&format!("k{index}")).map(|entry| &entry.value.kind);
                assert_eq!(found, Some(&Kind::Bool(index.is_multiple_of(2))));
            }
            assert!(map.get("k").is_none() && map.get(&format!("k{size}")).is_none());
        }
    }
}
