//! What may be said of one entry although its hash fits.

use std::ops::Range;

/// A property of one entry that neither verifier objects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The line is JSON, but no object.
    NotAnObject,
    /// The line holds a whole JSON export.
    Export,
    /// A field that every entry has is missing: an index of the fields.
    Missing(u8),
    /// A field is of another type than the logger writes: an index of the fields.
    WrongType(u8),
    /// The type is none that the logger knows.
    UnknownType,
    /// The severity is none that the logger knows.
    UnknownSeverity,
    /// The time cannot be read as one.
    NoTime,
    /// The time is not in the form that the logger writes.
    OtherTime,
    /// A field that is not hashed.
    UnknownField,
    /// A key stands twice.
    DuplicateKey,
    /// A number that stands for several.
    LossyNumber,
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// Nested so deep that some versions of Node cannot verify it.
    Deep,
    /// The line ends with a carriage return.
    CarriageReturn,
    /// The fields stand in another order.
    FieldOrder,
    /// Numbers, blanks or escapes are written in another way.
    Spelling,
    /// Blanks that are trimmed only at the ends of the file.
    Padding,
}

impl What {
    /// Is it about the form of the line alone, which a tool that rewrites it changes?
    #[must_use]
    pub const fn is_form(self) -> bool {
        matches!(self, Self::CarriageReturn | Self::FieldOrder | Self::Spelling | Self::Padding)
    }
}

/// Something to say about an entry, and the bytes of its line that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What.
    pub what: What,
    /// Where in the line.
    pub at: Range<usize>,
}
