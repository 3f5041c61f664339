//! All text rules over one text in one pass.
//!
//! One automaton finds the hints of every rule. A hit leads to its rules; each tries its expression on
//! the line or the window around the hit, at most once a place. So the cost grows with the bytes and
//! with what is found, hardly with the number of rules. Expressions are compiled when first needed.

mod pattern;

pub use pattern::{compile, looser, parse};

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::bytes::Regex;

use crate::model::skill::{Skill, SkillFile};
use crate::rule::{Check, Hit, Rule, Text, Window};
use crate::source::{floor, line_around, offset};
use crate::syntax::zone::{Zone, Zones, zone_at};
use crate::view::{Layer, Origin};

/// Some text rules, ready to be looked for.
#[derive(Debug)]
pub struct Scanner {
    rules: Vec<Searched>,
    hints: Option<AhoCorasick>,
    /// The rules of each hint.
    by_hint: Vec<Vec<u16>>,
}

#[derive(Debug)]
struct Searched {
    rule: &'static Rule,
    text: Text,
    regex: OnceLock<Option<Regex>>,
    /// Refuses most windows sooner than the expression itself.
    looser: OnceLock<Option<Regex>>,
}

/// Matches of one rule in one text that are looked at. They are many, as most of them may be what the rule
/// lets pass; that there were more is said.
pub const MOST_HITS: u32 = 10_000;
/// Lines that a continued line goes on for.
const MOST_CONTINUED: usize = 6;

/// How far one rule has come in one text.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    /// Hints before this byte were tried already.
    tried: usize,
    /// Matches that begin before this byte were told already.
    told: usize,
    hits: u32,
    /// There was more to try after the last match that is looked at.
    stopped: bool,
}

impl Scanner {
    /// A scanner of the text rules among `rules`. For a great deal of text a faster automaton is worth
    /// the time to build it.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = &'static Rule>, much: bool) -> Self {
        let mut searched = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut words: Vec<String> = Vec::new();
        let mut by_hint: Vec<Vec<u16>> = Vec::new();
        for rule in rules {
            let Check::Text(text) = rule.check else { continue };
            let Ok(index) = u16::try_from(searched.len()) else { break };
            for hint in text.spellings() {
                let at = *known.entry(hint.to_ascii_lowercase()).or_insert(words.len());
                if let Some(rules) = by_hint.get_mut(at) {
                    if rules.last() != Some(&index) {
                        rules.push(index);
                    }
                } else {
                    words.push(hint);
                    by_hint.push(vec![index]);
                }
            }
            searched.push(Searched { rule, text, regex: OnceLock::new(), looser: OnceLock::new() });
        }
        let kind = if much { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let hints = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(kind))
            .build(&words);
        Self { rules: searched, hints: hints.ok().filter(|_| !words.is_empty()), by_hint }
    }

    /// Is there nothing to look for?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rules, in order; hits name them by their index.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        self.rules.iter().map(|searched| searched.rule)
    }

    /// Looks for the wanted rules in a file, and tells every match in one of a rule's zones. Returns the rules
    /// that were not tried to the end, because they matched too often.
    pub fn scan<'a>(
        &self,
        skill: &'a Skill,
        file: &'a SkillFile,
        wanted: &dyn Fn(usize) -> bool,
        tell: &mut dyn FnMut(usize, &Hit<'a>),
    ) -> Vec<usize> {
        let pass = Pass { scanner: self, skill, file, text: file.text(), decoded: None };
        pass.run(wanted, tell)
    }

    /// The same in another reading of a part of a file.
    pub fn scan_reading<'a>(
        &self,
        skill: &'a Skill,
        file: &'a SkillFile,
        reading: Reading<'a>,
        wanted: &dyn Fn(usize) -> bool,
        tell: &mut dyn FnMut(usize, &Hit<'a>),
    ) -> Vec<usize> {
        let pass = Pass { scanner: self, skill, file, text: &reading.layer.text, decoded: Some(reading) };
        pass.run(wanted, tell)
    }
}

/// What a part of a file says once it is decoded.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The decoded text, and where in the file it stands.
    pub layer: &'a Layer,
    /// How it was written, in words.
    pub origin: &'a str,
}

struct Pass<'a, 's> {
    scanner: &'s Scanner,
    skill: &'a Skill,
    file: &'a SkillFile,
    text: &'a str,
    decoded: Option<Reading<'a>>,
}

impl<'a> Pass<'a, '_> {
    fn run(&self, wanted: &dyn Fn(usize) -> bool, tell: &mut dyn FnMut(usize, &Hit<'a>)) -> Vec<usize> {
        let Some(hints) = &self.scanner.hints else { return Vec::new() };
        let mut progress = vec![Progress::default(); self.scanner.rules.len()];
        for found in hints.find_overlapping_iter(self.text) {
            let rules = self.scanner.by_hint.get(found.pattern().as_usize()).map_or(&[][..], Vec::as_slice);
            for index in rules {
                let index = usize::from(*index);
                let (Some(searched), Some(done)) = (self.scanner.rules.get(index), progress.get_mut(index)) else {
                    continue;
                };
                // Before anything that costs: was this place tried already?
                if found.start() < done.tried || !wanted(index) {
                    continue;
                }
                if done.hits >= MOST_HITS {
                    done.stopped = true;
                    continue;
                }
                let window = self.window(searched.text.window, found.start()..found.end());
                done.tried = match searched.text.window {
                    Window::Line => window.end.max(found.end()),
                    // A later hint may belong to a match that ends beyond this window.
                    Window::Near(reach) => found.start() + reach as usize / 2,
                };
                if self.may_tell(&window, searched.text.zones) {
                    self.try_rule(index, searched, &window, done, tell);
                }
            }
        }
        progress.iter().enumerate().filter(|(_, done)| done.stopped).map(|(index, _)| index).collect()
    }

    fn window(&self, window: Window, hint: Range<usize>) -> Range<usize> {
        match window {
            Window::Line => {
                let mut line = line_around(self.text, hint.start);
                line.end = line.end.max(floor(self.text, hint.end));
                for _ in 0..MOST_CONTINUED {
                    let text = self.text.get(line.clone()).unwrap_or_default().trim_end_matches('\r');
                    if !text.ends_with(['\\', '|', '`']) || line.end >= self.text.len() {
                        break;
                    }
                    line.end = line_around(self.text, line.end + 1).end.max(line.end + 1).min(self.text.len());
                }
                for _ in 0..MOST_CONTINUED {
                    let Some(feed) =
                        line.start.checked_sub(1).filter(|at| self.text.as_bytes().get(*at) == Some(&b'\n'))
                    else {
                        break;
                    };
                    let above = line_around(self.text, feed);
                    if !self.text.get(above.clone()).is_some_and(|text| text.trim_end_matches('\r').ends_with('\\')) {
                        break;
                    }
                    line.start = above.start;
                }
                line
            }
            Window::Near(reach) => {
                let reach = reach as usize;
                let end = hint.end.saturating_add(reach + reach / 2).min(self.text.len());
                floor(self.text, hint.start.saturating_sub(reach))..floor(self.text, end)
            }
        }
    }

    fn try_rule(
        &self,
        index: usize,
        searched: &Searched,
        window: &Range<usize>,
        done: &mut Progress,
        tell: &mut dyn FnMut(usize, &Hit<'a>),
    ) {
        // With what stands before the window: its edge is neither that of a line nor that of a word.
        let Some(haystack) = self.text.as_bytes().get(..window.end) else { return };
        let looser = searched.looser.get_or_init(|| looser(searched.text.pattern));
        if looser.as_ref().is_some_and(|looser| !looser.is_match_at(haystack, window.start)) {
            return;
        }
        let Some(regex) = searched.regex.get_or_init(|| compile(searched.text.pattern)) else { return };
        let mut from = window.start;
        while let Some(captures) = regex.captures_at(haystack, from) {
            let Some(whole) = captures.get(0) else { return };
            from = whole.end().max(whole.start() + 1);
            let whole_characters = |range: Range<usize>| floor(self.text, range.start)..floor(self.text, range.end);
            let range = whole_characters(whole.range());
            if range.start >= done.told {
                let zone = self.zone(range.start);
                if zone.is_some_and(|zone| self.decoded.is_some() || searched.text.zones.has(zone.kind))
                    && let Some(zone) = zone
                {
                    done.told = range.end.max(range.start + 1);
                    done.hits += 1;
                    let groups =
                        captures.iter().map(|group| group.map(|group| whole_characters(group.range()))).collect();
                    let decoded = self.decoded.map(|one| (one.layer.map.original(range.clone()), one.origin));
                    let hit = Hit { skill: self.skill, file: self.file, zone, text: self.text, range, groups, decoded };
                    tell(index, &hit);
                }
            }
            if from > haystack.len() || done.hits >= MOST_HITS {
                return;
            }
        }
    }

    /// May a match in this window be news? What was folded is judged by the zones of the file, and what
    /// reads the same there was found there.
    fn may_tell(&self, window: &Range<usize>, wanted: Zones) -> bool {
        match self.decoded.map(|reading| reading.layer) {
            None => self.touches(window, wanted),
            Some(layer) if layer.origin == Origin::Folded => {
                !layer.map.is_verbatim(window.clone()) && self.touches(&layer.map.original(window.clone()), wanted)
            }
            Some(_) => true,
        }
    }

    /// Does a window reach into one of these zones? A match that begins elsewhere is not told.
    fn touches(&self, window: &Range<usize>, wanted: Zones) -> bool {
        let zones = self.file.zones();
        let from = zones.partition_point(|zone| zone.end <= offset(window.start));
        let inside = zones.get(from..).unwrap_or_default().iter();
        inside.take_while(|zone| zone.start < offset(window.end)).any(|zone| wanted.has(zone.kind))
    }

    fn zone(&self, at: usize) -> Option<&'a Zone> {
        let at = self.decoded.map_or(at, |reading| reading.layer.map.original(at..at).start);
        zone_at(self.file.zones(), offset(at))
    }
}
