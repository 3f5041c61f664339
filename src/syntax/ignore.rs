//! `clawsift: ignore[ID,…] reason="…" until=YYYY-MM-DD` in a comment.
//!
//! It stands at the beginning of its comment or of a line of it; where it is only spoken of, it is prose.

use std::ops::Range;

use jiff::civil::Date;
use memchr::memmem;

/// What it begins with.
pub const MARK: &str = "clawsift:";

/// Longest one, in bytes.
const LONGEST: usize = 4_000;
/// Longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// One ignore, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The comment that holds it, with its delimiters.
    pub comment: Range<usize>,
    /// All of it, from its mark on.
    pub whole: Range<usize>,
    /// `ignore[…]`
    pub head: Range<usize>,
    /// The ids, in order; at least one.
    pub ids: Vec<Range<usize>>,
    /// The reason, blanks around it left out; empty for none.
    pub reason: String,
    /// The last day on which it holds, and its token.
    pub until: Option<(Date, Range<usize>)>,
}

/// Something that was meant as one and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The token that is wrong.
    pub at: Range<usize>,
    /// What is wrong with it, as a sentence without full stop.
    pub message: &'static str,
}

/// The ignores in a comment, in order.
pub fn read(text: &str, comment: Range<usize>) -> impl Iterator<Item = Result<Written, Fault>> {
    let inner = inner(text, &comment);
    let body = text.get(inner.clone()).unwrap_or_default();
    let marks = memmem::find_iter(body.as_bytes(), MARK).collect::<Vec<_>>().into_iter();
    marks.filter_map(move |mark| {
        let before = body.get(..mark).unwrap_or_default();
        let first = before.trim_end_matches([' ', '\t', '*', '#', '/', '!', '-']);
        if !first.is_empty() && !first.ends_with(['\n', '\r']) {
            return None;
        }
        Statement::new(text, inner.start + mark, inner.end, comment.clone()).read()
    })
}

/// A comment without its delimiters.
fn inner(text: &str, comment: &Range<usize>) -> Range<usize> {
    let whole = text.get(comment.clone()).unwrap_or_default();
    let delimiters = [("/*", "*/"), ("<!--", "-->"), ("<#", "#>"), ("//", ""), ("#", "")];
    for (open, close) in delimiters {
        let Some(rest) = whole.strip_prefix(open) else { continue };
        let closed = if close.is_empty() { 0 } else { rest.strip_suffix(close).map_or(0, |_| close.len()) };
        return comment.start + open.len()..comment.end - closed;
    }
    comment.clone()
}

struct Statement<'a> {
    text: &'a str,
    comment: Range<usize>,
    start: usize,
    /// One past the last byte of its line.
    end: usize,
    /// The next byte to read.
    at: usize,
}

type Read<T> = Result<T, Fault>;

impl<'a> Statement<'a> {
    fn new(text: &'a str, start: usize, end: usize, comment: Range<usize>) -> Self {
        let line = text.get(start..end).unwrap_or_default();
        let line = line.split(['\n', '\r']).next().unwrap_or_default().trim_end();
        Self { text, comment, start, end: start + line.len(), at: start + MARK.len() }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    fn fault<T>(&self, at: Range<usize>, message: &'static str) -> Read<T> {
        Err(Fault { at: at.start..at.end.clamp(at.start, self.end.max(at.start)), message })
    }

    /// The ignore; none when the words are about something else.
    fn read(mut self) -> Option<Read<Written>> {
        self.blanks();
        let verb = self.rest().split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').next().unwrap_or_default();
        let range = self.at..self.at + verb.len();
        let called = self.rest().get(verb.len()..).is_some_and(|rest| rest.starts_with('['));
        if verb.get(..6).is_none_or(|start| !start.eq_ignore_ascii_case("ignore")) && !called || verb.is_empty() {
            return None;
        }
        Some(if verb == "ignore" { self.ignore(range) } else { self.fault(range, "it has to be spelled `ignore`") })
    }

    fn ignore(mut self, verb: Range<usize>) -> Read<Written> {
        if self.end - self.start > LONGEST {
            return self.fault(verb, "the ignore is longer than 4,000 bytes");
        }
        if let Some((at, c)) = self.rest().char_indices().find(|(_, c)| is_hidden(*c)) {
            let at = self.at + at;
            return self.fault(at..at + c.len_utf8(), "the ignore holds a character that nobody sees");
        }
        self.at = verb.end;
        if !self.rest().starts_with('[') {
            return self.fault(verb, "the ids are missing: ignore[ID] reason=\"…\"");
        }
        let Some(close) = self.rest().find(']') else {
            return self.fault(self.at..self.at + 1, "the `[` is not closed on its line");
        };
        let list = self.at + 1..self.at + close;
        let ids = self.ids(&list)?;
        let head = verb.start..list.end + 1;
        self.at = head.end;
        let mut written =
            Written { comment: self.comment.clone(), whole: 0..0, head, ids, reason: String::new(), until: None };
        let mut seen = [false; 2];
        loop {
            self.blanks();
            let token = self.at..self.at + self.rest().split([' ', '\t']).next().unwrap_or_default().len();
            let twice = |seen: &mut bool| std::mem::replace(seen, true);
            if token.is_empty() {
                break;
            } else if self.rest().starts_with("reason=") {
                if twice(&mut seen[0]) {
                    return self.fault(token.start..token.start + 6, "the reason is given twice");
                }
                self.at += "reason=".len();
                written.reason = self.quoted(token)?;
            } else if self.rest().starts_with("until=") {
                let date = token.start + "until=".len()..token.end;
                if twice(&mut seen[1]) {
                    return self.fault(token.start..token.start + 5, "the date is given twice");
                }
                match date_of(self.text.get(date.clone()).unwrap_or_default()) {
                    Some(day) => written.until = Some((day, date)),
                    None => return self.fault(date, "expected a date such as 2026-12-31"),
                }
                self.at = token.end;
            } else {
                return self.fault(token, "expected reason=\"…\" or until=YYYY-MM-DD");
            }
        }
        written.whole = self.start..self.at.min(self.end);
        Ok(written)
    }

    fn ids(&self, list: &Range<usize>) -> Read<Vec<Range<usize>>> {
        let mut ids = Vec::new();
        let mut at = list.start;
        for part in self.text.get(list.clone()).unwrap_or_default().split(',') {
            let start = at + (part.len() - part.trim_start().len());
            let id = start..start + part.trim().len();
            at += part.len() + 1;
            if id.is_empty() {
                return self.fault(list.start.saturating_sub(1)..list.end + 1, "an id is missing between the brackets");
            }
            ids.push(id);
        }
        Ok(ids)
    }

    /// A text in double quotes; backslashes keep the character after them.
    fn quoted(&mut self, token: Range<usize>) -> Read<String> {
        let mut words = String::new();
        let mut chars = self.rest().char_indices();
        if chars.next().is_none_or(|(_, c)| c != '"') {
            return self.fault(token, "the reason has to stand in double quotes");
        }
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    let words = words.trim().to_owned();
                    let long = words.chars().nth(LONGEST_REASON).is_some();
                    let range = token.start..self.at;
                    return if long {
                        self.fault(range, "the reason is longer than 500 characters")
                    } else {
                        Ok(words)
                    };
                }
                '\\' => words.extend(chars.next().map(|(_, c)| c)),
                c => words.push(c),
            }
        }
        self.fault(token, "the reason is not closed on its line")
    }
}

/// A date in the one form that everybody reads alike.
fn date_of(text: &str) -> Option<Date> {
    let digit = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    let form = text.len() == 10 && text.bytes().enumerate().all(digit);
    text.parse().ok().filter(|_| form)
}

/// Controls, and what turns the direction of the text around it: the line would not say what it seems to.
fn is_hidden(c: char) -> bool {
    c.is_control() && c != '\t'
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

impl Written {
    /// What goes when the id at an index goes: it with a comma, or with the last one all of the ignore.
    #[must_use]
    pub fn without(&self, text: &str, index: usize) -> Range<usize> {
        let id = |index: usize| self.ids.get(index).cloned().unwrap_or(0..0);
        match (self.ids.len(), index + 1 == self.ids.len()) {
            (0 | 1, _) => self.removal(text),
            (_, false) => id(index).start..id(index + 1).start,
            (_, true) => id(index - 1).end..id(index).end,
        }
    }

    /// What goes when all of the ignore goes: its comment with the blanks beside it, and the line where
    /// nothing else stands on it; of a comment that says more only its own words.
    #[must_use]
    pub fn removal(&self, text: &str) -> Range<usize> {
        let inner = inner(text, &self.comment);
        let around = [inner.start..self.whole.start, self.whole.end..inner.end];
        let is_empty = |range: &Range<usize>| {
            let words = text.get(range.clone()).unwrap_or_default();
            words.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '#' | '/' | '!' | '-')).is_empty()
        };
        let alone = around.iter().all(is_empty);
        let own = if alone { self.comment.clone() } else { self.whole.clone() };
        let (start, end) = lines(text, &own);
        let before = text.get(start..own.start).unwrap_or_default();
        let after = text.get(own.end..end).unwrap_or_default();
        let decoration = |words: &str| words.trim_matches(|c: char| matches!(c, ' ' | '\t' | '*')).is_empty();
        let whole_line = if alone {
            before.trim_matches(['\u{feff}', ' ', '\t']).is_empty() && after.trim().is_empty()
        } else {
            // A line inside of a longer comment, without its first and last.
            start > inner.start && end < inner.end && decoration(before) && decoration(after)
        };
        if !whole_line {
            let left = before.len() - before.trim_end_matches([' ', '\t']).len();
            let right = after.len() - after.trim_start_matches([' ', '\t']).len();
            return match (alone, after.trim().is_empty()) {
                (false, _) => own,
                (true, true) => own.start - left..own.end,
                (true, false) => own.start..own.end + right,
            };
        }
        let mark = if text.get(start..).is_some_and(|line| line.starts_with('\u{feff}')) { 3 } else { 0 };
        if end < text.len() {
            // Two paragraphs that only the comment parts stay two.
            let feed = end + text.get(end..).map_or(0, |rest| usize::from(rest.starts_with('\r')) + 1);
            let full = |line: Option<&str>| line.is_some_and(|line| !line.trim().is_empty());
            let above = full(text.get(..start).and_then(|above| above.lines().next_back()));
            let below = full(text.get(feed..).and_then(|below| below.lines().next()));
            let parts = text.get(own.clone()).is_some_and(|own| own.starts_with("<!--")) && above && below;
            return start + mark..if parts { end } else { feed };
        }
        // The last line goes with the line feed before it only if the one above ended with it.
        start + mark..end
    }
}

/// The lines that hold a range: their first byte, and the byte of the last one's line feed or the end.
fn lines(text: &str, range: &Range<usize>) -> (usize, usize) {
    let start = text.get(..range.start).and_then(|before| before.rfind('\n')).map_or(0, |feed| feed + 1);
    let rest = text.get(range.end..).unwrap_or_default();
    let end = rest.find('\n').map_or(text.len(), |feed| range.end + feed);
    let carriage = end > range.end && text.as_bytes().get(end - 1) == Some(&b'\r') && end < text.len();
    (start, end - usize::from(carriage))
}

#[cfg(test)]
mod tests;
