//! The named entries of a container, bounded in number, depth and weight.
//!
//! Containers are shared until one of them changes. Without a bound on everything in it, a container of
//! containers of containers would be the size of a file on paper and of the whole memory once it changes.

use std::ops::Deref;
use std::rc::Rc;

use super::{Taint, Value};

/// Entries of one container.
const MOST: usize = 64;
/// Values in a container, those inside of the others included.
const HEAVIEST: usize = 256;
/// Containers inside each other.
const DEEPEST: u8 = 6;

/// Named entries in the order in which they were set.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Fields {
    list: Vec<(Rc<str>, Value)>,
    weight: usize,
    depth: u8,
    tainted: bool,
}

impl Deref for Fields {
    type Target = [(Rc<str>, Value)];

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl Fields {
    /// Whether anything in it has an origin.
    pub(super) const fn is_tainted(&self) -> bool {
        self.tainted
    }

    /// The values in it.
    pub(super) const fn weight(&self) -> usize {
        self.weight
    }

    /// Changes every origin in it, as [`Value::each_taint`].
    pub(super) fn each_taint(&mut self, change: &mut impl FnMut(&mut Taint) -> bool) {
        self.list.iter_mut().for_each(|(_, value)| value.each_taint(change));
        self.tainted = self.list.iter().any(|(_, value)| value.is_tainted());
    }

    /// Sets an entry, or adds to the one that is there. What would make it too heavy or too deep keeps
    /// its origins and loses its entries.
    pub(super) fn set(&mut self, name: &str, value: Value, join: bool) {
        let place = self.list.iter().position(|(key, _)| key.as_ref() == name);
        let before = place.and_then(|at| self.list.get_mut(at)).map(|(_, known)| std::mem::take(known));
        self.weight -= before.as_ref().map_or(0, Value::weight);
        let mut value = match before {
            Some(mut known) if join => {
                known.join(value);
                known
            }
            _ => value,
        };
        if value.depth() >= DEEPEST || value.weight() > 1 && self.weight + value.weight() > HEAVIEST {
            value = value.flat();
        }
        if place.is_none() && self.list.len() >= MOST {
            return;
        }
        self.weight += value.weight();
        self.depth = self.depth.max(value.depth() + 1);
        self.tainted |= value.is_tainted();
        match place.and_then(|at| self.list.get_mut(at)) {
            Some((_, known)) => *known = value,
            None => self.list.push((name.into(), value)),
        }
    }

    /// Containers inside each other, this one included.
    pub(super) const fn depth(&self) -> u8 {
        self.depth
    }
}
