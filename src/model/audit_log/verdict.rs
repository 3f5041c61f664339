//! What a walk says in the end.

use std::collections::BTreeMap;

use super::{Digest, KINDS, SEVERITIES};

/// What ClosedClaw's own verifier answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Real {
    /// Its verdict; none where it raises instead of answering.
    pub ok: Option<bool>,
    /// Where it stops.
    pub failure: Option<Failure>,
    /// Why it raises, where that is not about an entry.
    pub refusal: Option<&'static str>,
}

/// Where ClosedClaw's verifier stops.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// `prev-mismatch`, `hash-mismatch`, `parse-error`, `throws-bad-prevHash-type` or `throws-bad-hash-type`.
    pub kind: &'static str,
    /// The line.
    pub line: u64,
    /// The sequence number of that entry as JSON text, whatever it is.
    pub seq: Option<String>,
}

/// One end of a log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ends {
    /// The line.
    pub line: u64,
    /// The sequence number, when it is a number.
    pub seq: Option<f64>,
    /// The time, as it is written.
    pub ts: Option<String>,
    /// The hash that it follows.
    pub prev: Option<Digest>,
    /// The hash that it claims.
    pub hash: Option<Digest>,
}

/// Most different types or severities that are counted apart.
const MOST_WORDS: usize = 100;

/// Counts by type and severity, in the order of their first entry.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    kinds: Count<{ KINDS.len() }>,
    severities: Count<{ SEVERITIES.len() }>,
}

#[derive(Clone, Debug)]
struct Count<const N: usize> {
    known: [u64; N],
    /// What the logger does not know.
    others: BTreeMap<String, u64>,
    order: Vec<Result<usize, String>>,
}

impl<const N: usize> Default for Count<N> {
    fn default() -> Self {
        Self { known: [0; N], others: BTreeMap::new(), order: Vec::new() }
    }
}

impl<const N: usize> Count<N> {
    fn add_known(&mut self, index: u8) {
        let index = usize::from(index);
        if let Some(count) = self.known.get_mut(index) {
            *count += 1;
            if *count == 1 {
                self.order.push(Ok(index));
            }
        }
    }

    fn add_other(&mut self, word: String) {
        let word = if self.others.len() >= MOST_WORDS { "(others)".to_owned() } else { word };
        let count = self.others.entry(word.clone()).or_default();
        *count += 1;
        if *count == 1 {
            self.order.push(Err(word));
        }
    }

    fn list(&self, words: &[&str; N]) -> Vec<(String, u64)> {
        let one = |name: &Result<usize, String>| match name {
            Ok(index) => Some(((*words.get(*index)?).to_owned(), *self.known.get(*index)?)),
            Err(word) => Some((word.clone(), *self.others.get(word)?)),
        };
        self.order.iter().filter_map(one).collect()
    }
}

impl Stats {
    /// Counts an entry of a known type and severity.
    pub(super) fn add_known(&mut self, kind: u8, severity: u8) {
        self.kinds.add_known(kind);
        self.severities.add_known(severity);
    }

    /// Counts an entry by what it says, in words.
    pub(super) fn add(&mut self, kind: &str, severity: &str) {
        let index = |words: &[&str], word: &str| words.iter().position(|known| *known == word);
        match index(&KINDS, kind).and_then(|index| u8::try_from(index).ok()) {
            Some(index) => self.kinds.add_known(index),
            None => self.kinds.add_other(kind.to_owned()),
        }
        match index(&SEVERITIES, severity).and_then(|index| u8::try_from(index).ok()) {
            Some(index) => self.severities.add_known(index),
            None => self.severities.add_other(severity.to_owned()),
        }
    }

    /// Entries by type.
    #[must_use]
    pub fn by_type(&self) -> Vec<(String, u64)> {
        self.kinds.list(&KINDS)
    }

    /// Entries by severity.
    #[must_use]
    pub fn by_severity(&self) -> Vec<(String, u64)> {
        self.severities.list(&SEVERITIES)
    }
}
