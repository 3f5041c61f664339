//! Programs, threads and functions that are handed over.

use std::ops::Range;

use super::super::run::{Args, Run};
use super::super::value::Value;
use super::super::{Silence, command};
use super::{Call, list_of};

/// Functions that are called with other arguments than they are handed over with.
pub(super) fn spread(run: &mut Run, call: &Call<'_>) -> Option<Value> {
    let Call { path, owner, name, args, .. } = *call;
    let first = args.list.first().and_then(|value| value.function);
    match name {
        "submit" | "to_thread" | "setTimeout" | "setImmediate" | "setInterval" | "nextTick" | "apply_async"
        | "call_soon" => {
            let id = first?;
            let skip = if name.starts_with("set") { 2 } else { 1 };
            let given = Args { list: args.list.iter().skip(skip).cloned().collect(), named: args.named.clone() };
            Some(run.invoke(id, &given, args.list.first().and_then(|value| value.class)))
        }
        "run_in_executor" => {
            let function = args.list.get(1)?;
            let given = Args { list: args.list.iter().skip(2).cloned().collect(), named: Vec::new() };
            Some(run.invoke(function.function?, &given, function.class))
        }
        // Elements of a list one by one.
        "map" | "forEach" | "filter" | "flatMap" | "find" | "some" | "reduce" | "sort"
            if owner.is_some() && first.is_some() && path != "map" =>
        {
            let element = owner.map(Value::element).unwrap_or_default();
            let given = Args { list: vec![element.clone(), Value::default()], named: Vec::new() };
            let out = run.invoke(first?, &given, None);
            Some(match name {
                "filter" | "sort" | "find" => owner.cloned().unwrap_or_default(),
                "some" => Value::default(),
                _ => out,
            })
        }
        "map" | "starmap" | "imap" => {
            let id = first?;
            let given = Args { list: args.list.iter().skip(1).map(Value::element).collect(), named: Vec::new() };
            Some(run.invoke(id, &given, None))
        }
        "then" if first.is_some() => {
            let given = Args { list: vec![owner.cloned().unwrap_or_default()], named: Vec::new() };
            Some(run.invoke(first?, &given, None))
        }
        _ => None,
    }
}

pub(super) fn in_background(run: &mut Run, target: &Value, args: &Args, silence: Option<Silence>) -> Value {
    let Some(id) = target.function else { return Value::named("Thread()") };
    run.rec.silent.extend(silence);
    run.invoke(id, args, target.class);
    if silence.is_some() {
        run.rec.silent.pop();
    }
    Value::named("Thread()")
}

/// A command line that a shell runs.
pub(super) fn shell(run: &mut Run, path: &str, line: &Value, args: &Args, range: &Range<usize>) -> Value {
    let out = command::line(run.rec, path, line, range);
    callbacks(run, args, &out);
    out
}

/// A program with its arguments, or a line for a shell where the call says so.
pub(super) fn process(run: &mut Run, path: &str, args: &Args, range: &Range<usize>) -> Value {
    let first = args.get(0, "args");
    let options = args.list.last();
    let shelled = args
        .named("shell")
        .or_else(|| options.and_then(|options| options.field("shell")))
        .is_some_and(|value| value.is_path("True"));
    let line = if first.fields.is_some() {
        list_of(&first)
    } else {
        let mut line = vec![first.clone()];
        let list = args.list.get(1).filter(|list| {
            list.fields.as_ref().is_none_or(|fields| fields.first().is_none_or(|(name, _)| name.as_ref() == "0"))
        });
        line.extend(list.map(list_of).unwrap_or_default());
        if path.ends_with("_exec") {
            line.extend(args.list.iter().skip(2).cloned());
        }
        line
    };
    let input = args
        .named("input")
        .cloned()
        .or_else(|| options.and_then(|options| options.field("input")).cloned())
        .unwrap_or_default();
    let out = if shelled
        || line.len() == 1 && first.fields.is_none() && first.first_text().is_some_and(|text| text.contains(' '))
    {
        command::line(run.rec, path, &line[0], range)
    } else {
        let mut line = line;
        // What was appended to the list later is one more argument.
        if !first.taints.is_empty() && first.fields.is_some() {
            line.push(first.clone());
        }
        command::program(run.rec, &line, &input, range)
    };
    callbacks(run, args, &out);
    out.with_path("Process()")
}

fn callbacks(run: &mut Run, args: &Args, value: &Value) {
    for id in args.all().filter_map(|value| value.function).collect::<Vec<_>>() {
        let given = Args { list: vec![Value::default(), value.clone(), value.clone()], named: Vec::new() };
        run.invoke(id, &given, None);
    }
}
