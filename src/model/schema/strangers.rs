//! How well a release fits a configuration that says nothing about its version.

use super::table::{Key, Kinds, Table};
use crate::model::dialect::{Dialect, Release};
use crate::model::value::{Entry, Kind, Value};

/// How many keys a release would refuse, each unknown subtree counted once.
#[must_use]
pub fn strangers(root: &Value, dialect: Dialect) -> usize {
    count(root, Table::of(dialect).root(), dialect)
}

fn count(value: &Value, key: Key, dialect: Dialect) -> usize {
    match &value.kind {
        Kind::List(items) => {
            key.child("*").map_or(0, |below| items.iter().map(|item| count(item, below, dialect)).sum())
        }
        Kind::Map(map) if !key.is_secret_ref() => {
            let closed = key.spec().kinds.has(Kinds::CLOSED);
            let member = |entry: &Entry| match key.child(&entry.key) {
                Some(child) => count(&entry.value, child, dialect),
                None if &*entry.key == "list"
                    && dialect.release == Release::V2026_9
                    && map.get("entries").is_none() =>
                {
                    key.child("entries").map_or(1, |entries| count_roster(&entry.value, entries, dialect))
                }
                None => usize::from(closed),
            };
            map.entries.iter().map(member).sum()
        }
        _ => 0,
    }
}

/// The items of `agents.list` as 2026.9.6 reads them: each `id` becomes the key of a map, and several
/// agents without an owner are refused like an unknown key.
fn count_roster(list: &Value, entries: Key, dialect: Dialect) -> usize {
    let list_of = list.found();
    let ids = list_of.items().filter(|item| item.get("id").exists()).count();
    let owned = list_of.items().count() < 2 || list_of.items().any(|item| item.get("default").is_true());
    count(list, entries, dialect).saturating_sub(ids) + usize::from(!owned)
}
