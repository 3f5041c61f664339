//! What an unknown word was probably meant to be.

use super::table::Key;

/// The candidate nearest to `word`, when one is near enough to be a slip of the pen.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower: Vec<char> = letters(word).collect();
    let limit = (word.chars().take(64).count() / 3).clamp(1, 3);
    let mut rows = Rows::default();
    let scored = candidates.into_iter().filter_map(|candidate| {
        // Most candidates are too long or too short to be it.
        let near = candidate.chars().count().abs_diff(word.chars().take(64).count()) <= limit;
        near.then(|| (rows.distance(&lower, candidate), candidate))
    });
    let (best, found) = scored.min_by_key(|(distance, candidate)| (*distance, candidate.len()))?;
    (best <= limit && best < found.chars().count()).then_some(found)
}

/// The letters that are compared: small ones, and no more than any key has.
fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase).take(64)
}

/// The rows of the matrix that are still needed; kept from one word to the next.
#[derive(Default)]
struct Rows {
    other: Vec<char>,
    before: Vec<usize>,
    above: Vec<usize>,
    row: Vec<usize>,
}

impl Rows {
    /// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
    fn distance(&mut self, a: &[char], b: &str) -> usize {
        let Self { other, before, above, row } = self;
        other.clear();
        other.extend(letters(b));
        above.clear();
        above.extend(0..=other.len());
        for (i, x) in a.iter().enumerate() {
            row.clear();
            row.push(i + 1);
            for (j, y) in other.iter().enumerate() {
                let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
                let mut best = (cell(above, j) + usize::from(x != y)).min(cell(above, j + 1) + 1).min(cell(row, j) + 1);
                if i > 0 && j > 0 && a.get(i - 1) == Some(y) && other.get(j - 1) == Some(x) {
                    best = best.min(cell(before, j - 1) + 1);
                }
                row.push(best);
            }
            std::mem::swap(before, above);
            std::mem::swap(above, row);
        }
        above.last().copied().unwrap_or_default()
    }
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
