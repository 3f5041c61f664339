//! Troubles with inputs, as opposed to what is found in them.

use serde::Serialize;

/// A trouble with an input rather than with what it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Repository-relative path; empty for the run as a whole.
    pub path: String,
    /// How much it matters; an error makes the run incomplete.
    pub level: Level,
    /// One sentence.
    pub message: String,
}

/// The weight of a [`Diagnostic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something was not checked: the run is incomplete (exit code 4).
    Error,
    /// Worth acting on; everything was checked.
    Warning,
    /// For the curious.
    Note,
}

impl Level {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}
