//! Strings and the rest of a data file, cheaply: enough to tell words from structure.

use memchr::memmem;

use super::super::zone::{Language, Zone, ZoneKind};
use super::piece::line_end;
use crate::source::offset;

pub(super) fn zones(text: &str) -> Vec<Zone> {
    let mut out = Out { text, zones: Vec::new(), at: 0 };
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(['{', '[', '"']) || start.starts_with("//") || start.starts_with("/*") {
        json(&mut out);
    } else if start.starts_with('<') {
        markup(&mut out);
    } else {
        lines(&mut out);
    }
    out.rest(text.len());
    out.zones
}

struct Out<'a> {
    text: &'a str,
    zones: Vec<Zone>,
    at: usize,
}

impl Out<'_> {
    /// What lies before `end` and in no zone is data.
    fn rest(&mut self, end: usize) {
        let part = self.text.get(self.at..end).unwrap_or_default();
        let kept = part.trim();
        if !kept.is_empty() {
            let start = self.at + (part.len() - part.trim_start().len());
            let zone = Zone::block(ZoneKind::Data, offset(start), offset(start + kept.len()), Language::Data);
            self.zones.push(zone);
        }
        self.at = self.at.max(end);
    }

    fn push(&mut self, kind: ZoneKind, start: usize, end: usize) {
        if start < end && start >= self.at {
            self.rest(start);
            self.zones.push(Zone::block(kind, offset(start), offset(end), Language::Data));
            self.at = end;
        }
    }
}

fn json(out: &mut Out) {
    let bytes = out.text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1);
        match byte {
            b'"' => {
                let end = string_end(bytes, at, b'"');
                out.push(ZoneKind::DataString, at, end);
                at = end;
            }
            b'/' if next == Some(&b'/') => {
                let end = line_end(bytes, at);
                out.push(ZoneKind::Comment, at, end);
                at = end;
            }
            b'/' if next == Some(&b'*') => {
                let end = memmem::find(&bytes[at + 2..], b"*/").map_or(bytes.len(), |found| at + found + 4);
                out.push(ZoneKind::Comment, at, end);
                at = end;
            }
            _ => at += 1,
        }
    }
}

/// One past the closing quote; the end of the line when there is none.
fn string_end(bytes: &[u8], at: usize, quote: u8) -> usize {
    let mut end = at + 1;
    while let Some(&byte) = bytes.get(end) {
        match byte {
            b'\\' if quote == b'"' => end += 1,
            b'\n' => return end,
            byte if byte == quote => return end + 1,
            _ => {}
        }
        end += 1;
    }
    bytes.len()
}

/// Text between the tags that holds more than one word, and comments.
fn markup(out: &mut Out) {
    let text = out.text;
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find('<')).map(|found| at + found) {
        words(out, at, open);
        let rest = &text[open..];
        let (length, comment) = if rest.starts_with("<!--") {
            (rest.find("-->").map_or(rest.len(), |found| found + 3), true)
        } else {
            (rest.find('>').map_or(rest.len(), |found| found + 1), false)
        };
        if comment {
            out.push(ZoneKind::HtmlComment, open, open + length);
        }
        at = open + length;
    }
    words(out, at, text.len());
}

fn words(out: &mut Out, start: usize, end: usize) {
    let part = out.text.get(start..end).unwrap_or_default();
    let kept = part.trim();
    if kept.contains(' ') {
        let start = start + (part.len() - part.trim_start().len());
        out.push(ZoneKind::DataString, start, start + kept.len());
    }
}

/// YAML, TOML, INI, CSV: quoted values, values of several words, block scalars, comments.
fn lines(out: &mut Out) {
    let text = out.text;
    let bytes = text.as_bytes();
    let mut at = 0;
    // The indentation of a key whose value is a block of text below it.
    let mut block: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let kept = line.trim();
        let indent = line.len() - line.trim_start().len();
        if kept.is_empty() {
            continue;
        }
        let first = start + indent;
        let last = first + kept.len();
        if block.is_some_and(|owner| indent > owner) {
            out.push(ZoneKind::DataString, first, last);
            continue;
        }
        block = None;
        if kept.starts_with('#') || kept.starts_with(';') {
            out.push(ZoneKind::Comment, first, last);
            continue;
        }
        let value = value_start(kept);
        let tail = kept.get(value..).unwrap_or_default();
        if tail.starts_with(['|', '>']) && tail.len() <= 3 {
            block = Some(indent);
        } else if let Some(quote) = tail.bytes().next().filter(|b| matches!(b, b'"' | b'\'')) {
            let end = string_end(bytes, first + value, quote).min(last);
            out.push(ZoneKind::DataString, first + value, end);
        } else if tail.contains(' ') && !tail.starts_with(['{', '[', '#']) {
            let length = tail.find(" #").unwrap_or(tail.len());
            out.push(ZoneKind::DataString, first + value, first + value + length);
        }
        if let Some(comment) = line.get(..).and_then(|line| line.rfind(" # ")).map(|found| start + found + 1) {
            out.push(ZoneKind::Comment, comment, last);
        }
    }
}

/// Where the value of `key: value`, `key = value` or `- value` begins.
fn value_start(line: &str) -> usize {
    let dash = if line.starts_with("- ") { 2 } else { 0 };
    let body = line.get(dash..).unwrap_or_default();
    let split = [": ", " = ", "= ", "="].iter().filter_map(|mark| body.find(mark).map(|at| (at, mark.len()))).min();
    match split {
        Some((at, length)) if !body[..at].contains(['"', '\'']) || body.starts_with(['"', '\'']) => {
            let rest = &body[at + length..];
            dash + at + length + (rest.len() - rest.trim_start().len())
        }
        _ => dash,
    }
}
