//! The differences of two snapshots, without any judgement but their direction.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::snapshot::identity;
use super::{Direction, Fact, Snapshot, What, table};

/// A fact that is not in both snapshots as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Delta<'a> {
    /// Before.
    pub old: Option<&'a Fact>,
    /// After.
    pub new: Option<&'a Fact>,
    /// Which way it goes.
    pub direction: Direction,
}

impl<'a> Delta<'a> {
    /// The fact as it is now, or was.
    #[must_use]
    pub fn fact(&self) -> Option<&'a Fact> {
        self.new.or(self.old)
    }

    /// How it changed.
    #[must_use]
    pub const fn what(&self) -> What {
        match (self.old, self.new) {
            (None, _) => What::Added,
            (_, None) => What::Removed,
            _ => What::Changed,
        }
    }
}

/// What differs, in the order of snapshots. Where something is said plays no part, nor do kinds of facts that only
/// one of the two looked for.
#[must_use]
pub fn diff<'a>(before: &'a Snapshot, after: &'a Snapshot) -> Vec<Delta<'a>> {
    let kinds: BTreeSet<&str> = before.kinds.iter().map(String::as_str).collect();
    let kinds: BTreeSet<&str> = after.kinds.iter().map(String::as_str).filter(|kind| kinds.contains(kind)).collect();
    let mut pairs: BTreeMap<_, (Option<&Fact>, Option<&Fact>)> = BTreeMap::new();
    for fact in before.facts.iter().filter(|fact| kinds.contains(&*fact.kind)) {
        pairs.entry(identity(fact)).or_default().0 = Some(fact);
    }
    for fact in after.facts.iter().filter(|fact| kinds.contains(&*fact.kind)) {
        pairs.entry(identity(fact)).or_default().1 = Some(fact);
    }
    // An older version may have kept what is no posture.
    let told = |fact: &Fact| fact.kind != "config" || table::of_key(&fact.key).is_none_or(|row| !row.is_skipped());
    let pairs = pairs.into_values().filter(|(old, new)| new.or(*old).is_some_and(told));
    let pairs = pairs.filter(|(old, new)| old.map(|fact| &fact.value) != new.map(|fact| &fact.value));
    pairs.map(|(old, new)| Delta { old, new, direction: direction(old, new) }).collect()
}

/// Which way a fact goes.
fn direction(old: Option<&Fact>, new: Option<&Fact>) -> Direction {
    let Some(fact) = new.or(old) else { return Direction::Neutral };
    let value = |fact: Option<&Fact>| fact.map(|fact| fact.value.clone());
    let (before, after) = (value(old), value(new));
    match &*fact.kind {
        "config" => match table::of_key(&fact.key) {
            Some(row) => row.order.between(before.as_ref(), after.as_ref()),
            None => Direction::Neutral,
        },
        super::MODE => modes(before.as_ref(), after.as_ref()),
        "skill.signature" => by(trust(before.as_ref()), trust(after.as_ref())).inverse(),
        // A text in a prompt may forbid as well as allow.
        "prompt.file" | "schedule.prompt" | "skill.file" => Direction::Neutral,
        "network.host" | "tool.grant" | "env.name" => by(weight(before.as_ref()), weight(after.as_ref())),
        _ => by(old.is_some(), new.is_some()),
    }
}

fn by<T: Ord + Copy>(old: T, new: T) -> Direction {
    match old.cmp(&new) {
        std::cmp::Ordering::Less => Direction::Looser,
        std::cmp::Ordering::Equal => Direction::Neutral,
        std::cmp::Ordering::Greater => Direction::Tighter,
    }
}

/// How much is done with a host, a capability, a variable: nothing, named, used.
fn weight(value: Option<&Json>) -> u8 {
    let Some(value) = value else { return 0 };
    let does = |word: &str| value.as_str() == Some(word);
    if does("contacts") || does("configured") || does("declared and used") || does("declared") { 2 } else { 1 }
}

/// Bits that are granted.
fn modes(old: Option<&Json>, new: Option<&Json>) -> Direction {
    let bits = |value: Option<&Json>| u32::from_str_radix(value?.as_str()?, 8).ok();
    match (bits(old), bits(new)) {
        (Some(old), Some(new)) => match (new & !old != 0, old & !new != 0) {
            (true, true) => Direction::Mixed,
            (true, false) => Direction::Looser,
            (false, true) => Direction::Tighter,
            (false, false) => Direction::Neutral,
        },
        _ => Direction::Neutral,
    }
}

/// What a signature is worth: what does not fit is worse than none.
fn trust(value: Option<&Json>) -> u8 {
    let state = value.and_then(|value| value.get("state")).and_then(Json::as_str);
    match state {
        Some("broken") => 0,
        Some("trusted") => 3,
        Some("fits") => 2,
        _ => 1,
    }
}
