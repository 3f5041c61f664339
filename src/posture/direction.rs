//! Whether a value is looser or tighter than another one.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::Direction;

/// What makes a value looser.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Order {
    /// `true` is looser.
    On {
        /// What counts when nothing is written.
        absent: bool,
    },
    /// `false` is looser.
    Off {
        /// What counts when nothing is written.
        absent: bool,
    },
    /// More items are looser.
    Allow {
        /// Nothing written allows everything.
        all: bool,
    },
    /// Fewer items are looser.
    Deny,
    /// Words from tight to loose; those in one group are alike.
    Rank {
        /// The groups.
        words: Vec<Vec<&'static str>>,
        /// What counts when nothing is written.
        absent: &'static str,
    },
    /// Something written is tighter than nothing.
    Set,
    /// Something written is looser than nothing.
    Unset,
    /// No direction, but worth a look.
    Watch,
    /// No posture at all.
    Skip,
}

impl Order {
    /// Reads the second word of a line: `on`, `on?true`, `allow?all`, `none<ro<rw?none`.
    pub(super) fn parse(word: &'static str) -> Option<Self> {
        let (name, absent) = word.split_once('?').unwrap_or((word, ""));
        Some(match name {
            "on" => Self::On { absent: absent == "true" },
            "off" => Self::Off { absent: absent == "true" },
            "allow" => Self::Allow { all: absent == "all" },
            "deny" => Self::Deny,
            "set" => Self::Set,
            "unset" => Self::Unset,
            "watch" => Self::Watch,
            "skip" => Self::Skip,
            ranks => {
                let words: Vec<Vec<&str>> = ranks.split('<').map(|group| group.split('|').collect()).collect();
                let known = words.iter().flatten().any(|word| *word == absent);
                (words.len() > 1 && known).then_some(Self::Rank { words, absent })?
            }
        })
    }

    /// Does it tell looser from tighter?
    pub(super) const fn is_directed(&self) -> bool {
        !matches!(self, Self::Watch | Self::Skip)
    }

    /// Is what came later looser? `None` stands for nothing written.
    pub(super) fn between(&self, old: Option<&Json>, new: Option<&Json>) -> Direction {
        match self {
            Self::On { absent } => by_rank(flag(old, *absent), flag(new, *absent)),
            Self::Off { absent } => by_rank(flag(new, *absent), flag(old, *absent)),
            Self::Allow { all } => by_sets(items(old, *all), items(new, *all)),
            Self::Deny => by_sets(items(new, false), items(old, false)),
            Self::Rank { words, absent } => {
                let rank = |value: Option<&Json>| {
                    let word = value.map_or(Some(*absent), Json::as_str);
                    rank(words, word.filter(|word| !is_symbolic(word))?)
                };
                by_rank(rank(old), rank(new))
            }
            Self::Set => by_rank(Some(is_set(new)), Some(is_set(old))),
            Self::Unset => by_rank(Some(is_set(old)), Some(is_set(new))),
            Self::Watch | Self::Skip => Direction::Neutral,
        }
    }
}

/// Does a text depend on a variable? Nobody knows then what it is worth.
pub(super) fn is_symbolic(text: &str) -> bool {
    text.contains("${")
}

/// Of two ranks that are known the higher one is looser.
fn by_rank<T: PartialOrd>(old: Option<T>, new: Option<T>) -> Direction {
    match (old, new) {
        (Some(old), Some(new)) if old < new => Direction::Looser,
        (Some(old), Some(new)) if old > new => Direction::Tighter,
        _ => Direction::Neutral,
    }
}

fn flag(value: Option<&Json>, absent: bool) -> Option<bool> {
    value.map_or(Some(absent), Json::as_bool)
}

fn is_set(value: Option<&Json>) -> bool {
    value.is_some_and(|value| !matches!(value, Json::Null) && value.as_str() != Some(""))
}

fn rank(words: &[Vec<&str>], word: &str) -> Option<usize> {
    let exact = words.iter().position(|group| group.contains(&word));
    exact.or_else(|| words.iter().position(|group| group.contains(&"*")))
}

/// A list as a set; none when it allows everything.
enum Items {
    All,
    Some(BTreeSet<String>),
    Unknown,
}

fn items(value: Option<&Json>, all: bool) -> Items {
    match value {
        None | Some(Json::Null) if all => Items::All,
        None | Some(Json::Null) => Items::Some(BTreeSet::new()),
        Some(Json::Array(items)) if items.iter().any(|item| item.as_str() == Some("*")) => Items::All,
        Some(Json::Array(items)) => Items::Some(items.iter().map(Json::to_string).collect()),
        Some(Json::String(text)) if text == "*" => Items::All,
        Some(_) => Items::Unknown,
    }
}

fn by_sets(old: Items, new: Items) -> Direction {
    match (old, new) {
        (Items::All, Items::Some(_)) => Direction::Tighter,
        (Items::Some(_), Items::All) => Direction::Looser,
        (Items::Some(old), Items::Some(new)) => match (new.is_subset(&old), old.is_subset(&new)) {
            (true, true) => Direction::Neutral,
            (true, false) => Direction::Tighter,
            (false, true) => Direction::Looser,
            (false, false) => Direction::Mixed,
        },
        _ => Direction::Neutral,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_order_knows_both_ways() {
        let table = [
            ("on", None, Some(json!(true)), Direction::Looser),
            ("on?true", None, Some(json!(false)), Direction::Tighter),
            ("off", Some(json!(true)), None, Direction::Looser),
            ("off?true", None, Some(json!(true)), Direction::Neutral),
            ("allow", Some(json!(["a"])), Some(json!(["a", "b"])), Direction::Looser),
            ("allow", Some(json!(["a"])), Some(json!(["b"])), Direction::Mixed),
            ("allow", Some(json!(["a"])), Some(json!(["*"])), Direction::Looser),
            ("allow?all", None, Some(json!(["a"])), Direction::Tighter),
            ("deny", Some(json!(["a", "b"])), Some(json!(["a"])), Direction::Looser),
            ("deny", None, Some(json!(["*"])), Direction::Tighter),
            ("none<ro<rw?none", None, Some(json!("rw")), Direction::Looser),
            ("none<*<host?none", Some(json!("host")), Some(json!("mine")), Direction::Tighter),
            ("a|b<c?a", Some(json!("a")), Some(json!("b")), Direction::Neutral),
            ("a<c?a", Some(json!("a")), Some(json!("x")), Direction::Neutral),
            ("none<*<host?none", Some(json!("host")), Some(json!("${X}")), Direction::Neutral),
            ("set", Some(json!({"secret": "set"})), None, Direction::Looser),
            ("unset", None, Some(json!("x")), Direction::Looser),
            ("watch", None, Some(json!("x")), Direction::Neutral),
        ];
        for (word, old, new, expected) in table {
            let order = Order::parse(word).unwrap();
            assert_eq!(order.between(old.as_ref(), new.as_ref()), expected, "{word}");
            assert_eq!(order.between(new.as_ref(), old.as_ref()), expected.inverse(), "{word}, back");
        }
        assert_eq!(Order::parse("sideways"), None);
        assert_eq!(Order::parse("a<b?c"), None);
    }
}
