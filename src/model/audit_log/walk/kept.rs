//! Which faults are kept, with the surroundings of their token: a log may have millions.

use std::ops::Range;

use super::super::{Event, Fault, What, keep};
use super::{Here, Walk};

/// Events that break a chain that are kept.
const MOST_BREAKS: usize = 200;
/// Events of one other kind that are kept.
const MOST_OF_A_KIND: usize = 20;

/// Events that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shelf {
    /// What was changed.
    Change,
    /// A chain that begins or ends where it should not, which honest logs do, too.
    Seam,
    Sequence,
    Backwards,
    Future,
    Unreadable,
    Other,
    Remark(What),
}

impl Walk {
    pub(super) fn say_break(&mut self, fault: Fault, here: Here<'_>, at: &Range<usize>) -> Option<usize> {
        // Many seams must not hide one change.
        let seam = matches!(
            fault,
            Fault::Forked { .. } | Fault::Restarted | Fault::MissingHead | Fault::AfterUnreadable { .. }
        );
        let group = if seam { Shelf::Seam } else { Shelf::Change };
        self.keep_event(group, MOST_BREAKS, fault, here, at)
    }

    pub(super) fn say(&mut self, fault: Fault, here: Here<'_>, at: &Range<usize>) {
        let (group, most) = match &fault {
            // One place shows what was done to all of them.
            Fault::Remark(what) => (Shelf::Remark(*what), if what.is_form() { 1 } else { MOST_OF_A_KIND }),
            Fault::Sequence { .. } => (Shelf::Sequence, MOST_OF_A_KIND),
            Fault::Backwards => (Shelf::Backwards, MOST_OF_A_KIND),
            Fault::Future => (Shelf::Future, MOST_OF_A_KIND),
            Fault::Unreadable { .. } => (Shelf::Unreadable, MOST_OF_A_KIND),
            _ => (Shelf::Other, MOST_OF_A_KIND),
        };
        self.keep_event(group, most, fault, here, at);
    }

    /// Keeps an event, or counts it with the last one of its kind.
    fn keep_event(
        &mut self,
        group: Shelf,
        most: usize,
        fault: Fault,
        here: Here<'_>,
        at: &Range<usize>,
    ) -> Option<usize> {
        let (count, last) = self.kept.get(&group).copied().unwrap_or_default();
        if count >= most {
            if let Some(event) = self.log.events.get_mut(last) {
                event.more += 1;
            }
            // An event that breaks the chain must not be lost among those that do not.
            return None;
        }
        let index = self.log.events.len();
        let span = keep(&mut self.log.pieces, &self.log.path, here.bytes, at, here.origin);
        self.log.events.push(Event { fault, line: here.number, span, more: 0 });
        self.kept.insert(group, (count + 1, index));
        Some(index)
    }

    /// What a fault turned out to be.
    pub(super) fn change(&mut self, event: usize, fault: Fault) {
        let kind = fault.segment_kind();
        if let Some(event) = self.log.events.get_mut(event) {
            event.fault = fault;
        }
        if let Some(segment) = self.log.segments.iter_mut().find(|segment| segment.event == Some(event)) {
            segment.kind = kind;
        }
    }
}
