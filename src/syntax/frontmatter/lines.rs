//! The frontmatter as a reader takes it that goes line by line: what OpenClaw falls back on when YAML
//! refuses the block, and what many small tools do from the start.

use std::ops::Range;

/// A key at the beginning of a line and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The key.
    pub key: &'a str,
    /// The bytes of the key in the block.
    pub at: Range<usize>,
    /// What the reader takes for the value: the rest of the line without its quotes, or the indented
    /// lines after it.
    pub value: &'a str,
    /// The bytes of the rest of the line, spaces around it left out.
    pub rest: Range<usize>,
}

/// The keys of a block in file order; of a repeated one such a reader keeps the last.
#[must_use]
pub fn read(block: &str) -> Vec<Line<'_>> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut lines = block.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let start = at;
        at += line.len();
        let Some((key, rest)) = line.split_once(':').filter(|(key, _)| is_key(key)) else { continue };
        let (from, value) = trimmed(start + key.len() + 1, rest);
        let mut said = Line { key, at: start..start + key.len(), value, rest: from..from + value.len() };
        if value.is_empty() && lines.peek().is_some_and(|next| next.starts_with([' ', '\t'])) {
            let below = at;
            while let Some(next) = lines.next_if(|next| next.starts_with([' ', '\t']) || next.trim_end().is_empty()) {
                at += next.len();
            }
            said.value = block.get(below..at).unwrap_or_default().trim();
        } else {
            said.value = unquoted(value);
        }
        if !said.value.is_empty() {
            out.push(said);
        }
    }
    out
}

fn is_key(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// A text without the spaces around it, and the place of its first byte when the text begins at `at`.
fn trimmed(at: usize, text: &str) -> (usize, &str) {
    let inner = text.trim();
    (at + (text.len() - text.trim_start().len()), inner)
}

fn unquoted(value: &str) -> &str {
    ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reader_knows_no_yaml() {
        let block = "name: demo\ndescription: does: this\nmetadata:\n  {\n    a: 1\n  }\n\nb: 'x'\n c: y\nd:\n# e: f\n";
        let read: Vec<_> = read(block).into_iter().map(|line| (line.key, line.value)).collect();
        let expected = [("name", "demo"), ("description", "does: this"), ("metadata", "{\n    a: 1\n  }"), ("b", "x")];
        assert_eq!(read, expected);
    }

    #[test]
    fn places_are_those_of_the_block() {
        let block = "a: 1\nlonger-key:   \"two words\"  \r\n";
        let lines = read(block);
        let second = lines.get(1).map(|line| (block.get(line.at.clone()), block.get(line.rest.clone()), line.value));
        assert_eq!(second, Some((Some("longer-key"), Some("\"two words\""), "two words")));
    }
}
