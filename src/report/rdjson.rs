//! `--format rdjson`: the Reviewdog Diagnostic Format, whose readers comment on the changed lines of a pull request
//! and offer edits there.
//!
//! Its columns are bytes of UTF-8. A suggestion there is one replacement in the file of the diagnostic, so a fix of
//! several edits is not offered, nor one that writes a secret.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::fix::is_free_of_secrets;
use super::json::items;
use super::{UNREAD, escape, help_uri, unread};
use crate::diagnostic::Diagnostic;
use crate::finding::{Location, Settled, SettledFix, SettledRelated, Severity};
use crate::judge::Verdict;
use crate::source::Point;

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let source = json!({"name": "clawsift", "url": env!("CARGO_PKG_REPOSITORY")});
    let troubles = unread(verdict);
    let all = troubles.iter().map(trouble).chain(verdict.shown.iter().map(diagnostic));
    write!(out, "{{\n  \"source\": {source},\n  \"diagnostics\": [")?;
    items(all, "    ", out)?;
    writeln!(out, "\n  ]\n}}")
}

fn diagnostic(finding: &Settled) -> Value {
    let severity = match finding.severity {
        Severity::Critical => "ERROR",
        Severity::Warn => "WARNING",
        Severity::Info => "INFO",
    };
    // Readers put the message into comments, as Markdown.
    let message = format!("{}: {}. {}", finding.rule.summary, escape::code(&finding.message), finding.rule.remedy);
    let mut object = json!({
        "message": message,
        "location": location(&finding.location),
        "severity": severity,
        "code": {"value": finding.id, "url": help_uri(finding.rule)},
    });
    let suggestion = finding.fix.as_ref().and_then(|fix| suggestion(fix, &finding.location.path));
    let related: Vec<Value> = finding.related.iter().map(second).collect();
    if let Some(members) = object.as_object_mut() {
        members.extend(suggestion.map(|one| ("suggestions".to_owned(), json!([one]))));
        members.extend((!related.is_empty()).then(|| ("relatedLocations".to_owned(), Value::from(related))));
    }
    object
}

fn trouble(trouble: &Diagnostic) -> Value {
    let path = if trouble.path.is_empty() { "." } else { &trouble.path };
    json!({
        "message": format!("Not checked: {}", escape::code(&trouble.message)),
        "location": {"path": path},
        "severity": "ERROR",
        "code": {"value": UNREAD},
    })
}

fn second(related: &SettledRelated) -> Value {
    json!({"message": escape::code(&related.message), "location": location(&related.location)})
}

fn suggestion(fix: &SettledFix, path: &str) -> Option<Value> {
    let [edit] = fix.edits.as_slice() else { return None };
    let known = edit.at.start.byte > 0 && edit.at.end.byte > 0 && is_free_of_secrets(fix);
    (known && &*edit.at.path == path).then(|| json!({"range": range(&edit.at), "text": edit.text}))
}

fn location(at: &Location) -> Value {
    let path = if at.path.is_empty() { "." } else { &at.path };
    json!({"path": path, "range": range(at)})
}

fn range(at: &Location) -> Value {
    json!({"start": position(at.start), "end": position(at.end)})
}

/// A position; without a column where the bytes before it are not known.
fn position(at: Point) -> Value {
    let mut object = Map::from_iter([("line".to_owned(), at.line.into())]);
    object.extend((at.byte > 0).then(|| ("column".to_owned(), at.byte.into())));
    Value::Object(object)
}
