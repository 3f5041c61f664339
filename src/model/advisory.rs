//! Version numbers of the product and the published advisories about them.

use super::dialect::Release;

/// `YYYY.M.D`, a pre-release (`-beta.2`) before it, a repeated release (`-1`) after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    year: u16,
    month: u8,
    day: u8,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Before(u32),
    Plain,
    Again(u32),
}

impl Version {
    /// Reads a version, with or without a leading `v`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (date, stage) = text.split_once('-').unwrap_or((text, ""));
        let mut parts = date.split('.');
        let year: u16 = parts.next()?.parse().ok()?;
        let month = parts.next()?.parse().ok()?;
        let day = parts.next()?.parse().ok()?;
        let stage = match stage {
            "" if !text.contains('-') => Stage::Plain,
            _ => match stage.strip_prefix("beta.").or_else(|| stage.strip_prefix("alpha.")) {
                Some(number) => Stage::Before(number.parse().ok()?),
                None => Stage::Again(stage.parse().ok()?),
            },
        };
        let valid = parts.next().is_none() && (2025..2100).contains(&year) && (1..=12).contains(&month);
        valid.then_some(Self { year, month, day, stage })
    }

    /// Reads the version that an image tag begins with: `2026.4.9-slim`.
    #[must_use]
    pub fn parse_tag(tag: &str) -> Option<Self> {
        let cuts = tag.match_indices('-').map(|(at, _)| at).rev();
        Self::parse(tag).or_else(|| cuts.filter_map(|at| tag.get(..at)).find_map(Self::parse))
    }

    /// Days from this release to the newest one we know; a month counts as 30.
    #[must_use]
    pub fn days_behind(self) -> i64 {
        let days = |at: Self| i64::from(at.year) * 365 + i64::from(at.month) * 30 + i64::from(at.day);
        Self::parse(Release::NEWEST.as_str()).map_or(0, |newest| days(newest) - days(self))
    }
}

/// A published advisory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advisory {
    /// `critical`, `high`, `medium` or `low`.
    pub severity: &'static str,
    /// GHSA or CVE number.
    pub id: &'static str,
    /// What kind of weakness.
    pub kind: &'static str,
}

/// The advisories that a version is in the range of, worst first.
#[must_use]
pub fn affecting(version: Version) -> Vec<Advisory> {
    let lines = include_str!("../../schemas/advisories.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let (severity, range, id, kind) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
            within(version, range).then_some(Advisory { severity, id, kind })
        })
        .collect()
}

/// Is the version in a range such as `>=2026.1.8 <2026.2.14`? Equalities are further members of it.
fn within(version: Version, range: &str) -> bool {
    let holds = |part: &str| {
        let bound = |operator: &str| part.strip_prefix(operator).and_then(Version::parse);
        match (bound("<="), bound(">="), bound("<"), bound(">")) {
            (Some(bound), ..) => version <= bound,
            (_, Some(bound), ..) => version >= bound,
            (_, _, Some(bound), _) => version < bound,
            (.., Some(bound)) => version > bound,
            _ => false,
        }
    };
    let equal = |part: &str| part.strip_prefix("==").and_then(Version::parse) == Some(version);
    let mut bounds = range.split(' ').filter(|part| !part.starts_with("==")).peekable();
    range.split(' ').any(equal) || bounds.peek().is_some() && bounds.all(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn versions_are_dates_with_a_tail() {
        let sorted = ["2026.1.24", "2026.1.24-3", "2026.2.9", "2026.2.10-beta.2", "2026.2.10", "2026.12.1"];
        assert!(sorted.map(version).is_sorted());
        assert_eq!(version("v2026.9.6"), version("2026.9.6"));
        assert_eq!(Version::parse_tag("2026.4.9-slim-arm64"), Some(version("2026.4.9")));
        assert_eq!(Version::parse_tag("2026.1.24-3"), Some(version("2026.1.24-3")));
        for text in ["latest", "2026.4", "1.2.3", "2026.4.9.1", "2026.13.1", "24-slim", ""] {
            assert_eq!(Version::parse_tag(text), None, "{text}");
        }
        assert_eq!(version("2026.8.7").days_behind(), 29);
    }

    #[test]
    fn ranges_hold_what_they_say() {
        assert!(within(version("2026.2.13"), "<2026.2.14") && !within(version("2026.2.14"), "<2026.2.14"));
        assert!(within(version("2026.2.14-beta.1"), "<2026.2.14"));
        assert!(
            within(version("2026.1.8"), ">=2026.1.8 <2026.2.14")
                && !within(version("2026.1.7"), ">=2026.1.8 <2026.2.14")
        );
        assert!(
            within(version("2026.2.21-1"), "<=2026.2.21 ==2026.2.21-1")
                && !within(version("2026.2.21-3"), "<=2026.2.21 ==2026.2.21-1")
        );
        assert!(within(version("2026.3.1"), "==2026.3.1") && !within(version("2026.3.2"), "==2026.3.1"));
    }

    #[test]
    fn every_line_of_the_table_is_understood() {
        let lines = include_str!("../../schemas/advisories.txt").lines().filter(|line| !line.starts_with('#'));
        for line in lines {
            let fields: Vec<&str> = line.split('\t').collect();
            let [severity, range, id, kind] = fields[..] else { panic!("{line}") };
            assert!(["critical", "high", "medium", "low", "unknown"].contains(&severity), "{line}");
            assert!(id.starts_with("GHSA-") || id.starts_with("CVE-"), "{line}");
            assert!(!kind.is_empty());
            for part in range.split(' ') {
                assert!(Version::parse(part.trim_start_matches(['<', '>', '='])).is_some(), "{line}");
            }
        }
        assert!(affecting(version("2026.2.1")).len() > affecting(version("2026.6.8")).len());
        assert!(affecting(version("2026.9.6")).is_empty());
    }
}
