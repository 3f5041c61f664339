//! Walks the statements of Python and JavaScript, once per call of a function that is known.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use super::program::{Program, Span, Stmt};
use super::record::{Recorder, is_worth_running};
use super::value::Value;
use super::{Silence, SourceKind, imports};
use crate::syntax::zone::Language;

mod recipient;
mod scope;

/// Calls inside calls that are followed.
const DEEPEST_CALL: usize = 7;

/// Calls whose values are remembered.
const MOST_KNOWN: usize = 20_000;

/// Names of one function.
#[derive(Default)]
struct Scope {
    names: HashMap<Rc<str>, Value>,
    outer: Vec<Rc<str>>,
}

/// The state of one analysis.
pub(super) struct Run<'a, 'r> {
    pub program: Program<'a>,
    pub rec: &'r mut Recorder,
    scopes: Vec<Scope>,
    /// What the instances of each class hold.
    members: Vec<HashMap<Rc<str>, Value>>,
    /// Expressions inside expressions.
    pub depth: usize,
    /// Blocks around, within the function at hand.
    nested: usize,
    active: Vec<usize>,
    known: HashMap<(usize, u64), Value>,
    called: Vec<bool>,
    returns: Value,
    /// A logger whose messages leave the machine.
    pub remote_log: Option<Value>,
}

/// The arguments of a call.
#[derive(Default)]
pub(super) struct Args {
    pub list: Vec<Value>,
    pub named: Vec<(Rc<str>, Value)>,
}

impl Args {
    pub(super) fn at(&self, index: usize) -> Value {
        self.list.get(index).cloned().unwrap_or_default()
    }

    pub(super) fn named(&self, name: &str) -> Option<&Value> {
        self.named.iter().find(|(key, _)| key.as_ref() == name).map(|(_, value)| value)
    }

    /// The named argument or the one at this place.
    pub(super) fn get(&self, index: usize, name: &str) -> Value {
        self.named(name).cloned().unwrap_or_else(|| self.at(index))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Value> {
        self.list.iter().chain(self.named.iter().map(|(_, value)| value))
    }
}

pub(super) fn run(rec: &mut Recorder, language: Language, text: &str) {
    if !is_worth_running(text) {
        return imports::read(rec, language, text);
    }
    let (program, body) = Program::new(language, text);
    let mut run = Run {
        members: Vec::new(),
        program,
        rec,
        scopes: vec![Scope::default()],
        depth: 0,
        nested: 0,
        active: Vec::new(),
        known: HashMap::new(),
        called: Vec::new(),
        returns: Value::default(),
        remote_log: None,
    };
    // The second time what a later statement left in an outer name is there from the start.
    let mut held = run.rec.fuel.hold();
    for _ in 0..2 {
        run.known.clear();
        run.statements(&body);
        run.uncalled();
        run.rec.fuel.release(std::mem::take(&mut held));
        // Straight on, nothing comes back to an earlier statement.
        let turns = !run.program.functions.is_empty() || body.iter().any(Stmt::is_block);
        if !turns || !run.rec.may_flow() {
            break;
        }
    }
    run.recipients();
    if let Some(cut) = run.program.cut() {
        run.rec.fuel.stop(cut);
    }
    let imports = std::mem::take(&mut run.program.imports);
    for import in imports {
        rec.import(import);
    }
}

impl Run<'_, '_> {
    pub(super) fn statements(&mut self, body: &[Stmt]) {
        for statement in body {
            if self.rec.fuel.is_empty() {
                return;
            }
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        let outer = std::mem::replace(&mut self.rec.unused, matches!(statement, Stmt::Eval(_)));
        self.run_statement(statement);
        self.rec.unused = outer;
    }

    fn run_statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Assign { targets, value, add, declares } => {
                let value = self.eval(*value);
                for target in targets {
                    self.assign(*target, value.clone(), *add, *declares);
                }
            }
            Stmt::Each { target, value } => {
                let element = self.eval(*value).element();
                self.assign(*target, element, false, true);
            }
            Stmt::Eval(span) => {
                self.eval(*span);
            }
            Stmt::Return(span) => {
                let value = self.eval(*span);
                self.returns.join(value);
            }
            Stmt::Function(id, decorators) => self.define(*id, decorators),
            Stmt::Class(id) => self.class(*id),
            Stmt::Nested { silent, body } => {
                self.nested += 1;
                if *silent {
                    self.rec.silent.push(Silence::SwallowedError);
                }
                self.statements(body);
                if *silent {
                    self.rec.silent.pop();
                }
                self.nested -= 1;
            }
            Stmt::Import { name, path } => {
                let value = Value::named(Rc::clone(path));
                self.set(name, value, false, true);
            }
            Stmt::Outer(names) => {
                if let Some(scope) = self.scopes.last_mut() {
                    scope.outer.extend(names.iter().cloned());
                }
            }
        }
    }

    fn define(&mut self, id: usize, decorators: &[Span]) {
        let Some(function) = self.program.functions.get(id).cloned() else { return };
        let value = Value { function: Some(id), ..Value::default() };
        self.set(&function.name, value, false, true);
        for span in decorators {
            let decorator = self.eval(*span);
            if decorator.is_path("atexit.register") {
                self.rec.silent.push(Silence::AtExit);
                self.invoke(id, &Args::default(), None);
                self.rec.silent.pop();
            }
        }
    }

    fn class(&mut self, id: usize) {
        let Some(class) = self.program.classes.get(id) else { return };
        let (name, body) = (Rc::clone(&class.name), Rc::clone(&class.body));
        let value = Value { class: Some(id), ..Value::named("#class") };
        self.set(&name, value, false, true);
        self.scopes.push(Scope::default());
        self.statements(&body);
        let scope = self.scopes.pop().unwrap_or_default();
        let mut names: Vec<_> = scope.names.into_iter().collect();
        names.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, value) in names {
            if value.function.is_none() {
                self.set_member(id, &name, value);
            }
        }
    }

    /// Functions that nobody calls are called from outside, with anything.
    fn uncalled(&mut self) {
        let count = self.program.functions.len();
        for id in 0..count {
            let function = Rc::clone(&self.program.functions[id]);
            let hidden = function.name.is_empty();
            if !hidden && !self.called.get(id).copied().unwrap_or_default() {
                let mut args = Args::default();
                for param in &function.params {
                    let range = self.program.tokens.bytes(param.target.0, param.target.0 + 1);
                    let name = self.program.tokens.str(param.target.0);
                    args.list.push(if param.default.is_some() {
                        Value::default()
                    } else {
                        self.rec.origin(SourceKind::Input, &range, name)
                    });
                }
                self.rec.function = Some(Rc::clone(&function.name));
                self.invoke(id, &args, function.class);
                self.rec.function = None;
            }
        }
        // The same again on the next round.
        self.called.clear();
    }

    /// Runs a function of the script with these arguments and gives what it returns.
    pub(super) fn invoke(&mut self, id: usize, args: &Args, class: Option<usize>) -> Value {
        let Some(function) = self.program.functions.get(id).cloned() else { return Value::default() };
        if self.called.len() <= id {
            self.called.resize(id + 1, false);
        }
        self.called[id] = true;
        let weight: usize = args.all().map(Value::weight).sum();
        self.rec.fuel.take(weight);
        let key = (id, fingerprint(args, self.rec.silent.len()));
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        if self.active.contains(&id) || self.active.len() >= DEEPEST_CALL || self.rec.fuel.is_empty() {
            let mut out = Value::default();
            args.all().for_each(|value| out.join(value.content()));
            return out;
        }
        self.active.push(id);
        let outer_returns = std::mem::take(&mut self.returns);
        let outer_nested = std::mem::take(&mut self.nested);
        self.scopes.push(Scope::default());
        if let Some(class) = class.or(function.class) {
            let name = if self.program.language == Language::Python { "self" } else { "this" };
            self.set(name, Value { class: Some(class), ..Value::default() }, false, true);
        }
        self.bind(&function, args);
        self.statements(&function.body);
        if let Some(span) = function.expression {
            let value = self.eval(span);
            self.returns.join(value);
        }
        self.scopes.pop();
        self.nested = outer_nested;
        let value = std::mem::replace(&mut self.returns, outer_returns);
        self.active.pop();
        if !function.name.is_empty() {
            self.rec.gives(&function.name, &value);
        }
        if self.known.len() < MOST_KNOWN {
            self.known.insert(key, value.clone());
        }
        value
    }
}

fn fingerprint(args: &Args, silent: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    silent.hash(&mut hasher);
    for value in args.all() {
        hash_value(value, &mut hasher);
    }
    args.named.iter().for_each(|(name, _)| name.hash(&mut hasher));
    hasher.finish()
}

fn hash_value(value: &Value, hasher: &mut DefaultHasher) {
    value.texts.hash(hasher);
    value.path.hash(hasher);
    (value.function, value.class).hash(hasher);
    value.variable.hash(hasher);
    for taint in &value.taints {
        taint.source.range.hash(hasher);
        taint.source.kind.hash(hasher);
        taint.narrowed.hash(hasher);
    }
    for (name, value) in value.fields.iter().flat_map(|fields| fields.iter()) {
        name.hash(hasher);
        hash_value(value, hasher);
    }
}
