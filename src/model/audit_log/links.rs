//! Which entry follows which: the open ends of all chains in the file, and the entries just read.

use std::collections::VecDeque;

use super::Digest;

/// Entries that are remembered one by one.
const RECENT: usize = 4096;
/// Open ends that are remembered.
const MOST_TIPS: usize = 256;

/// An entry that others may follow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// The hash that it claims, or gives when that is none.
    pub(super) name: Digest,
    /// The hash that its content gives, when it claims another.
    pub(super) other: Option<Digest>,
    /// Its line.
    pub(super) line: u64,
    /// Its sequence number.
    pub(super) seq: Option<f64>,
    /// Its time.
    pub(super) time: Option<u64>,
    /// The event about its hash.
    pub(super) altered: Option<usize>,
}

impl Seen {
    pub(super) fn is(&self, name: Digest) -> bool {
        self.name == name || self.other == Some(name)
    }
}

/// What an entry follows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Follows {
    /// The entry on the line before.
    Current,
    /// Another open end.
    Tip(Seen),
    /// An entry that another one follows already.
    Taken(Seen),
    /// Nothing that is remembered.
    Nothing,
}

/// The open ends and the last entries.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Entries that nothing follows yet, but for the last one.
    tips: Vec<Seen>,
    /// The last entry.
    pub(super) current: Option<Seen>,
    recent: VecDeque<Seen>,
    /// Something was forgotten.
    pub(super) forgot: bool,
}

impl Links {
    /// What an entry with this `prevHash` follows.
    pub(super) fn find(&self, prev: Digest) -> Follows {
        if self.current.is_some_and(|current| current.is(prev)) {
            return Follows::Current;
        }
        if let Some(tip) = self.tips.iter().rev().find(|tip| tip.is(prev)) {
            return Follows::Tip(*tip);
        }
        self.known(prev).map_or(Follows::Nothing, Follows::Taken)
    }

    /// A remembered entry by its hash.
    pub(super) fn known(&self, name: Digest) -> Option<Seen> {
        let near = self.current.iter().chain(self.tips.iter().rev()).find(|seen| seen.is(name));
        near.or_else(|| self.recent.iter().rev().find(|seen| seen.is(name))).copied()
    }

    /// Takes in the next entry, which follows `prev`.
    pub(super) fn push(&mut self, seen: Seen, prev: Option<Digest>) {
        let followed = |one: &Seen| prev.is_some_and(|prev| one.is(prev)) || one.is(seen.name);
        if let Some(last) = self.current.take()
            && !followed(&last)
        {
            self.tips.push(last);
        }
        if !self.tips.is_empty() {
            self.tips.retain(|tip| !followed(tip));
            if self.tips.len() > MOST_TIPS {
                self.tips.remove(0);
                self.forgot = true;
            }
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
            self.forgot = true;
        }
        self.recent.push_back(seen);
        self.current = Some(seen);
    }
}
