//! Scripts, and scripts inside of them.

use std::ops::Range;

use super::super::fuel::Fuel;
use super::super::{Analysis, Cut, powershell, run, shell};
use super::{MOST_FLOWS, Recorder};
use crate::syntax::zone::Language;

/// Scripts inside scripts deeper than this are not read.
const DEEPEST: usize = 3;

impl Recorder {
    pub(super) fn script(&mut self, language: Language, text: &str) {
        match language {
            Language::Shell => shell::run(self, text),
            Language::Python if text.contains("curl ") => {
                self.shell_lines(text);
                run::run(self, language, text);
            }
            Language::Python | Language::JavaScript => run::run(self, language, text),
            Language::PowerShell => powershell::run(self, text),
            _ => {}
        }
    }

    /// Commands among the statements of another language: nobody has tried this script, but an agent
    /// that follows it runs them.
    fn shell_lines(&mut self, text: &str) {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if line.starts_with("curl ") {
                self.inner(Language::Shell, line, Some(at), &(at..at + line.len()));
            }
            at += line.len();
        }
    }

    /// Analyses a script that stands inside the one at hand, `base` bytes from its start; a script that
    /// is not there in one piece is reported at `place`.
    pub(in super::super) fn inner(
        &mut self,
        language: Language,
        text: &str,
        base: Option<usize>,
        place: &Range<usize>,
    ) {
        if text.len() < 8 {
            return;
        }
        if self.depth >= DEEPEST {
            return self.fuel.stop(Cut::Depth);
        }
        // It costs what its host may still cost.
        let fuel = std::mem::replace(&mut self.fuel, Fuel::empty());
        let mut recorder = Self::new(self.depth + 1, fuel);
        recorder.lines = self.lines;
        recorder.silent.clone_from(&self.silent);
        recorder.script(language, text);
        self.fuel = std::mem::replace(&mut recorder.fuel, Fuel::empty());
        let mut part = recorder.found;
        each_range(&mut part, &mut |range| {
            *range = base.map_or_else(|| place.clone(), |base| range.start + base..range.end + base);
        });
        let all = &mut self.found;
        all.flows.append(&mut part.flows);
        all.sources.append(&mut part.sources);
        all.sinks.append(&mut part.sinks);
        all.imports.append(&mut part.imports);
        all.reads.append(&mut part.reads);
        all.writes.append(&mut part.writes);
        all.env_reads.append(&mut part.env_reads);
        all.commands.append(&mut part.commands);
        all.silent_sends.append(&mut part.silent_sends);
        all.recipients.append(&mut part.recipients);
        all.acts.append(&mut part.acts);
        all.encoded.append(&mut part.encoded);
        all.gives.append(&mut part.gives);
        all.takes.append(&mut part.takes);
        if all.flows.len() > MOST_FLOWS {
            all.flows.truncate(MOST_FLOWS);
            self.fuel.stop(Cut::Finds);
        }
    }

    pub(super) fn finish(self) -> Analysis {
        let mut all = Analysis { cut: self.fuel.cut(), ..self.found };
        all.flows.sort_by_key(|flow| (flow.sink.range.start, flow.source.range.start));
        tidy(&mut all.sources, |source| (source.range.start, source.range.end, source.kind));
        all.sinks.sort_by_key(|sink| sink.range.start);
        all.sinks.dedup();
        tidy(&mut all.imports, |import| (import.range.start, 0, import.module.clone()));
        tidy(&mut all.reads, |file| (file.range.start, file.range.end, file.path.clone()));
        tidy(&mut all.writes, |file| (file.range.start, file.range.end, file.path.clone()));
        tidy(&mut all.env_reads, |(name, range)| (range.start, range.end, name.clone()));
        tidy(&mut all.commands, |(name, range)| (range.start, range.end, name.clone()));
        tidy(&mut all.silent_sends, |send| (send.range.start, send.range.end, send.how));
        tidy(&mut all.recipients, |recipient| (recipient.range.start, recipient.range.end, recipient.field.clone()));
        tidy(&mut all.acts, |act| (act.range.start, act.range.end, act.kind));
        tidy(&mut all.gives, |(name, source)| (source.range.start, source.kind, name.clone()));
        tidy(&mut all.takes, |(name, sink)| (sink.range.start, sink.part, name.clone()));
        tidy(&mut all.encoded, |encoded| (encoded.range.start, encoded.source.range.start, encoded.pair));
        all
    }
}

fn tidy<T, K: Ord>(list: &mut Vec<T>, key: impl Fn(&T) -> K) {
    list.sort_by_cached_key(&key);
    list.dedup_by_key(|entry| key(entry));
}

fn each_range(all: &mut Analysis, change: &mut impl FnMut(&mut Range<usize>)) {
    for flow in &mut all.flows {
        change(&mut flow.source.range);
        change(&mut flow.sink.range);
        flow.steps.iter_mut().for_each(|step| change(&mut step.range));
    }
    all.sources.iter_mut().for_each(|source| change(&mut source.range));
    all.sinks.iter_mut().for_each(|sink| change(&mut sink.range));
    all.imports.iter_mut().for_each(|import| change(&mut import.range));
    all.reads.iter_mut().chain(&mut all.writes).for_each(|file| change(&mut file.range));
    all.env_reads.iter_mut().chain(&mut all.commands).for_each(|(_, range)| change(range));
    all.silent_sends.iter_mut().for_each(|send| change(&mut send.range));
    all.recipients.iter_mut().for_each(|recipient| change(&mut recipient.range));
    all.acts.iter_mut().for_each(|act| change(&mut act.range));
    all.gives.iter_mut().for_each(|(_, source)| change(&mut source.range));
    all.takes.iter_mut().for_each(|(_, sink)| change(&mut sink.range));
    for encoded in &mut all.encoded {
        change(&mut encoded.range);
        change(&mut encoded.source.range);
    }
}
