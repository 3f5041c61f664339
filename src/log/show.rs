//! How entries are printed.

use std::fmt::Write as _;

use crate::model::audit_log::csv;
use crate::model::audit_log::entry::Parsed;
use crate::report::escape;
use crate::syntax::ecma::{Json, pretty, unquoted};

/// Details that are shown of an entry.
const FEW: usize = 3;

/// An entry for people: a line, and a few more that say who and what.
pub(super) fn text(entry: &Parsed<'_>) -> String {
    let word = |field: &str| entry.field(field).unwrap_or_default();
    let seq = entry.json.get("seq").and_then(|seq| entry.json.scalar(seq)).map(String::from_utf8_lossy);
    let ts = word("ts");
    let shown = ts.get(..19).map_or_else(|| ts.clone(), |ts| ts.replace('T', " "));
    let severity = match &*word("severity") {
        "info" => "INFO".to_owned(),
        "warn" => "WARN".to_owned(),
        "error" => "ERR ".to_owned(),
        "critical" => "CRIT".to_owned(),
        other => other.to_uppercase(),
    };
    let line =
        format!("[#{:<5}] {} {} {:<16} {}", seq.unwrap_or_default(), shown, severity, word("type"), word("summary"));
    let mut out = escape::line(&line).into_owned() + "\n";
    for (name, field) in [("Actor", "actor"), ("Session", "session"), ("Channel", "channel")] {
        if let Some(text) = entry.field(field).filter(|text| !text.is_empty()) {
            let _ = writeln!(out, "  {name}: {}", escape::line(&text));
        }
    }
    let details = entry.json.get("details").map(|details| entry.json.value(details)).unwrap_or_default();
    let details = String::from_utf8(details).unwrap_or_default();
    let Ok(details) = Json::parse(&details) else { return out };
    for member in details.members().take(FEW) {
        let key = unquoted(&[b"\"", details.key(member), b"\""].concat()).unwrap_or_default();
        let value =
            details.text(member).unwrap_or_else(|| String::from_utf8_lossy(&details.value(member)).into_owned());
        let _ = writeln!(out, "  {}: {}", escape::line(&key), escape::line(&value));
    }
    let more = details.members().count().saturating_sub(FEW);
    if more > 0 {
        let _ = writeln!(out, "  ({more} more fields)");
    }
    out
}

/// An entry as an element of an array of two blanks a level, without the blanks before it.
pub(super) fn json(entry: &Parsed<'_>) -> String {
    let mut out = Vec::new();
    pretty(&entry.json.stringify(), 2, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// An entry as a row of a table.
pub(super) fn row(entry: &Parsed<'_>) -> String {
    csv::row(entry)
}

/// The first row of the table.
pub(super) const HEADER: &str = csv::HEADER;
