//! Reads a baseline strictly: a word that this version does not know may mean less than it seems to.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Baseline, CONTENT_DIGITS, Entry, Known, SCHEMA};

/// Largest baseline, in bytes.
pub const MAX_SIZE: u64 = 64 << 20;

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    rules: Option<String>,
    entries: Vec<Entry>,
}

/// What every version of the file says.
#[derive(Deserialize)]
struct Head {
    schema: Option<String>,
}

/// Reads the text of a baseline.
///
/// # Errors
/// What is wrong, with the name of the file and the line.
pub fn read(shown: &str, bytes: &[u8]) -> Result<Baseline, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head: Head = serde_json::from_slice(bytes).map_err(|error| wrong(shown, bytes, &error))?;
    match head.schema.as_deref() {
        Some(SCHEMA) => {}
        Some(other) => {
            let other: String = other.chars().take(40).collect();
            return Err(format!(
                "{shown}: is of the form `{}`, and this version reads `{SCHEMA}`",
                other.escape_debug()
            ));
        }
        None => return Err(format!("{shown}: is no baseline: it has no `schema`")),
    }
    let file: File = serde_json::from_slice(bytes).map_err(|error| wrong(shown, bytes, &error))?;
    debug_assert_eq!(file.schema, SCHEMA);
    let mut lines: BTreeMap<&str, &Entry> = BTreeMap::new();
    for (index, entry) in file.entries.iter().enumerate() {
        let said = |what: &str| format!("{shown}: entry {}: {what}", index + 1);
        if !is_hex(&entry.id, 64) {
            return Err(said("`id` is not made of 64 small hex digits"));
        }
        if !is_hex(&entry.content, CONTENT_DIGITS) {
            return Err(said("`content` is not made of 16 small hex digits"));
        }
        if lines.insert(&entry.id, entry).is_some_and(|other| other != entry) {
            return Err(said("the same finding is listed twice in different words"));
        }
    }
    let rules = file.rules.as_deref().map(Known::read).transpose().map_err(|what| format!("{shown}: {what}"))?;
    Ok(Baseline::new(file.entries, rules))
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Why it is no JSON of this form. The words of the parser quote names of members at most.
fn wrong(shown: &str, bytes: &[u8], error: &serde_json::Error) -> String {
    let marks = bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"<<<<<<< "));
    let hint = if marks { "; it holds the marks of a merge that was not resolved" } else { "" };
    let said: String = error.to_string().chars().take(200).collect();
    format!("{shown}: {}{hint}", said.escape_debug())
}

/// A day as `YYYY-MM-DD`.
pub(super) mod date {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands over the field")]
    pub(in super::super) fn serialize<S: Serializer>(date: &Option<Date>, out: S) -> Result<S::Ok, S::Error> {
        match date {
            Some(date) => out.collect_str(date),
            None => out.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Date>, D::Error> {
        let text = String::deserialize(input)?;
        let date = (text.len() == 10).then(|| text.parse().ok()).flatten();
        date.map(Some).ok_or_else(|| D::Error::custom("`until` is no day such as 2027-03-31"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::*;

    #[test]
    fn what_is_not_known_is_refused() {
        let reason = |text: &str| read("f", text.as_bytes()).unwrap_err();
        assert!(reason("{}").contains("no `schema`"));
        assert!(reason("[1").starts_with("f: "));
        assert!(reason(r#"{"schema":"clawsift-baseline/2","entries":[],"more":1}"#).contains("clawsift-baseline/2"));
        assert!(reason(r#"{"schema":"clawsift-baseline/1","entries":[],"more":1}"#).contains("more"));
        assert!(reason("<<<<<<< HEAD\n{}").contains("merge"));
        let good = Baseline::new(vec![entry('a', "p")], None).text();
        assert!(read("f", good.as_bytes()).is_ok());
        for (from, to) in
            [("\"id\":\"a", "\"id\":\"A"), ("\"content\":\"0", "\"content\":\""), ("\"rule\"", "\"rules\"")]
        {
            assert!(read("f", good.replacen(from, to, 1).as_bytes()).is_err(), "{to}");
        }
        for until in ["2027-02-30", "2027-1-1", "20270101", "2027-03-31T00:00:00", ""] {
            let text = good.replace("\"anchor\"", &format!("\"until\":\"{until}\",\"anchor\""));
            assert!(read("f", text.as_bytes()).unwrap_err().contains("until"), "{until}");
        }
    }

    #[test]
    fn nesting_costs_no_stack() {
        let deep = "[".repeat(1_000_000);
        assert!(read("f", deep.as_bytes()).is_err());
        let inside = format!("{{\"schema\":\"{SCHEMA}\",\"entries\":{deep}");
        assert!(read("f", inside.as_bytes()).is_err());
    }
}
