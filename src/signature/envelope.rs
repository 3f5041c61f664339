//! The text of a `.sig` file, read as tolerantly as ClosedClaw reads it, with the place of everything.

use crate::syntax::base64;
use std::ops::Range;

/// The first line.
pub const BEGIN: &str = "-----BEGIN CLOSEDCLAW SKILL SIGNATURE-----";
/// The last line.
pub const END: &str = "-----END CLOSEDCLAW SKILL SIGNATURE-----";
/// The only algorithm.
pub const ALGORITHM: &str = "ed25519";

/// A `name: value` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name, lower case.
    pub name: String,
    /// The value.
    pub value: String,
    /// Is the name spelled in ASCII?
    pub plain: bool,
    /// Bytes of the name.
    pub name_at: Range<usize>,
    /// Bytes of the value.
    pub value_at: Range<usize>,
}

/// A signature file that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Who says to have signed; not covered by the signature.
    pub signer: String,
    /// The key that is to be looked up.
    pub key_id: String,
    /// When it says to be from; not covered by the signature. None when absent or empty.
    pub timestamp: Option<String>,
    /// Every header in file order, those that count and the others.
    pub headers: Vec<Header>,
    /// The base64 text, its lines joined.
    pub body: String,
    /// Bytes from the first to the last line of it.
    pub body_at: Range<usize>,
    /// Bytes of text before the first line or after the last, when there is any.
    pub outside: Option<Range<usize>>,
}

/// Why a text is no signature file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The token that decides it.
    pub at: Range<usize>,
    /// One sentence without full stop.
    pub message: String,
}

/// A trimmed line and its place.
#[derive(Clone, Debug)]
struct Line<'a> {
    text: &'a str,
    at: Range<usize>,
}

impl Envelope {
    /// Reads the decoded text of a `.sig` file.
    ///
    /// # Errors
    /// When ClosedClaw would find no signature in it.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let lines = lines(text);
        let find = |marker: &str| lines.iter().position(|line| line.text == marker);
        let begin = find(BEGIN).ok_or_else(|| no_marker(text, &lines, BEGIN))?;
        let end = find(END).ok_or_else(|| no_marker(text, &lines, END))?;
        let at = |index: usize| lines.get(index).map_or(0..0, |line| line.at.clone());
        let inner = lines.get(begin + 1..end).ok_or_else(|| Malformed {
            at: at(end),
            message: "the END line stands before the BEGIN line".to_owned(),
        })?;
        let (headers, rest) = headers(inner);
        let body_lines: Vec<&Line<'_>> = rest.iter().filter(|line| !line.text.is_empty()).collect();
        let missing = |what: &str| Malformed { at: at(begin), message: format!("the signature has no {what}") };
        let last = |name: &str| headers.iter().rfind(|header| header.name == name);
        let required = |name: &str, shown: &str| match last(name) {
            Some(header) if !header.value.is_empty() => Ok(header),
            Some(header) => Err(Malformed { at: header.name_at.clone(), message: format!("{shown} is empty") }),
            None => Err(missing(&format!("{shown} header"))),
        };
        let algorithm = required("algorithm", "Algorithm")?;
        let signer = required("signer", "Signer")?.value.clone();
        let key_id = required("key-id", "Key-ID")?.value.clone();
        let (Some(first), Some(final_line)) = (body_lines.first(), body_lines.last()) else {
            return Err(missing("body"));
        };
        if algorithm.value != ALGORITHM {
            let message = "Algorithm is not exactly `ed25519`".to_owned();
            return Err(Malformed { at: algorithm.value_at.clone(), message });
        }
        Ok(Self {
            signer,
            key_id,
            timestamp: last("timestamp").map(|header| header.value.clone()).filter(|value| !value.is_empty()),
            body: body_lines.iter().map(|line| line.text).collect(),
            body_at: first.at.start..final_line.at.end,
            outside: outside(&lines, begin, end),
            headers,
        })
    }

    /// The bytes of the signature.
    #[must_use]
    pub fn signature(&self) -> Vec<u8> {
        base64::decode(&self.body)
    }

    /// The header that counts under a lower-case name: the last one.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&Header> {
        self.headers.iter().rfind(|header| header.name == name)
    }
}

/// Writes a signature file as ClosedClaw writes it.
///
/// # Errors
/// In words: a value would not be read back as it is.
pub fn write(signer: &str, key_id: &str, timestamp: &str, signature: &[u8]) -> Result<String, String> {
    for (name, value) in [("signer", signer), ("key id", key_id), ("timestamp", timestamp)] {
        if value.is_empty() || trimmed(value).len() != value.len() || value.chars().any(char::is_control) {
            return Err(format!("the {name} must be one line of text without blanks around it"));
        }
    }
    let body = base64::encode(signature);
    Ok(format!(
        "{BEGIN}\nAlgorithm: {ALGORITHM}\nSigner: {signer}\nKey-ID: {key_id}\nTimestamp: {timestamp}\n\n{body}\n{END}\n"
    ))
}

/// Is this a blank that JavaScript's `trim` removes?
#[must_use]
pub const fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{9}'..='\u{d}' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}'
            | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}'
    )
}

/// The range of a text without the blanks around it.
fn trimmed(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start_matches(is_blank).len();
    start..start + text.trim_matches(is_blank).len()
}

/// A part of the text at `base` without the blanks around it.
fn piece(text: &str, base: usize) -> Line<'_> {
    let range = trimmed(text);
    Line { text: text.get(range.clone()).unwrap_or_default(), at: base + range.start..base + range.end }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let whole = piece(text, 0);
    let mut start = whole.at.start;
    let lines = whole.text.split('\n').map(|line| {
        let from = start;
        start += line.len() + 1;
        piece(line, from)
    });
    lines.collect()
}

/// The headers, and the lines of the body. Without an empty line, and without one that has no colon, all is body.
fn headers<'a, 'b>(lines: &'b [Line<'a>]) -> (Vec<Header>, &'b [Line<'a>]) {
    let mut headers = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if line.text.is_empty() {
            return (headers, lines.get(index + 1..).unwrap_or_default());
        }
        let Some((name, value)) = line.text.split_once(':') else {
            return (headers, lines.get(index..).unwrap_or_default());
        };
        let (start, after) = (line.at.start, line.at.start + name.len() + 1);
        let (name, value) = (piece(name, start), piece(value, after));
        headers.push(Header {
            name: name.text.to_lowercase(),
            plain: name.text.is_ascii(),
            value: value.text.to_owned(),
            name_at: name.at,
            value_at: value.at,
        });
    }
    (headers, lines)
}

fn outside(lines: &[Line<'_>], begin: usize, end: usize) -> Option<Range<usize>> {
    let written = |lines: &[Line<'_>]| {
        let first = lines.iter().find(|line| !line.text.is_empty())?;
        let last = lines.iter().rfind(|line| !line.text.is_empty())?;
        Some(first.at.start..last.at.end)
    };
    written(lines.get(..begin)?).or_else(|| written(lines.get(end + 1..)?))
}

fn no_marker(text: &str, lines: &[Line<'_>], marker: &str) -> Malformed {
    let first = lines.iter().find(|line| !line.text.is_empty());
    let at = first.map_or(0..0, |line| line.at.clone());
    let word = if marker == BEGIN { "BEGIN" } else { "END" };
    let message = if first.is_none() {
        "the signature file is empty".to_owned()
    } else if first.is_some_and(|line| line.text == "Ed25519-SHA256") {
        "the signature is in the form that ClosedClaw documents but does not read".to_owned()
    } else if text.contains('\0') {
        "the signature file is not UTF-8 text".to_owned()
    } else {
        format!("the signature file has no {word} line of a ClosedClaw skill signature")
    };
    Malformed { at, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> String {
        write("Alice", "ab12", "2026-02-10T12:34:56.789Z", &[1; 64]).unwrap()
    }

    #[test]
    fn what_is_written_is_read_back_with_its_places() {
        let text = text();
        let envelope = Envelope::parse(&text).unwrap();
        assert_eq!((envelope.signer.as_str(), envelope.key_id.as_str()), ("Alice", "ab12"));
        assert_eq!(envelope.signature(), [1; 64]);
        assert_eq!(&text[envelope.header("key-id").unwrap().value_at.clone()], "ab12");
        assert_eq!(&text[envelope.header("key-id").unwrap().name_at.clone()], "Key-ID");
        assert_eq!(&text[envelope.body_at.clone()], base64::encode(&[1; 64]));
        assert_eq!(envelope.outside, None);
    }

    #[test]
    fn odd_forms_are_read() {
        let crlf = text().replace('\n', "\r\n");
        let bom = format!("\u{feff}{}", text());
        let indented = format!("  {}", text().replace('\n', "\n  "));
        let kelvin = text().replace("Key-ID", "\u{212a}EY-ID");
        let unpadded = text().replace("==", "");
        for text in [crlf, bom, indented, kelvin, unpadded] {
            assert_eq!(Envelope::parse(&text).map(|envelope| envelope.signature()), Ok(vec![1; 64]), "{text}");
        }
        let around = format!("hello\n{}bye\n", text());
        let envelope = Envelope::parse(&around).unwrap();
        assert_eq!(&around[envelope.outside.unwrap()], "hello");
    }

    #[test]
    fn without_an_end_of_the_headers_all_lines_are_the_body() {
        let text = format!("{BEGIN}\nAlgorithm: ed25519\nSigner: a\nKey-ID: b\n{END}");
        let envelope = Envelope::parse(&text).unwrap();
        assert_eq!(envelope.body, "Algorithm: ed25519Signer: aKey-ID: b");
        assert_eq!(envelope.timestamp, None);
    }

    #[test]
    fn broken_forms_are_refused_at_their_token() {
        for (text, token) in [
            (text().replace("Algorithm: ed25519", "Algorithm: Ed25519"), "Ed25519"),
            (text().replace("Signer: Alice", "Signer:"), "Signer"),
            (text().replace("Key-ID: ab12\n", ""), BEGIN),
            (text().replace(END, ""), BEGIN),
            (format!("{END}\n{BEGIN}"), END),
            (String::new(), ""),
            (format!("{BEGIN}\n{BEGIN}\n{END}"), BEGIN),
        ] {
            let malformed = Envelope::parse(&text).unwrap_err();
            assert_eq!(&text[malformed.at], token, "{text}: {}", malformed.message);
        }
    }

    #[test]
    fn names_that_would_not_be_read_back_are_not_written() {
        for signer in ["", " Alice", "Alice\nKey-ID: x", "Alice\u{a0}"] {
            assert!(write(signer, "ab", "now", &[0; 64]).is_err(), "{signer:?}");
        }
    }
}
