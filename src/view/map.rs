//! From the bytes of a layer back to the bytes of the text.

use std::ops::Range;

use crate::source::offset;

/// Where each byte of a layer comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetMap(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Everything comes from one run: decoders keep no places.
    Whole(Range<usize>),
    /// Pieces in order of both texts.
    Pieces { pieces: Vec<Piece>, new_end: u32, old_end: u32 },
}

/// Neighbouring characters that were treated alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    /// First byte in the layer.
    new: u32,
    /// First byte in the text.
    old: u32,
    /// Bytes that one of them takes in the layer; none when they were removed.
    out: u8,
    /// Bytes that one of them takes in the text. A verbatim piece counts single bytes.
    width: u8,
}

impl OffsetMap {
    /// Everything comes from this run.
    #[must_use]
    pub const fn whole(run: Range<usize>) -> Self {
        Self(Kind::Whole(run))
    }

    /// Do these bytes of the layer stand in the text as they are?
    #[must_use]
    pub fn is_verbatim(&self, range: Range<usize>) -> bool {
        let Kind::Pieces { pieces, .. } = &self.0 else { return false };
        let first = pieces.partition_point(|piece| piece.new <= offset(range.start)).saturating_sub(1);
        let end = pieces.partition_point(|piece| piece.new < offset(range.end)).max(first);
        pieces.get(first..end).is_some_and(|pieces| pieces.iter().all(|piece| (piece.out, piece.width) == (1, 1)))
    }

    /// The bytes of the text behind a range of the layer. Out of bounds is cut off; a range on
    /// character boundaries gives character boundaries.
    #[must_use]
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        let (pieces, new_end, old_end) = match &self.0 {
            Kind::Whole(run) => return run.clone(),
            Kind::Pieces { pieces, new_end, old_end } => (pieces, *new_end, *old_end),
        };
        let start = offset(range.start).min(new_end);
        let end = offset(range.end).clamp(start, new_end);
        let first = match pieces.partition_point(|piece| piece.new <= start).checked_sub(1) {
            Some(index) if start < new_end => pieces.get(index).map_or(0, |piece| piece.before(start)),
            _ => old_end,
        };
        let last = match pieces.partition_point(|piece| piece.new < end).checked_sub(1) {
            Some(index) if end > start => pieces.get(index).map_or(old_end, |piece| piece.after(end)),
            _ => first,
        };
        first as usize..last.max(first) as usize
    }
}

impl Piece {
    /// Where in the text the unit begins that holds this byte of the layer.
    fn before(&self, new: u32) -> u32 {
        self.old + (new - self.new).checked_div(u32::from(self.out)).unwrap_or(0) * u32::from(self.width)
    }

    /// Where in the text the unit ends that holds the byte before this one of the layer.
    fn after(&self, new: u32) -> u32 {
        let units = if self.out == 0 { 0 } else { (new - self.new).div_ceil(u32::from(self.out)) };
        self.old + units * u32::from(self.width)
    }
}

/// Builds a layer character by character.
#[derive(Debug, Default)]
pub(super) struct Folding {
    text: String,
    pieces: Vec<Piece>,
    old: u32,
}

impl Folding {
    /// The pieces so far.
    pub(super) fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// How much of the text has been taken, in bytes.
    pub(super) fn taken(&self) -> usize {
        self.old as usize
    }

    /// Takes text as it is.
    pub(super) fn copy(&mut self, text: &str) {
        if !text.is_empty() {
            self.piece(1, 1);
            self.text.push_str(text);
            self.old += offset(text.len());
        }
    }

    /// Takes a character of `width` bytes as an ASCII one.
    pub(super) fn replace(&mut self, width: usize, ascii: u8) {
        self.piece(1, width);
        self.text.push(char::from(ascii));
        self.old += offset(width);
    }

    /// Takes a character of `width` bytes as nothing.
    pub(super) fn remove(&mut self, width: usize) {
        self.piece(0, width);
        self.old += offset(width);
    }

    fn piece(&mut self, out: u8, width: usize) {
        let width = u8::try_from(width).unwrap_or(u8::MAX);
        if self.pieces.last().is_none_or(|last| (last.out, last.width) != (out, width)) {
            self.pieces.push(Piece { new: offset(self.text.len()), old: self.old, out, width });
        }
    }

    /// The layer's text and its map.
    pub(super) fn finish(self) -> (String, OffsetMap) {
        let new_end = offset(self.text.len());
        (self.text, OffsetMap(Kind::Pieces { pieces: self.pieces, new_end, old_end: self.old }))
    }
}
