//! Rules about words: what they look for, and what they are told when it is found.

use std::ops::Range;

use crate::finding::Place;
use crate::model::skill::{FileRole, Skill, SkillFile};
use crate::rule::Report;
use crate::source::{Span, first, floor, last, line_around, offset};
use crate::syntax::zone::{Zone, ZoneKind, Zones};

/// What a text rule looks for.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Where it counts.
    pub zones: Zones,
    /// Also in texts outside of skills that an agent obeys: `AGENTS.md`, commands, MCP definitions.
    pub prompts: bool,
    /// Literals of at least two bytes, or a rare sign such as `@`. Case is ignored, and a blank stands for any
    /// blanks. Where none of them stands, the pattern cannot match (`tests/hints.rs` proves it). One pass over
    /// the text finds those of all rules, so a rare word costs less than a short one.
    pub hints: &'static [&'static str],
    /// A regular expression over bytes: case ignored, `^` and `$` at lines, classes ASCII only
    /// (`(?-i:…)` and `(?u:…)` change that). `.` does not match a line feed unless `(?s:…)` says so.
    pub pattern: &'static str,
    /// How far around a hint the pattern is tried.
    pub window: Window,
    /// Decides, and says it.
    pub hit: fn(&Hit<'_>, &mut Report),
}

impl Text {
    /// The hints as they may be spelled: what the automaton looks for, ASCII case aside.
    #[must_use]
    pub fn spellings(&self) -> Vec<String> {
        let blanks: &[&str] = if self.window == Window::Line { &[" ", "\t"] } else { &[" ", "\t", "\n", "\r"] };
        self.hints.iter().flat_map(|hint| spaced(hint, blanks)).flat_map(|hint| cased(&hint)).collect()
    }
}

/// A hint with any of the blanks in place of its own. Behind a second blank in a row the rest is left out:
/// the start of the hint is enough to try the pattern there.
fn spaced(hint: &str, blanks: &[&str]) -> Vec<String> {
    let words = hint.trim_matches(' ');
    if words.is_empty() {
        return vec![hint.to_owned()];
    }
    let before: &[&str] = if hint.starts_with(' ') { blanks } else { &[""] };
    let after: &[&str] = if hint.ends_with(' ') { blanks } else { &[""] };
    let mut found: Vec<String> = after.iter().map(|blank| format!("{words}{blank}")).collect();
    for (at, _) in words.match_indices(' ') {
        let head = words.get(..at).unwrap_or_default();
        found.extend(blanks.iter().filter(|blank| **blank != " ").map(|blank| format!("{head}{blank}")));
        found.extend(blanks.iter().map(|blank| format!("{head} {blank}")));
    }
    before.iter().flat_map(|blank| found.iter().map(move |words| format!("{blank}{words}"))).collect()
}

/// Letters beyond ASCII of which both cases are written out; the rest of the hint is left out.
const CASED: usize = 4;

/// A hint in both cases of its letters beyond ASCII; the automaton knows only those of ASCII.
fn cased(hint: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut letters = 0;
    for letter in hint.chars() {
        let upper: String = letter.to_uppercase().collect();
        let lower: String = letter.to_lowercase().collect();
        if letter.is_ascii() || upper == lower {
            for one in &mut found {
                one.push(letter);
            }
        } else if letters < CASED {
            letters += 1;
            found = found.iter().flat_map(|one| [format!("{one}{lower}"), format!("{one}{upper}")]).collect();
        } else {
            break;
        }
    }
    found
}

/// How far around a hint a pattern is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The line of the hint (of a very long line the surroundings); with a continued line (`\`) those
    /// that it is continued on, and those that it continues.
    Line,
    /// So many bytes before and after the hint.
    Near(u32),
}

/// A place where a pattern matched.
#[derive(Debug)]
pub struct Hit<'a> {
    /// The skill.
    pub skill: &'a Skill,
    /// The file.
    pub file: &'a SkillFile,
    /// The zone of the match's first byte.
    pub zone: &'a Zone,
    /// The text that was searched: the file's, or what it says once decoded.
    pub text: &'a str,
    /// The match in that text.
    pub range: Range<usize>,
    /// The groups of the pattern, by number; 0 is the match.
    pub groups: Vec<Option<Range<usize>>>,
    /// For a second reading of the text: where in the file it stands, and what it is.
    pub decoded: Option<(Range<usize>, &'a str)>,
}

impl<'a> Hit<'a> {
    /// The words that matched.
    #[must_use]
    pub fn matched(&self) -> &'a str {
        self.text.get(self.range.clone()).unwrap_or_default()
    }

    /// Does the match run over a blank line, from one paragraph into the next?
    #[must_use]
    pub fn is_torn(&self) -> bool {
        let mut lines = self.matched().split('\n').skip(1);
        lines.any(|line| line.trim().is_empty())
    }

    /// The words of a group.
    #[must_use]
    pub fn group(&self, number: usize) -> Option<&'a str> {
        self.text.get(self.groups.get(number)?.clone()?)
    }

    /// The place of the match.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place_of(self.range.clone())
    }

    /// The place of a group, else of the match.
    #[must_use]
    pub fn group_place(&self, number: usize) -> Place {
        self.place_of(self.groups.get(number).cloned().flatten().unwrap_or_else(|| self.range.clone()))
    }

    /// The place of a range of the searched text.
    #[must_use]
    pub fn place_of(&self, range: Range<usize>) -> Place {
        let range = self.decoded.as_ref().map_or(range, |(whole, _)| whole.clone());
        Place::span(Span { file: self.file.id, start: offset(range.start), end: offset(range.end) })
    }

    /// The line of the match's first byte, without its end; of a very long one the surroundings.
    #[must_use]
    pub fn line(&self) -> &'a str {
        self.text.get(line_around(self.text, self.range.start)).unwrap_or_default()
    }

    /// At most so many bytes before the match.
    #[must_use]
    pub fn before(&self, most: usize) -> &'a str {
        last(self.text.get(..self.range.start).unwrap_or_default(), most)
    }

    /// At most so many bytes after the match.
    #[must_use]
    pub fn after(&self, most: usize) -> &'a str {
        first(self.text.get(self.range.end..).unwrap_or_default(), most)
    }

    /// The block that holds the match: the paragraph, list item, table cell, code block or statement. It may
    /// be as long as its file: at most 2,048 bytes before and after the match.
    #[must_use]
    pub fn block(&self) -> &'a str {
        self.text.get(self.block_range()).unwrap_or_default()
    }

    /// Where [`Hit::block`] stands in the searched text.
    pub(super) fn block_range(&self) -> Range<usize> {
        let (start, end) = self.block_bounds();
        let from = start.max(self.range.start.saturating_sub(2048)).min(self.range.start);
        let to = end.min(self.range.end.saturating_add(2048)).max(self.range.end);
        floor(self.text, from)..floor(self.text, to)
    }

    /// First and last byte of the whole block; what was decoded is one block.
    fn block_bounds(&self) -> (usize, usize) {
        match self.decoded {
            Some(_) => (0, self.text.len()),
            None => (self.zone.block_start as usize, self.zone.block_end as usize),
        }
    }

    /// The sentence that holds the match, inside its block.
    #[must_use]
    pub fn sentence(&self) -> &'a str {
        let (block_start, block_end) = self.block_bounds();
        let from = floor(self.text, block_start.max(self.range.start.saturating_sub(600)).min(self.range.start));
        let to = floor(self.text, block_end.min(self.range.end.saturating_add(600)).max(self.range.end));
        let ends = |text: &str, at: usize| {
            let rest = text.get(at..).unwrap_or_default();
            let mut chars = rest.chars();
            let end = matches!(chars.next(), Some('.' | '!' | '?' | ':' | ';' | '。' | '！' | '？'));
            end && chars.next().is_none_or(char::is_whitespace) || rest.starts_with("\n\n")
        };
        let before = self.text.get(from..self.range.start).unwrap_or_default();
        let start = before.char_indices().rev().find(|(at, _)| ends(self.text, from + at));
        let start = start.map_or(from, |(at, c)| from + at + c.len_utf8());
        let after = self.text.get(self.range.end..to).unwrap_or_default();
        let end = after.char_indices().find(|(at, _)| ends(self.text, self.range.end + at));
        let end = end.map_or(to, |(at, c)| self.range.end + at + c.len_utf8());
        self.text.get(start..end).unwrap_or_default().trim()
    }

    /// Is it in something that a machine runs: a script, or a code block in such a language?
    #[must_use]
    pub const fn in_code(&self) -> bool {
        self.zone.is_code()
    }

    /// Is it in a script of the skill, test code left out?
    #[must_use]
    pub fn in_script(&self) -> bool {
        matches!(self.zone.kind, ZoneKind::Code | ZoneKind::Str) && self.file.role != FileRole::Test
    }
}
