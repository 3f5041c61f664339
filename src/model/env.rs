//! `${NAME}` substitution exactly as the loader does it (`docs/architecture.md`, "Environment").

use std::collections::{BTreeMap, BTreeSet};

use super::dialect::Product;
use super::value::{EnvUse, Kind, Text, Value};
use crate::source::Span;

/// What is known of the environment that the gateway will run in.
#[derive(Clone, Debug, Default)]
pub struct Env {
    known: Option<BTreeMap<String, String>>,
    assumed: BTreeSet<String>,
}

impl Env {
    /// Nothing is known: every reference makes its string unknown.
    pub const UNKNOWN: Self = Self { known: None, assumed: BTreeSet::new() };

    /// Exactly these variables exist.
    #[must_use]
    pub const fn known(variables: BTreeMap<String, String>) -> Self {
        Self { known: Some(variables), assumed: BTreeSet::new() }
    }

    /// Is the environment known?
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// A variable's value; an empty one counts as unset, as for the loader.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.known.as_ref()?.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Takes a variable for set, its value unknown: the settings say that the deployment sets it.
    pub fn assume(&mut self, name: &str) {
        self.assumed.insert(name.to_owned());
    }

    /// Is the variable set, as far as we know?
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.assumed.contains(name) || self.get(name).is_some()
    }

    /// Adds a variable that the host does not set.
    pub fn add_default(&mut self, name: &str, value: &str) {
        if let Some(known) = &mut self.known
            && known.get(name).is_none_or(String::is_empty)
        {
            known.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Adds a variable that the configuration declares; for that one a blank value counts as unset too.
    pub fn add_declared(&mut self, name: &str, value: &str) {
        if let Some(known) = &mut self.known
            && known.get(name).is_none_or(|value| value.trim().is_empty())
        {
            known.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// A reference that named no variable of a known environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The string that holds it.
    pub span: Span,
    /// Dotted key path of that string.
    pub path: String,
    /// The variable.
    pub name: String,
}

/// Substitutes every string under `value`; returns the references that stayed.
pub fn substitute(value: &mut Value, env: &Env, product: Product) -> Vec<Missing> {
    let mut missing = Vec::new();
    walk(value, &mut String::new(), env, product, &mut missing);
    missing
}

fn walk(value: &mut Value, path: &mut String, env: &Env, product: Product, missing: &mut Vec<Missing>) {
    let size = path.len();
    match &mut value.kind {
        Kind::String(text) if text.text.contains('$') => {
            let mut names = Vec::new();
            *text = substitute_text(&text.text, env, product, &mut names);
            let span = value.span;
            missing.extend(names.into_iter().map(|name| Missing { span, path: path.clone(), name }));
        }
        Kind::List(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                push(path, &index.to_string());
                walk(item, path, env, product, missing);
                path.truncate(size);
            }
        }
        Kind::Map(map) => {
            for entry in &mut map.entries {
                push(path, &entry.key);
                walk(&mut entry.value, path, env, product, missing);
                path.truncate(size);
            }
        }
        _ => {}
    }
}

/// Appends a segment to a dotted path.
pub fn push(path: &mut String, segment: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(segment);
}

/// Substitutes one string: left to right, once, substituted text is not read again.
fn substitute_text(text: &str, env: &Env, product: Product, missing: &mut Vec<String>) -> Text {
    let mut out = String::with_capacity(text.len());
    let mut state = EnvUse::None;
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        if let Some(name) = tail.strip_prefix("$$").and_then(|tail| name_in_braces(tail, product)) {
            // `$${NAME}` is the escape for a literal `${NAME}`.
            out.extend(["${", name, "}"]);
            rest = tail.get(name.len() + 4..).unwrap_or_default();
            continue;
        }
        let Some(name) = tail.strip_prefix('$').and_then(|tail| name_in_braces(tail, product)) else {
            out.push('$');
            rest = tail.get(1..).unwrap_or_default();
            continue;
        };
        let this = if let Some(value) = env.get(name) {
            out.push_str(value);
            EnvUse::Resolved
        } else {
            out.extend(["${", name, "}"]);
            missing.push(name.to_owned());
            if env.is_known() { EnvUse::Missing } else { EnvUse::Unknown }
        };
        state = worse(state, this);
        rest = tail.get(name.len() + 3..).unwrap_or_default();
    }
    out.push_str(rest);
    if state == EnvUse::Unknown {
        return Text { text: text.into(), env: state };
    }
    Text { text: out.into(), env: state }
}

const fn worse(a: EnvUse, b: EnvUse) -> EnvUse {
    match (a, b) {
        (EnvUse::Unknown, _) | (_, EnvUse::Unknown) => EnvUse::Unknown,
        (EnvUse::Missing, _) | (_, EnvUse::Missing) => EnvUse::Missing,
        (EnvUse::Resolved, _) | (_, EnvUse::Resolved) => EnvUse::Resolved,
        _ => EnvUse::None,
    }
}

/// The variables that a string refers to, as it was written, in order and without repeats.
#[must_use]
pub fn names(text: &str, product: Product) -> Vec<&str> {
    let mut names = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, _) in text.match_indices("${") {
        let name = text.get(at + 1..).and_then(|tail| name_in_braces(tail, product));
        names.extend(name.filter(|name| !text.get(..at).is_some_and(|head| head.ends_with('$')) && seen.insert(*name)));
    }
    names
}

/// Is it a name that the product substitutes?
#[must_use]
pub fn is_name(name: &str, product: Product) -> bool {
    let lower = product == Product::ClosedClaw;
    let letter = |byte: u8| byte == b'_' || byte.is_ascii_uppercase() || lower && byte.is_ascii_lowercase();
    let mut bytes = name.bytes();
    bytes.next().is_some_and(letter) && bytes.all(|byte| letter(byte) || byte.is_ascii_digit())
}

/// The name in a leading `{NAME}`, when it follows the product's grammar.
fn name_in_braces(text: &str, product: Product) -> Option<&str> {
    let inner = text.strip_prefix('{')?;
    // Not the nearest brace: a megabyte of `${` without any would be searched again for each.
    let (name, tail) = inner.split_at_checked(inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?)?;
    (tail.starts_with('}') && is_name(name, product)).then_some(name)
}
