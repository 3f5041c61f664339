//! Objects, and how a member is found however many there are.

use std::sync::OnceLock;

use super::value::Value;
use crate::source::{Span, offset};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::value::Kind;
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
