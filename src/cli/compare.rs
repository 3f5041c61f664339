//! `clawsift compare`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{FailOn, How};

/// What `compare` answers to the shell.
const EXIT_CODES: &str = "\
Exit codes:
  0  nothing new at or above --fail-on
  1  new findings at or above --fail-on
  2  usage error, or a side that cannot be read
  4  incomplete: an input of a side could not be read or parsed; wins over 1
  5  internal error: a rule failed";

/// `clawsift compare`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Compare {
    /// OLD and NEW: each a report (JSON or SARIF), a baseline or a directory; with --git only NEW [default: the current directory]
    #[arg(value_name = "SIDE", num_args = 0..=2)]
    pub sides: Vec<PathBuf>,
    /// Compare with the files of this commit, read from git's objects
    #[arg(long, value_name = "REF")]
    pub git: Option<String>,
    /// Take settings, suppressions and ignores of the working tree from this commit: what it adds is inactive
    #[arg(long, value_name = "REF", requires = "git")]
    pub trust_from_git: Option<String>,
    /// Print `text`, `json`, `sarif` or `markdown`
    #[arg(long, value_enum, default_value_t = CompareFormat::Text, value_name = "FORMAT")]
    pub format: CompareFormat,
    /// Short for `--format json`
    #[arg(long)]
    pub json: bool,
    /// Exit with 1 for new findings from this severity on
    #[arg(long, value_enum, default_value_t = FailOn::Critical, value_name = "SEVERITY")]
    pub fail_on: FailOn,
    /// Also for findings of rules that are newer than the old side
    #[arg(long)]
    pub fail_on_new_rules: bool,
    /// List what is unchanged, too
    #[arg(short, long)]
    pub verbose: bool,
    /// How directories are scanned.
    #[command(flatten)]
    pub how: How,
}

/// Formats of `compare`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// One line a finding.
    Text,
    /// One object.
    Json,
    /// SARIF 2.1.0 with `baselineState`.
    Sarif,
    /// A table for a comment.
    Markdown,
}
