//! What an expression of Python or JavaScript gives. Operators are split off from the weakest on; what
//! is left is a chain of names, calls and indexes. What is not understood is evaluated part by part.

use std::ops::Range;
use std::rc::Rc;

use super::calls;
use super::javascript;
use super::program::{Function, Span};
use super::python;
use super::run::{Args, Run};
use super::token::Kind;
use super::value::{HOLE, Value};
use super::words;
use crate::syntax::zone::Language;

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
        if start >= end || self.depth > DEEPEST || self.fuel == 0 {
            return Value::default();
        }
        // The text of a long list is read once, not once per operator in it.
        self.fuel = self.fuel.saturating_sub((end - start).min(16));
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

    fn operators(&self, (start, end): Span) -> Operators {
        let tokens = &self.program.tokens;
        let python = self.is_python();
        let mut out = Operators::default();
        let mut choices = 0_usize;
        let mut at = start;
        while at < end {
            let word = match tokens.kind(at) {
                Some(Kind::Op | Kind::Name) => tokens.str(at),
                _ => "",
            };
            match word {
                "=>" if !python => {
                    out.arrow = Some(at);
                    return out;
                }
                "for" if python && at > start => {
                    out.comprehension = Some(if tokens.is(at - 1, "async") { at - 1 } else { at });
                    return out;
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
                "or" if python => out.any.push(at),
                "||" | "??" | "|" => out.any.push(at),
                "and" if python => out.both.push(at),
                "&&" => out.both.push(at),
                "==" | "===" | "!=" | "!==" | "<=" | ">=" | "instanceof" => out.compares = true,
                "is" | "in" if python => out.compares = true,
                "<" if !self.is_generic(at, end) => out.compares = true,
                "<" => {
                    while at < end && !tokens.is(at, ">") {
                        at += 1;
                    }
                }
                ">" => out.compares = true,
                "+" | "%" | "/" if at > start => out.joins.push(at),
                _ => {}
            }
            at = tokens.next(at);
        }
        out
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
        let id = match self.program.anonymous.get(&span.0) {
            Some(id) => *id,
            None => {
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
            }
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

    /// All chains of a span, whatever stands between them.
    fn chain_all(&mut self, (start, end): Span) -> Value {
        let mut out: Option<Value> = None;
        let mut at = start;
        while at < end {
            if matches!(self.program.tokens.kind(at), Some(Kind::Op | Kind::Newline | Kind::Close | Kind::TemplateEnd))
            {
                at += 1;
                continue;
            }
            // `x as Type`
            if !self.is_python() && out.is_some() && matches!(self.program.tokens.str(at), "as" | "satisfies") {
                break;
            }
            let (value, next) = self.chain(at, end);
            at = next.max(at + 1);
            match out.as_mut() {
                Some(known) => known.join(value),
                None => out = Some(value),
            }
        }
        out.unwrap_or_default()
    }

    /// A name, literal or bracket and the calls, members and indexes that follow it.
    fn chain(&mut self, start: usize, end: usize) -> (Value, usize) {
        let mut at = start;
        while matches!(self.program.tokens.str(at), "await" | "new" | "typeof" | "void" | "yield" | "async" | "delete")
            && at + 1 < end
            && self.program.tokens.is_name(at)
        {
            at += 1;
        }
        let first = at;
        let (mut value, mut next) = self.atom(at, end);
        // What the last member was taken from, and the tokens that wrote it.
        let mut owner: Option<(Value, Span)> = None;
        let mut method = if self.program.tokens.is_name(first) { self.program.tokens.str(first) } else { "" };
        loop {
            let tokens = &self.program.tokens;
            let mut place = next;
            if tokens.kind(place) == Some(Kind::Newline) {
                let after = tokens.skip_lines(place);
                if !(tokens.is(after, ".") || tokens.is(after, "?.")) {
                    break;
                }
                place = after;
            }
            if place >= end {
                break;
            }
            if tokens.is(place, "!") && tokens.is(place + 1, ".") {
                next = place + 1;
                continue;
            }
            if tokens.is(place, "<") && self.is_generic(place, end) {
                next = (place..end).find(|at| tokens.is(*at, ">")).map_or(end, |at| at + 1);
                continue;
            }
            if (tokens.is(place, ".") || tokens.is(place, "?.")) && tokens.is_name(place + 1) {
                method = tokens.str(place + 1);
                let range = self.bytes((first, place + 2));
                let taken = self.attribute(&value, method, range);
                owner = Some((value, (first, place)));
                value = taken;
                next = place + 2;
                continue;
            }
            let bracket = if tokens.is(place, "?.") { place + 1 } else { place };
            if tokens.is(bracket, "(") {
                let close = tokens.next(bracket).saturating_sub(1).min(end);
                let args = self.args((bracket + 1, close));
                let range = self.bytes((first, (close + 1).min(end)));
                value = self.call(&value, owner.take(), method, args, range);
                next = close + 1;
                method = "";
            } else if tokens.is(bracket, "[") {
                let close = tokens.next(bracket).saturating_sub(1).min(end);
                let range = self.bytes((first, (close + 1).min(end)));
                let colon = !self.program.places((bracket + 1, close), ":").is_empty();
                let key = self.eval((bracket + 1, close));
                let taken = match key.first_text().filter(|_| !colon) {
                    Some(key) => self.attribute(&value, &key.clone(), range),
                    None => self.indexed(&value, &key, bracket + 1),
                };
                owner = Some((value, (first, place)));
                value = taken;
                next = close + 1;
            } else if tokens.kind(place) == Some(Kind::Template) && !self.is_python() {
                let (text, after) = self.atom(place, end);
                value = value.content().concat(&text);
                next = after;
            } else {
                break;
            }
        }
        (value, next)
    }

    /// An entry whose key is a number or not known.
    fn indexed(&mut self, value: &Value, key: &Value, token: usize) -> Value {
        if value.is_path("sys.argv") || value.is_path("process.argv") || value.is_path("Bun.argv") {
            return value.content();
        }
        if value.is_path("os.environ") || value.is_path("process.env") {
            // One variable whose name is not known here, unless it comes from a walk of all.
            return key.content();
        }
        let number = self.program.tokens.str(token);
        match value.field(number) {
            Some(entry) => entry.clone(),
            None => Value { path: None, ..value.element() },
        }
    }

    fn atom(&mut self, at: usize, end: usize) -> (Value, usize) {
        let tokens = &self.program.tokens;
        match tokens.kind(at) {
            Some(Kind::Text) => {
                // Literals one after the other are one.
                let mut text = tokens.body(at).to_owned();
                let mut next = at + 1;
                while self.is_python()
                    && next < end
                    && matches!(tokens.kind(next), Some(Kind::Text | Kind::Template | Kind::Newline))
                {
                    if tokens.kind(next) == Some(Kind::Template) {
                        let (rest, after) = self.atom(next, end);
                        return (Value::text(&text).concat(&rest), after);
                    }
                    text.push_str(tokens.body(next));
                    next += 1;
                }
                (Value::text(&text), next)
            }
            Some(Kind::Template) => {
                let close = tokens.next(at).saturating_sub(1).min(end);
                let mut out = Value::text("");
                let mut place = at + 1;
                while place < close {
                    if self.program.tokens.kind(place) == Some(Kind::Open) {
                        let stop = self.program.tokens.next(place).saturating_sub(1).min(close);
                        let part = self.eval((place + 1, stop));
                        let part =
                            if part.texts.is_empty() { Value { texts: vec!["\u{1}".into()], ..part } } else { part };
                        out = out.concat(&part);
                        place = stop + 1;
                    } else {
                        out = out.concat(&Value::text(self.program.tokens.body(place)));
                        place += 1;
                    }
                }
                let mut next = close + 1;
                if self.is_python()
                    && next < end
                    && matches!(self.program.tokens.kind(next), Some(Kind::Text | Kind::Template))
                {
                    let (rest, after) = self.atom(next, end);
                    out = out.concat(&rest);
                    next = after;
                }
                (out, next)
            }
            Some(Kind::Open) => {
                let close = tokens.next(at).saturating_sub(1).min(end);
                let inner = (at + 1, close);
                let value = match tokens.str(at) {
                    "{" => self.braces(inner),
                    "[" if self.program.places(inner, "for").is_empty() => self.list(inner),
                    _ => self.eval(inner),
                };
                (value, close + 1)
            }
            Some(Kind::Name) => self.name(at, end),
            _ => (Value::default(), at + 1),
        }
    }

    fn name(&mut self, at: usize, end: usize) -> (Value, usize) {
        let name = self.program.tokens.str(at);
        if name == "function" && !self.is_python() {
            if let Some((id, next)) = self.program.anonymous.get(&at).map(|id| (*id, self.function_end(at, end))) {
                return (Value { function: Some(id), ..Value::default() }, next);
            }
            let start = at + 1 + usize::from(self.program.tokens.is(at + 1, "*"));
            let depth = self.depth / 2;
            if let Some((id, next)) = javascript::function_at(&mut self.program, start, end, None, depth) {
                self.program.anonymous.insert(at, id);
                return (Value { function: Some(id), ..Value::default() }, next);
            }
        }
        if let Some(known) = self.lookup(name) {
            return (known.clone(), at + 1);
        }
        let range = self.bytes((at, at + 1));
        (calls::global(self, name, &range).unwrap_or_else(|| Value::named(name)), at + 1)
    }

    fn function_end(&self, at: usize, end: usize) -> usize {
        let tokens = &self.program.tokens;
        let open = (at..end).find(|at| tokens.is(*at, "(")).unwrap_or(end);
        let body = (tokens.next(open)..end).find(|at| tokens.is(*at, "{")).unwrap_or(end);
        tokens.next(body).min(end)
    }

    /// A dictionary, an object, a set.
    fn braces(&mut self, span: Span) -> Value {
        let mut out = Value::default();
        if self.is_python() && !self.program.places(span, "for").is_empty() {
            return self.eval(span);
        }
        for part in self.program.split(span, ",") {
            let tokens = &self.program.tokens;
            if tokens.is(part.0, "...") || tokens.is(part.0, "**") {
                let value = self.eval((part.0 + 1, part.1));
                let whole = Value { path: None, ..value };
                out.join(whole);
                continue;
            }
            let Some(colon) = self.program.places(part, ":").first().copied() else {
                self.shorthand(part, &mut out);
                continue;
            };
            let tokens = &self.program.tokens;
            let literal = match tokens.kind(part.0) {
                Some(Kind::Text) => Some(tokens.body(part.0).to_owned()),
                Some(Kind::Name) if !self.is_python() => Some(tokens.str(part.0).to_owned()),
                _ => None,
            };
            let key = literal.or_else(|| {
                let key = self.eval((part.0, colon));
                out.taints.extend(key.taints.clone());
                key.first_text().map(ToString::to_string)
            });
            let value = self.eval((colon + 1, part.1));
            match key {
                Some(key) if !key.contains(HOLE) => out.set_field(&key, value, false),
                _ => out.join(value.content()),
            }
        }
        out
    }

    /// `{name}`, a method, an element of a set.
    fn shorthand(&mut self, part: Span, out: &mut Value) {
        let tokens = &self.program.tokens;
        let start = part.0 + usize::from(tokens.is(part.0, "async"));
        let method = !self.is_python()
            && tokens.is_name(start)
            && tokens.is(start + 1, "(")
            && part.1 > start + 2
            && tokens.is(part.1 - 1, "}");
        if method {
            let name = tokens.str(start);
            let known = self.program.anonymous.get(&start).copied();
            let depth = self.depth / 2;
            let id = known
                .or_else(|| javascript::function_at(&mut self.program, start, part.1, None, depth).map(|(id, _)| id));
            if let Some(id) = id {
                self.program.anonymous.insert(start, id);
                out.set_field(name, Value { function: Some(id), ..Value::default() }, false);
            }
            return;
        }
        let value = self.eval(part);
        if !self.is_python() && part.1 == part.0 + 1 {
            out.set_field(self.program.tokens.str(part.0), value, false);
        } else {
            out.join(value);
        }
    }

    pub(super) fn args(&mut self, span: Span) -> Args {
        let mut out = Args::default();
        if self.is_python() {
            // `f(x for x in y)`
            if !self.program.places(span, "for").is_empty() && self.program.places(span, ",").is_empty() {
                out.list.push(self.eval(span));
                return out;
            }
        }
        for part in self.program.split(span, ",") {
            let tokens = &self.program.tokens;
            if self.is_python() && tokens.is_name(part.0) && tokens.is(part.0 + 1, "=") {
                let name: Rc<str> = tokens.str(part.0).into();
                let number = part.1 == part.0 + 3 && tokens.kind(part.0 + 2) == Some(Kind::Number);
                let value = if number { Value::text(tokens.str(part.0 + 2)) } else { self.eval((part.0 + 2, part.1)) };
                out.named.push((name, value));
            } else if tokens.is(part.0, "**") {
                let value = self.eval((part.0 + 1, part.1));
                out.named.extend(value.fields.iter().flat_map(|fields| fields.iter().cloned()));
            } else if tokens.is(part.0, "*") || tokens.is(part.0, "...") {
                let value = self.eval((part.0 + 1, part.1));
                match value.fields.as_ref() {
                    Some(fields) => out.list.extend(fields.iter().map(|(_, value)| value.clone())),
                    None => out.list.push(value),
                }
            } else {
                let value = self.eval(part);
                out.list.push(value);
            }
        }
        out
    }

    /// `value.name` or `value["name"]`.
    pub(super) fn attribute(&mut self, value: &Value, name: &str, range: Range<usize>) -> Value {
        if value.is_path("os.environ")
            && !matches!(name, "get" | "items" | "copy" | "keys" | "values" | "setdefault" | "pop" | "update")
            || value.is_path("process.env")
            || value.is_path("import.meta.env")
        {
            return self.rec.variable(name, &range);
        }
        if let Some(class) = value.class {
            if let Some(member) = self.member(class, name) {
                return member.clone();
            }
            let method = self.program.classes.get(class).and_then(|class| class.methods.get(name)).copied();
            return Value { function: method, class: method.map(|_| class), ..Value::default() };
        }
        if let Some(entry) = value.field(name) {
            return entry.clone();
        }
        calls::member(self, value, name, &range)
    }

    fn call(
        &mut self,
        callee: &Value,
        owner: Option<(Value, Span)>,
        method: &str,
        args: Args,
        range: Range<usize>,
    ) -> Value {
        if callee.is_path("#class") {
            if let Some(class) = callee.class {
                let init = if self.is_python() { "__init__" } else { "constructor" };
                if let Some(id) = self.program.classes.get(class).and_then(|class| class.methods.get(init)).copied() {
                    self.invoke(id, &args, Some(class));
                }
                return Value { class: Some(class), ..Value::default() };
            }
        }
        if let Some(id) = callee.function {
            return self.invoke(id, &args, callee.class);
        }
        if let Some(value) = calls::call(self, callee, owner.as_ref().map(|(value, _)| value), method, &args, &range) {
            return value;
        }
        // A function that is handed over is called with what the call works on.
        let mut content = owner.as_ref().map(|(value, _)| value.content()).unwrap_or_default();
        args.all().for_each(|value| content.join(value.content()));
        let mut out = Value::default();
        for id in args.all().filter_map(|value| value.function) {
            let given = Args { list: vec![content.clone(), content.clone()], named: Vec::new() };
            out.join(self.invoke(id, &given, None));
        }
        if let Some((value, span)) = &owner {
            if words::fills(method)
                && value.path.as_deref().is_none_or(|path| !path.contains('.') || path.ends_with(')'))
            {
                let mut added = Value::default();
                match (args.list.first().and_then(Value::first_text), args.list.get(1)) {
                    (Some(key), Some(entry)) => added.set_field(&key.clone(), entry.clone(), false),
                    _ => args.all().for_each(|value| added.join(value.content())),
                }
                self.fill(*span, &added);
                let mut all = value.clone();
                all.join(added);
                return all;
            }
        }
        if let (Some((_, span)), "startswith" | "startsWith" | "includes") = (&owner, method) {
            let key = args.at(0).first_text().and_then(|text| calls::key_in(text));
            if let Some(key) = key.filter(|_| span.1 == span.0 + 1) {
                let name = self.program.tokens.str(span.0);
                self.narrow(name, &key);
            }
        }
        if words::clears(method) {
            return out;
        }
        let keeps_names =
            words::transforms(method) || owner.as_ref().is_some_and(|(value, _)| !value.all_taints().is_empty());
        if !keeps_names {
            // A client that is made with a key is not the key.
            content.each_taint(0, &mut |taint| {
                taint.source.kind.is_file()
                    || taint.source.kind.is_foreign_code()
                    || taint.source.kind == super::SourceKind::WholeEnvironment
            });
        }
        let path = callee.path.as_deref().filter(|path| path.len() < 120).map(|path| Rc::from([path, "()"].concat()));
        out.join(Value { path, ..content });
        out
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
