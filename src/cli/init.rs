//! `clawsift init`.

use std::path::PathBuf;

use clap::Args;

/// What `init` answers to the shell.
const EXIT_CODES: &str = "\
Exit codes:
  0  every file is there now, or a snippet says what to add
  2  usage error, or a file could not be written";

/// `clawsift init`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Init {
    /// The root of the repository
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// Print what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The commit of the action that the workflow runs, as 40 hex digits [default: the tag of this version]
    #[arg(long, value_name = "COMMIT", value_parser = parse_commit)]
    pub action_ref: Option<String>,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

fn parse_commit(text: &str) -> Result<String, String> {
    let valid = text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if valid { Ok(text.to_owned()) } else { Err("expected a commit of 40 lower-case hex digits".to_owned()) }
}
