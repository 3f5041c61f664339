//! `clawsift log`: each command reads one log and says what it found.

mod anchored;
mod entries;
mod export;
mod filter;
mod query;
mod show;
mod stats;
mod verify;
mod verify_export;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::log::LogCommand;
use crate::judge::exit;

/// What a command has to say beside its output.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The exit code.
    pub code: u8,
    /// Lines for standard error.
    pub notes: Vec<String>,
}

/// Why a command could not be carried out.
#[derive(Debug)]
pub enum Trouble {
    /// It was asked for something that there is not.
    Usage(String),
    /// The output cannot be written.
    Output(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl Done {
    const fn with(code: u8) -> Self {
        Self { code, notes: Vec::new() }
    }

    fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// Carries out a command; `out` is standard output.
///
/// # Errors
/// A usage error, or `out` cannot be written.
pub fn run(command: &LogCommand, out: &mut dyn Write) -> Result<Done, Trouble> {
    match command {
        LogCommand::Verify(verify) => verify::run(verify, out),
        LogCommand::Stats(stats) => stats::run(stats, out),
        LogCommand::Query(query) => query::run(query, out),
        LogCommand::Export(export) => export::run(export, out),
        LogCommand::Anchor(anchor) => anchored::run(anchor, out),
    }
}

/// The log that is meant when none is named: that of the state directory, as ClosedClaw finds it.
fn log_or_default(named: Option<&PathBuf>) -> Result<PathBuf, Trouble> {
    if let Some(path) = named {
        return Ok(path.clone());
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(dir) = set("ClosedClaw_STATE_DIR").or_else(|| set("CLAWDBOT_STATE_DIR")) {
        return Ok(dir.join("audit.log"));
    }
    let Some(home) = set("HOME") else {
        return Err(Trouble::Usage("name a log: there is no home directory to look into".to_owned()));
    };
    let dirs = [".ClosedClaw", ".clawdbot", ".moltbot", ".moldbot"].map(|name| home.join(name));
    let there = dirs.iter().find(|dir| dir.is_dir());
    Ok(there.unwrap_or(&dirs[0]).join("audit.log"))
}

/// The time that it is, in milliseconds since 1970; `SOURCE_DATE_EPOCH` stops the clock.
fn clock() -> i64 {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.trim().parse::<i64>().ok());
    fixed.map_or_else(|| jiff::Timestamp::now().as_millisecond(), |seconds| seconds.saturating_mul(1000))
}

/// A path as reports show it: as it was typed.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// The exit code for a file that cannot be opened, by its reason.
fn unreadable(path: &Path) -> u8 {
    let absent = path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    if absent { exit::NOTHING } else { exit::INCOMPLETE }
}

/// The worse of two exit codes: what was not read wins over what is wrong, and that over what is absent.
const fn worse(one: u8, other: u8) -> u8 {
    const fn weight(code: u8) -> u8 {
        match code {
            exit::CLEAN => 0,
            exit::NOTHING => 1,
            exit::FINDINGS => 2,
            _ => 3,
        }
    }
    if weight(other) > weight(one) { other } else { one }
}
