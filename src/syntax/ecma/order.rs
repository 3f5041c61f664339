//! The order of members: keys like array indices first and ascending, each key at its first place with its last value.

use std::ops::Range;

use super::read::{Object, Reader};
use super::{MOST_ODDITIES, Member, Moved, Piece};
use crate::source::offset;

/// An index of members of an object that is open.
type Index = u32;

/// Objects with at most this many members are searched for equal keys pair by pair.
const FEW: usize = 8;

impl Reader<'_> {
    /// The members of an object that has ended, in their order.
    pub(super) fn close_object(&mut self, object: &Object) {
        let first = object.first as usize;
        let order = self.order_of(first);
        let outermost = self.open.is_empty();
        if let Some(order) = &order {
            let from = offset(self.json.order.len());
            let pieces = order.iter().filter_map(|index| Some(self.members.get(*index as usize)?.whole));
            self.json.order.extend(pieces);
            let object = Piece { start: object.start, end: self.raw_end() };
            self.json.moved.push(Moved { object, first: from, last: offset(self.json.order.len()) });
        }
        if outermost {
            let own = |index: &Index| self.members.get(*index as usize).copied();
            self.json.members = Some(match &order {
                Some(order) => order.iter().filter_map(own).collect(),
                None => self.members.split_off(first),
            });
        }
        self.members.truncate(first);
    }

    /// The members from `first` on in the order they are written in; none when that is the order they have.
    fn order_of(&mut self, first: usize) -> Option<Vec<Index>> {
        let members = self.members.get(first..).unwrap_or_default();
        let key = |member: &Member| key_of(&self.json.raw, member);
        let indices = members.iter().map(|member| index_like(key(member)));
        let mut last = None;
        let mut sorted = true;
        let mut after_name = false;
        for index in indices {
            match index {
                Some(index) => {
                    sorted &= !after_name && last.is_none_or(|last| last < index);
                    last = Some(index);
                }
                None => after_name = true,
            }
        }
        let replaced = self.replaced(first);
        if sorted && replaced.is_empty() {
            return None;
        }
        for (earlier, _) in &replaced {
            if let Some(member) = self.members.get(*earlier as usize)
                && self.json.oddities.duplicates.len() < MOST_ODDITIES
            {
                self.json.oddities.duplicates.push(member.key_at());
            }
        }
        // Each key at its first place with its last value.
        let mut order: Vec<Index> = Vec::with_capacity(self.members.len() - first);
        let mut dropped = replaced.iter().map(|(_, last)| *last).collect::<Vec<_>>();
        dropped.extend(replaced.iter().map(|(earlier, _)| *earlier));
        dropped.sort_unstable();
        let mut firsts: Vec<(Index, Index)> = Vec::new();
        for (earlier, last) in replaced {
            match firsts.last_mut() {
                Some((_, of)) if *of == last => {}
                _ => firsts.push((earlier, last)),
            }
        }
        firsts.sort_unstable();
        for index in offset(first)..offset(self.members.len()) {
            match firsts.binary_search_by_key(&index, |(earlier, _)| *earlier) {
                Ok(at) => order.extend(firsts.get(at).map(|(_, last)| *last)),
                Err(_) if dropped.binary_search(&index).is_ok() => {}
                Err(_) => order.push(index),
            }
        }
        let name =
            |index: &Index| self.members.get(*index as usize).map(|member| index_like(key_of(&self.json.raw, member)));
        order.sort_by_cached_key(|index| match name(index).flatten() {
            Some(number) => (false, number),
            None => (true, 0),
        });
        Some(order)
    }

    /// Pairs of a member and the last one with the same key, for every member that is not the last:
    /// those of one key together, the earliest first.
    fn replaced(&self, first: usize) -> Vec<(Index, Index)> {
        let members = self.members.get(first..).unwrap_or_default();
        let key = |index: usize| members.get(index).map(|member| key_of(&self.json.raw, member));
        let count = members.len();
        let few = |count: usize| (0..count).all(|one| (one + 1..count).all(|other| key(one) != key(other)));
        if count <= FEW && few(count) {
            return Vec::new();
        }
        let mut sorted: Vec<Index> = (0..offset(count)).collect();
        sorted.sort_by(|one, other| key(*one as usize).cmp(&key(*other as usize)));
        let mut pairs = Vec::new();
        for group in sorted.chunk_by(|one, other| key(*one as usize) == key(*other as usize)) {
            if let [earlier @ .., last] = group {
                let from = offset(first);
                pairs.extend(earlier.iter().map(|one| (from + one, from + last)));
            }
        }
        pairs
    }
}

fn key_of<'a>(raw: &'a [u8], member: &Member) -> &'a [u8] {
    let range: Range<usize> = member.whole.start as usize + 1..(member.key_end as usize).saturating_sub(1);
    raw.get(range).unwrap_or_default()
}

/// The array index that a key is the canonical text of: 0 to 2³²−2.
fn index_like(key: &[u8]) -> Option<u32> {
    if !(1..=10).contains(&key.len()) || key.len() > 1 && key.starts_with(b"0") {
        return None;
    }
    if !key.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(key).ok()?.parse().ok().filter(|index| *index < u32::MAX)
}
