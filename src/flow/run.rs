//! Walks the statements of Python and JavaScript, once per call of a function that is known.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::rc::Rc;

use super::program::{Function, Program, Span, Stmt};
use super::record::{Recorder, is_worth_running};
use super::token::Kind;
use super::value::Value;
use super::words::{is_recipient_field, mail_address};
use super::{Recipient, Silence, SourceKind, Step};
use crate::syntax::zone::Language;

/// Calls inside calls that are followed.
const DEEPEST_CALL: usize = 7;

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
    /// Tokens that may still be evaluated.
    pub fuel: usize,
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
    let (program, body) = Program::new(language, text);
    let fuel = 30 * program.tokens.all.len() + 20_000;
    let worth = is_worth_running(text);
    let mut run = Run {
        members: Vec::new(),
        program,
        rec,
        scopes: vec![Scope::default()],
        fuel,
        depth: 0,
        nested: 0,
        active: Vec::new(),
        known: HashMap::new(),
        called: Vec::new(),
        returns: Value::default(),
        remote_log: None,
    };
    if worth {
        // The second time what a later statement left in an outer name is there from the start.
        for _ in 0..2 {
            run.known.clear();
            run.statements(&body);
            run.uncalled();
            run.fuel = run.fuel.max(fuel / 4);
        }
        run.recipients();
    }
    let imports = std::mem::take(&mut run.program.imports);
    rec.found().imports.extend(imports);
}

impl Run<'_, '_> {
    pub(super) fn statements(&mut self, body: &[Stmt]) {
        for statement in body {
            if self.fuel == 0 {
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
        let key = (id, fingerprint(args, self.rec.silent.len()));
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        if self.active.contains(&id) || self.active.len() >= DEEPEST_CALL || self.fuel == 0 {
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
        self.known.insert(key, value.clone());
        value
    }

    fn bind(&mut self, function: &Function, args: &Args) {
        for (index, param) in function.params.iter().enumerate() {
            let name = self.program.tokens.str(param.target.0);
            let given = args.named(name).or_else(|| args.list.get(index));
            let mut value = match (given, param.default) {
                (Some(_), _) if param.rest => {
                    let mut all = Value::default();
                    args.list.iter().skip(index).for_each(|value| all.join(value.clone()));
                    all
                }
                (_, _) if param.keywords => {
                    let mut all = Value::default();
                    args.named.iter().for_each(|(key, value)| all.set_field(key, value.clone(), false));
                    all
                }
                (Some(value), _) => value.clone(),
                (None, Some(default)) => self.eval(default),
                (None, None) => Value::default(),
            };
            if !function.name.is_empty() {
                let range = self.program.tokens.bytes(param.target.0, param.target.1);
                value.each_taint(0, &mut |taint| taint.source.kind != SourceKind::Input || taint.count < 6);
                if value.taints.iter().any(|taint| taint.source.range != range) {
                    value.step(&Step { range, what: format!("passed as `{name}`") });
                }
            }
            self.assign_quietly(param.target, value);
        }
    }

    pub(super) fn lookup(&self, name: &str) -> Option<&Value> {
        self.scopes.iter().rev().find_map(|scope| scope.names.get(name))
    }

    /// Gives a name a value. In a block that may not run, what was there stays possible.
    pub(super) fn set(&mut self, name: &str, value: Value, add: bool, declares: bool) {
        let last = self.scopes.len() - 1;
        let outer = self.scopes[last].outer.iter().any(|outer| outer.as_ref() == name)
            || !declares && !self.scopes[last].names.contains_key(name);
        let place = if outer {
            (0..last).rev().find(|at| self.scopes[*at].names.contains_key(name)).unwrap_or(0)
        } else {
            last
        };
        let join = add || self.nested > 0 || place != last;
        match self.scopes[place].names.get_mut(name) {
            Some(known) if add => *known = std::mem::take(known).concat_or_join(value),
            Some(known) if join => known.join(value),
            Some(known) => *known = value,
            None => {
                self.scopes[place].names.insert(name.into(), value);
            }
        }
    }

    pub(super) fn member(&self, class: usize, name: &str) -> Option<&Value> {
        self.members.get(class)?.get(name)
    }

    pub(super) fn set_member(&mut self, class: usize, name: &str, value: Value) {
        if self.members.len() <= class {
            self.members.resize_with(class + 1, HashMap::new);
        }
        match self.members[class].get_mut(name) {
            Some(known) => known.join(value),
            None => {
                self.members[class].insert(name.into(), value);
            }
        }
    }

    /// Assigns and writes the step down.
    fn assign(&mut self, target: Span, mut value: Value, add: bool, declares: bool) {
        let tokens = &self.program.tokens;
        let name = tokens.str(target.0);
        if !value.all_taints().is_empty() && tokens.is_name(target.0) {
            let what = format!("assigned to `{name}`");
            value.step(&Step { range: tokens.bytes(target.0, target.1), what });
        }
        self.store(target, value, add, declares);
    }

    fn assign_quietly(&mut self, target: Span, value: Value) {
        self.store(target, value, false, true);
    }

    fn store(&mut self, target: Span, value: Value, add: bool, declares: bool) {
        let tokens = &self.program.tokens;
        let start = tokens.skip_lines(target.0);
        let parts = self.program.split((start, target.1), ",");
        if parts.len() > 1 {
            return self.store_list(&parts, &value, declares);
        }
        let tokens = &self.program.tokens;
        let close = tokens.next(start);
        if tokens.is(start, "{") {
            for part in self.program.split((start + 1, close.saturating_sub(1).min(target.1)), ",") {
                let tokens = &self.program.tokens;
                let rest = tokens.is(part.0, "...");
                let key = part.0 + usize::from(rest);
                let renamed = tokens.is(key + 1, ":");
                let entry = if rest {
                    value.clone()
                } else {
                    self.attribute(&value, tokens.str(key), tokens.bytes(key, key + 1))
                };
                let to = if renamed { (key + 2, part.1) } else { (key, key + 1) };
                self.store(to, entry, add, declares);
            }
        } else if tokens.is(start, "[") || tokens.is(start, "(") {
            let parts = self.program.split((start + 1, close.saturating_sub(1).min(target.1)), ",");
            self.store_list(&parts, &value, declares);
        } else if tokens.is(start, "*") {
            self.store((start + 1, target.1), value, add, declares);
        } else if start + 1 >= target.1
            || !(tokens.is(start + 1, ".") || tokens.is(start + 1, "[") || tokens.is(start + 1, "?."))
        {
            if tokens.is_name(start) {
                let name = tokens.str(start);
                self.set(name, value, add, declares);
            }
        } else {
            self.store_member((start, target.1), value);
        }
    }

    fn store_list(&mut self, parts: &[Span], value: &Value, declares: bool) {
        for (index, part) in parts.iter().enumerate() {
            let entry = value.field(&index.to_string()).cloned().unwrap_or_else(|| value.element());
            self.store(*part, entry, false, declares);
        }
    }

    /// `a.b = value`, `a["b"] = value`, `self.b = value`.
    fn store_member(&mut self, target: Span, value: Value) {
        let tokens = &self.program.tokens;
        let name = tokens.str(target.0);
        // The last part of the chain names the entry.
        let last = target.1 - 1;
        let key: Option<Rc<str>> = if tokens.is(last, "]") {
            let open = tokens.get(last).map_or(target.0, |token| token.mate as usize);
            let key = self.eval((open + 1, last));
            key.first_text().cloned()
        } else {
            Some(tokens.str(last).into())
        };
        let Some(base) = self.lookup(name) else { return };
        if let Some(class) = base.class {
            let member = self.program.tokens.str(target.0 + 2);
            let deep = target.1 > target.0 + 3;
            let value = match key.filter(|_| deep) {
                Some(key) => {
                    let mut holder = Value::default();
                    holder.set_field(&key, value, true);
                    holder
                }
                None => value,
            };
            self.set_member(class, member, value);
            return;
        }
        let mut changed = base.clone();
        match key {
            Some(key) if !base.is_path("os.environ") && !base.is_path("process.env") => {
                changed.set_field(&key, value, true)
            }
            Some(_) => return,
            None => changed.join(value.content()),
        }
        self.set(name, changed, false, false);
    }

    /// One entry of what a name holds was picked by a test.
    pub(super) fn narrow(&mut self, name: &str, key: &str) {
        if let Some(known) = self.scopes.iter_mut().rev().find_map(|scope| scope.names.get_mut(name)) {
            known.narrow(key);
        }
    }

    /// Values are put into the object that a name or a member of `self` holds.
    pub(super) fn fill(&mut self, target: Span, value: &Value) {
        let tokens = &self.program.tokens;
        let name = tokens.str(target.0);
        let Some(base) = self.lookup(name) else { return };
        if let Some(class) = base.class {
            let member = tokens.str(target.0 + 2);
            self.set_member(class, member, value.clone());
        } else if target.1 == target.0 + 1 {
            let mut changed = base.clone();
            changed.join(Value { path: None, function: None, ..value.clone() });
            self.set(name, changed, false, false);
        } else {
            let mut changed = base.clone();
            changed.join(value.content());
            self.set(name, changed, false, false);
        }
    }

    /// Mail addresses that stand in the code as the value of something that names a recipient.
    fn recipients(&mut self) {
        let tokens = &self.program.tokens;
        let mut found = Vec::new();
        for at in 0..tokens.all.len() {
            if tokens.kind(at) != Some(Kind::Text) {
                continue;
            }
            let Some(address) = mail_address(tokens.body(at)) else { continue };
            let Some((field, fallback)) = named_by(&self.program, at) else { continue };
            let range: Range<usize> = tokens.bytes(at, at + 1);
            found.push(Recipient { address: address.to_owned(), range, field, fallback });
        }
        self.rec.found().recipients.extend(found);
    }
}

/// The field or variable that a literal is for, and whether something else comes before it.
fn named_by(program: &Program, literal: usize) -> Option<(String, bool)> {
    let tokens = &program.tokens;
    let mut fallback = false;
    for at in (literal.saturating_sub(14)..literal).rev() {
        match tokens.str(at) {
            "or" | "||" | "??" | "else" => fallback = true,
            "=" | ":" => {
                let before = at.checked_sub(1)?;
                let before = if tokens.is(before, "]") { before.checked_sub(1)? } else { before };
                let name =
                    if tokens.kind(before) == Some(Kind::Text) { tokens.body(before) } else { tokens.str(before) };
                if name == "default" {
                    fallback = true;
                    continue;
                }
                return is_recipient_field(name)
                    .then(|| (name.to_ascii_lowercase(), fallback || name.to_ascii_lowercase().contains("fallback")));
            }
            _ if tokens.kind(at) == Some(Kind::Text) && fallback => {
                let name = tokens.body(at).trim_start_matches('-').replace('-', "_");
                if is_recipient_field(&name) {
                    return Some((name.to_ascii_lowercase(), true));
                }
            }
            _ if tokens.kind(at) == Some(Kind::Newline) => return None,
            _ => {}
        }
    }
    None
}

fn fingerprint(args: &Args, silent: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    silent.hash(&mut hasher);
    for value in args.all() {
        hash_value(value, &mut hasher, 0);
    }
    args.named.iter().for_each(|(name, _)| name.hash(&mut hasher));
    hasher.finish()
}

fn hash_value(value: &Value, hasher: &mut DefaultHasher, depth: usize) {
    value.texts.hash(hasher);
    value.path.hash(hasher);
    (value.function, value.class).hash(hasher);
    value.variable.hash(hasher);
    for taint in &value.taints {
        taint.source.range.hash(hasher);
        taint.source.kind.hash(hasher);
        taint.narrowed.hash(hasher);
    }
    if depth < 4 {
        for (name, value) in value.fields.iter().flat_map(|fields| fields.iter()) {
            name.hash(hasher);
            hash_value(value, hasher, depth + 1);
        }
    }
}
