//! A unified diff that `git apply` takes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff};

use super::Rewrite;
use crate::model::secrets;
use crate::source::{FileId, Source};

/// Lines around a change.
const CONTEXT: usize = 3;

/// The diff of a file and the lines, from 1, of the changes that are left out of it. A line that holds a
/// secret is not shown: the context shrinks, and a piece that changes such a line is left out.
#[must_use]
pub fn unified(rewrite: &Rewrite) -> (String, Vec<usize>) {
    let before = Source::new(Arc::clone(&rewrite.path), Arc::clone(&rewrite.before));
    let after = Source::new(Arc::clone(&rewrite.path), Arc::clone(&rewrite.after));
    let secret = Secret { old: secret_lines(&before), new: secret_lines(&after) };
    let (old, new) = (lines(&before), lines(&after));
    // Only line feeds end lines for git, so the library must not look for other ends itself.
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).newline_terminated(true).diff_slices(&old, &new);
    let (mut out, mut withheld) = (String::new(), Vec::new());
    // How many lines what is left out would have added.
    let mut missing = 0;
    for hunk in diff.grouped_ops(CONTEXT) {
        for hunk in split(&hunk, &secret) {
            let hunk = shrunk(&hunk, &secret);
            let shown = match open_end(&hunk, old.len()) {
                Some(line) => Err(line),
                None => shown_hunk(&hunk, &old, &new, &secret, missing),
            };
            match shown {
                Ok(hunk) => out.push_str(&hunk),
                Err(line) => {
                    withheld.push(line);
                    missing += hunk
                        .iter()
                        .map(|op| signed(op.new_range().len()) - signed(op.old_range().len()))
                        .sum::<isize>();
                }
            }
        }
    }
    if !out.is_empty() {
        let (from, to) = (name("a/", &rewrite.path), name("b/", &rewrite.path));
        out.insert_str(0, &format!("diff --git {from} {to}\n--- {from}\n+++ {to}\n"));
    }
    (out, withheld)
}

/// A text as git sees its lines.
fn lines(source: &Source) -> Vec<&str> {
    source.text().unwrap_or_default().split_inclusive('\n').collect()
}

/// The lines, counted from 0, that hold a secret.
struct Secret {
    old: BTreeSet<usize>,
    new: BTreeSet<usize>,
}

fn secret_lines(source: &Source) -> BTreeSet<usize> {
    let line = |at: u32| source.point(at).line as usize - 1;
    let spans = secrets::text_spans(FileId(0), source);
    spans.iter().flat_map(|span| line(span.start)..=line(span.end.saturating_sub(1).max(span.start))).collect()
}

/// A hunk in pieces, each with one change, when a secret is near: so only the change that would show it is
/// left out. The lines between two changes are shared out, for pieces must not overlap.
fn split(hunk: &[DiffOp], secret: &Secret) -> Vec<Vec<DiffOp>> {
    let is_near = |op: &DiffOp| {
        op.old_range().any(|at| secret.old.contains(&at)) || op.new_range().any(|at| secret.new.contains(&at))
    };
    if !hunk.iter().any(is_near) {
        return vec![hunk.to_vec()];
    }
    let mut pieces = vec![Vec::new()];
    for (at, op) in hunk.iter().enumerate() {
        let inner = at > 0 && at + 1 < hunk.len();
        let (first, second) = match *op {
            DiffOp::Equal { old_index, new_index, len } if inner => {
                let secret = (0..len).find(|at| secret.old.contains(&(old_index + at)));
                let cut = secret.unwrap_or(len.div_ceil(2));
                let rest = DiffOp::Equal { old_index: old_index + cut, new_index: new_index + cut, len: len - cut };
                (DiffOp::Equal { old_index, new_index, len: cut }, Some(rest))
            }
            op => (op, None),
        };
        if let Some(piece) = pieces.last_mut() {
            piece.push(first);
        }
        pieces.extend(second.map(|second| vec![second]));
    }
    pieces
}

/// A hunk without context lines that are hidden, and what lies beyond them.
fn shrunk(hunk: &[DiffOp], secret: &Secret) -> Vec<DiffOp> {
    let is_hidden = |at: usize| secret.old.contains(&at);
    let mut hunk = hunk.to_vec();
    if let Some(DiffOp::Equal { old_index, new_index, len }) = hunk.first().copied() {
        let keep = (0..len).rev().take_while(|at| !is_hidden(old_index + at)).count();
        let skip = len - keep;
        if let Some(first) = hunk.first_mut() {
            *first = DiffOp::Equal { old_index: old_index + skip, new_index: new_index + skip, len: keep };
        }
    }
    if let Some(DiffOp::Equal { old_index, new_index, len }) = hunk.last().copied() {
        let keep = (0..len).take_while(|at| !is_hidden(old_index + at)).count();
        if let Some(last) = hunk.last_mut() {
            *last = DiffOp::Equal { old_index, new_index, len: keep };
        }
    }
    hunk
}

/// The first changed line of a hunk that has no line after its change although the file has some: git takes
/// such a hunk for the end of the file.
fn open_end(hunk: &[DiffOp], lines: usize) -> Option<usize> {
    let last = hunk.last().map(DiffOp::old_range).filter(|range| range.end < lines)?;
    let is_change = |op: &&DiffOp| !matches!(op, DiffOp::Equal { .. });
    let closed = !last.is_empty() && hunk.last().is_none_or(|op| !is_change(&op));
    hunk.iter().find(is_change).filter(|_| !closed).map(|op| op.old_range().start + 1)
}

/// A hunk as text, or the line that would show a secret.
fn shown_hunk(hunk: &[DiffOp], old: &[&str], new: &[&str], secret: &Secret, missing: isize) -> Result<String, usize> {
    let mut out = String::new();
    let olds = span(hunk.iter().map(DiffOp::old_range));
    let news = span(hunk.iter().map(DiffOp::new_range));
    let start = news.start.saturating_add_signed(-missing);
    let news = start..start + news.len();
    let _ = writeln!(out, "@@ -{} +{} @@", shown(&olds), shown(&news));
    for op in hunk {
        for (tag, range) in op_lines(op) {
            for at in range {
                let (sign, line, hidden) = match tag {
                    ChangeTag::Equal => (' ', old.get(at), &secret.old),
                    ChangeTag::Delete => ('-', old.get(at), &secret.old),
                    ChangeTag::Insert => ('+', new.get(at), &secret.new),
                };
                if hidden.contains(&at) {
                    return Err(at + 1);
                }
                let line = line.copied().unwrap_or_default();
                out.push(sign);
                out.push_str(line);
                if !line.ends_with('\n') {
                    out.push_str("\n\\ No newline at end of file\n");
                }
            }
        }
    }
    Ok(out)
}

/// The lines of an operation: those that go before those that come.
fn op_lines(op: &DiffOp) -> Vec<(ChangeTag, Range<usize>)> {
    match op.tag() {
        similar::DiffTag::Equal => vec![(ChangeTag::Equal, op.old_range())],
        similar::DiffTag::Delete => vec![(ChangeTag::Delete, op.old_range())],
        similar::DiffTag::Insert => vec![(ChangeTag::Insert, op.new_range())],
        similar::DiffTag::Replace => vec![(ChangeTag::Delete, op.old_range()), (ChangeTag::Insert, op.new_range())],
    }
}

/// The range from the first to the last of some ranges.
fn span(ranges: impl Iterator<Item = Range<usize>>) -> Range<usize> {
    let mut ranges = ranges.peekable();
    let start = ranges.peek().map_or(0, |first| first.start);
    start..ranges.last().map_or(start, |last| last.end)
}

/// A count of lines as a difference; no file has more than fit.
fn signed(lines: usize) -> isize {
    isize::try_from(lines).unwrap_or(isize::MAX)
}

/// A range as a hunk's head counts: from 1, and an empty one from the line before it.
fn shown(range: &Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        len => format!("{},{len}", range.start + 1),
    }
}

/// A path as git writes it: quoted like a C string when it holds what would break the line.
fn name(prefix: &str, path: &str) -> String {
    let plain = path.bytes().all(|byte| (0x20..0x7f).contains(&byte) && !matches!(byte, b'"' | b'\\'));
    if plain {
        return format!("{prefix}{path}");
    }
    let mut out = format!("\"{prefix}");
    for byte in path.bytes() {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            0x20..0x7f => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out.push('"');
    out
}
