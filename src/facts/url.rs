//! URLs in running text, taken apart without judging them.

use crate::source::first;
use std::ops::Range;

/// Bytes of an authority (user, host, port) that are looked at.
const LONGEST_AUTHORITY: usize = 512;
/// Bytes of a path with its query that are looked at.
const LONGEST_PATH: usize = 2048;
/// Bytes of a `${…}`, `{…}`, `$(…)` or `<…>` inside a URL.
const LONGEST_TEMPLATE: usize = 64;

/// One URL and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url<'a> {
    /// As written; empty when [`Url::parse`] was given none.
    pub scheme: &'a str,
    /// In lower case, without the brackets of IPv6 and without a final dot. May hold a template
    /// (`${host}`), see [`super::domain::is_placeholder_host`].
    pub host: String,
    /// The port, when it is a number.
    pub port: Option<u16>,
    /// From the first `/`, without query and fragment; may be empty.
    pub path: &'a str,
    /// What follows `?`, without the fragment.
    pub query: Option<&'a str>,
    /// What stands before `@`.
    pub userinfo: Option<&'a str>,
    /// Bytes of the whole URL in the text.
    pub range: Range<usize>,
    /// Bytes of the host in the text, brackets included.
    pub host_range: Range<usize>,
}

/// All URLs of a text in their order. A URL inside another's path or query is part of that one.
/// Defanged forms (`hxxp://`, `evil[.]example`) are quotations and not found.
pub fn find(text: &str) -> impl Iterator<Item = Url<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.as_bytes().get(from..)?;
            let colon = from + memchr::memmem::find(rest, b"://")?;
            from = colon + 3;
            let start = scheme_start(text, colon);
            if let Some(url) = start.and_then(|start| read(text, start, colon, from)) {
                from = url.range.end.max(from);
                return Some(url);
            }
        }
    })
}

impl<'a> Url<'a> {
    /// The URL that a whole word is, with or without its scheme: `https://h.example/x`, `h.example/x`,
    /// `10.0.0.1:80`. A word without scheme needs a dot in its host.
    #[must_use]
    pub fn parse(word: &'a str) -> Option<Self> {
        if word.contains("://") {
            return find(word).next().filter(|url| url.range.start == 0);
        }
        read(word, 0, 0, 0).filter(|url| url.host.contains('.') && url.range.end == word.len())
    }

    /// Is the scheme `http`, without the `s`?
    #[must_use]
    pub fn is_plain_http(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("http")
    }

    /// Is the scheme `http` or `https`?
    #[must_use]
    pub fn is_web(&self) -> bool {
        self.is_plain_http() || self.scheme.eq_ignore_ascii_case("https")
    }

    /// The last segment of the path, the file name of a download.
    #[must_use]
    pub fn file_name(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The segments of the path, empty ones left out.
    pub fn segments(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.path.split('/').filter(|segment| !segment.is_empty())
    }
}

/// Where the scheme before `colon` begins, if a URL may have it.
fn scheme_start(text: &str, colon: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let begin = colon.saturating_sub(16);
    let length = bytes[begin..colon].iter().rev().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-'));
    let mut start = colon - length.count();
    // The n of "\nhttps://" inside a string is not part of the scheme.
    if start > 0 && bytes[start - 1] == b'\\' && matches!(bytes.get(start), Some(b'n' | b't' | b'r')) {
        start += 1;
    }
    let scheme = text.get(start..colon)?;
    let lower = scheme.to_ascii_lowercase();
    let quoted = lower.starts_with("hxxp") || lower.starts_with("h**p") || lower == "file" || lower == "data";
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && !quoted).then_some(start)
}

/// The URL that begins at `start`, whose authority begins at `from`.
fn read(text: &str, start: usize, colon: usize, from: usize) -> Option<Url<'_>> {
    let authority = first(text.get(from..)?, LONGEST_AUTHORITY);
    let authority = authority.get(..authority_len(authority))?;
    let (userinfo, named) = match authority.rsplit_once('@') {
        Some((userinfo, named)) => (Some(userinfo), named),
        None => (None, authority),
    };
    let at = from + authority.len() - named.len();
    let length = host_len(named);
    let host = named.get(..length)?;
    let mut rest = named.get(length..)?;
    if is_defanged(host) || is_defanged(text.get(at + length..)?) {
        return None;
    }
    let host_range = at..at + length;
    let host = host.trim_start_matches('[').trim_end_matches([']', '.', '-']).to_lowercase();
    if !host.contains(|c: char| c.is_alphanumeric() || c == ':') {
        return None;
    }
    let mut end = at + length;
    let mut port = None;
    if let Some(after) = rest.strip_prefix(':') {
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let length = if digits > 0 { digits } else { template(after).or(word(after)).unwrap_or_default() };
        port = after.get(..digits).and_then(|digits| digits.parse().ok());
        if length > 0 {
            end += 1 + length;
            rest = after.get(length..)?;
        }
    }
    let tail = if rest.is_empty() { text.get(end..)? } else { "" };
    let tail = tail.get(..path_len(first(tail, LONGEST_PATH)))?;
    let before_fragment = tail.split('#').next().unwrap_or_default();
    let (path, query) = match before_fragment.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (before_fragment, None),
    };
    // A final dot ends the sentence, unless a path follows.
    if tail.is_empty() && port.is_none() && rest.is_empty() {
        end -= text.get(at..end)?.len() - text.get(at..end)?.trim_end_matches(['.', '-', '*', '_']).len();
    }
    let range = start..end + tail.len();
    Some(Url { scheme: text.get(start..colon)?, host, port, path, query, userinfo, range, host_range })
}

/// `[.]`, `[dot]`, `(.)`: written so that nobody follows it.
fn is_defanged(rest: &str) -> bool {
    ["[.]", "[.", "(.)", "{.}", "[dot]", "(dot)", "[:]"].iter().any(|mark| rest.starts_with(mark))
}

/// Bytes up to the path, or to what cannot be part of a URL.
fn authority_len(text: &str) -> usize {
    let inside = |c: char| is_host_char(c) || "@:!+=&~;,^".contains(c);
    walk(text, |at, c| inside(c) || at == 0 && c == '[' || c == ']' && text.starts_with('[') && at < 48)
}

/// Bytes of the host at the start of `text`.
fn host_len(text: &str) -> usize {
    if text.starts_with('[') {
        let inner = |c: char| c.is_ascii_hexdigit() || ":.%".contains(c) || c.is_ascii_alphanumeric();
        return match text.find(']') {
            Some(end) if text.get(1..end).is_some_and(|inside| inside.contains(':') && inside.chars().all(inner)) => {
                end + 1
            }
            _ => 0,
        };
    }
    walk(text, |_, c| is_host_char(c))
}

/// Letters of other scripts belong to hosts, as imitations need them; those written without spaces
/// between words more likely begin the next one.
fn is_host_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._%*$".contains(c) || !c.is_ascii() && c.is_alphabetic() && !is_unspaced(c)
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

/// Bytes of path, query and fragment.
fn path_len(text: &str) -> usize {
    if !text.starts_with(['/', '?', '#']) {
        return 0;
    }
    let mut open = 0_i32;
    let mut entity = false;
    let mut before = ' ';
    let length = walk(text, |_, c| {
        open += i32::from(c == '(') - i32::from(c == ')');
        let ends = matches!(c, '"' | '\'' | '`' | '<' | '>' | '|' | '\\' | '^' | '{' | '}' | ']' | '[')
            || !c.is_ascii()
            || c.is_ascii_whitespace()
            || c.is_ascii_control()
            || open < 0
            || c == ';' && !entity
            || c == '&' && before == '&';
        entity = c == '&' || entity && c.is_ascii_alphanumeric();
        before = c;
        !ends
    });
    text.get(..length)
        .map_or(0, |path| path.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '~', '&', '(']).len())
}

/// Bytes of `text` for which `inside` holds, templates taken as they are.
fn walk(text: &str, mut inside: impl FnMut(usize, char) -> bool) -> usize {
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let may_open = c != '<' || before.is_none_or(|before| "./-@:=&?".contains(before));
        match text.get(at..).and_then(template).filter(|_| may_open) {
            Some(length) => at += length,
            None if inside(at, c) => at += c.len_utf8(),
            None => break,
        }
    }
    at
}

/// Bytes of the template at the start of `text`: `${host}`, `$(cmd)`, `{host}`, `{{ host }}`, `<host>`.
fn template(text: &str) -> Option<usize> {
    let (open, close) = match text.as_bytes() {
        [b'$', b'{', ..] => ("${", "}"),
        [b'$', b'(', ..] => ("$(", ")"),
        [b'{', b'{', ..] => ("{{", "}}"),
        [b'{', ..] => ("{", "}"),
        [b'<', first, ..] if first.is_ascii_alphabetic() => ("<", ">"),
        _ => return None,
    };
    let inner = first(text.get(open.len()..)?, LONGEST_TEMPLATE);
    let inner = inner.get(..inner.find(close)?)?;
    let broken =
        inner.contains(['\n', '\r']) || inner.trim().is_empty() || inner == "." || open == "<" && inner.contains('<');
    (!broken).then_some(open.len() + inner.len() + close.len())
}

/// Bytes of `$PORT` or `PORT` at the start of `text`.
fn word(text: &str) -> Option<usize> {
    let name = text.strip_prefix('$').unwrap_or(text);
    let rest = name.trim_start_matches(|c: char| c.is_ascii_uppercase() || c == '_');
    (rest.len() < name.len()).then_some(text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Url<'_> {
        let mut all = find(text);
        let url = all.next().unwrap_or_else(|| panic!("{text}"));
        assert_eq!(all.next(), None, "{text}");
        url
    }

    #[test]
    fn a_url_is_taken_apart() {
        let text = "see HTTPS://User:pw@Api.Example.com:8443/v1/x?q=1&r=2#top, then";
        let url = one(text);
        assert_eq!((url.scheme, url.host.as_str(), url.port), ("HTTPS", "api.example.com", Some(8443)));
        assert_eq!((url.path, url.query, url.userinfo), ("/v1/x", Some("q=1&r=2"), Some("User:pw")));
        assert_eq!(&text[url.range.clone()], "HTTPS://User:pw@Api.Example.com:8443/v1/x?q=1&r=2#top");
        assert_eq!(&text[url.host_range.clone()], "Api.Example.com");
        assert!(url.is_web() && !url.is_plain_http());
        assert_eq!(url.segments().collect::<Vec<_>>(), ["v1", "x"]);
    }

    #[test]
    fn urls_end_where_the_text_goes_on() {
        for (text, whole) in [
            ("[a](https://h.example/x).", "https://h.example/x"),
            ("(https://h.example/a_(b))", "https://h.example/a_(b)"),
            ("**https://h.example/x**", "https://h.example/x"),
            ("<https://h.example>", "https://h.example"),
            ("Go to https://h.example.", "https://h.example"),
            ("Go to https://h.example/. Then", "https://h.example/"),
            ("curl https://h.example/a|sh", "https://h.example/a"),
            ("curl https://h.example/a;sh a", "https://h.example/a"),
            ("curl https://h.example/a&&sh", "https://h.example/a"),
            ("href='https://h.example/?a=1&amp;b=2'>", "https://h.example/?a=1&amp;b=2"),
            ("\"\\nhttps://h.example/x\\n\"", "https://h.example/x"),
            ("访问https://h.example/x下载", "https://h.example/x"),
            ("访问https://h.example下载", "https://h.example"),
            ("x=git+https://h.example/r.git@v1", "git+https://h.example/r.git@v1"),
            ("https://h.example:443", "https://h.example:443"),
            ("https://h.example</a>", "https://h.example"),
            ("\\url{https://h.example/x}", "https://h.example/x"),
            ("https://a.example/r?u=https://b.example/x", "https://a.example/r?u=https://b.example/x"),
        ] {
            assert_eq!(&text[one(text).range], whole, "{text}");
        }
    }

    #[test]
    fn templates_are_part_of_a_host() {
        for (text, host, path) in [
            ("https://${API_HOST}/v1", "${api_host}", "/v1"),
            ("https://$HOST:$PORT/v1", "$host", "/v1"),
            ("f\"http://{host}:{port}/x/{id}\"", "{host}", "/x/{id}"),
            ("https://<your-host>/x", "<your-host>", "/x"),
            ("https://{{ region }}.h.example/x", "{{ region }}.h.example", "/x"),
            ("https://$(hostname).h.example/x", "$(hostname).h.example", "/x"),
            ("https://h.example/a/<id>/b", "h.example", "/a/<id>/b"),
            ("https://*.h.example/x", "*.h.example", "/x"),
        ] {
            let url = one(text);
            assert_eq!((url.host.as_str(), url.path), (host, path), "{text}");
        }
    }

    #[test]
    fn hosts_of_all_kinds() {
        for (text, host) in [
            ("http://[::1]:8080/", "::1"),
            ("http://[2001:DB8::1]/x", "2001:db8::1"),
            ("http://0x7f.1/x", "0x7f.1"),
            ("https://gіthub.example/x", "gіthub.example"),
            ("https://h.example./x", "h.example"),
            ("ws://localhost:3000", "localhost"),
            ("https://h.example@evil.example/x", "evil.example"),
        ] {
            assert_eq!(one(text).host, host, "{text}");
        }
    }

    #[test]
    fn quotations_and_scraps_are_not_urls() {
        for text in [
            "hxxps://h.example/x",
            "https://h[.]example/x",
            "https://h.x[.]example",
            "https://h(.)example",
            "https://...",
            "https://",
            "://h.example",
            "https://…",
            "file:///etc/passwd",
            "http://[nope]/",
            "a://://://",
            "https://h[dot]example",
        ] {
            assert_eq!(find(text).next(), None, "{text}");
        }
    }

    #[test]
    fn a_word_may_leave_out_the_scheme() {
        assert_eq!(Url::parse("h.example/i.sh").map(|url| (url.host, url.path)), Some(("h.example".into(), "/i.sh")));
        assert_eq!(Url::parse("10.0.0.1:80").and_then(|url| url.port), Some(80));
        assert_eq!(Url::parse("https://h.example/x").map(|url| url.path), Some("/x"));
        for word in ["", "README", "-fsSL", "a b.c", "see https://h.example", "~/x.sh"] {
            assert_eq!(Url::parse(word), None, "{word}");
        }
    }

    #[test]
    fn long_and_broken_texts_stay_cheap() {
        for part in ["://", "a://", "https://a/", "https://[", "https://${", "https://<a", "é://", "https://a@"] {
            let text = part.repeat(20_000);
            assert!(find(&text).count() <= 20_000, "{part}");
        }
        for text in ["https://é", "ü://ü", "https://${é", "\u{1f600}://\u{1f600}", "https://a:", "https://a:é"] {
            let _ = find(text).count();
        }
    }
}
