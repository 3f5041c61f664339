//! What else was found out, in tables.

use std::io::{self, Write};

use super::{shown, where_is};
use crate::diagnostic::{Diagnostic, Level};
use crate::judge::Verdict;
use crate::report::escape::markup;
use crate::report::text::counted;

/// Rows of one table; more of them nobody reads.
const MOST_ROWS: usize = 2_000;

/// Writes a table, folded when nobody must see it. Cells are markup.
fn table(
    title: &str,
    columns: &[&str],
    rows: impl ExactSizeIterator<Item = Vec<String>>,
    open: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let count = rows.len();
    if count == 0 {
        return Ok(());
    }
    let (open, class) = if open { (" open", " class=\"notice\"") } else { ("", "") };
    writeln!(out, "<section{class}>\n<details{open}>\n<summary><h2>{title} <small>{count}</small></h2></summary>")?;
    let names: Vec<String> = columns.iter().map(|name| format!("<th scope=\"col\">{name}</th>")).collect();
    writeln!(out, "<table>\n<thead><tr>{}</tr></thead>\n<tbody>", names.concat())?;
    for row in rows.take(MOST_ROWS) {
        let cells = columns.iter().zip(row).map(|(name, cell)| format!("<td data-name=\"{name}\">{cell}</td>"));
        let cells: Vec<String> = cells.collect();
        writeln!(out, "<tr>{}</tr>", cells.concat())?;
    }
    writeln!(out, "</tbody>\n</table>")?;
    if let Some(more) = count.checked_sub(MOST_ROWS).filter(|more| *more > 0) {
        writeln!(out, "<p>{} not shown</p>", counted(more, "more row"))?;
    }
    writeln!(out, "</details>\n</section>")
}

fn code(text: &str) -> String {
    format!("<code>{text}</code>")
}

/// A word of ours that is never broken.
fn word(text: &str) -> String {
    format!("<span class=\"word\">{text}</span>")
}

fn badge(word: &str) -> String {
    format!("<span class=\"badge {word}\">{word}</span>")
}

fn path(text: &str) -> String {
    code(&shown(text).replace('/', "/<wbr>"))
}

/// What could not be checked.
pub(super) fn unread(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let troubles = crate::report::unread(verdict);
    let rows = troubles.iter().map(|one| vec![path(&one.path), markup(&one.message)]);
    table("Not checked", &["Input", "Why"], rows, true, out)
}

/// The verdict on each skill.
pub(super) fn skills(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let mut skills: Vec<_> = verdict.skills.iter().collect();
    skills.sort_by_key(|skill| std::cmp::Reverse(skill.worst));
    let rows = skills.into_iter().map(|skill| {
        vec![badge(skill.verdict()), markup(&skill.name), path(&skill.path), markup(&skill.observed.join(", "))]
    });
    table("Skills", &["Verdict", "Name", "Where", "What it uses"], rows, false, out)
}

/// What somebody has decided to live with.
pub(super) fn suppressed(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let rows = verdict.suppressed.iter().map(|one| {
        let badge = badge(one.finding.severity.as_str());
        let until = one.until.map_or_else(|| "for ever".to_owned(), |until| until.to_string());
        let title = format!("{}<br>{}", markup(one.finding.rule.summary), code(&where_is(&one.finding.location)));
        vec![badge, title, word(one.by.as_str()), markup(&one.reason), word(&until)]
    });
    table("Suppressed", &["Severity", "Finding", "By", "Reason", "Until"], rows, false, out)
}

/// Troubles that left nothing unchecked.
pub(super) fn notes(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let told: Vec<&Diagnostic> = verdict.diagnostics.iter().filter(|one| one.level != Level::Error).collect();
    let rows = told.iter().map(|one| vec![word(one.level.as_str()), path(&one.path), markup(&one.message)]);
    table("Notes", &["Level", "Input", "What"], rows, false, out)
}

/// What was checked, and as what.
pub(super) fn inputs(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let rows = verdict.inputs.iter().map(|input| {
        let target = input.dialect.map(|(product, version)| format!("{product} {version}")).unwrap_or_default();
        let valid = if input.valid { "yes" } else { "no" };
        vec![path(&input.path), word(input.kind), word(&target), word(valid)]
    });
    table("What was checked", &["Input", "Kind", "Checked against", "Valid"], rows, false, out)
}
