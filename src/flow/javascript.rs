//! The statements of JavaScript and TypeScript.

use std::rc::Rc;

use super::program::{Class, DEEPEST, Function, Param, Program, Span, Stmt};
use super::token::Kind;
use super::value::clip_name;

/// The statements of a span of tokens.
pub(super) fn block(program: &mut Program, span: Span, depth: usize) -> Vec<Stmt> {
    program.too_deep |= depth >= DEEPEST;
    let mut parser = Parser { program, depth, out: Vec::new() };
    let mut at = span.0;
    while at < span.1 && depth < DEEPEST && parser.program.budget > 0 {
        let next = parser.statement(at, span.1);
        parser.program.budget -= 1;
        at = next.max(at + 1);
    }
    parser.out
}

struct Parser<'p, 'a> {
    program: &'p mut Program<'a>,
    depth: usize,
    out: Vec<Stmt>,
}

impl Parser<'_, '_> {
    fn mate(&self, at: usize, end: usize) -> usize {
        self.program.tokens.get(at).map_or(end, |token| token.mate as usize).min(end)
    }

    /// Reads the statement at a token and gives the token after it.
    fn statement(&mut self, at: usize, end: usize) -> usize {
        let tokens = &self.program.tokens;
        if tokens.kind(at) == Some(Kind::Newline) || tokens.is(at, ";") {
            return at + 1;
        }
        let next = tokens.skip_lines(at + 1);
        match tokens.str(at) {
            "{" => return self.nested(at, end, false),
            "if" | "while" | "switch" | "with" if tokens.is(next, "(") => {
                let close = self.mate(next, end);
                self.out.push(Stmt::Eval((next + 1, close)));
                return close + 1;
            }
            "for" => return self.each(next, end),
            "else" | "do" | "finally" | "export" | "default" | "declare" | "abstract" => return next,
            "try" if tokens.is(next, "{") => {
                let close = self.mate(next, end);
                let silent = self.catch_is_silent(close + 1, end);
                return self.nested(next, end, silent);
            }
            "catch" => return if tokens.is(next, "(") { self.mate(next, end) + 1 } else { next },
            "async" if tokens.is(next, "function") => return next,
            "function" => return self.function(at, end),
            "class" => return self.class(at, end),
            "import" if !tokens.is(next, "(") && !tokens.is(next, ".") => return self.import(at, end),
            "interface" | "enum" | "namespace" if tokens.is_name(next) => {
                let open = (next..(next + 40).min(end)).find(|at| tokens.is(*at, "{"));
                return open.map_or(next, |open| self.mate(open, end) + 1);
            }
            "type" if tokens.is_name(next) => return self.end(at, end),
            "const" | "let" | "var" => return self.declaration(next, end),
            "return" | "throw" | "yield" => {
                let stop = self.end(at, end);
                self.out.push(Stmt::Return((at + 1, stop)));
                return stop;
            }
            "case" => {
                let stop = self.end_or(at, end, ":");
                return stop + usize::from(self.program.tokens.is(stop, ":"));
            }
            _ => {}
        }
        let stop = self.end(at, end);
        self.expression((at, stop), false);
        stop
    }

    fn nested(&mut self, open: usize, end: usize, silent: bool) -> usize {
        let close = self.mate(open, end);
        let body = block(self.program, (open + 1, close), self.depth + 1);
        self.out.push(Stmt::Nested { silent, body });
        close + 1
    }

    /// `for (const x of y)`, `for (let i = 0; …)`.
    fn each(&mut self, next: usize, end: usize) -> usize {
        let tokens = &self.program.tokens;
        let open = if tokens.is(next, "await") { next + 1 } else { next };
        if !tokens.is(open, "(") {
            return next;
        }
        let close = self.mate(open, end);
        let declared = matches!(tokens.str(open + 1), "const" | "let" | "var");
        let start = open + 1 + usize::from(declared);
        let span = (start, close);
        let place = self
            .program
            .places(span, "of")
            .first()
            .copied()
            .or_else(|| self.program.places(span, "in").first().copied());
        match place {
            Some(place) => self.out.push(Stmt::Each { target: (start, place), value: (place + 1, close) }),
            None => {
                for part in self.program.split(span, ";") {
                    self.expression(part, true);
                }
            }
        }
        close + 1
    }

    /// Does the handler at this token do nothing?
    fn catch_is_silent(&self, at: usize, end: usize) -> bool {
        let tokens = &self.program.tokens;
        let at = tokens.skip_lines(at);
        if !tokens.is(at, "catch") {
            return false;
        }
        let mut open = tokens.skip_lines(at + 1);
        if tokens.is(open, "(") {
            open = tokens.skip_lines(self.mate(open, end) + 1);
        }
        let close = self.mate(open, end);
        tokens.is(open, "{")
            && (open + 1..close).all(|at| {
                matches!(tokens.str(at), "return" | ";" | "null" | "continue") || tokens.kind(at) == Some(Kind::Newline)
            })
    }

    /// One past the last token of the statement: a semicolon, or a line end after which nothing goes on.
    fn end(&self, start: usize, end: usize) -> usize {
        self.end_or(start, end, ";")
    }

    /// As `end`, but at a certain mark at the latest.
    fn end_or(&self, start: usize, end: usize, mark: &str) -> usize {
        let tokens = &self.program.tokens;
        let mut at = start;
        while at < end {
            if tokens.is(at, ";") || tokens.is(at, "}") || tokens.is(at, mark) {
                return at;
            }
            if tokens.kind(at) == Some(Kind::Newline) && at > start && !self.goes_on(at) {
                return at;
            }
            at = tokens.next(at);
        }
        end
    }

    fn goes_on(&self, newline: usize) -> bool {
        let tokens = &self.program.tokens;
        let next = tokens.skip_lines(newline);
        let before = newline - 1;
        let open_end = tokens.kind(before) == Some(Kind::Op) && !matches!(tokens.str(before), "++" | "--" | "!")
            || matches!(tokens.str(before), "return" | "await" | "new" | "of" | "in" | "typeof" | "extends");
        let goes = tokens.kind(next) == Some(Kind::Op)
            && !matches!(tokens.str(next), "++" | "--" | "!" | "~" | "@" | "#" | "...")
            || matches!(tokens.str(next), "instanceof" | "as" | "in");
        open_end && !matches!(tokens.str(before), "return") || goes
    }

    fn declaration(&mut self, start: usize, end: usize) -> usize {
        let stop = self.end(start, end);
        for part in self.program.split((start, stop), ",") {
            self.expression(part, true);
        }
        stop
    }

    /// An assignment, or an expression for its own sake.
    fn expression(&mut self, span: Span, declares: bool) {
        let program = &*self.program;
        let tokens = &program.tokens;
        let mut at = span.0;
        while at < span.1 {
            let operator = tokens.str(at);
            if operator == "=>" {
                break;
            }
            if tokens.kind(at) == Some(Kind::Op) && matches!(operator, "=" | "+=" | "||=" | "??=" | "&&=") {
                // `name: type = value`
                let stop = program.places((span.0, at), ":").first().copied().unwrap_or(at);
                let add = operator != "=";
                self.out.push(Stmt::Assign { targets: vec![(span.0, stop)], value: (at + 1, span.1), add, declares });
                return;
            }
            at = tokens.next(at);
        }
        if span.0 < span.1 {
            self.out.push(Stmt::Eval(span));
        }
    }

    fn function(&mut self, at: usize, end: usize) -> usize {
        let tokens = &self.program.tokens;
        let name = at + 1 + usize::from(tokens.is(at + 1, "*"));
        match function_at(self.program, name, end, None, self.depth) {
            Some((id, next)) => {
                self.out.push(Stmt::Function(id, Vec::new()));
                next
            }
            None => at + 1,
        }
    }

    fn class(&mut self, at: usize, end: usize) -> usize {
        let tokens = &self.program.tokens;
        let Some(open) = (at..(at + 60).min(end)).find(|at| tokens.is(*at, "{")) else { return at + 1 };
        let close = self.mate(open, end);
        let name: Rc<str> = tokens.str(at + 1).into();
        self.program.classes.push(Class { name, ..Class::default() });
        let class = self.program.classes.len() - 1;
        let mut fields = Vec::new();
        let mut member = open + 1;
        while member < close && self.program.budget > 0 {
            self.program.budget -= 1;
            member = self.member(member, close, class, &mut fields);
        }
        self.program.classes[class].body = Rc::new(fields);
        self.out.push(Stmt::Class(class));
        close + 1
    }

    /// A method or a field of a class; the token after it.
    fn member(&mut self, at: usize, end: usize, class: usize, fields: &mut Vec<Stmt>) -> usize {
        let tokens = &self.program.tokens;
        if tokens.kind(at) == Some(Kind::Newline) || tokens.is(at, ";") {
            return at + 1;
        }
        let modifiers =
            ["static", "async", "public", "private", "protected", "readonly", "get", "set", "override", "*", "#"];
        if modifiers.contains(&tokens.str(at)) && !tokens.is(at + 1, "(") && !tokens.is(at + 1, "=") {
            return at + 1;
        }
        if tokens.is_name(at)
            && tokens.is(at + 1, "(")
            && let Some((_, next)) = function_at(self.program, at, end, Some(class), self.depth)
        {
            return next;
        }
        let stop = self.end(at, end).max(at + 1);
        if let Some(place) = self.program.places((at, stop), "=").first() {
            let targets = vec![(at, at + 1)];
            fields.push(Stmt::Assign { targets, value: (*place + 1, stop), add: false, declares: true });
        }
        stop
    }

    /// `import a, {b as c} from 'm'`, `import * as n from 'm'`, `import 'm'`.
    fn import(&mut self, at: usize, end: usize) -> usize {
        let stop = self.end(at, end);
        let tokens = &self.program.tokens;
        let Some(module) = (at..stop).find(|at| tokens.kind(*at) == Some(Kind::Text)) else { return stop };
        let module_name = tokens.body(module);
        let path = clip_name(module_name.trim_start_matches("node:"));
        let mut alias = None;
        let mut place = at + 1;
        while place < module {
            let name = tokens.str(place);
            if tokens.is(place, "{") {
                let close = self.mate(place, module);
                for part in self.program.split((place + 1, close), ",") {
                    let first = tokens.str(part.0);
                    let local = if tokens.is(part.0 + 1, "as") { tokens.str(part.0 + 2) } else { first };
                    self.out.push(Stmt::Import { name: local.into(), path: [path, ".", first].concat().into() });
                }
                place = close;
            } else if tokens.is(place, "*") && tokens.is(place + 1, "as") {
                alias = Some(tokens.str(place + 2));
                place += 2;
                self.out.push(Stmt::Import { name: tokens.str(place).into(), path: path.into() });
            } else if tokens.is_name(place) && !matches!(name, "from" | "type") {
                alias = Some(name);
                self.out.push(Stmt::Import { name: name.into(), path: path.into() });
            }
            place += 1;
        }
        self.program.add_import(module_name, (at, stop), alias, self.depth > 0);
        stop
    }
}

/// A function whose name or parameters begin at a token: its number and the token after its body.
pub(super) fn function_at(
    program: &mut Program,
    at: usize,
    end: usize,
    class: Option<usize>,
    depth: usize,
) -> Option<(usize, usize)> {
    let tokens = &program.tokens;
    let named = tokens.is_name(at);
    let name: Rc<str> = if named { tokens.str(at).into() } else { "".into() };
    let open = (at..(at + 30).min(end)).find(|at| tokens.is(*at, "("))?;
    let close = tokens.get(open)?.mate as usize;
    let body = (close..(close + 60).min(end)).find(|at| tokens.is(*at, "{"))?;
    let stop = (tokens.get(body)?.mate as usize).min(end);
    let params = params(program, (open + 1, close));
    let body = block(program, (body + 1, stop), depth + 1);
    let id = program.add_function(Function { name, params, body, expression: None, class });
    Some((id, stop + 1))
}

/// An arrow function: `head` is what stands before the arrow, `body` what stands after it.
pub(super) fn arrow(program: &mut Program, head: Span, body: Span, depth: usize) -> usize {
    if let Some(known) = program.anonymous.get(&head.0) {
        return *known;
    }
    let tokens = &program.tokens;
    let open = (head.0..head.1).find(|at| tokens.is(*at, "("));
    let params = match open {
        Some(open) => {
            params(program, (open + 1, (tokens.get(open).map_or(head.1, |token| token.mate as usize)).min(head.1)))
        }
        None => params(program, (head.1.saturating_sub(1).max(head.0), head.1)),
    };
    let start = tokens.skip_lines(body.0);
    let (body, expression) = if tokens.is(start, "{") {
        let stop = tokens.get(start).map_or(body.1, |token| token.mate as usize).min(body.1);
        (block(program, (start + 1, stop), depth + 1), None)
    } else {
        (Vec::new(), Some((start, body.1)))
    };
    let id = program.add_function(Function { name: "".into(), params, body, expression, class: None });
    program.anonymous.insert(head.0, id);
    id
}

fn params(program: &Program, span: Span) -> Vec<Param> {
    let tokens = &program.tokens;
    let mut out = Vec::new();
    for (start, end) in program.split(span, ",") {
        let rest = tokens.is(start, "...");
        let mut name = start + usize::from(rest);
        while matches!(tokens.str(name), "public" | "private" | "protected" | "readonly") && name + 1 < end {
            name += 1;
        }
        let default = program.places((name, end), "=").first().map(|at| (at + 1, end));
        out.push(Param { target: (name, tokens.next(name).min(end)), default, rest, keywords: false });
    }
    out
}
