//! Names of skills that others pretend to be.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{distance, lines};

static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| lines(include_str!("../../schemas/skills/names.txt")).collect());

static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| NAMES.iter().copied().collect());

/// Words that an imitation adds to look official.
const DECORATIONS: &[&str] = &["official", "verified", "openclaw", "clawhub", "clawdbot", "clawdhub", "moltbot"];

/// How a name imitates another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// One slip of the finger away.
    Slip,
    /// The same after taking away a word such as `official`, or with other separators.
    Decorated,
    /// The same with some random letters and digits at the end.
    RandomEnd,
}

/// Is it the name of a well-known skill?
#[must_use]
pub fn is_known(name: &str) -> bool {
    KNOWN.contains(name.to_ascii_lowercase().as_str())
}

/// Which well-known skill a name imitates, and how. A known name imitates none.
#[must_use]
pub fn imitates(name: &str) -> Option<(&'static str, Likeness)> {
    let name = name.trim().to_ascii_lowercase();
    if is_known(&name) || name.len() > 64 {
        return None;
    }
    let parts: Vec<&str> = name.split(['-', '_', '.', ' ']).filter(|part| !part.is_empty()).collect();
    let known = |text: &str| NAMES.iter().copied().find(|known| *known == text);
    if let [head @ .., last] = parts.as_slice()
        && !head.is_empty()
        && is_random(last)
        && let Some(original) = known(&head.join("-"))
    {
        return Some((original, Likeness::RandomEnd));
    }
    let bare: Vec<&str> = parts.iter().copied().filter(|part| !DECORATIONS.contains(part)).collect();
    if let Some(original) = known(&bare.join("-")).filter(|_| !bare.is_empty()) {
        return Some((original, Likeness::Decorated));
    }
    let slip = |known: &&&str| known.len() >= 6 && is_slip(&name, known);
    NAMES.iter().find(slip).map(|original| (*original, Likeness::Slip))
}

/// One slip apart, where the difference is not that of two honest words: a plural, another number, a
/// separator.
#[must_use]
pub fn is_slip(name: &str, known: &str) -> bool {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>();
    let grown = |longer: &str, shorter: &str| {
        longer.strip_prefix(shorter).is_some_and(|end| {
            matches!(end, "s" | "r" | "d" | "y" | "x") || end.bytes().all(|b| !b.is_ascii_alphabetic())
        })
    };
    distance(name, known, 1).is_some()
        && letters(name) != letters(known)
        && name.as_bytes().first() == known.as_bytes().first()
        && !grown(name, known)
        && !grown(known, name)
}

/// `x7k2q`: four to six letters and digits that are no word, no version and no year.
fn is_random(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let letters = part.bytes().filter(u8::is_ascii_lowercase).count();
    // Letters on both sides of a digit, or digits on both sides of a letter: `v2` and `2024` are neither.
    let changes =
        part.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    (4..=6).contains(&part.len()) && digits + letters == part.len() && digits >= 1 && letters >= 1 && changes >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imitations_are_found() {
        for (name, original, how) in [
            ("clawhbu", "clawhub", Likeness::Slip),
            ("clawwhub", "clawhub", Likeness::Slip),
            ("weathr", "weather", Likeness::Slip),
            ("github-official", "github", Likeness::Decorated),
            ("openclaw-slack", "slack", Likeness::Decorated),
            ("skill_creator", "skill-creator", Likeness::Decorated),
            ("github-x7k2q", "github", Likeness::RandomEnd),
        ] {
            assert_eq!(imitates(name), Some((original, how)), "{name}");
        }
    }

    #[test]
    fn honest_names_are_not_imitations() {
        for name in [
            "github",
            "GitHub",
            "gitlab",
            "slack",
            "weather2",
            "weathers",
            "notion-api",
            "summarizer",
            "pdf-tools",
            "",
            "clawhub-v2",
            "canvas-2024",
            "my-skill",
            "frontend-designer",
            "leather",
            "base-converter",
        ] {
            assert_eq!(imitates(name), None, "{name}");
        }
    }

    #[test]
    fn names_are_spelt_as_skills_are() {
        for name in NAMES.iter() {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{name}");
        }
        assert_eq!(NAMES.len(), KNOWN.len());
    }
}
