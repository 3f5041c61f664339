//! What a file that is no text holds, as far as rules ask. Its bytes are not kept.

use crate::syntax::magic::{Bytecode, FileKind};

/// What was found in a file beyond its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Inside {
    /// Nothing that rules ask about.
    #[default]
    Nothing,
    /// The header of compiled Python.
    Bytecode(Bytecode),
    /// A pickle, or a model that holds pickles.
    Pickle {
        /// What reading it would call that no stored data needs.
        calls: Option<String>,
    },
    /// An archive.
    Archive(Packed),
}

/// What an archive inside a skill holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// How many entries; none when it cannot be opened or is damaged from the start.
    pub entries: Option<usize>,
    /// Is any entry encrypted?
    pub encrypted: bool,
    /// A name that leads out of the archive.
    pub outside: Option<String>,
    /// A program among its entries, with what it is.
    pub program: Option<(String, FileKind)>,
    /// A name that its two headers spell differently, so that two programs would unpack two things.
    pub disguised: Option<String>,
    /// It is a single packed file, such as a compressed table.
    pub single: bool,
}
