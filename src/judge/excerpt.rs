//! The few lines of text that a finding takes along, with every secret masked.

use std::ops::Range;

use crate::finding::Excerpt;
use crate::source::{FileId, Point, Source, Span, offset};

/// Lines kept before and after the line of a finding.
const CONTEXT: u32 = 1;
/// Bytes kept on either side of the token.
const REACH: u32 = 400;
/// Bytes kept of the token itself.
const LONGEST_TOKEN: u32 = 1000;

/// The tokens of one unit whose text must never be shown: sorted, none overlapping.
#[derive(Debug)]
pub(super) struct Masks(Vec<Span>);

impl Masks {
    pub(super) fn new(spans: &[Span]) -> Self {
        let mut sorted = spans.to_vec();
        sorted.sort_unstable();
        let mut merged: Vec<Span> = Vec::with_capacity(sorted.len());
        for span in sorted {
            match merged.last_mut() {
                Some(last) if last.file == span.file && span.start < last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        Self(merged)
    }

    /// The secrets that touch a range of a file, quotes left out.
    fn within(&self, source: &Source, file: FileId, range: Range<u32>) -> Vec<Range<usize>> {
        let from = self.0.partition_point(|span| (span.file, span.end) <= (file, range.start));
        let touching = |span: &&Span| span.file == file && span.start < range.end;
        self.0.get(from..).unwrap_or_default().iter().take_while(touching).map(|span| inner(source, span)).collect()
    }
}

/// A token without its quotes.
fn inner(source: &Source, span: &Span) -> Range<usize> {
    let text = source.slice(span.start, span.end);
    let (start, end) = (span.start as usize, span.end as usize);
    let quoted =
        text.len() >= 2 && text.starts_with(['"', '\'', '`']) && text.chars().next() == text.chars().next_back();
    if quoted { start + 1..end - 1 } else { start..end }
}

/// The lines around a span that begins at `at`.
pub(super) fn excerpt(source: &Source, span: Span, at: Point, end: Point, masks: &Masks) -> Excerpt {
    let window = Window::around(source, span, at, end);
    let Some(Ok(raw)) = source.bytes.get(window.range()).map(std::str::from_utf8) else {
        return Excerpt { first_line: at.line, first_column: 1, ..Excerpt::default() };
    };
    let mut hidden = masks.within(source, span.file, window.start..window.end);
    hidden.extend(recognised(source, &window));
    let token = (span.start.max(window.start) as usize, span.end.clamp(window.start, window.end) as usize);
    let (text, token) = masked(raw, window.start as usize, &hidden, token);
    let before = text.get(..token.0).unwrap_or_default();
    let columns = before.rsplit('\n').next().unwrap_or_default().chars().map(char::len_utf16).sum::<usize>();
    Excerpt {
        first_line: at.line.saturating_sub(offset(before.matches('\n').count())),
        first_column: if window.cut_before { at.column.saturating_sub(offset(columns)).max(1) } else { 1 },
        text,
        token,
        cut_before: window.cut_before,
        cut_after: window.cut_after,
        token_cut: window.end < span.end,
    }
}

/// Which bytes are kept.
struct Window {
    start: u32,
    end: u32,
    cut_before: bool,
    cut_after: bool,
}

impl Window {
    /// Whole lines where they are short, else what is near the token.
    fn around(source: &Source, span: Span, at: Point, end: Point) -> Self {
        let (widest, _) = source.line_range(at.line.saturating_sub(CONTEXT).max(1));
        let (line, _) = source.line_range(at.line);
        let mark = if source.bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        let near = |from: &u32| span.start.saturating_sub(*from) <= REACH;
        let whole = [widest, line].into_iter().find(near);
        let start = whole.unwrap_or_else(|| boundary(source, span.start.saturating_sub(REACH))).max(mark);

        let token_end = span.end.min(span.start.saturating_add(LONGEST_TOKEN));
        let (_, widest) = source.line_range((end.line + CONTEXT).min(source.line_count()).max(end.line));
        let (_, line) = source.line_range(end.line);
        let near = |to: &u32| to.saturating_sub(token_end) <= REACH;
        let whole_end = [widest, line].into_iter().find(near).filter(|_| token_end == span.end);
        let reach = if token_end == span.end { REACH } else { 0 };
        let end = whole_end.unwrap_or_else(|| boundary(source, token_end.saturating_add(reach)));
        Self { start, end: end.max(start), cut_before: whole.is_none(), cut_after: whole_end.is_none() }
    }

    fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The nearest character boundary at or before a byte.
fn boundary(source: &Source, at: u32) -> u32 {
    let at = at.min(offset(source.bytes.len()));
    let inside = |at: &u32| source.bytes.get(*at as usize).is_some_and(|byte| byte & 0xc0 == 0x80);
    (at.saturating_sub(3)..=at).rev().find(|at| !inside(at)).unwrap_or(at)
}

/// Secrets of a known format that nobody named.
fn recognised(_source: &Source, _window: &Window) -> Vec<Range<usize>> {
    Vec::new()
}

/// `raw` with the hidden ranges as stars, and the token's range in it. `base` is where `raw` starts
/// in the file; every other offset is the file's.
fn masked(raw: &str, base: usize, hidden: &[Range<usize>], token: (usize, usize)) -> (String, (usize, usize)) {
    let mut text = String::with_capacity(raw.len());
    let (mut start, mut end) = (None, None);
    for (at, c) in raw.char_indices().map(|(at, c)| (base + at, c)) {
        if at >= token.0 {
            start.get_or_insert(text.len());
        }
        if at >= token.1 {
            end.get_or_insert(text.len());
        }
        // Line ends stay, or the lines below would move.
        if !matches!(c, '\n' | '\r') && hidden.iter().any(|range| range.contains(&at)) {
            text.extend(std::iter::repeat_n('*', c.len_utf16()));
        } else {
            text.push(c);
        }
    }
    let start = start.unwrap_or(text.len());
    let end = end.unwrap_or(text.len());
    (text, (start, end))
}
