//! A pattern that a rule asks about what it found.

use std::sync::OnceLock;

use regex::{Match, Regex, RegexBuilder};

/// A regular expression that is made when it is asked for first. Case is ignored, `^` and `$` stand at
/// lines, classes are those of Unicode.
#[derive(Debug)]
pub struct Phrase(&'static str, OnceLock<Option<Regex>>);

impl Phrase {
    /// A phrase of this pattern.
    #[must_use]
    pub const fn new(pattern: &'static str) -> Self {
        Self(pattern, OnceLock::new())
    }

    /// Does it stand in the text?
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    /// The first place in the text.
    #[must_use]
    pub fn find<'a>(&self, text: &'a str) -> Option<Match<'a>> {
        self.regex()?.find(text)
    }

    /// The text without all places of it.
    #[must_use]
    pub fn cut_from(&self, text: &str) -> String {
        self.regex().map_or_else(|| text.to_owned(), |regex| regex.replace_all(text, "").into_owned())
    }

    /// All places in the text.
    pub fn find_all<'a>(&'static self, text: &'a str) -> impl Iterator<Item = Match<'a>> {
        self.regex().into_iter().flat_map(move |regex| regex.find_iter(text))
    }

    fn regex(&self) -> Option<&Regex> {
        let made = || {
            let made = RegexBuilder::new(self.0).case_insensitive(true).multi_line(true).build();
            debug_assert!(made.is_ok(), "{}: {made:?}", self.0);
            made.ok()
        };
        self.1.get_or_init(made).as_ref()
    }
}
