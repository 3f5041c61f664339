//! The second reading of a text: what a reader of the page does not see, and what an encoding hides.
//!
//! Three questions, each linear in the text and silent on ordinary texts:
//! [`unusual`] lists the places with characters that deceive the eye, [`folded`] gives the text as a
//! machine or a model would take it once those are undone, and [`decoded`] gives what stands behind
//! base64 and its relatives. A [`Layer`] knows for each of its bytes where they came from, so a rule
//! that reads a layer still points into the file.

use std::ops::Range;

mod bytes;
mod decode;
mod escapes;
mod fold;
mod letters;
mod literals;
mod map;
mod marks;
mod numbers;
mod runs;
mod signs;
mod suspect;

pub use decode::{Decoded, decoded};
pub use fold::folded;
pub use map::OffsetMap;
pub use marks::{Kind, Mark, Unusual, unusual};
pub use suspect::suspicious;

/// How a layer was made out of the text before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Look-alike letters made ASCII, invisible characters removed.
    Folded,
    /// Base64, either alphabet.
    Base64,
    /// Base32 of RFC 4648.
    Base32,
    /// Base85 as Python writes it, or Ascii85.
    Base85,
    /// Pairs of hexadecimal digits.
    Hex,
    /// `\x41`, `\u0041`, `\101` or `&#65;`.
    Escapes,
    /// `%41`.
    Percent,
    /// Numbers of characters: `[99, 117]`, `chr(99) + chr(117)`.
    CharCodes,
    /// String literals that stand next to each other, joined.
    Joined,
    /// A string that the code turns round.
    Reversed,
    /// A string that the code shifts by thirteen letters.
    Rot13,
    /// Unicode tag characters.
    Tags,
    /// Bytes in variation selectors.
    Variation,
    /// Bits in zero-width characters.
    ZeroWidth,
    /// Gzip.
    Gzip,
    /// Zlib.
    Zlib,
    /// UTF-16 in little-endian order.
    Utf16,
}

impl Origin {
    /// What a message calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Folded => "look-alike or invisible characters",
            Self::Base64 => "base64",
            Self::Base32 => "base32",
            Self::Base85 => "base85",
            Self::Hex => "hexadecimal digits",
            Self::Escapes => "character escapes",
            Self::Percent => "percent-encoding",
            Self::CharCodes => "character codes",
            Self::Joined => "joined string fragments",
            Self::Reversed => "a reversed string",
            Self::Rot13 => "rot13",
            Self::Tags => "Unicode tag characters",
            Self::Variation => "variation selectors",
            Self::ZeroWidth => "zero-width characters",
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Utf16 => "UTF-16",
        }
    }
}

/// Another reading of a text or of a run in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What it says.
    pub text: String,
    /// Where its bytes come from.
    pub map: OffsetMap,
    /// The last step that made it.
    pub origin: Origin,
    /// All steps, the first one taken first.
    pub chain: Vec<Origin>,
    /// The run in the text as it was given; the whole text for a folded one.
    pub outer: Range<usize>,
    /// There is more than is read: another level, or the rest of a folded text.
    pub deeper: bool,
}

impl Layer {
    /// The steps in words, such as `base64, then gzip`.
    #[must_use]
    pub fn steps(&self) -> String {
        let names: Vec<_> = self.chain.iter().map(|step| step.name()).collect();
        names.join(", then ")
    }
}
