//! The last stage: the verdict in the format that somebody reads.

pub mod concise;
pub mod escape;
pub mod github;
pub mod json;
pub mod line_hash;
pub mod ndjson;
pub mod sarif;
pub mod text;

/// The report formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Format {
    /// For people: excerpts with carets, grouped by file.
    Text,
    /// One line a finding.
    Concise,
    /// One object: the contract with other programs.
    Json,
    /// One object a line.
    Ndjson,
    /// SARIF 2.1.0 for code scanning.
    Sarif,
    /// GitHub workflow commands.
    Github,
}
