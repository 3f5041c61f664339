//! Expressions over words, compiled when first needed.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

/// A regular expression as text rules write theirs: over bytes, case ignored, `^` and `$` at lines,
/// classes ASCII only. One that cannot be compiled is found nowhere.
#[derive(Debug)]
pub struct Words {
    pattern: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Words {
    /// Not compiled yet.
    #[must_use]
    pub const fn new(pattern: &'static str) -> Self {
        Self { pattern, compiled: OnceLock::new() }
    }

    fn regex(&self) -> Option<&Regex> {
        let compile = || {
            RegexBuilder::new(self.pattern)
                .unicode(false)
                .case_insensitive(true)
                .multi_line(true)
                .dfa_size_limit(512 << 10)
                .build()
                .ok()
        };
        self.compiled.get_or_init(compile).as_ref()
    }

    /// Can it be compiled?
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.regex().is_some()
    }

    /// Does it match somewhere?
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text.as_bytes()))
    }

    /// The first match, at character boundaries.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        let found = self.regex()?.find(text.as_bytes())?;
        text.get(found.range()).map(|_| found.range())
    }

    /// The first matches in order, at character boundaries.
    #[must_use]
    pub fn all(&self, text: &str, most: usize) -> Vec<Range<usize>> {
        let Some(regex) = self.regex() else { return Vec::new() };
        let found = regex.find_iter(text.as_bytes()).map(|found| found.range());
        found.filter(|range| text.get(range.clone()).is_some()).take(most).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case() {
        static WORDS: Words = Words::new(r"\bapi[ _]key\b");
        assert_eq!(WORDS.find("the API key"), Some(4..11));
        assert!(!WORDS.is_in("apikeys"));
        assert!(!Words::new("(").is_valid());
    }
}
