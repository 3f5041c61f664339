//! Arguments, members and calls.

use std::ops::Range;
use std::rc::Rc;

use super::super::program::Span;
use super::super::run::{Args, Run};
use super::super::token::Kind;
use super::super::value::Value;
use super::super::{SourceKind, calls, words};

impl Run<'_, '_> {
    pub(in super::super) fn args(&mut self, span: Span) -> Args {
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
    pub(in super::super) fn attribute(&mut self, value: &Value, name: &str, range: Range<usize>) -> Value {
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

    pub(super) fn call(
        &mut self,
        callee: &Value,
        owner: Option<&(Value, Span)>,
        method: &str,
        args: &Args,
        range: &Range<usize>,
    ) -> Value {
        let weight: usize = args.all().chain(owner.map(|(value, _)| value)).map(Value::weight).sum();
        if !self.rec.fuel.take(weight) {
            return Value::default();
        }
        if callee.is_path("#class")
            && let Some(class) = callee.class
        {
            let init = if self.is_python() { "__init__" } else { "constructor" };
            if let Some(id) = self.program.classes.get(class).and_then(|class| class.methods.get(init)).copied() {
                self.invoke(id, args, Some(class));
            }
            return Value { class: Some(class), ..Value::default() };
        }
        if let Some(id) = callee.function {
            return self.invoke(id, args, callee.class);
        }
        if let Some(value) = calls::call(self, callee, owner.map(|(value, _)| value), method, args, range) {
            return value;
        }
        // A function that is handed over is called with what the call works on.
        let mut content = owner.map(|(value, _)| value.content()).unwrap_or_default();
        args.all().for_each(|value| content.join(value.content()));
        let mut out = Value::default();
        for id in args.all().filter_map(|value| value.function) {
            let given = Args { list: vec![content.clone(), content.clone()], named: Vec::new() };
            out.join(self.invoke(id, &given, None));
        }
        if let Some((value, span)) = owner
            && words::fills(method)
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
        if let (Some((_, span)), "startswith" | "startsWith" | "includes") = (owner, method) {
            let key = args.at(0).first_text().and_then(|text| calls::key_in(text));
            if let Some(key) = key.filter(|_| span.1 == span.0 + 1) {
                let name = self.program.tokens.str(span.0);
                self.narrow(name, &key);
            }
        }
        if words::clears(method) {
            return out;
        }
        let keeps_names = words::transforms(method) || owner.is_some_and(|(value, _)| value.is_tainted());
        if !keeps_names {
            // A client that is made with a key is not the key.
            content.each_taint(&mut |taint| {
                taint.source.kind.is_file()
                    || taint.source.kind.is_foreign_code()
                    || taint.source.kind == SourceKind::WholeEnvironment
            });
        }
        let path = callee.path.as_deref().filter(|path| path.len() < 120).map(|path| Rc::from([path, "()"].concat()));
        out.join(Value { path, ..content });
        out
    }
}
