//! Values as a snapshot may hold them: canonical, and without a secret.

use std::ops::Range;

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::facts::url;
use crate::judge::settle::masked;
use crate::model::secrets::assignments;
use crate::model::value::{EnvUse, Kind, Text, Value};
use crate::secret::is_secret_name;
use crate::source::Span;

/// Characters of the longest text that is kept as it is.
const LONGEST: usize = 240;

/// Says which tokens of some files are secrets, and what was written before substitution.
pub(super) struct Censor<'a> {
    /// Sorted, none overlapping.
    secrets: Vec<Span>,
    written: &'a dyn Fn(Span) -> String,
}

impl<'a> Censor<'a> {
    pub(super) fn new(mut secrets: Vec<Span>, written: &'a dyn Fn(Span) -> String) -> Self {
        secrets.sort_unstable();
        Self { secrets, written }
    }

    /// Does a token hold a secret?
    pub(super) fn hides(&self, span: Span) -> bool {
        let after = self.secrets.partition_point(|secret| (secret.file, secret.start) < (span.file, span.end));
        let last = after.checked_sub(1).and_then(|at| self.secrets.get(at));
        last.is_some_and(|secret| secret.file == span.file && secret.end > span.start)
    }

    /// A value as JSON; `open` says that its place holds variables, headers or the like, of which only the
    /// names are told.
    pub(super) fn shown(&self, value: &Value, open: bool) -> Json {
        match &value.kind {
            Kind::Null => Json::Null,
            Kind::Bool(value) => Json::Bool(*value),
            Kind::Number(_) if self.hides(value.span) => secret(),
            Kind::Number(number) => self::number(*number),
            Kind::String(text) => self.text(value.span, text, open),
            Kind::List(items) => {
                let mut after_secret = false;
                let shown = items.iter().map(|item| {
                    let shown = self.shown(item, open || after_secret);
                    after_secret = is_secret_option(item);
                    shown
                });
                shown.collect()
            }
            Kind::Map(map) => {
                let mut members: Vec<_> = map.entries.iter().map(|entry| (&*entry.key, &entry.value)).collect();
                members.sort_by_key(|(key, _)| *key);
                let shown = |(key, value): (&str, &Value)| {
                    (key.to_owned(), self.shown(value, open || is_open(key) || is_secret_name(key)))
                };
                Json::Object(members.into_iter().map(shown).collect::<Map<_, _>>())
            }
        }
    }

    fn text(&self, span: Span, text: &Text, open: bool) -> Json {
        if self.hides(span) {
            return secret();
        }
        let plain = match text.env {
            EnvUse::None => text.text.to_string(),
            EnvUse::Unknown | EnvUse::Missing => return Json::String(masked(text.text.to_string())),
            // A variable stays symbolic, whatever it is set to.
            EnvUse::Resolved => return Json::String(masked((self.written)(span))),
        };
        if open && !is_flag(&plain) && !is_reference(&plain) {
            return secret();
        }
        long(guarded(&plain))
    }
}

/// A text in which whatever is given to the name of a secret is starred, and so are passwords in addresses: an
/// example that nobody has replaced is a password, too.
pub(super) fn guarded(text: &str) -> String {
    let named = assignments(text).into_iter().filter(|one| is_secret_name(one.name) && !is_reference(one.value));
    let mut hidden: Vec<Range<usize>> = named.map(|one| one.range).collect();
    for url in url::find(text) {
        let (Some(userinfo), end) = (url.userinfo, url.host_range.start) else { continue };
        let password = userinfo.split_once(':').map_or(0, |(_, password)| password.len());
        // The at sign stands between the two.
        hidden.extend((password > 0).then(|| end.saturating_sub(1 + password)..end.saturating_sub(1)));
    }
    hidden.sort_by_key(|range| (range.start, range.end));
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for range in hidden.into_iter().filter(|range| !range.is_empty()) {
        out.push_str(text.get(from..range.start).unwrap_or_default());
        out.push_str(if range.end > from { "***" } else { "" });
        from = from.max(range.end);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Stands for a secret: it is there, and that is all.
pub(super) fn secret() -> Json {
    json!({"secret": "set"})
}

/// A text, or the digest of one that is too long to be read.
pub(super) fn long(text: String) -> Json {
    let length = text.chars().count();
    if length <= LONGEST {
        return Json::String(text);
    }
    json!({"characters": length, "sha256": hex(&Sha256::digest(text.as_bytes()))})
}

/// Is it the name of an object whose members are open: variables, headers?
pub(super) fn is_open(key: &str) -> bool {
    matches!(key, "env" | "environment" | "vars" | "headers" | "requestHeaders")
}

/// The name of an option whose value, the next word of the command, is a secret: `--token`.
fn is_secret_option(word: &Value) -> bool {
    let Kind::String(text) = &word.kind else { return false };
    text.text.strip_prefix('-').is_some_and(|name| is_secret_name(name.trim_start_matches('-')))
}

/// A switch that nobody keeps secret.
fn is_flag(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "" | "0" | "1" | "true" | "false" | "yes" | "no" | "on" | "off")
}

/// A name that stands for a value kept elsewhere.
pub(super) fn is_reference(text: &str) -> bool {
    let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).or_else(|| text.strip_prefix('$'));
    inner.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// A number as JavaScript writes it.
fn number(number: f64) -> Json {
    let text = ryu_js::Buffer::new().format(number).to_owned();
    serde_json::from_str(&text).unwrap_or(Json::String(text))
}

/// A value in which whatever has the format of a secret is starred.
pub(super) fn without_formats(value: Json) -> Json {
    match value {
        Json::String(text) => Json::String(masked(text)),
        Json::Array(items) => items.into_iter().map(without_formats).collect(),
        Json::Object(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(members.into_iter().map(|(key, value)| (masked(key), without_formats(value))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_to_a_secret_name_is_starred() {
        for (text, shown) in [
            ("gateway --password changeme --port 1", "gateway --password *** --port 1"),
            ("https://u:pw@h.example/x?token=abc&a=1", "https://u:***@h.example/x?token=***"),
            ("TOKEN=${T} API_KEY=x", "TOKEN=${T} API_KEY=***"),
            ("plain text", "plain text"),
            ("https://u@h.example", "https://u@h.example"),
        ] {
            assert_eq!(guarded(text), shown);
        }
    }
}
