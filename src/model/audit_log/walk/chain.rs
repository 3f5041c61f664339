//! The place of each entry in the chain, and what most likely happened where it has none.

use super::super::links::{Follows, Seen};
use super::super::{Digest, Fault, Segment};
use super::{Here, Walk, field};

/// Stretches that are kept.
const MOST_SEGMENTS: usize = 1_000;
/// Hashes that were looked for in vain and are looked for further on.
const MOST_WANTED: usize = 1_024;

impl Walk {
    /// Finds the place of an entry in the chain.
    pub(super) fn link(&mut self, seen: Seen, prev: Option<Digest>, here: Here<'_>) {
        if !self.wanted.is_empty() {
            for name in [Some(seen.name), seen.other].into_iter().flatten() {
                if let Some((event, _)) = self.wanted.remove(&name) {
                    self.change(event, Fault::Misplaced { follows: here.number });
                }
            }
        }
        let before = match prev.map(|prev| (prev, self.links.find(prev))) {
            Some((prev, Follows::Current)) => {
                if let Some(current) = self.links.current
                    && current.other == Some(prev)
                    && let Some(event) = current.altered
                {
                    self.change(event, Fault::Altered { hash_alone: true });
                }
                self.extend_segment(here.number);
                self.links.current
            }
            Some((_, Follows::Tip(tip))) => {
                // Whatever stands between was told when it began.
                let since = |event: &usize| self.log.events.get(*event).is_some_and(|event| event.line > tip.line);
                if let Some(event) = self.restarted.take_if(|event| since(event)) {
                    self.change(event, Fault::Forked { from: None });
                }
                self.begin_segment("resumed", None, here.number);
                Some(tip)
            }
            Some((_, Follows::Taken(taken))) => {
                let known = self.links.known(seen.name);
                let fault = match known {
                    Some(known) => Fault::Repeated { of: known.line },
                    None => Fault::Forked { from: Some(taken.line) },
                };
                self.break_at(fault, here);
                if known.is_some() { None } else { Some(taken) }
            }
            Some((prev, Follows::Nothing)) if self.links.current.is_none() && self.gap.is_none() => {
                self.begin(prev, seen.name, here);
                None
            }
            Some((prev, Follows::Nothing)) if prev == Digest::GENESIS => {
                let known = self.links.known(seen.name).map(|known| Fault::Repeated { of: known.line });
                self.restarted = self.break_at(known.unwrap_or(Fault::Restarted), here);
                None
            }
            Some((prev, Follows::Nothing)) => {
                let event = self.break_at(self.cause(&seen), here);
                if let Some(event) = event.filter(|_| self.wanted.len() < MOST_WANTED) {
                    self.wanted.insert(prev, (event, seen.name));
                }
                None
            }
            None => {
                self.break_at(self.cause(&seen), here);
                None
            }
        };
        self.order(&seen, before, prev, here);
        self.gap = None;
        self.links.push(seen, prev);
    }

    /// The first entry of the file.
    fn begin(&mut self, prev: Digest, own: Digest, here: Here<'_>) {
        match self.expect.prev {
            Some(expected) if expected == prev => self.begin_segment("continuation", None, here.number),
            Some(_) => {
                self.break_at(Fault::WrongStart, here);
            }
            None if prev == Digest::GENESIS => self.begin_segment("from-genesis", None, here.number),
            None => {
                let event = self.break_at(Fault::MissingHead, here);
                self.wanted.extend(event.map(|event| (prev, (event, own))));
            }
        }
    }

    /// Why an entry follows nothing that is there.
    fn cause(&self, seen: &Seen) -> Fault {
        if let Some(line) = self.gap {
            return Fault::AfterUnreadable { line };
        }
        let Some(current) = self.links.current else { return Fault::MissingHead };
        let missing = seen.seq.zip(current.seq).map(|(own, before)| own - before - 1.0);
        match missing {
            Some(count) if count >= 1.0 && seen.altered.is_none() => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
                let count = count as u64;
                Fault::Removed { after: current.line, count: Some(count) }
            }
            _ => Fault::Replaced { before: current.line },
        }
    }

    /// Sequence and time against the entry that this one follows.
    fn order(&mut self, seen: &Seen, before: Option<Seen>, prev: Option<Digest>, here: Here<'_>) {
        let expected = match before {
            Some(before) => before.seq.map(|seq| seq + 1.0),
            None if prev == Some(Digest::GENESIS) => Some(1.0),
            None => None,
        };
        if let (Some(expected), Some(found)) = (expected, seen.seq)
            && expected.to_bits() != found.to_bits()
        {
            self.say(Fault::Sequence { expected, found }, here, &field(here, "seq"));
        }
        if let Some((own, before)) = seen.time.zip(before.and_then(|before| before.time))
            && own < before
        {
            self.say(Fault::Backwards, here, &field(here, "ts"));
        }
    }

    pub(super) fn begin_segment(&mut self, kind: &'static str, event: Option<usize>, line: u64) {
        if self.log.segments.len() < MOST_SEGMENTS {
            self.log.segments.push(Segment { first_line: line, last_line: line, kind, event });
        } else {
            self.log.more_segments += 1;
        }
    }

    fn extend_segment(&mut self, line: u64) {
        if self.log.more_segments == 0
            && let Some(segment) = self.log.segments.last_mut()
        {
            segment.last_line = line;
        }
    }

    /// A fault at the link of an entry, with which a new stretch begins.
    fn break_at(&mut self, fault: Fault, here: Here<'_>) -> Option<usize> {
        let kind = fault.segment_kind();
        let event = self.say_break(fault, here, &field(here, "prevHash"));
        self.begin_segment(kind, event, here.number);
        event
    }
}
