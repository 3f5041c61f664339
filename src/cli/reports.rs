//! How the reports of `check` are to be.

use clap::{Args, ValueEnum};

/// The flags about SARIF.
#[derive(Debug, Default, Args)]
pub struct Reports {
    /// Whom the SARIF report is for
    #[arg(long, value_enum, default_value_t = SarifProfile::Full, value_name = "PROFILE", help_heading = "Reports")]
    pub sarif_profile: SarifProfile,
    /// What code scanning knows a SARIF result by
    #[arg(long, value_enum, default_value_t = Fingerprints::Github, value_name = "WHICH", help_heading = "Reports")]
    pub fingerprints: Fingerprints,
    /// The category of the SARIF report: uploads of different ones stand side by side [default: clawsift/config]
    #[arg(long, value_name = "NAME", value_parser = parse_category, help_heading = "Reports")]
    pub category: Option<String>,
    /// List every file that was scanned in the SARIF report, not only those with results
    #[arg(long, help_heading = "Reports")]
    pub sarif_all_artifacts: bool,
}

/// `--sarif-profile`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SarifProfile {
    /// Everything, suppressed results too
    #[default]
    Full,
    /// What GitHub's code scanning takes: no suppressed results, within its limits
    Github,
}

/// `--fingerprints`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Fingerprints {
    /// The hash of the lines that GitHub's upload action computes, too
    #[default]
    Github,
    /// Our own, which outlives edits on other lines
    Stable,
}

/// Longest category.
const LONGEST_CATEGORY: usize = 200;

fn parse_category(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches('/');
    let plain = text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if text.is_empty() || text.len() > LONGEST_CATEGORY || !plain {
        return Err(format!("expected up to {LONGEST_CATEGORY} printable ASCII characters"));
    }
    Ok(text.to_owned())
}
