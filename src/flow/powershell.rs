//! PowerShell: statements, pipelines and expressions, read from the text itself.

use std::collections::HashMap;
use std::ops::Range;

use super::record::Recorder;
use super::value::{Value, clip_name};
use super::{Cut, Silence, Step};
use crate::work::looks;

mod cmdlet;
mod term;

/// Blocks and expressions inside each other deeper than this are not read.
const DEEPEST: usize = 36;

pub(super) fn run(rec: &mut Recorder, text: &str) {
    let mut shell = PowerShell { rec, text, scopes: vec![HashMap::new()], functions: HashMap::new(), depth: 0 };
    shell.block(0..text.len());
}

struct PowerShell<'r, 't> {
    rec: &'r mut Recorder,
    text: &'t str,
    /// Variables by lower case name, those of the innermost function last.
    scopes: Vec<HashMap<String, Value>>,
    /// The bodies of functions by lower case name.
    functions: HashMap<String, Range<usize>>,
    depth: usize,
}

impl<'t> PowerShell<'_, 't> {
    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    fn slice(&self, span: &Range<usize>) -> &'t str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// One more block or expression inside of another; whether it is read.
    fn enter(&mut self) -> bool {
        if self.depth > DEEPEST {
            self.rec.fuel.stop(Cut::Depth);
            return false;
        }
        self.depth += 1;
        true
    }

    fn lookup(&self, name: &str) -> Option<&Value> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    /// Gives a variable of the function at hand a value.
    fn set(&mut self, name: String, value: Value) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, value);
        }
    }

    /// Runs the statements of a part and gives what they put out.
    fn block(&mut self, span: Range<usize>) -> Value {
        let mut out = Value::default();
        if !self.enter() {
            return out;
        }
        for part in self.split(&span, b";\n", true) {
            if self.rec.fuel.is_empty() {
                break;
            }
            let unused = std::mem::replace(&mut self.rec.unused, true);
            out.join(self.statement(part));
            self.rec.unused = unused;
        }
        self.depth -= 1;
        out
    }

    /// The parts of a span between some bytes outside of brackets and strings, comments left out.
    fn split(&mut self, span: &Range<usize>, marks: &[u8], statements: bool) -> Vec<Range<usize>> {
        let mut out = Vec::new();
        let mut start = span.start;
        let mut at = span.start;
        // The last byte that is not blank.
        let mut last = 0;
        if !self.rec.fuel.take(span.len()) {
            return out;
        }
        while at < span.end {
            let byte = self.bytes()[at];
            if marks.contains(&byte) {
                // A pipe, a comma or a backtick at the end of a line goes on.
                if byte != b'\n' || !statements || !matches!(last, b'|' | b'`' | b',' | b'+' | b'=' | b'(') {
                    out.push(start..at);
                    start = at + 1;
                    last = 0;
                }
                at += 1;
            } else {
                let next = self.skip(at, span.end);
                last = self.bytes()[at..next].iter().rev().copied().find(|b| !b.is_ascii_whitespace()).unwrap_or(last);
                at = next;
            }
        }
        out.push(start.min(span.end)..span.end);
        out.retain(|part| !self.slice(part).trim().is_empty());
        out
    }

    /// The byte after the string, comment, bracket or byte at a place.
    fn skip(&self, at: usize, end: usize) -> usize {
        looks::add(1);
        let bytes = self.bytes();
        let next = bytes.get(at + 1).copied();
        let after = match bytes[at] {
            b'#' if at == 0 || bytes[at - 1].is_ascii_whitespace() || matches!(bytes[at - 1], b';' | b'{' | b'(') => {
                return memchr::memchr(b'\n', &bytes[at..end]).map_or(end, |found| at + found);
            }
            b'<' if next == Some(b'#') => {
                memchr::memmem::find(&bytes[at..end], b"#>").map_or(end, |found| at + found + 2)
            }
            b'@' if matches!(next, Some(b'"' | b'\'')) => {
                let stop = [b'\n', bytes[at + 1], b'@'];
                memchr::memmem::find(&bytes[at..end], &stop).map_or(end, |found| at + found + 3)
            }
            b'"' | b'\'' => self.string_end(at, end),
            b'`' => at + 2,
            b'(' | b'{' | b'[' => self.closing(at, end),
            _ => at + 1,
        };
        after.clamp(at + 1, end)
    }

    fn string_end(&self, at: usize, end: usize) -> usize {
        let bytes = self.bytes();
        let mut place = at + 1;
        while place < end {
            looks::add(1);
            if bytes[place] == b'`' && bytes[at] == b'"' {
                place += 1;
            } else if bytes[place] == bytes[at] {
                return place + 1;
            }
            place += 1;
        }
        end
    }

    /// One past the bracket that closes the one at a place.
    fn closing(&self, at: usize, end: usize) -> usize {
        let bytes = self.bytes();
        let mut open = 0_usize;
        let mut place = at;
        while place < end {
            looks::add(1);
            match bytes[place] {
                b'(' | b'{' | b'[' => open += 1,
                b')' | b'}' | b']' => {
                    open -= 1;
                    if open == 0 {
                        return place + 1;
                    }
                }
                b'"' | b'\'' => {
                    place = self.string_end(place, end);
                    continue;
                }
                b'`' => place += 1,
                b'#' if place > 0 && bytes[place - 1].is_ascii_whitespace() => {
                    place = memchr::memchr(b'\n', &bytes[place..end]).map_or(end, |found| place + found);
                    continue;
                }
                _ => {}
            }
            place += 1;
        }
        end
    }

    fn trim(&self, span: &Range<usize>) -> Range<usize> {
        let text = self.slice(span);
        let start = span.start + (text.len() - text.trim_start().len());
        start..start + text.trim().len()
    }

    /// The word at the start of a span, lower case.
    fn first_word(&self, span: &Range<usize>) -> String {
        let text = self.slice(span);
        let end = text
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '\\' | '/')))
            .unwrap_or(text.len());
        text[..end].to_ascii_lowercase()
    }

    fn statement(&mut self, span: Range<usize>) -> Value {
        let mut span = self.trim(&span);
        // What was skipped as a comment stands at the start of the statement after it.
        while span.start < span.end && (self.bytes()[span.start] == b'#' || self.slice(&span).starts_with("<#")) {
            let after = self.skip(span.start, span.end);
            span = self.trim(&(after..span.end));
        }
        if span.is_empty() {
            return Value::default();
        }
        match self.first_word(&span).as_str() {
            "function" | "filter" => return self.function(&span),
            "if" | "elseif" | "else" | "while" | "do" | "try" | "catch" | "finally" | "switch" | "for" | "foreach"
            | "begin" | "process" | "end" | "until"
                if self.slice(&span).contains('{') =>
            {
                return self.compound(&span);
            }
            "param" | "using" | "throw" => return Value::default(),
            "return" => return self.pipeline(span.start + "return".len()..span.end),
            _ => {}
        }
        if (self.bytes()[span.start] == b'$' || self.bytes()[span.start] == b'[')
            && let Some((name, range, add, value)) = self.assignment(&span)
        {
            let mut value = self.pipeline(value);
            if value.is_tainted() && self.rec.fuel.take(value.weight()) {
                value.step(&Step { range, what: format!("assigned to `${}`", clip_name(&name)) });
            }
            let name = name.to_ascii_lowercase();
            let value = match self.lookup(&name).filter(|_| add).cloned() {
                Some(known) => known.concat_or_join(value),
                None => value,
            };
            self.set(name, value);
            return Value::default();
        }
        self.pipeline(span)
    }

    /// `$name = value`, `$name += value`, `[type]$name = value`, `$name.member = value`.
    fn assignment(&self, span: &Range<usize>) -> Option<(String, Range<usize>, bool, Range<usize>)> {
        let mut at = span.start;
        let bytes = self.bytes();
        if bytes[at] == b'[' {
            at = self.closing(at, span.end);
        }
        if bytes.get(at) != Some(&b'$') || at >= span.end {
            return None;
        }
        let start = at + 1;
        let mut end = start;
        while end < span.end && (bytes[end].is_ascii_alphanumeric() || matches!(bytes[end], b'_' | b':')) {
            end += 1;
        }
        let mut place = end;
        while place < span.end && !matches!(bytes[place], b'=' | b' ' | b'+' | b'(' | b'|') {
            place += 1;
        }
        let member = place > end;
        while place < span.end && bytes[place] == b' ' {
            place += 1;
        }
        let add = member || bytes.get(place) == Some(&b'+');
        place += usize::from(bytes.get(place) == Some(&b'+'));
        if place >= span.end || bytes[place] != b'=' || bytes.get(place + 1) == Some(&b'=') {
            return None;
        }
        let name = self.slice(&(start..end)).trim_start_matches("script:").trim_start_matches("global:");
        Some((name.to_owned(), start - 1..end, add, place + 1..span.end))
    }

    fn function(&mut self, span: &Range<usize>) -> Value {
        let text = self.slice(span);
        let Some(open) = text.find('{') else { return Value::default() };
        let name =
            text[..open].split_ascii_whitespace().nth(1).unwrap_or_default().split('(').next().unwrap_or_default();
        let start = span.start + open;
        let body = start + 1..self.closing(start, span.end).saturating_sub(1).max(start + 1);
        self.functions.insert(name.to_ascii_lowercase(), body.clone());
        // Once as it stands; every call runs it again with what it is called with.
        self.scopes.push(HashMap::new());
        self.block(body);
        self.scopes.pop();
        Value::default()
    }

    /// A statement with blocks: its conditions and its blocks, one after the other.
    fn compound(&mut self, span: &Range<usize>) -> Value {
        let mut out = Value::default();
        let word = self.first_word(span);
        let silent = word == "try" && self.catch_is_empty(span.end);
        let mut at = span.start;
        while at < span.end {
            let byte = self.bytes()[at];
            let after = self.skip(at, span.end);
            let inner = at + 1..after.saturating_sub(1).max(at + 1);
            match byte {
                b'(' => {
                    let text = self.slice(&inner);
                    match text.find(" in ").filter(|_| word == "foreach") {
                        Some(place) => {
                            let name = text[..place].trim().trim_start_matches('$').to_ascii_lowercase();
                            let value = self.pipeline(inner.start + place + 4..inner.end).element();
                            self.set(name, value);
                        }
                        None => {
                            self.statement(inner);
                        }
                    }
                }
                b'{' => {
                    if silent {
                        self.rec.silent.push(Silence::SwallowedError);
                    }
                    out.join(self.block(inner));
                    if silent {
                        self.rec.silent.pop();
                    }
                }
                _ => {}
            }
            at = after;
        }
        out
    }

    /// Does the handler after a place do nothing?
    fn catch_is_empty(&self, at: usize) -> bool {
        let Some(rest) = self.text.get(at..) else { return false };
        let rest = rest.trim_start();
        rest.strip_prefix("catch")
            .and_then(|rest| rest.trim_start().strip_prefix('{'))
            .is_some_and(|rest| rest.trim_start().starts_with('}'))
    }

    /// Commands that hand their output on.
    fn pipeline(&mut self, span: Range<usize>) -> Value {
        let mut value: Option<Value> = None;
        for part in self.split(&span, b"|", false) {
            let part = self.trim(&part);
            value = Some(self.element(part, value.as_ref()));
        }
        value.unwrap_or_default()
    }

    /// One command or expression of a pipeline.
    fn element(&mut self, span: Range<usize>, input: Option<&Value>) -> Value {
        if span.is_empty() || !self.enter() {
            return Value::default();
        }
        let first = self.bytes()[span.start];
        let word = self.first_word(&span);
        let command =
            first.is_ascii_alphabetic() || matches!(first, b'&' | b'.' | b'%' | b'?') && !word.starts_with("..");
        if let Some(input) = input {
            self.set("_".to_owned(), input.clone());
        }
        let out = if command { self.command(&span, input.unwrap_or(&Value::default())) } else { self.terms(span) };
        self.depth -= 1;
        out
    }
}
