//! Chains of names, members, calls and indexes, and what they begin with.

use super::super::program::Span;
use super::super::run::Run;
use super::super::token::Kind;
use super::super::value::{HOLE, Value};
use super::super::{calls, javascript};

/// How far a chain has been followed.
struct Link<'a> {
    first: usize,
    value: Value,
    next: usize,
    /// What the last member was taken from, and the tokens that wrote it.
    owner: Option<(Value, Span)>,
    /// The name of the last member.
    method: &'a str,
}

impl Link<'_> {
    /// A part of the value, written up to `next`, takes its place.
    fn take(&mut self, part: Value, place: usize, next: usize) {
        self.owner = Some((std::mem::replace(&mut self.value, part), (self.first, place)));
        self.next = next;
    }
}

impl<'a> Run<'a, '_> {
    /// All chains of a span, whatever stands between them.
    pub(super) fn chain_all(&mut self, (start, end): Span) -> Value {
        let mut out: Option<Value> = None;
        let mut at = start;
        while at < end && !self.rec.fuel.is_empty() {
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
    pub(super) fn chain(&mut self, start: usize, end: usize) -> (Value, usize) {
        let mut first = start;
        while matches!(
            self.program.tokens.str(first),
            "await" | "new" | "typeof" | "void" | "yield" | "async" | "delete"
        ) && first + 1 < end
            && self.program.tokens.is_name(first)
        {
            first += 1;
        }
        let (value, next) = self.atom(first, end);
        let method = if self.program.tokens.is_name(first) { self.program.tokens.str(first) } else { "" };
        let mut link = Link { first, value, next, owner: None, method };
        while self.rec.fuel.take(1) && self.link(&mut link, end) {}
        (link.value, link.next)
    }

    /// One call, member or index that follows; whether there was one.
    fn link(&mut self, link: &mut Link<'a>, end: usize) -> bool {
        let tokens = &self.program.tokens;
        let mut place = link.next;
        if tokens.kind(place) == Some(Kind::Newline) {
            place = tokens.skip_lines(place);
            if !(tokens.is(place, ".") || tokens.is(place, "?.")) {
                return false;
            }
        }
        if place >= end {
            return false;
        }
        let bracket = if tokens.is(place, "?.") { place + 1 } else { place };
        if tokens.is(place, "!") && tokens.is(place + 1, ".") {
            link.next = place + 1;
        } else if tokens.is(place, "<") && self.is_generic(place, end) {
            link.next = (place..end).find(|at| tokens.is(*at, ">")).map_or(end, |at| at + 1);
        } else if (tokens.is(place, ".") || tokens.is(place, "?.")) && tokens.is_name(place + 1) {
            link.method = tokens.str(place + 1);
            let range = self.bytes((link.first, place + 2));
            let mut taken = self.attribute(&link.value, link.method, range);
            if !self.is_python() && !self.program.tokens.is(place + 2, "(") {
                taken.narrow(link.method);
            }
            link.take(taken, place, place + 2);
        } else if tokens.is(bracket, "(") {
            let close = tokens.next(bracket).saturating_sub(1).min(end);
            let args = self.args((bracket + 1, close));
            let range = self.bytes((link.first, (close + 1).min(end)));
            link.value = self.call(&link.value, link.owner.take().as_ref(), link.method, &args, &range);
            link.next = close + 1;
            link.method = "";
        } else if tokens.is(bracket, "[") {
            let close = tokens.next(bracket).saturating_sub(1).min(end);
            let range = self.bytes((link.first, (close + 1).min(end)));
            let colon = !self.program.places((bracket + 1, close), ":").is_empty();
            let key = self.eval((bracket + 1, close));
            let taken = match key.first_text().filter(|_| !colon) {
                Some(key) => {
                    let mut taken = self.attribute(&link.value, &key.clone(), range);
                    taken.narrow(key);
                    taken
                }
                None => self.indexed(&link.value, &key, bracket + 1),
            };
            link.take(taken, place, close + 1);
        } else if tokens.kind(place) == Some(Kind::Template) && !self.is_python() {
            let (text, after) = self.atom(place, end);
            link.value = link.value.content().concat(&text);
            link.next = after;
        } else {
            return false;
        }
        true
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

    /// String literals and templates; in Python those one after the other are one.
    fn literals(&mut self, at: usize, end: usize) -> (Value, usize) {
        let mut out = Value::text("");
        let mut place = at;
        loop {
            let (part, next) = match self.program.tokens.kind(place) {
                Some(Kind::Template) => self.template(place, end),
                _ => (Value::text(self.program.tokens.body(place)), place + 1),
            };
            self.rec.fuel.take(out.size() + part.size());
            out = if place == at { part } else { out.concat(&part) };
            place = next;
            let after = self.program.tokens.skip_lines(place);
            let goes_on = self.is_python()
                && after < end
                && matches!(self.program.tokens.kind(after), Some(Kind::Text | Kind::Template));
            if !goes_on || self.rec.fuel.is_empty() {
                return (out, place);
            }
            place = after;
        }
    }

    /// A template literal or an f-string, and the token after it.
    fn template(&mut self, at: usize, end: usize) -> (Value, usize) {
        let close = self.program.tokens.next(at).saturating_sub(1).min(end);
        let mut out = Value::text("");
        let mut place = at + 1;
        while place < close && self.rec.fuel.take(out.size()) {
            if self.program.tokens.kind(place) == Some(Kind::Open) {
                let stop = self.program.tokens.next(place).saturating_sub(1).min(close);
                let part = self.eval((place + 1, stop));
                let part = if part.texts.is_empty() { Value { texts: vec!["\u{1}".into()], ..part } } else { part };
                out = out.concat(&part);
                place = stop + 1;
            } else {
                out = out.concat(&Value::text(self.program.tokens.body(place)));
                place += 1;
            }
        }
        (out, close + 1)
    }

    fn atom(&mut self, at: usize, end: usize) -> (Value, usize) {
        let tokens = &self.program.tokens;
        match tokens.kind(at) {
            Some(Kind::Text | Kind::Template) => self.literals(at, end),
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
}
