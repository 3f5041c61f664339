//! `.clawsift-baseline.json`: findings that a repository lives with for now, one a line.
//!
//! The file is made to be read in a diff and to be merged: sorted, without line numbers, times, totals and
//! versions, and with no more of a secret than 16 bits of its digest.

mod merge;
mod read;
mod rules;

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use merge::merge;
pub use read::{MAX_SIZE, read};
pub use rules::Known;

/// Where the file is looked for, relative to the repository root.
pub const NAME: &str = ".clawsift-baseline.json";

/// What a file of this form says of itself.
pub const SCHEMA: &str = "clawsift-baseline/1";

/// Hex digits of [`crate::finding::Identity::content`] that are kept: enough to tell one finding from others.
const CONTENT_DIGITS: usize = 16;

/// A finding that somebody lives with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// [`crate::finding::Identity::fingerprint`].
    pub id: String,
    /// The id of the rule, with its `*` filled in.
    pub rule: String,
    /// The file that the finding is about, repository-relative with `/`.
    pub path: String,
    /// Where in it, as a JSON pointer; empty for a text.
    pub anchor: String,
    /// The first digits of [`crate::finding::Identity::content`]: tells the finding where only the file has
    /// another name.
    pub content: String,
    /// The root of the skill that the file belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<String>,
    /// Somebody said that even this may be accepted ([`is_guarded`]).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accept_critical: bool,
    /// Why it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The last day (UTC) on which it is accepted; none for ever.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "read::date")]
    pub until: Option<Date>,
}

impl Entry {
    /// The order of the file.
    fn order(&self, other: &Self) -> Ordering {
        let key = |one: &Self| [&one.path, &one.rule, &one.anchor, &one.id].map(String::clone);
        key(self).cmp(&key(other))
    }

    /// Does it still hold on this day?
    #[must_use]
    pub fn holds(&self, today: Option<Date>) -> bool {
        self.until.zip(today).is_none_or(|(until, today)| today <= until)
    }

    /// Its line in the file.
    #[must_use]
    pub fn line(&self) -> String {
        // A struct of texts is always written.
        escaped(&serde_json::to_string(self).unwrap_or_default())
    }
}

/// The digits of a content that an entry keeps.
#[must_use]
pub fn content_of(content: &str) -> &str {
    content.get(..CONTENT_DIGITS).unwrap_or(content)
}

/// A baseline as it was read or is to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Its entries, in the order of the file.
    pub entries: Vec<Entry>,
    /// The rules that there were when it was made; none when the file does not say.
    pub rules: Option<Known>,
}

impl Baseline {
    /// A baseline of some entries, each finding once.
    #[must_use]
    pub fn new(mut entries: Vec<Entry>, rules: Option<Known>) -> Self {
        entries.sort_by(Entry::order);
        let mut seen = BTreeSet::new();
        entries.retain(|entry| seen.insert(entry.id.clone()));
        Self { entries, rules }
    }

    /// The text of the file: the same entries give the same bytes.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{{\"schema\":\"{SCHEMA}\",\n");
        if let Some(rules) = &self.rules {
            let _ = writeln!(out, "\"rules\":\"{}\",", rules.text());
        }
        out += "\"entries\":[";
        for (index, entry) in self.entries.iter().enumerate() {
            out += if index > 0 { ",\n" } else { "\n" };
            out += &entry.line();
        }
        out + "\n]}\n"
    }
}

/// JSON whose strings show no reader anything else than they hold: whatever is invisible or moves text is escaped.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() || c.is_alphanumeric() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn entry(id: char, path: &str) -> Entry {
        Entry {
            id: id.to_string().repeat(64),
            rule: "r".to_owned(),
            path: path.to_owned(),
            anchor: "/a".to_owned(),
            content: "0".repeat(16),
            skill: None,
            accept_critical: false,
            reason: None,
            until: None,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let full = Entry {
            skill: Some("skills/a".to_owned()),
            accept_critical: true,
            reason: Some("\u{202e}\"é\n".to_owned()),
            until: Some(jiff::civil::date(2027, 3, 31)),
            ..entry('b', "z")
        };
        let baseline = Baseline::new(vec![full, entry('a', "z"), entry('c', "a")], Some(Known::now()));
        let text = baseline.text();
        assert_eq!(read("f", text.as_bytes()).unwrap(), baseline);
        assert_eq!(text.lines().count(), 7);
        assert!(!text.contains('\u{202e}') && text.contains("\"until\":\"2027-03-31\""));
        let order: Vec<_> = baseline.entries.iter().map(|entry| &entry.id[..1]).collect();
        assert_eq!(order, ["c", "a", "b"]);
        let empty = Baseline::default();
        assert_eq!(read("f", empty.text().as_bytes()).unwrap(), empty);
    }

    #[test]
    fn a_day_is_the_last_one() {
        let entry = Entry { until: Some(jiff::civil::date(2027, 3, 31)), ..entry('a', "a") };
        assert!(entry.holds(Some(jiff::civil::date(2027, 3, 31))) && entry.holds(None));
        assert!(!entry.holds(Some(jiff::civil::date(2027, 4, 1))));
    }
}
