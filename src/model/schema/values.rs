//! Is a value of the right kind one that a key takes?

use super::table::{Kinds, Rule, Spec};
use super::{formats, suggest};
use crate::model::value::{Kind, Text};

/// Is the kind of value one that the key takes?
pub(super) fn accepts(kinds: Kinds, kind: &Kind) -> bool {
    match kind {
        Kind::Null => kinds.has(Kinds::NULL),
        Kind::Bool(_) => kinds.has(Kinds::BOOL),
        Kind::Number(number) => number.is_finite() && (kinds.has(Kinds::NUMBER) || kinds.has(Kinds::INTEGER)),
        Kind::String(_) => kinds.has(Kinds::STRING),
        Kind::List(_) => kinds.has(Kinds::LIST),
        Kind::Map(_) => kinds.has(Kinds::OBJECT),
    }
}

/// The values that a key lists, separated by `|`.
pub(super) fn one_of(spec: Spec) -> Option<&'static str> {
    spec.rules().find_map(|rule| if let Rule::OneOf(list) = rule { Some(list) } else { None })
}

/// A list of allowed values in words.
pub(super) fn choices(list: &str) -> String {
    let words: Vec<&str> = list.split('|').collect();
    match words.as_slice() {
        [one] => (*one).to_owned(),
        [others @ .., end] => format!("{} or {end}", others.join(", ")),
        [] => String::new(),
    }
}

fn is_string_item(item: &str) -> bool {
    item.starts_with('"') || item != "true" && item != "false" && item.parse::<f64>().is_err()
}

/// What is wrong with a string.
pub(super) fn wrong_text(spec: Spec, text: &Text, path: &str) -> Option<String> {
    let text = &*text.text;
    spec.rules().find_map(|rule| match rule {
        Rule::OneOf(list) => {
            let mut strings =
                list.split('|').filter(|item| is_string_item(item)).map(|item| item.trim_matches('"')).peekable();
            strings.peek()?;
            let strings: Vec<&str> = strings.collect();
            if strings.contains(&text) {
                return None;
            }
            let hint = suggest::nearest(text, strings.iter().copied()).map_or_else(
                || format!("must be {}", choices(list)),
                |near| format!("must be {}; did you mean {near}?", choices(list)),
            );
            Some(format!("{path} {hint}"))
        }
        Rule::Length(low, high) => {
            let size = f64::from(crate::source::offset(text.encode_utf16().count()));
            let words = |what: &str, limit: f64| format!("{path} must have at {what} {limit} characters");
            (size < low)
                .then(|| if low <= 1.0 { format!("{path} must not be empty") } else { words("least", low) })
                .or_else(|| (size > high).then(|| words("most", high)))
        }
        Rule::Pattern(pattern, must) => (formats::matches(pattern, text) != must)
            .then(|| format!("{path} does not have the form that is read there")),
        Rule::Uri => (!formats::is_uri(text)).then(|| format!("{path} must be an absolute URL")),
        _ => None,
    })
}

/// What is wrong with a number.
pub(super) fn wrong_number(spec: Spec, number: f64, path: &str) -> Option<String> {
    if !spec.kinds.has(Kinds::NUMBER) && number.fract() != 0.0 {
        return Some(format!("{path} must be a whole number"));
    }
    spec.rules().find_map(|rule| match rule {
        Rule::Min(low) => (number < low).then(|| format!("{path} must be at least {low}")),
        Rule::Above(low) => (number <= low).then(|| format!("{path} must be more than {low}")),
        Rule::Max(high) => (number > high).then(|| format!("{path} must be at most {high}")),
        Rule::OneOf(list) => {
            let mut numbers = list.split('|').filter_map(|item| item.parse::<f64>().ok()).peekable();
            numbers.peek()?;
            (!numbers.any(|item| (item - number).abs() < f64::EPSILON))
                .then(|| format!("{path} must be {}", choices(list)))
        }
        _ => None,
    })
}

/// What is wrong with the length of a list.
pub(super) fn wrong_size(spec: Spec, size: usize, path: &str) -> Option<String> {
    let size = f64::from(crate::source::offset(size));
    spec.rules().find_map(|rule| match rule {
        Rule::Items(low, _) if size < low => Some(format!("{path} must have at least {low} items")),
        Rule::Items(_, high) if size > high => Some(format!("{path} must have at most {high} items")),
        _ => None,
    })
}
