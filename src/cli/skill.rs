//! `clawsift skill`: commands about one skill.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::signing::{Keygen, Sign, Verify};

/// The commands about one skill.
#[derive(Debug, Subcommand)]
pub enum SkillCommand {
    /// Print the digest that OpenClaw records for an installed skill: fileTreeSha256
    Digest(Digest),
    /// Verify the signatures of skills, and their signed lists of files
    Verify(Verify),
    /// Sign a skill, and with --manifest every file of it
    Sign(Sign),
    /// Make a key pair to sign skills with
    Keygen(Keygen),
}

/// What `skill digest` answers to the shell.
const EXIT_CODES: &str = "\
Exit codes:
  0  the digest was printed
  1  OpenClaw makes no digest of such a directory: it holds a link or a special file
  2  usage error, or the path is no directory
  3  the directory does not exist
  4  something in it could not be read, or it is too large";

/// `clawsift skill digest`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Digest {
    /// The skill's directory
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Print `text` or `json`
    #[arg(long, value_enum, default_value_t = DigestFormat::Text, value_name = "FORMAT")]
    pub format: DigestFormat,
    /// Short for `--format json`
    #[arg(long)]
    pub json: bool,
}

/// Formats of `skill digest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DigestFormat {
    /// The digest alone.
    Text,
    /// An object with `fileTreeSha256` or `error`.
    Json,
}
