//! What an unknown word was probably meant to be.

use super::table::Key;

/// The candidate nearest to `word`, when one is near enough to be a slip of the pen.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let limit = (lower.chars().count() / 3).clamp(1, 3);
    let scored = candidates.into_iter().map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate));
    let (best, found) = scored.min_by_key(|(distance, candidate)| (*distance, candidate.len()))?;
    (best <= limit && best < found.chars().count()).then_some(found)
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
            let mut best = (cell(&above, j) + usize::from(x != y)).min(cell(&above, j + 1) + 1).min(cell(&row, j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                best = best.min(cell(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or_default()
}

/// The one path at which a key of this name stands nearest to the root, when there is just one.
/// Free keys of maps are not looked into: their names belong to the user.
pub(super) fn belongs_under(name: &str, root: Key) -> Option<String> {
    let mut level = vec![(String::new(), root)];
    for _ in 0..4 {
        let hits: Vec<String> = level
            .iter()
            .filter(|(_, key)| key.children().any(|child| child.name() == name))
            .map(|(path, _)| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") })
            .collect();
        match hits.as_slice() {
            [] => {}
            [one] => return Some(one.clone()),
            _ => return None,
        }
        let below = |(path, key): &(String, Key)| {
            let path = path.clone();
            // Many channels and plugins have keys of the same common names.
            let named = key.children().filter(|child| !matches!(child.name(), "*" | "channels" | "plugins"));
            let join = move |child: Key| {
                if path.is_empty() { child.name().to_owned() } else { format!("{path}.{}", child.name()) }
            };
            named.map(move |child| (join(child), child)).collect::<Vec<_>>()
        };
        level = level.iter().flat_map(below).collect();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_near_and_other_words_are_not() {
        let known = ["port", "bind", "auth", "controlUi", "trustedProxies"];
        assert_eq!(nearest("prot", known), Some("port"));
        assert_eq!(nearest("controlUI", known), Some("controlUi"));
        assert_eq!(nearest("trustedProxy", known), Some("trustedProxies"));
        assert_eq!(nearest("host", known), None);
        assert_eq!(nearest("cors", known), None);
    }
}
