//! Which rules there were when a baseline was made: what another one finds is newly checked, not new.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::rule::Rule;
use crate::rules;

/// Hex digits of a rule's mark: two of a thousand rules share one once in thirty times, and are then merely
/// taken for known.
const DIGITS: usize = 6;

/// Marks of rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known(BTreeSet<String>);

impl Known {
    /// The rules of this version.
    #[must_use]
    pub fn now() -> Self {
        Self(rules::all().map(mark).collect())
    }

    /// Reads what [`Known::text`] writes.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let valid =
            text.len().is_multiple_of(DIGITS) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let marks = text.as_bytes().chunks(DIGITS).map(|mark| String::from_utf8_lossy(mark).into_owned());
        if valid { Ok(Self(marks.collect())) } else { Err("`rules` is not a row of hex digits") }
    }

    /// The marks in a row.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.iter().map(String::as_str).collect()
    }

    /// Was the rule there?
    #[must_use]
    pub fn has(&self, rule: &Rule) -> bool {
        self.0.contains(&mark(rule))
    }

    /// The rules of both.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }
}

/// What tells a rule, and the revision of it.
fn mark(rule: &Rule) -> String {
    let mut mark = hex(&Sha256::digest(format!("{}@{}", rule.id, rule.revision)));
    mark.truncate(DIGITS);
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_today_are_known() {
        let known = Known::now();
        assert!(rules::all().all(|rule| known.has(rule)));
        assert_eq!(Known::read(&known.text()), Ok(known.clone()));
        let later = Rule { revision: 2, ..Rule { id: "gateway.bind_no_auth", ..Rule::DEFAULT } };
        assert!(!known.has(&later));
        assert!(Known::read("abc").is_err() && Known::read("ABCDEF").is_err());
    }
}
