//! `--format ndjson`: one JSON object a line.
//!
//! Every finding is a line `{"type": "finding", …}` with the members of a finding in
//! `--format json`. The last line is `{"type": "summary", …}` with all other members of that
//! report; a report without it was cut off.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::{escape, json};
use crate::judge::Verdict;

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    for finding in &verdict.shown {
        line("finding", json::finding(finding), out)?;
    }
    let mut rest = json::frame(verdict);
    if let Some(members) = rest.as_object_mut() {
        members.shift_remove("findings");
    }
    line("summary", rest, out)
}

fn line(kind: &str, value: Value, out: &mut dyn Write) -> io::Result<()> {
    let mut tagged = Map::new();
    tagged.insert("type".to_owned(), kind.into());
    if let Value::Object(members) = value {
        tagged.extend(members);
    }
    writeln!(out, "{}", escape::json(Value::Object(tagged).to_string()))
}
