//! Rules about words: what they look for, and what they are told when it is found.

use std::ops::Range;

use crate::finding::Place;
use crate::model::skill::{FileRole, Skill, SkillFile};
use crate::rule::Report;
use crate::source::{Span, offset};
use crate::syntax::zone::{Zone, ZoneKind, Zones};

/// What a text rule looks for.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Where it counts.
    pub zones: Zones,
    /// Also in texts outside of skills that an agent obeys: `AGENTS.md`, commands, MCP definitions.
    pub prompts: bool,
    /// Literals of at least two bytes, or a rare sign such as `@`, ASCII case ignored: where none of them stands, the pattern
    /// cannot match. One pass over the text finds those of all rules.
    pub hints: &'static [&'static str],
    /// A regular expression over bytes: case ignored, `^` and `$` at lines, classes ASCII only
    /// (`(?-i:…)` and `(?u:…)` change that). `.` does not match a line feed unless `(?s:…)` says so.
    pub pattern: &'static str,
    /// How far around a hint the pattern is tried.
    pub window: Window,
    /// Decides, and says it.
    pub hit: fn(&Hit<'_>, &mut Report),
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
        let start = floor(self.text, self.range.start.saturating_sub(most));
        self.text.get(start..self.range.start).unwrap_or_default()
    }

    /// At most so many bytes after the match.
    #[must_use]
    pub fn after(&self, most: usize) -> &'a str {
        let end = floor(self.text, self.range.end.saturating_add(most).min(self.text.len()));
        self.text.get(self.range.end..end).unwrap_or_default()
    }

    /// The block that holds the match: the paragraph, list item, table cell, code block or statement.
    #[must_use]
    pub fn block(&self) -> &'a str {
        if self.decoded.is_some() {
            return self.text;
        }
        let (start, end) =
            (floor(self.text, self.zone.block_start as usize), floor(self.text, self.zone.block_end as usize));
        // A block may be as long as its file.
        let from = floor(self.text, start.max(self.range.start.saturating_sub(2048)));
        let to = floor(self.text, end.min(self.range.end.saturating_add(2048)));
        self.text.get(from..to.max(from)).unwrap_or_default()
    }

    /// The sentence that holds the match, inside its block.
    #[must_use]
    pub fn sentence(&self) -> &'a str {
        let block_start = if self.decoded.is_some() { 0 } else { self.zone.block_start as usize };
        let block_end = if self.decoded.is_some() { self.text.len() } else { self.zone.block_end as usize };
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

/// Bytes of a very long line that are looked at on either side.
const REACH: usize = 2048;

/// The line around a byte, its end left out; of a very long one the surroundings.
#[must_use]
pub fn line_around(text: &str, at: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let low = at.saturating_sub(REACH);
    let high = at.saturating_add(REACH).min(bytes.len());
    let start = bytes.get(low..at).and_then(|part| memchr::memrchr(b'\n', part)).map_or(low, |feed| low + feed + 1);
    let end = bytes.get(at..high).and_then(|part| memchr::memchr(b'\n', part)).map_or(high, |feed| at + feed);
    floor(text, start)..floor(text, end)
}

/// The nearest character boundary at or before a byte.
#[must_use]
pub fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}
