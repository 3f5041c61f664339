//! What can be typed: one definition for the parser, `--help`, completions and the man page.

mod baseline;
mod compare;
mod init;
pub mod log;
pub mod posture;
pub mod reports;
mod signing;
mod skill;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::finding::{Confidence, Severity};
use crate::model::dialect::Release;
use crate::rule::{Profile, Scope};

pub use baseline::{BaselineCommand, BaselineFlags, Create, Explain, How, Merge, Prune, Scan, Update};
pub use compare::{Compare, CompareFormat};
pub use init::Init;
pub use signing::{
    AddKey, Keygen, KeysCommand, KeysFormat, ListKeys, RemoveKey, Sign, TrustChoice, TrustKey, TrustLevel, Verify,
};
pub use skill::{Digest, DigestFormat, SkillCommand};

/// Lint OpenClaw and ClosedClaw configuration and the skills of agents.
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
    /// List every rule
    Rules {
        /// Print `text`, `json` or `markdown`
        #[arg(long, value_enum, default_value_t = RulesFormat::Text, value_name = "FORMAT")]
        format: RulesFormat,
        /// Short for `--format json`
        #[arg(long)]
        json: bool,
    },
    /// Explain one rule: why it matters, what to do, examples
    Explain {
        /// The rule's id, as in a report
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Look at one configuration as the loader sees it
    Config {
        /// What to look at.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Audit logs of ClosedClaw: verify, count, search, export, anchor
    Log {
        /// What to do with them.
        #[command(subcommand)]
        command: Box<log::LogCommand>,
    },
    /// Sign and verify skills, and take their digests
    Skill {
        /// What to do with it.
        #[command(subcommand)]
        command: SkillCommand,
    },
    /// Keep the keyring: whose signatures are trusted
    Keys {
        /// What to do with it.
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Take a snapshot of what is allowed and what runs unasked, and compare it with a later one
    Posture {
        /// What to do.
        #[command(subcommand)]
        command: Box<posture::PostureCommand>,
    },
    /// Write settings, a workflow and a pre-commit entry into a repository, never over what is there
    Init(Init),
    /// Live with the findings of today, and see what is new
    Baseline {
        /// What to do with it.
        #[command(subcommand)]
        command: Box<BaselineCommand>,
    },
    /// Tell what is new, gone and unchanged between two reports, baselines or trees
    Compare(Box<Compare>),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Formats of `rules`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RulesFormat {
    /// One line a rule.
    Text,
    /// An array with everything about each rule.
    Json,
    /// The page `docs/rules.md`.
    Markdown,
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
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    pub target_version: Option<VersionChoice>,
    /// The product to read it as
    #[arg(long, value_enum)]
    pub dialect: Option<DialectChoice>,
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

/// What `check` answers to the shell.
const EXIT_CODES: &str = "\
Exit codes:
  0  clean: nothing at or above --fail-on
  1  findings at or above --fail-on
  2  usage or settings error
  3  nothing to check was found
  4  incomplete: an input could not be read or parsed, or a limit was hit; wins over 1
  5  internal error: a rule failed, the others still ran";

/// `clawsift check`.
#[derive(Debug, Default, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Check {
    /// Files, directories and archives to scan; `-` reads a file from standard input [default: the current directory]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Also scan the paths listed in a file, one a line or separated by NUL; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,
    /// Check only what differs from this commit: changed skills and configurations as a whole
    #[arg(long, value_name = "REF")]
    pub changed_since: Option<String>,
    /// The paths are changed files: check the skills and configurations that they belong to, as a whole
    #[arg(long, conflicts_with_all = ["changed_since", "stdin_filename", "state_dir"])]
    pub affected: bool,
    /// The name of the file that `-` reads [default: SKILL.md]
    #[arg(long, value_name = "NAME")]
    pub stdin_filename: Option<PathBuf>,

    /// Report format on standard output [default: text]
    #[arg(long, visible_alias = "output-format", value_enum, help_heading = "Reports")]
    pub format: Option<Format>,
    /// Short for `--format json`
    #[arg(long, help_heading = "Reports")]
    pub json: bool,
    /// Write another report of the same scan to a file; may be repeated
    #[arg(long, value_name = "FORMAT=FILE", value_parser = parse_output, help_heading = "Reports")]
    pub output: Vec<(Format, PathBuf)>,
    /// How they are to be.
    #[command(flatten)]
    pub reports: reports::Reports,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN", help_heading = "Reports")]
    pub color: ColorChoice,
    /// Print findings only: no summary, no notes
    #[arg(short, long, help_heading = "Reports")]
    pub quiet: bool,
    /// Say more: which release each configuration is checked against and why
    #[arg(short, long, conflicts_with = "quiet", help_heading = "Reports")]
    pub verbose: bool,
    /// Show what is suppressed, too, with its reason (text and concise; the others always have it)
    #[arg(long, help_heading = "Reports")]
    pub show_suppressed: bool,
    /// No progress bar
    #[arg(long, help_heading = "Reports")]
    pub no_progress: bool,

    /// Whose judgement [default: regular]
    #[arg(long, value_enum, value_name = "PROFILE", help_heading = "Judgement")]
    pub profile: Option<Profile>,
    /// The release that reads the configurations: auto, 2026.2.24, 2026.5.12 or 2026.9.6 [default: auto]
    #[arg(long, value_name = "VERSION", value_parser = parse_version, help_heading = "Judgement")]
    pub target_version: Option<VersionChoice>,
    /// The product that reads them [default: auto]
    #[arg(long, value_enum, value_name = "DIALECT", help_heading = "Judgement")]
    pub dialect: Option<DialectChoice>,
    /// Run only these rules or id prefixes, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "ID", value_parser = parse_id, help_heading = "Judgement")]
    pub select: Vec<String>,
    /// Do not run these rules or id prefixes, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "ID", value_parser = parse_id, help_heading = "Judgement")]
    pub ignore: Vec<String>,
    /// Run only rules of these scopes
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SCOPE", help_heading = "Judgement")]
    pub scope: Vec<Scope>,
    /// Hide findings below this severity
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Judgement")]
    pub min_severity: Option<Severity>,
    /// Hide findings less sure than this
    #[arg(long, value_enum, value_name = "CONFIDENCE", help_heading = "Judgement")]
    pub min_confidence: Option<Confidence>,
    /// Exit with 1 from this severity on [default: critical]
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Judgement")]
    pub fail_on: Option<FailOn>,
    /// Never exit with 1: short for `--fail-on never`
    #[arg(long, conflicts_with = "fail_on", help_heading = "Judgement")]
    pub exit_zero: bool,
    /// Read variables from the process environment, the state directory's .env and env.vars
    #[arg(long, help_heading = "Judgement")]
    pub use_env: bool,
    /// The paths are a live state directory: permission rules apply
    #[arg(long, help_heading = "Judgement")]
    pub state_dir: bool,
    /// Read the code of skills and plugins in the upstream profile too; the other profiles always do
    #[arg(long, help_heading = "Judgement")]
    pub deep: bool,
    /// Ignore nothing: neither by comments nor by a configuration's own suppressions
    #[arg(long, help_heading = "Judgement")]
    pub no_ignores: bool,
    /// Let comments and settings inside of skills count, whoever wrote them
    #[arg(long, help_heading = "Judgement")]
    pub trust_in_tree: bool,
    /// The time that ages and the ends of ignores are measured by, such as 2026-09-06T00:00:00Z [default: `SOURCE_DATE_EPOCH`, or the clock]
    #[arg(long, value_name = "TIME", value_parser = parse_time, help_heading = "Judgement")]
    pub now: Option<jiff::Timestamp>,

    /// What is known already.
    #[command(flatten)]
    pub baselines: BaselineFlags,

    /// Print a diff that fixes what can be fixed: only what is safe, or with `=all` all that an edit can do
    #[arg(long, value_enum, value_name = "WHICH", num_args = 0..=1, require_equals = true,
        default_missing_value = "safe", help_heading = "Fixes")]
    pub fix: Option<FixChoice>,
    /// Write the fixes into the files instead of printing a diff
    #[arg(long, requires = "fix", help_heading = "Fixes")]
    pub apply: bool,

    /// Write a snapshot of the posture beside the scan, as `posture export` does
    #[arg(long, value_name = "FILE", conflicts_with_all = ["changed_since", "fix"], help_heading = "Before and after")]
    pub export_baseline: Option<PathBuf>,
    /// Show what changed since such a snapshot, as `posture compare` does; --fail-on counts for it too
    #[arg(long, value_name = "FILE", conflicts_with_all = ["changed_since", "fix"], help_heading = "Before and after")]
    pub compare_baseline: Option<PathBuf>,

    /// Leave out paths that match; may be repeated
    #[arg(long, value_name = "GLOB", help_heading = "Files")]
    pub exclude: Vec<String>,
    /// Apply excludes to named files too
    #[arg(long, help_heading = "Files")]
    pub force_exclude: bool,
    /// Honour ignore files
    #[arg(long, overrides_with = "no_gitignore", help_heading = "Files")]
    pub gitignore: bool,
    /// Do not honour ignore files; the default
    #[arg(long, help_heading = "Files")]
    pub no_gitignore: bool,
    /// The settings file [default: clawsift.json5 or .github/clawsift.json5 at the repository root]
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub settings: Option<PathBuf>,
    /// Use no settings file
    #[arg(long, conflicts_with = "settings", help_heading = "Files")]
    pub no_settings: bool,
    /// Worker threads [default: one per core]
    #[arg(short = 'j', long = "jobs", value_name = "N", help_heading = "Files")]
    pub jobs: Option<usize>,
}

/// `--fix`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FixChoice {
    /// Only what makes nothing stop that works as intended.
    Safe,
    /// Also what a person should look at.
    All,
}

/// `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    #[default]
    /// On a terminal, unless `NO_COLOR` says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `--target-version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionChoice {
    /// Decide by the evidence.
    Auto,
    /// This one.
    Release(Release),
}

/// Reads `--target-version` and the settings' `targetVersion`.
///
/// # Errors
/// When the version is none that we know.
pub fn parse_version(text: &str) -> Result<VersionChoice, String> {
    if text == "auto" {
        return Ok(VersionChoice::Auto);
    }
    let known = Release::ALL.into_iter().find(|release| release.as_str() == text.trim_start_matches('v'));
    known
        .map(VersionChoice::Release)
        .ok_or_else(|| crate::settings::unknown("version", text, &["auto", "2026.2.24", "2026.5.12", "2026.9.6"]))
}

fn parse_time(text: &str) -> Result<jiff::Timestamp, String> {
    text.parse().map_err(|_| "expected a time such as 2026-09-06T00:00:00Z".to_owned())
}

fn parse_id(text: &str) -> Result<String, String> {
    crate::settings::known_id(text).map(|()| text.to_owned())
}

fn parse_output(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text.split_once('=').ok_or("expected FORMAT=FILE")?;
    if file.is_empty() {
        return Err("expected a file after `=`".to_owned());
    }
    Ok((Format::from_str(format, false)?, file.into()))
}

/// The report formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Format {
    /// For people: excerpts with carets, grouped by file
    Text,
    /// One line a finding
    Concise,
    /// One object: the contract with other programs
    Json,
    /// One object a line
    Ndjson,
    /// SARIF 2.1.0 for code scanning
    Sarif,
    /// GitHub workflow commands: annotations
    Github,
    /// Markdown for a job summary, at most 1,000,000 bytes
    Markdown,
    /// One HTML page for people who have no terminal
    Html,
    /// GitLab code quality
    Gitlab,
    /// XML as test runners write it for Jenkins and others: a test suite a file
    Junit,
    /// Checkstyle XML
    Checkstyle,
    /// Reviewdog Diagnostic Format, with suggestions
    Rdjson,
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
