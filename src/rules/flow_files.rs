//! Data that one file of a skill reads and another one sends.

use std::collections::{BTreeMap, BTreeSet};

use super::flows::{End, Script, end, scripts, sink_words, source_words};
use crate::flow::{Sink, SinkKind, Source, SourceKind};
use crate::model::skill::{Skill, SkillFile};
use crate::rule::Report;
use crate::source::FileId;

/// What a private source wrote into a file that another script sends, and functions of one file that give
/// what functions of another one send.
pub(super) fn cross_file(skill: &Skill, report: &mut Report) {
    let all: Vec<Script<'_>> = scripts(skill).collect();
    if all.len() < 2 {
        return;
    }
    let written = all.iter().flat_map(|script| {
        script
            .found
            .flows
            .iter()
            .filter(|flow| flow.sink.kind == SinkKind::FileWrite && is_theft(flow.source.kind))
            .filter_map(move |flow| Some((script, flow, flow.sink.name.as_deref().filter(|name| name.len() > 3)?)))
    });
    let written: Vec<_> = written.take(100).collect();
    for reader in all.iter().filter(|_| !written.is_empty()) {
        for flow in reader.found.flows.iter().filter(|flow| flow.sink.kind.leaves() && flow.source.kind.is_file()) {
            let same = |path: &str| path.rsplit('/').next() == flow.source.name.rsplit('/').next();
            let from = written.iter().find(|(writer, _, path)| writer.file.id != reader.file.id && same(path));
            let Some((writer, collected, path)) = from else { continue };
            if end(skill, &flow.sink) == End::Local {
                continue;
            }
            let message = format!(
                "sends {} {}, which another file has put into `{}`",
                source_words(collected),
                sink_words(&flow.sink),
                crate::secret::quotable(path, 60)
            );
            let sink = reader.place(&flow.sink.range);
            report
                .at(sink.clone(), message)
                .step(&writer.place(&collected.source.range), format!("reads {}", source_words(collected)))
                .step(&writer.place(&collected.sink.range), "writes it into the file")
                .step(&reader.place(&flow.source.range), "reads the file")
                .step(&sink, format!("`{}` sends it {}", flow.sink.call, sink_words(&flow.sink)));
        }
    }
    handed_over(skill, &all, report);
}

const fn is_theft(kind: SourceKind) -> bool {
    kind.is_private() && !matches!(kind, SourceKind::SecretVariable | SourceKind::Screen)
}

/// A function of a script and what it gives or sends.
struct Function<'a, T> {
    place: usize,
    script: Script<'a>,
    name: &'a str,
    what: &'a T,
}

impl<T> Clone for Function<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Function<'_, T> {}

impl<T> Function<'_, T> {
    fn file(&self) -> FileId {
        self.script.file.id
    }
}

/// Functions by name, of each name at most [`first_two`].
type Named<'a, T> = BTreeMap<&'a str, Vec<Function<'a, T>>>;

fn by_name<'a, T>(all: impl Iterator<Item = (Script<'a>, &'a (String, T))>) -> Named<'a, T> {
    let mut out: Named<'a, T> = BTreeMap::new();
    for (place, (script, (name, what))) in all.enumerate() {
        first_two(out.entry(name).or_default(), Function { place, script, name, what });
    }
    out
}

/// Keeps the first function and the first one of another file: whatever file a third one is in, one of
/// them is in a different one.
fn first_two<'a, T>(list: &mut Vec<Function<'a, T>>, one: Function<'a, T>) {
    let known = list.iter().position(|known| known.file() == one.file());
    match known.and_then(|at| list.get_mut(at)) {
        Some(known) if one.place < known.place => *known = one,
        Some(_) => {}
        None => list.push(one),
    }
    list.sort_by_key(|one| one.place);
    list.truncate(2);
}

/// Functions of one file that give what functions of another one send, where a script calls both.
fn handed_over(skill: &Skill, all: &[Script<'_>], report: &mut Report) {
    let gives = all.iter().flat_map(|script| script.found.gives.iter().map(|one| (*script, one)));
    let gives: Named<'_, Source> = by_name(gives.filter(|(_, (_, source))| is_theft(source.kind)));
    let takes = all.iter().flat_map(|script| script.found.takes.iter().map(|one| (*script, one)));
    let takes: Named<'_, Sink> = by_name(takes.filter(|(_, (_, sink))| sink.kind.leaves()));
    if gives.is_empty() || takes.is_empty() {
        return;
    }
    let callers = all.iter().filter(|script| !script.found.imports.is_empty()).map(|script| script.file);
    let callers: BTreeMap<FileId, &SkillFile> = callers.map(|file| (file.id, file)).collect();
    let mut best: Option<(Function<'_, Source>, Function<'_, Sink>)> = None;
    for file in callers.values() {
        let (mut giving, mut taking) = (Vec::new(), Vec::new());
        for name in called(file.text()) {
            gives.get(name).into_iter().flatten().for_each(|one| first_two(&mut giving, *one));
            let leaving = takes.get(name).into_iter().flatten().filter(|one| end(skill, one.what) != End::Local);
            leaving.for_each(|one| first_two(&mut taking, *one));
        }
        let pairs = giving.iter().flat_map(|giver| taking.iter().map(move |taker| (*giver, *taker)));
        let pairs = pairs.filter(|(giver, taker)| giver.file() != taker.file());
        best = best.into_iter().chain(pairs).min_by_key(|(giver, taker)| (giver.place, taker.place));
    }
    let Some((collector, sender)) = best else { return };
    let place = sender.script.place(&sender.what.range);
    let name = crate::secret::quotable(&collector.what.name, 60);
    let (gives, takes, to) = (collector.name, sender.name, sink_words(sender.what));
    report
        .at(place.clone(), format!("`{takes}` sends {to} what `{gives}` of another file reads: `{name}`"))
        .step(&collector.script.place(&collector.what.range), format!("`{gives}` reads `{name}`"))
        .step(&place, format!("`{takes}` sends it {to}"));
}

/// The names that a parenthesis follows.
fn called(text: &str) -> BTreeSet<&str> {
    let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$') || !b.is_ascii();
    let bytes = text.as_bytes();
    let mut out = BTreeSet::new();
    for open in memchr::memchr_iter(b'(', bytes) {
        let length = bytes.iter().take(open).rev().take(LONGEST_NAME).take_while(|b| word(b)).count();
        out.extend(text.get(open - length..open).filter(|name| !name.is_empty()));
    }
    out
}

/// A longer name is no name.
const LONGEST_NAME: usize = 200;
