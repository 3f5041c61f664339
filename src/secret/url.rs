//! Credentials inside URLs, and the small text tools the scan shares with it.

use std::ops::Range;

use super::formats::Class::Base64;
use super::placeholder::{default_password, placeholder};
use super::{Placeholder, entropy};
use crate::source::{ceil, first};
use crate::work::looks;

/// Longer URLs are cut: a file that is one endless address must not be read again at every `://`.
const URL_WINDOW: usize = 1 << 11;

/// Passwords in the authority of URLs.
pub(super) fn passwords(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(colon) = find(text, from, "://") {
        from = colon + "://".len();
        let authority = until(window(text, from, URL_WINDOW), |c| ends_url(c) || "/?#".contains(c));
        let Some((userinfo, host)) = authority.rsplit_once('@') else { continue };
        let Some((user, password)) = userinfo.split_once(':') else { continue };
        let scheme = text.get(..colon).is_some_and(|head| head.ends_with(char::is_alphanumeric));
        if scheme && !host.contains("example.") && leaks(user, password) {
            let start = from + user.len() + 1;
            found.push(start..start + password.len());
        }
    }
    found
}

/// Tokens in the query or fragment of URLs.
pub(super) fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for at in memchr::memchr3_iter(b'?', b'&', b'#', text.as_bytes()) {
        let Some((name, rest)) = window(text, at + 1, 32).split_once('=') else { continue };
        let start = at + 1 + name.len() + 1;
        if rest.is_empty() || !token_name(name) {
            continue;
        }
        let value = until(window(text, start, URL_WINDOW), |c| ends_url(c) || "&#/:".contains(c));
        if !token_value(value) {
            continue;
        }
        let head = window(text, at.saturating_sub(URL_WINDOW), at.min(URL_WINDOW));
        let url = head.rsplit(ends_url).next().unwrap_or_default();
        looks::add(url.len());
        if url.contains("://") && !url.contains("example.") {
            found.push(start..start + value.len());
        }
    }
    found
}

fn ends_url(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '\\' | ')' | ']')
}

/// A password of a URL, unless it is a variable, a sample or the default of a local service.
fn leaks(user: &str, password: &str) -> bool {
    password.len() >= 3
        && !password.contains(['$', '{', '}', '*', '%', ':'])
        && !password.eq_ignore_ascii_case(user)
        && !default_password(password)
        && !matches!(placeholder(password), Some(kind) if kind != Placeholder::TooShort)
}

/// Names that mean a credential; `pageToken` and `key` mean too many other things.
fn token_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '_'], "");
    matches!(name.as_str(), "token" | "accesstoken" | "authtoken" | "secret" | "password") || name.ends_with("apikey")
}

fn token_value(value: &str) -> bool {
    value.len() >= 16
        && value.bytes().all(|b| Base64.has(b) || b == b'.')
        && value.bytes().any(|b| b.is_ascii_digit())
        && entropy(value) >= 3.0
        && placeholder(value).is_none()
}

pub(super) fn find(text: &str, from: usize, needle: &str) -> Option<usize> {
    memchr::memmem::find(text.as_bytes().get(from..)?, needle.as_bytes()).map(|at| from + at)
}

/// At most `size` bytes of `text` from `from`, cut between characters.
pub(super) fn window(text: &str, from: usize, size: usize) -> &str {
    first(text.get(ceil(text, from)..).unwrap_or_default(), size)
}

pub(super) fn until(text: &str, stop: impl Fn(char) -> bool) -> &str {
    let head = text.split(stop).next().unwrap_or(text);
    looks::add(head.len());
    head
}
