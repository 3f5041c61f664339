//! The small grammars of single values.

use std::cell::RefCell;
use std::collections::BTreeMap;

use regex::Regex;

use crate::model::dialect::Release;

/// Does a pattern of the key tables match? Each is compiled when a value first meets it, once a
/// thread; a pattern that our engine does not know (look-around) matches nothing.
pub(super) fn matches(pattern: &'static str, text: &str) -> bool {
    thread_local! {
        static KNOWN: RefCell<BTreeMap<&'static str, Option<Regex>>> = const { RefCell::new(BTreeMap::new()) };
    }
    KNOWN.with_borrow_mut(|known| {
        let compiled = known.entry(pattern).or_insert_with(|| Regex::new(pattern).ok());
        compiled.as_ref().is_some_and(|compiled| compiled.is_match(text))
    })
}

/// Is it an absolute URL as `new URL()` reads one: a scheme, and a host where the scheme wants one?
pub(super) fn is_uri(text: &str) -> bool {
    let text = text.trim();
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if !valid {
        return false;
    }
    if !matches!(&*scheme.to_ascii_lowercase(), "http" | "https" | "ws" | "wss" | "ftp") {
        return true;
    }
    let host = rest.trim_start_matches(['/', '\\']).split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    !host.is_empty() && !host.starts_with(':') && !host.contains([' ', '<', '>', '^', '|'])
}

/// Is it a duration: a bare number, or numbers with `ms`, `s`, `m`, `h` or `d`?
pub(super) fn is_duration(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    if is_number(&text) {
        return true;
    }
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let size = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(size);
        let unit = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit);
        if !is_number(number) || !matches!(unit, "ms" | "s" | "m" | "h" | "d") {
            return false;
        }
        rest = tail;
    }
    !text.is_empty()
}

/// Is it a size in bytes: a number with an optional unit?
pub(super) fn is_byte_size(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let size = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(size);
    is_number(number.trim_end()) && matches!(unit, "" | "b" | "k" | "kb" | "m" | "mb" | "g" | "gb" | "t" | "tb")
}

fn is_number(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(part)
}

/// Is it `HH:MM` on a 24-hour clock? `24:00` only where the day may end.
pub(super) fn is_time(text: &str, end_of_day: bool) -> bool {
    let Some((hour, minute)) = text.split_once(':') else { return false };
    let two = |text: &str| if text.len() == 2 { text.parse::<u8>().ok() } else { None };
    match (two(hour), two(minute)) {
        (Some(24), Some(0)) => end_of_day,
        (Some(hour), Some(minute)) => hour < 24 && minute < 60,
        _ => false,
    }
}

/// Is it an absolute path on any platform?
pub(super) fn is_absolute(path: &str) -> bool {
    let drive = || {
        let mut bytes = path.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
            && bytes.next() == Some(b':')
            && matches!(bytes.next(), Some(b'/' | b'\\'))
    };
    path.starts_with('/') || path.starts_with("\\\\") || drive()
}

/// Is it a module path that stays inside its directory?
pub(super) fn is_safe_module(path: &str) -> bool {
    let path = path.trim();
    let outside = path.is_empty() || path.starts_with(['/', '\\', '~']) || path.contains(':');
    !outside && path.split(['/', '\\']).all(|part| part != "..")
}

/// What is wrong with the `source` of a secret reference.
pub(super) fn wrong_source(source: &str, release: Release) -> Option<String> {
    let known = matches!(source, "env" | "file" | "exec") || source == "store" && release == Release::V2026_9;
    let list = if release == Release::V2026_9 { "env, file, exec or store" } else { "env, file or exec" };
    (!known).then(|| format!("must be {list}"))
}

/// What is wrong with the `provider` of a secret reference.
pub(super) fn wrong_alias(alias: &str) -> Option<String> {
    let mut bytes = alias.bytes();
    let valid = alias.len() <= 64
        && bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
    (!valid).then(|| "must be a provider name: lower-case letters, digits, `_` and `-`".to_owned())
}

/// What is wrong with the `id` of a secret reference, by its source.
pub(super) fn wrong_secret_id(id: &str, source: &str) -> Option<String> {
    let (valid, form) = match source {
        "env" | "store" => (is_variable(id), "a variable name in capitals"),
        "file" => (is_pointer(id), "a JSON pointer such as \"/providers/openai\", or \"value\""),
        "exec" => (is_exec_id(id), "a plain name without `.` or `..` segments"),
        _ => return None,
    };
    (!valid).then(|| format!("must be {form} when source is {source:?}"))
}

/// `[A-Z][A-Z0-9_]{0,127}`
fn is_variable(id: &str) -> bool {
    let mut bytes = id.bytes();
    id.len() <= 128
        && bytes.next().is_some_and(|b| b.is_ascii_uppercase())
        && bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// An absolute JSON pointer with `~0` and `~1` as its only escapes, or the word for a whole file.
fn is_pointer(id: &str) -> bool {
    let escaped = |segment: &str| segment.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    id == "value" || id.strip_prefix('/').is_some_and(|rest| rest.split('/').all(escaped))
}

fn is_exec_id(id: &str) -> bool {
    let mut bytes = id.bytes();
    id.len() <= 256
        && bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && bytes.all(|b| b.is_ascii_alphanumeric() || b"._:/#-".contains(&b))
        && id.split('/').all(|segment| segment != "." && segment != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes() {
        for good in ["30m", "1h30m", "500ms", "7", "1.5d", " 2H "] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["", "soon", "30x", "m", "1h30", "-5m"] {
            assert!(!is_duration(bad), "{bad}");
        }
        assert!(is_byte_size("2mb") && is_byte_size("10") && !is_byte_size("2 parsecs") && !is_byte_size("mb"));
    }

    #[test]
    fn times_know_where_a_day_ends() {
        assert!(is_time("08:00", false) && is_time("24:00", true) && !is_time("24:00", false));
        assert!(!is_time("8:00", false) && !is_time("12:60", false) && !is_time("noon", true));
    }

    #[test]
    fn secret_ids_follow_their_source() {
        assert_eq!(wrong_secret_id("OPENAI_API_KEY", "env"), None);
        assert!(wrong_secret_id("openai", "store").is_some());
        assert_eq!(wrong_secret_id("/a/b~1c", "file"), None);
        assert!(wrong_secret_id("a/b", "file").is_some() && wrong_secret_id("/a~2", "file").is_some());
        assert_eq!(wrong_secret_id("vault/openai:key", "exec"), None);
        assert!(wrong_secret_id("../etc", "exec").is_some());
    }
}
