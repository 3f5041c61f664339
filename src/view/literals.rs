//! String literals that code joins, turns round, shifts or hands to a decoder.

use crate::source::{first, last};
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::packed::Searcher;

/// Bytes of a literal that are looked at.
const LONGEST: usize = 1 << 16;

/// Calls of one kind that are followed in one text.
const MOST_CALLS: usize = 64;

/// Literals that are joined.
pub(super) struct Joined {
    /// From the first opening quote to the last closing one.
    pub(super) range: Range<usize>,
    /// What they say together.
    pub(super) text: String,
    /// A seam cuts a word in two, as nobody does to break a long line.
    pub(super) splits: bool,
}

/// Every chain of two or more literals that stand next to each other, are added, or are members of an
/// array that is joined.
pub(super) fn joined(text: &str, most: usize, mut each: impl FnMut(Joined)) {
    let bytes = text.as_bytes();
    let (mut at, mut no_list) = (0, 0);
    while let Some(next) = memchr::memchr3(b'\'', b'"', b'`', bytes.get(at..).unwrap_or_default()) {
        let start = at + next;
        at = start + 1;
        let Some(first) = literal(bytes, start) else { continue };
        if seam(bytes, first.end + 1).is_none() {
            continue;
        }
        let list = start >= no_list;
        let chain = Chain::read(text, first.clone(), list, most);
        if chain.listed && !is_joined_list(text, start, chain.end) {
            no_list = chain.end;
            let plain = Chain::read(text, first, false, most);
            at = plain.take(start, &mut each);
        } else {
            at = chain.take(start, &mut each);
        }
    }
}

struct Chain {
    text: String,
    parts: usize,
    splits: bool,
    listed: bool,
    /// One past the last closing quote.
    end: usize,
}

impl Chain {
    fn read(text: &str, first: Range<usize>, list: bool, most: usize) -> Self {
        let bytes = text.as_bytes();
        let part = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
        let mut chain = Self {
            text: part(&first).to_owned(),
            parts: usize::from(!first.is_empty()),
            splits: false,
            listed: false,
            end: first.end + 1,
        };
        while let Some((quote, operator)) = seam(bytes, chain.end) {
            if operator == Seam::Comma && !list {
                break;
            }
            let Some(next) = literal(bytes, quote) else { break };
            let right = part(&next);
            let word = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            chain.splits |=
                operator != Seam::Blank && word(chain.text.bytes().next_back()) && word(right.bytes().next());
            chain.listed |= operator == Seam::Comma;
            chain.parts += usize::from(!next.is_empty());
            if chain.text.len() < most {
                chain.text.push_str(right);
            }
            chain.end = next.end + 1;
        }
        chain
    }

    /// Hands the chain on when it is one; gives where to go on.
    fn take(self, start: usize, each: &mut impl FnMut(Joined)) -> usize {
        let end = self.end;
        if self.parts >= 2 {
            each(Joined { range: start..end, text: self.text, splits: self.splits });
        }
        end
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seam {
    /// `+`, `.`, `..` or `&`.
    Operator,
    /// Nothing at all, as shells allow.
    Adjacent,
    /// White space, as Python and C allow.
    Blank,
    /// The comma of a list.
    Comma,
}

/// What follows a closing quote up to the next opening one, when that joins the two.
fn seam(bytes: &[u8], at: usize) -> Option<(usize, Seam)> {
    let quote = |at: usize| bytes.get(at).is_some_and(|byte| matches!(byte, b'\'' | b'"' | b'`'));
    // Backticks stand around words of prose everywhere.
    let tick = at.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'`');
    if quote(at) {
        return Some((at, Seam::Adjacent)).filter(|_| !tick);
    }
    let (before, spaced) = blank(bytes, at);
    if tick && (bytes.get(at) != Some(&b'+') || bytes.get(at + 1) != Some(&b'`')) {
        return None;
    }
    let (after, kind) = match bytes.get(before)? {
        // A sentence that ends in quotes is no operator.
        b'.' if !spaced && bytes.get(before + 1).is_some_and(u8::is_ascii_whitespace) => return None,
        b'.' if bytes.get(before + 1) == Some(&b'.') => (before + 2, Seam::Operator),
        b'.' | b'+' | b'&' => (before + 1, Seam::Operator),
        b',' => (before + 1, Seam::Comma),
        _ if spaced => (before, Seam::Blank),
        _ => return None,
    };
    let (mut open, _) = blank(bytes, after);
    let prefix = bytes.get(open..).unwrap_or_default().iter().take(2);
    open += prefix.take_while(|byte| matches!(byte, b'b' | b'B' | b'r' | b'R' | b'u' | b'U' | b'f' | b'F')).count();
    quote(open).then_some((open, kind))
}

/// The end of white space and continued lines, at most some of it.
fn blank(bytes: &[u8], at: usize) -> (usize, bool) {
    let rest = bytes.get(at..).unwrap_or_default().iter().take(256);
    let length = rest.take_while(|byte| byte.is_ascii_whitespace() || **byte == b'\\').count();
    (at + length, length > 0)
}

/// What stands between the quote at `open` and its partner on the same line.
fn literal(bytes: &[u8], open: usize) -> Option<Range<usize>> {
    let quote = *bytes.get(open)?;
    if open.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'\\') {
        return None;
    }
    let mut at = open + 1;
    loop {
        let window = bytes.get(at..bytes.len().min(open + LONGEST))?;
        let end = at + memchr::memchr2(quote, b'\n', window)?;
        match bytes.get(end) {
            Some(b'\n') => return None,
            _ if end > open + 1 && bytes.get(end - 1) == Some(&b'\\') => at = end + 1,
            _ => return Some(open + 1..end),
        }
    }
}

/// Is the list of literals an array that is joined by nothing: `['a', 'b'].join('')`, `''.join(['a', 'b'])`?
fn is_joined_list(text: &str, start: usize, end: usize) -> bool {
    let after = text.get(end..).unwrap_or_default().trim_start().trim_start_matches(',').trim_start();
    let Some(after) = after.strip_prefix([']', ')']) else { return false };
    let after = after.trim_start();
    let before = text.get(..start).unwrap_or_default().trim_end().trim_end_matches(['(', '[', ' ']);
    ["''.join", "\"\".join", "-join"].iter().any(|join| before.ends_with(join))
        || [".join('')", ".join(\"\")", ".join(``)"].iter().any(|join| after.starts_with(join))
        || ["-join ''", "-join \"\"", "-join''", "-join\"\""].iter().any(|join| after.starts_with(join))
}

static CALLS: LazyLock<Option<Searcher>> = LazyLock::new(|| {
    let words = [
        "85decode(",
        "b64decode(",
        "atob(",
        "strrev(",
        "reversed(",
        "[::-1]",
        ".split(",
        "| rev",
        "|rev",
        "rot13",
        "rot_13",
        "rot-13",
        "ROT13",
        "N-ZA-M",
        "n-za-m",
    ];
    Searcher::new(words)
});

/// May the text hand a literal to a decoder, turn it round or shift it? One pass for all of these.
pub(super) fn has_calls(text: &str) -> bool {
    // Not every processor has the instructions for it.
    CALLS.as_ref().is_none_or(|calls| calls.find(text).is_some())
}

/// The literals that are handed to a function whose name ends so, directly or by the name of a variable.
pub(super) fn arguments<'a>(text: &'a str, call: &str) -> Vec<(Range<usize>, &'a str)> {
    let finds = memchr::memmem::find_iter(text.as_bytes(), call).take(MOST_CALLS);
    let found = finds.filter_map(|at| {
        let open = at + call.len();
        let rest = text.get(open..)?;
        let name = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let start = text.len() - name.len();
        let name = name.strip_prefix(['b', 'r', 'u']).filter(|rest| rest.starts_with(['\'', '"'])).unwrap_or(name);
        if name.starts_with(['\'', '"', '`']) {
            return quoted(text, text.len() - name.len());
        }
        let length = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        assigned(text, text.get(start..start + length)?)
    });
    found.collect()
}

/// The literals that a text turns round: before `[::-1]`, `.split('').reverse()` or `| rev`, or handed to
/// `strrev`.
pub(super) fn reversed(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut found = arguments(text, "strrev(");
    found.extend(arguments(text, "reversed("));
    for call in ["[::-1]", ".split(", "| rev", "|rev"] {
        for at in memchr::memmem::find_iter(text.as_bytes(), call).take(MOST_CALLS) {
            let after = text.get(at + call.len()..).unwrap_or_default();
            let turned = match call {
                ".split(" => first(after, 32).contains("reverse()"),
                "[::-1]" => true,
                _ => !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'),
            };
            found.extend(ending(text, at).filter(|_| turned));
        }
    }
    found
}

/// Does the text turn anything round?
pub(super) fn turns_round(text: &str) -> bool {
    ["[::-1]", ".reverse()", "strrev(", "reversed(", "| rev", "|rev"]
        .iter()
        .any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// The longest literal of each line that shifts letters by thirteen.
pub(super) fn shifted(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut found = Vec::new();
    for word in ["rot13", "rot_13", "rot-13", "ROT13", "N-ZA-M", "n-za-m"] {
        for at in memchr::memmem::find_iter(text.as_bytes(), word).take(MOST_CALLS) {
            let before = last(text.get(..at).unwrap_or_default(), LONGEST);
            let start = at - before.rsplit('\n').next().map_or(0, str::len);
            let mut here = start;
            let mut longest: Option<(Range<usize>, &str)> = None;
            while let Some(open) = text.get(here..at).and_then(|line| line.find(['\'', '"'])) {
                here += open + 1;
                let Some((range, inner)) = quoted(text, here - 1) else { continue };
                if range.end <= at && longest.as_ref().is_none_or(|(_, long)| long.len() < inner.len()) {
                    here = range.end;
                    longest = Some((range, inner));
                }
            }
            found.extend(longest);
        }
    }
    found
}

/// Letters moved by thirteen.
pub(super) fn rot13(text: &str) -> String {
    let turn = |c: char| match c {
        'a'..='m' | 'A'..='M' => char::from_u32(u32::from(c) + 13),
        'n'..='z' | 'N'..='Z' => char::from_u32(u32::from(c) - 13),
        _ => None,
    };
    text.chars().map(|c| turn(c).unwrap_or(c)).collect()
}

/// The literal whose opening quote is at `open`: its range with quotes, and what it says.
fn quoted(text: &str, open: usize) -> Option<(Range<usize>, &str)> {
    let inner = literal(text.as_bytes(), open)?;
    Some((open..inner.end + 1, text.get(inner)?))
}

/// The literal, or the variable, that ends before `at`.
fn ending(text: &str, at: usize) -> Option<(Range<usize>, &str)> {
    let before = last(text.get(..at)?, LONGEST);
    let from = at - before.len();
    let before = before.trim_end();
    let Some(quote) = before.chars().next_back().filter(|c| matches!(c, '\'' | '"' | '`')) else {
        let name = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
        return assigned(text, before.get(name..)?);
    };
    let inner = before.get(..before.len() - 1)?;
    let open =
        inner.rfind([quote, '\n']).filter(|open| inner.get(*open..).is_some_and(|rest| rest.starts_with(quote)))?;
    Some((from + open..from + before.len(), inner.get(open + 1..)?))
}

/// The literal that a variable of this name is set to.
fn assigned<'a>(text: &'a str, name: &str) -> Option<(Range<usize>, &'a str)> {
    if name.is_empty() || name.len() > 64 {
        return None;
    }
    memchr::memmem::find_iter(text.as_bytes(), name).take(MOST_CALLS).find_map(|at| {
        let rest = text.get(at + name.len()..)?.trim_start_matches([' ', '\t']);
        let rest = rest.strip_prefix('=')?.trim_start_matches([' ', '\t', '(', 'b', 'r', '\n', '@']);
        rest.starts_with(['\'', '"', '`']).then(|| quoted(text, text.len() - rest.len())).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(text: &str) -> Vec<(String, bool)> {
        let mut found = Vec::new();
        joined(text, 9_999, |chain| found.push((chain.text, chain.splits)));
        found
    }

    #[test]
    fn fragments_are_joined() {
        let one = |text: &str, splits| vec![(text.to_owned(), splits)];
        assert_eq!(join("'Y3Vy' + 'bCBo'"), one("Y3VybCBo", true));
        assert_eq!(join("x = ('Y3Vy'\n     'bCBo')"), one("Y3VybCBo", false));
        assert_eq!(join("echo \"aWQ\"\"=\" | base64 -d"), one("aWQ=", false));
        assert_eq!(join("don't: getattr(os, 'sys'+'tem')"), one("system", true));
        assert_eq!(join("['cu', 'rl', ' x'].join('')"), one("curl x", true));
        assert_eq!(join("''.join(['cu', 'rl', ' x'])"), one("curl x", true));
        assert_eq!(join("$a = 'cu' . \"rl\" . ' x';"), one("curl x", true));
        assert_eq!(join("(\"one line \"\n \"and more\")"), one("one line and more", false));
    }

    #[test]
    fn others_are_not() {
        for text in [
            "['a', 'b', 'c' + x]",
            "{\"a\": \"b\", \"c\": \"d\"}",
            "it's a dog's life",
            "f('a', \"b\")",
            "\"\"\"Doc.\"\"\"",
        ] {
            assert_eq!(join(text), [], "{text}");
        }
    }

    #[test]
    fn calls_are_followed() {
        assert_eq!(
            arguments("b85decode(b'abc')", "b85decode("),
            [(10..16, "abc")].map(|(range, text)| (range.start + 1..range.end, text))
        );
        assert_eq!(arguments("s = b'abc'\nb85decode( s )", "b85decode(").first().map(|found| found.1), Some("abc"));
        let turned = |text| reversed(text).first().map(|found| found.1.to_owned());
        assert_eq!(turned("exec('lruc'[::-1])").as_deref(), Some("lruc"));
        assert_eq!(turned("s='lruc'; x(s[::-1])").as_deref(), Some("lruc"));
        assert_eq!(turned("'lruc'.split('').reverse().join('')").as_deref(), Some("lruc"));
        assert_eq!(turned("echo 'lruc' | rev").as_deref(), Some("lruc"));
        assert_eq!(turned("s='lruc'; “é”s[::-1]").as_deref(), Some("lruc"));
        assert_eq!(turned("'a b'.split('')"), None);
        assert_eq!(shifted("codecs.decode('phey', 'rot13')").first().map(|found| found.1), Some("phey"));
        assert_eq!(rot13("phey -F"), "curl -S");
    }

    #[test]
    fn hostile_texts_end() {
        for text in ["'a',", "'a'+", "''", "\"'", "'\\"] {
            join(&text.repeat(200_000));
        }
        reversed(&"'[::-1]".repeat(100_000));
        shifted(&"'rot13".repeat(100_000));
    }
}
