//! Joins what two sides did to a baseline.

use std::collections::BTreeMap;

use super::{Baseline, Entry, Known};

/// The baseline with what both sides added and without what either removed. Where both say something else of
/// one finding the stricter word holds.
#[must_use]
pub fn merge(base: &Baseline, ours: &Baseline, theirs: &Baseline) -> Baseline {
    let [before, our, their] = [base, ours, theirs].map(by_id);
    let mut entries: Vec<Entry> = Vec::new();
    for (id, mine) in &our {
        match (their.get(id), before.get(id)) {
            (Some(other), before) => entries.push(joined(mine, other, before.copied())),
            (None, None) => entries.push((*mine).clone()),
            // It was there for both, and they took it out.
            (None, Some(_)) => {}
        }
    }
    let added = their.iter().filter(|(id, _)| !our.contains_key(*id) && !before.contains_key(*id));
    entries.extend(added.map(|(_, entry)| (*entry).clone()));
    Baseline::new(entries, rules(base, ours, theirs))
}

fn by_id(baseline: &Baseline) -> BTreeMap<&str, &Entry> {
    baseline.entries.iter().map(|entry| (entry.id.as_str(), entry)).collect()
}

fn joined(ours: &Entry, theirs: &Entry, before: Option<&Entry>) -> Entry {
    if before == Some(ours) {
        return theirs.clone();
    }
    if before == Some(theirs) || ours == theirs {
        return ours.clone();
    }
    let until = match (ours.until, theirs.until) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    let accept_critical = ours.accept_critical && theirs.accept_critical;
    let reason = ours.reason.clone().or_else(|| theirs.reason.clone());
    Entry { accept_critical, reason, until, ..ours.clone() }
}

/// The rules of the side that changed them; of both, when both did: what is known counts as new.
fn rules(base: &Baseline, ours: &Baseline, theirs: &Baseline) -> Option<Known> {
    match (&ours.rules, &theirs.rules) {
        (ours, theirs) if *theirs == base.rules => ours.clone(),
        (ours, theirs) if *ours == base.rules => theirs.clone(),
        (Some(ours), Some(theirs)) => Some(ours.and(theirs)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::*;

    fn of(ids: &str) -> Baseline {
        Baseline::new(ids.chars().map(|id| entry(id, "p")).collect(), None)
    }

    #[test]
    fn additions_join_and_removals_hold() {
        assert_eq!(merge(&of("abc"), &of("acd"), &of("abe")), of("ade"));
        assert_eq!(merge(&of(""), &of("ab"), &of("bc")), of("abc"), "without a common past nothing was removed");
        assert_eq!(merge(&of("a"), &of("a"), &of("a")), of("a"));
    }

    #[test]
    fn the_stricter_word_holds() {
        let with = |until: Option<i8>, reason: &str| {
            let until = until.map(|day| jiff::civil::date(2027, 1, day));
            Baseline::new(vec![Entry { until, reason: Some(reason.to_owned()), ..entry('a', "p") }], None)
        };
        assert_eq!(merge(&with(None, "o"), &with(Some(3), "a"), &with(Some(2), "b")), with(Some(2), "a"));
        assert_eq!(merge(&with(None, "o"), &with(Some(3), "a"), &with(None, "o")), with(Some(3), "a"));
        assert_eq!(merge(&with(None, "o"), &with(None, "o"), &with(Some(3), "b")), with(Some(3), "b"));
    }
}
