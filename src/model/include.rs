//! `$include` and the deep merge, exactly as the loader does them, with every value keeping its place.

use std::collections::HashMap;

use super::value::{Entry, Kind, Map, Text, Value};
use crate::load::Loaded;
use crate::source::{FileId, Span};
use crate::syntax::json5::MAX_DEPTH;
use crate::syntax::{Member, Node, NodeKind, SyntaxError};

/// A key that is written twice in one object: the later one silently wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The key that is lost.
    pub first: Span,
    /// The key that counts.
    pub last: Span,
    /// Its name.
    pub key: String,
}

/// Why a configuration cannot be put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A file of it has a syntax error.
    Syntax(SyntaxError),
    /// An `$include` cannot be followed.
    Include(Span, String),
}

/// What resolving found beside the value.
#[derive(Debug, Default)]
pub struct Notes {
    /// Duplicate keys.
    pub duplicates: Vec<Duplicate>,
    /// Everything that makes the loader refuse the whole file.
    pub broken: Vec<Broken>,
    /// Arrays that a merge appended to: `(included, own)`; the include cannot be shortened.
    pub concatenated: Vec<(Span, Span)>,
}

/// Resolves every `$include` of a loaded configuration. Where one is broken the value stays as
/// written and the reason is in the notes.
#[must_use]
pub fn resolve(loaded: &Loaded) -> (Option<Value>, Notes) {
    let mut resolver = Resolver { loaded, notes: Notes::default(), depth: 0 };
    let value = resolver.file(Loaded::ROOT);
    (value, resolver.notes)
}

struct Resolver<'a> {
    loaded: &'a Loaded,
    notes: Notes,
    /// Arrays and objects that are open here, those of the including files counted.
    depth: usize,
}

impl Resolver<'_> {
    fn file(&mut self, file: FileId) -> Option<Value> {
        match self.loaded.parsed.get(file.0 as usize)? {
            Ok(document) => Some(self.value(&document.root)),
            Err(error) => {
                self.notes.broken.push(Broken::Syntax(error.clone()));
                None
            }
        }
    }

    /// Each file alone nests no deeper than its parser allows; a chain of includes must not either.
    fn value(&mut self, node: &Node) -> Value {
        if self.depth >= MAX_DEPTH && matches!(node.kind, NodeKind::List(_) | NodeKind::Map(_)) {
            let message = format!("with what includes it, this nests deeper than {MAX_DEPTH} levels");
            let span = self.loaded.sources.get(node.span.file).and_then(|source| source.included_at);
            self.notes.broken.push(Broken::Include(span.unwrap_or(node.span), message));
            return Value::new(node.span, Kind::Null);
        }
        self.depth += 1;
        let value = self.inner(node);
        self.depth -= 1;
        value
    }

    fn inner(&mut self, node: &Node) -> Value {
        let kind = match &node.kind {
            NodeKind::Null => Kind::Null,
            NodeKind::Bool(value) => Kind::Bool(*value),
            NodeKind::Number(value) => Kind::Number(*value),
            NodeKind::String(text) => Kind::String(Text::written(text)),
            NodeKind::List(items) => Kind::List(items.iter().map(|item| self.value(item)).collect()),
            NodeKind::Map(members) => return self.object(node.span, members),
        };
        Value::new(node.span, kind)
    }

    fn object(&mut self, span: Span, members: &[Member]) -> Value {
        let mut map = Map::default();
        let mut include = None;
        for member in effective(members, &mut self.notes.duplicates) {
            if &*member.key == "$include" {
                include = Some(member);
                continue;
            }
            let value = self.value(&member.value);
            map.entries.push(Entry { key: member.key.clone(), key_span: member.key_span, value });
        }
        let own = Value::new(span, Kind::Map(map));
        let Some(include) = include else { return own };
        match self.included(include) {
            Some(included) => self.with_siblings(included, own, include),
            None => own,
        }
    }

    /// The value that `$include` stands for; `None` when it is broken.
    fn included(&mut self, include: &Member) -> Option<Value> {
        let span = include.value.span;
        match &include.value.kind {
            NodeKind::String(_) => self.one(span),
            NodeKind::List(items) => {
                let mut all = Value::new(span, Kind::Map(Map::default()));
                for item in items {
                    if !matches!(item.kind, NodeKind::String(_)) {
                        let message = "every item of $include must be a string".to_owned();
                        self.notes.broken.push(Broken::Include(item.span, message));
                        return None;
                    }
                    let next = self.one(item.span)?;
                    all = self.merge(all, next);
                }
                Some(all)
            }
            _ => {
                let message = "$include must be a string or an array of strings".to_owned();
                self.notes.broken.push(Broken::Include(span, message));
                None
            }
        }
    }

    fn one(&mut self, at: Span) -> Option<Value> {
        match self.loaded.includes.get(&at)? {
            Ok(file) => self.file(*file),
            Err(reason) => {
                self.notes.broken.push(Broken::Include(at, reason.clone()));
                None
            }
        }
    }

    fn with_siblings(&mut self, included: Value, own: Value, include: &Member) -> Value {
        let siblings = own.as_map().is_some_and(|map| !map.entries.is_empty());
        if !siblings {
            return included;
        }
        if included.as_map().is_none() {
            let message = "keys beside $include need an included object".to_owned();
            self.notes.broken.push(Broken::Include(include.value.span, message));
            return own;
        }
        self.merge(included, own)
    }

    /// JavaScript's `deepMerge(under, over)`: objects by key, arrays end to end, else `over`.
    fn merge(&mut self, under: Value, over: Value) -> Value {
        match (under.kind, over.kind) {
            (Kind::Map(under_map), Kind::Map(over_map)) => {
                let map = self.merge_members(under_map.entries, over_map.entries);
                Value { span: over.span, kind: Kind::Map(map), shadowed: over.shadowed }
            }
            (Kind::List(mut items), Kind::List(more)) => {
                if !items.is_empty() && !more.is_empty() {
                    self.notes.concatenated.push((under.span, over.span));
                }
                items.extend(more);
                Value { span: over.span, kind: Kind::List(items), shadowed: over.shadowed }
            }
            (_, kind) => {
                let shadowed = std::iter::once(under.span).chain(under.shadowed).collect();
                Value { span: over.span, kind, shadowed }
            }
        }
    }

    fn merge_members(&mut self, mut under: Vec<Entry>, over: Vec<Entry>) -> Map {
        let known: HashMap<Box<str>, usize> =
            under.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
        for entry in over {
            match known.get(&entry.key).and_then(|at| under.get_mut(*at)) {
                Some(slot) => {
                    let empty = Value::new(slot.value.span, Kind::Null);
                    let old = std::mem::replace(&mut slot.value, empty);
                    slot.value = self.merge(old, entry.value);
                    slot.key_span = entry.key_span;
                }
                None => under.push(entry),
            }
        }
        Map::new(under)
    }
}

/// The members that count: of duplicates the last, at the place of the first, and no `__proto__`.
fn effective<'a>(members: &'a [Member], duplicates: &mut Vec<Duplicate>) -> Vec<&'a Member> {
    let mut at = HashMap::with_capacity(members.len());
    let mut out: Vec<&Member> = Vec::with_capacity(members.len());
    for member in members.iter().filter(|member| &*member.key != "__proto__") {
        match at.entry(&*member.key) {
            std::collections::hash_map::Entry::Vacant(slot) => {
                slot.insert(out.len());
                out.push(member);
            }
            std::collections::hash_map::Entry::Occupied(slot) => {
                if let Some(earlier) = out.get_mut(*slot.get()) {
                    let key = member.key.to_string();
                    duplicates.push(Duplicate { first: earlier.key_span, last: member.key_span, key });
                    *earlier = member;
                }
            }
        }
    }
    out
}

impl Text {
    /// A string before substitution.
    #[must_use]
    pub fn written(text: &str) -> Self {
        Self { text: text.into(), env: super::value::EnvUse::None }
    }
}

impl From<&Node> for Value {
    /// The value of a side file: nothing is included, merged or substituted; of duplicates the last wins.
    fn from(node: &Node) -> Self {
        let kind = match &node.kind {
            NodeKind::Null => Kind::Null,
            NodeKind::Bool(value) => Kind::Bool(*value),
            NodeKind::Number(value) => Kind::Number(*value),
            NodeKind::String(text) => Kind::String(Text::written(text)),
            NodeKind::List(items) => Kind::List(items.iter().map(Self::from).collect()),
            NodeKind::Map(members) => {
                let entry = |member: &Member| Entry {
                    key: member.key.clone(),
                    key_span: member.key_span,
                    value: Self::from(&member.value),
                };
                Kind::Map(Map::new(effective(members, &mut Vec::new()).into_iter().map(entry).collect()))
            }
        };
        Self::new(node.span, kind)
    }
}
