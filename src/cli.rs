//! What can be typed: one definition for the parser, `--help`, completions and the man page.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::finding::{Confidence, Severity};
use crate::report::Format;
use crate::rule::{Profile, Scope};

/// Lint OpenClaw and ClosedClaw configuration kept in git.
#[derive(Debug, Parser)]
#[command(name = "clawsift", version, about, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan files and directories and report what is wrong
    #[command(visible_alias = "audit")]
    Check(Box<Check>),
    /// Look at one configuration as the loader sees it
    Config {
        /// What to look at.
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

/// The commands about one configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the resolved configuration and where each value comes from
    Show(Show),
}

/// `clawsift config show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The root configuration file
    pub file: PathBuf,
    /// Print `text` or `json`
    #[arg(long, value_enum, default_value_t = ShowFormat::Text)]
    pub format: ShowFormat,
    /// The release to read it as
    #[arg(long, value_name = "VERSION", default_value = "auto")]
    pub target_version: String,
    /// The product to read it as
    #[arg(long, value_enum, default_value_t = DialectChoice::Auto)]
    pub dialect: DialectChoice,
    /// Read variables from the process environment
    #[arg(long)]
    pub use_env: bool,
    /// Print secrets instead of masking them
    #[arg(long)]
    pub show_secrets: bool,
}

/// Formats of `config show`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShowFormat {
    /// One line a value.
    Text,
    /// One object.
    Json,
}

/// `--dialect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DialectChoice {
    /// Decide by the evidence.
    Auto,
    /// OpenClaw.
    Openclaw,
    /// ClosedClaw.
    Closedclaw,
    /// The hardening handbook's dialect.
    Handbook,
}

/// `clawsift check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Files and directories to scan
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Report format on standard output
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub format: Format,
    /// Whose judgement
    #[arg(long, value_enum, value_name = "PROFILE")]
    pub profile: Option<Profile>,
    /// The release to check against: auto, 2026.2.24, 2026.5.12 or 2026.9.6
    #[arg(long, value_name = "VERSION", default_value = "auto")]
    pub target_version: String,
    /// The product to check against
    #[arg(long, value_enum, default_value_t = DialectChoice::Auto, value_name = "DIALECT")]
    pub dialect: DialectChoice,
    /// Run only these rules or id prefixes
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub select: Vec<String>,
    /// Do not run these rules or id prefixes
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub ignore: Vec<String>,
    /// Run only rules of these scopes
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SCOPE")]
    pub scope: Vec<Scope>,
    /// Hide findings below this severity
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub min_severity: Option<Severity>,
    /// Hide findings less sure than this
    #[arg(long, value_enum, value_name = "CONFIDENCE")]
    pub min_confidence: Option<Confidence>,
    /// Exit with 1 from this severity on
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Never exit with 1; the same as `--fail-on never`
    #[arg(long)]
    pub exit_zero: bool,
    /// Leave out paths that match
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Honour ignore files
    #[arg(long, overrides_with = "no_gitignore")]
    pub gitignore: bool,
    /// Do not honour ignore files (default)
    #[arg(long)]
    pub no_gitignore: bool,
    /// Apply excludes to named files too
    #[arg(long)]
    pub force_exclude: bool,
    /// Read variables from the process environment, the state directory's .env and env.vars
    #[arg(long)]
    pub use_env: bool,
    /// The paths are a live state directory: permission rules apply
    #[arg(long)]
    pub state_dir: bool,
    /// Worker threads
    #[arg(short = 'j', long = "jobs", value_name = "N")]
    pub jobs: Option<usize>,
}

/// `--fail-on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Only critical findings.
    Critical,
    /// Warnings too.
    Warn,
    /// Everything.
    Info,
    /// Nothing.
    Never,
}
