//! Makes untrusted text harmless on its way out: file names, messages and source lines come from
//! repositories that may want to rewrite a terminal, forge a log line or turn text around.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Does a character do something else than to be seen?
///
/// Controls (C1 too: terminals take U+009B for an escape), direction marks and overrides, invisible
/// and separating characters, tags and other private ways to hide text.
#[must_use]
pub fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Does a bracket make a command of what stands before it? Runners of GitHub, Azure and `TeamCity` obey
/// `##[error]`, `##vso[…]` and `##teamcity[…]` anywhere in a line of a log.
fn is_command(before: &str) -> bool {
    before.trim_end_matches(|c: char| c.is_ascii_alphabetic()).ends_with("##")
}

/// Text for one line of a terminal or log: what is dangerous is shown as an escape.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.contains(is_dangerous) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '[' if is_command(&out) => out.push_str("\\u{5b}"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_dangerous(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A path for a line of text; the repository itself is a dot. A line may begin with it, and one that
/// begins with `::` is a command to GitHub's runner.
#[must_use]
pub fn path(path: &str) -> Cow<'_, str> {
    match path {
        "" => Cow::Borrowed("."),
        path if path.trim_start().starts_with("::") => Cow::Owned(format!("./{}", line(path))),
        path => line(path),
    }
}

/// Text for HTML and XML, between tags and in quoted attributes: one line, and nothing of it is markup.
#[must_use]
pub fn markup(text: &str) -> String {
    entities(&line(text))
}

/// Text as a code span of Markdown: one line, and nothing in it is a link, an image, a mention or markup.
#[must_use]
pub fn code(text: &str) -> String {
    let text = line(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // A space at each side is no part of a span, and keeps backticks of the text apart from its own.
    let space = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    if text.trim().is_empty() { "` `".to_owned() } else { format!("{fence}{space}{text}{space}{fence}") }
}

/// Text whose lines stay lines and whose dangerous characters are gone already, for HTML and XML.
#[must_use]
pub fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // No characters to XML.
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

/// Source text whose lines stay lines: each dangerous character becomes U+FFFD. A byte range of the
/// text moves along.
#[must_use]
pub fn source(text: &str, range: (usize, usize)) -> (String, (usize, usize)) {
    let mut out = String::with_capacity(text.len());
    let (mut start, mut end) = (None, None);
    for (at, c) in text.char_indices() {
        if at >= range.0 {
            start.get_or_insert(out.len());
        }
        if at >= range.1 {
            end.get_or_insert(out.len());
        }
        let stays = !is_dangerous(c) && (c != '[' || !is_command(&out)) || matches!(c, '\n' | '\r' | '\t');
        out.push(if stays { c } else { char::REPLACEMENT_CHARACTER });
    }
    let start = start.unwrap_or(out.len());
    let end = end.unwrap_or(out.len());
    (out, (start, end))
}

/// JSON text with everything dangerous in its strings as `\uXXXX`: the same value for a parser,
/// harmless for a terminal. JSON holds such characters nowhere else but in strings.
#[must_use]
pub fn json(text: String) -> String {
    if !text.contains(|c| is_dangerous(c) && c != '\n') && !text.contains("##") {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if c == '\n' || !is_dangerous(c) && (c != '[' || !is_command(&out)) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// The message of a GitHub workflow command, as its toolkit escapes it.
#[must_use]
pub fn command_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a GitHub workflow command, as its toolkit escapes it.
#[must_use]
pub fn command_property(text: &str) -> String {
    command_data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line_and_shows_what_was_there() {
        assert_eq!(line("plain é 😀"), "plain é 😀");
        assert_eq!(line("a\nb\r\t"), "a\\nb\\r\\t");
        assert_eq!(line("\u{1b}[2J\u{9b}2J\u{202e}x\u{7f}"), "\\u{1b}[2J\\u{9b}2J\\u{202e}x\\u{7f}");
        assert_eq!(line("a\u{2028}b\u{e0041}"), "a\\u{2028}b\\u{e0041}");
    }

    #[test]
    fn no_log_takes_a_text_for_a_command() {
        assert_eq!(line("x ##[error]y ##vso[z # [ok] ## [ok]"), "x ##\\u{5b}error]y ##vso\\u{5b}z # [ok] ## [ok]");
        assert_eq!(source("a ##[x", (2, 5)), ("a ##\u{fffd}x".to_owned(), (2, 7)));
        assert_eq!(json("\"##[a]\"".to_owned()), "\"##\\u005ba]\"");
        assert_eq!((path("::error::x"), path(" ::error::x")), ("./::error::x".into(), "./ ::error::x".into()));
        assert_eq!((path(""), path("a::b")), (".".into(), "a::b".into()));
    }

    #[test]
    fn a_code_span_ends_where_it_should() {
        assert_eq!([code("a|b"), code(""), code("  ")], ["`a|b`", "` `", "` `"]);
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code("a\n# b"), "`a\\n# b`");
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(markup("<b a='1'>\"&\n\u{1b}\u{ffff}"), "&lt;b a=&#39;1&#39;&gt;&quot;&amp;\\n\\u{1b}\u{fffd}");
    }

    #[test]
    fn a_source_line_keeps_its_shape_and_its_token() {
        let text = "é\u{1b}\u{202e}\"x\"\n\tz";
        let at = text.find('"').unwrap();
        let (shown, (start, end)) = source(text, (at, at + 3));
        assert_eq!(shown, "é\u{fffd}\u{fffd}\"x\"\n\tz");
        assert_eq!(&shown[start..end], "\"x\"");
        assert_eq!(source("ab", (2, 2)).1, (2, 2));
    }

    #[test]
    fn json_keeps_its_value() {
        let value = serde_json::json!({"a": "\u{1b}\u{7f}\u{9b}\u{202e}\u{e0041}é\n\\"});
        let text = json(format!("{value:#}"));
        assert!(!text.contains(|c| is_dangerous(c) && c != '\n'));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn commands_are_escaped_as_the_toolkit_does() {
        assert_eq!(command_data("100%\r\n::error::x"), "100%25%0D%0A::error::x");
        assert_eq!(command_property("a:b,c\n%"), "a%3Ab%2Cc%0A%25");
    }
}
