//! The few lines of text that a finding takes along, with every secret masked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::finding::Excerpt;
use crate::secret;
use crate::source::{FileId, Point, Source, Span, offset};

/// Lines kept before and after the line of a finding.
const CONTEXT: u32 = 1;
/// Bytes kept on either side of the token.
const REACH: u32 = 400;
/// Bytes kept of the token itself.
const LONGEST_TOKEN: u32 = 1000;
/// Bytes around an excerpt that are read to recognise a secret that begins or ends outside.
const MARGIN: u32 = 4096;
/// Bytes up to which a file is searched for known formats as a whole.
const SMALL_FILE: usize = 64 << 10;

/// The tokens of one unit whose text must never be shown: sorted, none overlapping.
#[derive(Debug)]
pub(super) struct Masks {
    spans: Vec<Span>,
    /// Known formats of whole files, each searched once: findings are often many in one small file.
    recognised: RefCell<BTreeMap<FileId, Vec<Range<usize>>>>,
}

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
        Self { spans: merged, recognised: RefCell::default() }
    }

    /// The secrets that touch a range of a file, quotes left out.
    pub(super) fn within(&self, source: &Source, file: FileId, range: Range<u32>) -> Vec<Range<usize>> {
        let from = self.spans.partition_point(|span| (span.file, span.end) <= (file, range.start));
        let touching = |span: &&Span| span.file == file && span.start < range.end;
        self.spans.get(from..).unwrap_or_default().iter().take_while(touching).map(|span| inner(source, span)).collect()
    }

    /// Secrets of a known format in or beside a window that nobody named.
    fn recognised(&self, source: &Source, file: FileId, window: &Window) -> Vec<Range<usize>> {
        if source.bytes.len() > SMALL_FILE {
            return recognised(source, window.start.saturating_sub(MARGIN)..window.end.saturating_add(MARGIN));
        }
        let mut known = self.recognised.borrow_mut();
        let all = known.entry(file).or_insert_with(|| recognised(source, 0..offset(source.bytes.len())));
        let touching = |range: &&Range<usize>| range.end > window.start as usize && range.start < window.end as usize;
        all.iter().filter(touching).cloned().collect()
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
    hidden.extend(masks.recognised(source, span.file, &window));
    let token = (span.start.max(window.start) as usize, span.end.clamp(window.start, window.end) as usize);
    let (text, token) = stars(raw, window.start as usize, &hidden, token);
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

/// Secrets of a known format in some bytes of a file.
fn recognised(source: &Source, bytes: Range<u32>) -> Vec<Range<usize>> {
    let start = boundary(source, bytes.start) as usize;
    let end = boundary(source, bytes.end) as usize;
    let text = source.bytes.get(start..end).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    let found = secret::find_in_text(text).into_iter();
    found.map(|(range, _)| start + range.start..start + range.end).collect()
}

/// A text without secrets of a known format. Rules do not quote any, and if one does it is not seen.
#[must_use]
pub fn masked(text: String) -> String {
    let hidden: Vec<Range<usize>> = secret::find_in_text(&text).into_iter().map(|(range, _)| range).collect();
    if hidden.is_empty() { text } else { stars(&text, 0, &hidden, (0, 0)).0 }
}

/// `raw` with the hidden ranges as stars, and the token's range in it. `base` is where `raw` starts
/// in the file; every other offset is the file's.
fn stars(raw: &str, base: usize, hidden: &[Range<usize>], token: (usize, usize)) -> (String, (usize, usize)) {
    let mut text = String::with_capacity(raw.len());
    let (mut start, mut end) = (None, None);
    let mut order: Vec<&Range<usize>> = hidden.iter().collect();
    order.sort_by_key(|range| range.start);
    let mut order = order.into_iter().peekable();
    // Ranges may overlap: what counts is the furthest end of those that have begun.
    let mut until = 0;
    for (at, c) in raw.char_indices().map(|(at, c)| (base + at, c)) {
        while let Some(range) = order.next_if(|range| range.start <= at) {
            until = until.max(range.end);
        }
        if at >= token.0 {
            start.get_or_insert(text.len());
        }
        if at >= token.1 {
            end.get_or_insert(text.len());
        }
        // Line ends stay, or the lines below would move.
        if !matches!(c, '\n' | '\r') && at < until {
            text.extend(std::iter::repeat_n('*', c.len_utf16()));
        } else {
            text.push(c);
        }
    }
    let start = start.unwrap_or(text.len());
    let end = end.unwrap_or(text.len());
    (text, (start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: FileId = FileId(0);

    /// The excerpt of the first `token` in a text, with some of its texts secret.
    fn take(text: &str, token: &str, secrets: &[&str]) -> Excerpt {
        let source = Source::new("a", text.as_bytes());
        let span = |token: &str| {
            let start = text.find(token).unwrap();
            Span { file: FILE, start: offset(start), end: offset(start + token.len()) }
        };
        let masks = Masks::new(&secrets.iter().map(|secret| span(secret)).collect::<Vec<_>>());
        let at = span(token);
        excerpt(&source, at, source.point(at.start), source.point(at.end), &masks)
    }

    fn token(excerpt: &Excerpt) -> &str {
        &excerpt.text[excerpt.token.0..excerpt.token.1]
    }

    #[test]
    fn one_line_on_either_side() {
        let excerpt = take("1\n2\n3 x\n4\n5\n", "x", &[]);
        assert_eq!((excerpt.first_line, excerpt.first_column, &*excerpt.text), (2, 1, "2\n3 x\n4"));
        assert_eq!(token(&excerpt), "x");
        let excerpt = take("\u{feff}x\r\n2\r\n3\r\n", "x", &[]);
        assert_eq!((excerpt.first_line, &*excerpt.text), (1, "x\r\n2"), "no mark, its own line ends");
    }

    #[test]
    fn secrets_keep_their_quotes_and_their_columns() {
        let excerpt = take("{ a: 'sécret😀', b: 'lan', c: open }", "'lan'", &["'sécret😀'", "open"]);
        assert_eq!(excerpt.text, "{ a: '********', b: 'lan', c: **** }");
        assert_eq!(token(&excerpt), "'lan'");
        let excerpt = take("a: 'one\\\r\ntwo', b: 1", "'one\\\r\ntwo'", &["'one\\\r\ntwo'"]);
        assert_eq!(excerpt.text, "a: '****\r\n***', b: 1", "line ends stay");
        assert_eq!(token(&excerpt), "'****\r\n***'");
    }

    #[test]
    fn a_secret_of_another_file_masks_nothing() {
        let source = Source::new("a", &b"x: 'abc'"[..]);
        let masks = Masks::new(&[Span { file: FileId(1), start: 0, end: 8 }]);
        let span = Span { file: FILE, start: 0, end: 1 };
        let excerpt = excerpt(&source, span, source.point(0), source.point(1), &masks);
        assert_eq!(excerpt.text, "x: 'abc'");
    }

    #[test]
    fn overlapping_secrets_are_one() {
        assert_eq!(take("k: abcdef.", "k", &["cdef", "abc", "abcd"]).text, "k: ******.");
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let pad = "é😀".repeat(300);
        let excerpt = take(&format!("before\n{pad}TOKEN{pad}\nafter"), "TOKEN", &[]);
        assert_eq!(token(&excerpt), "TOKEN");
        assert!(excerpt.cut_before && excerpt.cut_after && !excerpt.token_cut);
        assert!(excerpt.text.len() < 820, "{}", excerpt.text.len());
        assert_eq!(excerpt.first_line, 2);
        let shown = excerpt.text[..excerpt.token.0].encode_utf16().count();
        assert_eq!(excerpt.first_column as usize + shown, 300 * 3 + 1);
    }

    #[test]
    fn long_neighbours_are_left_out() {
        let long = "x".repeat(500);
        let excerpt = take(&format!("{long}\n  TOKEN,\n{long}"), "TOKEN", &[]);
        assert_eq!((excerpt.first_line, &*excerpt.text), (2, "  TOKEN,"));
        assert!(!excerpt.cut_before && !excerpt.cut_after);
    }

    #[test]
    fn a_long_token_is_cut() {
        let long = "é".repeat(5_000);
        let excerpt = take(&format!("k: {long} x"), &long, &[]);
        assert!(excerpt.token_cut && excerpt.cut_after);
        assert_eq!(excerpt.text, format!("k: {}", "é".repeat(500)));
        assert_eq!(token(&excerpt), "é".repeat(500));
    }

    #[test]
    fn a_secret_that_the_window_cuts_is_still_one() {
        let secret = format!("ghp_{}", "aB3dE5gH7jK9".repeat(3));
        let text = format!("{}{secret}{}TOKEN", "a ".repeat(400), " b".repeat(190));
        let excerpt = take(&text, "TOKEN", &[]);
        assert!(excerpt.cut_before);
        assert!(excerpt.text.starts_with("****"), "{}", excerpt.text);
        assert!(!excerpt.text.contains("jK9"));
    }

    #[test]
    fn bytes_that_are_no_text_have_no_excerpt() {
        let source = Source::new("a", &b"x\xff\n"[..]);
        let span = Span { file: FILE, start: 0, end: 1 };
        let excerpt = excerpt(&source, span, source.point(0), source.point(1), &Masks::new(&[]));
        assert_eq!((excerpt.first_line, &*excerpt.text), (1, ""));
    }

    #[test]
    fn messages_do_not_quote_secrets() {
        let secret = format!("ghp_{}", "aB3dE5gH7jK9".repeat(3));
        assert_eq!(masked(format!("the token {secret} is here")), format!("the token {} is here", "*".repeat(40)));
        assert_eq!(masked("gateway.bind is \"lan\"".to_owned()), "gateway.bind is \"lan\"");
    }
}
