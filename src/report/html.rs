//! `--format html`: one page for people who have no terminal.
//!
//! The page asks nothing of the network. Its policy lets no script and no style run but the two that are in it, by
//! their digests, so that a mistake in escaping would show text and do no harm. Without scripts everything is there
//! but the filter.

mod chart;
mod frame;
mod lists;

use std::collections::BTreeSet;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::escape::{self, markup};
use super::rank::worst_first;
use super::text::{counted, summary, upper};
use super::{help_uri, unread};
use crate::finding::{Location, Settled, Severity};
use crate::judge::Verdict;
use crate::syntax::base64;

/// Findings on a page; more of them no browser handles with ease.
const MOST_FINDINGS: usize = 5_000;
/// Second places of a finding that are shown.
const MOST_PLACES: usize = 20;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The severities, worst first.
const SEVERITIES: [Severity; 3] = [Severity::Critical, Severity::Warn, Severity::Info];

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    head(out)?;
    overview(verdict, out)?;
    lists::unread(verdict, out)?;
    chart::write(verdict, out)?;
    findings(verdict, out)?;
    lists::skills(verdict, out)?;
    lists::suppressed(verdict, out)?;
    lists::notes(verdict, out)?;
    lists::inputs(verdict, out)?;
    let version = env!("CARGO_PKG_VERSION");
    let home = env!("CARGO_PKG_REPOSITORY");
    writeln!(out, "</main>\n<footer>Written by <a href=\"{home}\">clawsift</a> {version}.</footer>")?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

/// What is not on the page, in words.
#[must_use]
pub fn left_out(verdict: &Verdict) -> Option<String> {
    let left = verdict.shown.len().checked_sub(MOST_FINDINGS).filter(|left| *left > 0)?;
    Some(format!("the HTML report shows {MOST_FINDINGS} findings: the {left} least severe are left out"))
}

fn head(out: &mut dyn Write) -> io::Result<()> {
    let digest = |text: &str| format!("'sha256-{}'", base64::encode(&Sha256::digest(text)));
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>clawsift report</title>\n<style>{STYLE}</style>\n</head>\n<body>"
    )
}

/// The verdict in a sentence and in numbers.
fn overview(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let worst = SEVERITIES.into_iter().find(|severity| verdict.count(*severity) > 0);
    let (class, word) = match worst {
        _ if verdict.incomplete() > 0 => ("critical", "Not everything could be checked"),
        Some(Severity::Critical) => ("critical", "Critical findings"),
        Some(Severity::Warn) => ("warn", "Warnings"),
        Some(Severity::Info) => ("info", "Nothing that must be changed"),
        None if verdict.inputs.is_empty() => ("info", "Nothing to check was found"),
        None => ("clean", "No findings"),
    };
    let summary = markup(&upper(&summary(verdict)));
    writeln!(out, "<header>\n<p class=\"brand\">clawsift report</p>\n<h1 class=\"{class}\">{word}</h1>")?;
    writeln!(out, "<p>{summary}.</p>\n</header>\n<main>\n<ul class=\"tiles\">")?;
    for severity in SEVERITIES {
        let (count, word) = (verdict.count(severity), severity.as_str());
        writeln!(out, "<li class=\"{word}\"><b>{count}</b> {word}</li>")?;
    }
    writeln!(out, "<li><b>{}</b> suppressed</li>", verdict.suppressed.len())?;
    let unread = unread(verdict).len();
    let class = if unread > 0 { " class=\"critical\"" } else { "" };
    writeln!(out, "<li{class}><b>{unread}</b> not checked</li>\n</ul>")
}

fn findings(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    if verdict.shown.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section id=\"findings\">\n<h2>Findings</h2>")?;
    filter(verdict, out)?;
    if let Some(left) = left_out(verdict) {
        writeln!(out, "<p class=\"notice\">{}.</p>", markup(&left))?;
    }
    writeln!(
        out,
        "<table class=\"findings\">\n<thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Finding</th>\
         <th scope=\"col\">Where</th></tr></thead>\n<tbody>"
    )?;
    for finding in worst_first(&verdict.shown).into_iter().take(MOST_FINDINGS) {
        row(finding, out)?;
    }
    writeln!(out, "</tbody>\n</table>\n<p id=\"none\" hidden>No finding matches.</p>\n</section>")
}

/// What the script turns on.
fn filter(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let families: BTreeSet<&str> = verdict.shown.iter().map(|one| one.rule.family()).collect();
    writeln!(
        out,
        "<form id=\"filter\" hidden>\n<label>Text <input id=\"by-text\" type=\"search\" autocomplete=\"off\"></label>\n\
         <label>Path <input id=\"by-path\" type=\"search\" autocomplete=\"off\"></label>\n\
         <label>Severity <select id=\"by-severity\"><option value=\"\">all</option>"
    )?;
    for severity in SEVERITIES {
        writeln!(out, "<option>{}</option>", severity.as_str())?;
    }
    writeln!(out, "</select></label>\n<label>Family <select id=\"by-family\"><option value=\"\">all</option>")?;
    for family in families {
        writeln!(out, "<option>{}</option>", markup(family))?;
    }
    writeln!(
        out,
        "</select></label>\n<button id=\"clear\" type=\"reset\">Clear</button>\n\
         <button id=\"open\" type=\"button\">Open all</button>\n<output id=\"count\"></output>\n</form>"
    )
}

fn row(finding: &Settled, out: &mut dyn Write) -> io::Result<()> {
    let (word, family) = (finding.severity.as_str(), markup(finding.rule.family()));
    let path = shown(&finding.location.path);
    let open = if finding.severity == Severity::Critical { " open" } else { "" };
    writeln!(out, "<tr class=\"finding\" data-severity=\"{word}\" data-family=\"{family}\" data-path=\"{path}\">")?;
    writeln!(out, "<td><span class=\"badge {word}\">{word}</span></td>\n<td><details{open}>")?;
    writeln!(out, "<summary>{}</summary>", markup(finding.rule.summary))?;
    writeln!(out, "<p class=\"message\">{}</p>", markup(&finding.message))?;
    frame::write(&finding.excerpt, word, out)?;
    writeln!(out, "<p>{}</p>", markup(finding.rule.remedy))?;
    for (title, places) in [("Step", &finding.steps), ("See", &finding.related)] {
        for place in places.iter().take(MOST_PLACES) {
            let at = where_is(&place.location);
            writeln!(out, "<p class=\"second\">{title}: {} <code>{at}</code></p>", markup(&place.message))?;
            frame::write(&place.excerpt, "note", out)?;
        }
        if let Some(more) = places.len().checked_sub(MOST_PLACES).filter(|more| *more > 0) {
            writeln!(out, "<p class=\"second\">{} not shown</p>", counted(more, "more place"))?;
        }
    }
    let uri = markup(&help_uri(finding.rule));
    let sure = finding.confidence.as_str();
    writeln!(out, "<p class=\"facts\"><a href=\"{uri}\">{}</a>, {sure} confidence</p>", markup(&finding.id))?;
    writeln!(out, "</details></td>\n<td><code>{}</code></td>\n</tr>", where_is(&finding.location))
}

/// A path as markup.
fn shown(path: &str) -> String {
    markup(&escape::path(path))
}

/// A place as markup. A long path may break behind each of its parts.
fn where_is(at: &Location) -> String {
    format!("{}:{}:{}", shown(&at.path).replace('/', "/<wbr>"), at.start.line, at.start.column)
}
