//! Names and what they stand for.

use std::collections::HashMap;
use std::rc::Rc;

use super::super::program::{Function, Span};
use super::super::value::{Value, clip_name};
use super::super::{Cut, SourceKind, Step};
use super::{Args, Run};

/// Patterns inside patterns that values are taken apart by.
const DEEPEST: usize = 40;
/// A value with fewer entries costs nothing to copy.
const SMALL: usize = 16;
/// Steps for each copied entry: they are what memory is bounded by.
const COPY: usize = 32;

impl Run<'_, '_> {
    pub(super) fn bind(&mut self, function: &Function, args: &Args) {
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
                value.each_taint(&mut |taint| taint.source.kind != SourceKind::Input || taint.count < 6);
                if value.taints.iter().any(|taint| taint.source.range != range) {
                    value.step(&Step { range, what: format!("passed as `{}`", clip_name(name)) });
                }
            }
            self.assign_quietly(param.target, value);
        }
    }

    pub(in super::super) fn lookup(&self, name: &str) -> Option<&Value> {
        self.scopes.iter().rev().find_map(|scope| scope.names.get(name))
    }

    /// Gives a name a value. In a block that may not run, what was there stays possible.
    pub(in super::super) fn set(&mut self, name: &str, value: Value, add: bool, declares: bool) {
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

    pub(in super::super) fn member(&self, class: usize, name: &str) -> Option<&Value> {
        self.members.get(class)?.get(name)
    }

    pub(in super::super) fn set_member(&mut self, class: usize, name: &str, value: Value) {
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
    pub(super) fn assign(&mut self, target: Span, mut value: Value, add: bool, declares: bool) {
        let tokens = &self.program.tokens;
        let name = tokens.str(target.0);
        if value.is_tainted() && tokens.is_name(target.0) {
            // Every entry gets the step, so what was shared is copied.
            if value.weight() > SMALL && !self.rec.fuel.take(COPY * value.weight()) {
                return;
            }
            let what = format!("assigned to `{}`", clip_name(name));
            value.step(&Step { range: tokens.bytes(target.0, target.1), what });
        }
        self.store(target, value, add, declares, 0);
    }

    fn assign_quietly(&mut self, target: Span, value: Value) {
        self.store(target, value, false, true, 0);
    }

    fn store(&mut self, target: Span, value: Value, add: bool, declares: bool, depth: usize) {
        if depth > DEEPEST {
            return self.rec.fuel.stop(Cut::Depth);
        }
        let tokens = &self.program.tokens;
        let start = tokens.skip_lines(target.0);
        let parts = self.program.split((start, target.1), ",");
        if !self.rec.fuel.take(parts.len()) {
            return;
        }
        if parts.len() > 1 {
            return self.store_list(&parts, &value, declares, depth);
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
                self.store(to, entry, add, declares, depth + 1);
            }
        } else if tokens.is(start, "[") || tokens.is(start, "(") {
            let parts = self.program.split((start + 1, close.saturating_sub(1).min(target.1)), ",");
            self.store_list(&parts, &value, declares, depth);
        } else if tokens.is(start, "*") {
            self.store((start + 1, target.1), value, add, declares, depth + 1);
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

    fn store_list(&mut self, parts: &[Span], value: &Value, declares: bool, depth: usize) {
        for (index, part) in parts.iter().enumerate() {
            let entry = value.field(&index.to_string()).cloned().unwrap_or_else(|| value.element());
            self.store(*part, entry, false, declares, depth + 1);
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
                changed.set_field(&key, value, true);
            }
            Some(_) => return,
            None => changed.join(value.content()),
        }
        self.set(name, changed, false, false);
    }

    /// One entry of what a name holds was picked by a test.
    pub(in super::super) fn narrow(&mut self, name: &str, key: &str) {
        if let Some(known) = self.scopes.iter_mut().rev().find_map(|scope| scope.names.get_mut(name)) {
            known.narrow(key);
        }
    }

    /// Values are put into the object that a name or a member of `self` holds.
    pub(in super::super) fn fill(&mut self, target: Span, value: &Value) {
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
}
