//! The hash that OpenClaw's policy plugin makes of a policy: SHA-256 over its JSON with sorted members.
//!
//! The members are sorted as people sort words (`localeCompare`), not as bytes. For names of letters and
//! digits that order is plain: without regard to case first, small letters before capitals where only
//! case differs. Other signs are sorted by tables that depend on the machine.

use std::cmp::Ordering;

use sha2::{Digest, Sha256};

use super::value::{Entry, Kind, Value};
use crate::digest::hex;

/// The hash of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyHash {
    /// `sha256:` and 64 hex digits.
    pub digest: String,
    /// Every machine gives this one.
    pub sure: bool,
}

/// The hash of a parsed policy.
#[must_use]
pub fn policy_hash(policy: &Value) -> PolicyHash {
    let mut text = String::new();
    let mut sure = true;
    write(policy, &mut text, &mut sure);
    PolicyHash { digest: format!("sha256:{}", hex(&Sha256::digest(text))), sure }
}

/// The parser bounds the depth.
fn write(value: &Value, out: &mut String, sure: &mut bool) {
    match &value.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) => write_number(*number, out, sure),
        Kind::String(text) => out.push_str(&serde_json::Value::from(&*text.text).to_string()),
        Kind::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write(item, out, sure);
            }
            out.push(']');
        }
        Kind::Map(map) => {
            let mut members: Vec<&Entry> = map.entries.iter().collect();
            members.sort_by(|one, other| by_locale(&one.key, &other.key));
            *sure &= members.len() < 2 || members.iter().all(|entry| is_plain(&entry.key));
            out.push('{');
            for (at, entry) in members.into_iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                out.push_str(&serde_json::Value::from(&*entry.key).to_string());
                out.push(':');
                write(&entry.value, out, sure);
            }
            out.push('}');
        }
    }
}

/// Whole numbers as JavaScript prints them; it has none for infinity.
fn write_number(number: f64, out: &mut String, sure: &mut bool) {
    /// Up to here every whole number is one of its own.
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    if !number.is_finite() {
        out.push_str("null");
    } else if number.fract() == 0.0 && number.abs() <= LARGEST {
        // There is one zero.
        out.push_str(&(number + 0.0).to_string());
    } else {
        *sure = false;
        out.push_str(&number.to_string());
    }
}

fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn by_locale(one: &str, other: &str) -> Ordering {
    let folded = one.bytes().map(|b| b.to_ascii_lowercase()).cmp(other.bytes().map(|b| b.to_ascii_lowercase()));
    // In ASCII the capitals come first, so the order of bytes turned round.
    folded.then_with(|| other.cmp(one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::json5::parse;

    fn hash(text: &str) -> Option<PolicyHash> {
        Some(policy_hash(&Value::from(&parse(FileId(0), text).ok()?.root)))
    }

    #[test]
    fn the_order_of_members_and_the_spelling_do_not_matter() {
        let one = hash(r#"{ channels: { denyRules: [{ id: "x", when: { provider: "telegram" } }] }, a: 1 }"#);
        let other = hash(r#"{"a":1.0,"channels":{"denyRules":[{"when":{"provider":"telegram"},"id":"x"}]}}"#);
        assert_eq!(one, other);
        assert_ne!(one, hash("{ a: 1 }"));
        assert!(one.is_some_and(|hash| hash.sure));
        for unsure in ["{ 'a-b': 1, c: 2 }", "{ a: 1.5 }", "{ a: 1e300 }", "{ é: 1, f: 1 }"] {
            assert!(hash(unsure).is_some_and(|hash| !hash.sure), "{unsure}");
        }
        assert_eq!(hash("{ a: -0 }"), hash("{ a: 0 }"));
    }

    #[test]
    fn names_are_sorted_as_words() {
        let mut names = ["b", "B", "aB", "ab", "Ab", "a", "A1", "a1", "1a", "aa"];
        names.sort_by(|one, other| by_locale(one, other));
        // As `localeCompare` of Node sorts them.
        assert_eq!(names, ["1a", "a", "a1", "A1", "aa", "ab", "aB", "Ab", "b", "B"]);
    }
}
