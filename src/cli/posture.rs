//! `clawsift posture export|compare`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::FailOn;

/// The commands about the posture: what is allowed and what happens unasked.
#[derive(Debug, Subcommand)]
pub enum PostureCommand {
    /// Write a snapshot: hosts, files, configuration, schedules, skills, plugins, prompts
    Export(Export),
    /// Compare a snapshot with another one, or with how things are now
    Compare(Compare),
}

/// What `posture export` answers to the shell.
const EXPORT_EXIT_CODES: &str = "\
Exit codes:
  0  the snapshot was written
  2  usage error
  4  incomplete: something could not be read; the snapshot says so
  5  internal error";

/// `clawsift posture export`.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_EXIT_CODES)]
pub struct Export {
    /// Repositories or state directories [default: the current directory]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write the snapshot to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    /// What to look at.
    pub look: Look,
}

/// How to look.
#[derive(Clone, Debug, Default, Args)]
pub struct Look {
    /// The paths are a live state directory: permissions are facts too
    #[arg(long)]
    pub state_dir: bool,
    /// Leave out paths that match; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// A settings file; none is used unless it is named here
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Worker threads [default: one per core]
    #[arg(short = 'j', long = "jobs", value_name = "N")]
    pub jobs: Option<usize>,
}

/// What `posture compare` answers to the shell.
const COMPARE_EXIT_CODES: &str = "\
Exit codes:
  0  nothing new or looser at or above --fail-on
  1  something is
  2  usage error, no snapshot, one of another format, or two of different paths
  4  one of the two is incomplete: refused unless --force
  5  internal error";

/// `clawsift posture compare`.
#[derive(Debug, Args)]
#[command(after_help = COMPARE_EXIT_CODES)]
pub struct Compare {
    /// The snapshot from before
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,
    /// The snapshot from after, or the paths to look at now [default: the current directory]
    #[arg(value_name = "AFTER")]
    pub after: Vec<PathBuf>,
    /// Report format
    #[arg(long, value_enum, default_value_t = PostureFormat::Text, value_name = "FORMAT")]
    pub format: PostureFormat,
    /// Short for `--format json`
    #[arg(long)]
    pub json: bool,
    /// Exit with 1 from this severity on
    #[arg(long, value_enum, default_value_t = FailOn::Warn, value_name = "SEVERITY")]
    pub fail_on: FailOn,
    /// A file of changes that are agreed on: kind, key, reason, until
    #[arg(long, value_name = "FILE")]
    pub allow: Option<PathBuf>,
    /// Something that is expected to arrive, such as skill=weather; may be repeated
    #[arg(long, value_name = "skill=NAME", value_parser = expected)]
    pub expect: Vec<String>,
    /// Compare even if one of the two is incomplete, or if they are of different paths
    #[arg(long)]
    pub force: bool,
    /// The time that `until` is measured by [default: `SOURCE_DATE_EPOCH`, or the clock]
    #[arg(long, value_name = "TIME", value_parser = super::parse_time)]
    pub now: Option<jiff::Timestamp>,
    #[command(flatten)]
    /// What to look at.
    pub look: Look,
}

/// Formats of `posture compare`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PostureFormat {
    /// For people.
    Text,
    /// One object.
    Json,
    /// For a comment on a pull request.
    Markdown,
    /// SARIF 2.1.0 for code scanning.
    Sarif,
}

fn expected(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some(("skill", name)) if !name.is_empty() => Ok(name.to_owned()),
        _ => Err("expected skill=NAME".to_owned()),
    }
}
