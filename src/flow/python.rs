//! The statements of Python by indentation.

use std::rc::Rc;

use super::program::{Class, DEEPEST, Function, Param, Program, Span, Stmt};
use super::token::Kind;
use super::value::clip_name;

/// A logical line.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    end: usize,
    indent: u32,
}

pub(super) fn parse(program: &mut Program) -> Vec<Stmt> {
    let lines = lines(program);
    let mut parser = Parser { program, lines, class: None, nested: 0 };
    let mut at = 0;
    let mut out = Vec::new();
    while at < parser.lines.len() {
        let indent = parser.lines[at].indent;
        let (mut part, next) = parser.block(at, indent, 0);
        out.append(&mut part);
        at = next.max(at + 1);
    }
    out
}

fn lines(program: &Program) -> Vec<Line> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut indent = 0;
    for (at, token) in program.tokens.all.iter().enumerate() {
        if token.kind == Kind::Newline {
            if start < at {
                out.push(Line { start, end: at, indent });
            }
            start = at + 1;
            indent = token.mate;
        }
    }
    out
}

struct Parser<'p, 'a> {
    program: &'p mut Program<'a>,
    lines: Vec<Line>,
    /// The class whose body is read.
    class: Option<usize>,
    /// Functions and blocks around.
    nested: usize,
}

impl Parser<'_, '_> {
    /// The statements from a line on as long as they are indented this far, and the line after them.
    fn block(&mut self, mut at: usize, indent: u32, depth: usize) -> (Vec<Stmt>, usize) {
        let mut out = Vec::new();
        let mut decorators: Vec<Span> = Vec::new();
        while let Some(line) = self.lines.get(at).copied().filter(|line| line.indent >= indent) {
            let tokens = &self.program.tokens;
            if tokens.is(line.start, "@") {
                decorators.push((line.start + 1, line.end));
                at += 1;
                continue;
            }
            let mut first = line.start;
            if tokens.is(first, "async") {
                first += 1;
            }
            let word = tokens.str(first);
            let colon = self.header_end(first, line.end);
            let colon = colon.filter(|colon| compound(word, *colon, line.end));
            self.program.too_deep |= colon.is_some() && depth >= DEEPEST;
            let Some(colon) = colon.filter(|_| depth < DEEPEST) else {
                self.simple((line.start, line.end), &mut out);
                at += 1;
                continue;
            };
            let (function, class) = (word == "def", word == "class");
            let outer = self.class;
            if function {
                self.class = None;
            } else if class {
                let name: Rc<str> = tokens.str(first + 1).into();
                self.program.classes.push(Class { name, ..Class::default() });
                self.class = Some(self.program.classes.len() - 1);
            }
            let inner_class = self.class;
            self.nested += 1;
            let (body, next) = self.body(at, colon, line, depth);
            self.nested -= 1;
            self.class = outer;
            if function {
                let id = self.function(first, colon, body, outer);
                out.push(Stmt::Function(id, std::mem::take(&mut decorators)));
            } else if let Some(id) = inner_class.filter(|_| class) {
                self.program.classes[id].body = Rc::new(body);
                out.push(Stmt::Class(id));
            } else {
                self.header((first, colon), &mut out);
                let silent = word == "try" && self.handlers_are_silent(next, line.indent);
                out.push(Stmt::Nested { silent, body });
            }
            at = next;
        }
        (out, at)
    }

    /// The colon that ends the header of a compound statement.
    fn header_end(&self, start: usize, end: usize) -> Option<usize> {
        let tokens = &self.program.tokens;
        let mut at = start;
        let mut lambdas = 0;
        while at < end {
            if tokens.is(at, "lambda") {
                lambdas += 1;
            } else if tokens.is(at, ":") {
                if lambdas == 0 {
                    return Some(at);
                }
                lambdas -= 1;
            }
            at = tokens.next(at);
        }
        None
    }

    fn body(&mut self, at: usize, colon: usize, line: Line, depth: usize) -> (Vec<Stmt>, usize) {
        if colon + 1 < line.end {
            let mut out = Vec::new();
            self.simple((colon + 1, line.end), &mut out);
            return (out, at + 1);
        }
        match self.lines.get(at + 1) {
            Some(next) if next.indent > line.indent => {
                let indent = next.indent;
                self.block(at + 1, indent, depth + 1)
            }
            _ => (Vec::new(), at + 1),
        }
    }

    fn function(&mut self, at: usize, colon: usize, body: Vec<Stmt>, class: Option<usize>) -> usize {
        let tokens = &self.program.tokens;
        let name: Rc<str> = tokens.str(at + 1).into();
        let open = (at + 2..colon).find(|at| tokens.is(*at, "(")).unwrap_or(colon);
        let close = tokens.get(open).map_or(colon, |token| token.mate as usize).min(colon);
        let mut params = params(self.program, (open + 1, close));
        if class.is_some() && !params.is_empty() && params[0].default.is_none() {
            params.remove(0);
        }
        self.program.add_function(Function { name, params, body, expression: None, class })
    }

    /// The values in the head of `for`, `with`, `if`, `while`, `except`.
    fn header(&mut self, (start, end): Span, out: &mut Vec<Stmt>) {
        let program = &*self.program;
        match program.tokens.str(start) {
            "for" => {
                if let Some(place) = program.places((start + 1, end), "in").first() {
                    out.push(Stmt::Each { target: (start + 1, *place), value: (*place + 1, end) });
                }
            }
            "with" => {
                let open = program.tokens.is(start + 1, "(") && program.tokens.next(start + 1) == end;
                let span = if open { (start + 2, end - 1) } else { (start + 1, end) };
                for part in program.split(span, ",") {
                    match program.places(part, "as").first() {
                        Some(place) => out.push(Stmt::Assign {
                            targets: vec![(*place + 1, part.1)],
                            value: (part.0, *place),
                            add: false,
                            declares: true,
                        }),
                        None => out.push(Stmt::Eval(part)),
                    }
                }
            }
            "if" | "elif" | "while" | "match" => out.push(Stmt::Eval((start + 1, end))),
            _ => {}
        }
    }

    /// Whether all handlers after a `try` do nothing.
    fn handlers_are_silent(&self, mut at: usize, indent: u32) -> bool {
        let tokens = &self.program.tokens;
        let mut found = false;
        while let Some(line) =
            self.lines.get(at).filter(|line| line.indent == indent && tokens.is(line.start, "except"))
        {
            found = true;
            let colon = self.header_end(line.start, line.end).unwrap_or(line.end);
            let quiet = |start: usize, end: usize| {
                matches!(tokens.str(start), "pass" | "continue" | "return" | "break" | ".")
                    && (start..end).all(|at| !tokens.is(at, "("))
            };
            if colon + 1 < line.end && !quiet(colon + 1, line.end) {
                return false;
            }
            at += 1;
            while let Some(inner) = self.lines.get(at).filter(|inner| inner.indent > indent) {
                if !quiet(inner.start, inner.end) {
                    return false;
                }
                at += 1;
            }
        }
        found
    }

    /// Statements of one line.
    fn simple(&mut self, span: Span, out: &mut Vec<Stmt>) {
        for part in self.program.split(span, ";") {
            self.program.budget = self.program.budget.saturating_sub(1);
            if self.program.budget > 0 {
                self.statement(part, out);
            }
        }
    }

    fn statement(&mut self, (start, end): Span, out: &mut Vec<Stmt>) {
        let program = &mut *self.program;
        match program.tokens.str(start) {
            "import" => return self.import((start, end), out),
            "from" if program.tokens.kind(start) == Some(Kind::Name) => return self.import_from((start, end), out),
            "return" | "yield" => return out.push(Stmt::Return((start + 1, end))),
            "global" | "nonlocal" => {
                let names = (start + 1..end).filter(|at| program.tokens.is_name(*at));
                return out.push(Stmt::Outer(names.map(|at| program.tokens.str(at).into()).collect()));
            }
            "pass" | "del" | "break" | "continue" | "assert" => return,
            _ => {}
        }
        let equals = program.places((start, end), "=");
        if let Some(last) = equals.last() {
            let mut targets = Vec::new();
            let mut from = start;
            for at in &equals {
                let target = (from, *at);
                // `name: type = value`
                let stop = program.places(target, ":").first().copied().unwrap_or(target.1);
                targets.push((from, stop));
                from = at + 1;
            }
            return out.push(Stmt::Assign { targets, value: (*last + 1, end), add: false, declares: true });
        }
        let mut at = start;
        while at < end {
            let operator = program.tokens.str(at);
            if program.tokens.kind(at) == Some(Kind::Op)
                && operator.ends_with('=')
                && operator.len() >= 2
                && !compares(operator)
            {
                let targets = vec![(start, at)];
                return out.push(Stmt::Assign { targets, value: (at + 1, end), add: true, declares: true });
            }
            at = program.tokens.next(at);
        }
        out.push(Stmt::Eval((start, end)));
    }

    fn import(&mut self, span: Span, out: &mut Vec<Stmt>) {
        for part in self.program.split((span.0 + 1, span.1), ",") {
            let tokens = &self.program.tokens;
            let place = (part.0..part.1).find(|at| tokens.is(*at, "as"));
            let module: String = (part.0..place.unwrap_or(part.1)).map(|at| tokens.str(at)).collect();
            let alias = place.map(|at| tokens.str(at + 1));
            let top = module.split('.').next().unwrap_or_default();
            let (name, path) = alias.map_or((top, top), |alias| (alias, module.as_str()));
            out.push(Stmt::Import { name: name.into(), path: path.into() });
            let alias = alias.map(str::to_owned);
            self.program.add_import(&module, span, alias.as_deref(), self.nested > 0);
        }
    }

    fn import_from(&mut self, span: Span, out: &mut Vec<Stmt>) {
        let tokens = &self.program.tokens;
        let Some(place) = (span.0..span.1).find(|at| tokens.is(*at, "import")) else { return };
        let module: String = (span.0 + 1..place).map(|at| tokens.str(at)).collect();
        let open = tokens.is(place + 1, "(");
        let names =
            if open { (place + 2, tokens.next(place + 1).saturating_sub(1).min(span.1)) } else { (place + 1, span.1) };
        let mut private = None;
        for part in self.program.split(names, ",") {
            let tokens = &self.program.tokens;
            let name = tokens.str(part.0);
            let alias = if tokens.is(part.0 + 1, "as") { tokens.str(part.0 + 2) } else { name };
            if alias != name {
                private = Some(alias.to_owned());
            }
            out.push(Stmt::Import { name: alias.into(), path: [clip_name(&module), ".", name].concat().into() });
        }
        self.program.add_import(&module, span, private.as_deref(), self.nested > 0);
    }
}

fn compares(operator: &str) -> bool {
    matches!(operator, "==" | "!=" | "<=" | ">=" | ":=")
}

/// Does this word begin a statement with a body? `match` and `case` are words like any other.
fn compound(word: &str, colon: usize, end: usize) -> bool {
    match word {
        "def" | "class" | "if" | "elif" | "else" | "for" | "while" | "try" | "except" | "finally" | "with" => true,
        "match" | "case" => colon + 1 == end,
        _ => false,
    }
}

/// The parameters of a function or a lambda.
pub(super) fn params(program: &Program, span: Span) -> Vec<Param> {
    let tokens = &program.tokens;
    let mut out = Vec::new();
    for (start, end) in program.split(span, ",") {
        let rest = tokens.is(start, "*");
        let keywords = tokens.is(start, "**");
        let name = start + usize::from(rest || keywords);
        if !tokens.is_name(name) {
            continue;
        }
        let default = program.places((name, end), "=").first().map(|at| (at + 1, end));
        out.push(Param { target: (name, name + 1), default, rest, keywords });
    }
    out
}
