//! Edits of JSON5 text that leave everything else as it is: comments, quotes, commas, indentation, line
//! endings.
//!
//! An edit is a range of the text and what stands there afterwards. Nothing is written again that was
//! not asked for, so a diff shows the change and nothing else.

mod graft;
mod written;

use std::collections::BTreeSet;
use std::ops::Range;

pub use graft::{Graft, Planted};
use written::{key, written};

use super::{Document, Member, Node, NodeKind};
use crate::source::Span;

/// A replacement in one text. An empty range inserts, an empty text deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// The bytes that go.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

/// A text and what was read from it.
#[derive(Clone, Copy, Debug)]
pub struct Editor<'a> {
    text: &'a str,
    document: &'a Document,
}

/// What holds a value, and where in it the value stands.
enum Holder<'a> {
    Member(&'a [Member], usize),
    Item(&'a [Node], usize),
}

impl<'a> Editor<'a> {
    /// An editor of `text`, which `document` was read from.
    #[must_use]
    pub const fn new(text: &'a str, document: &'a Document) -> Self {
        Self { text, document }
    }

    /// Writes another value in the place of the one whose token, or whose key's token, is `at`.
    #[must_use]
    pub fn replace(&self, at: Span, value: &serde_json::Value) -> Option<Vec<TextEdit>> {
        let old = match self.holder(at)? {
            Holder::Member(members, index) => &members.get(index)?.value,
            Holder::Item(items, index) => items.get(index)?,
        };
        let text = written(value, self.quotes_keys(old));
        let range = range(old.span);
        if self.text.get(range.clone())? == text {
            return None;
        }
        let comments = self.comments_in(&range);
        Some(vec![TextEdit { text: comments + &text, range }])
    }

    /// Gives a member another name.
    #[must_use]
    pub fn rename(&self, at: Span, name: &str) -> Option<Vec<TextEdit>> {
        let Holder::Member(members, index) = self.holder(at)? else { return None };
        let member = members.get(index)?;
        // A name that is there already would be written twice.
        if members.iter().any(|other| &*other.key == name) {
            return None;
        }
        let range = range(member.key_span);
        let old = self.text.get(range.clone())?;
        let text = match old.chars().next() {
            Some(quote @ ('"' | '\'')) => format!("{quote}{name}{quote}"),
            _ => key(name, false),
        };
        Some(vec![TextEdit { range, text }])
    }

    /// Removes the member or item whose token, or whose key's token, is `at`, with one comma. Comments
    /// stay.
    #[must_use]
    pub fn remove(&self, at: Span) -> Option<Vec<TextEdit>> {
        self.removed(at, &BTreeSet::new(), true)
    }

    /// Removes several members and items.
    #[must_use]
    pub fn remove_all(&self, all: &[Span]) -> Option<Vec<TextEdit>> {
        self.all_removed(all, true)
    }

    fn all_removed(&self, all: &[Span], keep: bool) -> Option<Vec<TextEdit>> {
        let go = all.iter().map(|at| at.start).collect();
        let edits: Option<Vec<_>> = all.iter().map(|at| self.removed(*at, &go, keep)).collect();
        edits.map(|edits| edits.concat())
    }

    /// As [`Editor::remove`] where others `go` too, by the first bytes of their tokens; with `keep` the
    /// comments inside it stay.
    fn removed(&self, at: Span, go: &BTreeSet<u32>, keep: bool) -> Option<Vec<TextEdit>> {
        let (tokens, index): (Vec<(Range<usize>, bool)>, usize) = match self.holder(at)? {
            Holder::Member(members, index) => {
                let goes = |one: &Member| go.contains(&one.key_span.start) || go.contains(&one.value.span.start);
                (members.iter().map(|member| (whole(member), goes(member))).collect(), index)
            }
            Holder::Item(items, index) => {
                (items.iter().map(|item| (range(item.span), go.contains(&item.span.start))).collect(), index)
            }
        };
        let own = tokens.get(index)?.0.clone();
        let comma = self.comma_after(own.end);
        let mut edits = Vec::new();
        match comma {
            // Nothing stands between them: one piece.
            Some(comma) if self.is_blank(own.end..comma) => edits.push(self.without_line(own.start..comma + 1, keep)),
            Some(comma) => {
                edits.push(self.without_line(own, keep));
                edits.push(TextEdit { range: comma..comma + 1, text: String::new() });
            }
            None => {
                // The comma before it would be left over, which JSON does not allow.
                let kept = tokens.get(..index)?.iter().rfind(|(_, goes)| !goes);
                if let Some(comma) = kept.and_then(|(before, _)| self.comma_after(before.end)) {
                    edits.push(TextEdit { range: comma..comma + 1, text: String::new() });
                }
                edits.push(self.without_line(own, keep));
            }
        }
        Some(edits)
    }

    /// Writes a member into the object that begins at `object`, below the keys of `path`, which are made
    /// when they are missing. A member that is there gets the value.
    #[must_use]
    pub fn set(&self, object: Span, path: &[&str], value: &serde_json::Value) -> Option<Vec<TextEdit>> {
        let mut node = self.node_at(object)?;
        let mut path = path;
        while let Some((first, rest)) = path.split_first() {
            let NodeKind::Map(members) = &node.kind else { return None };
            // Of several members of one name the last one counts.
            let Some(member) = members.iter().rev().find(|member| &*member.key == *first) else { break };
            if rest.is_empty() {
                return self.replace(member.key_span, value);
            }
            (node, path) = (&member.value, rest);
        }
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        self.planted(node, &[Graft { path, value: Planted::Value(value) }])
    }

    /// Adds an item to the end of the array that begins at `array`.
    #[must_use]
    pub fn push(&self, array: Span, value: &serde_json::Value) -> Option<Vec<TextEdit>> {
        let node = self.node_at(array)?;
        let NodeKind::List(items) = &node.kind else { return None };
        let tokens: Vec<_> = items.iter().map(|item| range(item.span)).collect();
        self.append(node, &tokens, &[written(value, self.quotes_keys(node))])
    }

    /// Writes some texts behind the last of the `tokens` of a container.
    fn append(&self, container: &Node, tokens: &[Range<usize>], texts: &[String]) -> Option<Vec<TextEdit>> {
        let close = range(container.span).end.checked_sub(1)?;
        let newline = self.newline();
        let Some(last) = tokens.last() else {
            let step = if self.is_blank(self.line_start(close)..close) { self.line_start(close)..close } else { 0..0 };
            let indent = self.text.get(step)?;
            let inner = self.text.get(range(container.span))?.contains('\n');
            let between = if inner { format!(",{newline}{indent}{}", self.step()) } else { ", ".to_owned() };
            return Some(vec![self.fill(container, close, &texts.join(&between))]);
        };
        let comma = self.comma_after(last.end);
        let own_line = self.is_blank(self.line_start(last.start)..last.start);
        let trailing = if comma.is_some() { "," } else { "" };
        let mut edits = Vec::new();
        if comma.is_none() {
            edits.push(TextEdit { range: last.end..last.end, text: ",".to_owned() });
        }
        let end = comma.map_or(last.end, |comma| comma + 1);
        if own_line {
            let indent = self.text.get(self.line_start(last.start)..last.start)?;
            let line_end = self.line_end(end);
            // A closing bracket on the same line stays behind.
            let after = if line_end < close && self.is_free(end..line_end) { line_end } else { end };
            let text = texts.join(&format!(",{newline}{indent}"));
            edits.push(TextEdit { range: after..after, text: format!("{newline}{indent}{text}{trailing}") });
        } else {
            edits.push(TextEdit { range: end..end, text: format!(" {}{trailing}", texts.join(", ")) });
        }
        Some(merged(edits))
    }

    /// The first thing in an empty container.
    fn fill(&self, container: &Node, close: usize, text: &str) -> TextEdit {
        let open = range(container.span).start + 1;
        let inner = self.text.get(open..close).unwrap_or_default();
        if !inner.contains('\n') {
            let padded = matches!(container.kind, NodeKind::Map(_));
            let text = if padded { format!(" {text} ") } else { text.to_owned() };
            // A comment in it stays where it is.
            let range = if inner.trim().is_empty() { open..close } else { close..close };
            return TextEdit { range, text };
        }
        let start = self.line_start(close);
        let indent = self.text.get(start..close).filter(|indent| indent.trim().is_empty()).unwrap_or_default();
        let at = if self.is_blank(start..close) { start } else { close };
        TextEdit { range: at..at, text: format!("{indent}{}{text}{}", self.step(), self.newline()) }
    }

    /// The comments in a piece that goes, for what comes in its place. A comment to the end of its line
    /// keeps an end.
    fn comments_in(&self, range: &Range<usize>) -> String {
        let inside = self
            .document
            .comments
            .iter()
            .map(|one| one.span)
            .filter(|span| range.start <= span.start as usize && span.end as usize <= range.end);
        let shown = |span: Span| {
            let text = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
            format!("{text}{}", if text.starts_with("//") { self.newline() } else { " " })
        };
        inside.map(shown).collect()
    }

    /// A removal that takes its line along when nothing else is on it.
    fn without_line(&self, range: Range<usize>, keep: bool) -> TextEdit {
        let (start, end) = (self.line_start(range.start), self.line_end(range.end));
        let comments = if keep { self.comments_in(&range) } else { String::new() };
        if !comments.is_empty() {
            return TextEdit { range, text: comments };
        }
        let range = if self.is_blank(start..range.start) && self.is_blank(range.end..end) {
            let rest = self.text.get(end..).unwrap_or_default();
            let feed = ["\r\n", "\n"].iter().find(|feed| rest.starts_with(**feed)).map_or(0, |feed| feed.len());
            start..end + feed
        } else {
            let rest = self.text.get(range.end..end).unwrap_or_default();
            let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            // One blank stays behind an opening brace.
            range.start..range.end + gap
        };
        TextEdit { range, text: String::new() }
    }

    /// The comma behind a value, past blanks and comments.
    fn comma_after(&self, from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let rest = self.text.get(at..)?;
            let gap = rest.len() - rest.trim_start_matches(is_space).len();
            if gap > 0 {
                at += gap;
            } else if let Some(comment) = self.document.comments.iter().find(|one| one.span.start as usize == at) {
                at = comment.span.end as usize;
            } else {
                return rest.starts_with(',').then_some(at);
            }
        }
    }

    /// Blanks and whole comments only?
    fn is_free(&self, range: Range<usize>) -> bool {
        let mut at = range.start;
        while at < range.end {
            let rest = self.text.get(at..range.end).unwrap_or_default();
            let gap = rest.len() - rest.trim_start_matches(is_space).len();
            let comment = self.document.comments.iter().find(|one| one.span.start as usize == at);
            match comment {
                Some(comment) if comment.span.end as usize <= range.end => at = comment.span.end as usize,
                _ if gap > 0 => at += gap,
                _ => return false,
            }
        }
        true
    }

    fn is_blank(&self, range: Range<usize>) -> bool {
        self.text.get(range).is_some_and(|text| text.chars().all(is_space))
    }

    fn line_start(&self, at: usize) -> usize {
        self.text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |feed| feed + 1)
    }

    /// The line feed, or its carriage return, that ends the line of `at`; the end of the text without one.
    fn line_end(&self, at: usize) -> usize {
        let end = self.text.get(at..).and_then(|rest| rest.find('\n')).map_or(self.text.len(), |feed| at + feed);
        if end > at && self.text.as_bytes().get(end - 1) == Some(&b'\r') && end < self.text.len() {
            end - 1
        } else {
            end
        }
    }

    fn newline(&self) -> &'static str {
        let feed = self.text.find('\n');
        let windows = feed.is_some_and(|feed| self.text.get(..feed).is_some_and(|line| line.ends_with('\r')));
        if windows { "\r\n" } else { "\n" }
    }

    /// One level of indentation, as the first indented line has it.
    fn step(&self) -> &'a str {
        let indent = |line: &'a str| line.get(..line.len() - line.trim_start_matches([' ', '\t']).len());
        let lines = self.text.lines().filter_map(indent);
        lines.into_iter().find(|indent| !indent.is_empty() && indent.len() <= 8).unwrap_or("  ")
    }

    /// Are keys quoted here: in this container, or when it is empty anywhere?
    fn quotes_keys(&self, near: &Node) -> bool {
        fn quoted(editor: &Editor<'_>, node: &Node) -> Option<bool> {
            match &node.kind {
                NodeKind::Map(members) => members
                    .first()
                    .map(|member| editor.text.as_bytes().get(member.key_span.start as usize) == Some(&b'"')),
                NodeKind::List(items) => items.iter().find_map(|item| quoted(editor, item)),
                _ => None,
            }
        }
        quoted(self, near).or_else(|| quoted(self, &self.document.root)).unwrap_or(true)
    }

    /// The container of the member or item whose token is `at`.
    fn holder(&self, at: Span) -> Option<Holder<'a>> {
        let mut node = &self.document.root;
        loop {
            match &node.kind {
                NodeKind::Map(members) => {
                    let index = members
                        .iter()
                        .position(|member| member.key_span.start <= at.start && at.start < member.value.span.end)?;
                    let member = members.get(index)?;
                    if at == member.key_span || is_token(at, &member.value) {
                        return Some(Holder::Member(members, index));
                    }
                    node = &member.value;
                }
                NodeKind::List(items) => {
                    let index =
                        items.iter().position(|item| item.span.start <= at.start && at.start < item.span.end)?;
                    let item = items.get(index)?;
                    if is_token(at, item) {
                        return Some(Holder::Item(items, index));
                    }
                    node = item;
                }
                _ => return None,
            }
        }
    }

    /// The value whose token is `at`.
    fn node_at(&self, at: Span) -> Option<&'a Node> {
        if is_token(at, &self.document.root) {
            return Some(&self.document.root);
        }
        match self.holder(at)? {
            Holder::Member(members, index) => members.get(index).map(|member| &member.value),
            Holder::Item(items, index) => items.get(index),
        }
    }
}

/// Is it the whole value, or the bracket that it opens with?
fn is_token(at: Span, node: &Node) -> bool {
    let container = matches!(node.kind, NodeKind::Map(_) | NodeKind::List(_));
    at.start == node.span.start && (at.end == node.span.end || container && at.end <= node.span.start + 1)
}

fn whole(member: &Member) -> Range<usize> {
    member.key_span.start as usize..member.value.span.end as usize
}

const fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// What JSON5 takes for space.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

/// Insertions at one place become one, in their order.
fn merged(edits: Vec<TextEdit>) -> Vec<TextEdit> {
    let mut out: Vec<TextEdit> = Vec::new();
    for edit in edits {
        match out.last_mut() {
            Some(last) if last.range == edit.range && last.range.is_empty() => last.text.push_str(&edit.text),
            _ => out.push(edit),
        }
    }
    out
}

/// The text after some edits of it that do not overlap; none when they do.
#[must_use]
pub fn apply(text: &str, edits: &[TextEdit]) -> Option<String> {
    let mut sorted: Vec<&TextEdit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for edit in sorted {
        out.push_str(text.get(from..edit.range.start)?);
        out.push_str(&edit.text);
        from = edit.range.end;
    }
    out.push_str(text.get(from..)?);
    Some(out)
}

#[cfg(test)]
mod tests;
