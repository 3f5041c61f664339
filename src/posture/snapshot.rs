//! Everything that is so, as a file: the same bytes for the same content, one fact a line.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Fact;

/// The name of the format. Another number is another format.
pub const SCHEMA: &str = "clawsift-posture/1";
/// What all versions of the format begin with.
const FAMILY: &str = "clawsift-posture/";

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// [`SCHEMA`].
    pub schema: String,
    /// Was everything read?
    pub complete: bool,
    /// The paths it is about, relative to the repository or to their common directory; `.` for that itself.
    pub scope: Vec<String>,
    /// What was not read, and why.
    pub troubles: Vec<String>,
    /// The kinds of facts that were looked for.
    pub kinds: Vec<String>,
    /// The facts, sorted.
    pub facts: Vec<Fact>,
}

/// The order of a file, and what makes two facts one: who says it, what sort, which one.
fn order(a: &Fact, b: &Fact) -> Ordering {
    identity(a).cmp(&identity(b)).then_with(|| a.value.to_string().cmp(&b.value.to_string())).then(a.at.cmp(&b.at))
}

/// What two snapshots know a fact by.
pub(super) fn identity(fact: &Fact) -> (&str, &str, &str, &str) {
    (&fact.kind, &fact.key, &fact.origin.kind, &fact.origin.path)
}

/// The same thing said in two ways stays two things: the second one gets a number that no other one has.
fn number(facts: &mut [Fact]) {
    let owned = |fact: &Fact| {
        let (kind, key, origin, path) = identity(fact);
        [kind, key, origin, path].map(str::to_owned)
    };
    let mut taken: BTreeSet<[String; 4]> = facts.iter().map(&owned).collect();
    let mut last: Option<(Fact, usize)> = None;
    for fact in facts {
        let Some((first, count)) = last.as_mut().filter(|(first, _)| identity(first) == identity(fact)) else {
            last = Some((fact.clone(), 1));
            continue;
        };
        loop {
            *count += 1;
            fact.key = format!("{} ({count})", first.key);
            if taken.insert(owned(fact)) {
                break;
            }
        }
    }
}

impl Snapshot {
    /// Puts facts in order. `kinds` says what was looked for.
    #[must_use]
    pub fn new(mut facts: Vec<Fact>, mut scope: Vec<String>, mut troubles: Vec<String>, kinds: Vec<String>) -> Self {
        facts.sort_by(order);
        facts.dedup_by(|later, first| identity(later) == identity(first) && later.value == first.value);
        number(&mut facts);
        facts.sort_by(order);
        scope.sort();
        scope.dedup();
        troubles.sort();
        troubles.dedup();
        Self { schema: SCHEMA.to_owned(), complete: troubles.is_empty(), scope, troubles, kinds, facts }
    }

    /// The file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let line = |value: &Json| value.to_string();
        let head = [
            ("schema", Json::from(self.schema.as_str())),
            ("complete", Json::from(self.complete)),
            ("scope", Json::from(self.scope.clone())),
            ("troubles", Json::from(self.troubles.clone())),
            ("kinds", Json::from(self.kinds.clone())),
        ];
        let mut text = "{\n".to_owned();
        for (name, value) in &head {
            let _ = writeln!(text, "\"{name}\":{},", line(value));
        }
        text += "\"facts\":[";
        for (index, fact) in self.facts.iter().enumerate() {
            text += if index > 0 { ",\n" } else { "\n" };
            // A fact is made of texts and JSON: it can always be written.
            text += &serde_json::to_string(fact).unwrap_or_default();
        }
        text + "\n]\n}\n"
    }

    /// Reads a file.
    ///
    /// # Errors
    /// In words: it is none, or one of another version.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Head {
            schema: Option<Json>,
        }
        let head: Head = serde_json::from_slice(bytes).map_err(|_| "is no posture snapshot".to_owned())?;
        match head.schema.as_ref().and_then(Json::as_str) {
            Some(SCHEMA) => {}
            Some(other) if other.starts_with(FAMILY) => {
                let version: String = other.chars().skip(FAMILY.len()).take(12).collect();
                let version = version.escape_debug();
                return Err(format!("is a posture snapshot of format {version}; this version of clawsift reads 1"));
            }
            _ => return Err("is no posture snapshot".to_owned()),
        }
        let mut snapshot: Self = serde_json::from_slice(bytes).map_err(|error| {
            format!("is a damaged posture snapshot: line {}, column {}", error.line(), error.column())
        })?;
        snapshot.facts.sort_by(order);
        Ok(snapshot)
    }

    /// Does a file begin as snapshots do?
    #[must_use]
    pub fn is_one(head: &[u8]) -> bool {
        String::from_utf8_lossy(head).contains(FAMILY)
    }
}
