//! Where a configuration or side file holds a secret: for the rules that report it and for the
//! excerpts that must not show it. What counts as one is decided by [`crate::secret`].

use std::ops::Range;

use super::Config;
use super::document::{Content, Document};
use super::env::push;
use super::value::{EnvUse, Found, Kind, Value};
use crate::finding::{Confidence, Place};
use crate::secret::{self, Certainty, Placeholder, Verdict};
use crate::source::{FileId, Source, Span, offset};
use crate::syntax::{self, Node, NodeKind};

/// A secret that is written as a value.
#[derive(Clone, Debug)]
pub struct Leak {
    /// The token, with its key path.
    pub place: Place,
    /// What it was recognised as.
    pub verdict: Verdict,
    /// Its kind and length in words; nothing of its characters.
    pub shape: String,
    /// True where the product keeps a secret or where the key is named like one; false for a known
    /// format in any other value.
    pub expected: bool,
}

/// Every secret among the string values below `root`.
#[must_use]
pub fn leaks(root: &Value) -> Vec<Leak> {
    let mut found = Vec::new();
    let mut path = String::new();
    strings(root, &mut path, "", &mut |path, key, value, text, env| {
        let Some(verdict) = verdict_of(path, key, text, env) else { return };
        let segments: Vec<&str> = path.split('.').collect();
        let expected = secret::is_registered(&segments) || is_secret_key(path, key);
        let place = Place { span: value.token(), key_path: path.to_owned(), missing: false };
        found.push(Leak { place, verdict, shape: secret::shape(text), expected });
    });
    found
}

/// The secret that one place of a configuration holds.
#[must_use]
pub fn leak_at(found: &Found<'_>) -> Option<Leak> {
    let text = found.text()?;
    let path = found.path();
    let key = path.rsplit('.').next().unwrap_or_default();
    let verdict = verdict_of(&path, key, &text.text, text.env)?;
    Some(Leak { place: found.place(), verdict, shape: secret::shape(&text.text), expected: true })
}

/// Bytes of the shortest text that is worth a look.
const SHORTEST: usize = 8;

/// A value that owes something to the environment is no literal, but a known format may still stand
/// beside the reference.
fn verdict_of(path: &str, key: &str, text: &str, env: EnvUse) -> Option<Verdict> {
    // No format is that short, and no shorter literal counts as a secret (`secret::placeholder`).
    if text.len() < SHORTEST {
        return None;
    }
    match env {
        EnvUse::None => secret::judge(path, key, text),
        EnvUse::Unknown => {
            let (range, _) = secret::find_in_text(text).into_iter().next()?;
            secret::recognise(text.get(range)?)
        }
        EnvUse::Resolved | EnvUse::Missing => None,
    }
}

/// Calls `visit` with path, nearest key, value and text of every string.
fn strings(value: &Value, path: &mut String, key: &str, visit: &mut dyn FnMut(&str, &str, &Value, &str, EnvUse)) {
    let size = path.len();
    match &value.kind {
        Kind::String(text) => visit(path, key, value, &text.text, text.env),
        Kind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                push(path, &index.to_string());
                strings(item, path, key, visit);
                path.truncate(size);
            }
        }
        Kind::Map(map) => {
            for entry in &map.entries {
                push(path, &entry.key);
                strings(&entry.value, path, &entry.key, visit);
                path.truncate(size);
            }
        }
        _ => {}
    }
}

/// Is the key named like a secret, as a member or as a variable?
fn is_secret_key(path: &str, key: &str) -> bool {
    secret::is_secret_name(path)
        || secret::is_secret_name(key)
        || secret::is_secret_env_name(key)
        || secret::looks_like_secret_env_name(key)
}

/// The confidence of a finding about a secret of this certainty.
#[must_use]
pub const fn confidence(certainty: Certainty) -> Confidence {
    match certainty {
        Certainty::High => Confidence::High,
        Certainty::Medium => Confidence::Medium,
        Certainty::Low => Confidence::Low,
    }
}

/// Known formats in a configuration's texts that lie in no value it keeps: in comments, in keys, in
/// values that lost against another one.
#[must_use]
pub fn outside_values(config: &Config) -> Vec<(Span, String)> {
    let mut kept = Vec::new();
    strings(&config.root, &mut String::new(), "", &mut |_, _, value, _, _| kept.push(value.span));
    kept.sort_unstable();
    let mut found = Vec::new();
    for (index, source) in config.sources.iter().enumerate() {
        let file = FileId(offset(index));
        let text = source.text().unwrap_or_default();
        for (range, _) in secret::find_in_text(text) {
            let span = span_of(file, &range);
            let before = kept.partition_point(|kept| (kept.file, kept.start) <= (file, span.start));
            let inside = before.checked_sub(1).and_then(|at| kept.get(at));
            let inside = inside.is_some_and(|kept| kept.file == file && kept.end >= span.end);
            let sure = text.get(range.clone()).and_then(secret::recognise);
            if !inside && sure.is_none_or(|verdict| verdict.certainty == Certainty::High) {
                found.push((span, secret::shape(text.get(range).unwrap_or_default())));
            }
        }
    }
    found
}

/// Every token of a configuration whose text no report may show.
#[must_use]
pub fn spans(config: &Config) -> Vec<Span> {
    let mut spans = Vec::new();
    for (index, source) in config.sources.iter().enumerate() {
        // What was written, because the resolved value no longer has what lost a merge.
        let parsed = config.parsed.get(index).and_then(|parsed| parsed.as_ref().ok());
        of_source(FileId(offset(index)), source, parsed, &mut spans);
    }
    merged(spans)
}

/// The tokens of one text; `parsed` is what was read from it, when it is JSON5.
fn of_source(file: FileId, source: &Source, parsed: Option<&syntax::Document>, spans: &mut Vec<Span>) {
    let text = source.text().unwrap_or_default();
    hits(file, text, spans);
    match parsed {
        Some(document) => {
            hidden_nodes(&document.root, source, &mut String::new(), "", spans);
            document.comments.iter().for_each(|comment| assigned_within(comment.span, source, spans));
        }
        None => hidden_assignments(file, text, spans),
    }
}

/// Every token of a side file whose text no report may show.
#[must_use]
pub fn document_spans(document: &Document) -> Vec<Span> {
    let mut spans = Vec::new();
    hits(document.file, document.text(), &mut spans);
    match &document.content {
        Content::Tree(value) => hidden_values(value, &document.source, &mut String::new(), "", &mut spans),
        Content::Env(lines) => {
            let secret = lines.iter().filter(|line| is_hidden(&line.name, &line.name, &line.value));
            spans.extend(secret.map(|line| line.value_span));
        }
        Content::Text | Content::Broken(_) | Content::Opaque | Content::NoFile(_) => {}
    }
    // Command lines inside values, and files whose parser stopped half-way.
    hidden_assignments(document.file, document.text(), &mut spans);
    merged(spans)
}

/// Every token of a text whose content no diff may show, whatever it is written in.
#[must_use]
pub fn text_spans(file: FileId, source: &Source) -> Vec<Span> {
    let mut spans = Vec::new();
    let parsed = syntax::json5::parse(file, source.text().unwrap_or_default()).ok();
    of_source(file, source, parsed.as_ref(), &mut spans);
    merged(spans)
}

fn hits(file: FileId, text: &str, spans: &mut Vec<Span>) {
    spans.extend(secret::find_in_text(text).iter().map(|(range, _)| span_of(file, range)));
    spans.extend(bearers(text).map(|range| span_of(file, &range)));
}

/// What follows `Bearer` in a header or a command, when it looks like a token.
fn bearers(text: &str) -> impl Iterator<Item = Range<usize>> {
    /// The shortest one.
    const LEAST: usize = 16;
    text.match_indices("earer ").filter_map(move |(at, word)| {
        let start = at + word.len();
        let rest = text.get(start..)?;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"._~+/=-".contains(c)).unwrap_or(rest.len());
        let token =
            rest.get(..end).filter(|token| token.len() >= LEAST && token.bytes().any(|b| b.is_ascii_digit()))?;
        secret::placeholder(token).is_none().then_some(start..start + end)
    })
}

fn span_of(file: FileId, range: &Range<usize>) -> Span {
    Span { file, start: offset(range.start), end: offset(range.end) }
}

/// Must the text of a value stay hidden for the sake of its place? Known formats are hidden wherever
/// they stand (`hits`). Wider than what a rule reports: a short password is no finding, yet it is a
/// password.
fn is_hidden(path: &str, key: &str, text: &str) -> bool {
    use Placeholder::{Example, Marker, Redaction, Reference};
    !text.trim().is_empty()
        && (is_secret_key(path, key) || is_kept_secret(path))
        && !matches!(secret::placeholder(text), Some(Redaction | Reference | Marker | Example))
}

/// A place where the product keeps a secret; of an open `env` map only its names can tell.
fn is_kept_secret(path: &str) -> bool {
    let segments: Vec<&str> = path.split('.').collect();
    let open = segments.iter().rev().nth(1).is_some_and(|map| matches!(*map, "env" | "vars"));
    !open && secret::is_registered(&segments)
}

fn hidden_nodes(node: &Node, source: &Source, path: &mut String, key: &str, spans: &mut Vec<Span>) {
    let size = path.len();
    match &node.kind {
        NodeKind::String(text) if is_hidden(path, key, text) => spans.push(inside_quotes(node.span, source)),
        // A command line, an address with a query.
        NodeKind::String(_) => assigned_within(node.span, source, spans),
        NodeKind::Number(_) if is_secret_key(path, key) => spans.push(node.span),
        NodeKind::List(items) => {
            let mut option = None;
            for (index, item) in items.iter().enumerate() {
                push(path, &index.to_string());
                hidden_nodes(item, source, path, option.unwrap_or(key), spans);
                path.truncate(size);
                option = if let NodeKind::String(text) = &item.kind { secret_option(text) } else { None };
            }
        }
        NodeKind::Map(members) => {
            for member in members {
                push(path, &member.key);
                hidden_nodes(&member.value, source, path, named(&member.key, key), spans);
                path.truncate(size);
            }
        }
        _ => {}
    }
}

fn hidden_values(value: &Value, source: &Source, path: &mut String, key: &str, spans: &mut Vec<Span>) {
    let size = path.len();
    match &value.kind {
        Kind::String(text) if is_hidden(path, key, &text.text) => spans.push(inside_quotes(value.span, source)),
        Kind::Number(_) if is_secret_key(path, key) => spans.push(value.span),
        Kind::List(items) => {
            let mut option = None;
            for (index, item) in items.iter().enumerate() {
                push(path, &index.to_string());
                hidden_values(item, source, path, option.unwrap_or(key), spans);
                path.truncate(size);
                option = if let Kind::String(text) = &item.kind { secret_option(&text.text) } else { None };
            }
        }
        Kind::Map(map) => {
            for entry in &map.entries {
                push(path, &entry.key);
                hidden_values(&entry.value, source, path, named(&entry.key, key), spans);
                path.truncate(size);
            }
        }
        _ => {}
    }
}

/// The name that tells what the value of `key` is: `default` below `apiKey` is an API key.
fn named<'k>(key: &'k str, parent: &'k str) -> &'k str {
    if matches!(key, "default" | "const" | "enum" | "example" | "examples" | "value") { parent } else { key }
}

/// The name of an option whose value, the next word of the command, is a secret: `--token`.
fn secret_option(word: &str) -> Option<&str> {
    let name = word.strip_prefix('-')?.trim_start_matches('-');
    is_secret_key(name, name).then_some(name)
}

/// What a token gives to secret names somewhere in its text.
fn assigned_within(token: Span, source: &Source, spans: &mut Vec<Span>) {
    for found in assignments(source.slice(token.start, token.end)).iter().filter(|found| gives_secret(found)) {
        let start = token.start.saturating_add(offset(found.range.start));
        spans.push(Span { start, end: start.saturating_add(offset(found.range.len())), ..token });
    }
}

/// Is it a secret, and not the bracket that opens an object?
fn gives_secret(found: &Assignment<'_>) -> bool {
    found.value.contains(|c| !"[]{}".contains(c)) && is_hidden(found.name, found.name, found.value)
}

/// The text of a string token without its quotes.
fn inside_quotes(span: Span, source: &Source) -> Span {
    let text = source.slice(span.start, span.end);
    let quoted = text.len() >= 2 && text.starts_with(['"', '\'', '`']) && text.get(..1) == text.get(text.len() - 1..);
    if quoted { Span { start: span.start + 1, end: span.end - 1, ..span } } else { span }
}

fn hidden_assignments(file: FileId, text: &str, spans: &mut Vec<Span>) {
    for found in assignments(text).iter().filter(|found| gives_secret(found)) {
        spans.push(span_of(file, &found.range));
    }
}

/// The values near a place that a text gives to names of secrets. Known formats are found by whoever
/// shows the text.
#[must_use]
pub fn spans_near(file: FileId, text: &str, place: Span) -> Vec<Span> {
    /// Bytes on either side that an excerpt may show.
    const REACH: usize = 2_048;
    let from = crate::source::floor(text, (place.start as usize).saturating_sub(REACH));
    let to = crate::source::floor(text, (place.end as usize).min(place.start as usize + REACH).saturating_add(REACH));
    let window = text.get(from..to).unwrap_or_default();
    let found = assignments(window);
    let given = found.iter().filter(|found| gives_secret(found));
    let given = given.map(|found| found.range.clone()).chain(bearers(window));
    given.map(|range| span_of(file, &(from + range.start..from + range.end))).collect()
}

/// A value that a text gives to a name: `NAME=value`, `"name": "value"`, `--name value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment<'a> {
    /// The name, without quotes and leading dashes.
    pub name: &'a str,
    /// The value, without quotes.
    pub value: &'a str,
    /// Its bytes.
    pub range: Range<usize>,
}

/// Every assignment in a text, whatever its language: what stands before and after `=`, `:` or the
/// space behind a long option. Values that hold no secret are included; spaces end a bare value.
#[must_use]
pub fn assignments(text: &str) -> Vec<Assignment<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        // A value may hold assignments of its own. A line that is one long chain of them
        // (`a=b=c=…`) is read up to this many bytes that way, then each value once.
        let mut budget = 8 * line.len() + (1 << 16);
        let mut read = 0;
        for at in memchr::memchr3_iter(b'=', b':', b' ', line.as_bytes()) {
            // Of a run of spaces the first one separates.
            if at < read || line.get(at.saturating_sub(1)..=at) == Some("  ") {
                continue;
            }
            if let Some(one) = assignment(line, at) {
                let range = start + one.range.start..start + one.range.end;
                budget = budget.saturating_sub(one.range.len());
                if budget == 0 {
                    read = one.range.end;
                }
                found.push(Assignment { range, ..one });
            }
        }
        start += line.len();
    }
    found
}

fn assignment(line: &str, at: usize) -> Option<Assignment<'_>> {
    let before = line.get(..at)?.trim_end().trim_end_matches(['"', '\'', '`']);
    let others = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let word = before.get(others.len()..)?;
    let name = word.trim_start_matches('-');
    let space = line.as_bytes().get(at) == Some(&b' ');
    if name.len() < 3 || space && !word.starts_with("--") {
        return None;
    }
    // `${NAME:-value}` gives a value too.
    let at = at + usize::from(line.get(at..)?.starts_with(":-"));
    let rest = line.get(at + 1..)?;
    let value_at = at + 1 + (rest.len() - rest.trim_start_matches([' ', '\t', '=', '"', '\'', '`', '\\']).len());
    let rest = line.get(value_at..)?;
    // What stands in quotes may hold spaces; anything else ends at the first one.
    let opener = line.get(..value_at)?.chars().next_back();
    let quoted = opener.filter(|c| matches!(c, '"' | '\'' | '`'));
    let in_braces = rest.starts_with("${") || rest.starts_with("{{");
    let end = rest.find(|c: char| match quoted {
        Some(quote) => c == quote || c == '\n' || c == '\r',
        None => c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | '`' | ')' | '|') || c == '}' && !in_braces,
    });
    let value = rest.get(..end.unwrap_or(rest.len()))?.trim_end_matches('\\');
    (!value.is_empty()).then(|| Assignment { name, value, range: value_at..value_at + value.len() })
}

/// Sorted, without overlaps.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if last.file == span.file && span.start < last.end => last.end = last.end.max(span.end),
            _ => out.push(span),
        }
    }
    out
}
