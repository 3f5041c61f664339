//! What an expression of Python or JavaScript gives. Operators are split off from the weakest on; what
//! is left is a chain of names, calls and indexes. What is not understood is evaluated part by part.

use std::ops::Range;

use super::javascript;
use super::program::{Function, Span};
use super::python;
use super::run::Run;
use super::token::Kind;
use super::value::Value;
use super::{Cut, calls};
use crate::syntax::zone::Language;

mod call;
mod chain;

/// Brackets, operators and calls inside each other deeper than this are not read.
const DEEPEST: usize = 70;

/// Operators of an expression outside of brackets.
#[derive(Default)]
struct Operators {
    arrow: Option<usize>,
    comprehension: Option<usize>,
    commas: Vec<usize>,
    assigned: Option<usize>,
    /// `?` or `if`, and the `:` or `else` that belongs to it.
    choice: Option<(usize, usize)>,
    /// `or`, `||`, `??`, `|`.
    any: Vec<usize>,
    /// `and`, `&&`.
    both: Vec<usize>,
    compares: bool,
    /// `+`, `/`, `%`.
    joins: Vec<usize>,
}

impl Run<'_, '_> {
    fn is_python(&self) -> bool {
        self.program.language == Language::Python
    }

    pub(super) fn bytes(&self, span: Span) -> Range<usize> {
        self.program.tokens.bytes(span.0, span.1)
    }

    /// The value of some tokens.
    pub(super) fn eval(&mut self, (start, mut end): Span) -> Value {
        let start = self.program.tokens.skip_lines(start);
        while end > start && self.program.tokens.kind(end - 1) == Some(Kind::Newline) {
            end -= 1;
        }
        if start >= end {
            return Value::default();
        }
        if self.depth > DEEPEST {
            self.rec.fuel.stop(Cut::Depth);
            return Value::default();
        }
        if !self.rec.fuel.take(1) {
            return Value::default();
        }
        self.depth += 1;
        let value = self.expression((start, end));
        self.depth -= 1;
        value
    }

    fn expression(&mut self, span: Span) -> Value {
        let (start, end) = span;
        if end == start + 1 {
            return self.chain(start, end).0;
        }
        let tokens = &self.program.tokens;
        if self.is_python() && tokens.is(start, "lambda") {
            return self.lambda(span);
        }
        let found = self.operators(span);
        if let Some(arrow) = found.arrow {
            let depth = self.depth / 2;
            let id = javascript::arrow(&mut self.program, (start, arrow), (arrow + 1, end), depth);
            return Value { function: Some(id), ..Value::default() };
        }
        if let Some(place) = found.comprehension {
            return self.comprehension((start, place), (place, end));
        }
        if !found.commas.is_empty() {
            return self.list(span);
        }
        if let Some(place) = found.assigned {
            let value = self.eval((place + 1, end));
            if self.program.tokens.is_name(start) && place == start + 1 {
                let name = self.program.tokens.str(start);
                self.set(name, value.clone(), false, false);
            }
            return value;
        }
        if let Some((condition, otherwise)) = found.choice {
            let (value, test) = if self.is_python() {
                ((start, condition), (condition + 1, otherwise))
            } else {
                ((condition + 1, otherwise), (start, condition))
            };
            self.eval(test);
            let mut out = self.eval(value);
            out.join(self.eval((otherwise + 1, end)));
            return out;
        }
        if !found.any.is_empty() {
            let mut out = Value::default();
            for part in parts(span, &found.any) {
                out.join(self.eval(part));
            }
            return out;
        }
        if !found.both.is_empty() {
            return parts(span, &found.both).into_iter().map(|part| self.eval(part)).last().unwrap_or_default();
        }
        if found.compares || self.program.tokens.is(start, "not") || self.program.tokens.is(start, "!") {
            self.chain_all(span);
            return Value::default();
        }
        if !found.joins.is_empty() {
            return self.joined(span, &found.joins);
        }
        self.chain_all(span)
    }

    fn operators(&mut self, (start, end): Span) -> Operators {
        let (out, looked_at) = self.find_operators((start, end));
        self.rec.fuel.take(looked_at);
        out
    }

    /// The operators, and how many tokens were looked at.
    fn find_operators(&self, (start, end): Span) -> (Operators, usize) {
        let tokens = &self.program.tokens;
        let python = self.is_python();
        let mut out = Operators::default();
        let mut choices = 0_usize;
        let mut at = start;
        let mut count = 0;
        while at < end {
            count += 1;
            let word = match tokens.kind(at) {
                Some(Kind::Op | Kind::Name) => tokens.str(at),
                _ => "",
            };
            match word {
                "=>" if !python => {
                    out.arrow = Some(at);
                    return (out, count);
                }
                "for" if python && at > start => {
                    out.comprehension = Some(if tokens.is(at - 1, "async") { at - 1 } else { at });
                    return (out, count);
                }
                "," => out.commas.push(at),
                ":=" => out.assigned = out.assigned.or(Some(at)),
                "=" if !python => out.assigned = out.assigned.or(Some(at)),
                "if" if python && at > start => {
                    choices += 1;
                    if choices == 1 {
                        out.choice = Some((at, end));
                    }
                }
                "else" if python && choices > 0 => {
                    if let Some((_, otherwise)) = out.choice.as_mut().filter(|(_, otherwise)| *otherwise == end) {
                        *otherwise = at;
                    }
                }
                "?" if !python => {
                    choices += 1;
                    if choices == 1 {
                        out.choice = Some((at, end));
                    }
                }
                ":" if !python && choices > 0 => {
                    choices -= 1;
                    if choices == 0 {
                        if let Some((_, otherwise)) = out.choice.as_mut().filter(|(_, otherwise)| *otherwise == end) {
                            *otherwise = at;
                        }
                        // A choice in the other branch belongs to that branch.
                        choices = usize::MAX / 2;
                    }
                }
                "||" | "??" | "|" | "or" if python || word != "or" => out.any.push(at),
                "&&" | "and" if python || word != "and" => out.both.push(at),
                "<" if self.is_generic(at, end) => {
                    while at < end && !tokens.is(at, ">") {
                        at += 1;
                    }
                }
                "==" | "===" | "!=" | "!==" | "<=" | ">=" | "instanceof" | "<" | ">" => out.compares = true,
                "is" | "in" => out.compares |= python,
                "+" | "%" | "/" if at > start => out.joins.push(at),
                _ => {}
            }
            at = tokens.next(at);
        }
        (out, count)
    }

    /// `name<Type>(…)`.
    fn is_generic(&self, at: usize, end: usize) -> bool {
        let tokens = &self.program.tokens;
        !self.is_python()
            && at > 0
            && tokens.get(at - 1).is_some_and(|before| {
                before.kind == Kind::Name && Some(before.end) == tokens.get(at).map(|token| token.start)
            })
            && (at + 1..(at + 14).min(end))
                .find(|at| tokens.is(*at, ">"))
                .is_some_and(|close| tokens.is(close + 1, "("))
    }

    fn lambda(&mut self, span: Span) -> Value {
        let place = self.program.places(span, ":").first().copied().unwrap_or(span.1);
        let id = if let Some(id) = self.program.anonymous.get(&span.0) {
            *id
        } else {
            let params = python::params(&self.program, (span.0 + 1, place));
            let expression = Some((place + 1, span.1));
            let id = self.program.add_function(Function {
                name: "".into(),
                params,
                body: Vec::new(),
                expression,
                class: None,
            });
            self.program.anonymous.insert(span.0, id);
            id
        };
        Value { function: Some(id), ..Value::default() }
    }

    /// `element for name in values if test`.
    fn comprehension(&mut self, element: Span, rest: Span) -> Value {
        let clauses = self.program.places(rest, "for");
        for (index, place) in clauses.iter().enumerate() {
            let stop = clauses.get(index + 1).copied().unwrap_or(rest.1);
            let Some(inner) = self.program.places((*place, stop), "in").first().copied() else { continue };
            let test = self.program.places((inner, stop), "if").first().copied().unwrap_or(stop);
            let values = self.eval((inner + 1, test)).element();
            for part in self.program.split((*place + 1, inner), ",") {
                if self.program.tokens.is_name(part.0) {
                    let name = self.program.tokens.str(part.0);
                    self.set(name, values.clone(), false, true);
                }
            }
            if test < stop {
                self.eval((test + 1, stop));
            }
        }
        // `key: value` of a dictionary.
        let mut out = Value::default();
        for part in self.program.split(element, ":") {
            out.join(self.eval(part));
        }
        out
    }

    fn list(&mut self, span: Span) -> Value {
        let mut out = Value::default();
        for (index, part) in self.program.split(span, ",").into_iter().enumerate() {
            let spread = self.program.tokens.is(part.0, "...") || self.program.tokens.is(part.0, "*");
            let value = self.eval((part.0 + usize::from(spread), part.1));
            if spread {
                out.join(value);
            } else if index < 60 {
                out.set_field(&index.to_string(), value, false);
            } else {
                out.join(value.content());
            }
        }
        out
    }

    fn joined(&mut self, span: Span, places: &[usize]) -> Value {
        let mut out: Option<Value> = None;
        for (index, part) in parts(span, places).into_iter().enumerate() {
            let value = self.eval(part);
            self.rec.fuel.take(value.size() + out.as_ref().map_or(0, Value::size));
            let operator = index.checked_sub(1).map(|at| self.program.tokens.str(places[at])).unwrap_or_default();
            out = Some(match (out, operator) {
                (None, _) => value,
                (Some(left), "/") if left.is_path("Path()") || self.is_python() && !value.texts.is_empty() => {
                    calls::join_path(left, &value)
                }
                (Some(left), "%") => left.format_with(&value),
                (Some(left), _) => {
                    if left.fields.is_some() && value.fields.is_some() {
                        let mut both = left;
                        both.join(value);
                        both
                    } else {
                        left.concat(&value)
                    }
                }
            });
        }
        out.unwrap_or_default()
    }
}

/// What lies between some tokens of a span.
fn parts(span: Span, places: &[usize]) -> Vec<Span> {
    let mut from = span.0;
    let mut out = Vec::new();
    for at in places.iter().copied().chain([span.1]) {
        out.push((from, at));
        from = at + 1;
    }
    out
}
