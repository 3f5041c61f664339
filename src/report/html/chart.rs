//! How many findings of each severity each family has, as bars.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::SEVERITIES;
use crate::judge::Verdict;
use crate::report::escape::markup;

/// Writes the chart; for a single bar there is none.
pub(super) fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let mut families: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for finding in &verdict.shown {
        let counts = families.entry(finding.rule.family()).or_default();
        for (count, severity) in counts.iter_mut().zip(SEVERITIES) {
            *count += usize::from(finding.severity == severity);
        }
    }
    if families.len() < 2 {
        return Ok(());
    }
    let mut families: Vec<(&str, [usize; 3])> = families.into_iter().collect();
    families.sort_by_key(|(_, counts)| std::cmp::Reverse(*counts));
    let widest = families.iter().map(|(_, counts)| counts.iter().sum::<usize>()).max().unwrap_or(1);
    writeln!(out, "<section id=\"families\">\n<h2>By family</h2>\n<table class=\"chart\">\n<tbody>")?;
    for (family, counts) in families {
        let told: Vec<String> = SEVERITIES
            .iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| format!("{count} {}", severity.as_str()))
            .collect();
        writeln!(out, "<tr><th scope=\"row\">{}</th><td class=\"bar\">", markup(family))?;
        writeln!(out, "<svg viewBox=\"0 0 {widest} 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">")?;
        let mut x = 0;
        for (severity, count) in SEVERITIES.iter().zip(counts).filter(|(_, count)| *count > 0) {
            writeln!(out, "<rect class=\"{}\" x=\"{x}\" width=\"{count}\" height=\"1\"/>", severity.as_str())?;
            x += count;
        }
        writeln!(out, "</svg></td><td>{}</td></tr>", told.join(", "))?;
    }
    writeln!(out, "</tbody>\n</table>\n</section>")
}
