//! `--format gitlab`: a code quality report, which GitLab shows in merge requests.
//!
//! It has five severities: `critical`, `warn` and `info` become `critical`, `major` and `info`, and what could not
//! be checked is a `blocker`, since the format knows no other way to say so.

use std::io::{self, Write};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::json::items;
use super::{UNREAD, escape, sentence, unread};
use crate::diagnostic::Diagnostic;
use crate::digest::hex;
use crate::finding::{Settled, Severity};
use crate::judge::Verdict;

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let troubles = unread(verdict);
    let all = troubles.iter().map(trouble).chain(verdict.shown.iter().map(issue));
    write!(out, "[")?;
    items(all, "  ", out)?;
    writeln!(out, "\n]")
}

fn issue(finding: &Settled) -> Value {
    let severity = match finding.severity {
        Severity::Critical => "critical",
        Severity::Warn => "major",
        Severity::Info => "info",
    };
    let at = &finding.location;
    json!({
        "type": "issue",
        "check_name": finding.id,
        "description": format!("{}. {}", finding.rule.summary, sentence(&escape::line(&finding.message))),
        "content": {"body": finding.rule.remedy},
        "categories": [if finding.rule.hygiene { "Clarity" } else { "Security" }],
        "severity": severity,
        "fingerprint": finding.identity.fingerprint,
        "location": {"path": path(&at.path), "lines": {"begin": at.start.line, "end": at.end.line}},
    })
}

fn trouble(trouble: &Diagnostic) -> Value {
    let identity = format!("{UNREAD}\0{}\0{}", trouble.path, trouble.message);
    json!({
        "type": "issue",
        "check_name": UNREAD,
        "description": format!("Not checked: {}", sentence(&escape::line(&trouble.message))),
        "categories": ["Security"],
        "severity": "blocker",
        "fingerprint": hex(&Sha256::digest(identity)),
        "location": {"path": path(&trouble.path), "lines": {"begin": 1, "end": 1}},
    })
}

/// GitLab looks for the file, so its name stays as it is; JSON carries all of it.
fn path(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}
