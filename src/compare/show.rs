//! A comparison in the formats that somebody reads.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::matching::{Row, State};
use crate::finding::Severity;
use crate::report::escape;
use crate::rules;

/// How many findings have a state.
fn count(rows: &[Row<'_>], state: State) -> usize {
    rows.iter().filter(|row| row.state == state).count()
}

/// `2 new, 1 absent, 38 unchanged`.
fn summary(rows: &[Row<'_>]) -> String {
    let counts = State::ALL.map(|state| (state, count(rows, state)));
    let told: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(state, count)| format!("{count} {}", state.as_str()))
        .collect();
    if told.is_empty() { "no findings on either side".to_owned() } else { told.join(", ") }
}

fn place(row: &Row<'_>) -> String {
    let path = escape::path(&row.record.path).into_owned();
    match row.record.line {
        0 => path,
        line => format!("{path}:{line}:{}", row.record.column),
    }
}

/// One line a finding.
pub(super) fn text(rows: &[Row<'_>], all: bool) -> String {
    let mut out = String::new();
    for row in rows.iter().filter(|row| all || row.state != State::Unchanged) {
        let (record, note) = (row.record, row.note.map_or_else(String::new, |note| format!(" ({note})")));
        let (id, said) = (escape::line(&record.rule), escape::line(&record.message));
        let (state, severity) = (row.state.as_str(), record.severity.as_str());
        let _ = writeln!(out, "{state}: {}: {severity}[{id}] {said}{note}", place(row));
    }
    out + &summary(rows) + "\n"
}

/// One object.
pub(super) fn json(rows: &[Row<'_>], sides: [&str; 2], code: u8) -> String {
    let finding = |row: &Row<'_>| {
        let record = row.record;
        let mut object = json!({
            "state": row.state.sarif(),
            "checkId": record.rule,
            "severity": record.severity.as_str(),
            "path": record.path,
            "startLine": record.line,
            "startColumn": record.column,
            "detail": record.message,
            "fingerprint": record.fingerprint,
            "newlyChecked": row.state == State::NewlyChecked,
        });
        if let (Some(note), Some(members)) = (row.note, object.as_object_mut()) {
            members.insert("note".to_owned(), note.into());
        }
        object
    };
    let object = json!({
        "schemaVersion": 1,
        "tool": {"name": "clawsift", "version": env!("CARGO_PKG_VERSION")},
        "old": sides[0],
        "new": sides[1],
        "summary": {
            "new": count(rows, State::New),
            "newlyChecked": count(rows, State::NewlyChecked),
            "absent": count(rows, State::Absent),
            "updated": count(rows, State::Updated),
            "unchanged": count(rows, State::Unchanged),
        },
        "findings": rows.iter().map(finding).collect::<Vec<_>>(),
        "exitCode": code,
    });
    escape::json(format!("{object:#}\n"))
}

/// SARIF with the state of every result.
pub(super) fn sarif(rows: &[Row<'_>], code: u8) -> String {
    let result = |row: &Row<'_>| {
        let record = row.record;
        let level = match record.severity {
            Severity::Critical => "error",
            Severity::Warn => "warning",
            Severity::Info => "note",
        };
        let id = rules::find(&record.rule).map_or(record.rule.as_str(), |rule| rule.id);
        let mut fingerprints = json!({"clawsift/v1": record.fingerprint});
        if let Some(members) = fingerprints.as_object_mut().filter(|_| !record.content.is_empty()) {
            members.insert("clawsift/content".to_owned(), record.content.as_str().into());
        }
        let region = json!({"startLine": record.line.max(1), "startColumn": record.column.max(1)});
        json!({
            "ruleId": id,
            "level": level,
            "message": {"text": escape::line(&record.message).replace("](", "] (")},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": crate::report::sarif::uri(&record.path), "uriBaseId": "%SRCROOT%"},
                "region": region,
            }}],
            "partialFingerprints": fingerprints,
            "baselineState": row.state.sarif(),
            "properties": {
                "checkId": record.rule, "severity": record.severity.as_str(), "anchor": record.anchor,
                "newlyChecked": row.state == State::NewlyChecked,
            },
        })
    };
    let results: Vec<Value> = rows.iter().map(result).collect();
    let mut ids: Vec<&str> = results.iter().filter_map(|result| result.get("ruleId")?.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let described = |id: &&str| {
        let summary = rules::find(id).map_or(*id, |rule| rule.summary);
        json!({"id": id, "shortDescription": {"text": summary}, "fullDescription": {"text": summary}, "help": {"text": summary}})
    };
    let driver = json!({
        "name": "clawsift",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "informationUri": env!("CARGO_PKG_REPOSITORY"),
        "rules": ids.iter().map(described).collect::<Vec<_>>(),
    });
    let successful = ![crate::judge::exit::INCOMPLETE, crate::judge::exit::INTERNAL].contains(&code);
    let run = json!({
        "tool": {"driver": driver},
        "automationDetails": {"id": "clawsift/compare/"},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository"}}},
        "invocations": [{"executionSuccessful": successful, "exitCode": code}],
        "results": results,
    });
    let log = json!({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]});
    escape::json(format!("{log}\n"))
}

/// A table for a comment.
pub(super) fn markdown(rows: &[Row<'_>]) -> String {
    /// Rows that a comment has place for.
    const MOST: usize = 200;
    let told: Vec<&Row<'_>> = rows.iter().filter(|row| row.state != State::Unchanged).collect();
    let mut out = format!("**{}**\n", summary(rows));
    if told.is_empty() {
        return out;
    }
    out += "\n| | severity | rule | where | what |\n| --- | --- | --- | --- | --- |\n";
    for row in told.iter().take(MOST) {
        let record = row.record;
        let note = row.note.map_or_else(String::new, |note| format!(" ({note})"));
        let (state, severity) = (row.state.as_str(), record.severity.as_str());
        let cells = [&record.rule, &place(row), &(record.message.clone() + &note)].map(|text| cell(text));
        let _ = writeln!(out, "| {state} | {severity} | {} |", cells.join(" | "));
    }
    if let Some(more) = told.len().checked_sub(MOST).filter(|more| *more > 0) {
        let _ = writeln!(out, "\n{more} more are not shown.");
    }
    out
}

/// Text that is no markup of the table or of the page: as code, in a fence that nothing in it closes.
fn cell(text: &str) -> String {
    let text = escape::line(text).replace('|', "\\|").replace('`', "'");
    if text.trim().is_empty() { String::new() } else { format!("`{text}`") }
}
