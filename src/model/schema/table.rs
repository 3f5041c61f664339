//! The key table of a release: what `schemas/*.txt` says, as flat arrays of slices of that text.

use std::sync::OnceLock;

use crate::model::dialect::{Dialect, Product, Release};

/// Everything that one release knows of its configuration.
#[derive(Debug)]
pub struct Table {
    lines: Vec<Line>,
    root: u32,
}

/// One key: its text and its neighbours in [`Table::lines`], 0 for none (line 0 is a dummy).
#[derive(Debug, Clone, Copy)]
struct Line {
    name: &'static str,
    spec: &'static str,
    below: u32,
    next: u32,
}

const NOTHING: Line = Line { name: "", spec: "", below: 0, next: 0 };

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    table: &'static Table,
    line: Line,
}

static TABLES: [(OnceLock<Table>, &str); 4] = [
    (OnceLock::new(), include_str!("../../../schemas/openclaw-2026.2.24.txt")),
    (OnceLock::new(), include_str!("../../../schemas/openclaw-2026.5.12.txt")),
    (OnceLock::new(), include_str!("../../../schemas/openclaw-2026.9.6.txt")),
    (OnceLock::new(), include_str!("../../../schemas/closedclaw-2026.2.1.txt")),
];

impl Table {
    /// The table of a dialect, read when it is first asked for.
    #[must_use]
    pub fn of(dialect: Dialect) -> &'static Self {
        let index = match (dialect.product, dialect.release) {
            (Product::ClosedClaw, _) => 3,
            (_, Release::V2026_2) => 0,
            (_, Release::V2026_5) => 1,
            (_, Release::V2026_9) => 2,
        };
        let (table, text) = &TABLES[index];
        table.get_or_init(|| Self::read(text))
    }

    /// The root object.
    #[must_use]
    pub const fn root(&'static self) -> Key {
        Key { table: self, line: Line { spec: "o", below: self.root, ..NOTHING } }
    }

    /// The key at a dotted path, wildcards and map keys alike.
    #[must_use]
    pub fn find(&'static self, path: &str) -> Option<Key> {
        path.split('.').try_fold(self.root(), Key::child)
    }

    /// Reads the format that `schemas/README.md` describes.
    fn read(text: &'static str) -> Self {
        let mut lines = Vec::with_capacity(text.len() / 18);
        lines.push(NOTHING);
        let mut shared: Vec<u32> = Vec::new();
        let mut root = 0;
        // The last line of each depth of the block at hand.
        let mut last: Vec<u32> = Vec::with_capacity(16);
        for row in text.lines() {
            let depth = row.len() - row.trim_start_matches(' ').len();
            let at = crate::source::offset(lines.len());
            if depth == 0 {
                last.clear();
                match row.strip_prefix("= ") {
                    Some("root") => root = at,
                    Some(_) => shared.push(at),
                    None => {}
                }
                continue;
            }
            let (name, rest) = row.get(depth..).and_then(|row| row.split_once(' ')).unwrap_or_default();
            let (spec, below) = match rest.rsplit_once(" &") {
                Some((spec, "ref")) => (spec, Self::REF),
                Some((spec, number)) => {
                    (spec, number.parse().ok().and_then(|n: usize| shared.get(n).copied()).unwrap_or(0))
                }
                None => (rest, 0),
            };
            lines.push(Line { name, spec, below, next: 0 });
            if last.len() < depth {
                if let Some(above) = last.last().and_then(|above| lines.get_mut(*above as usize)) {
                    above.below = at;
                }
                last.push(at);
                continue;
            }
            last.truncate(depth);
            if let Some(brother) = last.last_mut() {
                if let Some(line) = lines.get_mut(*brother as usize) {
                    line.next = at;
                }
                *brother = at;
            }
        }
        Self { lines, root }
    }

    /// What stands for "the children are a secret reference".
    const REF: u32 = u32::MAX;

    fn chain(&'static self, first: u32) -> impl Iterator<Item = Key> {
        std::iter::successors(self.key(first), move |key| self.key(key.line.next))
    }

    fn key(&'static self, at: u32) -> Option<Key> {
        self.lines.get(at as usize).filter(|_| at != 0).map(|line| Key { table: self, line: *line })
    }
}

impl Key {
    /// Its name; `*` for any.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.line.name
    }

    /// What it takes.
    #[must_use]
    pub fn spec(self) -> Spec {
        Spec::read(self.line.spec)
    }

    /// Are its children those of a secret reference?
    #[must_use]
    pub const fn is_secret_ref(self) -> bool {
        self.line.below == Table::REF
    }

    /// The keys below it.
    pub fn children(self) -> impl Iterator<Item = Self> {
        self.table.chain(self.line.below)
    }

    /// The key below it that a name means: that very key, else the one for any key.
    #[must_use]
    pub fn child(self, name: &str) -> Option<Self> {
        let mut any = None;
        for key in self.children() {
            match key.name() {
                "*" => any = Some(key),
                other if other == name => return Some(key),
                _ => {}
            }
        }
        any
    }
}

/// The kinds of value that a key takes, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u16);

impl Kinds {
    /// Strings.
    pub const STRING: Self = Self(1);
    /// Numbers of any sort.
    pub const NUMBER: Self = Self(2);
    /// Whole numbers.
    pub const INTEGER: Self = Self(4);
    /// `true` and `false`.
    pub const BOOL: Self = Self(8);
    /// Arrays.
    pub const LIST: Self = Self(16);
    /// `null`.
    pub const NULL: Self = Self(32);
    /// Anything at all.
    pub const ANY: Self = Self(64);
    /// Objects whose unknown keys are refused.
    pub const CLOSED: Self = Self(128);
    /// Objects with free keys and values of one shape.
    pub const MAP: Self = Self(256);
    /// Objects whose unknown keys pass and mean nothing.
    pub const OPEN: Self = Self(512);
    /// Objects of any sort.
    pub const OBJECT: Self = Self(128 | 256 | 512);

    /// Do the two sets meet?
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The kinds in words, for "expected …".
    #[must_use]
    pub fn words(self) -> String {
        let all = [
            (Self::STRING, "a string"),
            (Self::NUMBER, "a number"),
            (Self::INTEGER, "a whole number"),
            (Self::BOOL, "a boolean"),
            (Self::LIST, "an array"),
            (Self::OBJECT, "an object"),
            (Self::NULL, "null"),
        ];
        let words: Vec<&str> = all.into_iter().filter(|(kind, _)| self.has(*kind)).map(|(_, word)| word).collect();
        words.join(" or ")
    }
}

/// What a key takes: the words behind its name.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The kinds of value.
    pub kinds: Kinds,
    /// It must be there.
    pub required: bool,
    rules: &'static str,
}

/// One constraint of a [`Spec`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// One of these, separated by `|`.
    OneOf(&'static str),
    /// At least.
    Min(f64),
    /// More than.
    Above(f64),
    /// At most.
    Max(f64),
    /// Length in UTF-16 units, both ends included.
    Length(f64, f64),
    /// Number of items.
    Items(f64, f64),
    /// A pattern and whether it must match.
    Pattern(&'static str, bool),
    /// The same about the keys of a map.
    KeyPattern(&'static str, bool),
    /// An absolute URI.
    Uri,
    /// Required when the sibling has (or has not) the value.
    RequiredWhen(&'static str, &'static str, bool),
}

impl Spec {
    fn read(text: &'static str) -> Self {
        let (head, rules) = text.split_once(' ').unwrap_or((text, ""));
        let mut kinds = 0;
        for letter in head.bytes() {
            kinds |= match letter {
                b's' => Kinds::STRING.0,
                b'n' => Kinds::NUMBER.0,
                b'i' => Kinds::INTEGER.0,
                b'b' => Kinds::BOOL.0,
                b'a' => Kinds::LIST.0,
                b'z' => Kinds::NULL.0,
                b'?' => Kinds::ANY.0,
                b'o' => Kinds::CLOSED.0,
                b'm' => Kinds::MAP.0,
                b'O' => Kinds::OPEN.0,
                _ => 0,
            };
        }
        Self { kinds: Kinds(kinds), required: head.contains('!'), rules }
    }

    /// Its constraints. Advice (`~=…`) is not among them.
    pub fn rules(self) -> impl Iterator<Item = Rule> {
        self.rules.split(' ').filter_map(Rule::read)
    }

    /// The strings among the values it lists.
    #[must_use]
    pub fn choices(self) -> Vec<&'static str> {
        let listed = self.rules().find_map(|rule| if let Rule::OneOf(list) = rule { Some(list) } else { None });
        listed.into_iter().flat_map(|list| list.split('|')).map(|word| word.trim_matches('"')).collect()
    }
}

impl Rule {
    fn read(word: &'static str) -> Option<Self> {
        let number = |text: &str| text.parse::<f64>().ok();
        let range = |text: &'static str| {
            let (low, high) = text.split_once("..")?;
            Some((number(low)?, if high.is_empty() { f64::INFINITY } else { number(high)? }))
        };
        if let Some(rest) = word.strip_prefix('=') {
            return Some(Self::OneOf(rest));
        }
        if let Some(rest) = word.strip_prefix(">=") {
            return number(rest).map(Self::Min);
        }
        if let Some(rest) = word.strip_prefix('>') {
            return number(rest).map(Self::Above);
        }
        if let Some(rest) = word.strip_prefix("<=") {
            return number(rest).map(Self::Max);
        }
        if let Some(rest) = word.strip_prefix('#') {
            return range(rest).map(|(low, high)| Self::Length(low, high));
        }
        if let Some(rest) = word.strip_prefix('[') {
            return range(rest).map(|(low, high)| Self::Items(low, high));
        }
        if let Some(rest) = word.strip_prefix('?') {
            let (key, value) = rest.split_once('=')?;
            let equal = !key.ends_with('!');
            return Some(Self::RequiredWhen(key.trim_end_matches('!'), value, equal));
        }
        for (sign, must) in [("/", true), ("!/", false)] {
            if let Some(rest) = word.strip_prefix(sign) {
                return Some(Self::Pattern(rest, must));
            }
            if let Some(rest) = word.strip_prefix('@').and_then(|word| word.strip_prefix(sign)) {
                return Some(Self::KeyPattern(rest, must));
            }
        }
        (word == "~uri").then_some(Self::Uri)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn spec(path: &str, release: Release) -> Spec {
        Table::of(Dialect::openclaw(release)).find(path).unwrap().spec()
    }

    #[test]
    fn every_table_is_read_whole() {
        for dialect in Release::ALL.into_iter().map(Dialect::openclaw).chain([Dialect::CLOSEDCLAW]) {
            let table = Table::of(dialect);
            assert!(table.root().children().count() > 20, "{dialect:?}");
            let unread = table.lines.iter().skip(1).filter(|line| Spec::read(line.spec).kinds == Kinds(0));
            assert_eq!(unread.map(|line| line.name).collect::<Vec<_>>(), Vec::<&str>::new(), "{dialect:?}");
            let words = table.lines.iter().flat_map(|line| line.spec.split(' ').skip(1));
            let unknown = words.filter(|word| Rule::read(word).is_none() && !word.starts_with("~="));
            assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&str>::new(), "{dialect:?}");
        }
    }

    #[test]
    fn keys_know_what_they_take() {
        let port = spec("gateway.port", Release::V2026_9);
        assert_eq!(port.kinds, Kinds::INTEGER);
        assert_eq!(port.rules().collect::<Vec<_>>(), [Rule::Min(1.0), Rule::Max(65535.0)]);
        assert_eq!(spec("gateway.bind", Release::V2026_2).choices(), ["auto", "lan", "loopback", "custom", "tailnet"]);
        assert!(spec("agents.list.7.id", Release::V2026_5).required);
        let telegram = Table::of(Dialect::openclaw(Release::V2026_5)).find("channels.telegram.accounts.me.botToken");
        assert!(telegram.unwrap().is_secret_ref());
        assert!(Table::of(Dialect::openclaw(Release::V2026_9)).find("gateway.token").is_none());
    }
}
