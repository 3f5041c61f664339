//! `--format concise`: `path:line:column: severity[id] message`, one line a finding, for editors
//! and `grep`. Troubles with inputs come first, as `path: error: message`.

use std::io::{self, Write};

use super::{Style, escape, why};
use crate::finding::Settled;
use crate::judge::Verdict;

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(verdict: &Verdict, style: &Style<'_>, out: &mut dyn Write) -> io::Result<()> {
    for diagnostic in &verdict.diagnostics {
        if style.says(diagnostic.level) {
            let (path, message) = (escape::path(&diagnostic.path), escape::line(&diagnostic.message));
            writeln!(out, "{path}: {}: {message}", diagnostic.level.as_str())?;
        }
    }
    verdict.shown.iter().try_for_each(|finding| writeln!(out, "{}", line(finding)))?;
    let suppressed = verdict.suppressed.iter().filter(|one| style.lists(one));
    suppressed.into_iter().try_for_each(|one| writeln!(out, "{}; suppressed: {}", line(&one.finding), why(one)))
}

fn line(finding: &Settled) -> String {
    let at = &finding.location;
    format!(
        "{}:{}:{}: {}[{}] {}",
        escape::path(&at.path),
        at.start.line,
        at.start.column,
        finding.severity.as_str(),
        escape::line(&finding.id),
        escape::line(&finding.message),
    )
}
