//! Tables of entries: the one that ClosedClaw exports, and ours.
//!
//! ClosedClaw quotes the summary and the details and nothing else, leaves out the channel and both hashes, and
//! writes formulas as they are. Ours has all that is hashed, so that it can be verified by itself, and no
//! cell that a spreadsheet would calculate: such a cell begins with an apostrophe, and so that this can be taken
//! back, every cell that began with one gets another. A value that is no text is written as `'json:` and its JSON.

use std::fmt::Write as _;

use super::entry::Parsed;
use crate::syntax::ecma::unquoted;

/// The first row of ClosedClaw's table.
pub const REAL_HEADER: &str = "seq,timestamp,type,severity,summary,actor,session,details";
/// The first row of ours.
pub const HEADER: &str = "seq,timestamp,type,severity,summary,actor,session,details,channel,prevHash,hash";

/// The fields behind the columns of both tables.
const COLUMNS: [&str; 11] =
    ["seq", "ts", "type", "severity", "summary", "actor", "session", "details", "channel", "prevHash", "hash"];
/// Columns of ClosedClaw's table.
const REAL_COLUMNS: usize = 8;

/// How a cell begins that holds JSON.
const JSON: &str = "'json:";

/// A cell as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its text, without quotes.
    pub text: String,
    /// It was quoted.
    pub quoted: bool,
}

/// Would a spreadsheet calculate a cell?
#[must_use]
pub fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A row of our table, without a newline.
#[must_use]
pub fn row(entry: &Parsed<'_>) -> String {
    COLUMNS.map(|field| cell(entry, field)).join(",")
}

fn cell(entry: &Parsed<'_>, field: &str) -> String {
    let Some(member) = entry.json.get(field) else { return String::new() };
    let value = entry.json.value(member);
    let canonical = String::from_utf8(value).unwrap_or_default();
    let plain = match (field, entry.json.first_byte(member)) {
        ("seq", b'-' | b'0'..=b'9') => return canonical,
        ("details", b'{') => Some(canonical.clone()),
        ("seq" | "details", _) => None,
        // What a text cannot hold only its JSON can.
        (_, b'"') if !canonical.contains("\\ud") => unquoted(canonical.as_bytes()),
        _ => None,
    };
    let text = match plain {
        Some(text) if is_formula(&text) || text.starts_with('\'') => format!("'{text}"),
        Some(text) => text,
        None => format!("{JSON}{canonical}"),
    };
    // An empty text is not the same as none.
    let bare = !text.is_empty() && !text.contains(['"', ',', '\n', '\r']) && text.trim().len() == text.len();
    if bare { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// A row of ClosedClaw's table, without a newline, when it writes one.
#[must_use]
pub fn real_row(entry: &Parsed<'_>) -> Option<String> {
    entry.json.get("details")?;
    let mut row = String::new();
    for (index, field) in COLUMNS.iter().enumerate().take(REAL_COLUMNS) {
        let text = real_cell(entry, field);
        let comma = if index == 0 { "" } else { "," };
        let quoted = matches!(*field, "summary" | "details");
        let _ =
            if quoted { write!(row, "{comma}\"{}\"", text.replace('"', "\"\"")) } else { write!(row, "{comma}{text}") };
    }
    Some(row)
}

/// What ClosedClaw writes into a cell before it quotes it.
fn real_cell(entry: &Parsed<'_>, field: &str) -> String {
    let Some(member) = entry.json.get(field) else {
        // A template of JavaScript says so; only these two have another word for nothing.
        return if matches!(field, "actor" | "session") { String::new() } else { "undefined".to_owned() };
    };
    let canonical = String::from_utf8(entry.json.value(member)).unwrap_or_default();
    match field {
        "details" => canonical,
        "actor" | "session" if canonical == "null" => String::new(),
        _ => unquoted(canonical.as_bytes()).unwrap_or(canonical),
    }
}

/// The cells that ClosedClaw meant, to be compared with what a reader of tables gets.
#[must_use]
pub fn real_cells(entry: &Parsed<'_>) -> Vec<String> {
    COLUMNS.iter().take(REAL_COLUMNS).map(|field| real_cell(entry, field)).collect()
}

/// Cuts the next row off a table (RFC 4180): its cells and the bytes it takes with its line end. A quote that is
/// not closed goes on to the end.
#[must_use]
pub fn next_row(text: &str) -> (Vec<Cell>, usize) {
    let mut cells = vec![Cell { text: String::new(), quoted: false }];
    let mut chars = text.char_indices().peekable();
    let mut inside = false;
    while let Some((at, c)) = chars.next() {
        let Some(cell) = cells.last_mut() else { break };
        match c {
            '"' if inside && chars.peek().is_some_and(|(_, next)| *next == '"') => {
                chars.next();
                cell.text.push('"');
            }
            '"' if inside => inside = false,
            '"' if cell.text.is_empty() && !cell.quoted => (inside, cell.quoted) = (true, true),
            _ if inside => cell.text.push(c),
            ',' => cells.push(Cell { text: String::new(), quoted: false }),
            '\n' => return (cells, at + 1),
            '\r' if chars.peek().is_none_or(|(_, next)| *next == '\n') => {}
            _ => cell.text.push(c),
        }
    }
    (cells, text.len())
}

/// The entry that a row of our table was made of, as a line of a log.
#[must_use]
pub fn line(cells: &[Cell]) -> Option<String> {
    if cells.len() != COLUMNS.len() {
        return None;
    }
    let mut out = String::from("{");
    for (field, cell) in COLUMNS.iter().zip(cells) {
        if cell.text.is_empty() && !cell.quoted {
            continue;
        }
        let value = match cell.text.strip_prefix(JSON) {
            Some(json) => json.to_owned(),
            None if *field == "seq" => cell.text.clone(),
            None => {
                let text = cell.text.strip_prefix('\'').unwrap_or(&cell.text);
                if *field == "details" { text.to_owned() } else { serde_json::Value::from(text).to_string() }
            }
        };
        let comma = if out.len() > 1 { "," } else { "" };
        let _ = write!(out, "{comma}\"{field}\":{value}");
    }
    Some(out + "}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(line: &str) -> Parsed<'_> {
        Parsed::read(line.as_bytes()).unwrap()
    }

    #[test]
    fn rows_come_back() {
        for line in [
            r#"{"seq":1,"ts":"t","type":"a","severity":"info","summary":"=1+1","details":{"a":"b, \"c\""},"prevHash":"p","hash":"h"}"#,
            r#"{"seq":2,"ts":" t ","type":"","severity":"'x","summary":"''=\"\nb\r\n","details":[],"actor":null,"session":"-2,3","channel":"@x","prevHash":"p","hash":"h"}"#,
            r#"{"seq":"3","ts":5,"type":"＝x","severity":"'json:1","summary":"\ud800\t","details":{},"actor":"","prevHash":null,"hash":"\tq"}"#,
            "{}",
        ] {
            let row = row(&entry(line));
            let (cells, length) = next_row(&row);
            assert_eq!(length, row.len(), "{row}");
            assert!(cells.iter().skip(1).all(|cell| !is_formula(&cell.text)), "{row}");
            let back = super::line(&cells).unwrap();
            assert_eq!(entry(&back).hash(), entry(line).hash(), "{row}\n{back}");
            assert_eq!(entry(&back).name("hash"), entry(line).name("hash"));
        }
    }

    #[test]
    fn rows_of_the_real_table_are_what_it_writes() {
        let line = r#"{"seq":19,"ts":"2026","type":"tool_exec","severity":"info","summary":"=H(\"x\")","details":{"a":1},"actor":"-2+3","session":"@S(1,1)"}"#;
        let row = real_row(&entry(line)).unwrap();
        assert_eq!(row, r#"19,2026,tool_exec,info,"=H(""x"")",-2+3,@S(1,1),"{""a"":1}""#);
        assert_eq!(next_row(&row).0.len(), 9);
        assert_eq!(real_row(&entry("{\"seq\":1}")), None);
    }

    #[test]
    fn rows_end_at_line_ends_outside_of_quotes() {
        let texts = |text: &str| next_row(text).0.into_iter().map(|cell| cell.text).collect::<Vec<_>>();
        assert_eq!(
            (texts("a,\"b\nc\",d\r\nnext"), next_row("a,\"b\nc\",d\r\nnext").1),
            (vec!["a".into(), "b\nc".into(), "d".into()], 11)
        );
        assert_eq!(texts("a\"b,\"\",\"c"), ["a\"b", "", "c"]);
    }
}
