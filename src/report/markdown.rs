//! `--format markdown`: the summary of a job, for `$GITHUB_STEP_SUMMARY`, comments and wikis.
//!
//! What comes from the files stands in HTML blocks, in `<code>` and escaped. Markdown does not look into them, so
//! nothing there is a heading, a cell, a link or an image, and nobody is mentioned.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::escape::markup;
use super::rank::worst_first;
use super::text::{counted, summary, upper};
use super::{escape, help_uri, unread};
use crate::diagnostic::Diagnostic;
use crate::finding::{Location, Settled, Severity};
use crate::judge::Verdict;
use crate::judge::suppress::Suppressed;
use crate::rule::Rule;

/// Bytes of a summary: past 1 MiB GitHub drops all of it.
const MOST_BYTES: usize = 1_000_000;
/// Bytes that are kept free for what has to be said at the end.
const RESERVE: usize = 4_000;
/// Troubles that are listed.
const MOST_TROUBLES: usize = 100;

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page(verdict, MOST_BYTES).text.as_bytes())
}

/// What is not in the summary, in words.
#[must_use]
pub fn left_out(verdict: &Verdict) -> Option<String> {
    // Most summaries are far below what could matter.
    let many = verdict.shown.len() + verdict.suppressed.len() > 500 || verdict.diagnostics.len() > MOST_TROUBLES;
    many.then(|| page(verdict, MOST_BYTES)).and_then(|page| page.truncated())
}

/// A page that keeps to its size.
struct Page {
    text: String,
    most: usize,
    findings: usize,
    others: usize,
}

impl Page {
    /// Is there room for some text, and for what it needs after it?
    fn has_room(&self, text: &str) -> bool {
        self.text.len() + text.len() + RESERVE <= self.most
    }

    /// What is missing.
    fn truncated(&self) -> Option<String> {
        let findings = (self.findings > 0).then(|| counted(self.findings, "finding"));
        let others = (self.others > 0).then(|| counted(self.others, "other row"));
        let parts: Vec<String> = findings.into_iter().chain(others).collect();
        let cap = "a summary holds at most 1,000,000 bytes";
        (!parts.is_empty()).then(|| format!("{} not shown in the Markdown report: {cap}", parts.join(" and ")))
    }
}

fn page(verdict: &Verdict, most: usize) -> Page {
    let mut page = Page { text: headline(verdict), most, findings: 0, others: 0 };
    troubles(verdict, &mut page);
    findings(verdict, &mut page);
    suppressed(verdict, &mut page);
    if let Some(truncated) = page.truncated() {
        let _ = write!(page.text, "<table>\n<tr><td><b>truncated</b>: {truncated}</td></tr>\n</table>\n\n");
    }
    page
}

const SEVERITIES: [(Severity, &str); 3] =
    [(Severity::Critical, "Critical"), (Severity::Warn, "Warnings"), (Severity::Info, "Information")];

fn headline(verdict: &Verdict) -> String {
    let counts = SEVERITIES.map(|(severity, _)| (severity.as_str(), verdict.count(severity)));
    let told: Vec<String> =
        counts.iter().filter(|(_, count)| *count > 0).map(|(word, count)| format!("{count} {word}")).collect();
    let told = match told.join(", ") {
        told if told.is_empty() && verdict.incomplete() > 0 => "not everything was checked".to_owned(),
        told if told.is_empty() => "no findings".to_owned(),
        told => told,
    };
    let mut text = format!("## clawsift: {told}\n\n{}.\n\n", upper(&summary(verdict)));
    if verdict.shown.is_empty() && verdict.suppressed.is_empty() {
        return text;
    }
    text += "| severity | findings |\n| --- | ---: |\n";
    for (word, count) in counts {
        let _ = writeln!(text, "| {word} | {count} |");
    }
    for (word, count) in [("suppressed", verdict.suppressed.len()), ("not checked", verdict.incomplete())] {
        if count > 0 {
            let _ = writeln!(text, "| {word} | {count} |");
        }
    }
    text + "\n"
}

fn troubles(verdict: &Verdict, page: &mut Page) {
    let all = unread(verdict);
    if all.is_empty() {
        return;
    }
    let row =
        |one: &Diagnostic| format!("<tr><td>{}</td><td>{}</td></tr>\n", code(&shown(&one.path)), code(&one.message));
    page.text += "### Not checked\n\n<table>\n<tr><th>Input</th><th>Why</th></tr>\n";
    page.others += fill(page, all.iter().take(MOST_TROUBLES).map(row).collect());
    page.others += all.len().saturating_sub(MOST_TROUBLES);
    page.text += "</table>\n\n";
}

/// Adds rows while there is room; how many were left.
fn fill(page: &mut Page, rows: Vec<String>) -> usize {
    let all = rows.len();
    for (index, row) in rows.into_iter().enumerate() {
        if !page.has_room(&row) {
            return all - index;
        }
        page.text += &row;
    }
    0
}

fn findings(verdict: &Verdict, page: &mut Page) {
    for (severity, title) in SEVERITIES {
        let here = worst_first(verdict.shown.iter().filter(|one| one.severity == severity));
        if here.is_empty() {
            continue;
        }
        let heading = format!("### {title}\n\n");
        if page.has_room(&heading) {
            page.text += &heading;
        }
        let mut order: Vec<&Rule> = Vec::new();
        let mut groups: BTreeMap<&str, Vec<&Settled>> = BTreeMap::new();
        for one in here {
            let group = groups.entry(one.rule.id).or_default();
            if group.is_empty() {
                order.push(one.rule);
            }
            group.push(one);
        }
        for rule in order {
            group(rule, severity, groups.get(rule.id).map_or(&[], Vec::as_slice), page);
        }
    }
}

/// The findings of one rule: its title, its remedy, its places.
fn group(rule: &Rule, severity: Severity, findings: &[&Settled], page: &mut Page) {
    let open = if severity == Severity::Critical { " open" } else { "" };
    let head = format!(
        "<details{open}>\n<summary><b>{}</b> ({}, {})</summary>\n<p>{} <a href=\"{}\">More</a></p>\n<table>\n\
         <tr><th>Where</th><th>What</th></tr>\n",
        markup(rule.summary),
        code(rule.id),
        findings.len(),
        markup(rule.remedy),
        markup(&help_uri(rule)),
    );
    if !page.has_room(&head) {
        page.findings += findings.len();
        return;
    }
    page.text += &head;
    let row =
        |one: &&Settled| format!("<tr><td>{}</td><td>{}</td></tr>\n", code(&place(&one.location)), code(&one.message));
    page.findings += fill(page, findings.iter().map(row).collect());
    page.text += "</table>\n</details>\n\n";
}

fn suppressed(verdict: &Verdict, page: &mut Page) {
    let all = &verdict.suppressed;
    let head = format!(
        "### Suppressed\n\n<details>\n<summary>{} with a reason</summary>\n<table>\n\
         <tr><th>Where</th><th>Rule</th><th>Reason</th><th>Until</th></tr>\n",
        counted(all.len(), "finding")
    );
    if all.is_empty() || !page.has_room(&head) {
        page.others += all.len();
        return;
    }
    page.text += &head;
    let row = |one: &Suppressed| {
        let until = one.until.map(|until| until.to_string()).unwrap_or_default();
        let (at, id) = (code(&place(&one.finding.location)), code(&one.finding.id));
        let reason = code(&format!("{} ({})", one.reason, one.by.as_str()));
        format!("<tr><td>{at}</td><td>{id}</td><td>{reason}</td><td>{until}</td></tr>\n")
    };
    page.others += fill(page, all.iter().map(row).collect());
    page.text += "</table>\n</details>\n\n";
}

fn place(at: &Location) -> String {
    format!("{}:{}:{}", shown(&at.path), at.start.line, at.start.column)
}

fn shown(path: &str) -> String {
    escape::path(path).into_owned()
}

/// Mentions and links are not looked for in code.
fn code(text: &str) -> String {
    format!("<code>{}</code>", markup(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_to_its_size_and_says_what_is_missing() {
        let trouble = |number: usize| Diagnostic {
            path: format!("{number}"),
            level: crate::diagnostic::Level::Error,
            message: "<&>".repeat(100),
        };
        let verdict = Verdict { diagnostics: (0..2_000).map(trouble).collect(), ..Verdict::default() };
        let small = page(&verdict, 20_000);
        assert!(small.text.len() <= 20_000 && small.text.len() > 10_000, "{}", small.text.len());
        let rows = small.text.matches("&lt;&amp;&gt;</code>").count();
        assert_eq!(small.others, 2_000 - rows);
        assert!(small.text.contains(&format!("<b>truncated</b>: {} other rows not shown", 2_000 - rows)));
        let whole = page(&verdict, MOST_BYTES);
        assert_eq!(whole.others, 1_900, "a list of troubles is no summary");
        assert_eq!(left_out(&verdict), whole.truncated());
        assert_eq!(page(&Verdict::default(), MOST_BYTES).truncated(), None);
    }
}
