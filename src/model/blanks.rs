//! The blanks of a template, which whoever copies it fills in: nothing is known of them.

use super::value::{EnvUse, Kind, Value};

/// Makes every string with a blank unknown, as a reference to an unknown variable is.
pub fn leave(value: &mut Value) {
    match &mut value.kind {
        Kind::String(text) if is_blank(&text.text) => text.env = EnvUse::Unknown,
        Kind::List(items) => items.iter_mut().for_each(leave),
        Kind::Map(map) => map.entries.iter_mut().for_each(|entry| leave(&mut entry.value)),
        _ => {}
    }
}

/// What template engines put between these is no text.
const ENGINES: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("<%", "%>")];

/// Will something else stand here: `{{ name }}`, `<name>`, `__NAME__`, `%NAME%`, `@NAME@`?
#[must_use]
pub fn is_blank(text: &str) -> bool {
    let text = text.trim();
    let between = |(open, close): &(&str, &str)| text.split_once(open).is_some_and(|(_, rest)| rest.contains(close));
    let pointed = text.len() > 2 && text.starts_with('<') && text.ends_with('>');
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let marked = |mark: &&str| text.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark)).is_some_and(is_name);
    pointed || ENGINES.iter().any(between) || ["__", "%", "@"].iter().any(marked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_told_from_texts() {
        for text in
            ["{{ port }}", "https://{{host}}/x", "<your id>", "__TOKEN__", "%API_KEY%", "@DOMAIN@", "{% if x %}"]
        {
            assert!(is_blank(text), "{text}");
        }
        for text in ["", "<", "<>", "loopback", "__init__", "100%", "@alice", "@alice@", "{ }", "}} {{", "%%"] {
            assert!(!is_blank(text), "{text}");
        }
    }
}
