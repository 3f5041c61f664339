//! A keyring of ClosedClaw: the public keys that sign skills and how far each is trusted.

use std::collections::BTreeMap;

use crate::signature::key::AnyKey;
use crate::source::{FileId, Span, offset};
use crate::syntax::{Member, Node, NodeKind, json, json5};

/// Members of a key.
pub const FIELDS: [&str; 6] = ["name", "publicKeyPem", "trustLevel", "added", "verifiedVia", "notes"];

/// A keyring file.
#[derive(Debug)]
pub struct Keyring {
    /// The file of its spans.
    pub file: FileId,
    /// What it holds, as ClosedClaw sees it.
    pub shape: Shape,
    /// Its keys in file order, those that a later one of the same id replaces included.
    pub keys: Vec<Key>,
    /// The key that counts under an id, by its index.
    by_id: BTreeMap<String, usize>,
}

/// What a keyring is as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Keys by id.
    Map,
    /// A list of keys, as documented; ClosedClaw finds nothing in it but by position.
    List(Span),
    /// `keys` is null: ClosedClaw fails at the first look-up.
    Null(Span),
    /// No keyring: ClosedClaw takes it for an empty one and says nothing.
    Broken(Span, String),
}

/// A key in a keyring.
#[derive(Debug)]
pub struct Key {
    /// The id it is found under; of a list the position.
    pub id: String,
    /// The token of the id.
    pub id_at: Span,
    /// A later key of the same id counts instead.
    pub replaced: bool,
    /// Would JavaScript take the entry for present?
    pub truthy: bool,
    /// Is the entry an object?
    pub is_object: bool,
    /// Its members; the last one of a name.
    members: Vec<(String, Span, Written)>,
    /// The key that `publicKeyPem` holds.
    pub key: Result<AnyKey, &'static str>,
}

/// A member of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The value, when it is a string.
    pub text: Option<String>,
    /// Its token.
    pub at: Span,
}

/// What is found under an id.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'a> {
    /// Nothing.
    Unknown,
    /// Nothing, but ClosedClaw finds a function of JavaScript under such a name.
    Inherited,
    /// A key, with its index.
    Key(usize, &'a Key),
    /// ClosedClaw fails.
    Fails,
}

/// How far a key is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// Not in the keyring, or in words that mean nothing.
    Unknown,
    /// Not: the key was revoked.
    None,
    /// By default enough.
    Marginal,
    /// Always enough.
    Full,
}

impl Trust {
    /// The word in keyrings and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::None => "none",
            Self::Marginal => "marginal",
            Self::Full => "full",
        }
    }

    /// What a keyring's word means.
    #[must_use]
    pub fn of(word: Option<&str>) -> Self {
        match word {
            Some("full") => Self::Full,
            Some("marginal") => Self::Marginal,
            Some("none") => Self::None,
            _ => Self::Unknown,
        }
    }
}

impl Key {
    /// The member of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Written> {
        self.members.iter().rfind(|(member, ..)| member == name).map(|(_, _, written)| written)
    }

    /// The text of the member of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.text.as_deref()
    }

    /// Names of members with their tokens, in file order.
    pub fn names(&self) -> impl Iterator<Item = (&str, Span)> {
        self.members.iter().map(|(name, at, _)| (name.as_str(), *at))
    }

    /// How far it is trusted.
    #[must_use]
    pub fn trust(&self) -> Trust {
        Trust::of(self.text("trustLevel"))
    }

    /// The token of a member, else that of the id.
    #[must_use]
    pub fn at(&self, name: &str) -> Span {
        self.get(name).map_or(self.id_at, |written| written.at)
    }
}

impl Keyring {
    /// An absent keyring is an empty one.
    #[must_use]
    pub const fn empty(file: FileId) -> Self {
        Self { file, shape: Shape::Map, keys: Vec::new(), by_id: BTreeMap::new() }
    }

    /// Something that could not be read at all.
    #[must_use]
    pub fn unreadable(file: FileId, reason: &str) -> Self {
        let shape = Shape::Broken(Span::file_start(file), format!("the keyring cannot be read: {reason}"));
        Self { shape, ..Self::empty(file) }
    }

    /// Reads the bytes of a keyring. Of a text that is not UTF-8 every place is the start of the file.
    #[must_use]
    pub fn read(file: FileId, bytes: &[u8]) -> Self {
        let lossy = String::from_utf8_lossy(bytes);
        let mut keyring = Self::parse(file, &lossy);
        if matches!(lossy, std::borrow::Cow::Owned(_)) {
            keyring.place_at_start();
        }
        keyring
    }

    fn parse(file: FileId, text: &str) -> Self {
        let broken = |at: Span, message: String| Self { shape: Shape::Broken(at, message), ..Self::empty(file) };
        if let Some((at, expected)) = json::trouble(text) {
            let length = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            let at = Span { file, start: offset(at), end: offset(at + length) };
            return broken(at, format!("the keyring is not JSON: expected {expected}"));
        }
        let root = match json5::parse(file, text) {
            Ok(document) => document.root,
            Err(error) => return broken(error.span, format!("the keyring is not read: {}", error.message)),
        };
        let version = member(&root, "version");
        let is_one = |node: &Node| matches!(node.kind, NodeKind::Number(number) if number.to_bits() == 1_f64.to_bits());
        if !version.is_some_and(|version| is_one(&version.value)) {
            let at = version.map_or_else(|| opening(&root), |version| version.value.span);
            return broken(at, "the version of the keyring is not the number 1".to_owned());
        }
        let Some(keys) = member(&root, "keys") else {
            return broken(opening(&root), "the keyring has no `keys`".to_owned());
        };
        let (shape, keys) = match &keys.value.kind {
            NodeKind::Map(members) => (Shape::Map, by_id(members)),
            NodeKind::List(items) => (Shape::List(opening(&keys.value)), by_position(items)),
            NodeKind::Null => (Shape::Null(keys.value.span), Vec::new()),
            _ => return broken(keys.value.span, "`keys` of the keyring is no object".to_owned()),
        };
        let mut keyring = Self { shape, keys, ..Self::empty(file) };
        for (index, key) in keyring.keys.iter_mut().enumerate() {
            key.replaced = true;
            keyring.by_id.insert(key.id.clone(), index);
        }
        for index in keyring.by_id.values() {
            if let Some(key) = keyring.keys.get_mut(*index) {
                key.replaced = false;
            }
        }
        keyring
    }

    /// The key that counts under an id, and its index.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<(usize, &Key)> {
        let index = *self.by_id.get(id)?;
        Some((index, self.keys.get(index)?))
    }

    fn place_at_start(&mut self) {
        let start = Span::file_start(self.file);
        match &mut self.shape {
            Shape::List(at) | Shape::Null(at) | Shape::Broken(at, _) => *at = start,
            Shape::Map => {}
        }
        for key in &mut self.keys {
            key.id_at = start;
            for (_, at, written) in &mut key.members {
                (*at, written.at) = (start, start);
            }
        }
    }

    /// What ClosedClaw finds under an id.
    #[must_use]
    pub fn lookup(&self, id: &str) -> Lookup<'_> {
        if matches!(self.shape, Shape::Null(_)) {
            return Lookup::Fails;
        }
        match self.get(id) {
            Some((index, key)) if key.truthy => Lookup::Key(index, key),
            None if self.inherits(id) => Lookup::Inherited,
            Some(_) | None => Lookup::Unknown,
        }
    }

    /// Has every object of JavaScript, or every array for a list, a member of this name?
    fn inherits(&self, id: &str) -> bool {
        let list = matches!(self.shape, Shape::List(_));
        let in_array = || is_word(ARRAY_MEMBERS, id) || id == "length" && !self.keys.is_empty();
        is_word(OBJECT_MEMBERS, id) || list && in_array()
    }
}

fn is_word(words: &str, id: &str) -> bool {
    words.split_ascii_whitespace().any(|word| word == id)
}

const OBJECT_MEMBERS: &str = "__proto__ __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ \
    constructor hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf";

const ARRAY_MEMBERS: &str = "at concat copyWithin entries every fill filter find findIndex findLast findLastIndex flat \
    flatMap forEach includes indexOf join keys lastIndexOf map pop push reduce reduceRight reverse shift slice some sort \
    splice toReversed toSorted toSpliced unshift values with";

/// The last member of this name, which is the one that counts.
fn member<'a>(node: &'a Node, name: &str) -> Option<&'a Member> {
    let NodeKind::Map(members) = &node.kind else { return None };
    members.iter().rfind(|member| &*member.key == name)
}

fn opening(node: &Node) -> Span {
    match node.kind {
        NodeKind::Map(_) | NodeKind::List(_) => Span { end: node.span.start.saturating_add(1), ..node.span },
        _ => node.span,
    }
}

fn by_id(members: &[Member]) -> Vec<Key> {
    members.iter().map(|member| key(&member.key, member.key_span, &member.value)).collect()
}

fn by_position(items: &[Node]) -> Vec<Key> {
    items.iter().enumerate().map(|(index, item)| key(&index.to_string(), opening(item), item)).collect()
}

fn key(id: &str, id_at: Span, node: &Node) -> Key {
    let members: Vec<(String, Span, Written)> = match &node.kind {
        NodeKind::Map(members) => {
            members.iter().map(|one| (one.key.to_string(), one.key_span, written(&one.value))).collect()
        }
        _ => Vec::new(),
    };
    let pem = member(node, "publicKeyPem").and_then(|member| match &member.value.kind {
        NodeKind::String(text) => Some(&**text),
        // Node takes an object with the PEM in it, too.
        NodeKind::Map(_) => match &self::member(&member.value, "key")?.value.kind {
            NodeKind::String(text) => Some(&**text),
            _ => None,
        },
        _ => None,
    });
    let truthy = match &node.kind {
        NodeKind::Null => false,
        NodeKind::Bool(value) => *value,
        NodeKind::Number(number) => *number != 0.0,
        NodeKind::String(text) => !text.is_empty(),
        NodeKind::List(_) | NodeKind::Map(_) => true,
    };
    Key {
        id: id.to_owned(),
        id_at,
        replaced: false,
        truthy,
        is_object: matches!(node.kind, NodeKind::Map(_)),
        members,
        key: pem.map_or(Err("there is no publicKeyPem"), AnyKey::from_pem),
    }
}

fn written(node: &Node) -> Written {
    let text = match &node.kind {
        NodeKind::String(text) => Some(text.to_string()),
        _ => None,
    };
    Written { text, at: opening(node) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Keyring {
        Keyring::read(FileId(0), text.as_bytes())
    }

    #[test]
    fn what_closedclaw_takes_for_empty_is_broken() {
        for text in [
            "",
            "null",
            "[]",
            "{",
            "{\"version\":1,\"keys\":{},}",
            "\u{feff}{\"version\":1,\"keys\":{}}",
            "{\"version\":\"1\",\"keys\":{}}",
            "{\"version\":2,\"keys\":{}}",
            "{\"version\":1}",
            "{\"version\":1,\"keys\":\"\"}",
            "{\"version\":1,\"version\":2,\"keys\":{}}",
        ] {
            assert!(matches!(read(text).shape, Shape::Broken(..)), "{text}");
        }
        assert_eq!(read("{\"version\":1.0e0,\"keys\":{}}").shape, Shape::Map);
    }

    #[test]
    fn look_ups_are_those_of_a_javascript_object() {
        let ring = read(r#"{"version":1,"keys":{"a":{"trustLevel":"none"},"b":null,"a":{"trustLevel":"full"}}}"#);
        assert!(matches!(ring.lookup("a"), Lookup::Key(_, key) if key.trust() == Trust::Full));
        assert!(matches!(ring.lookup("b"), Lookup::Unknown));
        assert!(matches!(ring.lookup("toString"), Lookup::Inherited));
        assert!(matches!(ring.lookup("length"), Lookup::Unknown));
        let list = read(r#"{"version":1,"keys":[{"trustLevel":"full"}]}"#);
        assert!(matches!(list.lookup("0"), Lookup::Key(..)));
        assert!(matches!(list.lookup("length"), Lookup::Inherited));
        assert!(matches!(read(r#"{"version":1,"keys":null}"#).lookup("a"), Lookup::Fails));
    }
}
