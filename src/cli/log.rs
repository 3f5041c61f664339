//! `clawsift log`: everything about audit logs.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// The commands about audit logs.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Verify the chain of an audit log, or an export of one
    Verify(Verify),
    /// Count the entries of an audit log by type and severity
    Stats(Stats),
    /// Print the entries of an audit log that match
    Query(Query),
    /// Write the entries of an audit log that match to a file
    Export(Export),
    /// Write down what an audit log is, so that a later look can tell what was cut off or rewritten
    Anchor(Anchor),
}

/// What `log verify` answers to the shell.
const EXIT_CODES: &str = "\
Exit codes:
  0  intact
  1  not intact: changed, cut, forked, begun anew, or not what an anchor has seen
  2  usage error
  3  the file is not there
  4  incomplete: the file or a line of it could not be read; wins over 1";

/// Formats of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FileKind {
    /// The log itself: one entry a line.
    Jsonl,
    /// A JSON export.
    Json,
    /// A CSV export.
    Csv,
}

/// `clawsift log verify`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Verify {
    /// The logs, or JSON and CSV exports by their extension [default: the log of the state directory]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print `text` or `json`
    #[arg(long, value_enum, default_value_t = TextOrJson::Text, value_name = "FORMAT")]
    pub format: TextOrJson,
    /// Short for `--format json`
    #[arg(long)]
    pub json: bool,
    /// What the files are, whatever they are called
    #[arg(long = "as", value_enum, value_name = "KIND")]
    pub kind: Option<FileKind>,
    /// The log that a CSV export was made of
    #[arg(long, value_name = "LOG")]
    pub against: Option<PathBuf>,
    /// Hold the log to what an anchor has seen [default: the anchor beside the log, if there is one]
    #[arg(long, value_name = "FILE")]
    pub anchor: Option<PathBuf>,
    /// Use no anchor
    #[arg(long, conflicts_with_all = ["anchor", "update_anchor"])]
    pub no_anchor: bool,
    /// When the log is intact, write what it is now to its anchor
    #[arg(long)]
    pub update_anchor: bool,
    /// The keyring that the anchor's signature has to hold under; without one an anchor need not be signed
    /// [default: ClosedClaw's]
    #[arg(long, value_name = "FILE")]
    pub keyring: Option<PathBuf>,
    /// The hash that the first entry has to follow: the last one of the file before
    #[arg(long, value_name = "HASH", value_parser = parse_hash)]
    pub prev_hash: Option<String>,
    /// Print the hash of every entry, by its content
    #[arg(long)]
    pub hashes: bool,
    /// The time that it is, to tell what is dated in the future
    #[arg(long, value_name = "TIME", value_parser = parse_now)]
    pub now: Option<i64>,
    /// Worker threads [default: one per core]
    #[arg(short = 'j', long = "jobs", value_name = "N")]
    pub jobs: Option<usize>,
}

/// `clawsift log stats`.
#[derive(Debug, Args)]
pub struct Stats {
    /// The log [default: the log of the state directory]
    #[arg(value_name = "FILE", conflicts_with = "log")]
    pub file: Option<PathBuf>,
    /// The same
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Verify the chain, too, and exit with 1 when it is not intact
    #[arg(long)]
    pub verify: bool,
    /// Print `text` or `json`
    #[arg(long, value_enum, default_value_t = TextOrJson::Text, value_name = "FORMAT")]
    pub format: TextOrJson,
    /// Short for `--format json`
    #[arg(long)]
    pub json: bool,
}

/// Which entries.
#[derive(Debug, Args)]
pub struct Filters {
    /// The log [default: the log of the state directory]
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Of these types
    #[arg(long = "type", num_args = 1.., value_name = "TYPE")]
    pub types: Vec<String>,
    /// Not before this time: a date, or `30s`, `15m`, `2h`, `7d` ago
    #[arg(long, allow_hyphen_values = true, value_name = "TIME")]
    pub since: Option<String>,
    /// Not after this time
    #[arg(long, allow_hyphen_values = true, value_name = "TIME")]
    pub until: Option<String>,
    /// The time that it is, for times that are relative to it
    #[arg(long, value_name = "TIME", value_parser = parse_now)]
    pub now: Option<i64>,
}

/// `clawsift log query`.
#[derive(Debug, Args)]
pub struct Query {
    #[command(flatten)]
    /// Which entries.
    pub filters: Filters,
    /// Of these severities
    #[arg(long, num_args = 1.., value_name = "SEVERITY")]
    pub severity: Vec<String>,
    /// By exactly this actor
    #[arg(long, allow_hyphen_values = true, value_name = "ACTOR")]
    pub actor: Option<String>,
    /// Of sessions that contain this text
    #[arg(long, allow_hyphen_values = true, value_name = "TEXT")]
    pub session: Option<String>,
    /// With this text in the summary or in the details, in any case
    #[arg(long, allow_hyphen_values = true, value_name = "TEXT")]
    pub grep: Option<String>,
    /// Only what failed or was blocked
    #[arg(long)]
    pub failed_only: bool,
    /// At most so many
    #[arg(long, allow_hyphen_values = true, value_name = "N")]
    pub limit: Option<String>,
    /// The last ones first
    #[arg(long)]
    pub reverse: bool,
    /// Print `text`, `json` or `csv`
    #[arg(long, value_enum, default_value_t = QueryFormat::Text, value_name = "FORMAT")]
    pub format: QueryFormat,
    /// Short for `--format json`
    #[arg(long)]
    pub json: bool,
}

/// Formats of `log query`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QueryFormat {
    /// For people.
    Text,
    /// An array of the entries.
    Json,
    /// A table that is safe to open in a spreadsheet.
    Csv,
}

/// `clawsift log export`.
#[derive(Debug, Args)]
pub struct Export {
    #[command(flatten)]
    /// Which entries.
    pub filters: Filters,
    /// Of these severities
    #[arg(long, num_args = 1.., value_name = "SEVERITY")]
    pub severity: Vec<String>,
    /// The file to write
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// Write `csv` or `json`
    #[arg(long, value_enum, default_value_t = ExportFormat::Csv, value_name = "FORMAT")]
    pub format: ExportFormat,
}

/// Formats of `log export`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A table that is safe to open in a spreadsheet.
    Csv,
    /// An array of the entries.
    Json,
}

/// `clawsift log anchor`.
#[derive(Debug, Args)]
pub struct Anchor {
    /// The log [default: the log of the state directory]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The anchor to write [default: the log's name and .anchor.json]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The hash that the first entry has to follow: the last one of the file before
    #[arg(long, value_name = "HASH", value_parser = parse_hash)]
    pub prev_hash: Option<String>,
    /// Write it although the old anchor does not fit the log
    #[arg(long)]
    pub force: bool,
    /// Sign it with this private key
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Your name or organisation, for the signature [default: $USER, else unknown]
    #[arg(long, visible_alias = "signer-name", value_name = "NAME", requires = "key")]
    pub signer: Option<String>,
    /// Print `text` or `json`
    #[arg(long, value_enum, default_value_t = TextOrJson::Text, value_name = "FORMAT")]
    pub format: TextOrJson,
    /// Short for `--format json`
    #[arg(long)]
    pub json: bool,
}

/// Reads `--now`: a time as RFC 3339 writes it, in milliseconds since 1970.
///
/// # Errors
/// In words, when it is none.
pub fn parse_now(text: &str) -> Result<i64, String> {
    let stamp: jiff::Timestamp = text.parse().map_err(|_| "expected a time such as 2026-02-10T15:00:00Z".to_owned())?;
    Ok(stamp.as_millisecond())
}

fn parse_hash(text: &str) -> Result<String, String> {
    let digits = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if digits { Ok(text.to_owned()) } else { Err("expected 64 lower-case hexadecimal digits".to_owned()) }
}
