//! `--format github`: workflow commands that become annotations.
//!
//! GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest without a
//! word, so the nine worst of each level are written and a tenth tells how many are left.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::rank::worst_first;
use super::{escape, help_uri};
use crate::diagnostic::{Diagnostic, Level};
use crate::finding::{Settled, Severity};
use crate::judge::Verdict;

/// Annotations of one level, the last one about those that are left out not counted.
const MOST: usize = 9;

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let levels = [
        (Severity::Critical, Level::Error, "error"),
        (Severity::Warn, Level::Warning, "warning"),
        (Severity::Info, Level::Note, "notice"),
    ];
    for (severity, level, command) in levels {
        // What could not be checked is worse than what was found.
        let troubles = verdict.diagnostics.iter().filter(|diagnostic| diagnostic.level == level);
        let mut lines: Vec<String> = troubles.map(|diagnostic| trouble(diagnostic, command)).collect();
        let findings = worst_first(verdict.shown.iter().filter(|one| one.severity == severity));
        lines.extend(findings.into_iter().map(|finding| annotation(finding, command)));
        for line in lines.iter().take(MOST) {
            writeln!(out, "{line}")?;
        }
        let left = lines.len().saturating_sub(MOST);
        if left > 0 {
            writeln!(out, "::{command} title=clawsift::{left} more of this level: see the whole report")?;
        }
    }
    Ok(())
}

fn annotation(finding: &Settled, command: &str) -> String {
    let at = &finding.location;
    let title = format!("{} [{}]", finding.rule.summary, finding.id);
    let mut line = format!("::{command} file={},line={},endLine={}", file(&at.path), at.start.line, at.end.line);
    // GitHub refuses columns that are on different lines.
    if at.start.line == at.end.line {
        let _ = write!(line, ",col={},endColumn={}", at.start.column, at.end.column);
    }
    let message = format!("{}\n{}\n{}", escape::line(&finding.message), finding.rule.remedy, help_uri(finding.rule));
    let _ = write!(line, ",title={}::{}", property(&title), escape::command_data(&message));
    line
}

fn trouble(diagnostic: &Diagnostic, command: &str) -> String {
    let message = escape::command_data(&escape::line(&diagnostic.message));
    let title = if diagnostic.level == Level::Error { "Not checked" } else { "clawsift" };
    if diagnostic.path.is_empty() {
        return format!("::{command} title={title}::{message}");
    }
    format!("::{command} file={},title={title}::{message}", file(&diagnostic.path))
}

fn property(text: &str) -> String {
    escape::command_property(&escape::line(text))
}

/// A path; the toolkit's escapes carry a line end in it, nothing carries other controls.
fn file(path: &str) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    let lines = path.split('\n').map(|part| part.split('\r').map(escape::line).collect::<Vec<_>>().join("\r"));
    escape::command_property(&lines.collect::<Vec<_>>().join("\n"))
}
