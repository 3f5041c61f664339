//! Where text comes from: files, byte spans, lines and columns.
//!
//! A [`Sources`] owns all text of one unit (a configuration root with its includes, or one side
//! file). Everything else carries [`Span`]s. Lines and columns exist only after a finding has been
//! settled (`finding::Settled`), so no stage left of the report counts lines.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Names a file: of the configuration at hand, a side file of the project, or a bare tree entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

impl FileId {
    const DOCUMENT: u32 = 1 << 31;
    const ENTRY: u32 = 1 << 30;

    /// The side file at this index of the project's documents.
    #[must_use]
    pub fn document(index: usize) -> Self {
        Self(Self::DOCUMENT | offset(index))
    }

    /// The entry at this index of the tree: a path whose content was not read.
    #[must_use]
    pub fn entry(index: usize) -> Self {
        Self(Self::ENTRY | offset(index))
    }

    /// What the id names.
    #[must_use]
    pub const fn owner(self) -> Owner {
        if self.0 & Self::DOCUMENT != 0 {
            Owner::Document((self.0 & !Self::DOCUMENT) as usize)
        } else if self.0 & Self::ENTRY != 0 {
            Owner::Entry((self.0 & !Self::ENTRY) as usize)
        } else {
            Owner::Unit(self.0 as usize)
        }
    }
}

/// Who holds the text behind a [`FileId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The configuration at hand: an index into its [`Sources`].
    Unit(usize),
    /// The project: an index into its documents.
    Document(usize),
    /// Nobody: an index into the tree's entries.
    Entry(usize),
}

/// A half-open range of bytes in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of a whole file as far as a reader needs it: its first byte.
    #[must_use]
    pub const fn file_start(file: FileId) -> Self {
        Self { file, start: 0, end: 0 }
    }
}

/// A 1-based line and a 1-based column in UTF-16 code units (what SARIF and editors count).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in UTF-16 code units.
    pub column: u32,
    /// Column, from 1, in bytes; 0 where it is not known.
    pub byte: u32,
}

/// Where a piece of a file begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The byte.
    pub offset: u64,
    /// The line, from 1.
    pub line: u32,
    /// UTF-16 code units before it on that line.
    pub column: u32,
}

impl Default for Origin {
    fn default() -> Self {
        Self { offset: 0, line: 1, column: 0 }
    }
}

/// One file as it was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Repository-relative path with `/`; what every report shows.
    pub path: Arc<str>,
    /// The bytes on disk; of a text in another encoding than UTF-8 those of the converted text.
    pub bytes: Arc<[u8]>,
    /// The place of the `$include` that brought this file in; none for the root.
    pub included_at: Option<Span>,
    /// Where the bytes begin, when they are a piece of a larger file.
    pub origin: Option<Origin>,
    /// The same bytes, when they are UTF-8.
    text: Option<Arc<str>>,
    lines: OnceLock<Vec<u32>>,
    marks: OnceLock<Vec<u32>>,
}

/// Bytes between two places of a line whose columns are kept.
const STRIDE: usize = 1024;

impl Source {
    /// A file that was read from `path`.
    #[must_use]
    pub fn new(path: impl Into<Arc<str>>, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes: Arc<[u8]> = bytes.into();
        let text: Option<Arc<str>> = std::str::from_utf8(&bytes).ok().map(Arc::from);
        // The text is kept once; what is no text has only bytes.
        let bytes = text.as_ref().map_or(bytes, |text| Arc::from(Arc::clone(text)));
        let (lines, marks) = (OnceLock::new(), OnceLock::new());
        Self { path: path.into(), bytes, included_at: None, origin: None, text, lines, marks }
    }

    /// A piece of a file that is too large to be held. Spans and points count from its first byte.
    #[must_use]
    pub fn piece(path: impl Into<Arc<str>>, bytes: impl Into<Arc<[u8]>>, origin: Origin) -> Self {
        Self { origin: Some(origin), ..Self::new(path, bytes) }
    }

    /// A file whose text is known already.
    #[must_use]
    pub fn from_text(path: impl Into<Arc<str>>, text: Arc<str>) -> Self {
        let (path, bytes) = (path.into(), Arc::from(Arc::clone(&text)));
        let (lines, marks) = (OnceLock::new(), OnceLock::new());
        Self { path, bytes, included_at: None, origin: None, text: Some(text), lines, marks }
    }

    /// The text, when it is valid UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The text between two byte offsets; empty when the range is not text.
    #[must_use]
    pub fn slice(&self, start: u32, end: u32) -> &str {
        match self.text() {
            Some(text) => text.get(start as usize..end as usize),
            None => self.bytes.get(start as usize..end as usize).and_then(|bytes| std::str::from_utf8(bytes).ok()),
        }
        .unwrap_or_default()
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', &self.bytes).map(|at| offset(at + 1));
            std::iter::once(0).chain(ends).collect()
        })
    }

    /// The number of lines; a final newline does not start another one.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        let starts = self.line_starts();
        let last = starts.last().copied().unwrap_or(0);
        offset(starts.len()) - u32::from(starts.len() > 1 && last as usize == self.bytes.len())
    }

    /// The bytes of a 1-based line without its line ending.
    #[must_use]
    pub fn line_range(&self, line: u32) -> (u32, u32) {
        let starts = self.line_starts();
        let index = line.saturating_sub(1) as usize;
        let size = offset(self.bytes.len());
        let start = starts.get(index).copied().unwrap_or(size);
        let mut end = starts.get(index + 1).map_or(size, |next| next - 1);
        if end > start && self.bytes.get(end as usize - 1) == Some(&b'\r') {
            end -= 1;
        }
        (start, end)
    }

    /// Line and UTF-16 column of a byte offset. A byte order mark counts no column.
    #[must_use]
    pub fn point(&self, at: u32) -> Point {
        let starts = self.line_starts();
        let line = starts.partition_point(|&start| start <= at).max(1);
        let start = starts.get(line - 1).copied().unwrap_or(0) as usize;
        let at = (at as usize).clamp(start, self.bytes.len());
        // A file of one line of megabytes: from the nearest mark on the same line.
        let mark = at / STRIDE;
        let (from, known) = match self.marks().get(mark) {
            Some(units) if mark * STRIDE > start => (mark * STRIDE, *units),
            _ => (start, 0),
        };
        let units = known + self.bytes.get(from..at).map_or(0, units);
        let bom = u32::from(line == 1 && at >= BOM.len() && self.bytes.starts_with(BOM));
        let mark = if bom > 0 { BOM.len() } else { 0 };
        Point { line: offset(line), column: units - bom + 1, byte: offset(at - start - mark) + 1 }
    }

    /// For every multiple of [`STRIDE`] the UTF-16 code units between the start of its line and it.
    fn marks(&self) -> &[u32] {
        self.marks.get_or_init(|| {
            let mut marks = Vec::with_capacity(self.bytes.len() / STRIDE + 1);
            let mut known = 0;
            for chunk in self.bytes.chunks(STRIDE) {
                marks.push(known);
                known = match memchr::memrchr(b'\n', chunk) {
                    Some(feed) => chunk.get(feed + 1..).map_or(0, units),
                    None => known + units(chunk),
                };
            }
            marks
        })
    }
}

const BOM: &[u8] = "\u{feff}".as_bytes();

/// The UTF-16 code units of a piece of UTF-8 text: one where a character starts, and one more where it
/// is one of those that need two.
fn units(text: &[u8]) -> u32 {
    let of = |byte: &u8| u32::from(byte & 0xc0 != 0x80) + u32::from(*byte >= 0xf0);
    text.iter().map(of).sum()
}

/// The text of one unit.
#[derive(Debug, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds a file and names it.
    pub fn add(&mut self, source: Source) -> FileId {
        self.0.push(source);
        FileId(offset(self.0.len() - 1))
    }

    /// Adds a file that an `$include` at `at` brought in.
    pub fn add_included(&mut self, mut source: Source, at: Span) -> FileId {
        source.included_at = Some(at);
        self.add(source)
    }

    /// The file behind an id of this very collection.
    #[must_use]
    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.0.get(file.0 as usize)
    }

    /// All files, in the order they were read.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// The text under a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).map_or("", |source| source.slice(span.start, span.end))
    }

    /// The chain of `$include`s that brought a file in, nearest first.
    pub fn included_from(&self, file: FileId) -> impl Iterator<Item = Span> {
        let at = |file| self.get(file).and_then(|source| source.included_at);
        std::iter::successors(at(file), move |span| at(span.file))
    }
}

/// The nearest character boundary at or before a byte.
#[must_use]
pub fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// The nearest character boundary at or after a byte.
#[must_use]
pub fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// The first characters of a text, in at most so many bytes.
#[must_use]
pub fn first(text: &str, most: usize) -> &str {
    text.get(..floor(text, most)).unwrap_or_default()
}

/// The last characters of a text, in at most so many bytes.
#[must_use]
pub fn last(text: &str, most: usize) -> &str {
    text.get(ceil(text, text.len().saturating_sub(most))..).unwrap_or_default()
}

/// Bytes of a very long line that are looked at on either side.
const LINE_REACH: usize = 2048;

/// The line around a byte, its end left out; of a very long one the surroundings.
#[must_use]
pub fn line_around(text: &str, at: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let low = at.saturating_sub(LINE_REACH);
    let high = at.saturating_add(LINE_REACH).min(bytes.len());
    let start = bytes.get(low..at).and_then(|part| memchr::memrchr(b'\n', part)).map_or(low, |feed| low + feed + 1);
    let end = bytes.get(at..high).and_then(|part| memchr::memchr(b'\n', part)).map_or(high, |feed| at + feed);
    floor(text, start)..floor(text, end)
}

/// A byte offset as the 32 bits that spans use. Files are limited to 16 MiB long before this saturates.
#[must_use]
pub fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        let text = "aé😀b";
        assert_eq!((floor(text, 2), ceil(text, 2), floor(text, 99), ceil(text, 99)), (1, 3, 8, 8));
        assert_eq!((first(text, 2), first(text, 3), first(text, 99)), ("a", "aé", text));
        assert_eq!((last(text, 1), last(text, 4), last(text, 5), last(text, 99)), ("b", "b", "😀b", text));
        assert_eq!(line_around("ab\ncé\nd", 4), 3..6);
        let long = "é".repeat(4_000);
        let line = line_around(&long, 4_001);
        assert!(long.get(line.clone()).is_some() && line.len() < 4_100, "{line:?}");
    }

    #[test]
    fn columns_of_long_lines_are_those_of_short_ones() {
        let line = "\u{feff}é😀a\r\n".to_owned() + &"é😀ab".repeat(1_000) + "\n" + &"x".repeat(STRIDE) + "\n\ny😀";
        let source = Source::new("a", line.as_bytes());
        let (mut row, mut column, mut byte) = (1, 1, 1);
        for (at, c) in line.char_indices() {
            assert_eq!(source.point(offset(at)), Point { line: row, column, byte }, "{at}");
            match c {
                '\n' => (row, column, byte) = (row + 1, 1, 1),
                '\u{feff}' => {}
                c => (column, byte) = (column + offset(c.len_utf16()), byte + offset(c.len_utf8())),
            }
        }
        assert_eq!(source.point(offset(line.len())), Point { line: row, column, byte });
    }
}
