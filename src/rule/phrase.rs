//! A pattern that a rule asks about what it found.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use crate::source::floor;

/// A regular expression that is made when it is asked for first. Case is ignored, `^` and `$` stand at
/// lines. Classes are those of ASCII unless the pattern itself has other characters: the tables of
/// Unicode make an expression a hundred times as large.
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
        self.regex().is_some_and(|regex| regex.is_match(text.as_bytes()))
    }

    /// The bytes of the first place in the text.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        self.regex()?.find(text.as_bytes()).map(|found| whole(text, found.range()))
    }

    /// The text without all places of it.
    #[must_use]
    pub fn cut_from(&self, text: &str) -> String {
        let Some(regex) = self.regex() else { return text.to_owned() };
        let mut kept = String::with_capacity(text.len());
        let mut from = 0;
        for found in regex.find_iter(text.as_bytes()).map(|found| whole(text, found.range())) {
            kept.push_str(text.get(from..found.start).unwrap_or_default());
            from = from.max(found.end);
        }
        kept.push_str(text.get(from..).unwrap_or_default());
        kept
    }

    /// The bytes of all places in the text.
    pub fn find_all(&'static self, text: &str) -> impl Iterator<Item = Range<usize>> {
        let places = self.regex().into_iter().flat_map(move |regex| regex.find_iter(text.as_bytes()));
        places.map(move |found| whole(text, found.range()))
    }

    fn regex(&self) -> Option<&Regex> {
        let made = || {
            let unicode = !self.0.is_ascii();
            let made = RegexBuilder::new(self.0).unicode(unicode).case_insensitive(true).multi_line(true).build();
            debug_assert!(made.is_ok(), "{}: {made:?}", self.0);
            made.ok()
        };
        self.1.get_or_init(made).as_ref()
    }
}

/// A class of bytes may end inside a character: the place without that piece.
fn whole(text: &str, found: Range<usize>) -> Range<usize> {
    floor(text, found.start)..floor(text, found.end)
}
