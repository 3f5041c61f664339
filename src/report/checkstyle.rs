//! `--format checkstyle`: Checkstyle's XML, which many review tools and CI servers read.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::escape::markup;
use super::{UNREAD, sentence, unread};
use crate::finding::{Settled, Severity};
use crate::judge::Verdict;

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for trouble in unread(verdict) {
        let message = markup(&format!("Not checked: {}", sentence(&trouble.message)));
        let line = format!(r#"<error line="1" severity="error" message="{message}" source="clawsift.{UNREAD}"/>"#);
        files.entry(name(&trouble.path)).or_default().push(line);
    }
    for finding in &verdict.shown {
        files.entry(name(&finding.location.path)).or_default().push(error(finding));
    }
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<checkstyle version="4.3">"#)?;
    for (name, errors) in files {
        writeln!(out, r#"  <file name="{name}">"#)?;
        errors.iter().try_for_each(|error| writeln!(out, "    {error}"))?;
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

fn error(finding: &Settled) -> String {
    let severity = match finding.severity {
        Severity::Critical => "error",
        Severity::Warn => "warning",
        Severity::Info => "info",
    };
    let at = finding.location.start;
    format!(
        r#"<error line="{}" column="{}" severity="{severity}" message="{}" source="clawsift.{}"/>"#,
        at.line,
        at.column,
        markup(&format!("{}. {}", finding.rule.summary, sentence(&finding.message))),
        markup(&finding.id),
    )
}

fn name(path: &str) -> String {
    if path.is_empty() { ".".to_owned() } else { markup(path) }
}
