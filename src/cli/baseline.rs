//! `clawsift baseline`, and what `check` may be told about baselines.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Check, DialectChoice, VersionChoice, parse_time, parse_version};
use crate::rule::Profile;

/// What `check` may be told about baselines.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Baseline")]
pub struct BaselineFlags {
    /// The baseline [default: .clawsift-baseline.json at the repository root]
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Use no baseline
    #[arg(long, conflicts_with = "baseline")]
    pub no_baseline: bool,
    /// Leave the findings of the baseline out of every report
    #[arg(long)]
    pub new_only: bool,
    /// List the findings of the baseline, too
    #[arg(long, conflicts_with = "new_only")]
    pub show_baselined: bool,
    /// Exit with 1 when the baseline lists what is not found any more
    #[arg(long)]
    pub fail_on_stale: bool,
    /// Exit with 1 also for findings of rules that are newer than the baseline
    #[arg(long)]
    pub fail_on_new_rules: bool,
    /// Take settings, baseline, suppressions and ignores from this commit: what the working tree adds is inactive
    #[arg(long, value_name = "REF")]
    pub trust_from_git: Option<String>,
}

/// The commands about baselines.
#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Write the findings of today into a new baseline
    Create(Create),
    /// Add findings to the baseline, with a reason
    Update(Update),
    /// Remove what is not found any more, and follow renamed files
    Prune(Prune),
    /// Tell what the baseline says of a finding
    Explain(Explain),
    /// Join two versions of a baseline, as git's merge driver: `clawsift baseline merge %O %A %B`
    Merge(Merge),
}

/// A scan for a baseline.
#[derive(Clone, Debug, Default, Args)]
pub struct Scan {
    /// Files and directories to scan [default: the current directory]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How.
    #[command(flatten)]
    pub how: How,
}

/// How a scan is made: as the `check` that its answer is for.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Scan")]
pub struct How {
    /// Whose judgement [default: regular]
    #[arg(long, value_enum, value_name = "PROFILE")]
    pub profile: Option<Profile>,
    /// The release that reads the configurations [default: auto]
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    pub target_version: Option<VersionChoice>,
    /// The product that reads them [default: auto]
    #[arg(long, value_enum, value_name = "DIALECT")]
    pub dialect: Option<DialectChoice>,
    /// Read variables from the process environment, the state directory's .env and env.vars
    #[arg(long)]
    pub use_env: bool,
    /// The paths are a live state directory: permission rules apply
    #[arg(long)]
    pub state_dir: bool,
    /// Leave out paths that match; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Honour ignore files
    #[arg(long)]
    pub gitignore: bool,
    /// The settings file [default: clawsift.json5 or .github/clawsift.json5 at the repository root]
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Use no settings file
    #[arg(long, conflicts_with = "settings")]
    pub no_settings: bool,
    /// The time that ages are measured by [default: `SOURCE_DATE_EPOCH`, or the clock]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub now: Option<Timestamp>,
    /// Worker threads [default: one per core]
    #[arg(short = 'j', long = "jobs", value_name = "N")]
    pub jobs: Option<usize>,
}

impl How {
    /// The `check` of some paths that it is.
    #[must_use]
    pub fn check(&self, paths: &[PathBuf], baseline: BaselineFlags) -> Check {
        Check {
            paths: paths.to_vec(),
            profile: self.profile,
            target_version: self.target_version,
            dialect: self.dialect,
            use_env: self.use_env,
            state_dir: self.state_dir,
            exclude: self.exclude.clone(),
            gitignore: self.gitignore,
            settings: self.settings.clone(),
            no_settings: self.no_settings,
            now: self.now,
            jobs: self.jobs,
            baselines: baseline,
            ..Check::default()
        }
    }
}

/// What the commands about baselines answer to the shell.
const EXIT_CODES: &str = "\
Exit codes:
  0  done
  2  usage or settings error, or refused
  3  nothing to check was found
  4  incomplete: an input could not be read or parsed, and nothing was written
  5  internal error: a rule failed, and nothing was written";

/// `clawsift baseline create`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Create {
    /// Why the findings are accepted for now
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The last day (UTC) on which they are
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub until: Option<Date>,
    /// Replace a baseline that is there
    #[arg(long)]
    pub force: bool,
    /// Also signatures that do not fit, broken audit logs and secrets in use
    #[arg(long)]
    pub accept_critical: bool,
    /// Where to write it [default: .clawsift-baseline.json at the repository root]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    // Last, because its flags stand under a heading of their own.
    /// How to scan.
    #[command(flatten)]
    pub scan: Scan,
}

/// `clawsift baseline update`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Update {
    /// The fingerprint of a finding to accept, or its first digits; may be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',', required_unless_present = "accept_rule")]
    pub accept: Vec<String>,
    /// A rule whose findings of today are to be accepted; may be repeated
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = super::parse_id)]
    pub accept_rule: Vec<String>,
    /// Why they are accepted
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The last day (UTC) on which they are
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub until: Option<Date>,
    /// Also signatures that do not fit, broken audit logs and secrets in use
    #[arg(long)]
    pub accept_critical: bool,
    /// The baseline [default: .clawsift-baseline.json at the repository root]
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Print the diff alone
    #[arg(long)]
    pub dry_run: bool,
    // Last, because its flags stand under a heading of their own.
    /// How to scan.
    #[command(flatten)]
    pub scan: Scan,
}

/// `clawsift baseline prune`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Prune {
    /// The baseline [default: .clawsift-baseline.json at the repository root]
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Print the diff alone
    #[arg(long)]
    pub dry_run: bool,
    // Last, because its flags stand under a heading of their own.
    /// How to scan.
    #[command(flatten)]
    pub scan: Scan,
}

/// `clawsift baseline explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The fingerprint of a finding, or its first digits
    #[arg(value_name = "ID")]
    pub id: String,
    /// The baseline [default: .clawsift-baseline.json at the repository root]
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// The time that expiry is measured by [default: `SOURCE_DATE_EPOCH`, or the clock]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub now: Option<Timestamp>,
}

/// `clawsift baseline merge`.
#[derive(Debug, Args)]
pub struct Merge {
    /// The version that both come from (git's %O)
    #[arg(value_name = "BASE")]
    pub base: PathBuf,
    /// Our version (%A), which is overwritten with the result
    #[arg(value_name = "OURS")]
    pub ours: PathBuf,
    /// The other version (%B)
    #[arg(value_name = "THEIRS")]
    pub theirs: PathBuf,
}

fn parse_date(text: &str) -> Result<Date, String> {
    let date = (text.len() == 10).then(|| text.parse().ok()).flatten();
    date.ok_or_else(|| "expected a day such as 2027-03-31".to_owned())
}
