//! `.env` files: `[export ]NAME=value` lines.

use crate::source::{FileId, Span, offset};

/// One `[export ]NAME=value` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvLine {
    /// The name.
    pub name: String,
    /// Its token.
    pub name_span: Span,
    /// The value without quotes.
    pub value: String,
    /// Its token, quotes excluded; empty for an empty value.
    pub value_span: Span,
}

/// Reads every assignment; other lines are comments to us, as they are to the loader.
#[must_use]
pub fn parse(file: FileId, text: &str) -> Vec<EnvLine> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(found) = assignment(file, start, line.trim_end_matches(['\n', '\r'])) {
            lines.push(found);
        }
        start += line.len();
    }
    lines
}

fn assignment(file: FileId, start: usize, line: &str) -> Option<EnvLine> {
    let (left, right) = line.split_once('=')?;
    let name = left.trim_start_matches('\u{feff}').trim();
    let name = name.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])).map_or(name, str::trim_start);
    let valid =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    if !valid {
        return None;
    }
    let name_at = start + left.find(name)?;
    let raw = right.trim();
    let value = unquote(raw);
    let value_at = start + left.len() + 1 + (right.len() - right.trim_start().len()) + raw.find(value).unwrap_or(0);
    let span = |at: usize, size: usize| Span { file, start: offset(at), end: offset(at + size) };
    Some(EnvLine {
        name: name.to_owned(),
        name_span: span(name_at, name.len()),
        value: value.to_owned(),
        value_span: span(value_at, value.len()),
    })
}

/// The value inside its quotes, or up to a comment when it has none.
fn unquote(raw: &str) -> &str {
    for quote in ['"', '\'', '`'] {
        if let Some(rest) = raw.strip_prefix(quote)
            && let Some(end) = rest.find(quote)
        {
            return rest.get(..end).unwrap_or(rest);
        }
    }
    raw.find(" #").and_then(|at| raw.get(..at)).unwrap_or(raw).trim_end()
}
