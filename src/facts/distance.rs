//! How many slips of the finger two names are apart.

/// Names longer than this are not compared: nobody mistypes a paragraph.
const LONGEST: usize = 64;

/// Damerau-Levenshtein distance in bytes (insertions, deletions, replacements, swaps of neighbours),
/// or none when it is more than `most`.
#[must_use]
pub fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > most || a.len() > LONGEST || b.len() > LONGEST {
        return None;
    }
    // The two rows above the one that is filled.
    let mut older = [0; LONGEST + 1];
    let mut above: [usize; LONGEST + 1] = std::array::from_fn(|at| at);
    for (i, x) in a.iter().enumerate() {
        let mut row = [i + 1; LONGEST + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = above[j] + usize::from(x != y);
            row[j + 1] = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                row[j + 1] = row[j + 1].min(older[j - 1] + 1);
            }
        }
        if row[..=b.len()].iter().all(|value| *value > most) {
            return None;
        }
        (older, above) = (above, row);
    }
    Some(above[b.len()]).filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted() {
        for (a, b, slips) in [
            ("github", "github", 0),
            ("github", "gihtub", 1),
            ("github", "githb", 1),
            ("github", "githubb", 1),
            ("github", "g1thub", 1),
            ("clawhub", "clowhob", 2),
            ("", "ab", 2),
        ] {
            assert_eq!(distance(a, b, 2), Some(slips), "{a} {b}");
            assert_eq!(distance(b, a, 2), Some(slips), "{b} {a}");
        }
        assert_eq!(distance("github", "gitlab", 1), None);
        assert_eq!(distance("github", "bitbucket", 2), None);
        assert_eq!(distance(&"a".repeat(70), &"a".repeat(70), 1), None);
    }
}
